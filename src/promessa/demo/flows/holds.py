"""Orders that are held before they are placed, by the rule of their channel or payment: what such stories have in common."""

from __future__ import annotations

from typing import Any

from promessa.demo.flows.chain import RUNNER
from promessa.demo.flows.shop import Shop
from promessa.demo.flows.telling import Span, Told, Word, told
from promessa.v1.reservation_pb2 import ReservationState

SENTENCES = {
    "SourceAndReserve": (
        "Held at {place} for {owner}: {units} × {article}, under the rule {rule}, for {span}.",
        "Reserva em {place} para {owner}: {units} × {article}, pela regra {rule}, por {span}.",
    ),
    "Release": ("The marketplace calls {owner} off.", "O marketplace desiste de {owner}."),
    "hold": ("The hold for {owner} is {state}.", "A reserva para {owner} está {state}."),
    "HELD": ("held", "ativa"),
    "CONFIRMED": ("confirmed", "confirmada"),
    "EXPIRED": ("over", "vencida"),
    "RELEASED": ("released", "liberada"),
}


async def hold(shop: Shop, rule: str, owner: str, units: int, **sourcing: Any) -> Any:
    """The answer to a request to hold some pairs under a rule."""
    return await shop.made(
        "SourcingService",
        "SourceAndReserve",
        order=shop.sourcing({RUNNER: units}, **sourcing),
        hold_rule_id=f"{shop.prefix}.{rule}",
        owner_id=owner,
    )


def held(shop: Shop, answer: Any, rule: str, owner: str) -> Told:
    """What is held, where, and for how long."""
    (line,) = answer.reservation.lines
    return told(
        "SourceAndReserve",
        owner=owner,
        rule=rule,
        place=shop.place_of(line.node_id).name,
        article=RUNNER.name,
        units=line.quantity,
        span=Span(lifetime_ms(answer.reservation)),
    )


def lifetime_ms(reservation: Any) -> int:
    """How long a hold lives from when it was made."""
    return int(reservation.expire_time.ToMilliseconds() - reservation.create_time.ToMilliseconds())


async def state(shop: Shop, reservation_id: str, owner: str) -> Told:
    """Where a hold is in its life."""
    found = await shop.look("ReservationService", "GetReservation", reservation_id=reservation_id)
    name = ReservationState.Name(found.reservation.state).removeprefix("RESERVATION_STATE_")
    return told("hold", owner=owner, state=Word(name))


async def release(shop: Shop, reservation_id: str, owner: str) -> Told:
    """Nobody wants what is held any more."""
    await shop.made("ReservationService", "Release", reservation_id=reservation_id)
    return told("Release", owner=owner)
