"""The configuration file of the embedded store, in directives that Redis 7.0 and Valkey 9 both know."""

from __future__ import annotations

import os
from pathlib import Path

REWRITE_BYTES_MIN = 64 * 1024 * 1024
"""An append-only file below this size is read back in about a second: not worth rewriting."""


def render_config(
    *, directory: Path, socket: Path, log: Path, appendfsync: str, memory_bytes_max: int | None = None
) -> str:
    """The text of the file. `appendfsync` is always or everysec; without `memory_bytes_max` there is no limit."""
    lines = [
        # One private socket, no network.
        f"unixsocket {quote(socket)}",
        "unixsocketperm 700",
        "port 0",
        "timeout 0",
        # Every change is in the append-only file; there are no snapshots beside it.
        f"dir {quote(directory)}",
        "appendonly yes",
        f"appendfsync {appendfsync}",
        "no-appendfsync-on-rewrite no",
        "aof-use-rdb-preamble yes",
        "aof-load-truncated yes",
        "auto-aof-rewrite-percentage 100",
        f"auto-aof-rewrite-min-size {REWRITE_BYTES_MIN}",
        'save ""',
        # A full memory refuses changes; it never forgets any.
        "maxmemory-policy noeviction",
        f"maxmemory {memory_bytes_max or 0}",
        # A call of the Functions library takes milliseconds; one that takes this long is reported as stuck.
        "lua-time-limit 5000",
        # The supervisor owns the process.
        "daemonize no",
        "supervised no",
        "shutdown-timeout 5",
        "loglevel notice",
        f"logfile {quote(log)}",
        "always-show-logo no",
    ]
    return "\n".join(lines) + "\n"


def quote(path: Path) -> str:
    """A path as the server's configuration parser reads it back byte by byte, whatever characters it has."""
    return '"' + "".join(_escape(byte) for byte in os.fsencode(path)) + '"'


def _escape(byte: int) -> str:
    char = chr(byte)
    if char in '"\\':
        return "\\" + char
    return char if 32 <= byte < 127 else f"\\x{byte:02x}"
