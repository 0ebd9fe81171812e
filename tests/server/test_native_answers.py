"""The answers written in Cython are those of protobuf's own codec, byte for byte, for whatever the domain can say."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from promessa.domain.capacity import CapacityUnit, WorkDay
from promessa.domain.catalogue import Catalogue, Node, Sku
from promessa.domain.kinds import DELIVERED, NEVER_MS, NO_DAY, UNKNOWN_DAY, FulfillmentKind
from promessa.domain.reservation import NO_NODE, Reservation, ReservationLine, ReserveOutcome
from promessa.domain.sourcing import CandidateReason, CostTerm, Plan, PlannedShipment, PolicyDecision
from promessa.domain.why import Candidates, Constraint, ConstraintKind
from promessa.server._answers import reserve_response, reserve_stream_response, source_response
from promessa.server.convert import reserve_message
from promessa.server.convert_sourcing import sourced_message
from promessa.server.convert_why import candidate_bytes, candidate_message
from promessa.service.held_plan import Sourced
from promessa.store.store import Reserved
from promessa.v1 import reservation_service_pb2 as reservations
from promessa.v1 import sourcing_service_pb2 as sourcing

CATALOGUE = Catalogue()
for index, sku_id in enumerate(("cup", "café", "s" * 64)):
    CATALOGUE.put("sku", sku_id, index, Sku(sku_id), 0)
for index, node_id in enumerate(("a", "loja-é", "n" * 64)):
    CATALOGUE.put("node", node_id, index, Node(node_id), 1)
SKUS, NODES = CATALOGUE.skus.ids, CATALOGUE.nodes.ids

numbers = st.one_of(st.integers(0, 300), st.integers(0, 2**62))
instants = st.one_of(st.integers(0, 253_402_300_799_000), st.just(NEVER_MS), st.just(NEVER_MS - 1))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
indices = st.integers(0, 2)
reservation_lines = st.builds(
    ReservationLine,
    st.integers(NO_NODE, 2),
    indices,
    numbers,
    numbers,
    numbers,
    numbers,
    numbers,
    st.integers(0, 4),
    st.none(),
    st.lists(st.tuples(indices, numbers), max_size=3).map(tuple),
).map(lambda line: line._replace(granted=0, fulfilled=0) if line.node_ix == NO_NODE else line)
work_days = st.builds(
    WorkDay, indices, st.integers(0, 2_932_896), st.sampled_from(CapacityUnit), numbers, numbers, st.integers(0, 100)
)
reservations_made = st.builds(
    Reservation, texts, st.integers(1, 5), instants, instants, instants, numbers, texts, texts,
    st.sampled_from(ReserveOutcome), st.lists(reservation_lines, max_size=70).map(tuple), st.just(b"kept"), st.booleans(),
    st.lists(work_days, max_size=4).map(tuple), channel=st.sampled_from(["", "web", "web/vip"]),
    drawn=st.just(()),
)  # fmt: skip
positions = st.lists(st.integers(0, 10**18), max_size=8).map(lambda flat: flat[: len(flat) // 2 * 2])
answers = st.builds(Reserved, reservations_made, positions, st.booleans())
plan_lines = st.lists(st.tuples(st.integers(0, 63), indices, numbers), max_size=9).map(tuple)
costs = st.integers(0, 2**52)
terms = st.dictionaries(st.sampled_from(CostTerm), st.integers(-(2**40), 2**40).filter(bool), max_size=4).map(
    lambda found: tuple(sorted(found.items()))
)
shipments = st.builds(
    PlannedShipment, indices, texts, texts, numbers, costs, costs, costs, instants, instants, plan_lines,
    st.one_of(st.just(0), instants), st.one_of(st.just(0), instants), st.just(()), terms, st.sampled_from(FulfillmentKind),
    st.integers(DELIVERED, 2), st.sampled_from([NO_DAY, 1, 20_000, 2_932_896, UNKNOWN_DAY]),
)  # fmt: skip
decisions_by_policy = st.builds(
    PolicyDecision, texts, st.integers(1, 1_000), texts, st.lists(texts.filter(bool), max_size=3).map(tuple), numbers,
    st.integers(1, 4), texts, st.integers(0, 365), st.sampled_from([0, 2, 20]), st.integers(1, 10_080),
)  # fmt: skip
plans = st.builds(
    Plan, st.lists(shipments, max_size=4).map(tuple), plan_lines, texts, numbers, numbers, numbers, st.booleans(),
    st.none() | decisions_by_policy,
)  # fmt: skip
short = st.lists(st.tuples(indices, numbers, numbers, st.integers(1, 4)), max_size=5).map(tuple)
decided = st.builds(
    Sourced,
    st.sampled_from(ReserveOutcome),
    plans,
    reservations_made,
    short,
    st.integers(1, 5),
    positions,
    st.booleans(),
)
constraints = st.builds(
    Constraint, st.sampled_from(ConstraintKind), st.integers(-1, 19), texts, texts, texts,
    st.lists(indices, max_size=3).map(tuple),
)  # fmt: skip


@st.composite
def fates(draw: st.DrawFn) -> Candidates:
    """Of three nodes or fewer, with all that may be told of them."""
    named = (None, *draw(st.lists(constraints, max_size=4)))
    lines = draw(st.lists(st.integers(0, 2**31 - 1), max_size=64))
    bits = st.integers(0, 2 ** len(lines) - 1)
    three: dict[str, st.SearchStrategy[list[int]]] = {
        "reasons": st.lists(st.sampled_from([int(each) for each in CandidateReason]), min_size=3, max_size=3),
        "costs_more": st.lists(numbers, min_size=3, max_size=3),
        "removed": st.lists(st.integers(0, len(named) - 1), min_size=3, max_size=3),
        "short": st.lists(bits, min_size=3, max_size=3),
    }
    column = {name: draw(values) for name, values in three.items()}
    told = draw(st.booleans())
    return Candidates(
        nodes=array("I", sorted(draw(st.sets(indices)))),
        reasons=bytes(column["reasons"]),
        costs_more=array("q", column["costs_more"]),
        removed=array("I", column["removed"] if told else []),
        constraints=named if told else (None,),
        short=array("Q", column["short"] if told else []),
        positions=tuple(lines),
        exact=draw(st.frozensets(indices)),
    )


epochs = st.integers(1, 10**12)


@given(answers, epochs)
def test_the_answer_to_reserve(reserved: Reserved, epoch: int) -> None:
    expected = reserve_message(reserved, CATALOGUE, epoch).SerializeToString(deterministic=True)
    assert reserve_response(reserved, epoch, SKUS, NODES) == expected


@given(st.lists(st.one_of(answers, texts), max_size=6), epochs)
def test_the_answer_of_a_stream(results: list[Reserved | str], epoch: int) -> None:
    """A text stands for an error, which is written elsewhere."""
    expected = [
        reservations.ReserveStreamResult(error=reservations.ReserveError(message=each))
        if isinstance(each, str)
        else reservations.ReserveStreamResult(response=reserve_message(each, CATALOGUE, epoch))
        for each in results
    ]
    given_results = [
        message.SerializeToString() if isinstance(each, str) else each
        for message, each in zip(expected, results, strict=True)
    ]
    whole = reservations.ReserveStreamResponse(results=expected)
    assert reserve_stream_response(given_results, epoch, SKUS, NODES) == whole.SerializeToString(deterministic=True)


@given(decided, epochs)
def test_the_answer_to_source_and_reserve(sourced: Sourced, epoch: int) -> None:
    expected = sourced_message(sourced, epoch, CATALOGUE)
    assert source_response(sourced, epoch, SKUS, NODES) == expected.SerializeToString(deterministic=True)


@given(fates())
def test_the_reasons_of_nodes(found: Candidates) -> None:
    expected = sourcing.SourceResponse(candidates=[candidate_message(each, CATALOGUE) for each in found])
    written = candidate_bytes(sourcing.SourceResponse.CANDIDATES_FIELD_NUMBER, found, CATALOGUE)
    assert written == expected.SerializeToString(deterministic=True)
