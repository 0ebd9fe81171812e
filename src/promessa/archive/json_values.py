"""Values of the log as JSON: what is worth no column of its own."""

from __future__ import annotations

import json
from typing import Any

import msgpack

DETAIL_CHARACTERS_MAX = 1_000_000
"""A value longer than this is told by its length alone."""


def unpacked(value: bytes) -> Any:
    """A value of the log: lists and maps in MessagePack as they are, anything else as its bytes."""
    unpacker = msgpack.Unpacker(raw=True, strict_map_key=False)
    unpacker.feed(value)
    try:
        values = list(unpacker)
    except (ValueError, msgpack.UnpackException):
        return value
    if not values or not all(isinstance(each, list | dict) for each in values):
        return value
    return values[0] if len(values) == 1 else values


def json_of(value: Any) -> str:
    """Such a value as JSON; of a long one the number of characters."""
    text = json.dumps(_plain(value), separators=(",", ":"))
    return text if len(text) <= DETAIL_CHARACTERS_MAX else json.dumps({"characters": len(text)})


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.hex()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(_plain(key)): _plain(each) for key, each in value.items()}
    return value
