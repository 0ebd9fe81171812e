"""put, delete and node_state: records of the catalogue and their dense indices."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis
from store_kit import ANY, Shop, check_books, contents, dump, granted, outcomes, refused, request

from promessa.domain.errors import AlreadyExists, FailedPrecondition, InvalidRequest
from promessa.domain.stock import FeedOutcome
from promessa.store.store import Filed


async def put(shop: Shop, kind: str, name: str, value: bytes = b"{}", request_id: str = "", **options: object) -> Filed:
    return await shop.store.put_resource(
        request_id,
        options.pop("payload", ANY),
        kind=kind,
        resource_id=name,
        value=value,
        **options,  # type: ignore[arg-type]
    )


async def test_indices_are_dense_for_each_kind_and_kept_for_ever(shop: Shop) -> None:
    assert [(await put(shop, "sku", name)).index for name in ("a", "b", "a", "c")] == [0, 1, 0, 2]
    assert (await put(shop, "node", "a", state=1)).index == 0
    await shop.store.delete_resource("", ANY, kind="sku", resource_id="b")
    assert (await put(shop, "sku", "d")).index == 3
    assert (await put(shop, "sku", "b")).index == 1


async def test_put_replaces_the_value_and_leaves_the_state_of_a_node(shop: Shop) -> None:
    await put(shop, "node", "a", state=1)
    await shop.store.set_node_state("", ANY, node_id="a", state=2)
    filed = await put(shop, "node", "a", b'{"x":1}', state=1)
    assert (filed.value, filed.state) == (b'{"x":1}', 2)


async def test_put_needs_what_it_refers_to(shop: Shop, redis: Redis) -> None:
    await put(shop, "node", "a", state=1)
    before = await dump(redis)
    with pytest.raises(InvalidRequest) as refusal:
        await put(shop, "lane", "l", requires=["node:a", "rate_card:r"], request_id="edit-0001")
    assert refusal.value.metadata == {"kind": "rate_card", "id": "r"}
    assert await dump(redis) == before
    await put(shop, "rate_card", "r")
    assert (await put(shop, "lane", "l", requires=["node:a", "rate_card:r"], request_id="edit-0001")).index == 0


async def test_a_deleted_record_no_longer_counts_as_there(shop: Shop) -> None:
    await put(shop, "node", "a", state=1)
    await shop.store.delete_resource("", ANY, kind="node", resource_id="a")
    with pytest.raises(InvalidRequest):
        await put(shop, "lane", "l", requires=["node:a"])
    assert await shop.store.set_node_state("", ANY, node_id="a", state=1) is None
    assert await shop.store.delete_resource("", ANY, kind="node", resource_id="a") is None


async def test_a_deleted_node_holds_nothing_until_it_is_put_again(shop: Shop, redis: Redis) -> None:
    index = await shop.node("a")
    await shop.store.delete_resource("", ANY, kind="node", resource_id="a")
    assert outcomes(await shop.count(index, 0, 5)) == [FeedOutcome.UNKNOWN_NODE]
    assert refused(await shop.hold("hold-0001", (index, 0, 1)))
    assert await shop.node("a") == index
    await shop.count(index, 0, 5)
    assert granted(await shop.hold("hold-0002", (index, 0, 1))) == [1]
    await check_books(redis, shop.store.keys)


@pytest.mark.parametrize("kind", ["node", "sku"])
@pytest.mark.parametrize("use", ["units", "hold", "order"])
async def test_what_has_units_or_promises_cannot_be_deleted(shop: Shop, redis: Redis, kind: str, use: str) -> None:
    for n in range(6):
        await shop.node(f"node{n}")
        await put(shop, "sku", f"sku{n}")
    await shop.count(5, 5, 1)
    if use != "units":
        await shop.hold("hold-0001", (5, 5, 1))
        await shop.count(5, 5, 0)
    if use == "order":
        await shop.confirm("hold-0001")
    before = await dump(redis)
    with pytest.raises(FailedPrecondition) as refusal:
        await shop.store.delete_resource("edit-0001", ANY, kind=kind, resource_id=f"{kind}5")
    assert refusal.value.reason == "RESOURCE_IN_USE"
    assert await dump(redis) == before
    if use == "units":
        await shop.count(5, 5, 0)
    else:
        await shop.release("hold-0001")
    assert await shop.store.delete_resource("edit-0001", ANY, kind=kind, resource_id=f"{kind}5") is not None


async def test_a_delete_sees_what_the_same_call_did_before_it(shop: Shop) -> None:
    index = await shop.node("a")
    counted, deleted = await asyncio.gather(
        shop.count(index, 0, 5),
        shop.store.delete_resource("", ANY, kind="node", resource_id="a"),
        return_exceptions=True,
    )
    assert not isinstance(counted, BaseException)
    assert isinstance(deleted, FailedPrecondition)
    emptied, gone = await asyncio.gather(
        shop.count(index, 0, 0), shop.store.delete_resource("", ANY, kind="node", resource_id="a")
    )
    assert emptied.results
    assert gone is not None


async def test_every_change_of_the_catalogue_is_repeated_or_refused_by_its_id(shop: Shop, redis: Redis) -> None:
    first = await put(shop, "node", "a", b"1", "edit-0001", state=1)
    await put(shop, "node", "a", b"2")
    paused = await shop.store.set_node_state("edit-0002", ANY, node_id="a", state=2)
    await shop.store.set_node_state("", ANY, node_id="a", state=1)
    deleted = await shop.store.delete_resource("edit-0003", ANY, kind="node", resource_id="a")
    await put(shop, "node", "a", b"3", state=1)
    before = await contents(redis, without=(b"clock",))
    again = [
        await put(shop, "node", "a", b"1", "edit-0001", state=1),
        await shop.store.set_node_state("edit-0002", ANY, node_id="a", state=2),
        await shop.store.delete_resource("edit-0003", ANY, kind="node", resource_id="a"),
    ]
    for found, was in zip(again, [first, paused, deleted], strict=True):
        assert found is not None
        assert was is not None
        assert (found.replayed, found.index, found.value, found.state) == (True, was.index, was.value, was.state)
    with pytest.raises(AlreadyExists):
        await put(shop, "node", "a", b"1", "edit-0001", state=1, payload=request("other"))
    with pytest.raises(AlreadyExists):
        await shop.store.set_node_state("edit-0002", request("other"), node_id="a", state=2)
    with pytest.raises(AlreadyExists):
        await shop.store.delete_resource("edit-0003", request("other"), kind="node", resource_id="a")
    assert await contents(redis, without=(b"clock",)) == before
