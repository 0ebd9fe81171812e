"""The small notations of the command line: SKU=QTY, SKU@NODE=QTY, durations, instants."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from promessa.cli.failure import usage

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def sku_quantities(words: Sequence[str]) -> list[tuple[str, int]]:
    """Pairs of sku and units from SKU=QTY; a sku alone is one unit."""
    return [_split(word, "SKU=QTY, for example 85123A=2") for word in words]


def cell_quantities(words: Sequence[str], *, default: int | None = 1) -> list[tuple[str, str, int]]:
    """Triples of sku, node and units from SKU@NODE=QTY."""
    found = []
    for word in words:
        example = "SKU@NODE=QTY, for example 85123A@dc-cajamar=2"
        place, quantity = _split(word, example)
        sku, at, node_id = place.rpartition("@")
        if not at or not sku or not node_id:
            raise usage(f"{word!r} is not {example}.")
        found.append((sku, node_id, quantity))
    return found


def _split(word: str, example: str) -> tuple[str, int]:
    name, equals, quantity = word.rpartition("=")
    if not equals:
        return word, 1
    if not name or not re.fullmatch(r"[0-9]{1,10}", quantity) or int(quantity) == 0:
        raise usage(f"{word!r} is not {example}: the quantity is a whole number above zero.")
    return name, int(quantity)


def seconds(text: str) -> int:
    """A duration: 90, 90s, 15m, 2h, 1d."""
    match = re.fullmatch(r"([0-9]{1,9})([smhd]?)", text)
    if not match or int(match[1]) == 0:
        raise usage(f"{text!r} is no duration. Write seconds, or a number with s, m, h or d: 90s, 15m, 2h.")
    return int(match[1]) * _SECONDS[match[2]]


def instant(text: str) -> datetime:
    """An ISO 8601 instant; without a zone it is local time."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise usage(f"{text!r} is no instant. Write it like 2026-03-01T18:30:00-03:00.") from None
    return found.astimezone(UTC)


def postal_code(text: str) -> str:
    """A postal code without its hyphen, dot or space: 01310-100 -> 01310100."""
    return re.sub(r"[-. ]", "", text)
