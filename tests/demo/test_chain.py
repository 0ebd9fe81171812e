"""The demo's chain: the same for the same seed, whole, large enough to be a real test, and what it says it is."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import pytest

from promessa.demo.chain import Chain, build_chain
from promessa.demo.places import areas
from promessa.demo.resources import CENTRE, FRANCHISE
from promessa.demo.weights import GRAMS_MAX, GRAMS_MIN, weight_grams

ID = re.compile(r"[0-9A-Za-z._:/-]{1,64}")
"""The rule of ids in the contract."""


@cache
def chain() -> Chain:
    return build_chain()


def test_the_same_seed_gives_the_same_chain_and_another_seed_another():
    assert build_chain(stores=40, sku_limit=200) == build_chain(stores=40, sku_limit=200)
    assert build_chain(stores=40, sku_limit=200) != build_chain(stores=40, sku_limit=200, seed=21)


def test_the_chain_has_hundreds_of_nodes_thousands_of_skus_and_hundreds_of_thousands_of_cells():
    assert len(chain().nodes) >= 300
    assert len(chain().skus) == 3_900
    assert len(chain().stock) >= 350_000
    assert len(chain().lanes) <= 4_500


def test_every_id_keeps_the_rule_of_the_contract_and_is_used_once():
    for values in (
        [node["node_id"] for node in chain().nodes],
        [sku["sku"] for sku in chain().skus],
        [card["rate_card_id"] for card in chain().rate_cards],
        [lane["lane_id"] for lane in chain().lanes],
        [group["node_group_id"] for group in chain().node_groups],
    ):
        assert len(set(values)) == len(values)
        assert all(ID.fullmatch(value) for value in values)


def test_every_reference_leads_to_a_resource():
    nodes = {node["node_id"] for node in chain().nodes}
    cards = {card["rate_card_id"] for card in chain().rate_cards}
    skus = {sku["sku"] for sku in chain().skus}
    assert {lane["node_id"] for lane in chain().lanes} == nodes
    assert {lane["rate_card_id"] for lane in chain().lanes} == cards
    assert {node_id for group in chain().node_groups for node_id in group["node_ids"]} == nodes
    assert {node_id for _, node_id, _, _ in chain().stock} == nodes
    assert {sku for sku, _, _, _ in chain().stock} == skus


def test_every_node_reaches_every_area_by_both_services_over_one_lane_each():
    reached = Counter(
        (lane["node_id"], lane["carrier_service"], area)
        for lane in chain().lanes
        for area in lane["postal_code_prefixes"]
    )
    assert set(reached.values()) == {1}
    assert len(reached) == len(chain().nodes) * 2 * len(areas())


def test_a_store_reaches_its_own_postal_code_by_the_nearest_zones():
    zones = {
        (lane["node_id"], area): int(lane["rate_card_id"][-1])
        for lane in chain().lanes
        if lane["carrier_service"] == "economy"
        for area in lane["postal_code_prefixes"]
    }
    own = [
        zones.get((node["node_id"], node["postal_code"][:2])) or zones[node["node_id"], node["postal_code"][:3]]
        for node in chain().nodes
    ]
    assert max(own) <= 3
    assert Counter(own)[1] > len(own) / 3


def test_rate_cards_rise_with_weight_and_with_distance():
    for card in chain().rate_cards:
        grams = [bracket["max_weight_grams"] for bracket in card["brackets"]]
        prices = [bracket["price_micros"] for bracket in card["brackets"]]
        assert grams == sorted(set(grams))
        assert prices == sorted(set(prices))
    for service in ("economy", "express"):
        first = [
            card["brackets"][0]["price_micros"]
            for card in chain().rate_cards
            if card["rate_card_id"].startswith(service)
        ]
        assert first == sorted(set(first))


def test_centres_are_deep_and_cheap_and_franchise_stores_have_owners():
    centres = {node["node_id"] for node in chain().nodes if node["type"] == CENTRE}
    assert len(centres) == 4
    deep = [on_hand for _, node_id, on_hand, _ in chain().stock if node_id in centres]
    shallow = [on_hand for _, node_id, on_hand, _ in chain().stock if node_id not in centres]
    assert sum(deep) / len(deep) > 10 * sum(shallow) / len(shallow)
    dearest_centre = max(node["unit_cost_micros"] for node in chain().nodes if node["type"] == CENTRE)
    assert all(node["unit_cost_micros"] > dearest_centre for node in chain().nodes if node["type"] != CENTRE)
    assert all(bool(node["owner_code"]) == (node["type"] == FRANCHISE) for node in chain().nodes)


def test_no_cell_appears_twice_or_holds_a_negative_count():
    cells = [(sku, node_id) for sku, node_id, _, _ in chain().stock]
    assert len(set(cells)) == len(cells)
    assert all(on_hand >= 0 and safety >= 0 for _, _, on_hand, safety in chain().stock)


def test_popular_skus_are_in_more_nodes_than_the_long_tail():
    nodes_of = Counter(sku for sku, _, _, _ in chain().stock)
    popular = [nodes_of[sku["sku"]] for sku in chain().skus[:500]]
    tail = [nodes_of[sku["sku"]] for sku in chain().skus[-500:]]
    assert sum(popular) > 2 * sum(tail)


def test_nodes_have_real_postal_codes_of_their_own_state():
    for node in chain().nodes:
        assert re.fullmatch(r"\d{8}", node["postal_code"])
        assert node["region_code"].startswith("BR-")
        assert -34 < node["latitude_e6"] / 1e6 < 6
        assert -74 < node["longitude_e6"] / 1e6 < -34
    sao_paulo = [node for node in chain().nodes if node["region_code"] == "BR-SP"]
    assert all("01" <= node["postal_code"][:2] <= "19" for node in sao_paulo)


def test_limiting_skus_takes_the_most_popular_with_the_same_weights():
    few = build_chain(stores=10, sku_limit=50)
    assert few.skus == chain().skus[:50]


@pytest.mark.parametrize(
    ("lighter", "heavier"),
    [
        ("PINK POLKADOT CARD", "RED POLKADOT MUG"),
        ("MONKEY KEY RING", "WHITE MOROCCAN METAL LANTERN"),
        ("JUMBO BAG RED RETROSPOT", "VINTAGE RED KITCHEN CABINET"),
        ("GLASS BEAD NECKLACE", "GLASS BOWL"),
        ("MUG", "SET OF 6 MUGS"),
    ],
)
def test_weights_follow_the_words(lighter: str, heavier: str):
    assert weight_grams("1", lighter) < weight_grams("1", heavier)


def test_weights_are_plausible_for_gifts_and_homeware():
    grams = sorted(sku["weight_grams"] for sku in chain().skus)
    assert grams[0] >= GRAMS_MIN
    assert grams[-1] <= GRAMS_MAX
    assert 150 < grams[len(grams) // 2] < 400
    assert grams[len(grams) * 99 // 100] < 6_000
