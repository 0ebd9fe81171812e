"""Request ids: UUIDv7 (RFC 9562), so that ids made later sort later."""

from __future__ import annotations

import os
import time
import uuid


def new_request_id() -> str:
    """A new id."""
    return uuid7(time.time_ns() // 1_000_000, os.urandom(10))


def uuid7(now_ms: int, random: bytes) -> str:
    """The UUIDv7 of an instant and ten random bytes."""
    value = (now_ms & (1 << 48) - 1) << 80 | int.from_bytes(random, "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))
