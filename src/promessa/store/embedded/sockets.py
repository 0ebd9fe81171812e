"""Where the store's socket is: in its data directory, or in a short private one when that path is too long."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import stat
import tempfile
from pathlib import Path

from promessa.store.embedded.errors import SocketUnusable

PATH_BYTES_MAX = 107
"""A socket address of Linux has 108 bytes, the last one a zero. (macOS has 104.)"""

NAME = "store.sock"


def choose_socket(directory: Path, wanted: Path | None) -> Path:
    """A usable path, always the same for the same arguments. `wanted` is the directory asked for.

    Raises SocketUnusable when no private directory can be made for it.
    """
    if wanted is not None:
        path = wanted.expanduser().absolute() / f"{_digest(directory)}.sock"
        if not _fits(path):
            raise SocketUnusable(
                f"The socket path {path} is longer than the {PATH_BYTES_MAX} bytes the system allows. "
                "Choose a socket directory with a shorter name."
            )
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SocketUnusable(
                f"The socket directory {path.parent} cannot be made: {error}. Choose another."
            ) from error
        return path
    path = directory / NAME
    return path if _fits(path) else _private_runtime_directory(directory) / NAME


def remove_stale_socket(path: Path) -> None:
    """Remove what a killed server left. Raises SocketUnusable when a server still answers there."""
    if not path.exists() and not path.is_symlink():
        return
    if not stat.S_ISSOCK(path.lstat().st_mode):
        raise SocketUnusable(
            f"{path} is in the way of the store's socket and is no socket. Move it away and start again."
        )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2.0)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
            return
        except OSError as error:
            raise SocketUnusable(
                f"The socket {path} cannot be looked at: {error}. Remove it and start again."
            ) from error
    raise SocketUnusable(
        f"A server that promessa did not start answers on {path}, so that its data cannot be vouched for. "
        "Stop that server and start again, or set PROMESSA_REDIS_URL to use it as it is."
    )


def remove_socket(path: Path, directory: Path) -> None:
    """After the end of our own server: remove the socket, and the runtime directory if one was made for it."""
    path.unlink(missing_ok=True)
    if path.parent.name == _runtime_name(directory):
        with contextlib.suppress(OSError):
            path.parent.rmdir()


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= PATH_BYTES_MAX


def _private_runtime_directory(directory: Path) -> Path:
    for parent in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"):
        if not parent:
            continue
        path = Path(parent) / _runtime_name(directory)
        if _fits(path / NAME) and _is_private(path):
            return path
    raise SocketUnusable(
        f"The path of {directory} is too long for a socket, and no short private directory could be made for one. "
        "Set XDG_RUNTIME_DIR to a directory of yours with a short name."
    )


def _is_private(path: Path) -> bool:
    """Make the directory, or check that the one there is ours alone: /tmp is open to everyone."""
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and stat.S_IMODE(found.st_mode) == 0o700


def _runtime_name(directory: Path) -> str:
    return f"promessa-{os.getuid()}-{_digest(directory)}"


def _digest(directory: Path) -> str:
    return hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
