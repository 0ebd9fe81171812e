"""What the logs have as numbers, by name; and what reports ask the catalogue for, as the archiver last heard."""

from __future__ import annotations

from collections.abc import Iterable

import msgpack
import msgspec

from promessa.domain.regions import region_of


class _Said(msgspec.Struct):
    """What counts here of a node or a sku."""

    region_code: str = ""
    country_code: str = ""
    postal_code: str = ""
    value_micros: int = 0
    decimals: int = 0


_NOTHING = _Said()
_decoder = msgspec.json.Decoder(_Said)


class Unnamed(LookupError):
    """A node or sku that was named after the names were read."""


class Names:
    """Ids of nodes and skus by their indices, which are never given twice; regions of nodes, and what units are worth."""

    def __init__(self) -> None:
        self.nodes: list[str] = []
        self.skus: list[str] = []
        self._regions: dict[int, str] = {}
        self._worths: dict[int, tuple[int, int]] = {}

    def see_all(self, records: Iterable[tuple[bytes, bytes]]) -> None:
        """Take over what the catalogue has, and forget what was known before."""
        self.nodes, self.skus, self._regions, self._worths = [], [], {}, {}
        for field, value in records:
            self.see(field, value)

    def see(self, field: bytes, value: bytes) -> None:
        """Take over a record of a node or sku, as the catalogue and its log have it. A deleted one keeps its name."""
        kind, _, name = field.decode().partition(":")
        index, json, *_ = msgpack.unpackb(value, raw=True)
        said = _read(json) if json else _NOTHING
        known = self.nodes if kind == "node" else self.skus
        known.extend([""] * (index + 1 - len(known)))
        known[index] = name
        if kind == "node":
            self._regions[index] = said.region_code or region_of(said.country_code, said.postal_code)
        elif said.value_micros:
            self._worths[index] = (said.value_micros, 10**said.decimals)
        else:
            self._worths.pop(index, None)

    def node(self, index: int) -> str:
        return _named(self.nodes, index)

    def sku(self, index: int) -> str:
        return _named(self.skus, index)

    def region(self, index: int) -> str | None:
        """Where a node is; None if that is not known."""
        return self._regions.get(index) or None

    def worth(self, index: int, units: int) -> int | None:
        """What units of a sku are worth, in micros, rounded down; None if that is not known."""
        known = self._worths.get(index)
        return None if known is None else units * known[0] // known[1]


def _named(names: list[str], index: int) -> str:
    if not 0 <= index < len(names):
        raise Unnamed(f"Index {index} has no name.")
    return names[index]


def _read(json: bytes) -> _Said:
    """Raises ValueError for what is none."""
    try:
        return _decoder.decode(json)
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from error
