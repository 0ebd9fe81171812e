"""Figures of the reports beside those that the demo counted itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from promessa.cli.demo_books import FLASH_SKU, Check, Seen


def checks_of(seen: Seen, answers: Mapping[str, Any]) -> list[Check]:
    """One for each figure that both have; `answers` are those of the reports by name."""
    return [
        *_nodes(seen, answers["nodes"].rows),
        *_flash_sale(seen, answers["channels"].rows, answers["stockouts"].rows),
    ]


def _nodes(seen: Seen, rows: Sequence[Any]) -> Iterator[Check]:
    """What left each node."""
    made, left = seen.journeys, Counter[str]()
    for (_, node_id), units in made.left_units.items():
        left[node_id] += units
    agreeing = sum(left[row.node_id] == row.fulfilled_quantity for row in rows)
    yield Check("units that left", made.left_units.total(), _sum(rows, "fulfilled_quantity"))
    yield Check("nodes whose units agree", len(rows), agreeing)


def _flash_sale(seen: Seen, channels: Sequence[Any], stockouts: Sequence[Any]) -> Iterator[Check]:
    """What became of the flash sale."""
    flash, refused = seen.flash, [row for row in stockouts if row.sku == FLASH_SKU]
    yield Check("units whose hold ran out", flash.won if flash else 0, _sum(channels, "expired_quantity"))
    yield Check("units refused", flash.lost if flash else 0, _sum(refused, "missing_quantity"))


def _sum(rows: Sequence[Any], field: str) -> int:
    return sum(getattr(row, field) for row in rows)
