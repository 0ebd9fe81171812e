"""The log says whom a reservation is for and what was short, once, in the change that makes or refuses it."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest
from redis.asyncio import Redis
from store_kit import ANY, Shop

from promessa.domain.reservation import LotLine, ShortfallReason
from promessa.store.about import UNKNOWN_GAP, About, DecisionFacts, ShortLine, unpack_about
from promessa.store.books import Books
from promessa.store.store import Store


@pytest.fixture
async def shop(store: Store) -> Shop:
    shop = Shop(store)
    await shop.count(0, 0, 5)
    await shop.count(1, 0, 5)
    return shop


async def said(shop: Shop, redis: Redis) -> list[tuple[str, str, About]]:
    """Every ABOUT of the log with its kind and reference."""
    found = []
    for partition in range(shop.store.keys.partitions):
        async for _, flat in Books(redis, shop.store.keys).entries(partition):
            kind = reference = b""
            for name, value in zip(flat[2::2], flat[3::2], strict=True):
                if name == b"about:":
                    found.append((kind.decode(), reference.decode(), unpack_about(value)))
                elif b":" not in name:
                    kind, reference = name, value
    return found


WHOM: dict[str, Any] = {"owner_id": "ann", "order_id": "order-1", "channel": "web"}


async def test_a_reservation_says_whom_it_is_for(shop: Shop, redis: Redis):
    for _ in range(2):  # a replay says nothing more
        await shop.hold("request-1", (0, 0, 2), (1, 0, 1), **WHOM)
    assert await said(shop, redis) == [("hold", "r:request-1", About("ann", "order-1", "web", ()))]


async def test_one_for_nobody_says_nothing(shop: Shop, redis: Redis):
    await shop.hold("request-1", (0, 0, 2))
    assert await said(shop, redis) == []


async def test_a_refusal_says_what_was_short_once(shop: Shop, redis: Redis):
    for _ in range(2):
        await shop.hold("request-1", (0, 0, 7), (1, 0, 1), **WHOM)
    short = ShortLine(b"0:0", 7, 0, 5, int(ShortfallReason.INSUFFICIENT_STOCK))
    assert await said(shop, redis) == [("refuse", "r:request-1", About("ann", "order-1", "web", (short,)))]


async def test_a_refusal_that_is_not_kept_is_not_said(shop: Shop, redis: Redis):
    await shop.hold("request-1", (0, 0, 7), keep_refusal=False, **WHOM)
    assert await said(shop, redis) == []


async def test_a_part_says_what_was_short(shop: Shop, redis: Redis):
    await shop.hold("request-1", (0, 0, 7), (1, 0, 1), partial=True)
    short = ShortLine(b"0:0", 7, 5, 5, int(ShortfallReason.INSUFFICIENT_STOCK))
    assert await said(shop, redis) == [("hold", "r:request-1", About("", "", "", (short,)))]


async def test_lots_say_the_same(shop: Shop, redis: Redis):
    await shop.hold_lots("request-1", LotLine(0, 0, 1, 2), **WHOM)
    await shop.hold_lots("request-2", LotLine(0, 0, 4, 2), **WHOM)
    await shop.hold_lots("request-3", LotLine(0, 0, 4, 2), partial=True, **WHOM)
    reason = int(ShortfallReason.INSUFFICIENT_STOCK)
    assert {reference: (kind, about.short) for kind, reference, about in await said(shop, redis)} == {
        "r:request-1": ("hold", ()),
        "r:request-2": ("refuse", (ShortLine(b"0:0", 8, 0, 2, reason),)),
        "r:request-3": ("hold", (ShortLine(b"0:0", 8, 2, 2, reason),)),
    }


async def test_what_the_caller_knows_to_be_short_is_said_too(shop: Shop, redis: Redis):
    reason = int(ShortfallReason.NOT_SERVED)
    await shop.hold("request-1", (0, 0, 1), short=[3, 9, 4, reason])
    await shop.hold("request-2", (0, 0, 1), unserved=[3, 9, 4, reason])
    short = (ShortLine(b"-1:3", 9, 0, 4, reason),)
    assert [(reference, about.short) for _, reference, about in await said(shop, redis)] == [
        ("r:request-1", short),
        ("r:request-2", short),
    ]


async def test_a_confirmation_says_its_order(shop: Shop, redis: Redis):
    await shop.hold("request-1", (0, 0, 2))
    await shop.confirm("request-1", order_id="order-9")
    assert await said(shop, redis) == [("confirm", "r:request-1", About("", "order-9", "", ()))]


FACTS = DecisionFacts(True, "BR-SP", "BRL", "cheapest", 3, 2, False, 40, 2_000_000, 9, 8, 7, (60, 5, 69, -4))


@pytest.mark.parametrize("facts", [FACTS, FACTS._replace(gap=UNKNOWN_GAP, terms=(), region="", split=2**52)])
async def test_what_was_decided_is_said_with_the_hold_and_with_the_refusal(
    shop: Shop, redis: Redis, facts: DecisionFacts
):
    reason = int(ShortfallReason.NOT_SERVED)
    await shop.hold("request-1", (0, 0, 1), decision=facts)
    await shop.hold("request-2", (0, 0, 1), decision=facts, unserved=[3, 9, 4, reason], **WHOM)
    await shop.store.refuse(
        "request-3", ANY, owner_id="", order_id="", lines=(-1, 3, 9, 0, 0, 0, 4, reason), decision=facts
    )
    short = (ShortLine(b"-1:3", 9, 0, 4, reason),)
    assert {reference: about for _, reference, about in await said(shop, redis)} == {
        "r:request-1": About("", "", "", (), facts),
        "r:request-2": About("ann", "order-1", "web", short, facts),
        "r:request-3": About("", "", "", short, facts),
    }


def test_what_is_no_about_is_refused():
    facts = msgpack.packb([False, "", "", "", 0, 1, True, 0, 0, 0, 0, 0, [60]])
    for value in (
        b"",
        b"\xa0\xa0",
        b"\xa0\xa0\xa0\x91\x01",
        b"\xa0\xa0\xa0\x90\x90",
        b"\xa0\xa0\xa0\x90\x90\x90",
        b"\xa0\xa0\xa0\x90" + facts,
    ):
        with pytest.raises(ValueError, match=r"about|unpack|terms"):
            unpack_about(value)
