"""Makes the files of a finished day one file for each table: a report opens some files a day, not one for every minute.

    merge    the rows of the files, in their order, become one file; its name tells which revisions it has
    commit   it takes its place by one rename: from then on the files that it covers count for nothing
    remove   the covered files, when nobody reads

Files on either side of a kept state stay apart, for what a restart reads begins after a state.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import groupby
from pathlib import Path

from promessa.archive.directory import ArchiveDirectory, day_of, utc_day
from promessa.archive.revisions import covered, revision_of, segment_name, span_of
from promessa.archive.segment import duck
from promessa.archive.tables import TABLES
from promessa.domain.limits import ARCHIVE_OPEN_DAYS

_COPY = """
COPY (SELECT * FROM read_parquet(?, union_by_name = true, hive_partitioning = false){where})
TO '{made}' (FORMAT parquet, COMPRESSION zstd)
"""


def compact(directory: ArchiveDirectory, *, now_ms: int, on_step: Callable[[str], None] = lambda step: None) -> bool:
    """Make one file of those that a finished day of a table has, the first that has several; False: none has.

    Only whoever owns the directory may. After a crash at any step it is done again.
    """
    for table in TABLES:
        for folder in directory.days(table):
            _remove_covered(directory, folder, on_step)
            if utc_day(now_ms) - day_of(folder) <= timedelta(days=ARCHIVE_OPEN_DAYS):
                continue
            if files := _several(directory, folder):
                _merge(directory, files, on_step)
                _remove_covered(directory, folder, on_step)
                return True
    return False


def cut(directory: ArchiveDirectory, revision: int, positions: Sequence[int]) -> None:
    """Leave, of compacted files that go beyond a revision, what it has: the store was set back to it, and to its positions.

    Files that go beyond it are to be removed next.
    """
    for path in directory.all_segments():
        span = span_of(path)
        if span and span[0] <= revision < span[1]:
            with directory.made(path.with_name(segment_name(span[0], revision))) as made:
                _copy(directory, [path], made, " WHERE sequence <= (?)[partition + 1]", list(positions))


def _several(directory: ArchiveDirectory, folder: Path) -> list[Path]:
    """The first files of a day, in the order of their revisions, that are to be one."""
    states = sorted(map(revision_of, directory.states()))
    segments = sorted((path for path in directory.standing(folder) if span_of(path)), key=revision_of)
    for _, group in groupby(segments, key=lambda path: bisect_left(states, revision_of(path))):
        files = list(group)
        if len(files) > 1:
            return files
    return []


def _merge(directory: ArchiveDirectory, files: Sequence[Path], on_step: Callable[[str], None]) -> None:
    spans = [span for path in files if (span := span_of(path))]
    name = segment_name(min(first for first, _ in spans), max(last for _, last in spans))
    with directory.made(files[0].with_name(name)) as made:
        _copy(directory, files, made)
        on_step("merged")
    on_step("compacted")


def _copy(directory: ArchiveDirectory, files: Sequence[Path], made: Path, where: str = "", *parameters: object) -> None:
    """The rows of the files, one file after the other, in one: DuckDB streams them in that order, in bounded memory."""
    query = _COPY.format(where=where, made=str(made).replace("'", "''"))
    with duck(directory) as connection:
        connection.execute(query, [[str(path) for path in files], *parameters])


def _remove_covered(directory: ArchiveDirectory, folder: Path, on_step: Callable[[str], None]) -> None:
    gone = covered(folder.iterdir())
    if not gone:
        return
    with directory.unread() as unread:
        for path in sorted(gone) if unread else ():
            path.unlink()
            on_step("covered removed")
