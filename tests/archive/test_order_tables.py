"""The tables of orders say of every step what the order in the log says, compared with the order before it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import recount_order_reports as recount
from archive_kit import Kept, raw_log
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from orders_world import NODES, RULES, SKUS, OrderHistory, OrdersWorld
from recount_orders import RecountedOrders
from store_kit import START_MS

from promessa.archive.order_schema import EFFECTS
from promessa.archive.reports import connect, make_report
from promessa.domain.order import ShipmentState, Step, Way
from promessa.domain.returns import Disposition

DAY = 24 * 3600 * 1_000


async def recounted(kept: Kept) -> RecountedOrders:
    return RecountedOrders(list(NODES), SKUS).read(await raw_log(kept.redis, kept.keys))


def rate(taker: str, owner: str) -> int:
    """What the rules of the world say."""
    known = {(seller, of): basis_points for seller, of, basis_points in RULES.values()}
    pairs = ((taker, owner), (taker, ""), ("", owner), ("", ""))
    return next(known[pair] for pair in pairs if pair in known)


def check_reports(kept: Kept, again: RecountedOrders, start: int, end: int) -> dict[str, list[dict[str, Any]]]:
    """Every report on orders, beside a recount of the raw log."""
    types, owners = {n: t for n, (t, _) in NODES.items()}, {n: owner for n, (_, owner) in NODES.items()}
    expected = {
        "channels": recount.channels(again, start, end),
        "nodes": recount.nodes(again, types, start, end),
        "journey": recount.journey(again, start, end),
        "settlement": recount.settlement(again, owners, rate, start, end),
    }
    for name, rows in expected.items():
        found = make_report(kept.directory, name, start_ms=start, end_ms=end, rows_max=1_000)
        assert found.rows == rows, name
    for currency in ("BRL", "USD"):
        assert sum(row["net_micros"] for row in expected["settlement"] if row["currency_code"] == currency) == 0
    return expected


def check_ledger(kept: Kept) -> tuple[set[str], set[str]]:
    """Each posting has two sides, and each currency is zero; the accounts and currencies there are."""
    posting = "account, order_id, version, line, shipment, currency_code"
    with connect(kept.directory) as connection:
        totals = connection.execute("SELECT currency_code, sum(micros) FROM ledger GROUP BY ALL").fetchall()
        sides = connection.execute(f"SELECT {posting}, sum(micros), count(*) FROM ledger GROUP BY ALL").fetchall()
    assert all(total == 0 for _, total in totals)
    assert all(total == 0 and count % 2 == 0 for *_, total, count in sides)
    return {row[0] for row in sides}, {row[0] for row in totals}


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
        for ship in order.shipments:
            if ship.state == ShipmentState.UNCOLLECTED and ship.way == Way.TO_STORE:
                came.update({(order.order_id, x.line, Disposition.RESELLABLE.name): x.quantity for x in ship.lines})
    assert back == Counter({key: units for key, units in came.items() if units})
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
    again = await recounted(kept)
    check_tables(kept, again)
    check_ledger(kept)
    for start, end in ((START_MS - DAY, world.now_ms + 1), (START_MS + DAY, START_MS + 3 * DAY), (0, DAY)):
        check_reports(kept, again, start, end)


async def test_a_long_history_has_every_effect_and_every_account(world: OrdersWorld, kept_orders: Kept):
    history = OrderHistory(world, 10)
    await history.play(700)
    await world.leave_uncollected("left-alone", "dc")
    world.later(30 * DAY)
    await world.tend()
    await kept_orders.archive()
    again = await recounted(kept_orders)
    assert set(check_tables(kept_orders, again)) == set(EFFECTS)
    assert {"PUT_BACK", "REFUND", "LATE", "REFUSE_OFFER"} <= {row["step"] for row in kept_orders.dicts("order_steps")}
    effects = {row["effect"] for row in kept_orders.dicts("order_units") if row["step"] == "PUT_BACK"}
    assert effects == {"CANCELLED", "RETURNED"}
    assert all(check_reports(kept_orders, again, 0, world.now_ms + 1).values())
    accounts, currencies = check_ledger(kept_orders)
    assert accounts == {"COMMISSION", "COMMISSION_BACK", "TRANSFER", "EXCHANGE", "EXCHANGE_BACK"}
    assert currencies >= {"BRL", "USD"}
