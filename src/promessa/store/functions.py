"""Installing the Functions library, and refusing to work on data of another layout.

`open_data_set` is called once by every process before its first operation; it is safe to call from many at once.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable
from importlib.resources import files
from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from promessa.domain.errors import FailedPrecondition
from promessa.store.keys import Keys

LIBRARY = "promessa_v1"
APPLY = "promessa_v1_apply"
LAYOUT_VERSION = 3
REDIS_VERSION_MIN = (7, 0)

_CONSTANTS = re.compile(
    r"local ([A-Z][A-Z_]*(?:, [A-Z][A-Z_]*)*) = ((?:-?[0-9]+|'\w*')(?:, (?:-?[0-9]+|'\w*'))*)( --.*)?"
)
_WORDS = re.compile(r"--.*|'[^']*'|\b[A-Z][A-Z_]*\b")
"""Comments, strings, and what may be a constant."""


# The library's parts in `lua/`, in the order they are read. What the shared ones define, all that follow see; an operation
# keeps its own to itself.
SHARED = (
    "header", "claims", "cells", "pools", "history", "staging", "moves", "deficits", "supply", "requests", "unavailable",
    "evidence", "safety", "owners", "capacity", "nodes", "cooling", "draws", "orders", "records", "items",
)  # fmt: skip
OPERATIONS = (
    "reserve",
    "lots",
    "reservation_life",
    "order_steps",
    "place",
    "deltas",
    "stock",
    "inbound",
    "promise",
    "confidence",
    "allocation",
    "catalogue",
    "recall",
    "maintenance",
    "call",
)


def library_source() -> str:
    """The library as it is loaded."""
    return without_constants(library_text())


def library_text() -> str:
    """The library as it is read: its parts, the operations each in a scope of its own."""
    return "\n".join([*(_part(name) for name in SHARED), *(f"do\n{_part(name)}end\n" for name in OPERATIONS)])


def without_constants(text: str) -> str:
    """The same with numbers and words for constants, line by line: one chunk of Lua may have 200 local names alive.

    A constant is what `local NAME = 1`, or `local NAME, OTHER = 1, 'a'`, says at the beginning of a line, from there on.
    """
    known: dict[str, str] = {}
    lines = []
    for line in text.split("\n"):
        found = _CONSTANTS.fullmatch(line)
        if found:
            known.update(zip(found[1].split(", "), found[2].split(", "), strict=True))
            line = found[3] or ""
        lines.append(_WORDS.sub(lambda word: known.get(word[0], word[0]), line))
    return "\n".join(lines)


def _part(name: str) -> str:
    return files("promessa.store").joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")


async def open_data_set(redis: Redis, *, namespace: str, partitions: int, new_id: str) -> Keys:
    """Create the data set if it is not there, check that this version can work on it, and install the library.

    `partitions` counts only for a new data set; an old one keeps its own. `new_id` names a new data set.
    Raises FailedPrecondition (DATA_VERSION_MISMATCH) for data of another layout or a store that is too old.
    """
    await _check_server_version(redis)
    meta = Keys(namespace, partitions).meta
    if not await _await(redis.exists(meta)):
        pipe = redis.pipeline(transaction=True)
        for field, value in (("layout", LAYOUT_VERSION), ("partitions", partitions), ("id", new_id), ("epoch", 1)):
            pipe.hsetnx(meta, field, str(value))
        await pipe.execute()
    found = await _await(redis.hgetall(meta))
    layout = int(found.get(b"layout", b"0"))
    if layout != LAYOUT_VERSION:
        raise FailedPrecondition(
            "DATA_VERSION_MISMATCH",
            f"The data in namespace {namespace!r} have layout {layout}, and this version works on layout "
            f"{LAYOUT_VERSION}. Use the promessa version that wrote them, or another PROMESSA_NAMESPACE.",
            found=layout,
            supported=LAYOUT_VERSION,
        )
    await install_library(redis)
    return Keys(namespace, int(found[b"partitions"]))


async def install_library(redis: Redis) -> None:
    """Load the library unless the very same source is there already."""
    source = library_source()
    for library in await _await(redis.function_list(library=LIBRARY, withcode=True)):
        if source.encode() in _flatten(library):
            return
    await _await(redis.function_load(source, replace=True))


async def _check_server_version(redis: Redis) -> None:
    info = await redis.info("server")
    version = str(info.get("valkey_version") or info["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < REDIS_VERSION_MIN:
        raise FailedPrecondition(
            "DATA_VERSION_MISMATCH",
            f"The store is version {version} and has no Functions. Use Redis 7.0 or newer, or Valkey 7.2 or newer.",
            found=version,
            supported="7.0",
        )


def is_missing_library(error: ResponseError) -> bool:
    """The store was replaced or flushed and no longer knows the library."""
    return "Function not found" in str(error)


def _flatten(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for pair in value.items() for item in pair for leaf in _flatten(item)]
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in _flatten(item)]
    return [value]


async def _await(value: Awaitable[Any] | Any) -> Any:
    return await cast("Awaitable[Any]", value)
