"""What the buyers of a load test were promised, by their own count, and whether the books agree.

Knows nothing of gRPC: the users write into it, `audit.py` asks the server and compares.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

Cell = tuple[str, str]
"""(sku, node)"""

COUNTERS = ("granted", "released", "fed")


@dataclass(slots=True)
class Ledger:
    """Units by cell, as acknowledged to the callers; and the calls whose outcome nobody knows."""

    granted: Counter[Cell] = field(default_factory=Counter)
    released: Counter[Cell] = field(default_factory=Counter)
    fed: Counter[Cell] = field(default_factory=Counter)
    refused_count: int = 0
    unanswered: set[str] = field(default_factory=set)
    """Request ids of changes that were sent and not answered: what they did is not known."""

    def sending(self, request_id: str) -> None:
        self.unanswered.add(request_id)

    def answered(self, request_id: str) -> None:
        self.unanswered.discard(request_id)

    def grant(self, cell: Cell, quantity: int) -> None:
        assert quantity > 0
        self.granted[cell] += quantity

    def release(self, cell: Cell, quantity: int) -> None:
        self.released[cell] += quantity
        assert self.released[cell] <= self.granted[cell]

    def feed(self, cell: Cell, quantity: int) -> None:
        self.fed[cell] += quantity

    def save(self, path: Path) -> None:
        content = {
            **{name: [[*cell, n] for cell, n in getattr(self, name).items()] for name in COUNTERS},
            "refused_count": self.refused_count,
            "unanswered": sorted(self.unanswered),
        }
        path.write_text(json.dumps(content), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Ledger:
        content = json.loads(path.read_text(encoding="utf-8"))
        counters = {name: Counter({(sku, node_id): n for sku, node_id, n in content[name]}) for name in COUNTERS}
        return cls(**counters, refused_count=content["refused_count"], unanswered=set(content["unanswered"]))


def kept_units(ledger: Ledger) -> Counter[Cell]:
    """Units promised and not given back, held, confirmed or fulfilled."""
    return Counter({cell: n - ledger.released[cell] for cell, n in ledger.granted.items() if n > ledger.released[cell]})


def disagreements(ledger: Ledger, first_counts: Mapping[Cell, int], available: Mapping[Cell, int]) -> list[str]:
    """Sentences about cells that were oversold, or whose available quantity is not what the own count says.

    `first_counts`: units on hand before the test; `available`: what the store promises after it, of the same cells.
    """
    found = []
    kept = kept_units(ledger)
    for cell in sorted({*first_counts, *kept, *ledger.fed}):
        units = first_counts.get(cell, 0) + ledger.fed[cell]
        left, told = units - kept[cell], available.get(cell, 0)
        name = f"{cell[0]} at {cell[1]}"
        if left < 0:
            found.append(f"OVERSOLD {name}: {kept[cell]} units were promised of {units}.")
        elif told != left:
            found.append(f"{name}: {told} units are available, the own count says {left}.")
    return found
