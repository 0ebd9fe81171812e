"""Who buys: the same customers every time, in every channel, and stores that are near where it is collected."""

from __future__ import annotations

from collections import Counter

from promessa.demo.chain import build_chain
from promessa.demo.geo import distance_km
from promessa.demo.orders import replay_orders
from promessa.demo.prices import unit_price_micros
from promessa.demo.purchases import CHANNELS, NEAR_KM, OWN_CHANNELS, purchases
from promessa.demo.resources import REAIS

CHAIN = build_chain(stores=60, sku_limit=300)
NODES = {node["node_id"]: node for node in CHAIN.nodes}
ORDERS = replay_orders(count=1_500, known={sku["sku"] for sku in CHAIN.skus})
MADE = purchases(ORDERS, CHAIN)


def test_the_same_orders_are_bought_the_same_way_however_many_there_are() -> None:
    assert purchases(ORDERS[:100], CHAIN) == MADE[:100]


def test_every_channel_sells_its_share() -> None:
    sold = Counter(each.channel for each in MADE)
    assert all(abs(sold[channel] / len(MADE) - share) < 0.05 for channel, share in CHANNELS.items())


def test_what_is_collected_is_collected_at_a_pickup_point_near_by() -> None:
    collected = [each for each in MADE if each.pickup_node_id]
    assert collected
    for each in collected:
        node = NODES[each.pickup_node_id]
        at = node["latitude_e6"] / 1e6, node["longitude_e6"] / 1e6
        assert node["pickup_point"] and each.channel in OWN_CHANNELS
        assert distance_km(*at, each.order.latitude, each.order.longitude) <= NEAR_KM


def test_sellers_are_franchisees_and_assistants_sell_in_stores() -> None:
    owners = {node["owner_code"] for node in CHAIN.nodes} - {""}
    sellers = {each.seller_code for each in MADE} - {""}
    assert sellers and sellers <= owners
    assert all((each.channel == "store") == bool(each.sold_at_node_id) for each in MADE)
    assert any(each.is_compared for each in MADE)


def test_prices_are_of_lines_and_rise_with_weight() -> None:
    grams = {sku["sku"]: sku["weight_grams"] for sku in CHAIN.skus}
    for each in MADE[:200]:
        assert each.prices_micros == tuple(unit_price_micros(sku, grams[sku]) for sku, _ in each.order.lines)
        assert all(price % REAIS == REAIS * 9 // 10 for price in each.prices_micros)
    assert unit_price_micros("a", 5_000) > 3 * unit_price_micros("a", 300) > unit_price_micros("a", 300) > 0
