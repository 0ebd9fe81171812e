"""The tables of orders say of every step what the order in the log says, compared with the order before it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from archive_kit import Kept, raw_log
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from orders_world import NODES, SKUS, OrderHistory, OrdersWorld
from recount_orders import RecountedOrders
from redis.asyncio import Redis
from serving import Clock, Serving, WallClock

from promessa.archive.order_schema import EFFECTS
from promessa.domain.order import Disposition, ShipmentState, Step


@pytest.fixture
async def world(serving: Serving, clock: Clock, wall_clock: WallClock) -> OrdersWorld:
    world = OrdersWorld(serving, clock, wall_clock)
    await world.open()
    return world


@pytest.fixture
def kept_orders(serving: Serving, redis: Redis, tmp_path: Path) -> Kept:
    return Kept(redis, serving.parts.store.keys, tmp_path / "archive")


async def recounted(kept: Kept) -> RecountedOrders:
    return RecountedOrders(list(NODES), SKUS).read(await raw_log(kept.redis, kept.keys))


def check_tables(kept: Kept, again: RecountedOrders) -> Counter[str]:
    """Every row of every table, and how often each effect was seen."""
    steps = {(r["order_id"], r["version"], r["step"], r["state"], r["time_ms"]) for r in kept.dicts("order_steps")}
    assert len(kept.rows(table="order_steps")) == len(again.steps)
    assert steps == {
        (s.order.order_id, s.version, Step(s.history[-1].step).name, s.order.state.name, s.updated_ms)
        for s in again.steps
    }
    ships = [(r["order_id"], r["version"], r["shipment"], r["state"], r["node"], r["owner"] or "")
             for r in kept.dicts("order_shipments")]  # fmt: skip
    assert sorted(ships) == sorted(
        (t.stored.order.order_id, t.stored.version, t.number, ShipmentState(t.shipment.state).name,
         again.nodes[t.shipment.node_ix], NODES[again.nodes[t.shipment.node_ix]][1])
        for t in again.touched
    )  # fmt: skip
    units = kept.dicts("order_units")
    rows, expected, back = Counter[object](), Counter[object](), Counter[object]()
    for r in units:
        key = (
            r["order_id"],
            r["version"],
            r["effect"],
            r["line"],
            r["shipment"] or 0,
            r["sku"],
            r["unit_price_micros"],
        )
        rows[key] += r["quantity"]
        if r["effect"] == "RETURNED":
            back[r["order_id"], r["line"], r["disposition"]] += r["quantity"]
            assert r["receiver_owner"] == (NODES[r["receiver"]][1] or None)
    for stored, effect, line, shipment, quantity in again.effects:
        ordered = stored.order.lines[line]
        key = (stored.order.order_id, stored.version, effect, line, shipment, again.skus[ordered.sku_ix])
        expected[*key, ordered.unit_price_micros or None] += quantity
    assert rows == expected
    came: Counter[object] = Counter()
    for order in {s.order.order_id: s.order for s in again.steps}.values():
        for each in [line for returned in order.returns for line in returned.lines]:
            for disposition, quantity in zip(Disposition, each[2:5], strict=True):
                came[order.order_id, each.line, disposition.name] += quantity
    assert back == came
    return Counter(r["effect"] for r in units)


@settings(max_examples=4, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 100_000), rows_max=st.sampled_from((300, 10_000)))
async def test_every_step_is_what_it_changed(
    world: OrdersWorld, kept_orders: Kept, tmp_path_factory: pytest.TempPathFactory, seed: int, rows_max: int
):
    kept = Kept(kept_orders.redis, kept_orders.keys, tmp_path_factory.mktemp("archive"))
    await kept.consumers.remove("archive")
    history = OrderHistory(world, seed)
    for _ in range(2):
        await history.play(50)
        await kept.archive(segment_rows_max=rows_max)
    check_tables(kept, await recounted(kept))


async def test_a_long_history_has_every_effect(world: OrdersWorld, kept_orders: Kept):
    history = OrderHistory(world, 7)
    await history.play(700)
    await kept_orders.archive()
    assert set(check_tables(kept_orders, await recounted(kept_orders))) == set(EFFECTS)
