"""A story that was heard to its end, and looks at what it left."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

from promessa.demo.flows.chain import RUNNER, Article, Place
from promessa.demo.flows.shop import Shop
from promessa.demo.flows.telling import Told
from promessa.v1 import orders_pb2 as od


class Heard(NamedTuple):
    """The facts of a story, and the shop as it is afterwards."""

    facts: list[Told]
    shop: Shop

    def of(self, name: str) -> list[dict[str, Any]]:
        """The values of all facts of a name."""
        return [dict(fact.values) for fact in self.facts if fact.name == name]

    def shelf(self, place: Place, article: Article = RUNNER) -> list[tuple[int, int, int, int]]:
        """What was on a shelf each time it was looked at: on hand, promised, not for sale, available."""
        return [
            (x["on_hand"], x["promised"], x["unavailable"], x["available"])
            for x in self.of("stock")
            if (x["place"], x["article"]) == (place.name, article.name)
        ]

    async def steps(self, name: str) -> list[str]:
        """What happened to an order, by its history."""
        kinds = [od.OrderStepKind.Name(step.kind) for step in (await self.shop.order(name)).steps]
        return [kind.removeprefix("ORDER_STEP_KIND_") for kind in kinds]

    async def shipments(self, name: str) -> list[tuple[str, str, int]]:
        """The shipments of an order: place, state and units."""
        order = await self.shop.order(name)
        return [
            (
                self.shop.place_of(ship.node_id).name,
                od.ShipmentState.Name(ship.state).removeprefix("SHIPMENT_STATE_"),
                sum(line.quantity for line in ship.lines),
            )
            for ship in order.shipments
        ]


def documented_calls(name: str) -> list[str]:
    """The calls of a flow, in order, as docs/flows.md has them."""
    page = (Path(__file__).parent.parent.parent / "docs" / "flows.md").read_text(encoding="utf-8")
    section = page.split(f"## {name}\n")[1].split("\n## ")[0]
    calls = re.search(r"^[A-Z]\w+,(?:[\s]\w+,?)*$", section, re.MULTILINE)
    assert calls is not None, section
    return calls.group().replace("\n", " ").split(", ")


Hear = Callable[[str], Awaitable[Heard]]
