"""The replica as a worker sees it: reopened when the applier starts a new one, and how fresh it is."""

from __future__ import annotations

import asyncio
import time

import structlog

from promessa.replica import Reader
from promessa.server.convert import timestamp
from promessa.v1 import availability_pb2 as nouns

log = structlog.get_logger()

FRESH_MS = 2_000
LOOK_SECONDS = 0.01


class ReplicaReader:
    """Holds the current Reader. `refresh` is called now and then by the worker; reads only use `reader`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.reader = Reader(path)

    @classmethod
    async def when_loaded(cls, path: str) -> ReplicaReader:
        """The reader, as soon as an applier that is alive has loaded the replica.

        A file that a killed server left is ready and old: only a fresh one counts.
        """
        while True:
            try:
                found = cls(path)
            except (OSError, ValueError):
                pass
            else:
                if found.reader.ready and not found.reader.superseded and found.staleness_ms() < FRESH_MS:
                    return found
            await asyncio.sleep(LOOK_SECONDS)

    def refresh(self) -> None:
        """Open the new replica if the applier has begun one."""
        if self.reader.superseded:
            try:
                self.reader = Reader(self._path)
                log.info("replica reopened", path=self._path)
            except (OSError, ValueError) as error:
                log.warning("replica cannot be reopened yet", path=self._path, error=str(error))

    def staleness_ms(self) -> int:
        """Upper bound of the time since the replica equalled the store, in ms."""
        return int(self.reader.staleness_ns(time.monotonic_ns()) // 1_000_000)

    def freshness(self) -> nouns.Freshness:
        """The freshness of a decision made on the replica just now."""
        reader, staleness_ms = self.reader, self.staleness_ms()
        return nouns.Freshness(
            source=nouns.READ_SOURCE_REPLICA,
            staleness_ms=staleness_ms,
            epoch=reader.epoch,
            applied_sequences=[reader.applied(p) for p in range(reader.partitions)],
            observed_time=timestamp(time.time_ns() // 1_000_000 - staleness_ms - 1),
        )
