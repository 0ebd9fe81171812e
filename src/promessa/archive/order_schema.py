"""The tables of orders: what their columns mean. docs/archive.md explains them, and a test compares the two.

Each row is of one step of an order, and tells of itself all that a report goes by: who sold, who served, when it was placed.
"""

from __future__ import annotations

Columns = dict[str, tuple[str, str]]

_PLACE: Columns = {
    "time_ms": ("BIGINT", "When the step was made, in ms since 1970-01-01 UTC."),
    "epoch": ("INTEGER", "Epoch of the data set when it was archived."),
    "partition": ("INTEGER", "The log it stands in."),
    "sequence": ("BIGINT", "The entry of that log."),
    "ordinal": ("INTEGER", "Place of the row among those of its entry in this table, from 0."),
    "order_id": ("VARCHAR", "The order."),
    "version": ("BIGINT", "Which step of the order it is, from 1."),
    "step": ("VARCHAR", "What was done: PLACE, ACCEPT, SHIP ..."),
    "placed_ms": ("BIGINT", "When the order was placed."),
    "channel": ("VARCHAR", "The channel it came by."),
    "seller": ("VARCHAR", "The company that sells it; NULL is the chain."),
    "currency": ("VARCHAR", "The currency of its prices."),
}

ORDER_STEPS: Columns = {
    **_PLACE,
    "actor": ("VARCHAR", "Whoever did it."),
    "number": ("BIGINT", "The shipment or return it was done to; of new shipments the first. NULL: the order."),
    "detail": ("VARCHAR", "What else is known of it."),
    "state": ("VARCHAR", "Where the order is after it."),
    "fulfillment_method": ("VARCHAR", "How it was to be fulfilled."),
    "exchange_of": ("VARCHAR", "The order whose units it was given for."),
}

_SHIPMENT: Columns = {
    "shipment": ("BIGINT", "The shipment's number in its order."),
    "way": ("VARCHAR", "DELIVERY, PICKUP or TO_STORE."),
    "node": ("VARCHAR", "The node it leaves."),
    "node_type": ("VARCHAR", "The type of that node when the shipment was made, as in NodeType."),
    "owner": ("VARCHAR", "The company that owned the node then; NULL is the chain."),
}

ORDER_SHIPMENTS: Columns = {
    **_PLACE,
    **_SHIPMENT,
    "state": ("VARCHAR", "Where the shipment is after the step."),
    "quantity": ("BIGINT", "Units in it; of one that is over, those it had last."),
    "collected_at": ("VARCHAR", "The node where it is collected."),
    "reason": ("VARCHAR", "Why its node refused it, or had too few."),
    "ship_ms": ("BIGINT", "When it is to leave."),
    "promise_ms": ("BIGINT", "When it is to arrive, or to be there for its customer."),
    "delivered_ms": ("BIGINT", "When its customer got it."),
    "carrier": ("VARCHAR", "Whoever carries it."),
    "lane": ("VARCHAR", "The lane it was planned on."),
    "cost_micros": ("BIGINT", "What it costs by its plan."),
    "reservation_id": ("VARCHAR", "The reservation that holds its units."),
}

ORDER_UNITS: Columns = {
    **_PLACE,
    **_SHIPMENT,
    "commission_basis_points": ("BIGINT", "What the seller owes the owner for a unit: hundredths of a per cent of its price."),
    "line": ("BIGINT", "Position of the order line, from 0."),
    "sku": ("VARCHAR", "The sku."),
    "unit_price_micros": ("BIGINT", "The price of a unit; NULL if it was not said."),
    "effect": ("VARCHAR", "What became of the units, see below."),
    "quantity": ("BIGINT", "Units."),
    "disposition": ("VARCHAR", "RESELLABLE, QUARANTINE or SCRAP, of units that came back."),
    "receiver": ("VARCHAR", "The node they came back to."),
    "receiver_owner": ("VARCHAR", "The company that owned it then; NULL is the chain."),
    "receiver_basis_points": ("BIGINT", "What that company owes the owner for a unit, as above."),
}  # fmt: skip

EFFECTS: dict[str, str] = {
    "PLANNED": "A shipment is to bring them: since the order was placed, or sourced again.",
    "UNPLANNED": "The order was placed without a shipment for them.",
    "REFUSED": "Their node does not ship them, or did not find them; they have no shipment any more.",
    "LEFT": "They left the stock of their node: with a carrier, or with their customer.",
    "ARRIVED": "Their customer has them.",
    "CANCELLED": "They are not wanted any more, or nobody collected them at their node. Without a shipment they had none.",
    "ASKED_BACK": "They are to come back.",
    "RETURNED": "They came back, or nobody collected them at the store they were sent to.",
}
"""Meaning by name, in the order of a unit's journey."""
