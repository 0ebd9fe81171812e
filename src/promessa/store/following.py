"""What the store does in the same change as a hold: see `lua/place.lua`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class Following:
    """An operation (see group_commit.consecutive) that follows a hold, made only if all is granted as it was asked for;
    `made_ms` is when, 0 if it was not."""

    operation: bytes
    weight: int
    made_ms: int = 0
    positions: Sequence[int] = ()
