"""Resourcing in the store: all of it or nothing, never on what is not known any more, and cool-downs of nodes beside it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis
from store_kit import ANY, HOUR, SECOND, START_MS, Shop, check_books, request

from promessa.domain.errors import FailedPrecondition
from promessa.domain.refusal import Cooling, NodeCooling
from promessa.store.catalogue_log import CatalogueLog
from promessa.store.store import CoolingOf, Resourced, ResourceShort, Short

COLD = ("near", 0, "cup", START_MS, START_MS + HOUR, 1, "refusal-0001")


async def stocked(shop: Shop, *, first: int = 5, second: int = 5) -> None:
    await shop.count(0, 0, first)
    await shop.count(1, 0, second)
    await shop.hold("order-0001", (0, 0, 3), extra=b"first")


async def resource(shop: Shop, request_id: str = "refusal-0001", **more: Any) -> Any:
    values: dict[str, Any] = {
        "moves": (0, 1, 0, 3), "back": (), "extra_before": b"first", "extra": b"second", "told": b"told", **more,
    }  # fmt: skip
    return await shop.store.resource(request_id, ANY, "order-0001", **values)


async def counts(shop: Shop) -> list[tuple[int, int]]:
    return [(cell.held, cell.committed) for cell in await shop.store.read_cells([(0, 0), (1, 0)]) if cell]


async def coolings(shop: Shop, redis: Redis) -> dict[str, NodeCooling]:
    found = await CatalogueLog(redis, shop.store.keys).load()
    return {name: value for kind, name, _, value, _ in found if kind == "cooling" and isinstance(value, NodeCooling)}


async def test_units_move_what_is_kept_is_replaced_and_the_node_cools_down(shop: Shop, redis: Redis) -> None:
    await stocked(shop)
    found = await resource(shop, coolings=[CoolingOf(*COLD)])
    assert isinstance(found, Resourced) and found.told == b"told" and not found.reserved.replayed
    assert await counts(shop) == [(0, 0), (3, 0)]
    kept = await shop.store.get_reservation("order-0001")
    assert kept is not None and kept.extra == b"second"
    assert await coolings(shop, redis) == {"near": NodeCooling("near", (Cooling(*COLD[2:]),))}
    again = await resource(shop)
    assert again.reserved.replayed and again.told == b"told"
    assert await shop.store.told_of("refusal-0001") == b"told"
    assert await shop.store.told_of("order-0001") is None


async def test_where_a_cell_is_short_nothing_changes_and_nothing_is_remembered(shop: Shop, redis: Redis) -> None:
    await stocked(shop, second=2)
    found = await resource(shop, coolings=[CoolingOf(*COLD)])
    assert found == ResourceShort((Short(1, 0, 3, 2, 1),))
    assert await counts(shop) == [(3, 0), (0, 0)] and await coolings(shop, redis) == {}
    kept = await shop.store.get_reservation("order-0001")
    assert kept is not None and kept.extra == b"first"
    await shop.count(1, 0, 3)
    assert isinstance(await resource(shop), Resourced), "the same request may try again"


async def test_what_was_decided_on_something_else_is_not_done(shop: Shop) -> None:
    await stocked(shop)
    assert await resource(shop, extra_before=b"other") is None
    assert await counts(shop) == [(3, 0), (0, 0)]
    one, two = await asyncio.gather(
        resource(shop, "refusal-0001", moves=(0, 1, 0, 1)), resource(shop, "refusal-0002", moves=(0, 1, 0, 1))
    )
    assert {one is None, two is None} == {True, False}, "of two that read the same, one is done"


async def test_moving_and_giving_back_is_one_step(shop: Shop) -> None:
    await stocked(shop)
    await resource(shop, moves=(0, 1, 0, 1), back=(0, 0, 2))
    assert await counts(shop) == [(0, 0), (1, 0)]
    with pytest.raises(FailedPrecondition) as caught:
        await resource(shop, "refusal-0002", moves=(1, 0, 0, 1), back=(1, 0, 1), extra_before=b"second")
    assert caught.value.reason == "QUANTITY_EXCEEDS_RESERVATION"
    assert await counts(shop) == [(0, 0), (1, 0)]
    await resource(shop, "refusal-0003", moves=(), back=(1, 0, 1), extra_before=b"second")
    assert await counts(shop) == [(0, 0), (0, 0)]
    with pytest.raises(FailedPrecondition) as caught:
        await resource(shop, "refusal-0004", moves=(), extra_before=b"second")
    assert caught.value.reason == "WRONG_STATE"


async def waiting(shop: Shop) -> None:
    """Eight units at node 0, three in stock and five of an inbound of six; nine are at node 1."""
    await shop.count(0, 0, 3)
    await shop.count(1, 0, 9)
    await shop.expect("po", 0, 0, 6)
    await shop.promise("order-0001", (0, 0, 8), extra=b"first")


async def bound(shop: Shop, redis: Redis) -> tuple[int, int]:
    """Units of the inbound that are bound, and records that are bound to it."""
    return (await shop.inbound("po", 0, 0)).bound, await redis.zcard(f"{shop.store.keys.cells(0)[:-5]}bound:0:0:po")


async def test_bound_units_move_after_those_in_stock_and_are_bound_no_more(shop: Shop, redis: Redis) -> None:
    await waiting(shop)
    assert await bound(shop, redis) == (5, 1)
    await resource(shop, moves=(0, 1, 0, 4))
    assert await counts(shop) == [(0, 0), (4, 0)] and await bound(shop, redis) == (4, 1)
    await shop.confirm("order-0001")
    await resource(shop, "refusal-0002", moves=(0, 1, 0, 2), back=(0, 0, 2), extra_before=b"second")
    assert await counts(shop) == [(0, 0), (0, 6)] and await bound(shop, redis) == (0, 0)
    await check_books(redis, shop.store.keys)
    await shop.receive("po", 0, 0, 6)
    assert await counts(shop) == [(0, 0), (0, 6)]


async def test_bound_units_go_back_to_their_inbound(shop: Shop, redis: Redis) -> None:
    await waiting(shop)
    await resource(shop, moves=(), back=(0, 0, 8))
    assert await counts(shop) == [(0, 0), (0, 0)] and await bound(shop, redis) == (0, 0)
    await check_books(redis, shop.store.keys)


async def test_a_transfer_moves_no_bound_units(shop: Shop, redis: Redis) -> None:
    await waiting(shop)
    with pytest.raises(FailedPrecondition) as caught:
        await shop.move("order-0001", (0, 1, 0, 4))
    assert caught.value.reason == "QUANTITY_EXCEEDS_RESERVATION"
    await shop.move("order-0001", (0, 1, 0, 3))
    assert await counts(shop) == [(0, 0), (3, 0)] and await bound(shop, redis) == (5, 1)


async def test_a_hold_keeps_its_time_and_a_confirmed_one_its_state(shop: Shop, fixed: Any) -> None:
    await stocked(shop)
    fixed.now_ms += 10 * SECOND
    found = await resource(shop)
    assert found.reserved.reservation.expires_ms == START_MS + 60 * SECOND
    fixed.now_ms = START_MS + 60 * SECOND
    await shop.store.sweep()
    assert await counts(shop) == [(0, 0), (0, 0)]


async def test_a_fingerprint_of_another_refusal_is_refused(shop: Shop) -> None:
    await stocked(shop)
    await resource(shop, moves=(0, 1, 0, 1))
    with pytest.raises(Exception, match="used before"):
        await shop.store.resource(
            "refusal-0001", request("other"), "order-0001",
            moves=(), back=(), extra_before=b"second", extra=b"", told=b"",
        )  # fmt: skip


async def test_cool_downs_of_a_node_are_merged_and_dropped_when_they_are_over(shop: Shop, redis: Redis) -> None:
    await stocked(shop)

    async def cool(number: int, sku: str, since: int, until: int) -> None:
        extra = {"extra_before": b"first", "extra": b"first", "moves": ()}
        cooling = CoolingOf("near", 0, sku, since, until, 1, f"refusal-{number:04}")
        await resource(shop, f"refusal-{number:04}", coolings=[cooling], **extra)

    await cool(1, "cup", START_MS, START_MS + 100)
    await cool(2, "pot", START_MS, START_MS + 50)
    await cool(3, "cup", START_MS + 10, START_MS + 60)
    found = (await coolings(shop, redis))["near"]
    assert [(each.sku, each.until_ms, each.decision_id) for each in found.coolings] == [
        ("cup", START_MS + 100, "refusal-0003"), ("pot", START_MS + 50, "refusal-0002"),
    ]  # fmt: skip
    assert [each.sku for each in found.at(START_MS + 50)] == ["cup"]
    assert [each.sku for each in found.at(START_MS + 9)] == ["cup", "pot"], "whose clock is behind sees no hole"
    await cool(4, "", START_MS + 60, START_MS + 90)
    found = (await coolings(shop, redis))["near"]
    assert [each.sku for each in found.coolings] == ["", "cup"]
    assert [each.sku for each in found.at(START_MS + 89)] == ["", "cup"]
    assert [each.sku for each in found.at(START_MS + 90)] == ["cup"]
    await cool(5, "cup", START_MS + 150, START_MS + 160)
    found = (await coolings(shop, redis))["near"]
    assert [(each.sku, each.since_ms) for each in found.coolings] == [("cup", START_MS + 150)]


async def test_no_more_cool_downs_of_a_node_are_kept_than_may_be(shop: Shop, redis: Redis) -> None:
    await stocked(shop)
    many = [CoolingOf("near", 0, f"sku-{i}", START_MS, START_MS + HOUR, 1, "refusal-0001") for i in range(230)]
    await resource(shop, moves=(), coolings=many)
    kept = (await coolings(shop, redis))["near"].coolings
    assert len(kept) == 200 and kept[0].sku == "sku-229"
