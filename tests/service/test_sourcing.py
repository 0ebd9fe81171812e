"""Sourcing over the real store and the real kernel; the stock rows are given, so that they can be older than the store."""

from __future__ import annotations

from array import array
from collections.abc import Awaitable, Callable

import pytest

from promessa.domain.catalogue import Catalogue, Lane, Node, NodeGroup, Sku
from promessa.domain.errors import AlreadyExists, FailedPrecondition, InvalidRequest, NotFound, Unavailable
from promessa.domain.fingerprint import fingerprint
from promessa.domain.policy import PolicyVersion
from promessa.domain.rate_cards import RateBracket, RateCard
from promessa.domain.reservation import ReserveOutcome
from promessa.domain.sourcing import CandidateReason, Constraints, Order
from promessa.service.asking import Questions
from promessa.service.availability import Availability
from promessa.service.deciding import Decider
from promessa.service.guides import Guides
from promessa.service.lots import Lots
from promessa.service.network_view import NetworkView
from promessa.service.quoting import Quoting
from promessa.service.shadowing import Shadowing
from promessa.service.sourcing import Sourcing
from promessa.service.terms import HoldRules, Terms
from promessa.store.pool_store import PoolStore
from promessa.store.shadow_store import ShadowStore
from promessa.store.store import Store
from promessa.store.unavailable_store import UnavailableStore

NOON = 1_700_000_000_000
DAY = 24 * 3600 * 1000
ANY = fingerprint(("method",), "test")


class Rows:
    """What the replica would say: ATP by (sku index, node index)."""

    def __init__(self, atp: dict[tuple[int, int], int]) -> None:
        self.atp = atp
        self.ready = True

    def applied(self, partition: int) -> int:
        return 1 << 40

    def rows(self, sku_indices: list[int], channel: str = "") -> tuple[array[int], array[int], array[int]]:
        start, nodes, atp = array("i", [0]), array("I"), array("q")
        for sku_ix in sku_indices:
            for (sku, node), units in sorted(self.atp.items()):
                if sku == sku_ix:
                    nodes.append(node)
                    atp.append(units)
            start.append(len(nodes))
        return start, nodes, atp


class Keeper:
    """A catalogue that is all there is."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    async def find_sku(self, sku: str) -> int | None:
        return None

    async def node_index(self, node_id: str) -> int:
        raise NotFound("NODE_NOT_FOUND", f"There is no node {node_id!r}.", node_id=node_id)


def network() -> Catalogue:
    """Three nodes: a and b ship to São Paulo for 10, c for 30 but overnight; two skus of one kilogram."""
    catalogue = Catalogue()
    for i, node_id in enumerate("abc"):
        catalogue.put("node", node_id, i, Node(node_id, shipment_cost_micros=1_000_000), 1)
    for i, (card_id, price) in enumerate((("cheap", 10_000_000), ("dear", 30_000_000))):
        brackets = (RateBracket(1_000, price), RateBracket(10_000, price + 5_000_000))
        catalogue.put("rate_card", card_id, i, RateCard(card_id, "", "BRL", brackets), 0)
    for i, (node_id, card_id, days) in enumerate((("a", "cheap", 5), ("b", "cheap", 5), ("c", "dear", 1))):
        lane = Lane(f"lane-{node_id}", node_id, "BR", ("0",), "road", card_id, days)
        catalogue.put("lane", lane.lane_id, i, lane, 0)
    for i, sku in enumerate(("cup", "pot")):
        catalogue.put("sku", sku, i, Sku(sku, weight_grams=1_000), 0)
    catalogue.put("node_group", "dear ones", 0, NodeGroup("dear ones", node_ids=("c",)), 0)
    return catalogue


def order(*lines: tuple[str, int], postal_code: str = "01310100", **constraints: object) -> Order:
    return Order("order-1", lines, "BR", postal_code, Constraints(**constraints))  # type: ignore[arg-type]


async def stock(store: Store, atp: dict[tuple[int, int], int]) -> None:
    """Make the store's counts those of the rows."""
    items = [x for (sku, node), units in atp.items() for x in (node, sku, units, -1, -1)]
    await store.apply_counts("", ANY, as_of_ms=0, items=items)


def reading(catalogue: Catalogue) -> Callable[[str, int], Awaitable[PolicyVersion]]:
    """Reads versions of policies where there is no store of them: those that are known."""

    async def read(policy_id: str, number: int) -> PolicyVersion:
        raise NotFound("POLICY_NOT_FOUND", f"There is no policy {policy_id!r}.", policy_id=policy_id, version=number)

    return read


def sourcing(store: Store, rows: Rows, catalogue: Catalogue | None = None) -> Sourcing:
    keeper = Keeper(catalogue or network())
    hold_rules = HoldRules(keeper, now_ms=lambda: NOON, is_business_day=lambda calendar, day: True)  # type: ignore[arg-type]
    beside = (store._redis, store.keys, store._commit)
    authority = Availability(keeper.catalogue, store, PoolStore(*beside), UnavailableStore(*beside))
    guides = Guides(keeper.catalogue, reading(keeper.catalogue))
    lots, view = Lots(keeper, store), NetworkView(keeper.catalogue)
    questions = Questions(keeper, lambda: rows, lots, authority, guides, view)
    decider = Decider(keeper.catalogue, lots, view)
    shadowing = Shadowing(keeper.catalogue, decider, guides, ShadowStore(store._redis, store.keys))
    return Sourcing(store, lambda: rows, hold_rules, lots, questions, decider, shadowing, now_ms=lambda: NOON)


def quoting(service: Sourcing) -> Quoting:
    """Quotes over what a service sources from."""
    return Quoting(service.questions, service.decider, now_ms=lambda: service._now_ms())


async def test_the_cheapest_node_that_has_everything_serves_the_order(store: Store) -> None:
    plan, _ = await sourcing(store, Rows({(0, 0): 5, (0, 2): 5})).source(order(("cup", 2)), explain=False)
    (shipment,) = plan.shipments
    assert (shipment.node_ix, shipment.lane_id, shipment.weight_grams) == (0, "lane-a", 2_000)
    assert (plan.total_micros, plan.proven_optimal, plan.lower_bound_micros) == (16_000_000, True, 16_000_000)
    assert shipment.promise_ms == NOON + 5 * DAY


async def test_lines_with_one_sku_are_summed_and_the_plan_speaks_of_the_first(store: Store) -> None:
    plan, _ = await sourcing(store, Rows({(0, 0): 5})).source(order(("cup", 2), ("cup", 3)), explain=False)
    assert plan.shipments[0].lines == ((0, 0, 5),)


async def test_a_line_no_node_can_serve_whole_is_split(store: Store) -> None:
    plan, _ = await sourcing(store, Rows({(0, 0): 2, (0, 1): 2})).source(order(("cup", 3)), explain=False)
    assert sorted(sum(x[2] for x in s.lines) for s in plan.shipments) == [1, 2]
    assert plan.split_micros > 0


async def test_a_line_kept_whole_is_left_unserved_instead(store: Store) -> None:
    rows = Rows({(0, 0): 2, (0, 1): 2})
    plan, _ = await sourcing(store, rows).source(order(("cup", 3), keep_lines_whole=True), explain=False)
    assert (plan.shipments, plan.unserved) == ((), ((0, 0, 3),))


async def test_a_delivery_date_rules_slow_lanes_out(store: Store) -> None:
    wanted = order(("cup", 1), latest_delivery_ms=NOON + 2 * DAY)
    plan, _ = await sourcing(store, Rows({(0, 0): 5, (0, 2): 5})).source(wanted, explain=False)
    assert plan.shipments[0].node_ix == 2


async def test_excluded_nodes_and_groups_are_kept_to(store: Store) -> None:
    service = sourcing(store, Rows({(0, 0): 5, (0, 1): 5, (0, 2): 5}))
    plan, _ = await service.source(order(("cup", 1), excluded_node_ids=("a", "nobody")), explain=False)
    assert plan.shipments[0].node_ix == 1
    plan, _ = await service.source(order(("cup", 1), node_group_id="dear ones"), explain=False)
    assert plan.shipments[0].node_ix == 2


async def test_every_node_has_its_reason(store: Store) -> None:
    service = sourcing(store, Rows({(0, 0): 5, (0, 2): 5}))
    _, candidates = await service.source(order(("cup", 1)), explain=True)
    assert [candidate.reason for candidate in candidates] == [
        CandidateReason.CHOSEN,
        CandidateReason.NO_STOCK,
        CandidateReason.COSTS_MORE,
    ]
    assert 0 < candidates[2].at_least_more_micros <= 20_000_000


async def test_a_quote_and_a_plan_change_nothing(store: Store) -> None:
    atp = {(0, 0): 5}
    await stock(store, atp)
    before = await store.read_cells([(0, 0)])
    service = sourcing(store, Rows(atp))
    await quoting(service).quote(order(("cup", 1)), alternatives=1, day_value_micros=1)
    await service.source(order(("cup", 1)), explain=True)
    assert await store.read_cells([(0, 0)]) == before


async def test_a_sourced_order_is_held_where_the_plan_says(store: Store) -> None:
    atp = {(0, 0): 5, (1, 0): 5}
    await stock(store, atp)
    sourced = await hold(sourcing(store, Rows(atp)), order(("cup", 2), ("pot", 1)))
    assert (sourced.outcome, sourced.attempts, sourced.replayed) == (ReserveOutcome.RESERVED, 1, False)
    assert [(x.node_ix, x.sku_ix, x.granted) for x in sourced.reservation.lines] == [(0, 0, 2), (0, 1, 1)]
    cells = await store.read_cells([(0, 0), (0, 1)])
    assert [cell and cell.held for cell in cells] == [2, 1]


async def test_stock_lost_meanwhile_is_decided_again_with_the_true_counts(store: Store) -> None:
    await stock(store, {(0, 0): 0, (0, 1): 1, (0, 2): 9})
    stale = Rows({(0, 0): 9, (0, 1): 9, (0, 2): 9})
    sourced = await hold(sourcing(store, stale), order(("cup", 2)))
    assert (sourced.outcome, sourced.attempts) == (ReserveOutcome.RESERVED, 3)
    assert sourced.plan.shipments[0].node_ix == 2


async def test_an_order_that_cannot_be_served_is_refused_for_good(store: Store) -> None:
    await stock(store, {(0, 0): 1})
    refused = await hold(sourcing(store, Rows({(0, 0): 1})), order(("cup", 2)))
    assert (refused.outcome, refused.plan.shipments) == (ReserveOutcome.REFUSED, ())
    assert refused.shortfalls == ((0, 2, 1, 3),)
    await stock(store, {(0, 0): 9})
    again = await hold(sourcing(store, Rows({(0, 0): 9})), order(("cup", 2)))
    assert (again.outcome, again.shortfalls, again.replayed) == (refused.outcome, refused.shortfalls, True)
    cell = (await store.read_cells([(0, 0)]))[0]
    assert cell is not None and cell.held == 0


async def test_a_partial_order_holds_what_can_be_served_when_allowed(store: Store) -> None:
    await stock(store, {(0, 0): 1})
    sourced = await hold(sourcing(store, Rows({(0, 0): 1})), order(("cup", 2)), allow_partial=True)
    assert (sourced.outcome, sourced.shortfalls) == (ReserveOutcome.PARTIALLY_RESERVED, ((0, 2, 1, 3),))
    assert [x.granted for x in sourced.reservation.lines] == [1]


async def test_a_repeated_request_gets_the_first_plan_even_if_stock_moved(store: Store) -> None:
    await stock(store, {(0, 0): 5, (0, 2): 5})
    first = await hold(sourcing(store, Rows({(0, 2): 5})), order(("cup", 1)))
    again = await hold(sourcing(store, Rows({(0, 0): 5})), order(("cup", 1)))
    assert again.replayed
    assert (again.plan, again.reservation, again.attempts) == (first.plan, first.reservation, first.attempts)
    cells = await store.read_cells([(0, 0), (2, 0)])
    assert [cell and cell.held for cell in cells] == [0, 1]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        (order(("cup", 2)), "order"),
        (order(("cup", 1), postal_code="02000000"), "destination"),
        (order(("cup", 1), max_shipments=1), "constraints"),
    ],
)
async def test_a_reused_request_id_names_the_field_that_differs(store: Store, changed: Order, field: str) -> None:
    atp = {(0, 0): 5}
    await stock(store, atp)
    await hold(sourcing(store, Rows(atp)), order(("cup", 1)))
    with pytest.raises(AlreadyExists) as caught:
        await hold(sourcing(store, Rows(atp)), changed)
    assert caught.value.metadata["field"] == field


async def test_what_cannot_be_decided_says_why(store: Store) -> None:
    rows = Rows({(0, 0): 5})
    service = sourcing(store, rows)
    with pytest.raises(NotFound, match="no sku 'jug'"):
        await service.source(order(("jug", 1)), explain=False)
    with pytest.raises(FailedPrecondition, match="No lane serves"):
        await service.source(order(("cup", 1), postal_code="90000000"), explain=False)
    with pytest.raises(InvalidRequest, match="no node group"):
        await service.source(order(("cup", 1), node_group_id="nowhere"), explain=False)
    rows.ready = False
    with pytest.raises(Unavailable, match="replica is loading"):
        await service.source(order(("cup", 1)), explain=False)


async def test_a_change_of_the_network_counts_at_once(store: Store) -> None:
    catalogue = network()
    service = sourcing(store, Rows({(0, 0): 5, (0, 2): 5}), catalogue)
    await service.source(order(("cup", 1)), explain=False)
    catalogue.put("lane", "lane-a", 0, None, 3)
    plan, _ = await service.source(order(("cup", 1)), explain=False)
    assert plan.shipments[0].node_ix == 2


async def hold(service: Sourcing, wanted: Order, *, allow_partial: bool = False):  # type: ignore[no-untyped-def]
    return await service.source_and_reserve(
        "request-1", wanted, terms=Terms(True, 60_000, "cart", wanted.order_id), allow_partial=allow_partial
    )
