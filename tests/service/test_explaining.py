"""What an explanation says is what happens: each number is checked by changing the world so and deciding again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_sourcing import DAY, NOON, Rows, order, sourcing

from promessa.domain.catalogue import Catalogue, Lane, Node, NodeGroup, NodeState, Sku
from promessa.domain.policy import Fact, Limits, Mode, NodeFilter, Policy, PolicyState, PolicyVersion, Rule
from promessa.domain.rate_cards import RateBracket, RateCard
from promessa.domain.sourcing import CandidateReason, Order, Plan
from promessa.domain.why import Constraint, ConstraintKind, FlipKind, Parts, Why
from promessa.domain.why_sentences import Names, sentences
from promessa.service.forced import with_node
from promessa.store.store import Store

ALL = Parts(bindings=True, flips=True, relaxations=True)
Stock = dict[tuple[int, int], int]


def chain(nodes: int = 4) -> Catalogue:
    """Nodes that ship to São Paulo, each dearer and faster than the one before; two skus of one kilogram."""
    catalogue = Catalogue()
    for i in range(nodes):
        node = Node(f"n{i}", shipment_cost_micros=5_000_000, unit_cost_micros=100_000 + 70_000 * i, type=1 + i % 2)
        catalogue.put("node", node.node_id, i, node, 1)
        brackets = (RateBracket(1_000, 8_000_000 + i * 1_100_000), RateBracket(9_000, 15_000_000 + i * 900_000))
        catalogue.put("rate_card", f"c{i}", i, RateCard(f"c{i}", "", "BRL", brackets), 0)
        lane = Lane(f"l{i}", node.node_id, "BR", ("0",), "road", f"c{i}", nodes - i)
        catalogue.put("lane", lane.lane_id, i, lane, 0)
    for i, sku in enumerate(("cup", "pot")):
        catalogue.put("sku", sku, i, Sku(sku, weight_grams=1_000), 0)
    return catalogue


def policy(catalogue: Catalogue, *rules: Rule) -> None:
    version = PolicyVersion("p", 1, "", 0, Policy("p", Mode.COST, rules), PolicyState.ACTIVE)
    catalogue.put("policy_version", "p@1", 0, version, 0)


async def explained(store: Store, catalogue: Catalogue, atp: Stock, wanted: Order, parts: Parts = ALL) -> Why:
    return await sourcing(store, Rows(atp), catalogue).explain(wanted, parts)


async def decided(store: Store, catalogue: Catalogue, atp: Stock, wanted: Order) -> Plan:
    plan, _ = await sourcing(store, Rows(atp), catalogue).source(wanted, explain=False)
    return plan


def nodes_of(plan: Plan) -> set[int]:
    return {shipment.node_ix for shipment in plan.shipments}


def cheaper(catalogue: Catalogue, node_ix: int, micros: int) -> Catalogue:
    """The chain with shipments of one node so much cheaper (dearer: below 0)."""
    changed = catalogue.copy()
    node = changed.nodes.by_id[f"n{node_ix}"]
    cost = node.shipment_cost_micros - micros
    changed.put("node", node.node_id, node_ix, replace(node, shipment_cost_micros=cost), 1)
    return changed


async def test_the_smallest_change_flips_the_choice_and_a_smaller_one_does_not(store: Store) -> None:
    catalogue, atp, wanted = chain(), {(0, i): 9 for i in range(4)}, order(("cup", 1))
    why = await explained(store, catalogue, atp, wanted)
    assert nodes_of(why.plan) == {0}
    told = {(flip.kind, flip.node_ix): flip for flip in why.flips}
    assert len(told) == 4 and all(flip.exact for flip in why.flips)
    for (kind, node_ix), flip in told.items():
        sign = 1 if kind == FlipKind.NODE_CHEAPER else -1
        over = await decided(store, cheaper(catalogue, node_ix, sign * (flip.micros + 1)), atp, wanted)
        under = await decided(store, cheaper(catalogue, node_ix, sign * (flip.micros - 1)), atp, wanted)
        assert (node_ix in nodes_of(over)) == (kind == FlipKind.NODE_CHEAPER)
        assert nodes_of(under) == {0}
    assert told[FlipKind.NODE_CHEAPER, 1].micros == told[FlipKind.CHOSEN_DEARER, 0].micros == 1_170_000


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=4, max_size=4),
    st.integers(1, 2),
    st.integers(1, 2),
)
async def test_the_least_of_a_plan_with_a_node_is_what_it_costs_when_the_node_is_nearly_free(
    stocks: list[tuple[int, int]], cups: int, pots: int
) -> None:
    """A node's shipment is paid once in any plan with it: made cheaper by what flips it, it is chosen, at the same total."""
    catalogue = chain()
    atp = {(sku, node): units[sku] for node, units in enumerate(stocks) for sku in (0, 1) if units[sku]}
    nobody: Any = type("Store", (), {"_redis": None, "keys": None, "_commit": None})()
    wanted = order(("cup", cups), ("pot", pots))
    why = await explained(nobody, catalogue, atp, wanted)
    for flip in why.flips:
        if flip.kind != FlipKind.NODE_CHEAPER or not flip.exact or flip.micros >= 5_000_000:
            continue
        over = await decided(nobody, cheaper(catalogue, flip.node_ix, flip.micros + 1), atp, wanted)
        assert flip.node_ix in nodes_of(over)
        assert over.total_micros == why.plan.total_micros - 1
        if flip.micros:
            under = await decided(nobody, cheaper(catalogue, flip.node_ix, flip.micros - 1), atp, wanted)
            assert flip.node_ix not in nodes_of(under)


async def test_every_constraint_that_is_kept_to_says_what_it_costs(store: Store) -> None:
    catalogue = chain()
    atp = {(0, i): 9 for i in range(4)}
    said: dict[str, Any] = {"excluded_node_ids": ("n0",), "latest_delivery_ms": NOON + 2 * DAY, "max_shipments": 3}
    why = await explained(store, catalogue, atp, order(("cup", 1), **said))
    assert nodes_of(why.plan) == {2}
    told = {each.constraint.kind: each.plan for each in why.bindings}
    assert told[ConstraintKind.MAX_SHIPMENTS] is None and told[ConstraintKind.EXCLUDED_NODES] is None
    freed = told[ConstraintKind.LATEST_DELIVERY]
    assert freed is not None
    del said["latest_delivery_ms"]
    assert freed == await decided(store, catalogue, atp, order(("cup", 1), **said))
    assert freed.total_micros < why.plan.total_micros


async def test_each_fate_has_the_name_of_what_left_the_node_out(store: Store) -> None:
    catalogue = chain(8)
    group = NodeGroup("most", node_ids=("n0", "n1", "n2", "n3", "n4", "n7"))
    catalogue.put("node_group", "most", 0, group, 0)
    catalogue.put("node", "n1", 1, catalogue.nodes.by_id["n1"], int(NodeState.PAUSED))
    catalogue.put("lane", "l7", 7, None, 0)
    by_words = NodeFilter(Fact.NODE, none_of=("n4",))
    policy(catalogue, Rule("near", filters=(by_words,)))
    atp = {(0, i): 9 for i in (0, 2, 3, 4, 5, 6, 7)}
    wanted = order(("cup", 1), excluded_node_ids=("n2",), node_group_id="most", latest_delivery_ms=NOON + 7 * DAY)
    why = await explained(store, catalogue, atp, wanted)
    fates = {each.node_ix: (each.reason, each.removed_by) for each in why.candidates}
    assert fates[0] == (CandidateReason.NO_LANE, Constraint(ConstraintKind.LATEST_DELIVERY))
    assert fates[1] == (CandidateReason.NOT_ELIGIBLE, Constraint(ConstraintKind.NODE_PAUSED))
    assert fates[2] == (CandidateReason.NOT_ELIGIBLE, Constraint(ConstraintKind.EXCLUDED_NODES))
    assert fates[3] == (CandidateReason.CHOSEN, None)
    named = Constraint(ConstraintKind.POLICY_FILTER, 0, "near", "filters[0]", "node none_of [n4]")
    assert fates[4] == (CandidateReason.NOT_ELIGIBLE, named)
    assert fates[5] == (CandidateReason.NOT_ELIGIBLE, Constraint(ConstraintKind.NODE_GROUP, text="most"))
    assert fates[7] == (CandidateReason.NO_LANE, None)


async def test_a_node_without_stock_says_of_which_lines(store: Store) -> None:
    why = await explained(store, chain(2), {(0, 0): 3, (1, 0): 1}, order(("pot", 1), ("cup", 2)))
    (_, short) = why.candidates
    assert (short.reason, short.short_lines) == (CandidateReason.NO_STOCK, (0, 1))


async def test_what_serves_an_order_whole_is_told_with_the_least_relaxing(store: Store) -> None:
    catalogue = chain()
    atp = {(0, 0): 2, (0, 1): 2, (0, 2): 2}
    said: dict[str, Any] = {"max_shipments": 1}
    why = await explained(store, catalogue, atp, order(("cup", 5), **said))
    told = {each.constraints[0].kind: each for each in why.relaxations}
    assert set(told) == {ConstraintKind.MAX_SHIPMENTS, ConstraintKind.STOCK}
    freer = told[ConstraintKind.MAX_SHIPMENTS]
    assert freer.constraints[0].text == "3"
    assert freer.plan == await decided(store, catalogue, atp, order(("cup", 5), max_shipments=3))
    (missing,) = told[ConstraintKind.STOCK].missing
    assert (missing.node_ix, missing.units) == (0, 3)
    stocked = await decided(store, catalogue, atp | {(0, 0): 5}, order(("cup", 5), **said))
    assert stocked == told[ConstraintKind.STOCK].plan


async def test_a_delivery_date_is_relaxed_to_the_earliest_that_serves(store: Store) -> None:
    catalogue = chain()
    atp = {(0, 0): 9, (0, 1): 9, (0, 2): 9}
    why = await explained(store, catalogue, atp, order(("cup", 1), latest_delivery_ms=NOON + DAY))
    (relaxation,) = [each for each in why.relaxations if each.constraints[0].kind == ConstraintKind.LATEST_DELIVERY]
    assert nodes_of(relaxation.plan) == {2}
    assert relaxation.plan.promise_ms == NOON + 2 * DAY


async def test_where_no_constraint_suffices_by_itself_two_are_named(store: Store) -> None:
    catalogue = chain()
    atp = {(0, 0): 2, (0, 1): 2}
    wanted = order(("cup", 4), max_shipments=1, excluded_node_ids=("n1", "n2", "n3"), keep_lines_whole=True)
    why = await explained(store, catalogue, atp, replace_constraints(wanted, keep_lines_whole=False))
    singles = {each.constraints[0].kind for each in why.relaxations if len(each.constraints) == 1}
    assert singles == {ConstraintKind.STOCK}  # two more cups at n0
    # without a lane that takes the weight, stock is no way either
    for i in range(4):
        card = RateCard(f"c{i}", "", "BRL", (RateBracket(2_000, 8_000_000),))
        catalogue.put("rate_card", card.rate_card_id, i, card, 0)
    why = await explained(store, catalogue, atp, replace_constraints(wanted, keep_lines_whole=False))
    pairs = [{one.kind for one in each.constraints} for each in why.relaxations]
    assert {ConstraintKind.MAX_SHIPMENTS, ConstraintKind.EXCLUDED_NODES} in pairs
    assert all(len(pair) == 2 for pair in pairs)
    both = next(each for each in why.relaxations if {x.kind for x in each.constraints} == pairs[0])
    assert not both.plan.unserved


def replace_constraints(wanted: Order, **changed: Any) -> Order:
    return wanted._replace(constraints=replace(wanted.constraints, **changed))


async def test_filters_and_limits_of_policies_are_relaxed_by_name(store: Store) -> None:
    catalogue = chain()
    stores = NodeFilter(Fact.NODE_TYPE, any_of=("store",))
    policy(catalogue, Rule("stores", filters=(stores,), limits=Limits(max_shipments=1)))
    atp = {(0, 0): 9, (0, 1): 2, (0, 3): 2}
    why = await explained(store, catalogue, atp, order(("cup", 4)))
    told = {(each.constraints[0].kind, each.constraints[0].field): each for each in why.relaxations}
    assert set(told) == {
        (ConstraintKind.POLICY_FILTER, "filters[0]"),
        (ConstraintKind.POLICY_LIMIT, "limits.max_shipments"),
        (ConstraintKind.POLICY_RULES, ""),
        (ConstraintKind.STOCK, ""),
    }
    assert nodes_of(told[ConstraintKind.POLICY_FILTER, "filters[0]"].plan) == {0}
    assert nodes_of(told[ConstraintKind.POLICY_LIMIT, "limits.max_shipments"].plan) == {1, 3}
    assert told[ConstraintKind.POLICY_FILTER, "filters[0]"].constraints[0].nodes == (0,)


async def test_no_explanation_decides_more_often_than_it_may(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("promessa.service.explaining.EXPLANATION_TRIALS_MAX", 2)
    atp = {(0, 0): 2, (0, 1): 2, (0, 2): 2}
    why = await explained(store, chain(), atp, order(("cup", 5), max_shipments=1), Parts(relaxations=True))
    assert why.cut_short
    assert "more to try" in " ".join(sentences(why, NAMES, "en"))


NAMES = Names(lambda node_ix: f"n{node_ix}", ("cup", "pot").__getitem__)


async def test_sentences_say_it_in_two_languages(store: Store) -> None:
    atp = {(0, i): 9 for i in range(4)}
    why = await explained(store, chain(), atp, order(("cup", 1), excluded_node_ids=("n0",)))
    english = " ".join(sentences(why, NAMES, "en")).replace("\N{NO-BREAK SPACE}", " ")
    portuguese = " ".join(sentences(why, NAMES, "pt-BR")).replace("\N{NO-BREAK SPACE}", " ")
    assert "n1 serves the order in 1 shipment for R$ 14.27." in english
    assert "n2 would serve this if its shipment cost fell by more than R$ 1.17." in english
    assert "Without the exclusion of n0 it would cost R$ 1.17 less." in english
    assert "n1 atende o pedido em 1 remessa por R$ 14,27." in portuguese
    assert "n2 atenderia este pedido se o custo da sua remessa caísse mais de R$ 1,17." in portuguese
    assert "Sem a exclusão de n0, custaria R$ 1,17 a menos." in portuguese
    short = await explained(store, chain(), {(0, 0): 2, (0, 1): 2}, order(("cup", 3), max_shipments=1))
    told = " ".join(sentences(short, NAMES, "en")).replace("\N{NO-BREAK SPACE}", " ")
    assert "1 unit of cup cannot be served." in told
    assert "The whole order could be served with 2 shipments allowed, for R$" in told
    assert "with 1 unit more of cup at n0" in told


def test_a_plan_with_a_node_is_none_where_the_rules_do_not_let_it(store: Store) -> None:
    from promessa.kernel import Basket, Rules
    from promessa.service.network_view import NetworkView

    network = NetworkView(chain(2)).destination("BR", "01310100", NOON).network
    basket = Basket(quantities=[1], unit_grams=[1], row_start=[0, 2], row_node=[0, 1], row_atp=[5, 5])
    assert with_node(network, basket, Rules(excluded_nodes=[1]), 1) is None
    forced = with_node(network, basket, Rules(), 1)
    assert forced is not None and forced.exact and forced.found[6][0][0] == 1
