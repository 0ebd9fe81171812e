"""How large the message of an order is at most, so that a message of many stays below what a client takes; and what keeps the
history of one order bounded.
"""

from __future__ import annotations

from promessa.domain.errors import FailedPrecondition
from promessa.domain.limits import ORDER_HISTORY_MAX
from promessa.domain.order import HistoryEntry, Shipment, StoredOrder
from promessa.domain.order_steps import Change

_ORDER, _LINE, _SHIPMENT, _SHIPMENT_LINE, _OFFER = 800, 120, 750, 90, 110
_RETURN, _RETURN_LINE, _STEP, _UNITS, _ORDER_ID = 80, 45, 45, 110, 52
"""Bytes of each but for texts that anybody may write: ids have 64 characters at most, of orders 48, numbers nine bytes."""


def bytes_at_most(stored: StoredOrder) -> int:
    """No message of the order is larger, nor of a change of it."""
    order = stored.order
    seller = order.asked.seller_code if order.asked else ""
    size = _ORDER + _text(order.customer_id, seller) + _LINE * len(order.lines) + _ORDER_ID * len(order.exchanged_by)
    size += sum(map(_of_shipment, order.shipments)) + sum(map(_of_step, stored.history))
    return size + sum(_RETURN + _text(back.reason) + _RETURN_LINE * len(back.lines) for back in order.returns)


def check_history(stored: StoredOrder, change: Change) -> Change:
    """The change, if the history has room for what it tells. Of steps that can be made unit by unit.

    Raises FailedPrecondition (ORDER_HISTORY_LIMIT).
    """
    told = sum(1 + len(entry.moved) for entry in stored.history) + 1 + len(change.units)
    if told <= ORDER_HISTORY_MAX:
        return change
    raise FailedPrecondition(
        "ORDER_HISTORY_LIMIT",
        f"The history of order {stored.order.order_id!r} has room for {ORDER_HISTORY_MAX} steps and units of lines, and "
        "no more. Cancel all that is left, without naming lines, and receive all that is left of a return at once.",
        order_id=stored.order.order_id,
        limit=ORDER_HISTORY_MAX,
    )


def _of_shipment(shipment: Shipment) -> int:
    texts = _text(shipment.carrier, shipment.tracking, shipment.owner_code, shipment.carrier_service)
    return _SHIPMENT + texts + _SHIPMENT_LINE * len(shipment.lines) + _OFFER * len(shipment.offers)


def _of_step(entry: HistoryEntry) -> int:
    units = sum(_UNITS + _text(each.owner_code) for each in entry.moved)
    return _STEP + _text(entry.actor, entry.detail) + units


def _text(*texts: str) -> int:
    """Bytes of texts in UTF-8, at most."""
    return 4 * sum(map(len, texts))
