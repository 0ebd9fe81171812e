"""The replayed orders: drawn from real ones, shaped like consumers' baskets, and served by the chain's lanes."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from promessa.demo.chain import build_chain
from promessa.demo.orders import SIZES, replay_orders
from promessa.demo.places import area_of
from promessa.demo.sources import order_lines, prefixes


def test_the_same_seed_gives_the_same_orders_and_another_seed_others():
    assert replay_orders(count=50) == replay_orders(count=50)
    assert replay_orders(count=50) != replay_orders(count=50, seed=8)


def test_baskets_have_the_sizes_of_consumers():
    orders = replay_orders(count=4_000)
    for share, fewest, most in SIZES:
        found = sum(fewest <= len(order.lines) <= most for order in orders) / len(orders)
        assert found == pytest.approx(share, abs=0.025)


def test_lines_come_from_the_real_order_of_that_id_in_small_quantities():
    real: dict[str, dict[str, int]] = defaultdict(dict)
    for line in order_lines():
        real[line.order_id].setdefault(line.sku, line.quantity)
    for order in replay_orders(count=500):
        for sku, quantity in order.lines:
            assert 1 <= quantity <= min(3, max(1, real[order.order_id][sku]))


def test_no_order_names_a_sku_twice_and_no_order_id_comes_twice():
    orders = replay_orders(count=6_000)
    assert len({order.order_id for order in orders}) == 6_000
    assert all(len({sku for sku, _ in order.lines}) == len(order.lines) for order in orders)


def test_every_destination_is_a_real_prefix_that_lanes_reach():
    lanes = {area for lane in build_chain(stores=0, sku_limit=1).lanes for area in lane["postal_code_prefixes"]}
    real = {prefix.digits for prefix in prefixes()}
    for order in replay_orders(count=2_000):
        assert re.fullmatch(r"\d{8}", order.postal_code)
        assert order.postal_code[:5] in real
        assert area_of(order.postal_code) in lanes


def test_only_known_skus_are_ordered():
    known = {sku["sku"] for sku in build_chain(stores=0, sku_limit=30).skus}
    orders = replay_orders(count=300, known=known)
    assert {sku for order in orders for sku, _ in order.lines} <= known


def test_knowing_no_sku_of_any_order_is_an_error_and_not_a_loop():
    with pytest.raises(ValueError, match="nothing can be replayed"):
        replay_orders(count=1, known={"no-such-sku"})


def test_baskets_have_the_size_that_is_asked_for_and_come_from_orders_that_are_as_large():
    for size in (1, 20):
        orders = replay_orders(count=200, size=size)
        assert {len(order.lines) for order in orders} == {size}
        assert len({sku for order in orders for sku, _ in order.lines}) > size
    with pytest.raises(ValueError, match="nothing can be replayed"):
        replay_orders(count=1, size=100_000)
