"""`python -m promessa.server.archiver_main`: the process that archives the event logs, one for a data set."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from dataclasses import asdict

import structlog
import uvloop
from redis.exceptions import RedisError

from promessa.archive.archiver import Archiver
from promessa.archive.directory import ArchiveDirectory, ArchiveError, Identity
from promessa.server import metrics
from promessa.server.clock import clock_of
from promessa.server.logs import configure_logging
from promessa.server.settings import Resolved, read_resolved, report_ready, wait_for_start
from promessa.server.store_connection import connect, data_set
from promessa.store.archive_log import ArchiveLog
from promessa.store.consumers import Consumers, OvertakenConsumer, TooManyConsumers

log = structlog.get_logger()

AWAY_SECONDS = 1.0
ASKED_SECONDS = 1.0
"""How soon somebody who wants the dead letters read again is heard."""


async def run(settings: Resolved) -> None:
    """Archive until cancelled. Raises ArchiveError, OvertakenConsumer, or what the store's client or the disk raises."""
    assert settings.archive_dir is not None
    redis = connect(settings.redis_url, namespace=settings.namespace)
    keys = await data_set(redis, settings)
    source = ArchiveLog(redis, redis.connection_pool, keys)
    directory = ArchiveDirectory(settings.archive_dir)
    identity = Identity(await source.data_set(), settings.namespace, keys.partitions)
    archiver = Archiver(source, Consumers(redis, keys), directory, identity, now_ms=clock_of(settings.clock_file))
    try:
        await archiver.begin()
        log.info("archiving", directory=str(directory.path), revision=archiver.consumer.revision)
        await _keep(archiver, directory, settings.archive_seconds)
    finally:
        archiver.close()
        await redis.aclose()


async def _keep(archiver: Archiver, directory: ArchiveDirectory, seconds: float) -> None:
    archived_rows = 0
    while True:
        await archiver.archive()
        metrics.ARCHIVED_ROWS.inc(archiver.archived.rows - archived_rows)
        archived_rows = archiver.archived.rows
        metrics.DEAD_LETTERS.set(len(directory.letters()))
        next_at = time.monotonic() + seconds
        archiver.compact()  # a single day of a table, so that the next entries do not wait long
        while time.monotonic() < next_at:
            if directory.replay_asked.exists():
                await _replay(archiver, directory)
            await asyncio.sleep(min(ASKED_SECONDS, seconds))


async def _replay(archiver: Archiver, directory: ArchiveDirectory) -> None:
    found = await archiver.replay_dead_letters()
    log.info("dead letters replayed", count=found.count, left=len(found.left))
    directory.put(directory.replayed, json.dumps(asdict(found)).encode())
    directory.replay_asked.unlink()


async def _until_told(settings: Resolved) -> None:
    """Run, again whenever the store or the disk was away; end with an error that says what to do."""
    running = asyncio.create_task(_again(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    report_ready()  # serving does not wait for the archive
    try:
        await running
    except asyncio.CancelledError:
        return
    except (ArchiveError, OvertakenConsumer, TooManyConsumers, LookupError) as error:
        log.error("archiving stopped", error=str(error), kind=type(error).__name__)
        raise SystemExit(1) from None


async def _again(settings: Resolved) -> None:
    while True:
        try:
            await run(settings)
        except (RedisError, OSError) as error:
            log.warning("archiving interrupted", error=str(error), kind=type(error).__name__)
        await asyncio.sleep(AWAY_SECONDS)


def main() -> None:
    wait_for_start()
    settings = read_resolved()
    configure_logging(settings.log_level)
    uvloop.run(_until_told(settings))


if __name__ == "__main__":
    main()
