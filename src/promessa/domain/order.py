"""Orders: what was bought, which shipments bring it, and what comes back.

An order is changed by steps alone: `order_moves.py` says which are legal, `order_steps.py` what they do. Nodes and skus are
indices, instants are ms since the epoch, money is integer micros.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from promessa.domain.exchange import Exchange
from promessa.domain.kinds import DELIVERED
from promessa.domain.offer import Offer
from promessa.domain.returns import Return, ReturnLine, ReturnState
from promessa.domain.sourcing import Order

Components = tuple[tuple[int, int], ...]
"""What a kit consists of: pairs of sku index and units in one kit. Empty for a sku that is none."""


NOWHERE = -1
"""Stands for the node of units that are at none."""


class Way(IntEnum):
    """How a shipment gets to its customer; its states depend on it."""

    DELIVERY = 1
    PICKUP = 2
    TO_STORE = 3


class ShipmentState(IntEnum):
    """Where on its journey a shipment is."""

    OFFERED = 1
    ACCEPTED = 2
    PICKED = 3
    READY = 4
    SHIPPED = 5
    DELIVERED = 6
    HANDED_OVER = 7
    REJECTED = 8
    CANCELLED = 9
    UNCOLLECTED = 20
    WAITING = 30


class OrderState(IntEnum):
    """Where an order is, seen from its lines and shipments: the first that applies, in this order."""

    CANCELLED = 1
    TO_SOURCE = 2
    PLACED = 3
    IN_PREPARATION = 4
    IN_TRANSIT = 5
    COMPLETED = 6


class Step(IntEnum):
    """What happened to an order."""

    PLACE = 1
    ACCEPT = 2
    REJECT = 3
    PICK = 4
    SHIP = 5
    DELIVER = 6
    MAKE_READY = 7
    HAND_OVER = 8
    CANCEL = 9
    SOURCE = 10
    SOURCE_FAILED = 11
    WRONG_CODE = 12
    REQUEST_RETURN = 13
    RECEIVE_RETURN = 14
    EXCHANGE = 15
    AT_RISK = 20
    LATE = 21
    STUCK = 22
    PUT_BACK = 23
    REFUND = 24
    REFUSE_OFFER = 25
    RETURN_CAME = 30


class RejectReason(IntEnum):
    """Why a node does not ship what it was to ship."""

    NOT_FOUND = 1
    DAMAGED = 2
    NO_CAPACITY = 3
    NODE_CLOSED = 4
    OTHER = 5


class Alert(IntEnum):
    """What somebody should look at an order for."""

    AT_RISK = 1
    LATE = 2
    REFUSED = 3
    STUCK = 4


_OFFERED = frozenset((ShipmentState.OFFERED, ShipmentState.WAITING))
_OVER = frozenset((ShipmentState.REJECTED, ShipmentState.CANCELLED, ShipmentState.UNCOLLECTED))
_ARRIVED = frozenset((ShipmentState.DELIVERED, ShipmentState.HANDED_OVER))
_LEFT = _ARRIVED | {ShipmentState.SHIPPED}


class OrderedLine(NamedTuple):
    """One line of an order. Of its units some may be `cancelled`, some wait to be sourced, the others are in shipments."""

    sku_ix: int
    quantity: int
    to_source: int = 0
    cancelled: int = 0
    unit_price_micros: int = 0


class ShipmentLine(NamedTuple):
    """Units of an order line in a shipment; of a kit, whole kits, and what they are made of. `returned` of them came back."""

    line: int
    sku_ix: int
    quantity: int
    components: Components = ()
    returned: int = 0

    @property
    def parts(self) -> Components:
        """What one of its units consists of: pairs of sku index and units. Of a sku that is no kit, itself."""
        return self.components or ((self.sku_ix, 1),)


class Shipment(NamedTuple):
    """Units of an order that leave one node together, held by a reservation. Its number is its place in the order, from 1.

    Instants are planned, 0 stands for "not known". `reason` is why its node refused it, or had too few. `carrier` and
    `tracking` are there once it is shipped. `code` is the digest of its pickup code, and `wrong_codes` how often another was
    given since. `cost_micros` is what its plan costs, 0 without a plan. The owner and the type of its node, and the rate of the
    commission that the seller owes this owner, are those of when it was made, or accepted for another node. `offers` are the
    nodes it was offered to, its own first, empty if to that alone. `previous` is the decision before the one that made it.
    `due` are the instants of its deadlines in the order of its way (see order_deadlines.py), and `lead_ms` is how long before
    them it is at risk; of `at_risk` and `late` ones that was told. `refund_micros` was paid for what was not collected.
    """

    node_ix: int
    reservation_id: str
    way: int
    lines: tuple[ShipmentLine, ...]
    state: int = ShipmentState.OFFERED
    kind: int = 0
    collected_ix: int = DELIVERED
    lane_id: str = ""
    carrier_service: str = ""
    ship_ms: int = 0
    promise_ms: int = 0
    reason: int = 0
    carrier: str = ""
    tracking: str = ""
    delivered_ms: int = 0
    code: bytes = b""
    wrong_codes: int = 0
    cost_micros: int = 0
    offers: tuple[Offer, ...] = ()
    previous: str = ""
    owner_code: str = ""
    commission_basis_points: int = 0
    node_type: int = 0
    due: tuple[int, ...] = ()
    lead_ms: int = 0
    at_risk: tuple[int, ...] = ()
    late: tuple[int, ...] = ()
    refund_micros: int = 0

    @property
    def is_over(self) -> bool:
        """Its units are in it no more."""
        return self.state in _OVER

    @property
    def has_left(self) -> bool:
        """Its units have left the stock of its node."""
        if self.state == ShipmentState.READY:
            return self.way == Way.TO_STORE
        return self.state in _LEFT

    @property
    def is_open(self) -> bool:
        """Its units are committed at its node."""
        return not self.is_over and not self.has_left

    def concerns(self, node_ix: int) -> bool:
        """Whether a node has it, was offered it, or is where it is collected."""
        return node_ix in (self.node_ix, self.collected_ix) or any(offer.node_ix == node_ix for offer in self.offers)

    @property
    def cells(self) -> tuple[tuple[int, int, int], ...]:
        """What it takes from its reservation: node, sku and units, each sku once."""
        units: dict[int, int] = {}
        for line in self.lines:
            units[line.sku_ix] = units.get(line.sku_ix, 0) + line.quantity
        return tuple([(self.node_ix, sku_ix, quantity) for sku_ix, quantity in units.items() if quantity])


class Standing(NamedTuple):
    """Where an order is, and what somebody should look at it for, after one of its steps; before it was placed, nowhere."""

    state: int = 0
    alerts: tuple[int, ...] = ()


class PlacedOrder(NamedTuple):
    """An order as the store keeps it.

    `asked` is how it was sourced, which sources its rest again; None if it only has a reservation. `attempts` counts
    how often that was tried. `exchange_of` is the order whose units it is given for, on the terms of `exchange`;
    `exchanged_by` are those given for its own. `offer_count` is to how many nodes its shipments are offered
    (0: as policies say). At `stuck_ms` it is stuck unless something happens before (0: never), `is_stuck` that this was told.
    `stands` is its standing, and `stood` the one before its last step.
    """

    order_id: str
    lines: tuple[OrderedLine, ...]
    shipments: tuple[Shipment, ...]
    returns: tuple[Return, ...] = ()
    asked: Order | None = None
    attempts: int = 0
    channel: str = ""
    currency_code: str = ""
    customer_id: str = ""
    exchange_of: str = ""
    exchanged_by: tuple[str, ...] = ()
    offer_count: int = 0
    exchange: Exchange | None = None
    stuck_ms: int = 0
    is_stuck: bool = False
    stands: Standing = Standing()
    stood: Standing = Standing()

    @property
    def state(self) -> OrderState:
        """Where it is."""
        if self.has_rest:
            return OrderState.TO_SOURCE
        alive = {shipment.state for shipment in self.shipments} - _OVER
        if not alive:
            return OrderState.CANCELLED
        if alive <= _OFFERED:
            return OrderState.PLACED
        if any(shipment.is_open for shipment in self.shipments):
            return OrderState.IN_PREPARATION
        return OrderState.COMPLETED if alive <= _ARRIVED else OrderState.IN_TRANSIT

    @property
    def has_rest(self) -> bool:
        """Whether units of it have no shipment."""
        for line in self.lines:  # noqa: SIM110 - asked several times a step, and any() costs thrice as much
            if line.to_source:
                return True
        return False

    @property
    def waits(self) -> bool:
        """Whether its shipments wait for a return."""
        return self.exchange is not None and self.exchange.waits

    @property
    def is_final(self) -> bool:
        """Whether nothing of it is under way any more."""
        if self.state not in (OrderState.CANCELLED, OrderState.COMPLETED):
            return False
        return all(back.state == ReturnState.RECEIVED for back in self.returns)

    def left(self) -> dict[int, int]:
        """Units that have left their nodes, by line."""
        return units_by_line([line for ship in self.shipments if ship.has_left for line in ship.lines])

    def asked_back(self) -> dict[int, int]:
        """Units that are to come back, or came, by line."""
        return units_by_line([line for back in self.returns for line in back.lines])

    def returnable(self, line: int) -> int:
        """Units of a line that may be sent back."""
        return self.left().get(line, 0) - self.asked_back().get(line, 0)


def units_by_line(lines: Sequence[ShipmentLine | ReturnLine]) -> dict[int, int]:
    """Units of several shipments or returns, by line of their order."""
    units: dict[int, int] = {}
    for line in lines:
        units[line.line] = units.get(line.line, 0) + line.quantity
    return units


class MovedUnits(NamedTuple):
    """Units of an order line that a step took from a shipment (0: they had none), where its number alone does not tell which.

    Of units that came back to a node also what became of them, the node's owner, and the rate of the commission that this one
    owes the owner of the node that sent them.
    """

    line: int
    quantity: int
    shipment: int = 0
    disposition: int = 0
    node_ix: int = NOWHERE
    owner_code: str = ""
    commission_basis_points: int = 0


class HistoryEntry(NamedTuple):
    """A step that was made: when, which, by whom, of which shipment or return (0: of the order), and what else is known."""

    at_ms: int
    step: int
    actor: str
    number: int
    detail: str
    moved: tuple[MovedUnits, ...] = ()


class StoredOrder(NamedTuple):
    """An order with what the store says of it: its version rises with every step."""

    version: int
    placed_ms: int
    updated_ms: int
    order: PlacedOrder
    history: tuple[HistoryEntry, ...]
