"""Plans with hours: what the calendars of nodes and carriers make of a plan's dates, over the real store and kernel."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from test_sourcing import DAY, Rows, hold, network, order, sourcing, stock

from promessa.domain.calendar import Calendar, WorkingHours
from promessa.domain.catalogue import Catalogue, Lane, Node
from promessa.service.held_plan import later_by, slip_of
from promessa.service.sourcing import Sourcing
from promessa.store.store import Store

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
WEEK = tuple(WorkingHours(weekday, 540, 1080) for weekday in range(1, 6))
SHOP = Calendar("shop", hours=(*WEEK, WorkingHours(6, 540, 780)), holiday_country_code="BR")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=SAO_PAULO).timestamp() * 1000)


def local(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(SAO_PAULO).strftime("%Y-%m-%d %H:%M")


TUESDAY = at("2026-11-24 13:00")


def with_hours(**lane: object) -> Catalogue:
    """Node a keeps shop hours and works 90 minutes on an order until 14:00; its carrier comes at 16:00, Monday to Friday."""
    catalogue = network()
    catalogue.put("calendar", "shop", 0, SHOP, 0)
    catalogue.put("calendar", "carrier", 1, Calendar("carrier", hours=WEEK, holiday_country_code="BR"), 0)
    a = Node(
        "a",
        time_zone="America/Sao_Paulo",
        calendar_id="shop",
        cutoff_minute=840,
        handling_minutes=90,
        shipment_cost_micros=1_000_000,
    )
    catalogue.put("node", "a", 0, a, 1)
    made = {"calendar_id": "carrier", "pickup_minutes": (960,), "transit_in_working_days": True, **lane}
    catalogue.put("lane", "lane-a", 0, Lane("lane-a", "a", "BR", ("0",), "road", "cheap", 2, **made), 0)  # type: ignore[arg-type]
    return catalogue


def at_noon(store: Store, catalogue: Catalogue, now_ms: int, rows: Rows | None = None) -> Sourcing:
    service = sourcing(store, rows or Rows({(0, 0): 5}), catalogue)
    service._now_ms = lambda: now_ms
    return service


async def dates_of(service: Sourcing, **constraints: object) -> list[str]:
    plan, _ = await service.source(order(("cup", 1), **constraints), explain=False)
    return [
        local(ms)
        for s in plan.shipments
        for ms in (s.ready_ms, s.ship_ms, s.window_start_ms, s.promise_ms)
        if ms
    ]  # fmt: skip


async def test_a_plan_is_ready_leaves_and_arrives_by_the_hours_of_node_and_carrier(store: Store) -> None:
    catalogue = with_hours(delivery_start_minute=480, delivery_end_minute=1080)
    assert await dates_of(at_noon(store, catalogue, TUESDAY)) == [
        "2026-11-24 14:30", "2026-11-24 16:00", "2026-11-26 08:00", "2026-11-26 18:00"
    ]  # fmt: skip
    late = await dates_of(at_noon(store, catalogue, TUESDAY + 3_600_000))
    assert late == ["2026-11-25 10:30", "2026-11-25 16:00", "2026-11-27 08:00", "2026-11-27 18:00"]


async def test_lanes_without_hours_keep_their_dates(store: Store) -> None:
    plan, _ = await at_noon(store, with_hours(), TUESDAY, Rows({(0, 1): 5})).source(order(("cup", 1)), explain=False)
    (shipment,) = plan.shipments
    assert (shipment.ship_ms, shipment.promise_ms) == (TUESDAY, TUESDAY + 5 * DAY)
    assert (shipment.ready_ms, shipment.window_start_ms) == (0, 0)


async def test_a_deadline_between_two_promises_rules_the_later_one_out(store: Store) -> None:
    latest = at("2026-11-26 16:00")
    assert await dates_of(at_noon(store, with_hours(), TUESDAY), latest_delivery_ms=latest)
    assert not await dates_of(at_noon(store, with_hours(), TUESDAY), latest_delivery_ms=latest - 1)
    assert not await dates_of(at_noon(store, with_hours(), TUESDAY + 3_600_000), latest_delivery_ms=latest)


async def test_what_must_be_made_first_is_handled_on_a_working_day_after(store: Store) -> None:
    catalogue = with_hours()
    pot = replace(catalogue.skus.by_id["pot"], supply_mode=3, lead_time_days=3)
    catalogue.put("sku", "pot", 1, pot, 0)
    service = at_noon(store, catalogue, TUESDAY, Rows({(1, 0): 5}))
    plan, _ = await service.source(order(("pot", 1)), explain=False)
    # Made by Friday 13:00, ready at 14:30, and two working days after Friday is Tuesday.
    assert [local(x) for x in (plan.shipments[0].ready_ms, plan.promise_ms)] == ["2026-11-27 14:30", "2026-12-01 16:00"]


async def test_work_of_a_later_day_moves_the_promise_by_the_calendars_and_a_retry_says_the_same(store: Store) -> None:
    await stock(store, {(0, 0): 5})
    first = await hold(at_noon(store, with_hours(), TUESDAY), order(("cup", 1)))
    (kept,) = first.plan.shipments
    later = {days: later_by(kept, days) for days in (3, 5, 22)}
    assert [local(x) for x in (later[3].ready_ms, later[3].ship_ms, later[3].promise_ms)] == [
        "2026-11-27 10:30", "2026-11-27 16:00", "2026-12-01 16:00"
    ]  # fmt: skip
    assert local(later[5].ready_ms) == "2026-11-30 10:30", "Sunday's work is Monday's"
    assert local(later[22].ready_ms) == "2026-12-16 10:30", "two days beyond those known beforehand"
    again = await hold(at_noon(store, with_hours(pickup_minutes=(600,)), TUESDAY), order(("cup", 1)))
    assert (again.replayed, again.plan) == (True, first.plan)


async def test_a_deadline_says_how_many_days_the_work_may_wait(store: Store) -> None:
    await stock(store, {(0, 0): 5})
    wanted = order(("cup", 1), latest_delivery_ms=at("2026-12-01 16:00"))
    (kept,) = (await hold(at_noon(store, with_hours(), TUESDAY), wanted)).plan.shipments
    assert slip_of(kept, wanted.constraints.latest_delivery_ms) == 3


async def test_a_lane_is_used_while_it_is_valid(store: Store) -> None:
    catalogue = with_hours(valid_from_ms=TUESDAY, valid_until_ms=TUESDAY + DAY)
    found = {
        turn: bool(await dates_of(at_noon(store, catalogue, TUESDAY + turn))) for turn in (-1, 0, DAY - 1, DAY)
    }  # fmt: skip
    assert found == {-1: False, 0: True, DAY - 1: True, DAY: False}
    service = at_noon(store, catalogue, TUESDAY)
    assert await dates_of(service)
    service._now_ms = lambda: TUESDAY + DAY
    assert not await dates_of(service), "what was kept of the day before is thrown away"
