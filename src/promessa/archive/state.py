"""What everything counted at a revision, kept so that a restart needs not read the whole archive.

The first one is taken from the store, see `beginning.py`; later ones are what the archiver itself remembers. From one of
them and the segments after it the counts of any later revision follow.
"""

from __future__ import annotations

from typing import cast

import msgpack

from promessa.archive.counts import COUNTED_LENGTH, Counted, Counts
from promessa.archive.directory import ArchiveDirectory, ArchiveError
from promessa.archive.revisions import revision_of
from promessa.archive.schema import COUNTS
from promessa.archive.segment import duck

STATES_KEPT = 3
"""A store that is set back by a failover is set back a few commits at most."""

_BLOCK = 10_000
_COLUMNS = ", ".join(f"{name}_after" for name in COUNTS)


def write_state(directory: ArchiveDirectory, revision: int, counts: Counts) -> None:
    """Keep the counts of a revision, and forget those of revisions long ago."""
    packer = msgpack.Packer()
    with directory.made(directory.state_path(revision)) as made, made.open("wb") as file:
        block: list[object] = []
        for field, counted in counts.all():
            block += (field, *counted)
            if len(block) >= _BLOCK:
                file.write(packer.pack(block))
                block = []
        file.write(packer.pack(block))
    for path in directory.states()[STATES_KEPT:]:
        path.unlink()


def read_state(directory: ArchiveDirectory, revision: int) -> Counts:
    """The counts at a revision. Raises ArchiveError if nothing is kept that they follow from."""
    kept = [path for path in directory.states() if revision_of(path) <= revision]
    if not kept:
        raise ArchiveError(
            f"{directory.state} has no file up to revision {revision}, so what was before the next changes is not known. "
            "Put it back, or begin a new archive: promessa consumers remove archive, and name another directory."
        )
    counts = Counts()
    with kept[0].open("rb") as file:
        for block in msgpack.Unpacker(file):
            for i in range(0, len(block), 1 + COUNTED_LENGTH):
                counts.see(block[i], cast("Counted", tuple(block[i + 1 : i + 1 + COUNTED_LENGTH])))
    files = [str(path) for path in directory.segments_after(revision_of(kept[0]))]
    if files:
        with duck(directory) as connection:
            found = connection.execute(
                f"SELECT field, {_COLUMNS}, version FROM read_parquet(?) WHERE version IS NOT NULL "
                "ORDER BY partition, sequence, ordinal",
                [files],
            )
            while rows := found.fetchmany(_BLOCK):
                for field, *counted in rows:
                    counts.put(field.encode(), cast("Counted", tuple(counted)))
                counts.keep()
    return counts
