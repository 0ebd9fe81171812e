"""The archive has every entry of the log once, whatever happens in between."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgpack
import pytest
from archive_kit import ALWAYS_MS, Kept, check_befores, check_whole, steps_until
from archive_world import History
from redis.asyncio import Redis
from serving import Clock, StoreProcess
from store_kit import Shop

from promessa.archive import compaction
from promessa.archive.directory import ArchiveError
from promessa.domain.order import OrderedLine, PlacedOrder, Shipment, ShipmentLine, Step, Way
from promessa.store.consumers import ARCHIVE, OvertakenConsumer
from promessa.store.order_codec import encode_body

COMPACTING = ("merged", "compacted", "covered removed")
STEPS = (
    "registered", "cut", "set back", "first state", "committed", "written", "renamed", "state", "buried", *COMPACTING,
)  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
async def test_every_entry_is_there_once(shop: Shop, kept: Kept, clock: Clock, seed: int):
    history = History(shop, clock, seed)
    for rows_max in (1, 40, 100_000):
        await history.play(60)
        await kept.archive(segment_rows_max=rows_max, state_rows=50)
        await check_whole(kept)


async def test_what_was_before_is_what_was_after_the_change_before(shop: Shop, kept: Kept, clock: Clock):
    history = History(shop, clock, 7)
    for _ in range(4):
        await history.play(60)
        await kept.archive(state_rows=150)  # some restarts read segments, some a state
    assert check_befores(kept) > 200


async def test_an_archive_that_begins_late_knows_what_was_before(shop: Shop, kept: Kept, redis: Redis, clock: Clock):
    history = History(shop, clock, 3)
    await history.play(150)
    for partition in range(kept.keys.partitions + 1):
        head = (await kept.source.heads())[partition]
        await redis.xtrim(kept.keys.log(partition), minid=f"{max(head - 2, 2)}-0", approximate=False)
    await kept.archive()
    assert kept.rows() == [], "what came before it began is not in it"
    await history.play(100)
    await kept.archive()
    rows = [row for row in kept.dicts() if row["version"] is not None]
    assert len(rows) > 50
    assert all(row["held_before"] is not None for row in rows)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("times", [1, 2])
async def test_killed_at_any_step_it_goes_on_as_if_nothing_had_happened(
    shop: Shop, kept: Kept, clock: Clock, store_process: StoreProcess, step: str, times: int
):
    history = History(shop, clock, 11)
    await history.play(60)
    if step == "first state":  # only an archive that begins late has something to remember first
        await kept.redis.xtrim(kept.keys.log(0), maxlen=1, approximate=False)
    for _ in range(3 if step in COMPACTING else 0):  # a day of several files
        await kept.archive()
        await history.play(20)
    bad = await poison(kept)
    program = str(Path(__file__).with_name("killed_archiver.py"))
    command = [sys.executable, program, store_process.url, str(kept.directory.path), step, str(times)]
    killed = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)
    assert killed.returncode in (0, -signal.SIGKILL), killed.stderr
    assert times == 2 or killed.returncode == -signal.SIGKILL, killed.stderr
    await history.play(20)
    await kept.archive(segment_rows_max=30, now_ms=lambda: ALWAYS_MS)
    assert compaction.compact(kept.directory, now_ms=ALWAYS_MS) is False
    if step == "first state":  # what came before is not in it, and still is known
        assert all(row["held_before"] is not None for row in kept.dicts() if row["version"])
        return
    await check_whole(kept, buried=len(bad))


def an_order(*, step: int = Step.PLACE, actor: str = "", price: int = 0, node_ix: int = 0) -> bytes:
    """An order as the log has it."""
    shipment = Shipment(node_ix, "r-1", Way.DELIVERY, (ShipmentLine(0, 0, 1),))
    order = PlacedOrder("o", (OrderedLine(0, 1, unit_price_micros=price),), (shipment,))
    values = (1, 7, 7, encode_body(order), 0, [[7, step, actor, 0, ""]])
    return b"".join(msgpack.packb(value, use_bin_type=False) for value in values)


async def poison(kept: Kept, *, count: int = 1) -> list[tuple[int, int]]:
    """Entries that no store would write, at the ends of logs; their places."""
    found = []
    for i in range(count):
        partition = i % kept.keys.partitions
        sequence = int(await kept.redis.hincrby(kept.keys.cells(partition), "seq", 1))
        bad = [
            ("hold", "r:bad", "0:0", b"\xc1"), ("hold", "r:bad", "0:0", b"\x01"), ("about:", b"\xa0"), ("9:9", b"x"),
            ("order", "o", "o:o", b"\x01"), ("order", "o", "o:o", an_order(step=999)),
            ("order", "o", "o:o", an_order(actor="\0")), ("order", "o", "o:o", an_order(price=2**63)),
            ("order", "o", "o:o", an_order(node_ix=999)),
        ]  # fmt: skip
        values = [x.encode() if isinstance(x, str) else x for x in bad[i % len(bad)]]
        await kept.redis.execute_command(
            "XADD", kept.keys.log(partition), f"{sequence}-0", "t", "1800000000000", *values
        )
        found.append((partition, sequence))
    return found


async def test_bad_entries_are_set_aside_and_the_rest_goes_on(shop: Shop, kept: Kept, clock: Clock):
    history = History(shop, clock, 5)
    await history.play(30)
    bad = await poison(kept, count=100)
    await history.play(30)
    archiver = await kept.archive(segment_rows_max=20)
    assert archiver.archived.dead_letters == len(bad)
    await check_whole(kept, buried=len(bad))
    letter = json.loads(kept.directory.letters()[0].read_text())
    assert (letter["partition"], letter["sequence"]) in bad
    assert base64.b64decode(letter["entry"][0]) == b"t"


async def test_so_many_bad_entries_stop_it(shop: Shop, kept: Kept, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("promessa.archive.archiver.DEAD_LETTERS_MAX", 3)
    await poison(kept, count=5)
    with pytest.raises(ArchiveError, match="3 entries"):
        await kept.archive()


async def test_dead_letters_become_rows_once_they_can_be_read(
    shop: Shop, kept: Kept, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    await History(shop, clock, 5).play(40)
    with monkeypatch.context() as broken:  # a version that cannot read pools, orders and what is to come

        def fail(*_: Any) -> None:
            raise ValueError("not yet")

        broken.setattr("promessa.archive.decoding._FIELDS", {b"i:": fail, b"a:": fail, b"o:": fail})
        await kept.archive()
    letters = kept.directory.letters()
    assert len(letters) > 1
    archiver = await kept.archiver()
    found = await archiver.replay_dead_letters()
    archiver.close()
    assert (found.count, found.left) == (len(letters), {})
    await check_whole(kept)
    rows = [row for row in kept.dicts() if row["inbound_id"]]
    assert rows


@pytest.mark.parametrize("step", ["replayed", "removed"])
async def test_a_replay_that_is_killed_is_done_again(
    shop: Shop, kept: Kept, clock: Clock, monkeypatch: pytest.MonkeyPatch, step: str
):
    class Killed(BaseException):
        pass

    def die() -> None:
        raise Killed

    await History(shop, clock, 5).play(40)
    with monkeypatch.context() as broken:
        broken.setattr("promessa.archive.decoding._check_numbers", lambda values: int("x"))
        await kept.archive()
    archiver = await kept.archiver(on_step=steps_until(step, 2, die))
    with pytest.raises(Killed):
        await archiver.replay_dead_letters()
    archiver.close()
    archiver = await kept.archiver()
    assert (await archiver.replay_dead_letters()).left == {}
    archiver.close()
    await check_whole(kept)


async def test_what_cannot_be_read_yet_stays(shop: Shop, kept: Kept):
    await poison(kept, count=2)
    archiver = await kept.archive()
    archiver = await kept.archiver()
    found = await archiver.replay_dead_letters()
    archiver.close()
    assert (found.count, len(found.left)) == (0, 2)
    await check_whole(kept, buried=2)


async def test_a_store_that_is_set_back_sets_the_archive_back(shop: Shop, kept: Kept, clock: Clock):
    """As a failover does that loses the last seconds: the log ends earlier, and goes on otherwise."""
    history = History(shop, clock, 5)
    await history.play(60)
    await kept.archive(segment_rows_max=50)
    saved = {key: await kept.redis.dump(key) for key in await kept.redis.keys()}
    await history.play(60)
    await kept.archive(segment_rows_max=50)
    await kept.redis.flushall()
    for key, value in saved.items():
        await kept.redis.restore(key, 0, value)
    await History(shop, clock, 99).play(40)
    await kept.archive()
    await check_whole(kept)


async def test_another_store_is_not_mixed_in(shop: Shop, kept: Kept):
    await kept.archive()
    await kept.redis.hset(kept.keys.meta, "id", "other")  # type: ignore[misc]
    with pytest.raises(ArchiveError, match="another data set"):
        await kept.archive()


async def test_a_consumer_that_was_removed_begins_in_another_directory(shop: Shop, kept: Kept):
    await kept.archive()
    await kept.consumers.remove(ARCHIVE)
    with pytest.raises(ArchiveError, match="Name another directory"):
        await kept.archive()


async def test_two_archivers_do_not_write_one_directory(shop: Shop, kept: Kept):
    first = await kept.archiver()
    with pytest.raises(ArchiveError, match="Another process"):
        await kept.archiver()
    first.close()


async def test_of_two_directories_only_one_goes_on(shop: Shop, kept: Kept, clock: Clock, tmp_path: Path):
    first = await kept.archiver()
    other = await kept.consumers.get(ARCHIVE)
    assert other is not None
    await kept.consumers.commit(other, other.positions, caught_up_ms=1)
    await History(shop, clock, 1).play(10)
    with pytest.raises(OvertakenConsumer):
        await first.archive()
    first.close()


async def test_a_log_that_was_cut_ahead_of_it_is_noticed(shop: Shop, kept: Kept, clock: Clock):
    await kept.archive()
    await History(shop, clock, 1).play(60)
    await kept.redis.xtrim(kept.keys.log(0), maxlen=1, approximate=False)
    with pytest.raises(LookupError):
        await kept.archive()


async def test_rows_of_two_days_lie_in_two_files(shop: Shop, kept: Kept, clock: Clock):
    for seed in range(2):
        history = History(shop, clock, seed)
        await history.play(40)
        clock.now_ms += 24 * 3600 * 1000
    await kept.archive()
    await check_whole(kept)
    for path in kept.directory.segments():
        (days,) = {row[0] for row in kept.rows("1")} and [path.parent.name]
        assert days.startswith("day=20")
    assert len({path.parent for path in kept.directory.segments()}) >= 2


async def test_kinds_that_nobody_told_it_about_become_rows(shop: Shop, kept: Kept):
    sequence = int(await kept.redis.hincrby(kept.keys.cells(0), "seq", 1))
    await kept.redis.execute_command(
        "XADD", kept.keys.log(0), f"{sequence}-0", "t", "1800000000000", "order_placed", "o:42", "order:42",
        b"\x92\xa3web\xc4\x02\xff\xfe", "order_paid", "o:42",
    )  # fmt: skip
    await kept.archive()
    rows = [row for row in kept.dicts() if row["kind"].startswith("order")]
    assert [(row["kind"], row["reference"], row["field"]) for row in rows] == [
        ("order_placed", "o:42", "order:42"),
        ("order_paid", "o:42", None),
    ]
    assert json.loads(rows[0]["detail"]) == ["web", "fffe"]


async def test_files_that_are_being_written_count_for_nothing(shop: Shop, kept: Kept, clock: Clock):
    await History(shop, clock, 1).play(20)
    await kept.archive()
    before = kept.places()
    (kept.directory.tmp / "segment-000000000099.parquet").write_bytes(b"half")
    await kept.archive()
    assert kept.places() == before
    assert os.listdir(kept.directory.tmp) == []
