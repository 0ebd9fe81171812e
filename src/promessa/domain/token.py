"""Freshness tokens: what a read must have seen to see a change, as text `<epoch>.<partition>-<sequence>,...`."""

from __future__ import annotations

from collections.abc import Sequence


def make_token(epoch: int, positions: Sequence[int]) -> str:
    """The token of flat pairs of partition and sequence; empty if there is nothing to wait for."""
    if not positions:
        return ""
    if len(positions) == 2:
        return f"{epoch}.{positions[0]}-{positions[1]}"
    pairs = [f"{positions[i]}-{positions[i + 1]}" for i in range(0, len(positions), 2)]
    return f"{epoch}.{','.join(pairs)}"


def merge(positions: dict[int, int], more: Sequence[int]) -> None:
    """Raise positions by partition to those of another change."""
    for i in range(0, len(more), 2):
        positions[more[i]] = max(positions.get(more[i], 0), more[i + 1])


def flat(positions: dict[int, int]) -> list[int]:
    """Positions by partition as flat pairs."""
    return [number for pair in sorted(positions.items()) for number in pair]
