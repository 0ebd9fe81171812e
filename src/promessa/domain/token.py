"""Freshness tokens: what a read must have seen to see a change, as text `<epoch>.<partition>-<sequence>,...`."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TOKEN = re.compile(r"([0-9]{1,15})\.((?:[0-9]{1,3}-[0-9]{1,15},?)+)", re.ASCII)


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


def parse_whole(token: str, partitions: int) -> tuple[int, list[int]] | None:
    """The epoch and the sequences of a token that names every partition in order; None if it is none."""
    match = _TOKEN.fullmatch(token)
    pairs = [pair.partition("-") for pair in match[2].split(",")] if match else []
    if match is None or [number for number, _, _ in pairs] != [str(number) for number in range(partitions)]:
        return None
    return int(match[1]), [int(sequence) for _, _, sequence in pairs]


def whole(epoch: int, sequences: Sequence[int]) -> str:
    """The token of a sequence for every partition."""
    return make_token(epoch, [number for pair in enumerate(sequences) for number in pair])
