"""The rule of thumb: which node it takes, and that its costs are those of the rate cards."""

from __future__ import annotations

from promessa.demo.chain import Chain, build_chain
from promessa.demo.nearest import SPLIT_COST_MICROS, NearestFirst, price_micros
from promessa.demo.orders import DemoOrder, replay_orders
from promessa.demo.stock import Cell

MUG, BOWL = "mug", "bowl"


def small(*stock: Cell) -> Chain:
    """The four centres and one carrier service; a mug and a bowl of a kilogram each."""
    chain = build_chain(stores=0, sku_limit=1)
    return Chain(
        nodes=chain.nodes,
        skus=[{"sku": sku, "weight_grams": 1_000} for sku in (MUG, BOWL)],
        rate_cards=chain.rate_cards,
        lanes=[lane for lane in chain.lanes if lane["carrier_service"] == "economy"],
        node_groups=[],
        stock=list(stock),
    )


def to_sao_paulo(*lines: tuple[str, int]) -> DemoOrder:
    return DemoOrder("1", lines, "01310100", -23.55, -46.64)


NEAR, FAR, FARTHER = "dc-cajamar", "dc-duque-de-caxias", "dc-cabo-de-santo-agostinho"
OPENING, PICKING = 2_200_000, 350_000
NEAR_1_KG, NEAR_2_KG, FAR_1_KG, FAR_2_KG = 10_700_000, 11_500_000, 22_500_000, 25_100_000


def test_the_nearest_node_that_has_everything_serves_it():
    rule = NearestFirst(small((MUG, NEAR, 5, 0), (MUG, FAR, 5, 0)))
    assert rule.serve(to_sao_paulo((MUG, 2))) == (NEAR_2_KG + OPENING + 2 * PICKING, 1)


def test_a_complete_node_far_away_comes_before_two_nodes():
    rule = NearestFirst(small((MUG, NEAR, 1, 0), (MUG, FAR, 1, 0), (BOWL, FAR, 1, 0)))
    assert rule.serve(to_sao_paulo((MUG, 1), (BOWL, 1))) == (FAR_2_KG + OPENING + 2 * PICKING, 1)


def test_without_a_complete_node_each_further_shipment_costs_the_split():
    rule = NearestFirst(small((MUG, NEAR, 1, 0), (BOWL, FAR, 1, 0)))
    cost = NEAR_1_KG + FAR_1_KG + 2 * (OPENING + PICKING) + SPLIT_COST_MICROS
    assert rule.serve(to_sao_paulo((MUG, 1), (BOWL, 1))) == (cost, 2)


def test_a_line_that_no_node_has_whole_is_taken_in_parts():
    rule = NearestFirst(small((MUG, NEAR, 1, 0), (MUG, FAR, 1, 0)))
    cost = NEAR_1_KG + FAR_1_KG + 2 * (OPENING + PICKING) + SPLIT_COST_MICROS
    assert rule.serve(to_sao_paulo((MUG, 2))) == (cost, 2)


def test_stock_it_took_is_gone_and_safety_stock_is_never_taken():
    rule = NearestFirst(small((MUG, NEAR, 3, 2)))
    assert rule.serve(to_sao_paulo((MUG, 1))) is not None
    assert rule.serve(to_sao_paulo((MUG, 1))) is None


def test_an_order_it_cannot_serve_takes_nothing():
    rule = NearestFirst(small((MUG, NEAR, 1, 0)))
    assert rule.serve(to_sao_paulo((MUG, 1), (BOWL, 1))) is None
    assert rule.serve(to_sao_paulo((MUG, 1))) is not None


def test_weights_beyond_the_last_bracket_pay_for_every_started_step():
    card = {
        "brackets": [{"max_weight_grams": 300, "price_micros": 5}, {"max_weight_grams": 1_000, "price_micros": 8}],
        "over_step_grams": 1_000,
        "over_step_price_micros": 3,
    }
    assert [price_micros(card, grams) for grams in (1, 300, 301, 1_000, 1_001, 2_000, 2_001)] == [
        5,
        5,
        8,
        8,
        11,
        11,
        14,
    ]


def test_the_rule_serves_the_replayed_orders_of_the_whole_chain():
    rule = NearestFirst(build_chain())
    served = [rule.serve(order) for order in replay_orders(count=500)]
    assert sum(each is not None for each in served) >= 495
