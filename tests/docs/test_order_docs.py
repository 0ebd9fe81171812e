"""docs/orders.md says what the code does: the table of steps, what they move, and the states."""

from __future__ import annotations

import re
from enum import IntEnum
from pathlib import Path
from typing import Any

import pytest

from promessa.domain import exchange, order, returns
from promessa.domain.offer import Offer, OfferState
from promessa.domain.order_moves import MOVES
from promessa.domain.order_offers import At, accept, offer_state, reject
from promessa.domain.order_steps import cancel
from promessa.domain.stock import StockCell
from promessa.v1 import orders_pb2

PAGE = (Path(__file__).parent.parent.parent / "docs" / "orders.md").read_text(encoding="utf-8")


def rows_of(heading: str) -> list[list[str]]:
    """The cells of the table below a heading."""
    table = re.search(r"\n(\|.*\|\n)+", PAGE.split(f"## {heading}\n")[1])
    assert table is not None
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.group().strip().split("\n")[2:]]


def test_the_table_of_steps_is_the_one_of_the_code() -> None:
    code = [
        [way.name, state.name, step.name, after.name]
        for way, states in MOVES.items()
        for state, steps in states.items()
        for step, after in steps.items()
    ]
    assert sorted(rows_of("What a shipment allows")) == sorted(code)


def test_what_steps_move_adds_up() -> None:
    for _, on_hand, unavailable, committed, available in rows_of("What a step moves"):
        assert StockCell(int(on_hand), int(unavailable), 0, 0, int(committed), 0, 0).available == int(available)


def offered() -> order.PlacedOrder:
    """A shipment of two cups over n1 that is offered to n2 and n3, too."""
    shipment = order.Shipment(
        1, "hold-0001", order.Way.DELIVERY, (order.ShipmentLine(0, 0, 2),), offers=tuple([Offer(n) for n in (1, 2, 3)])
    )
    return order.PlacedOrder("o-1", (order.OrderedLine(0, 2),), (shipment,))


def answered(words: str) -> order.PlacedOrder:
    """The same after what a row of the table says."""
    before, other = offered(), order.RejectReason.OTHER
    refused = re.match(r"n(\d) refuses", words)
    if words.startswith("n2 accepts") and "too few" not in words:
        return accept(before, 1, At(2, "n2")).order
    if refused:
        without = {2, 3} if "nobody else" in words else {2} if "only n3" in words else set()
        return reject(before, 1, At(int(refused[1]), ""), other, without=without).order
    if words.startswith("all refuse"):
        for n in (1, 2, 3):
            before = reject(before, 1, At(n, ""), other).order
    return cancel(before, {}).order if "cancelled" in words else before


def test_what_becomes_of_offers_is_what_the_code_makes_of_them() -> None:
    for words, states, where in rows_of("Offers to several nodes"):
        (shipment,) = answered(words).shipments
        assert ", ".join(offer_state(shipment, offer).name for offer in shipment.offers) == states, words
        assert (f"n{shipment.node_ix}" if shipment.is_open else "none") == where, words


def test_the_states_of_an_order_are_those_of_the_code_in_their_order() -> None:
    assert [row[0] for row in rows_of("Where an order is")] == [state.name for state in order.OrderState]


@pytest.mark.parametrize(
    ("enum", "kind", "prefix"),
    [
        (orders_pb2.OrderState, order.OrderState, "ORDER_STATE_"),
        (orders_pb2.ShipmentState, order.ShipmentState, "SHIPMENT_STATE_"),
        (orders_pb2.OrderStepKind, order.Step, "ORDER_STEP_KIND_"),
        (orders_pb2.OfferState, OfferState, "OFFER_STATE_"),
        (orders_pb2.RejectReason, order.RejectReason, "REJECT_REASON_"),
        (orders_pb2.ReturnState, returns.ReturnState, "RETURN_STATE_"),
        (orders_pb2.Disposition, returns.Disposition, "DISPOSITION_"),
        (orders_pb2.ExchangePolicy, exchange.ExchangePolicy, "EXCHANGE_POLICY_"),
    ],
)
def test_the_words_of_the_contract_are_those_of_the_domain(enum: Any, kind: type[IntEnum], prefix: str) -> None:
    said = {name.removeprefix(prefix): number for name, number in enum.items() if number}
    assert said == {each.name: each.value for each in kind}
