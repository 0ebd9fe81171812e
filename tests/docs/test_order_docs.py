"""docs/orders.md says what the code does: the table of steps, what they move, and the states."""

from __future__ import annotations

import re
from enum import IntEnum
from pathlib import Path
from typing import Any

import pytest

from promessa.domain import exchange, order
from promessa.domain.order_moves import MOVES
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


def test_the_states_of_an_order_are_those_of_the_code_in_their_order() -> None:
    assert [row[0] for row in rows_of("Where an order is")] == [state.name for state in order.OrderState]


@pytest.mark.parametrize(
    ("enum", "kind", "prefix"),
    [
        (orders_pb2.OrderState, order.OrderState, "ORDER_STATE_"),
        (orders_pb2.ShipmentState, order.ShipmentState, "SHIPMENT_STATE_"),
        (orders_pb2.OrderStepKind, order.Step, "ORDER_STEP_KIND_"),
        (orders_pb2.RejectReason, order.RejectReason, "REJECT_REASON_"),
        (orders_pb2.ReturnState, order.ReturnState, "RETURN_STATE_"),
        (orders_pb2.Disposition, order.Disposition, "DISPOSITION_"),
        (orders_pb2.ExchangePolicy, exchange.ExchangePolicy, "EXCHANGE_POLICY_"),
    ],
)
def test_the_words_of_the_contract_are_those_of_the_domain(enum: Any, kind: type[IntEnum], prefix: str) -> None:
    said = {name.removeprefix(prefix): number for name, number in enum.items() if number}
    assert said == {each.name: each.value for each in kind}
