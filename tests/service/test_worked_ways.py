"""The worked ways of docs/concepts.md, decided over the real store and kernel."""

from __future__ import annotations

import re
from pathlib import Path

from test_fulfillment_kinds import mixed, order
from test_sourcing import ANY, NOON, Keeper, Rows, sourcing, stock

from promessa.domain.catalogue import Catalogue, Lane, Node, Sku
from promessa.domain.kinds import FulfillmentKind, OwnStock
from promessa.domain.rate_cards import RateBracket, RateCard
from promessa.domain.sourcing import Constraints, Order
from promessa.domain.supply import InboundKind, OverdueAction, OverduePolicy, local_day
from promessa.service.sourcing import Sourcing
from promessa.service.supply import Supply
from promessa.service.supply_to_come import SupplyToCome
from promessa.store.store import Store
from promessa.store.supply_store import InboundKey, SupplyStore

CONCEPTS = Path(__file__).parent.parent.parent / "docs" / "concepts.md"
MUG, CLOCK = 0, 1
NEAR, CORNER, FAR = range(3)
IN_STOCK = {(MUG, NEAR): 2, (MUG, FAR): 9, (CLOCK, CORNER): 1, (CLOCK, FAR): 9}
ALL = (("mug", 2), ("clock", 1))
ORDERS: dict[str, Order] = {
    "all delivered": order(*ALL),
    "the mugs collected at near": mixed(("mug", 2, "near"), ("clock", 1, "")),
    "all collected at near": order(*ALL, pickup="near"),
    "all collected at near, sent there if need be": order(*ALL, pickup="near", ship_to_store=True),
    "sold at near, what it has handed over": order(*ALL, sold_at="near", own_stock=int(OwnStock.HAND_OVER)),
    "all delivered together": order(*ALL, together=("set", "set")),
    "no parcel worth less than 100.00": order(*ALL, constraints=Constraints(min_shipment_value_micros=100_000_000)),
    "the clock, which comes to corner in 5 days": order(*ALL, future_supply=True),
}


def micros(amount: str) -> int:
    return round(float(amount) * 100) * 10_000


def worked_chain() -> Catalogue:
    """The nodes of the worked plan, of which two are pickup points."""
    catalogue = Catalogue()
    for i, (card_id, price, step) in enumerate((("shop", "9.90", "0.80"), ("centre", "24.90", "3.60"))):
        card = RateCard(card_id, "", "BRL", (RateBracket(300, micros(price)),), 1_000, micros(step))
        catalogue.put("rate_card", card_id, i, card, 0)
    shop = (2, "3.10", "0.80", "shop")
    for i, (node_id, kind, opening, unit, card_id) in enumerate(
        (("near", *shop), ("corner", *shop), ("far", 1, "2.20", "0.35", "centre"))
    ):
        own = {"shipment_cost_micros": micros(opening), "unit_cost_micros": micros(unit), "pickup_point": kind == 2}
        node = Node(node_id, type=kind, country_code="BR", postal_code="01310100", **own)
        catalogue.put("node", node_id, i, node, 1)
        catalogue.put("lane", node_id, i, Lane(node_id, node_id, "BR", (), "road", card_id, 1), 0)
    for i, (sku, grams, worth) in enumerate((("mug", 380, "30"), ("clock", 850, "200"))):
        catalogue.put("sku", sku, i, Sku(sku, weight_grams=grams, value_micros=micros(worth)), 0)
    return catalogue


def waiting(store: Store, rows: Rows, catalogue: Catalogue) -> Sourcing:
    """Sourcing for orders that may wait."""
    service = sourcing(store, rows, catalogue)
    books = SupplyStore(store._redis, store.keys, store._commit)
    supply = Supply(Keeper(catalogue), books, OverduePolicy(OverdueAction.DROP), lambda: NOON)  # type: ignore[arg-type]
    service.questions._to_come = SupplyToCome(supply)
    service.holding._supply = supply
    return service


async def test_the_worked_ways_are_those_that_are_planned(store: Store) -> None:
    text = CONCEPTS.read_text(encoding="utf-8").split("\n## Ways to the customer\n")[1].split("\n## ")[0]
    table = re.search(r"\n(\|.*\|\n)+", text)
    assert table
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.group().strip().split("\n")[2:]]
    assert [asked for asked, *_ in rows] == list(ORDERS)
    key = InboundKey(CORNER, CLOCK, "po-1")
    await SupplyStore(store._redis, store.keys, store._commit).put_inbound(
        "inbound-1", ANY, key, kind=InboundKind.PURCHASE_ORDER, quantity=1, day=local_day("", NOON) + 5, policy=None
    )
    for asked, leaves, kinds, total in rows:
        there = {(MUG, NEAR): 2, (MUG, FAR): 9} if "comes to" in asked else IN_STOCK
        await stock(store, {cell: there.get(cell, 0) for cell in IN_STOCK})
        catalogue = worked_chain()
        found, _ = await waiting(store, Rows(there), catalogue).source(ORDERS[asked], explain=False)
        ships = sorted(found.shipments, key=lambda ship: ship.node_ix)
        assert ", ".join(catalogue.nodes.ids[ship.node_ix] for ship in ships) == leaves, asked
        assert ", ".join(FulfillmentKind(ship.kind).name.lower().replace("_", " ") for ship in ships) == kinds, asked
        assert (found.total_micros, found.proven_optimal) == (micros(total), True), asked
