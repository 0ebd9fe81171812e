"""What becomes of orders once they are placed: seeded journeys of shipments and customers, as plain numbers.

Each shipment and each order has a plan of its own, drawn from its id, so that the same orders travel the same way however many
are under way at once. A plan says of a state what happens next, and when: whoever makes it happen asks again afterwards.
Everything falls into shop hours, on the hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from promessa.domain.order import RejectReason, ShipmentState, Step, Way
from promessa.domain.returns import Disposition

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

OPENS_HOUR, CLOSES_HOUR = 9, 19
ZONE_HOURS = -3
"""Shops open and close by the clock of São Paulo."""

REFUSED_SHARE = 0.05
REFUSALS = {
    RejectReason.NOT_FOUND: 0.4,
    RejectReason.NO_CAPACITY: 0.25,
    RejectReason.DAMAGED: 0.15,
    RejectReason.NODE_CLOSED: 0.1,
    RejectReason.OTHER: 0.1,
}
SHORT_SHARE = 0.03
LATE_SHARE = 0.08
NOT_COLLECTED_SHARE = 0.08
WRONG_CODE_SHARE = 0.04
CANCELLED_SHARE = 0.03
RETURNED_SHARE, EXCHANGED_SHARE = 0.07, 0.05
"""Shares of shipments, of what is collected, and of orders."""

BY_MAIL_SHARE = 0.4
"""Of returns; the others are brought to a store, and so is all that is exchanged."""

DISPOSITIONS = {Disposition.RESELLABLE: 0.75, Disposition.QUARANTINE: 0.15, Disposition.SCRAP: 0.1}

WITHOUT_PROMISE_MS = 3 * DAY_MS
"""How long a carrier takes where no date is planned."""


class Next(NamedTuple):
    """What happens next to a shipment. `reason` is why it is refused; `short`, that units are missing when it is picked."""

    at_ms: int
    step: Step
    reason: int = 0
    short: bool = False


@dataclass(frozen=True, slots=True)
class ShipmentPlan:
    """What happens to one shipment. Hours are shop hours or not, as they come; `arrives_ms` is after what was promised.

    `refused_for` is a RejectReason, 0: its node takes it. `collected_hours` are hours after it is ready, None: never.
    """

    refused_for: int
    is_short: bool
    accept_hours: int
    pick_hours: int
    ship_hours: int
    arrives_ms: int
    collected_hours: int | None
    wrong_code_first: bool

    def next(self, way: int, state: int, *, now_ms: int, promise_ms: int) -> Next | None:
        """What happens to it after a state that it came to at an instant; None: nothing more.

        `promise_ms` is when it is to be there, 0: not known.
        """
        if state == ShipmentState.OFFERED:
            step = Step.REJECT if self.refused_for else Step.ACCEPT
            return Next(shop_hour(now_ms + self.accept_hours * HOUR_MS), step, self.refused_for)
        if state == ShipmentState.ACCEPTED:
            return Next(shop_hour(now_ms + self.pick_hours * HOUR_MS), Step.PICK, 0, self.is_short)
        if state == ShipmentState.PICKED and way == Way.PICKUP:
            return Next(shop_hour(now_ms + HOUR_MS), Step.MAKE_READY)
        if state == ShipmentState.PICKED:
            return Next(shop_hour(now_ms + self.ship_hours * HOUR_MS), Step.SHIP)
        if state == ShipmentState.SHIPPED:
            there_ms = (promise_ms or now_ms + WITHOUT_PROMISE_MS) + self.arrives_ms
            step = Step.MAKE_READY if way == Way.TO_STORE else Step.DELIVER
            return Next(shop_hour(max(there_ms, now_ms + HOUR_MS)), step)
        if state == ShipmentState.READY and self.collected_hours is not None:
            return Next(shop_hour(now_ms + self.collected_hours * HOUR_MS), Step.HAND_OVER)
        return None


def shipment_plan(order_id: str, number: int, *, seed: int = 13) -> ShipmentPlan:
    """The plan of an order's shipment."""
    randomness = Random(f"{seed} {order_id} {number}")
    refused = randomness.random() < REFUSED_SHARE
    (reason,) = randomness.choices(list(REFUSALS), list(REFUSALS.values()))
    late = randomness.random() < LATE_SHARE
    collected = randomness.random() >= NOT_COLLECTED_SHARE
    return ShipmentPlan(
        refused_for=reason if refused else 0,
        is_short=randomness.random() < SHORT_SHARE,
        accept_hours=randomness.choice((0, 0, 1, 1, 2, 4)),
        pick_hours=randomness.choice((0, 1, 1, 2, 3)),
        ship_hours=randomness.choice((1, 2, 2, 3, 4)),
        arrives_ms=randomness.randint(6, 60) * HOUR_MS if late else -randomness.randint(2, 30) * HOUR_MS,
        collected_hours=randomness.randint(1, 70) if collected else None,
        wrong_code_first=randomness.random() < WRONG_CODE_SHARE,
    )


@dataclass(frozen=True, slots=True)
class Back:
    """What a customer brings back some days after all of an order arrived: for other goods, or for money.

    By mail it comes to a centre, `mail_days` after it was asked for; 0: it is brought to a store.
    """

    for_other_goods: bool
    after_days: int
    mail_days: int
    disposition: Disposition


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """What a customer does with an order. `cancel_hours` are hours after it was placed, None: it is kept."""

    cancel_hours: int | None
    back: Back | None


def order_plan(order_id: str, *, seed: int = 13) -> OrderPlan:
    """The plan of an order's customer."""
    randomness = Random(f"{seed} {order_id}")
    cancelled = randomness.random() < CANCELLED_SHARE
    chance = randomness.random()
    exchanged = chance < EXCHANGED_SHARE
    by_mail = not exchanged and randomness.random() < BY_MAIL_SHARE
    (disposition,) = randomness.choices(list(DISPOSITIONS), list(DISPOSITIONS.values()))
    back = Back(exchanged, randomness.randint(1, 4), randomness.randint(2, 5) if by_mail else 0, disposition)
    return OrderPlan(
        cancel_hours=randomness.choice((0, 0, 1, 1, 2, 3, 5, 24)) if cancelled else None,
        back=back if chance < EXCHANGED_SHARE + RETURNED_SHARE else None,
    )


def shop_hour(at_ms: int) -> int:
    """The first full hour at an instant or after it at which shops are open."""
    hours = -(-at_ms // HOUR_MS) + ZONE_HOURS
    day, hour = divmod(hours, 24)
    if hour < OPENS_HOUR:
        hour = OPENS_HOUR
    elif hour > CLOSES_HOUR:
        day, hour = day + 1, OPENS_HOUR
    return (day * 24 + hour - ZONE_HOURS) * HOUR_MS


def opening(at_ms: int) -> int:
    """When shops open on the day after an instant's."""
    day = (at_ms // HOUR_MS + ZONE_HOURS) // 24 + 1
    return (day * 24 + OPENS_HOUR - ZONE_HOURS) * HOUR_MS
