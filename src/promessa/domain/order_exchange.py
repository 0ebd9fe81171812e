"""Orders given for units of others: as order_steps.py, from orders to Changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from promessa.domain.errors import FailedPrecondition
from promessa.domain.exchange import Exchange, ExchangePolicy
from promessa.domain.order import OrderState, PlacedOrder, Shipment, ShipmentState, Step
from promessa.domain.order_moves import moved
from promessa.domain.order_returns import request_return
from promessa.domain.order_steps import Change, cancel, waiting

NOT_RECEIVED = "RETURN_NOT_RECEIVED"
"""The detail of a CANCEL that time made, as the return did not come in time."""


class Exchanged(NamedTuple):
    """What of an order comes back, units by line, why, and when what is given for it is brought."""

    order_id: str
    lines: Mapping[int, int]
    reason: str = ""
    policy: ExchangePolicy = ExchangePolicy.IMMEDIATE
    return_node_id: str = ""


def exchange(order: PlacedOrder, asked: Exchanged, given: Change, return_ix: int) -> tuple[Change, Change]:
    """The order that is placed for units of another, and the other one.

    Raises FailedPrecondition (EXCHANGE_OF_EXCHANGE, EXCHANGE_CURRENCY_DIFFERS, and as request_return).
    """
    _check_first(order)
    _check_currency(order, given.order)
    back = request_return(order, asked.lines, asked.reason)
    waits = asked.policy == ExchangePolicy.ON_RECEIPT
    terms = Exchange(back.number, asked.policy, waits, return_ix, *_totals(order, asked.lines, given.order))
    placed = given.order._replace(
        exchange_of=order.order_id,
        exchange=terms,
        shipments=waiting(given.order.shipments) if waits else given.order.shipments,
    )
    *before, asked_for = back.order.returns
    other = back.order._replace(
        returns=(*before, asked_for._replace(exchanged_by=placed.order_id)),
        exchanged_by=(*order.exchanged_by, placed.order_id),
    )
    return given._replace(order=placed), back._replace(order=other, step=Step.EXCHANGE, detail=placed.order_id)


def return_came(order: PlacedOrder) -> Change | None:
    """All has come that an order waited for: its shipments are offered to their nodes. None if it does not wait."""
    if not order.waits or order.state == OrderState.CANCELLED:
        return None
    assert order.exchange is not None
    shipments = tuple([_offered(order, number) for number in range(1, len(order.shipments) + 1)])
    offered = order._replace(exchange=order.exchange._replace(waits=False), shipments=shipments)
    return Change(offered, Step.RETURN_CAME, 0, order.exchange_of)


def return_due_ms(order: PlacedOrder) -> int:
    """By when the return must come that an order waits for; 0 if it waits for none, or for ever."""
    if order.exchange is None or not order.waits or order.state == OrderState.CANCELLED:
        return 0
    return order.exchange.due_ms


def return_missed(order: PlacedOrder) -> Change:
    """What an order waited for did not come: all of it is cancelled, as whoever asked for it would."""
    return cancel(order, {})._replace(detail=NOT_RECEIVED)


def _offered(order: PlacedOrder, number: int) -> Shipment:
    shipment = order.shipments[number - 1]
    return moved(order, number, Step.RETURN_CAME) if shipment.state == ShipmentState.WAITING else shipment


def _totals(order: PlacedOrder, lines: Mapping[int, int], given: PlacedOrder) -> tuple[int | None, int | None]:
    """What units that come back cost, and what all of the new order does; None where one of the two has no currency."""
    if not order.currency_code or not given.currency_code:
        return None, None
    returned = sum(order.lines[line].unit_price_micros * units for line, units in lines.items())
    return returned, sum(line.unit_price_micros * line.quantity for line in given.lines)


def _check_first(order: PlacedOrder) -> None:
    if order.exchange_of:
        raise FailedPrecondition(
            "EXCHANGE_OF_EXCHANGE",
            f"Order {order.order_id!r} was itself given in exchange for units of {order.exchange_of!r}, and is "
            "not exchanged again. Ask for a return of its units, and place a new order.",
            order_id=order.order_id,
            exchange_of=order.exchange_of,
        )


def _check_currency(order: PlacedOrder, given: PlacedOrder) -> None:
    codes = given.currency_code, order.currency_code
    if all(codes) and codes[0] != codes[1]:
        raise FailedPrecondition(
            "EXCHANGE_CURRENCY_DIFFERS",
            f"The new order is in {codes[0]}, and order {order.order_id!r} in {codes[1]}. Give its prices in {codes[1]}, or "
            "ask for a return and place a new order.",
            order_id=order.order_id,
            currency_code=codes[0],
            exchanged_currency_code=codes[1],
        )
