"""Plans that were quoted and may be held later by their token, and what becomes of such a token.

A quoted plan names nodes by their ids, for a token may outlive what indices stand for, and units by the lines of its order,
which is sent along. Instants are ms since the epoch, money is integer micros.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

from promessa.domain.kinds import DELIVERED, NO_DAY
from promessa.domain.sourcing import Order, Plan, PlannedShipment, PolicyDecision, Terms

NO_INDEX = -2
"""The index of a node that is not there any more."""


class QuotedShipment(NamedTuple):
    """A shipment as it was quoted. `lines` are pairs of order line and units; empty `collected_at`: it is delivered."""

    node_id: str
    lane_id: str
    carrier_service: str
    weight_grams: int
    shipping_micros: int
    handling_micros: int
    shipment_micros: int
    ship_ms: int
    promise_ms: int
    lines: tuple[tuple[int, int], ...]
    ready_ms: int
    window_start_ms: int
    terms: Terms
    kind: int
    collected_at: str
    supply_day: int = NO_DAY


class QuotedPlan(NamedTuple):
    """A plan as it was quoted at an instant; the fields of Plan. `unserved` are pairs of order line and units."""

    quoted_ms: int
    shipments: tuple[QuotedShipment, ...]
    unserved: tuple[tuple[int, int], ...]
    currency_code: str
    total_micros: int
    split_micros: int
    lower_bound_micros: int
    proven_optimal: bool
    policy: PolicyDecision | None = None

    @property
    def promise_ms(self) -> int:
        """When the last shipment was to arrive."""
        return max(shipment.promise_ms for shipment in self.shipments)

    def plan(self, order: Order, nodes: Mapping[str, int], skus: Mapping[str, int]) -> Plan:
        """The plan with indices; a node that is not there any more has NO_INDEX. `order` is the one that was quoted."""

        def served(lines: Sequence[tuple[int, int]]) -> tuple[tuple[int, int, int], ...]:
            return tuple([(line, skus[order.lines[line][0]], units) for line, units in lines])

        shipments = [
            PlannedShipment(
                nodes.get(each.node_id, NO_INDEX), *each[1:9], served(each.lines), each.ready_ms, each.window_start_ms,
                terms=each.terms, kind=each.kind,
                collected_ix=nodes.get(each.collected_at, NO_INDEX) if each.collected_at else DELIVERED,
                supply_day=each.supply_day,
            )
            for each in self.shipments
        ]  # fmt: skip
        return Plan(tuple(shipments), served(self.unserved), *self[3:])


def quoted(plan: Plan, quoted_ms: int, node_ids: Sequence[str]) -> QuotedPlan:
    """A plan as it is quoted at an instant."""
    shipments = [
        QuotedShipment(
            node_ids[ship.node_ix], *ship[1:9], tuple([(line, units) for line, _, units in ship.lines]), ship.ready_ms,
            ship.window_start_ms, ship.terms, ship.kind,
            "" if ship.collected_ix == DELIVERED else node_ids[ship.collected_ix], ship.supply_day,
        )
        for ship in plan.shipments
    ]  # fmt: skip
    return QuotedPlan(
        quoted_ms, tuple(shipments), tuple([(line, units) for line, _, units in plan.unserved]), *plan[2:]
    )


class IssuedToken(NamedTuple):
    """A plan token, and until when it counts."""

    text: str
    expires_ms: int


NO_TOKEN = IssuedToken("", 0)


class TokenOutcome(IntEnum):
    """What happened to a quoted plan; the numbers are those of PlanTokenOutcome."""

    HONOURED = 1
    REPLACED = 2
    CHANGED = 3


class ChangeKind(IntEnum):
    """What keeps a quoted plan from being held; the numbers are those of PlanTokenChangeKind."""

    STOCK_SHORT = 1
    NODE_GONE = 2
    LANE_GONE = 3
    LATER = 4
    NOT_ALLOWED = 5
    NODE_COOLING = 6
    SUPPLY_SHORT = 7


class PlanChange(NamedTuple):
    """Something that keeps a quoted plan from being held. `reason` is a ShortfallReason; what a kind does not need is empty.

    Where what is to come is short, `supply_day` is the day by which the units were to be there (UNKNOWN_DAY: whenever)."""

    kind: int
    node_id: str
    lane_id: str = ""
    sku: str = ""
    requested: int = 0
    available: int = 0
    reason: int = 0
    promise_ms: int = 0
    quoted_promise_ms: int = 0
    supply_day: int = NO_DAY


class Redeemed(NamedTuple):
    """What became of a token. `outcome` is a TokenOutcome.

    `total_now_micros` is what an honoured plan would cost now; `plan` is the best plan now, where nothing is held, and `token`
    one for it; `extra_micros` is what the plan that is held, or that one, costs more than was quoted.
    """

    outcome: int
    changes: tuple[PlanChange, ...]
    quoted_micros: int
    quoted_promise_ms: int
    total_now_micros: int = 0
    plan: Plan | None = None
    extra_micros: int = 0
    token: IssuedToken = NO_TOKEN


class Redemption(NamedTuple):
    """How a token is to be redeemed. `extra_micros_max` None and `latest_promise_ms` 0 stand for "any"."""

    token: str
    accept_changes: bool = False
    extra_micros_max: int | None = None
    latest_promise_ms: int = 0
