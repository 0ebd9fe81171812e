"""The fates of all nodes, in columns, are those that each node has by itself (fates_reference.py)."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from fates_reference import candidates_one_by_one
from test_sourcing import DAY, NOON, Rows, sourcing

from promessa.domain.catalogue import Catalogue, Lane, Node, NodeGroup, NodeState, Sku
from promessa.domain.kinds import FulfillmentKind, OwnStock, Ways
from promessa.domain.policy import Fact, Limits, Mode, NodeFilter, Policy, PolicyState, PolicyVersion, Rule
from promessa.domain.rate_cards import RateBracket, RateCard
from promessa.domain.refusal import Cooling, NodeCooling, RefusalReason
from promessa.domain.sourcing import NO_TRAITS, CandidateReason, Constraints, Order
from promessa.domain.why import Candidate, Candidates, ConstraintKind
from promessa.service.deciding import as_said
from promessa.service.fates import candidates_of

NODES, SKUS = 14, 4


def chain(random: Random) -> Catalogue:
    """Nodes of which some take no orders, are deleted, or ship nothing to São Paulo; cards that do not take every weight."""
    catalogue = Catalogue()
    for i in range(NODES):
        latitude_e6 = random.choice([0, -23_550_000 - i * 10_000])
        node = Node(
            f"n{i}", shipment_cost_micros=random.randint(0, 5) * 1_000_000, type=1 + i % 2, pickup_point=not i,
            latitude_e6=latitude_e6, longitude_e6=-46_633_000 if latitude_e6 else 0,
        )  # fmt: skip
        state = random.choice([NodeState.ACTIVE] * 3 + list(NodeState)) if i else NodeState.ACTIVE
        catalogue.put("node", node.node_id, i, node, state)
        most = random.choice([2_000, 30_000, 30_000])
        brackets = (RateBracket(1_000, random.randint(5, 20) * 1_000_000), RateBracket(most, 25_000_000))
        catalogue.put("rate_card", f"c{i}", i, RateCard(f"c{i}", "", "BRL", brackets), 0)
        for k in range(random.choice([0, 1, 1, 2]) if i else 2):
            lane = Lane(
                f"l{i}-{k}", node.node_id, "BR", ("0",), f"by {k}", f"c{i}", random.randint(1, 6),
                max_distance_km=random.choice([0] * 9 + [3, 9]), transit_minutes=random.choice([0, 0, 0, 40]),
            )  # fmt: skip
            catalogue.put("lane", lane.lane_id, 2 * i + k, lane, 0)
    for i in range(SKUS):
        sku = Sku(f"s{i}", weight_grams=random.choice([100, 1_500, 9_000]), value_micros=random.choice([0, 7_000_000]))
        catalogue.put("sku", sku.sku, i, sku, 0)
    members = tuple([f"n{i}" for i in range(NODES) if random.random() < 0.8])
    catalogue.put("node_group", "most", 0, NodeGroup("most", node_ids=members), 0)
    if random.random() < 0.7:
        catalogue.put("policy_version", "p@1", 0, policy(random), 0)
    for i in random.sample(range(NODES), random.choice([0, 0, 5])):
        catalogue.put("cooling", f"n{i}", i, NodeCooling(f"n{i}", cooling(random, i)), 0)
    if random.random() < 0.3:
        catalogue.put("node", "n3", 3, None, int(NodeState.ACTIVE))
    return catalogue


def cooling(random: Random, node: int) -> tuple[Cooling, ...]:
    """For one sku or all, each node until an instant of its own."""
    sku = random.choice(["", "s0", "s1"])
    return (Cooling(sku, NOON - DAY, NOON + DAY * node, random.choice(list(RefusalReason)), "order-0"),)


def policy(random: Random) -> PolicyVersion:
    filters = [
        NodeFilter(Fact.NODE, none_of=("n1", "n2")),
        NodeFilter(Fact.UNITS_LEFT, min=random.randint(1, 4)),
        NodeFilter(Fact.ARRIVAL_DAYS, max=random.randint(1, 5), soft=random.random() < 0.5),
        NodeFilter(Fact.NODE, any_of=tuple([f"n{i}" for i in range(NODES) if random.random() < 0.6]), soft=True),
        NodeFilter(Fact.LANE_COST, max=random.randint(5, 30) * 1_000_000),
    ]
    limits: dict[str, Any] = {}
    if random.random() < 0.4:
        limits["arrives_within_days"] = random.randint(1, 6)
    if random.random() < 0.3:
        limits["min_shipment_value_micros"] = 10_000_000
    kept = [each for each in filters if random.random() < 0.4]
    rule = Rule("r", filters=tuple(kept), limits=Limits(**limits), allow_partial=random.random() < 0.5)
    mode = random.choice([Mode.COST, Mode.RULES])
    return PolicyVersion("p", 1, "", 0, Policy("p", mode, (rule,)), PolicyState.ACTIVE)


def order(random: Random) -> Order:
    said: dict[str, Any] = {}
    if random.random() < 0.4:
        said["excluded_node_ids"] = ("n0", "n5", "nobody")
    if random.random() < 0.4:
        said["node_group_id"] = "most"
    if random.random() < 0.4:
        said["latest_delivery_ms"] = NOON + random.randint(1, 6) * DAY
    if random.random() < 0.3:
        said["keep_lines_whole"] = True
    lines = tuple([(f"s{i}", random.randint(1, 3)) for i in random.sample(range(SKUS), random.randint(1, SKUS))])
    plain = Order("order-1", lines, "BR", "01310100", Constraints(**said))
    if random.random() < 0.5:
        plain = plain._replace(traits=NO_TRAITS._replace(position_e6=(-23_550_000, -46_633_000)))
    return plain._replace(ways=ways(random, len(lines))) if random.random() < 0.4 else plain


def ways(random: Random, lines: int) -> Ways:
    said: dict[str, Any] = {}
    if random.random() < 0.4:
        said |= {"pickups": ("n0", *[random.choice(["", "n0"]) for _ in range(lines - 1)])}
        said |= {"ship_to_store": random.random() < 0.6}
    if random.random() < 0.4:
        said["kinds"] = tuple(random.sample(list(FulfillmentKind)[1:], 3))
    if random.random() < 0.5:
        said |= {"sold_at": random.choice(["n0", "n1"]), "own_stock": random.choice(list(OwnStock))}
        if said["own_stock"] == OwnStock.HAND_OVER:
            said["sold_at"] = "n0"
    return Ways(**said)


async def fates(seed: int) -> tuple[Candidates, list[Candidate]]:
    random = Random(seed)
    catalogue, wanted = chain(random), order(random)
    atp = {(sku, node): random.randint(0, 5) for sku in range(SKUS) for node in range(NODES) if random.random() < 0.7}
    nobody: Any = type("Store", (), {"_redis": None, "keys": None, "_commit": None})()
    service = sourcing(nobody, Rows(atp), catalogue)
    question = await service.questions.ask(wanted, NOON)
    decider = service.decider
    decision, guided = decider.explained(question, explain=True)
    chosen = {ship.node_ix for ship in as_said(decider.plan_of(question, decision, guided), question).shipments}
    # What is known a moment after the network was built:
    catalogue.node_states[500], catalogue.nodes.index_of["late"] = NodeState.PAUSED, 500
    catalogue.put("cooling", "late", NODES, NodeCooling("late", cooling(random, 1)), 0)
    given = catalogue, question, guided, decision.reasons, chosen
    return candidates_of(*given), candidates_one_by_one(*given)


@pytest.mark.parametrize("block", range(10))
async def test_columns_say_what_each_node_says(block: int) -> None:
    seen: set[tuple[CandidateReason, object]] = set()
    for seed in range(60 * block, 60 * block + 60):
        found, expected = await fates(seed)
        assert list(found) == expected, seed
        assert found[1:3] == expected[1:3]
        seen |= {(each.reason, each.removed_by and each.removed_by.kind) for each in expected}
    assert {reason for reason, _ in seen} == set(CandidateReason)
    assert len(seen) > 12
    assert {
        (CandidateReason.NO_LANE, ConstraintKind.ALLOWED_KINDS), (CandidateReason.NO_LANE, ConstraintKind.OUT_OF_REACH),
        (CandidateReason.NO_LANE, ConstraintKind.LATEST_DELIVERY),
    } <= seen  # fmt: skip
