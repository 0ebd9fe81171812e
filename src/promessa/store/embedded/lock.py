"""One owner per directory: a lock that the kernel frees when its last holder is gone, however it went.

The lock belongs to the open file. A child that inherits `fd` shares it, so the directory stays locked while either of
them lives; a server left behind by a killed supervisor keeps its successor out until it has finished writing.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from promessa.store.embedded.errors import DataDirectoryInUse, unusable

LEFT_BEHIND_SECONDS = 15.0
"""How long to wait for the children of an owner that is dead: they end by themselves, the store with a last fsync."""


class DirectoryLock:
    """The right to write in one directory. `path` is the lock file in it; it is never removed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    @property
    def fd(self) -> int:
        """The open lock file, for a child to inherit. Only while the lock is held."""
        assert self._fd is not None
        return self._fd

    def acquire(self) -> None:
        """Take the lock, or keep it. Raises DataDirectoryInUse, and DataDirectoryUnusable without rights."""
        if self._fd is not None:
            return
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise unusable(self._path.parent, error) from error
        try:
            self._lock_or_refuse(fd)
            os.ftruncate(fd, 0)
            os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        except BaseException as error:
            os.close(fd)
            if isinstance(error, OSError):
                raise unusable(self._path.parent, error) from error
            raise
        self._fd = fd

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _lock_or_refuse(self, fd: int) -> None:
        deadline = time.monotonic() + LEFT_BEHIND_SECONDS
        while True:
            try:
                return fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                owner = _read_pid(fd)
                if _is_running(owner) or time.monotonic() > deadline:
                    raise DataDirectoryInUse(self._path.parent, owner) from None
            time.sleep(0.05)


def _read_pid(fd: int) -> int:
    text = os.pread(fd, 32, 0).strip()
    return int(text) if text.isdigit() else 0


def _is_running(pid: int) -> bool:
    """An owner that left no number may be just writing it: it counts as running."""
    if pid == 0:
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
