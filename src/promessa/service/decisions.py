"""Decisions made again from what was kept of them: with the stock, the catalogue, the policy and the instant of then.

Recipe: read the reservation and its record -> the catalogue as it was -> ask the same question -> decide with the production
kernel -> compare. What cannot be made again any more says what is missing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec

from promessa.domain.catalogue import Catalogue
from promessa.domain.errors import FailedPrecondition, NotFound, PromessaError
from promessa.domain.plan_token import QuotedPlan
from promessa.domain.policy import PolicyVersion
from promessa.domain.refusal import ResourceOutcome
from promessa.domain.reservation import Reservation, ReserveOutcome
from promessa.domain.sourcing import Plan, said_plainly
from promessa.domain.why import Parts, Quoted, Why
from promessa.service import held_plan, refusals
from promessa.service.asking import Questions
from promessa.service.availability import Availability
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.service.deciding import Decider
from promessa.service.decision_records import FORMAT, Kept, Record, engine, read_record
from promessa.service.explaining import Explainer
from promessa.service.guides import Guides
from promessa.service.lots import Lots
from promessa.service.network_view import NetworkView
from promessa.service.past_catalogue import PastKeeper, past_catalogue
from promessa.service.policy_words import instant_text
from promessa.service.question import Question
from promessa.service.quoted_plan import as_quoted, standing
from promessa.store.catalogue_history import CatalogueHistory
from promessa.store.store import Store

DIFFERENCES_MAX = 20


class Difference(NamedTuple):
    """A place of a plan, what was recorded there, and what is decided now."""

    place: str
    recorded: str
    found: str


class Replay(NamedTuple):
    """A decision, and the same decision made again."""

    outcome: ReserveOutcome
    """What was answered first."""
    record: Record
    intact: bool
    """Whether the record is as it was written, by its checksum."""
    same_engine: bool
    """Whether the program that decides now is the one that decided then."""
    plan: Plan
    """As it was answered first."""
    attempts: int
    differences: tuple[Difference, ...]
    question: Question
    explainer: Explainer
    catalogue: Catalogue
    """The catalogue of then."""
    later: tuple[str, ...]
    """Decisions that followed, as nodes refused."""
    total_now_micros: int = 0
    """Of a plan that was held as it was quoted: what it would have cost by the prices of when it was held."""

    @property
    def quoted(self) -> QuotedPlan | None:
        """The plan of a token that was held, as it was quoted; None of all others."""
        return self.record.more.quoted

    @property
    def identical(self) -> bool:
        """Whether the same was decided, of a record that nobody altered."""
        return self.intact and not self.differences


class Decisions:
    """Replays what SourceAndReserve decided. `read` gets a version of a policy from the store."""

    def __init__(
        self,
        store: Store,
        history: CatalogueHistory,
        keeper: CatalogueKeeper,
        authority: Availability,
        read: Callable[[str, int], Awaitable[PolicyVersion]],
    ) -> None:
        self._store = store
        self._history = history
        self._keeper = keeper
        self._authority = authority
        self._read = read

    async def replay(self, decision_id: str) -> Replay:
        """A decision made again.

        Raises NotFound (DECISION_NOT_FOUND), FailedPrecondition (DECISION_NOT_REPLAYABLE), Unavailable
        (STORE_UNAVAILABLE).
        """
        made = await self._made(decision_id)
        kept = _record_of(decision_id, made.record)
        record = kept.record
        catalogue = await self._catalogue_of(decision_id, record)
        past = PastKeeper(catalogue)
        lots, view = Lots(past, self._store), NetworkView(catalogue)
        guides = Guides(catalogue, self._read)
        questions = Questions(past, _no_stock, lots, self._authority, guides, view)
        decider = Decider(catalogue, lots, view)
        order, quoted, total_now = said_plainly(record.order), record.more.quoted, 0
        with asked_again(decision_id):
            question = await questions.ask(as_quoted(order) if quoted else order, record.now_ms, record.stock)
            question.seen = None
            question.limit_lines(record.left)
            if quoted:
                plan = quoted.plan(order, catalogue.nodes.index_of, catalogue.skus.index_of)
                found, total_now, _, question = standing(quoted, plan, question, decider, catalogue)
            else:
                found = _with_dates(decider.decide(question), question)
        again = found._replace(shipments=()) if made.outcome == ReserveOutcome.REFUSED else found
        return Replay(
            made.outcome,
            record,
            kept.intact,
            record.engine == engine(),
            made.told,
            made.attempts,
            (*differences(made.plan, again), *differences(made.total_now_micros, total_now, "total_now_micros")),
            question,
            Explainer(catalogue, questions, decider),
            catalogue,
            made.later,
            made.total_now_micros,
        )

    async def _made(self, decision_id: str) -> _Made:
        """A decision as it was made, by SourceAndReserve or by Resource. Raises NotFound (DECISION_NOT_FOUND)."""
        reservation = await self._store.get_record(decision_id)
        if reservation is not None:
            return _of_order(reservation)
        told = await self._store.told_of(decision_id)
        if told is None:
            raise NotFound(
                "DECISION_NOT_FOUND",
                f"There is no decision {decision_id!r}: no SourceAndReserve or Resource had this request_id, or what is kept "
                "of it is past its time.",
                decision_id=decision_id,
            )
        return _of_refusal(decision_id, told)

    async def explain(self, decision_id: str, parts: Parts) -> tuple[Replay, Why]:
        """A decision made again, and why it came out as it did: of a quoted plan what became of the quote, for only Quote saw
        what it was chosen of. Raises as replay."""
        replay = await self.replay(decision_id)
        if replay.quoted:
            told = Quoted(instant_text(replay.quoted.quoted_ms), replay.quoted.total_micros, replay.total_now_micros)
            return replay, Why(replay.plan, quoted=told)
        return replay, await replay.explainer.explain(replay.question, parts)

    async def relaxations(self, decision_id: str) -> Why:
        """The plan of an order that was not served whole, and what would have served it. Raises as replay."""
        replay = await self.replay(decision_id)
        return await replay.explainer.relaxations(replay.question)

    async def _catalogue_of(self, decision_id: str, record: Record) -> Catalogue:
        """The catalogue that a decision was made with."""
        await self._keeper.reach(record.position)
        now = self._keeper.catalogue.copy()  # before the history is read: it must have all that this has
        changes = await self._history.since(record.position)
        if changes is None:
            raise not_replayable(
                decision_id, "catalogue", "The catalogue changed too often since: its history is gone."
            )
        loads = await self._history.loads(record.loads_id)
        if loads is None:
            raise not_replayable(decision_id, "loads", "How full the nodes' days were is not known any more.")
        past = past_catalogue(now, changes, record.position, record.ahead)
        past.loads = loads
        return past


class _Made(NamedTuple):
    """A decision as it was made: its plan, and as it was told; its record, empty if none is kept. `total_now_micros` is what a
    plan that was held as it was quoted would have cost by then."""

    outcome: ReserveOutcome
    plan: Plan
    told: Plan
    attempts: int
    record: bytes
    later: tuple[str, ...] = ()
    total_now_micros: int = 0


def _of_order(reservation: Reservation) -> _Made:
    """What is kept beside a reservation. Raises FailedPrecondition (DECISION_NOT_REPLAYABLE)."""
    decision_id = reservation.reservation_id
    if not reservation.extra:
        raise not_replayable(decision_id, "record", "It was reserved without a decision: its lines named their nodes.")
    try:
        held = held_plan.decode(reservation.extra)
    except msgspec.DecodeError as error:
        raise _damaged(decision_id) from error
    told = held_plan.slipped(held.plan, reservation.as_first_answered())
    outcome = ReserveOutcome.PARTIALLY_RESERVED if told.unserved else ReserveOutcome.RESERVED
    if reservation.outcome == ReserveOutcome.REFUSED:
        outcome = ReserveOutcome.REFUSED
    later = tuple([later_id for later_id, _ in held.later])
    total_now = held.redeemed.total_now_micros if held.redeemed else 0
    return _Made(outcome, held.plan, told, held.attempts, held.record, later, total_now)


def _of_refusal(decision_id: str, raw: bytes) -> _Made:
    """What is kept of a decision after a node refused. Raises FailedPrecondition (DECISION_NOT_REPLAYABLE)."""
    try:
        told = refusals.decode(raw)
    except msgspec.DecodeError as error:
        raise _damaged(decision_id) from error
    outcome = ReserveOutcome.PARTIALLY_RESERVED if told.plan.unserved else ReserveOutcome.RESERVED
    if told.outcome == ResourceOutcome.NOT_RESOURCED:
        outcome = ReserveOutcome.REFUSED
    return _Made(outcome, told.plan, told.plan, told.attempts, told.record)


def _with_dates(found: Plan, question: Question) -> Plan:
    """A plan as it is held: with the dates of later days, where its shipments have hours."""
    return held_plan.with_later(found, question) if question.destination.schedules else found


def _record_of(decision_id: str, record: bytes) -> Kept:
    """The record of a decision. Raises FailedPrecondition (DECISION_NOT_REPLAYABLE)."""
    if not record:
        raise not_replayable(
            decision_id,
            "record",
            "It is of an earlier version, or the catalogue changed in the midst of it: nothing was kept.",
        )
    kept = read_record(record)
    if kept is None:
        raise _damaged(decision_id)
    if kept.record.format != FORMAT:
        raise not_replayable(
            decision_id,
            "format",
            f"Its record has format {kept.record.format}, and this version reads format {FORMAT}.",
        )
    return kept


def not_replayable(decision_id: str, missing: str, why: str) -> FailedPrecondition:
    """A decision that cannot be made again."""
    return FailedPrecondition(
        "DECISION_NOT_REPLAYABLE",
        f"Decision {decision_id!r} cannot be made again. {why}",
        decision_id=decision_id,
        missing=missing,
    )


@contextmanager
def asked_again(decision_id: str) -> Iterator[None]:
    """For what is done with a record, which may say what cannot be. Raises FailedPrecondition (DECISION_NOT_REPLAYABLE)."""
    try:
        yield
    except (ValueError, LookupError, OverflowError) as error:
        raise _damaged(decision_id) from error
    except PromessaError as error:
        raise not_replayable(
            decision_id, "record", f"What it asked cannot be asked any more: {error.message}"
        ) from error


def _damaged(decision_id: str) -> FailedPrecondition:
    return not_replayable(decision_id, "record", "Its record was altered or damaged, so that it cannot be read.")


def _no_stock() -> Any:
    raise AssertionError("A decision that is made again has its own stock.")


def differences(recorded: Any, found: Any, place: str = "plan") -> list[Difference]:
    """Where two plans differ, the first DIFFERENCES_MAX places."""
    if recorded == found:
        return []
    if isinstance(recorded, tuple) and type(recorded) is type(found) and len(recorded) == len(found):
        names = getattr(recorded, "_fields", None)
        told: list[Difference] = []
        for i, (one, other) in enumerate(zip(recorded, found, strict=True)):
            told += differences(one, other, f"{place}.{names[i]}" if names else f"{place}[{i}]")
        return told[:DIFFERENCES_MAX]
    return [Difference(place, _said(recorded), _said(found))]


def _said(value: Any) -> str:
    """A value in no more than a line."""
    text = str(value)
    return text if len(text) <= 200 else f"{text[:197]}..."
