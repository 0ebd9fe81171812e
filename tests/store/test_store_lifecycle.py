"""confirm, extend, release and fulfill: what they share, and each by examples."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis
from serving import PARTITIONS
from store_kit import ANY, SECOND, START_MS, Shop, check_books, contents, dump, granted, refused, request

from promessa.domain.errors import AlreadyExists, FailedPrecondition, NotFound
from promessa.domain.reservation import ReservationFilters, ReservationState
from promessa.store.store import ExceedsReservation

CONFIRMED, FULFILLED, RELEASED = ReservationState.CONFIRMED, ReservationState.FULFILLED, ReservationState.RELEASED


async def held(shop: Shop, quantity: int = 4, ttl_ms: int = 60 * SECOND) -> None:
    """10 units at two cells of different partitions, `quantity` of each held."""
    await shop.count(0, 0, 10)
    await shop.count(1, 0, 10)
    await shop.hold("hold-0001", (0, 0, quantity), (1, 0, quantity), ttl_ms=ttl_ms)


async def columns(shop: Shop) -> list[tuple[int, int, int]]:
    cells = [await shop.cell(0, 0), await shop.cell(1, 0)]
    return [(cell.on_hand, cell.held, cell.committed) for cell in cells]


# All four --------------------------------------------------------------------------------------------------------------


async def act(shop: Shop, name: str, reservation_id: str, request_id: str = "", payload: Any = ANY) -> Any:
    argument = {"confirm": {"order_id": ""}, "extend": {"ttl_ms": SECOND}}.get(name, {})
    return await getattr(shop.store, name)(request_id, payload, reservation_id, **argument)


ALL = pytest.mark.parametrize("name", ["confirm", "extend", "release", "fulfill"])


@ALL
async def test_what_is_not_there_is_not_found_and_nothing_changes(shop: Shop, redis: Redis, name: str) -> None:
    await held(shop)
    assert refused(await shop.hold("hold-0002", (0, 0, 99)))
    before = await dump(redis)
    for reservation_id in ("none-0001", "hold-0002"):
        with pytest.raises(NotFound) as refusal:
            await act(shop, name, reservation_id, "edit-0001")
        assert refusal.value.reason == "RESERVATION_NOT_FOUND"
    assert await dump(redis) == before


@ALL
async def test_a_hold_is_over_at_its_very_instant(shop: Shop, redis: Redis, fixed: Any, name: str) -> None:
    await held(shop, ttl_ms=SECOND)
    fixed.now_ms += SECOND
    with pytest.raises(FailedPrecondition) as refusal:
        await act(shop, name, "hold-0001")
    assert refusal.value.reason == "RESERVATION_EXPIRED"
    assert refusal.value.metadata["expire_time_ms"] == str(START_MS + SECOND)
    assert await columns(shop) == [(10, 0, 0)] * 2
    await check_books(redis, shop.store.keys)
    before = await dump(redis)
    with pytest.raises(FailedPrecondition, match="over"):
        await act(shop, name, "hold-0001")
    assert await dump(redis) == before


async def test_a_hold_can_be_confirmed_a_millisecond_before_its_end(shop: Shop, fixed: Any) -> None:
    await held(shop, ttl_ms=SECOND)
    fixed.now_ms += SECOND - 1
    assert (await shop.confirm("hold-0001")).reservation.state == CONFIRMED


@ALL
async def test_a_repeated_change_gets_its_first_answer(shop: Shop, redis: Redis, fixed: Any, name: str) -> None:
    await held(shop)
    if name == "fulfill":
        await shop.confirm("hold-0001")
    first = await act(shop, name, "hold-0001", "edit-0001")
    if name in ("confirm", "extend"):
        await shop.release("hold-0001")
    fixed.now_ms += 1
    before = await contents(redis, without=(b"clock",))
    again = await act(shop, name, "hold-0001", "edit-0001")
    assert (again.replayed, again.reservation, again.positions) == (True, first.reservation, first.positions)
    assert await contents(redis, without=(b"clock",)) == before


@ALL
async def test_a_refusal_is_repeated_too(shop: Shop, fixed: Any, redis: Redis, name: str) -> None:
    await held(shop, ttl_ms=SECOND)
    fixed.now_ms += SECOND
    errors = []
    for _ in range(2):
        with pytest.raises(FailedPrecondition) as refusal:
            await act(shop, name, "hold-0001", "edit-0001")
        errors.append((refusal.value.reason, refusal.value.metadata))
    assert errors[0] == errors[1]


@ALL
async def test_another_payload_under_the_same_id_is_refused(shop: Shop, redis: Redis, name: str) -> None:
    await held(shop)
    await act(shop, "confirm", "hold-0001", "edit-0001", request("a"))
    before = await contents(redis, without=(b"clock",))
    with pytest.raises(AlreadyExists) as refusal:
        await act(shop, name, "hold-0001", "edit-0001", request("b"))
    assert refusal.value.metadata == {"request_id": "edit-0001", "field": "payload"}
    assert await contents(redis, without=(b"clock",)) == before


async def test_reserve_and_confirm_in_one_call_answer_with_what_each_saw(shop: Shop, redis: Redis) -> None:
    await shop.count(0, 0, 10)
    made, confirmed, again = await asyncio.gather(
        shop.hold("hold-0001", (0, 0, 4)), shop.confirm("hold-0001"), shop.hold("hold-0001", (0, 0, 4))
    )
    assert made.reservation.state == ReservationState.HELD
    assert confirmed.reservation.state == CONFIRMED
    assert (again.replayed, again.reservation.state) == (True, CONFIRMED)
    assert (await shop.cell(0, 0)).committed == 4
    await check_books(redis, shop.store.keys)


# confirm ---------------------------------------------------------------------------------------------------------------


async def test_confirm_moves_held_units_to_committed_ones_and_the_hold_never_ends(
    shop: Shop, redis: Redis, fixed: Any
) -> None:
    await held(shop, ttl_ms=SECOND)
    confirmed = (await shop.confirm("hold-0001", order_id="o-9")).reservation
    assert (confirmed.state, confirmed.order_id, confirmed.expires_ms) == (CONFIRMED, "o-9", 0)
    assert await columns(shop) == [(10, 0, 4)] * 2
    fixed.now_ms += 90 * 24 * 3600 * SECOND
    await shop.store.sweep()
    assert await columns(shop) == [(10, 0, 4)] * 2
    await check_books(redis, shop.store.keys)


async def test_confirm_again_is_no_change(shop: Shop, redis: Redis) -> None:
    await held(shop)
    first = await shop.confirm("hold-0001")
    before = await dump(redis)
    assert (await shop.confirm("hold-0001")).reservation == first.reservation
    assert await dump(redis) == before


async def test_what_is_released_or_fulfilled_cannot_be_confirmed(shop: Shop, redis: Redis) -> None:
    await held(shop)
    await shop.release("hold-0001")
    before = await dump(redis)
    with pytest.raises(FailedPrecondition) as refusal:
        await shop.confirm("hold-0001")
    assert refusal.value.metadata["state"] == "RELEASED"
    assert await dump(redis) == before


# extend ----------------------------------------------------------------------------------------------------------------


async def test_extend_counts_from_now_and_may_shorten(shop: Shop, redis: Redis, fixed: Any) -> None:
    await held(shop, ttl_ms=60 * SECOND)
    fixed.now_ms += 10 * SECOND
    extended = (await shop.extend("hold-0001", 5 * SECOND)).reservation
    assert extended.expires_ms == START_MS + 15 * SECOND
    await check_books(redis, shop.store.keys)
    fixed.now_ms += 5 * SECOND
    assert await shop.store.sweep() == 1
    assert await columns(shop) == [(10, 0, 0)] * 2


async def test_only_a_hold_can_be_extended(shop: Shop, redis: Redis) -> None:
    await held(shop)
    await shop.confirm("hold-0001")
    before = await dump(redis)
    with pytest.raises(FailedPrecondition) as refusal:
        await shop.extend("hold-0001", SECOND)
    assert refusal.value.metadata["state"] == "CONFIRMED"
    assert await dump(redis) == before


# release ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("confirmed", [False, True])
async def test_release_gives_back_all_that_is_open(shop: Shop, redis: Redis, confirmed: bool) -> None:
    await held(shop)
    if confirmed:
        await shop.confirm("hold-0001")
    released = (await shop.release("hold-0001")).reservation
    assert (released.state, [line.open for line in released.lines]) == (RELEASED, [0, 0])
    assert await columns(shop) == [(10, 0, 0)] * 2
    await check_books(redis, shop.store.keys)


async def test_release_of_some_units_leaves_the_rest_held(shop: Shop, redis: Redis, fixed: Any) -> None:
    await held(shop, ttl_ms=SECOND)
    released = (await shop.release("hold-0001", (1, 0, 1), (1, 0, 2))).reservation
    assert (released.state, [line.open for line in released.lines]) == (ReservationState.HELD, [4, 1])
    await check_books(redis, shop.store.keys)
    fixed.now_ms += SECOND
    await shop.store.sweep()
    assert await columns(shop) == [(10, 0, 0)] * 2


async def test_release_of_more_than_is_open_changes_nothing_at_all(shop: Shop, redis: Redis) -> None:
    await held(shop)
    before = await dump(redis)
    for lines, at in [
        (((0, 0, 1), (1, 0, 5)), (1, 0, 4)),
        (((0, 0, 3), (0, 0, 2)), (0, 0, 4)),
        (((9, 9, 1),), (9, 9, 0)),
    ]:
        with pytest.raises(ExceedsReservation) as refusal:
            await shop.release("hold-0001", *lines)
        assert (refusal.value.node_ix, refusal.value.sku_ix, refusal.value.open_quantity) == at
    assert await dump(redis) == before


async def test_release_again_is_no_change_and_naming_units_again_is_refused(shop: Shop, redis: Redis) -> None:
    await held(shop)
    first = await shop.release("hold-0001")
    before = await dump(redis)
    assert (await shop.release("hold-0001")).reservation == first.reservation
    with pytest.raises(FailedPrecondition) as refusal:
        await shop.release("hold-0001", (0, 0, 1))
    assert refusal.value.reason == "WRONG_STATE"
    assert await dump(redis) == before


async def test_release_of_the_rest_after_a_part_was_fulfilled_ends_as_fulfilled(shop: Shop, redis: Redis) -> None:
    await held(shop)
    await shop.confirm("hold-0001")
    await shop.fulfill("hold-0001", (0, 0, 3))
    released = (await shop.release("hold-0001")).reservation
    assert (released.state, [line.fulfilled for line in released.lines]) == (FULFILLED, [3, 0])
    assert await columns(shop) == [(7, 0, 0), (10, 0, 0)]
    await check_books(redis, shop.store.keys)


# fulfill ---------------------------------------------------------------------------------------------------------------


async def test_fulfill_takes_units_off_the_shelf(shop: Shop, redis: Redis) -> None:
    await held(shop)
    await shop.confirm("hold-0001")
    part = (await shop.fulfill("hold-0001", (0, 0, 1))).reservation
    assert (part.state, [(x.open, x.fulfilled) for x in part.lines]) == (CONFIRMED, [(3, 1), (4, 0)])
    assert await columns(shop) == [(9, 0, 3), (10, 0, 4)]
    assert (await shop.fulfill("hold-0001")).reservation.state == FULFILLED
    assert await columns(shop) == [(6, 0, 0), (6, 0, 0)]
    await check_books(redis, shop.store.keys)


async def test_fulfill_never_takes_the_shelf_below_zero(shop: Shop) -> None:
    await held(shop)
    await shop.confirm("hold-0001")
    await shop.count(0, 0, 1)
    await shop.fulfill("hold-0001")
    assert await columns(shop) == [(0, 0, 0), (6, 0, 0)]


async def test_a_hold_must_be_confirmed_before_it_is_fulfilled(shop: Shop, redis: Redis) -> None:
    await held(shop)
    before = await dump(redis)
    with pytest.raises(FailedPrecondition) as refusal:
        await shop.fulfill("hold-0001")
    assert refusal.value.metadata["state"] == "HELD"
    assert await dump(redis) == before


async def test_fulfill_of_more_than_is_open_changes_nothing(shop: Shop, redis: Redis) -> None:
    await held(shop)
    await shop.confirm("hold-0001")
    before = await dump(redis)
    with pytest.raises(ExceedsReservation):
        await shop.fulfill("hold-0001", (0, 0, 4), (1, 0, 5))
    assert await dump(redis) == before


async def test_fulfilled_again_is_no_change(shop: Shop, redis: Redis) -> None:
    await held(shop)
    await shop.confirm("hold-0001")
    first = await shop.fulfill("hold-0001")
    before = await dump(redis)
    assert (await shop.fulfill("hold-0001")).reservation == first.reservation
    assert await dump(redis) == before
    assert granted(first) == [4, 4]


async def test_a_part_can_be_reacquired_where_another_line_was_granted_nothing(shop: Shop, fixed: Any) -> None:
    await shop.count(0, 0, 10)
    await shop.hold("hold-0001", (0, 0, 4), (1, 0, 4), partial=True, ttl_ms=SECOND)
    fixed.now_ms += SECOND
    confirmed = await shop.confirm("hold-0001", reacquire=True)
    assert confirmed.reservation.state == CONFIRMED
    assert (await shop.cell(0, 0)).committed == 4


# Listing ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page_size", [1, 7, 1000])
async def test_a_listing_tells_every_reservation_once_and_no_answer_of_another_request(
    shop: Shop, page_size: int
) -> None:
    """So many members that a partition is read in several pages, most of which have no reservation."""
    await asyncio.gather(*(shop.count(0, 0, 100, request_id=f"feed-{i:04d}") for i in range(3000)))
    ids = {f"hold-{i:04d}" for i in range(20)}
    await asyncio.gather(*(shop.hold(each, (0, 0, 1)) for each in ids))
    await shop.confirm("hold-0000", request_id="sure-0000")
    await shop.promise("wait-0000", (0, 0, 1))
    await shop.hold("many-0000", (0, 0, 1000))
    listed, token = [], ""
    while True:
        page, token = await shop.store.list_reservations(
            page_token=token, page_size=page_size, filters=ReservationFilters()
        )
        assert len(page) <= page_size
        listed += [each.reservation_id for each in page]
        if not token:
            break
    assert sorted(listed) == sorted([*ids, "wait-0000"])


@pytest.mark.parametrize("kept", [20, 200])
async def test_a_listing_loses_nothing_when_the_records_between_its_pages_shrink(
    shop: Shop, redis: Redis, kept: int
) -> None:
    """The store gives pages of a smaller hash otherwise: what is in one of them may have been in a later one before."""
    await shop.count(0, 0, 10_000)
    ids = [f"hold-{i:05d}" for i in range(6_000)]
    await asyncio.gather(*(shop.hold(each, (0, 0, 1)) for each in ids))
    keys = [shop.store.keys.res(partition) for partition in range(PARTITIONS)]
    page, token = await shop.store.list_reservations(page_token="", page_size=100, filters=ReservationFilters())
    listed = {each.reservation_id for each in page}
    survive = set(ids[:: len(ids) // kept])
    for key in keys:
        gone = [member for member in await redis.hkeys(key) if member[2:].decode() not in survive]
        await redis.hdel(key, *gone)
    while token:
        page, token = await shop.store.list_reservations(page_token=token, page_size=100, filters=ReservationFilters())
        assert len(page) <= 100
        listed |= {each.reservation_id for each in page}
    assert survive <= listed, f"{len(survive - listed)} are lost"
