"""Resourcing: a node refused units of a sourced order, and other nodes serve them instead; the node cools down.

Recipe: what was refused as an order of its own (refusals.py) -> ask -> decide, as ever -> one atomic call of the store that
moves the units, keeps the decision, and says for how long the node is left alone. Where stock was lost: decide again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from promessa.domain.errors import FailedPrecondition, NotFound
from promessa.domain.fingerprint import Fingerprint, fingerprint
from promessa.domain.limits import REFUSALS_MAX, SOURCING_ATTEMPTS_MAX
from promessa.domain.refusal import Cooling, ResourceOutcome
from promessa.domain.reservation import Reservation, ReservationState, ShortfallReason
from promessa.domain.sourcing import Order, Plan, said_plainly
from promessa.service import held_plan, refusals
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.service.catching_up import StockRows, catch_up, contended
from promessa.service.deciding import as_said, would_be_held
from promessa.service.decision_records import read_record
from promessa.service.decisions import not_replayable
from promessa.service.question import Question
from promessa.service.refusals import Refusal, RefusedLine, Told
from promessa.service.sourcing import Sourcing
from promessa.store import answers
from promessa.store.store import CoolingOf, ExceedsReservation, Positions, Resourced, ResourceShort, Store

_FIELDS = (
    "method", "reservation_id", "node_id", "lines", "reason", "cooldown", "allow_partial", "release_unserved",
)  # fmt: skip


class Answer(NamedTuple):
    """What became of a refusal. `plan` is by the lines of the order as it was first sourced."""

    told: Told
    plan: Plan
    reservation: Reservation
    positions: Positions
    replayed: bool


class _Case(NamedTuple):
    """A reservation as it was read, and what is refused of it."""

    reservation: Reservation
    kept: held_plan.Kept
    node_ix: int
    refused: list[RefusedLine]
    order: Order

    @property
    def previous(self) -> str:
        """The decision before."""
        return self.kept.later[-1][0] if self.kept.later else self.reservation.reservation_id


@dataclass(slots=True)
class Resourcing:
    """The use case of Resource. `now_ms` is the wall clock; nodes cool down for `cooldown_ms` unless the refusal says."""

    store: Store
    keeper: CatalogueKeeper
    sourcing: Sourcing
    stock: Callable[[], StockRows]
    cooldown_ms: int
    now_ms: Callable[[], int]

    async def resource(self, request_id: str, refusal: Refusal) -> Answer:
        """What a node refused, at other nodes.

        Raises NotFound (RESERVATION_NOT_FOUND, NODE_NOT_FOUND, SKU_NOT_FOUND), FailedPrecondition (RESERVATION_EXPIRED,
        WRONG_STATE, QUANTITY_EXCEEDS_RESERVATION, NOTHING_AT_NODE, REFUSAL_LIMIT, DECISION_NOT_REPLAYABLE), AlreadyExists
        (REQUEST_ID_REUSED), Unavailable (STOCK_CONTENDED), and as Sourcing.source.
        """
        request = fingerprint(_FIELDS, "Resource", *_said(refusal))
        first = await self.store.recall_resourced(request_id, request, refusal.reservation_id)
        if first is not None:
            return _answer(first)
        for _ in range(SOURCING_ATTEMPTS_MAX):
            try:
                case = await self._case(refusal)
            except (NotFound, FailedPrecondition):  # a call with the same id may have moved it just now
                first = await self.store.recall_resourced(request_id, request, refusal.reservation_id)
                if first is None:
                    raise
                return _answer(first)
            found = await self._decide_and_move(request_id, request, refusal, case)
            if found is not None:
                await self.keeper.refresh("cooling", refusal.node_id)
                return _answer(found)
        raise contended(SOURCING_ATTEMPTS_MAX)

    async def _case(self, refusal: Refusal) -> _Case:
        """The reservation as it is now, and what is refused of it."""
        node_ix = await self.keeper.node_index(refusal.node_id)
        asked = dict[int, int]()
        for sku, units in refusal.lines:
            sku_ix = await self.keeper.sku_index(sku)
            asked[sku_ix] = asked.get(sku_ix, 0) + units
        reservation = await self.store.get_reservation(refusal.reservation_id)
        if reservation is None:
            raise NotFound(
                "RESERVATION_NOT_FOUND",
                f"There is no reservation {refusal.reservation_id!r}, or its record is past the retention time. Check the id.",
                reservation_id=refusal.reservation_id,
            )
        if reservation.state not in (ReservationState.HELD, ReservationState.CONFIRMED):
            _refuse_by_state(reservation)
        kept, order = _sourced(reservation)
        if len(kept.later) >= REFUSALS_MAX:
            raise FailedPrecondition(
                "REFUSAL_LIMIT",
                f"Units of reservation {refusal.reservation_id!r} were refused {REFUSALS_MAX} times, and no more is looked "
                "for. Use Transfer.",
                reservation_id=refusal.reservation_id,
                limit=REFUSALS_MAX,
            )
        there = refusals.open_at(reservation, node_ix)
        if not there:
            raise FailedPrecondition(
                "NOTHING_AT_NODE",
                f"Nothing of reservation {refusal.reservation_id!r} is open at node {refusal.node_id!r}. "
                "GetReservation shows where it is.",
                reservation_id=refusal.reservation_id,
                node_id=refusal.node_id,
            )
        skus = self.keeper.catalogue.skus.ids
        over = next((sku_ix for sku_ix, units in asked.items() if units > there.get(sku_ix, 0)), None)
        if over is not None:
            raise self._exceeds(refusal.node_id, over, there.get(over, 0))
        now = kept.now or kept.plan
        refused = refusals.refused_lines(order, now, node_ix, asked or there, there, skus)
        stays = len(refusals.without(now, node_ix, refused).shipments)
        by = [*(node_id for _, node_id in kept.later), refusal.node_id]
        part = refusals.order_of(order, refused, by, [refusal.node_id], stays)
        return _Case(reservation, kept, node_ix, refused, refusals.waiting_for_nothing(part))

    async def _decide_and_move(
        self, request_id: str, request: Fingerprint, refusal: Refusal, case: _Case
    ) -> Resourced | None:
        """The decision, and the units moved; None if the reservation has changed meanwhile."""
        sourcing, now_ms, level = self.sourcing, self.now_ms(), False
        question = await sourcing.questions.ask(case.order, now_ms)
        for attempt in range(1, SOURCING_ATTEMPTS_MAX + 1):
            found = sourcing.decider.decide(question)
            if found.unserved and not level:
                await catch_up(self.store, self.stock)
                level, question = True, await sourcing.questions.ask(case.order, now_ms)
                found = sourcing.decider.decide(question)
            if question.destination.schedules:
                found = held_plan.with_later(found, question)
            told = self._told(request_id, refusal, case, question, found, attempt)
            moves = [
                x
                for ship in told.plan.shipments
                for _, sku_ix, units in ship.lines
                for x in (case.node_ix, ship.node_ix, sku_ix, units)
            ]
            slips = held_plan.slips_of(told.plan, question.latest_ms)
            moved = await self._send(request_id, request, refusal, case, told, moves, slips)
            if not isinstance(moved, ResourceShort):
                return moved
            for cell in moved.short:
                question.correct(cell.node_ix, cell.sku_ix, cell.available)
        raise contended(SOURCING_ATTEMPTS_MAX)

    async def _send(
        self,
        request_id: str,
        request: Fingerprint,
        refusal: Refusal,
        case: _Case,
        told: Told,
        moves: list[int],
        slips: list[int],
    ) -> Resourced | ResourceShort | None:
        """One atomic call: all of it, or nothing."""
        kept = held_plan.decode(case.reservation.extra)
        kept.later = (*kept.later, (request_id, refusal.node_id))
        there = refusals.by_first_order(told.plan, told.positions)
        gone = _gone(case.refused, there, release=refusal.release_unserved)
        now = refusals.without(kept.now or kept.plan, case.node_ix, gone)
        kept.now = now._replace(shipments=(*now.shipments, *there.shipments))
        back = _back(case, moves) if refusal.release_unserved else []
        coolings = [CoolingOf(refusal.node_id, case.node_ix, *each) for each in told.coolings]
        try:
            return await self.store.resource(
                request_id,
                request,
                refusal.reservation_id,
                moves=moves,
                back=back,
                extra_before=case.reservation.extra,
                extra=held_plan.encode(kept),
                told=refusals.encode(told),
                coolings=coolings,
                slips=slips,
            )
        except ExceedsReservation as error:
            raise self._exceeds(refusal.node_id, error.sku_ix, error.open_quantity) from error

    def _told(
        self, request_id: str, refusal: Refusal, case: _Case, question: Question, found: Plan, attempt: int
    ) -> Told:
        """What is kept and answered of a decision."""
        said = as_said(found, question)
        goes = would_be_held(found, allow_partial=refusal.allow_partial)
        outcome = ResourceOutcome.NOT_RESOURCED
        if goes:
            outcome = ResourceOutcome.PARTIALLY_RESOURCED if found.unserved else ResourceOutcome.RESOURCED
        wanted = {line: asked.units for line, asked in enumerate(case.refused)}
        short = tuple(
            [
                (sku_ix, wanted[line], wanted[line] - units, int(ShortfallReason.NOT_SERVED))
                for line, sku_ix, units in said.unserved
            ]
        )
        return Told(
            int(outcome),
            found if goes else found._replace(shipments=()),
            tuple([line.position for line in case.refused]),
            attempt,
            self.sourcing.holding.record(question, found, case.previous),
            case.previous,
            self._coolings(request_id, refusal, case),
            short,
        )

    def _coolings(self, request_id: str, refusal: Refusal, case: _Case) -> tuple[Cooling, ...]:
        """For what the node is left alone."""
        span = self.cooldown_ms if refusal.cooldown_ms is None else refusal.cooldown_ms
        ids = self.keeper.catalogue.skus.ids
        skus = [ids[line.sku_ix] for line in case.refused]
        return refusals.coolings(refusal.reason, skus, self.now_ms(), span, request_id)

    def _exceeds(self, node_id: str, sku_ix: int, open_units: int) -> FailedPrecondition:
        sku = self.keeper.catalogue.skus.ids[sku_ix]
        return FailedPrecondition(
            "QUANTITY_EXCEEDS_RESERVATION",
            f"The reservation has {open_units} open units of sku {sku!r} at node {node_id!r}. Name no more.",
            sku=sku,
            node_id=node_id,
            open_quantity=open_units,
        )


def _refuse_by_state(reservation: Reservation) -> None:
    """Raises FailedPrecondition (RESERVATION_EXPIRED, WRONG_STATE)."""
    over = reservation.state == ReservationState.EXPIRED
    answer = [b"expired", reservation.expires_ms] if over else [b"wrong_state", reservation.state]
    answers.check(answer, reservation_id=reservation.reservation_id)


def _said(refusal: Refusal) -> tuple[object, ...]:
    """The values of a refusal for its fingerprint."""
    cooldown = "" if refusal.cooldown_ms is None else refusal.cooldown_ms
    return (*refusal[:3], int(refusal.reason), cooldown, refusal.allow_partial, refusal.release_unserved)


def _sourced(reservation: Reservation) -> tuple[held_plan.Kept, Order]:
    """What is kept of a sourced reservation, and its order. Raises FailedPrecondition (DECISION_NOT_REPLAYABLE)."""
    kept = held_plan.decode(reservation.extra) if reservation.extra else None
    record = read_record(kept.record) if kept and kept.record else None
    order = kept.order if kept else None
    if order is None and record is not None:
        order = record.record.order
    if kept is None or order is None:
        raise not_replayable(
            reservation.reservation_id,
            "record",
            "It was reserved without a decision, or by an earlier version, so its order is not known. Use Transfer.",
        )
    return kept, said_plainly(order)


def _gone(refused: list[RefusedLine], served: Plan, *, release: bool) -> list[RefusedLine]:
    """What is not at the node any more: what other nodes serve, or with `release` all of it."""
    if release:
        return refused
    units: dict[int, int] = {}
    for ship in served.shipments:
        for position, _, taken in ship.lines:
            units[position] = units.get(position, 0) + taken
    return [line._replace(units=units[line.position]) for line in refused if line.position in units]


def _back(case: _Case, moves: list[int]) -> list[int]:
    """What goes back to stock: flat node, sku, units."""
    left: dict[int, int] = {}
    for line in case.refused:
        left[line.sku_ix] = left.get(line.sku_ix, 0) + line.units
    for at in range(0, len(moves), 4):
        left[moves[at + 2]] -= moves[at + 3]
    return [x for sku_ix, units in left.items() if units for x in (case.node_ix, sku_ix, units)]


def _answer(found: Resourced) -> Answer:
    """The answer, made from what the store keeps of it."""
    told = refusals.decode(found.told)
    reserved = found.reserved
    plan = refusals.by_first_order(held_plan.slipped(told.plan, reserved.reservation), told.positions)
    return Answer(told, plan, reserved.reservation, reserved.positions, reserved.replayed)
