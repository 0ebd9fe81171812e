"""What a quote offers: plans none of which is better in everything, what speaks for each, and how much of that is proven."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from promessa.domain.plan_token import NO_TOKEN, IssuedToken
from promessa.domain.sourcing import Plan

DEFAULT_DAY_VALUE_MICROS = 2_000_000
"""What it is worth that an order arrives a day earlier, in micros, unless the caller says: as much as a shipment less."""


class Merit(IntEnum):
    """What speaks for an option; the numbers are those of QuoteMerit."""

    CHEAPEST = 1
    FASTEST = 2
    FEWEST_SHIPMENTS = 3
    BALANCED = 4


class Option(NamedTuple):
    """One way to serve an order.

    `proven` are merits that it has among all plans for the order, not only among the options. `cheapest_by_date` and
    `cheapest_by_shipments`: no plan that serves as many units and arrives as early, or has as few shipments, costs less;
    proven. `token` has this very plan held; of an option to collect all of it at one node, `pickup_node_id` is that node.
    """

    plan: Plan
    merits: tuple[Merit, ...]
    proven: tuple[Merit, ...] = ()
    cheapest_by_date: bool = False
    cheapest_by_shipments: bool = False
    token: IssuedToken = NO_TOKEN
    pickup_node_id: str = ""
