"""Where an archive begins: with the first entry of the logs if they still have it, else with what everything counts now."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import cast

import msgpack

from promessa.archive.counts import Counted, Counts
from promessa.archive.decoding import counted_in
from promessa.store.archive_log import ArchiveLog


async def first_positions(log: ArchiveLog) -> list[int]:
    """What a new archive has done already: nothing, or all there was where the logs have lost their beginning."""
    heads = await log.heads()
    complete = all(first == 1 for first in await log.firsts())
    return [0] * len(heads) if complete else heads


async def counts_now(log: ArchiveLog, positions: Sequence[int]) -> tuple[Counts, list[int]]:
    """What everything counts, and the positions at which it does. `positions` are kept from being trimmed.

    Pages are read one after the other, and each is of some instant since `positions`. What changed until the last was read
    stands in the logs, too, and of a cell that was read and named the higher version is the later: the logs up to there.
    """
    if not any(positions):
        return Counts(), list(positions)
    counts = Counts()
    for partition in range(log.partitions):
        async for page in log.scan_cells(partition):
            for i in range(0, len(page), 2):
                if page[i][:1].isdigit():
                    counts.see(page[i], counted_in(page[i + 1]))
        async for inbound in log.inbound(partition):
            for name, values in inbound:
                counts.see(name, cast("Counted", tuple(values)))
    heads = await log.heads()
    async with log.stretches() as stretches:
        for partition in range(log.partitions):
            async for entries in stretches.between(partition, positions[partition], heads[partition]):
                for _, flat in entries:
                    _see_all(counts, flat)
    return counts, heads


def _see_all(counts: Counts, flat: Sequence[bytes]) -> None:
    """What an entry says that things count. Of one that cannot be read nothing: the archiver will meet it, or has."""
    for field, value in zip(flat[2::2], flat[3::2], strict=False):
        with suppress(ValueError, TypeError, msgpack.UnpackException):
            if field[:1].isdigit():
                counts.see(field, counted_in(value))
            elif field.startswith(b"i:"):
                counts.see(field, cast("Counted", tuple(msgpack.unpackb(value)[:6])))
