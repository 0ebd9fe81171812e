"""Why the embedded store could not be started. Every message says what happened, why, and what to do next.

EmbeddedStoreError
├── BinaryNotFound              no server program that can be run
├── VersionTooOld               the only one there has no Functions
├── DataDirectoryInUse          another server owns the data directory (`pid`)
├── DataDirectoryUnusable       missing rights, read-only, or not a directory
│   └── DiskFull                no space left
├── SocketUnusable              somebody else answers on the socket, or it cannot be made
├── AppendOnlyFileCorrupt       the data on disk cannot be read back
├── StartTimedOut               the program runs but does not answer
└── StartFailed                 anything else; the message ends with the last lines of the store's log
"""

from __future__ import annotations

import errno
import shlex
from pathlib import Path


class EmbeddedStoreError(Exception):
    """The embedded store cannot do what was asked; nothing in its data directory was lost or changed."""


class BinaryNotFound(EmbeddedStoreError):
    """There is no server program that can be run."""


class VersionTooOld(EmbeddedStoreError):
    """The server program has no Functions."""


class DataDirectoryInUse(EmbeddedStoreError):
    """Another process owns the data directory. `pid` is the owner, 0 when it did not leave its number."""

    def __init__(self, directory: Path, pid: int) -> None:
        self.directory, self.pid = directory, pid
        owner = f"process {pid}" if pid else "another process"
        stop = f"Stop it first (kill {pid})" if pid else "Stop it first"
        super().__init__(
            f"The data directory {directory} is in use by {owner}, and only one server may write there. "
            f"{stop}, or give this server a directory of its own with PROMESSA_DATA_DIR."
        )


class DataDirectoryUnusable(EmbeddedStoreError):
    """The data directory cannot be created, entered or written."""


class DiskFull(DataDirectoryUnusable):
    """No space is left where the data directory is."""


class SocketUnusable(EmbeddedStoreError):
    """The store's socket is taken or cannot be made."""


class AppendOnlyFileCorrupt(EmbeddedStoreError):
    """The data on disk cannot be read back; they were left as they are."""


class StartTimedOut(EmbeddedStoreError):
    """The server program runs but does not answer."""


class StartFailed(EmbeddedStoreError):
    """The server program ended before it was ready."""


def unusable(directory: Path, error: OSError) -> DataDirectoryUnusable:
    """The sentence for a failed operation of the file system in the data directory."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _disk_full(directory)
    return DataDirectoryUnusable(
        f"The data directory {directory} cannot be used: {error.strerror or error}. Give this user the right to write "
        "there, or name another directory with PROMESSA_DATA_DIR."
    )


def diagnose(*, directory: Path, binary: Path, log: str, exit_code: int | None) -> EmbeddedStoreError:
    """What the server program's last words mean. `log` is what it wrote since it was started."""
    if "No space left on device" in log:
        return _disk_full(directory)
    if any(sign in log for sign in _CORRUPT_SIGNS):
        return _corrupt(directory, binary)
    if "Permission denied" in log or "Read-only file system" in log:
        return DataDirectoryUnusable(
            f"The store may not write in {directory}: {_last_lines(log, 2)} Give this user the right to write there, "
            "or name another directory with PROMESSA_DATA_DIR."
        )
    if "nix socket" in log and ("bind" in log or "Failed opening" in log):
        return SocketUnusable(
            f"The store could not make its socket: {_last_lines(log, 2)} Check the directory's rights."
        )
    return StartFailed(
        f"The store {binary} ended with exit code {exit_code} before it was ready. The end of its log, "
        f"{directory / 'store.log'}, says why:\n{_last_lines(log, 12) or '(nothing)'}"
    )


_CORRUPT_SIGNS = (
    "Bad file format reading the append only file",
    "Unexpected end of file reading the append only file",
    "Unrecoverable error reading the append only file",
    "AOF manifest",
    "Fatal error loading",
    "RDB CRC error",
    "Terminating server after rdb file reading failure",
)


def _corrupt(directory: Path, binary: Path) -> AppendOnlyFileCorrupt:
    checker = "valkey-check-aof" if "valkey" in binary.name else "redis-check-aof"
    files = directory / "appendonlydir"
    manifest = files / "appendonly.aof.manifest"
    check = f"(exec -a {checker} {shlex.quote(str(binary))} {shlex.quote(str(manifest))})"
    return AppendOnlyFileCorrupt(
        f"The append-only file in {files} is damaged, and the store refuses to start with a part of the data. "
        f"Copy the directory first; then see where the damage is, in bash: {check} (with --fix before the file name "
        "it cuts off everything from the first damaged byte on, which loses those changes). A backup may be better."
    )


def _disk_full(directory: Path) -> DiskFull:
    return DiskFull(
        f"No space is left on the disk of {directory}. Nothing that was acknowledged is lost. "
        "Free some space and start again, or move the directory and name it with PROMESSA_DATA_DIR."
    )


def _last_lines(log: str, count: int) -> str:
    return "\n".join([line.strip() for line in log.splitlines() if line.strip()][-count:])
