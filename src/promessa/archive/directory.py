"""The directory of an archive: what lies where, and how a file comes into it whole or not at all.

    archive.json                                      which data set this is the archive of
    changes/day=2026-11-29/segment-000000000042.parquet   rows of a UTC day, from the commit of revision 42
    changes/day=2026-11-29/segment-000000000042-000000001481.parquet  the same of several revisions, see `compaction.py`
    changes/day=2026-11-29/replayed-000000000042-3-917.parquet  an entry that was a dead letter once
    order_units/day=2026-11-29/segment-000000000042.parquet     and so for each of the TABLES in `tables.py`
    dead-letters/000000000042-3-917.json              revision, partition and sequence of an entry that could not be read
    state/000000000042.msgpack                        what everything counted at that revision, see `state.py`
    replay-asked, replayed.json                       somebody wants the dead letters read again; what came of it
    lock, reading                                     locked by whoever writes, and by those who read
    tmp/                                              what is being written; nothing there lasts

Everything bears the revision of the consumer's commit it belongs to. What is of a later one than the store knows was not
committed, and is made again: so a crash, or a store that was set back, leaves neither a gap nor anything twice.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from promessa.archive.revisions import covered, has_rows, is_numbered, revision_of, segment_name, span_of
from promessa.archive.schema import SCHEMA_VERSION
from promessa.archive.tables import CHANGES, TABLES


class ArchiveError(Exception):
    """The directory cannot be used. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose archive it is. `data_set` names the data set; `partitions` are without the catalogue."""

    data_set: str
    namespace: str
    partitions: int
    schema: int = SCHEMA_VERSION


class ArchiveDirectory:
    """One archive. Whoever writes it locks it first; whoever reads it has its files kept by `reading`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.dead_letters = path / "dead-letters"
        self.state = path / "state"
        self.tmp = path / "tmp"
        self._lock_fd: int | None = None

    # Owning it --------------------------------------------------------------------------------------------------------

    def own(self, identity: Identity) -> None:
        """Lock it, and make it the archive of a data set. Raises ArchiveError if it is another's, or somebody has it."""
        for each in (self.path, *(self.path / table for table in TABLES), self.dead_letters, self.state):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.lock()
        self._reading.touch(mode=0o600)
        shutil.rmtree(self.tmp, ignore_errors=True)
        self.tmp.mkdir(mode=0o700)
        known = self.identity()
        if known is None:
            self.put(self.path / "archive.json", json.dumps(asdict(identity)).encode())
        elif known != identity:
            raise ArchiveError(
                f"{self.path} is the archive of another data set, or of another version: it says {known}, and this is "
                f"{identity}. Name another directory."
            )

    def lock(self) -> None:
        """Raises ArchiveError if another process has it."""
        self._lock_fd = os.open(self.path / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise ArchiveError(f"Another process writes the archive in {self.path}. Stop it first.") from None

    def close(self) -> None:
        """Give up the lock."""
        if self._lock_fd is not None:
            os.close(self._lock_fd)
            self._lock_fd = None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Meanwhile files that are there stay, unless what they have is not committed."""
        try:
            descriptor = os.open(self._reading, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:  # nobody owned it yet: nobody removes anything
            yield
            return
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def unread(self) -> Iterator[bool]:
        """Meanwhile nobody begins to read; False if somebody reads."""
        descriptor = os.open(self._reading, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
        finally:
            os.close(descriptor)

    @property
    def _reading(self) -> Path:
        return self.path / "reading"

    def identity(self) -> Identity | None:
        """Whose archive it is; None if it is none yet."""
        try:
            return Identity(**json.loads((self.path / "archive.json").read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None

    # What is there ----------------------------------------------------------------------------------------------------

    def days(self, table: str) -> list[Path]:
        """The folders of a table, one for each UTC day, oldest first."""
        return sorted((self.path / table).glob("day=*"))

    def standing(self, folder: Path) -> list[Path]:
        """Files of rows in a folder, without those that a compacted one covers."""
        files = [path for path in folder.iterdir() if has_rows(path)]
        return sorted(set(files) - covered(files))

    def segments(
        self, table: str = CHANGES, *, first_day: date | None = None, last_day: date | None = None
    ) -> list[Path]:
        """Files of rows of a table of these UTC days, oldest first."""
        return [
            path
            for folder in self.days(table)
            if (first_day is None or day_of(folder) >= first_day) and (last_day is None or day_of(folder) <= last_day)
            for path in self.standing(folder)
        ]

    def all_segments(self) -> list[Path]:
        """Files of rows of all tables."""
        return [path for table in TABLES for path in self.segments(table)]

    def segments_after(self, revision: int) -> list[Path]:
        """Segments of changes of later revisions, in their order; without what was replayed."""
        found = [path for path in self.segments() if span_of(path) and revision_of(path) > revision]
        return sorted(found, key=lambda path: (revision_of(path), path))

    def states(self) -> list[Path]:
        """What was remembered of counts, latest first."""
        return sorted((path for path in self.state.iterdir() if is_numbered(path)), reverse=True)

    def letters(self) -> list[Path]:
        """Dead letters, in the order they came."""
        found = self.dead_letters.iterdir() if self.dead_letters.exists() else iter(())
        return sorted(path for path in found if is_numbered(path))

    def forget_after(self, revision: int) -> int:
        """Remove what was not committed; how many files. Compacted files are `cut` before."""
        rows = [path for table in TABLES for day in self.days(table) for path in day.iterdir() if has_rows(path)]
        kept = (*rows, *self.states(), *self.letters())
        gone = [path for path in kept if revision_of(path) > revision]
        for path in gone:
            path.unlink()
        for folder in {path.parent for path in gone}:
            _sync(folder)
        return len(gone)

    # Asking the archiver ----------------------------------------------------------------------------------------------

    @property
    def replay_asked(self) -> Path:
        return self.path / "replay-asked"

    @property
    def replayed(self) -> Path:
        return self.path / "replayed.json"

    # Putting something there ------------------------------------------------------------------------------------------

    def segment_path(self, table: str, day: date, revision: int) -> Path:
        return self.path / table / f"day={day.isoformat()}" / segment_name(revision)

    def replayed_path(self, table: str, day: date, letter: Path) -> Path:
        return self.path / table / f"day={day.isoformat()}" / f"replayed-{letter.stem}.parquet"

    def letter_path(self, revision: int, partition: int, sequence: int) -> Path:
        return self.dead_letters / f"{revision:012}-{partition}-{sequence}.json"

    def state_path(self, revision: int) -> Path:
        return self.state / f"{revision:012}.msgpack"

    def put(self, path: Path, content: bytes) -> None:
        """A file with this content, at once and for good."""
        with self.made(path) as made:
            made.write_bytes(content)

    def made(self, path: Path) -> _Made:
        """Where to write a file that takes its place at the end of the `with`, at once and for good."""
        return _Made(self.tmp / path.name, path)


class _Made:
    def __init__(self, made: Path, path: Path) -> None:
        self._made, self._path = made, path

    def __enter__(self) -> Path:
        self._made.parent.mkdir(mode=0o700, exist_ok=True)
        return self._made

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is not None:
            self._made.unlink(missing_ok=True)
            return
        _sync(self._made)
        folder = self._path.parent
        if not folder.exists():
            folder.mkdir(mode=0o700)
            _sync(folder.parent)
        self._made.rename(self._path)
        _sync(folder)


def day_of(folder: Path) -> date:
    """The UTC day that a folder has rows of."""
    return date.fromisoformat(folder.name.removeprefix("day="))


def utc_day(ms: int) -> date:
    """The UTC day of an instant."""
    return datetime.fromtimestamp(ms / 1000, UTC).date()


def _sync(path: Path) -> None:
    """Have the disk keep a file, or the names in a directory."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
