"""The answer to PlaceOrder written in Cython is that of protobuf's own codec, byte for byte."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from promessa.domain.catalogue import Catalogue, Node, Sku
from promessa.domain.exchange import Exchange
from promessa.domain.kinds import DELIVERED, NEVER_MS, FulfillmentKind
from promessa.domain.offer import Offer
from promessa.domain.order import (
    Alert,
    HistoryEntry,
    OrderedLine,
    PlacedOrder,
    Shipment,
    ShipmentLine,
    Standing,
    Step,
    StoredOrder,
    Way,
)
from promessa.domain.order_deadlines import DEADLINES
from promessa.domain.sourcing import Order
from promessa.domain.token import make_token
from promessa.server._order_answers import place_response
from promessa.server.convert_orders import is_new, order_message
from promessa.v1 import order_service_pb2 as messages

CATALOGUE = Catalogue()
for index, sku_id in enumerate(("cup", "café", "s" * 64)):
    CATALOGUE.put("sku", sku_id, index, Sku(sku_id), 0)
for index, node_id in enumerate(("a", "loja-é", "n" * 64)):
    CATALOGUE.put("node", node_id, index, Node(node_id), 1)

numbers = st.one_of(st.integers(0, 300), st.integers(0, 2**62))
small = st.integers(0, 2**31 - 1)
instants = st.one_of(st.integers(0, 253_402_300_799_000), st.sampled_from([NEVER_MS, NEVER_MS - 1]))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=150)
indices = st.integers(0, 2)
lines = st.builds(OrderedLine, indices, numbers, st.one_of(st.just(0), numbers), st.just(0), numbers)
shipment_lines = st.builds(ShipmentLine, small, indices, numbers)


@st.composite
def shipments(draw: st.DrawFn) -> Shipment:
    """A shipment that was just offered; of its deadlines some are set, in their order."""
    way = draw(st.sampled_from(Way))
    return Shipment(
        draw(indices), draw(texts), way, tuple(draw(st.lists(shipment_lines, max_size=9))),
        kind=draw(st.sampled_from([0, *FulfillmentKind])), collected_ix=draw(st.integers(DELIVERED, 2)),
        lane_id=draw(texts), carrier_service=draw(texts), ship_ms=draw(instants), promise_ms=draw(instants),
        cost_micros=draw(numbers), owner_code=draw(texts), commission_basis_points=draw(small), node_type=draw(small),
        due=tuple(draw(st.lists(instants, max_size=len(DEADLINES[way])))), lead_ms=draw(small),
    )  # fmt: skip


@st.composite
def orders(draw: st.DrawFn) -> StoredOrder:
    asked = draw(st.one_of(st.none(), st.builds(Order, st.just("o"), st.just(()), seller_code=texts)))
    order = PlacedOrder(
        draw(texts), tuple(draw(st.lists(lines, max_size=9))), tuple(draw(st.lists(shipments(), max_size=4))), asked=asked,
        attempts=draw(small), channel=draw(st.sampled_from(["", "web", "web/vip"])), currency_code=draw(texts),
        customer_id=draw(texts), offer_count=draw(small),
    )  # fmt: skip
    alerts = tuple(draw(st.lists(st.sampled_from(Alert), max_size=2, unique=True)))
    order = order._replace(stands=draw(st.sampled_from([Standing(), Standing(order.state, alerts)])))
    entry = HistoryEntry(draw(instants), Step.PLACE, draw(texts), draw(small), draw(texts))
    return StoredOrder(1, draw(instants), draw(instants), order, (entry,))


positions = st.lists(st.integers(0, 10**18), max_size=8).map(lambda flat: flat[: len(flat) // 2 * 2])


@given(orders(), st.integers(1, 2), positions, st.booleans(), st.integers(1, 10**6))
def test_the_answer_to_place_order(
    stored: StoredOrder, outcome: Any, where: list[int], replayed: bool, epoch: int
) -> None:
    assert is_new(stored)
    expected = messages.PlaceOrderResponse(
        outcome=outcome, order=order_message(stored, CATALOGUE), token=make_token(epoch, where), replayed=replayed
    )
    written = place_response(
        outcome, stored, where, replayed, epoch, CATALOGUE.skus.ids, CATALOGUE.nodes.ids, DEADLINES
    )
    assert written == expected.SerializeToString()


def test_what_is_told_of_later_steps_only_is_not_new() -> None:
    shipment = Shipment(0, "r", Way.DELIVERY, ())
    order = PlacedOrder("o", (OrderedLine(0, 1),), (shipment,))
    stored = StoredOrder(1, 1, 1, order, ())
    assert is_new(stored)
    offered = order._replace(shipments=(shipment, shipment._replace(offers=(Offer(0), Offer(1)))))
    assert not is_new(stored._replace(order=offered))
    assert not is_new(stored._replace(order=order._replace(exchange=Exchange(1))))
    assert not is_new(stored._replace(version=2))
