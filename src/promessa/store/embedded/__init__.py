"""The embedded store: a real Valkey (or Redis) server that this process starts, watches and stops.

Used when no URL is given. `EmbeddedStore` is the whole interface; its errors say what happened, why, and what to do.
"""

from promessa.store.embedded.errors import (
    AppendOnlyFileCorrupt,
    BinaryNotFound,
    DataDirectoryInUse,
    DataDirectoryUnusable,
    DiskFull,
    EmbeddedStoreError,
    SocketUnusable,
    StartFailed,
    StartTimedOut,
    VersionTooOld,
)
from promessa.store.embedded.store import Durability, EmbeddedStore

__all__ = [
    "AppendOnlyFileCorrupt",
    "BinaryNotFound",
    "DataDirectoryInUse",
    "DataDirectoryUnusable",
    "DiskFull",
    "Durability",
    "EmbeddedStore",
    "EmbeddedStoreError",
    "SocketUnusable",
    "StartFailed",
    "StartTimedOut",
    "VersionTooOld",
]
