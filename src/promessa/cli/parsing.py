"""The small notations of the command line: SKU=QTY, SKU@NODE=QTY, durations, instants."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from promessa.cli.failure import usage

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


_AMOUNT = re.compile(r"([0-9]{1,10})(?:\.([0-9]{1,6}))? ?([A-Za-z]{1,3}²?)?")


class Amount(NamedTuple):
    """A quantity as it was written: digits, those behind the point, a unit. With neither point nor unit it counts smallest
    units."""

    whole: str
    part: str = ""
    unit: str = ""

    @property
    def is_units(self) -> bool:
        return not (self.part or self.unit)

    def __str__(self) -> str:
        return f"{self.whole}{'.' if self.part else ''}{self.part} {self.unit}".rstrip()


ONE = Amount("1", "0")
"""One of a sku, in whatever unit it is sold."""


def sku_amounts(words: Sequence[str]) -> list[tuple[str, Amount]]:
    """Pairs of sku and amount from SKU=QTY; a sku alone is one unit."""
    return [_split(word, "SKU=QTY, for example 85123A=2") for word in words]


def collected_amounts(words: Sequence[str]) -> list[tuple[str, Amount, str]]:
    """Triples of sku, amount and where it is collected from SKU=QTY[@NODE]; empty: as the order says."""
    found = []
    for word in words:
        line, _, node_id = word.partition("@")
        if "@" in word and not node_id:
            raise usage(f"{word!r} names no node. Write SKU=QTY@NODE, for example 85123A=2@sao-paulo-sp-1.")
        found.append((*_split(line, "SKU=QTY or SKU=QTY@NODE, for example 85123A=2"), node_id))
    return found


def micros(text: str) -> int:
    """An amount of money with at most six decimals: 49.90."""
    match = re.fullmatch(r"([0-9]{1,9})(?:\.([0-9]{1,6}))?", text)
    if not match:
        raise usage(f"{text!r} is no amount of money. Write it like 49.90.")
    return int(match[1]) * 1_000_000 + int((match[2] or "").ljust(6, "0"))


def cell_amounts(words: Sequence[str]) -> list[tuple[str, str, Amount]]:
    """Triples of sku, node and amount from SKU@NODE=QTY."""
    found = []
    for word in words:
        example = "SKU@NODE=QTY, for example 85123A@dc-cajamar=2"
        place, amount = _split(word, example)
        sku, at, node_id = place.rpartition("@")
        if not at or not sku or not node_id:
            raise usage(f"{word!r} is not {example}.")
        found.append((sku, node_id, amount))
    return found


def cell_quantities(words: Sequence[str]) -> list[tuple[str, str, int]]:
    """As cell_amounts, for whole numbers of smallest units alone."""
    found = []
    for word, (sku, node_id, amount) in zip(words, cell_amounts(words), strict=True):
        if not amount.is_units:
            raise usage(f"{word!r} has no whole number: here a quantity counts the smallest units of the sku.")
        found.append((sku, node_id, int(amount.whole)))
    return found


def cell_name(word: str) -> tuple[str, str]:
    """Sku and node of SKU@NODE."""
    sku, _, node_id = word.rpartition("@")
    if not sku or not node_id:
        raise usage(f"{word!r} is not SKU@NODE, for example 85123A@store-17.")
    return sku, node_id


def permille(text: str) -> int:
    """A share in thousandths: 30% or 12.5%."""
    match = re.fullmatch(r"([0-9]{1,3})(?:\.([0-9]))?%", text)
    if not match:
        raise usage(f"{text!r} is no share. Write it like 30% or 12.5%.")
    return int(match[1]) * 10 + int(match[2] or 0)


def minute_of_day(text: str) -> int:
    """A time of the day as its minute: 18:00; 24:00 is its end."""
    match = re.fullmatch(r"([0-9]{1,2}):([0-5][0-9])", text)
    minute = int(match[1]) * 60 + int(match[2]) if match else 0
    if not 0 < minute <= 24 * 60:
        raise usage(f"{text!r} is no time of the day after 00:00. Write it like 18:00.")
    return minute


def _split(word: str, example: str) -> tuple[str, Amount]:
    name, equals, quantity = word.rpartition("=")
    if not equals:
        return word, Amount("1")
    match = _AMOUNT.fullmatch(quantity)
    if not name or not match or not (match[1] + (match[2] or "")).strip("0"):
        raise usage(f"{word!r} is not {example}: the quantity is above zero, a whole number or an amount like 0.350kg.")
    return name, Amount(match[1], match[2] or "", match[3] or "")


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


def policy_name(text: str) -> tuple[str, int]:
    """A policy, and a version of it or 0: nearest-first@3."""
    match = re.fullmatch(r"([^@]*)(?:@([1-9][0-9]{0,3}))?", text)
    if not match:
        raise usage(f"{text!r} names no policy. Write its id, or id@version: nearest-first@3.")
    return match[1], int(match[2] or 0)


def degrees_e6(text: str) -> tuple[int, int]:
    """Latitude and longitude in degrees times 1,000,000: -23.55,-46.63."""
    match = re.fullmatch(r"(-?[0-9]{1,2}(?:\.[0-9]{1,6})?),(-?[0-9]{1,3}(?:\.[0-9]{1,6})?)", text)
    if not match:
        raise usage(f"{text!r} is no place. Write latitude and longitude in degrees, as -23.55,-46.63.")
    return round(float(match[1]) * 1e6), round(float(match[2]) * 1e6)
