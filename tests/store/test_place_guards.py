"""Teeth: what keeps a hold and the order that follows it, made in one call, what they would be as two calls."""

from __future__ import annotations

from typing import Any

from guards_kit import Example, breaks, each, examples, holds
from store_kit import ANY, Shop, check_books, request
from test_order_guards import Orders, placed

from promessa.domain.capacity import CapacityUnit, OnFull
from promessa.domain.order import HistoryEntry, StoredOrder
from promessa.domain.reservation import Reservation, ReservationState
from promessa.store.following import Following
from promessa.store.order_store import Write


async def place(
    orders: Orders, held: str = "hold-0001", *, order_id: str = "o-1", request_id: str = "place-0001", units: int = 2
) -> tuple[Following, Reservation]:
    """Hold two units and place an order of some of them; what became of the order, and the reservation."""
    step = Write(0, placed(order_id, units, held), "shop", 0, 0)
    following = orders.store.following(request_id, ANY, step)
    reserved = await orders.shop.hold(held, (0, 0, 2), following=following)
    return following, reserved.reservation


# Examples --------------------------------------------------------------------------------------------------------------


async def a_hold_and_its_order_are_one_change(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 9)
    following, answered = await place(orders)
    change = placed("o-1", 2, "hold-0001")
    now = following.made_ms
    entry = HistoryEntry(now, change.step, "shop", change.number, change.detail)
    assert await orders.store.get("o-1") == StoredOrder(1, now, now, change.order, (entry,))
    assert answered.state == ReservationState.HELD, "as its own call would answer"
    record = await shop.store.get_record("hold-0001")
    assert record is not None and record.is_of_order
    assert (record.state, record.order_id) == (ReservationState.CONFIRMED, "o-1")
    cell = await shop.cell(0, 0)
    assert (cell.held, cell.committed) == (0, 2)
    first = await orders.send(change, 0, "place-0001")
    assert first.replayed and first.orders[0].version == 1
    kinds = [x for _, flat in [each async for each in orders.books.entries(0)] for x in flat[2::2]]
    assert [x for x in kinds if x in (b"hold", b"confirm")] == [b"hold", b"confirm"]
    assert following.positions
    for partition, sequence in zip(following.positions[::2], following.positions[1::2], strict=True):
        assert (await shop.store.heads())[partition] == sequence
    await check_books(shop.store._redis, shop.store.keys)


async def what_was_held_before_is_no_order_yet(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 9)
    await shop.hold("hold-0001", (0, 0, 2))
    following, answered = await place(orders)
    assert not following.made_ms and answered.state == ReservationState.HELD
    assert await orders.store.get("o-1") is None, "who asked looks first at what is held"
    assert (await shop.cell(0, 0)).held == 2


async def what_is_short_is_no_order(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 1)
    following, answered = await place(orders)
    assert not following.made_ms and not answered.lines[0].granted
    assert await orders.store.get("o-1") is None
    assert (await shop.cell(0, 0)).held == 0


async def a_node_s_days_are_told_before_there_is_an_order(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.open_node("node-0", 1, CapacityUnit.ORDERS, OnFull.NEXT_DAY)
    await shop.count(0, 0, 9)
    following, answered = await place(orders)
    assert not following.made_ms and answered.work_days, "when it leaves depends on the day"
    assert await orders.store.get("o-1") is None


async def where_no_order_can_be_the_hold_is_as_any_other(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 9)
    await place(orders)
    for n, options in enumerate(({"request_id": "place-0002"}, {"order_id": "o-2"}, {"order_id": "o-3", "units": 3})):
        name = f"hold-100{n}"
        options = {"request_id": "place-0001" if n == 1 else "place-0009", **options}
        following, answered = await place(orders, name, **options)  # type: ignore[arg-type]
        assert not following.made_ms and answered.state == ReservationState.HELD
        record = await shop.store.get_record(name)
        assert record is not None and record.state == ReservationState.HELD and not record.is_of_order
    assert await orders.store.get("o-2") is None and await orders.store.get("o-3") is None
    assert (await shop.cell(0, 0)).held == 6
    await shop.release("hold-1000")
    await check_books(shop.store._redis, shop.store.keys)


async def another_payload_of_its_request_is_told(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 9)
    await place(orders)
    step = Write(0, placed("o-1", 2, "hold-0001"), "shop", 0, 0)
    following = orders.store.following("place-0001", request("other"), step)
    again = await orders.shop.hold("hold-0001", (0, 0, 2), following=following)
    assert again.replayed and not following.made_ms
    assert (await shop.cell(0, 0)).committed == 2


GUARDS: list[tuple[str, str, Example]] = [
    ("  local made = run.order_step(op[3])\n  if made[1] ~= 'ok' then return held end\n", "  local made = { 'ok', {} }\n", a_hold_and_its_order_are_one_change),
    ("  return { 'placed', now, unpack(made, 3) }", "  return { 'placed', now }", a_hold_and_its_order_are_one_change),
    ("  if held[1] ~= 'granted' then return held end\n", "", what_was_held_before_is_no_order_yet),
    ("  if held[1] ~= 'granted' then return held end\n", "", a_node_s_days_are_told_before_there_is_an_order),
    ("  if made[1] ~= 'ok' then return held end\n", "", where_no_order_can_be_the_hold_is_as_any_other),
]  # fmt: skip


@examples([*GUARDS, ("", "", what_is_short_is_no_order), ("", "", another_payload_of_its_request_is_told)])
def test_the_example_holds_with_every_guard(guarded: str, example: Example) -> None:
    holds(guarded, example)


@each(GUARDS)
def test_without_the_guard_the_example_breaks(guarded: str, text: str, instead: str, example: Example) -> None:
    breaks(guarded, text, instead, example)
