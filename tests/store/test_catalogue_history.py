"""The catalogue as of any position is the one that a worker had then."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import pytest
from redis.asyncio import Redis
from store_kit import ANY, Shop

from promessa.domain.catalogue import Catalogue, Seen
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.service.past_catalogue import past_catalogue
from promessa.store.catalogue_history import CatalogueHistory
from promessa.store.catalogue_log import CatalogueLog


def contents(catalogue: Catalogue) -> dict[str, Any]:
    """All there is, without what says only how the process came to know it."""
    kinds = ("calendar", "node", "node_group", "sku", "rate_card", "lane", "tax_rule", "policy", "policy_version")
    live = {kind: (catalogue.directory(kind).by_id, catalogue.directory(kind).index_of) for kind in kinds}
    states = {catalogue.nodes.ids[ix]: state for ix, state in catalogue.node_states.items() if state != 3}
    return {**live, "states": states, "lanes_of": {node: lanes for node, lanes in catalogue.lanes_of.items() if lanes},
            "shaped": catalogue.shaped, "priced": catalogue.priced}  # fmt: skip


async def one_change(shop: Shop, random: Random) -> None:
    store, n = shop.store, random.randrange(4)
    roll = random.randrange(6)
    if roll == 0:
        value = b'{"node_id":"n%d","handling_days":%d}' % (n, random.randrange(3))
        await store.put_resource("", ANY, kind="node", resource_id=f"n{n}", value=value, state=1)
    elif roll == 1:
        await store.set_node_state("", ANY, node_id=f"n{n}", state=random.choice([1, 2]))
    elif roll == 2:
        value = b'{"sku":"s%d","weight_grams":%d,"step_quantity":%d}' % (n, random.randrange(9), random.choice([0, 2]))
        await store.put_resource("", ANY, kind="sku", resource_id=f"s{n}", value=value)
    elif roll == 3:
        await store.delete_resource("", ANY, kind=random.choice(["sku", "node"]), resource_id=f"{'sn'[n % 2]}{n}")
    elif roll == 4:
        await store.put_resource("", ANY, kind="node_group", resource_id=f"g{n}", value=b'{"node_group_id":"g%d"}' % n)
    else:
        ids = ",".join(f'"n{x}"' for x in range(random.randrange(4))).encode()
        value = b'{"node_group_id":"g%d","node_ids":[%s]}' % (n, ids)
        await store.put_resource("", ANY, kind="node_group", resource_id=f"g{n}", value=value)


async def follow(redis: Redis, shop: Shop) -> tuple[CatalogueKeeper, CatalogueHistory]:
    keeper = CatalogueKeeper(CatalogueLog(redis, shop.store.keys))
    await keeper.load()
    return keeper, CatalogueHistory(redis, shop.store.keys, shop.store._commit)


@pytest.mark.parametrize("seed", range(4))
async def test_the_catalogue_as_of_a_position_is_the_one_of_then(shop: Shop, redis: Redis, seed: int) -> None:
    random, snapshots = Random(seed), []
    for _ in range(60):
        await one_change(shop, random)
        keeper, history = await follow(redis, shop)
        snapshots.append((keeper.catalogue.seen.position, contents(keeper.catalogue)))
    for position, then in snapshots:
        changes = await history.since(position)
        assert changes is not None
        assert contents(past_catalogue(keeper.catalogue.copy(), changes, position)) == then


async def test_a_change_that_changes_nothing_leaves_no_history(shop: Shop, redis: Redis) -> None:
    for _ in range(3):
        await shop.store.put_resource("", ANY, kind="sku", resource_id="a", value=b'{"sku":"a"}')
    assert await redis.xlen(shop.store.keys.history) == 1


async def test_two_changes_of_one_record_in_one_call_leave_what_was_before_both(shop: Shop, redis: Redis) -> None:
    async def put(grams: int) -> None:
        value = b'{"sku":"a","weight_grams":%d}' % grams
        await shop.store.put_resource("", ANY, kind="sku", resource_id="a", value=value)

    await put(1)
    keeper, history = await follow(redis, shop)
    then = contents(keeper.catalogue)
    await asyncio.gather(put(2), put(3))
    latest, _ = await follow(redis, shop)
    assert latest.position == keeper.position + 1, "one call, one entry"
    changes = await history.since(keeper.position)
    assert changes is not None
    assert contents(past_catalogue(latest.catalogue.copy(), changes, keeper.position)) == then


async def test_a_record_read_ahead_of_the_log_is_known_to_be_of_a_later_position(shop: Shop, redis: Redis) -> None:
    await shop.store.put_resource("", ANY, kind="sku", resource_id="a", value=b'{"sku":"a","weight_grams":1}')
    keeper, history = await follow(redis, shop)
    for grams in (2, 3):
        value = b'{"sku":"a","weight_grams":%d}' % grams
        await shop.store.put_resource("", ANY, kind="sku", resource_id="a", value=value)
        await shop.store.put_resource("", ANY, kind="sku", resource_id="b", value=value.replace(b'"a"', b'"b"'))
        if grams == 2:
            await keeper.refresh("sku", "a")
            seen, then = keeper.catalogue.seen, contents(keeper.catalogue)
    assert seen == Seen(keeper.position, (("sku", "a", seen.ahead[0][2]),))
    assert seen.ahead[0][2] > keeper.position
    changes = await history.since(seen.position)
    latest, _ = await follow(redis, shop)
    assert changes is not None
    assert contents(past_catalogue(latest.catalogue.copy(), changes, seen.position, seen.ahead)) == then
    following = asyncio.create_task(keeper.follow())
    while keeper.catalogue.seen.ahead or keeper.position < latest.position:
        await asyncio.sleep(0)
    following.cancel()
    assert contents(keeper.catalogue) == contents(latest.catalogue)


async def test_a_history_that_was_cut_says_so(shop: Shop, redis: Redis) -> None:
    positions = []
    for grams in range(5):
        value = b'{"sku":"a","weight_grams":%d}' % grams
        await shop.store.put_resource("", ANY, kind="sku", resource_id="a", value=value)
        positions.append((await follow(redis, shop))[0].position)
    _, history = await follow(redis, shop)
    assert len(await history.since(positions[0]) or ()) == 4
    assert await history.since(0) is not None
    await redis.xtrim(shop.store.keys.history, maxlen=2, approximate=False)
    assert await history.since(positions[1]) is None
    assert len(await history.since(positions[2]) or ()) == 2


async def test_loads_are_read_back_by_their_id_and_gone_when_dropped(shop: Shop, redis: Redis) -> None:
    _, history = await follow(redis, shop)
    kept = await history.keep_loads({3: 70, 1: 5})
    assert await history.loads(kept) == {1: 5, 3: 70}
    assert await history.loads("") == {}
    await redis.delete(shop.store.keys.loads)
    assert await history.loads(kept) is None
