"""Teeth: every guard of the library, taken out or turned, breaks an example that holds with it in place.

The changed library runs in a store of its own. A guard is a text of the source, so a change of that line shows up here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

from guards_kit import Example, breaks, each, examples, holds, raises
from store_kit import (
    ANY,
    HOUR,
    SECOND,
    START_MS,
    TODAY,
    Shop,
    all_moves,
    all_owned,
    check_books,
    granted,
    outcomes,
    refused,
    request,
    unpacked,
)

from promessa.domain import limits
from promessa.domain.capacity import CapacityUnit, OnFull
from promessa.domain.confidence import HALF_LIFE_MS, PRIOR_FOUND, PRIOR_MISSING
from promessa.domain.hold_rules import HoldLimits
from promessa.domain.limits import CELL_QUANTITY_MAX, INBOUND_MAX, RETENTION_MS
from promessa.domain.reservation import LotLine, ShortfallReason
from promessa.domain.stock import FeedOutcome, FeedPosition
from promessa.domain.supply import OverdueAction, OverduePolicy
from promessa.store.books import Books
from promessa.store.confidence_store import Checked, ConfidenceStore
from promessa.store.functions import library_text
from promessa.store.store import Filed, Moved, Reserved, Resourced, ResourceShort, StaleKit

ORDERS, UNITS = CapacityUnit
PAUSE, NEXT_DAY = OnFull


def open_units(found: Reserved) -> list[int]:
    return [line.open for line in found.reservation.lines]


# Examples --------------------------------------------------------------------------------------------------------------


async def only_what_is_there_is_held(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 3)
    assert refused(await shop.hold("hold-0001", (0, 0, 4)))
    assert granted(await shop.hold("hold-0002", (0, 0, 4), partial=True)) == [3]


async def what_is_withheld_is_not_held(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 10, unavailable=2, safety=3)
    await shop.hold("hold-0001", (0, 0, 1))
    await shop.hold("hold-0002", (0, 0, 1))
    await shop.confirm("hold-0002")
    assert refused(await shop.hold("hold-0003", (0, 0, 4)))
    assert granted(await shop.hold("hold-0004", (0, 0, 3))) == [3]


async def a_deficit_gives_nothing(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 3)
    await shop.hold("hold-0001", (0, 0, 3))
    await shop.count(0, 0, 1)
    await shop.count(1, 0, 1)
    assert granted(await shop.hold("hold-0002", (0, 0, 1), (1, 0, 1), partial=True)) == [0, 1]


async def all_or_nothing(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 1)
    assert refused(await shop.hold("hold-0001", (0, 0, 1), (1, 0, 1)))
    assert refused(await shop.hold("hold-0002", (1, 0, 1), partial=True))
    assert (await shop.cell(0, 0)).held == 0


async def a_request_id_is_for_one_payload(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 5)
    await shop.hold("hold-0001", (0, 0, 1))
    await raises("REQUEST_ID_REUSED", shop.hold("hold-0001", (0, 0, 1), payload=request("b")))


async def a_change_id_is_for_one_payload(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 5, request_id="feed-0001")
    await raises(
        "REQUEST_ID_REUSED",
        shop.store.apply_deltas("feed-0001", request("b"), items=[0, 0, 1], reason=""),
    )


async def a_request_id_is_for_one_kind_of_request(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 5, request_id="feed-0001")
    await raises("REQUEST_ID_REUSED", shop.hold("feed-0001", (0, 0, 1)))
    await raises("REQUEST_ID_REUSED", shop.promise("feed-0001", (0, 0, 1), payload=request("b")))
    await raises("REQUEST_ID_REUSED", shop.store.recall_reserved("feed-0001", ANY))
    await shop.hold("hold-0001", (0, 0, 1))
    await raises("REQUEST_ID_REUSED", shop.confirm("hold-0001", request_id="hold-0001"))
    await raises("REQUEST_ID_REUSED", shop.count(0, 0, 9, request_id="hold-0001"))
    await asyncio.gather(  # in one call
        shop.hold("both-0001", (0, 0, 1)), raises("REQUEST_ID_REUSED", shop.count(0, 0, 9, request_id="both-0001"))
    )
    assert (await shop.cell(0, 0)).available == 3


async def a_request_id_names_no_reservation(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 5, request_id="feed-0001")
    await raises("RESERVATION_NOT_FOUND", shop.confirm("feed-0001"))
    assert await shop.store.get_record("feed-0001") is None


async def a_promise_is_known_by_its_record_once_its_answer_is_forgotten(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 5)
    first = await shop.promise("hold-0001", (0, 0, 1), ttl_ms=10 * RETENTION_MS)
    clock.now_ms += RETENTION_MS + SECOND
    await shop.store.sweep()
    again = await shop.promise("hold-0001", (0, 0, 1), ttl_ms=10 * RETENTION_MS)
    assert (again.replayed, again.reservation) == (True, first.reservation)
    assert (await shop.cell(0, 0)).held == 1


async def a_change_knows_all_that_it_must_agree_with(shop: Shop, clock: Any) -> None:
    async def put(card_id: str, checked_at: int) -> object:
        card: dict[str, Any] = {"kind": "rate_card", "value": b"{}", "scopes": ["cards"], "checked": ["cards"]}
        try:
            return await shop.store.put_resource("", ANY, resource_id=card_id, checked_at=checked_at, **card)
        except Moved as moved:
            return moved.sequence

    assert isinstance(await put("a", 0), Filed)
    sequence = await put("b", 0)
    assert isinstance(sequence, int)
    assert isinstance(await put("b", sequence), Filed)
    first, second = await asyncio.gather(put("c", sequence + 1), put("d", sequence + 1))
    assert isinstance(first, Filed)
    assert isinstance(second, int)


async def a_repeated_hold_takes_nothing_more(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 5)
    await shop.hold("hold-0001", (0, 0, 1))
    assert (await shop.hold("hold-0001", (0, 0, 1))).replayed
    assert (await shop.cell(0, 0)).held == 1


async def a_repeated_change_is_made_once(shop: Shop, clock: Any) -> None:
    for _ in range(2):
        fed = await shop.store.apply_deltas("feed-0001", ANY, items=[0, 0, 1], reason="")
        safe = await shop.store.set_safety_stock("feed-0002", ANY, node_ix=0, sku_ix=0, quantity=1)
    assert fed.replayed
    assert safe.replayed
    assert (await shop.cell(0, 0)).on_hand == 1


async def a_replay_writes_the_clock(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 5, request_id="feed-0001")
    await shop.hold("hold-0001", (0, 0, 1))
    for again, name in ((shop.hold("hold-0001", (0, 0, 1)), "hold-0001"), (None, "feed-0001")):
        clock.now_ms += 1
        await (again or shop.count(0, 0, 5, request_id="feed-0001"))
        keys = shop.store.keys
        raw = await shop.store._redis.hget(keys.cells(keys.home_of(name)), "clock")  # type: ignore[misc]
        assert int(raw or 0) == clock.now_ms


async def a_hold_ends_at_its_instant(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 5)
    await shop.hold("hold-0001", (0, 0, 1), ttl_ms=SECOND)
    clock.now_ms += SECOND
    await raises("RESERVATION_EXPIRED", shop.confirm("hold-0001"))
    assert (await shop.cell(0, 0)).held == 0


async def due_holds_come_back_before_a_refusal(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 5)
    await shop.hold("hold-0001", (0, 0, 5), ttl_ms=SECOND)
    await shop.hold("hold-0002", (0, 0, 9), ttl_ms=SECOND)
    clock.now_ms += SECOND
    assert granted(await shop.hold("hold-0003", (0, 0, 5))) == [5]


async def many_due_holds_are_all_returned(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 2_300)
    for first in range(0, 2_300, 230):
        ids = range(first, first + 230)
        await asyncio.gather(*[shop.hold(f"due-{n:05d}", (0, 0, 1), ttl_ms=SECOND) for n in ids])
    clock.now_ms += SECOND
    assert granted(await shop.hold("hold-0001", (0, 0, 2_300))) == [2_300]


async def a_sweep_goes_by_the_record(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 5)
    await shop.hold("hold-0001", (0, 0, 1), ttl_ms=SECOND)
    await shop.hold("hold-0002", (0, 0, 2), ttl_ms=2 * SECOND)
    clock.now_ms += SECOND
    assert await shop.store.sweep() == 1
    assert (await shop.cell(0, 0)).held == 2


async def a_sweep_spares_what_its_call_changed(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 5, request_id="feed-0001")
    clock.now_ms += RETENTION_MS
    await asyncio.gather(
        shop.store.sweep(),
        shop.count(0, 0, 6, request_id="feed-0001"),
        shop.store.sweep(),
        shop.hold("x-000001", (0, 0, 9)),
    )
    assert (await shop.count(0, 0, 6, request_id="feed-0001")).replayed


async def one_call_reaps_each_hold_once(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 8)
    await asyncio.gather(*[shop.hold(f"hold-{n:04d}", (0, 0, 1), ttl_ms=SECOND) for n in range(8)])
    clock.now_ms += SECOND
    swept = await asyncio.gather(*[shop.store.sweep(limit=1) for _ in range(8)])
    assert sum(swept) == 8


async def a_paused_node_holds_nothing(shop: Shop, clock: Any) -> None:
    index = await shop.node("a")
    await shop.count(index, 0, 5)
    await shop.store.set_node_state("", ANY, node_id="a", state=2)
    assert refused(await shop.hold("hold-0001", (index, 0, 1)))
    await shop.store.set_node_state("", ANY, node_id="a", state=1)
    assert granted(await shop.hold("hold-0002", (index, 0, 1))) == [1]
    await check_books(shop.store._redis, shop.store.keys)


async def a_new_node_may_be_paused(shop: Shop, clock: Any) -> None:
    index = await shop.node("a", state=2)
    await shop.count(index, 0, 5)
    assert refused(await shop.hold("hold-0001", (index, 0, 1)))


async def states_are_kept_to(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 9)
    await shop.hold("hold-0001", (0, 0, 1))
    await raises("WRONG_STATE", shop.fulfill("hold-0001"))
    await shop.confirm("hold-0001")
    assert (await shop.confirm("hold-0001")).reservation.state == 2
    await raises("WRONG_STATE", shop.confirm("hold-0001", order_id="another"))
    assert (await shop.cell(0, 0)).committed == 1
    await raises("WRONG_STATE", shop.extend("hold-0001", SECOND))
    await shop.fulfill("hold-0001")
    await shop.fulfill("hold-0001")
    await raises("WRONG_STATE", shop.release("hold-0001"))
    await raises("WRONG_STATE", shop.confirm("hold-0001"))
    await shop.hold("hold-0002", (0, 0, 1))
    await shop.release("hold-0002")
    await shop.release("hold-0002")
    await raises("WRONG_STATE", shop.release("hold-0002", (0, 0, 1)))
    await raises("WRONG_STATE", shop.confirm("hold-0002"))


async def no_more_than_is_open_is_taken(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 9)
    await shop.hold("hold-0001", (0, 0, 3))
    await raises("QUANTITY_EXCEEDS_RESERVATION", shop.release("hold-0001", (0, 0, 2), (0, 0, 2)))
    await raises("QUANTITY_EXCEEDS_RESERVATION", shop.release("hold-0001", (1, 0, 1)))
    assert (await shop.cell(0, 0)).held == 3


async def what_expired_is_confirmed_only_if_it_is_there_again(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 3)
    await shop.hold("hold-0001", (0, 0, 2), ttl_ms=SECOND)
    clock.now_ms += SECOND
    await raises("RESERVATION_EXPIRED", shop.confirm("hold-0001"))
    await shop.hold("hold-0002", (0, 0, 2), ttl_ms=SECOND)
    await raises("RESERVATION_EXPIRED", shop.confirm("hold-0001", reacquire=True))
    await raises("QUANTITY_EXCEEDS_RESERVATION", shop.confirm("hold-0001", (0, 0, 3), reacquire=True))
    clock.now_ms += SECOND  # what stood in the way is due, too
    assert (await shop.confirm("hold-0001", reacquire=True)).reservation.lines[0].open == 2
    cell = await shop.cell(0, 0)
    assert (cell.held, cell.committed) == (0, 2)


async def a_confirmation_in_part_gives_the_rest_back(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 5)
    await shop.count(1, 0, 5)
    await shop.hold("hold-0001", (0, 0, 3), (1, 0, 2))
    await raises("QUANTITY_EXCEEDS_RESERVATION", shop.confirm("hold-0001", (0, 0, 4)))
    found = await shop.confirm("hold-0001", (0, 0, 1))
    assert open_units(found) == [1, 0]
    here, there = await shop.cell(0, 0), await shop.cell(1, 0)
    assert (here.held, here.committed, there.held, there.committed) == (0, 1, 0, 0)


async def what_moves_was_there_and_is_free_at_once(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 3)
    await shop.count(1, 0, 2)
    await shop.hold("hold-0001", (0, 0, 3))
    await raises("QUANTITY_EXCEEDS_RESERVATION", shop.move("hold-0001", (0, 1, 0, 2), (0, 1, 0, 2)))
    short = await shop.move("hold-0001", (0, 1, 0, 3))
    assert [(x.node_ix, x.requested, x.available) for x in short.short] == [(1, 3, 2)]
    assert open_units(short.reserved) == [3]
    await shop.hold("hold-0002", (1, 0, 1), ttl_ms=SECOND)
    clock.now_ms += SECOND
    moved = await shop.move("hold-0001", (0, 1, 0, 2))  # what was held there is due
    assert (moved.short, open_units(moved.reserved)) == ((), [1, 2])
    assert ((await shop.cell(0, 0)).held, (await shop.cell(1, 0)).held) == (1, 2)
    await shop.confirm("hold-0001")
    await shop.move("hold-0001", (1, 0, 0, 1))
    assert ((await shop.cell(0, 0)).committed, (await shop.cell(1, 0)).committed) == (2, 1)
    await shop.fulfill("hold-0001")
    await raises("WRONG_STATE", shop.move("hold-0001", (0, 1, 0, 1)))
    again = await shop.hold("hold-0001", (0, 0, 3))
    assert [line.granted for line in again.reservation.as_first_answered().lines] == [3]


async def a_refusal_is_no_reservation(shop: Shop, clock: Any) -> None:
    await shop.hold("hold-0001", (0, 0, 3))
    await raises("RESERVATION_NOT_FOUND", shop.confirm("hold-0001"))
    await raises("RESERVATION_NOT_FOUND", shop.confirm("hold-0002"))


async def the_end_tells_what_was_done(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 9)
    await shop.hold("hold-0001", (0, 0, 2))
    await shop.confirm("hold-0001")
    assert (await shop.fulfill("hold-0001", (0, 0, 1))).reservation.state == 2
    assert (await shop.release("hold-0001")).reservation.state == 3
    clock.now_ms += RETENTION_MS
    await shop.store.sweep()
    assert await shop.store.get_reservation("hold-0001") is None


async def a_shelf_is_never_below_zero(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 2)
    assert outcomes(await shop.store.apply_deltas("", ANY, items=[0, 0, -3], reason="")) == [4]
    await shop.hold("hold-0001", (0, 0, 2))
    await shop.confirm("hold-0001")
    await shop.count(0, 0, 1)
    await shop.fulfill("hold-0001")
    assert (await shop.cell(0, 0)).on_hand == 0


async def a_cell_has_a_limit(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, CELL_QUANTITY_MAX)
    assert outcomes(await shop.store.apply_deltas("", ANY, items=[0, 0, 1], reason="")) == [FeedOutcome.OVERFLOW]


async def counts_keep_to_time_and_expectations(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 5, as_of_ms=1_000)
    assert outcomes(await shop.count(0, 0, 6, as_of_ms=999)) == [FeedOutcome.STALE]
    assert outcomes(await shop.count(0, 0, 5, as_of_ms=1_000)) == [FeedOutcome.UNCHANGED]
    assert outcomes(await shop.count(0, 0, 6, as_of_ms=1_000)) == [FeedOutcome.STALE]
    assert outcomes(await shop.count(0, 0, 6, expected_on_hand=4)) == [FeedOutcome.CONFLICT]
    assert outcomes(await shop.count(0, 0, 6, expected_version=4)) == [FeedOutcome.CONFLICT]
    assert outcomes(await shop.count(0, 0, 6, expected_version=1, as_of_ms=10)) == [FeedOutcome.APPLIED]
    assert (await shop.cell(0, 0)).counted_at_ms == 1_000
    assert (await shop.store.set_safety_stock("", ANY, node_ix=0, sku_ix=0, quantity=0)).results[0].outcome == 2


async def counts_take_in_what_moved_since(shop: Shop, clock: Any) -> None:
    def delta(units: int, at: int = 0) -> Awaitable[Any]:
        return shop.store.apply_deltas("", ANY, items=[0, 0, units], reason="", occurred_ms=[at])

    await shop.count(0, 0, 5, as_of_ms=START_MS - 9)
    assert outcomes(await delta(1, START_MS - 9)) == [FeedOutcome.ABSORBED]
    assert outcomes(await delta(1, START_MS + 5_001)) == [FeedOutcome.IN_FUTURE]
    await raises("INVALID_FIELD", shop.count(0, 0, 5, as_of_ms=START_MS + 5_001))
    await delta(2)
    await delta(3, START_MS - 5)
    redis, keys = shop.store._redis, shop.store.keys
    assert await all_moves(redis, keys) == {(0, 0): [0, START_MS - 5, 3, START_MS, 2]}
    await shop.hold("hold-0001", (0, 0, 4))
    await shop.confirm("hold-0001")
    await shop.fulfill("hold-0001")
    assert (await shop.count(0, 0, 20, as_of_ms=START_MS - 5)).results[0].on_hand == 18
    assert (await shop.count(0, 0, 9, expected_on_hand=18, as_of_ms=START_MS - 3)).results[0].on_hand == 9
    assert (await shop.count(0, 0, 1, as_of_ms=START_MS - 2)).results[0].on_hand == 0
    await shop.count(0, 0, 5)
    assert await all_moves(redis, keys) == {}
    for hour in range(1, 34):
        clock.now_ms = START_MS + hour * HOUR
        await delta(1, START_MS + hour * HOUR)
    assert outcomes(await shop.count(0, 0, CELL_QUANTITY_MAX, as_of_ms=clock.now_ms - 1)) == [FeedOutcome.OVERFLOW]
    assert outcomes(await shop.count(0, 0, 1, as_of_ms=START_MS + HOUR - 1)) == [FeedOutcome.TOO_OLD]
    assert (await shop.count(0, 0, 1, as_of_ms=START_MS + HOUR)).results[0].on_hand == 33


async def what_left_in_a_quarter_is_one_move(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 500, as_of_ms=START_MS - 1)
    for minute in range(60):
        clock.now_ms = START_MS + minute * 60 * SECOND
        await shop.store.apply_deltas("", ANY, items=[0, 0, -1], reason="")
        if minute == 1:
            await shop.store.apply_deltas("", ANY, items=[0, 0, 100], reason="")
    assert (await shop.count(0, 0, 100, as_of_ms=START_MS)).results[0].on_hand == 140
    assert (await shop.count(0, 0, 100, as_of_ms=START_MS + 60 * SECOND)).results[0].on_hand == 42
    clock.now_ms += 50 * HOUR
    for units in (1, -1, 1):
        await shop.store.apply_deltas("", ANY, items=[0, 0, units], reason="")
    assert outcomes(await shop.count(0, 0, 100, as_of_ms=START_MS + 59 * 60 * SECOND - 1)) == [FeedOutcome.TOO_OLD]
    assert (await shop.count(0, 0, 100, as_of_ms=START_MS + 59 * 60 * SECOND)).results[0].on_hand == 101


async def a_preview_changes_nothing(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 5, as_of_ms=START_MS - 9)
    await shop.store.apply_deltas("", ANY, items=[0, 0, 1], reason="")
    items = [0, 0, 9, -1, 2, -1, 5, 1, -1, -1]
    for _ in range(2):
        found = await shop.store.preview_counts(as_of_ms=START_MS - 5, items=items)
        assert found == [(1, 6, 6, 10, 8), (5, 0, 0, 0, 0)]
    await raises("INVALID_FIELD", shop.store.preview_counts(as_of_ms=START_MS + 5_001, items=items))
    assert (await shop.cell(0, 0)).on_hand == 6


async def a_deficit_is_listed_while_it_lasts(shop: Shop, clock: Any) -> None:
    async def listed() -> list[tuple[int, int]]:
        found, _ = await shop.store.list_deficits(page_token="", page_size=10)
        return [(x.units, x.since_ms - START_MS) for x in found]

    async def delta(*units: int) -> None:
        items = [x for each in units for x in (0, 0, each)]
        await shop.store.apply_deltas("", ANY, items=items, reason="")

    redis, keys = shop.store._redis, shop.store.keys
    await shop.count(0, 0, 9)
    await shop.hold("hold-0001", (0, 0, 5))
    await shop.hold("hold-0002", (0, 0, 4))
    await shop.confirm("hold-0002")
    await shop.count(0, 0, 8)
    clock.now_ms += 1
    await delta(-1)
    assert await listed() == [(2, 0)]
    kinds = [kind async for _, entry in Books(redis, keys).log(0) for kind, _, _ in entry]
    assert kinds.count("deficit") == 2
    await delta(1)
    kinds = [kind async for _, entry in Books(redis, keys).log(0) for kind, _, _ in entry]
    assert kinds.count("deficit") == 2
    await delta(1)
    assert not await redis.exists(keys.deficits(0))
    await delta(-2, -1)
    assert await listed() == [(3, 1)]
    await shop.release("hold-0001")
    assert await listed() == []
    clock.now_ms += 1
    await delta(-3, -1)
    assert await listed() == [(2, 2)]
    await shop.release("hold-0002", (0, 0, 2))
    assert await shop.store.settle_deficits() == 0
    assert not await redis.exists(keys.deficits(0))
    version = (await shop.cell(0, 0)).version
    await shop.store.repair_sums("repair-01", node_ix=0, sku_ix=0, version=version, held=4, committed=4)
    assert await listed() == [(6, 2)]
    assert await shop.store.settle_deficits() == 1


async def sources_keep_their_order(shop: Shop, clock: Any) -> None:
    async def send(
        epoch: int, sequence: int, units: int = 1, request_id: str = "", source: str = "s"
    ) -> tuple[int, int]:
        fed = await shop.store.apply_deltas(
            request_id,
            ANY,
            items=[sequence, 0, units] * units,
            reason="",
            position=FeedPosition(source, epoch, sequence),
        )
        assert fed.place is not None
        pairs = list(fed.positions)
        keys = shop.store.keys
        for partition, seq in zip(pairs[::2], pairs[1::2], strict=True):
            assert seq == int(await shop.store._redis.hget(keys.cells(partition), "seq") or 0)  # type: ignore[misc]
        assert {keys.partition_of(x.sequence) for x in fed.place.released if x.results} <= set(pairs[::2])
        return int(fed.place.outcome), fed.place.expected_sequence

    assert await send(1, 1) == (1, 2)
    clock.now_ms += 1
    assert await send(1, 1) == (2, 2)
    keys = shop.store.keys
    assert int(await shop.store._redis.hget(keys.cells(keys.home_of("s")), "clock") or 0) == clock.now_ms  # type: ignore[misc]
    assert await send(1, 3, request_id="feed-0003") == (3, 2)
    assert await send(1, 3) == (3, 2)
    assert await send(1, 4) == (3, 2)
    assert await send(1, 2) == (1, 5)
    assert await send(1, 3, request_id="feed-0003") == (1, 4)
    assert (await shop.cell(3, 0)).on_hand == 1
    members: Any = await shop.store._redis.hgetall(keys.res(keys.home_of("s")))  # type: ignore[misc]
    assert unpacked(members[b"s:s"]) == [1, 5]
    assert not [member for member in members if member.startswith(b"p:")]
    await send(1, 6)
    assert await send(2, 2) == (3, 1)
    assert await send(1, 5) == (4, 1)
    assert await send(2, 1) == (1, 3)
    assert await send(2, 6) == (3, 3)
    for sequence in range(2, 66):
        assert await send(1, sequence, source="t") == (3, 1)
    assert await send(1, 66, source="t") == (5, 1)
    for sequence in range(2, 10):
        assert await send(1, sequence, 1_000, source="u") == (3, 1)
    assert await send(1, 10, source="u") == (5, 1)
    await send(1, 2, request_id="feed-0009", source="v")
    await shop.store.set_safety_stock("feed-0009", request("b"), node_ix=2, sku_ix=1, quantity=1)
    before = (await shop.cell(2, 0)).on_hand
    assert await send(1, 1, source="v") == (1, 3)
    assert (await shop.cell(2, 0)).on_hand == before


async def what_is_used_stays(shop: Shop, clock: Any) -> None:
    index = await shop.node("a")
    delete = shop.store.delete_resource
    await shop.store.put_resource("", ANY, kind="sku", resource_id="s", value=b"{}")
    await shop.count(index, 0, 1)
    await raises("RESOURCE_IN_USE", delete("", ANY, kind="node", resource_id="a"))
    await raises("RESOURCE_IN_USE", delete("", ANY, kind="sku", resource_id="s"))
    counted, deleted = await asyncio.gather(
        shop.count(index, 0, 0), delete("", ANY, kind="node", resource_id="a"), return_exceptions=True
    )
    assert not isinstance(counted, BaseException)
    assert not isinstance(deleted, BaseException)
    assert await delete("", ANY, kind="node", resource_id="a") is None
    lane = {"kind": "lane", "resource_id": "l", "value": b"{}"}
    await raises("REFERENCE_NOT_FOUND", shop.store.put_resource("", ANY, requires=["node:a"], **lane))  # type: ignore[arg-type]
    assert await shop.store.set_node_state("", ANY, node_id="a", state=1) is None
    await shop.count(index, 0, 1)
    assert refused(await shop.hold("hold-0001", (index, 0, 1)))


async def a_node_keeps_its_state_when_put_again(shop: Shop, clock: Any) -> None:
    await shop.node("a")
    await shop.store.set_node_state("", ANY, node_id="a", state=2)
    assert (await shop.store.put_resource("", ANY, kind="node", resource_id="a", value=b"{}", state=1)).state == 2


async def the_clock_does_not_run_back(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 5)
    await shop.hold("hold-0001", (0, 0, 1), ttl_ms=SECOND)
    clock.now_ms -= 10 * SECOND
    assert (await shop.extend("hold-0001", SECOND)).reservation.expires_ms == START_MS + SECOND


async def a_cell_named_twice_is_stopped(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 3)
    try:
        await shop.hold("hold-0001", (0, 0, 2), (0, 0, 2))
    except Exception as error:
        assert "name one cell" in str(error)
    assert (await shop.cell(0, 0)).held == 0


async def an_inbound_bound_twice_is_stopped(shop: Shop, clock: Any) -> None:
    await shop.expect("po-1", 0, 0, 3)
    try:
        await shop.promise("hold-0001", (0, 0, 2), (0, 0, 2))
    except Exception as error:
        assert "bind one inbound" in str(error)
    assert (await shop.inbound("po-1", 0, 0)).bound == 0


async def no_more_is_held_than_the_rule_allows(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 10, unavailable=2)
    half = {"limits": HoldLimits(500)}
    assert granted(await shop.hold("hold-0001", (0, 0, 9), partial=True, **half)) == [4]
    assert refused(await shop.hold("hold-0002", (0, 0, 1), **half))
    await shop.confirm("hold-0001")  # paid: it is no hold any more, and half of the rest may be held
    assert granted(await shop.hold("hold-0003", (0, 0, 9), partial=True, **half)) == [2]
    assert granted(await shop.hold("hold-0004", (0, 0, 2))) == [2]


async def owners_hold_no_more_than_their_rule_allows(shop: Shop, clock: Any) -> None:
    for node in range(3):
        await shop.count(node, 0, 9)
    ann = {"limits": HoldLimits(0, 5, 2), "owner_id": "ann"}
    short = await shop.hold("hold-0001", (0, 0, 4), (1, 0, 2), **ann)
    assert [(x.available, x.reason) for x in short.reservation.lines] == [(5, 0), (1, ShortfallReason.OWNER_LIMIT)]
    assert granted(await shop.hold("hold-0002", (0, 0, 4), (1, 0, 2), (2, 0, 3), partial=True, **ann)) == [4, 1, 0]
    await shop.count(0, 1, 9)
    assert granted(await shop.hold("hold-0004", (0, 1, 2), **ann)) == [2]
    assert refused(await shop.hold("hold-0005", (0, 1, 1), **ann)), "it would be the third reservation"
    assert granted(await shop.hold("hold-0006", (0, 0, 4), **{**ann, "owner_id": "bob"})) == [4]
    assert granted(await shop.hold("hold-0007", (1, 0, 4), owner_id="ann")) == [4], "the limit is the rule's"


async def what_owners_hold_is_given_back(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 100)
    await shop.count(1, 0, 100)
    ann = {"limits": HoldLimits(0, 5, 1), "owner_id": "ann", "ttl_ms": SECOND}
    for i, end in enumerate((shop.confirm, shop.release)):
        assert granted(await shop.hold(f"hold-{i:04d}", (0, 0, 5), **ann)) == [5]
        assert refused(await shop.hold(f"more-{i:04d}", (0, 0, 1), **ann))
        await end(f"hold-{i:04d}")
        assert await all_owned(shop.store._redis, shop.store.keys) == {}
    assert granted(await shop.hold("hold-0003", (0, 0, 5), **ann)) == [5]
    await shop.move("hold-0003", (0, 1, 0, 2))
    await shop.release("hold-0003", (1, 0, 2))
    assert await all_owned(shop.store._redis, shop.store.keys) == {"0:ann": 3, ":ann": 1}
    clock.now_ms += SECOND
    assert granted(await shop.hold("hold-0004", (0, 0, 5), **ann)) == [5], "what is over counts no more"
    clock.now_ms += SECOND
    await shop.confirm("hold-0004", reacquire=True)
    assert await all_owned(shop.store._redis, shop.store.keys) == {}


async def a_day_takes_on_what_it_can(shop: Shop, clock: Any) -> None:
    node = await shop.open_node("a", 5, UNITS, PAUSE)
    short = await shop.hold("hold-0001", (node, 0, 4), (node, 1, 3))
    assert [(x.available, x.reason) for x in short.reservation.lines] == [(5, 0), (1, ShortfallReason.CAPACITY_FULL)]
    assert granted(await shop.hold("hold-0002", (node, 0, 4), (node, 1, 3), partial=True)) == [4, 1]
    assert await shop.taken(node) == [(TODAY, 5, 0)]
    assert refused(await shop.hold("hold-0003", (node, 0, 1)))


async def an_order_is_counted_once_a_node(shop: Shop, clock: Any) -> None:
    a, b = await shop.open_node("a", 1, ORDERS, PAUSE), await shop.open_node("b", 9, ORDERS, PAUSE)
    assert granted(await shop.hold("hold-0001", (a, 0, 4), (a, 1, 5), (b, 0, 2))) == [4, 5, 2]
    assert (await shop.taken(a), await shop.taken(b)) == ([(TODAY, 1, 0)], [(TODAY, 1, 0)])
    assert refused(await shop.hold("hold-0002", (a, 0, 1)))
    moved = await shop.move("hold-0001", (b, a, 0, 1))
    assert not moved.short, "it is an order of that day already"
    assert await shop.taken(a) == [(TODAY, 1, 0)]


async def what_a_day_does_not_need_is_given_back(shop: Shop, clock: Any) -> None:
    a, b = await shop.open_node("a", 5, UNITS, PAUSE), await shop.open_node("b", 5, ORDERS, PAUSE)
    for name in ("hold-0001", "hold-0002"):
        await shop.hold(name, (a, 0, 2), (b, 0, 2), ttl_ms=SECOND)
    await shop.confirm("hold-0001")
    await shop.fulfill("hold-0001", (a, 0, 1), (b, 0, 1))
    assert await shop.taken(a) == [(TODAY, 3, 1)], "what left the node was its work of the day"
    await shop.release("hold-0001")
    assert (await shop.taken(a), await shop.taken(b)) == ([(TODAY, 2, 1)], [(TODAY, 1, 1)])
    clock.now_ms += SECOND
    await shop.store.sweep(limit=9)
    assert (await shop.taken(a), await shop.taken(b)) == ([(TODAY, 0, 1)], [(TODAY, 0, 1)])


async def what_was_given_back_is_taken_on_again(shop: Shop, clock: Any) -> None:
    a = await shop.open_node("a", 3, UNITS, PAUSE)
    await shop.hold("hold-0001", (a, 0, 2), ttl_ms=SECOND)
    clock.now_ms += SECOND
    await shop.hold("hold-0002", (a, 0, 2))
    await raises("RESERVATION_EXPIRED", shop.confirm("hold-0001", reacquire=True))
    await shop.release("hold-0002")
    await shop.confirm("hold-0001", reacquire=True)
    assert await shop.taken(a) == [(TODAY, 2, 0)]


async def what_moves_is_taken_on_where_it_goes(shop: Shop, clock: Any) -> None:
    a, b = await shop.open_node("a", 9, UNITS, PAUSE), await shop.open_node("b", 3, UNITS, PAUSE)
    await shop.hold("hold-0001", (a, 0, 4), (a, 1, 4))
    short = (await shop.move("hold-0001", (a, b, 0, 2), (a, b, 1, 2))).short
    assert [(x.available, x.reason) for x in short] == [(1, ShortfallReason.CAPACITY_FULL)]
    assert not (await shop.move("hold-0001", (a, b, 0, 2), (a, b, 1, 1))).short
    assert (await shop.taken(a), await shop.taken(b)) == ([(TODAY, 5, 0)], [(TODAY, 3, 0)])


async def what_is_promised_is_taken_on(shop: Shop, clock: Any) -> None:
    a = await shop.open_node("a", 3, UNITS, PAUSE)
    await shop.expect("po-1", a, 0, 9)
    assert granted(await shop.promise("hold-0001", (a, 0, 5))) == [3, 2], "what is to come is work of another day"
    assert await shop.taken(a) == [(TODAY, 3, 0)]
    await shop.release("hold-0001")
    assert await shop.taken(a) == [(TODAY, 0, 0)]
    await shop.promise("hold-0002", (a, 0, 5))
    await shop.confirm("hold-0002")
    await shop.fulfill("hold-0002")
    assert await shop.taken(a) == [(TODAY, 0, 3)]
    await shop.release("hold-0002")
    assert await shop.taken(a) == [(TODAY, 0, 3)], "what is done stays the day's, though the rest never came"


async def a_full_day_is_no_debt(shop: Shop, clock: Any) -> None:
    """A day's room bounds what leaves; the units that are there make good what is owed all the same."""
    a = await shop.open_node("a", 2, UNITS, PAUSE)
    await shop.expect("po-1", a, 0, 1, day=TODAY)
    assert granted(await shop.promise("hold-0001", (a, 0, 3))) == [2, 1]
    await shop.expect("po-1", a, 0, 1, day=TODAY - 1, policy=OverduePolicy(OverdueAction.DROP))
    await shop.expect("po-2", a, 0, 1, day=TODAY + 1)
    assert granted(await shop.promise("hold-0002", (a, 0, 1))) == [0, 1]


async def what_is_to_come_counts_for_its_owner(shop: Shop, clock: Any) -> None:
    redis, keys = shop.store._redis, shop.store.keys

    async def ask(name: str, *lines: tuple[int, int, int], **options: Any) -> Any:
        return await shop.promise(name, *lines, owner_id="ann", limits=HoldLimits(500, 5, 2), **options)

    await shop.count(0, 0, 4)
    await shop.expect("po-1", 0, 0, 9)
    await shop.expect("po-1", 1, 0, 9)
    assert granted(await ask("hold-0001", (0, 0, 4))) == [2, 2]
    (line,) = (await ask("hold-0002", (0, 0, 2))).reservation.lines
    assert (line.granted, line.available, line.reason) == (0, 1, ShortfallReason.OWNER_LIMIT)
    assert granted(await ask("hold-0003", (0, 0, 2), partial=True)) == [0, 1]
    assert await all_owned(redis, keys) == {"0:ann": 5, ":ann": 2}
    await shop.receive("po-1", 0, 0, 9)
    assert await all_owned(redis, keys) == {"0:ann": 5, ":ann": 2}
    await shop.release("hold-0001")
    assert await all_owned(redis, keys) == {"0:ann": 1, ":ann": 1}
    assert granted(await ask("hold-0004", (0, 0, 3), (1, 0, 3), partial=True)) == [3, 0, 1]
    await check_books(redis, keys)


async def who_waits_for_one_inbound_is_given_it_in_one_change(shop: Shop, clock: Any) -> None:
    await shop.expect("po-1", 0, 0, 5)
    for name in ("hold-0001", "hold-0002"):
        await shop.promise(name, (0, 0, 2))
    await shop.receive("po-1", 0, 0, 5)
    assert (await shop.cell(0, 0)).held == 4
    await check_books(shop.store._redis, shop.store.keys)


async def nobody_is_owed_what_nobody_was_promised(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 5, unavailable=4)
    await shop.store.apply_deltas("", ANY, items=[0, 0, -3], reason="")
    assert not await shop.store._redis.exists(shop.store.keys.deficits(0))
    await shop.count(0, 1, 5, unavailable=4)
    await shop.hold("hold-0001", (0, 1, 1))
    await shop.store.apply_deltas("", ANY, items=[0, 1, -3], reason="")
    log = Books(shop.store._redis, shop.store.keys).log(0)
    assert [reference async for _, entry in log for kind, reference, _ in entry if kind == "deficit"] == ["0:1 1"]


async def what_has_no_room_today_is_for_a_later_day(shop: Shop, clock: Any) -> None:
    a = await shop.open_node("a", 3, UNITS, NEXT_DAY, weekdays=0b11111)  # it is a Friday
    held = await shop.hold("hold-0001", (a, 0, 5))
    assert [(x.day - TODAY, x.open, x.slip_days) for x in held.reservation.work_days] == [(0, 3, 0), (3, 2, 3)]
    late = await shop.hold("hold-0002", (a, 0, 2), slips=[a, 3])
    assert [(x.available, x.reason) for x in late.reservation.lines] == [(1, ShortfallReason.CAPACITY_FULL)]
    assert granted(await shop.hold("hold-0003", (a, 0, 2))) == [2]
    replayed = await shop.hold("hold-0001", (a, 0, 5))
    assert replayed.reservation.work_days == held.reservation.work_days


async def days_are_the_nodes_own(shop: Shop, clock: Any) -> None:
    """START_MS is a Friday, 08:00 in UTC."""
    west = await shop.open_node("a", 9, UNITS, PAUSE, clock=(-1, -9 * 60))
    await shop.hold("hold-0001", (west, 0, 1))
    late = await shop.open_node("b", 9, UNITS, PAUSE, clock=(7 * 60, 0))
    await shop.hold("hold-0002", (late, 0, 1))
    turned = await shop.open_node("c", 9, UNITS, PAUSE, clock=(-1, 0, START_MS, -9 * 60, START_MS + 1, 0))
    await shop.hold("hold-0003", (turned, 0, 1))
    days = [(await shop.taken(node))[0][0] - TODAY for node in (west, late, turned)]
    assert days == [-1, 1, -1]
    await shop.node("a", clock=(-1, 0))
    await shop.hold("hold-0004", (west, 0, 1))
    assert (await shop.taken(west))[1][0] == TODAY
    found = await shop.capacity.set_capacity("", ANY, node_id="a", seen=b"{old}", capacity=None, clock=(-1, 0))
    assert found is not None
    assert found.changed == b"{}"


async def a_full_node_says_so_until_its_day_is_over(shop: Shop, clock: Any) -> None:
    a = await shop.open_node("a", 2, UNITS, PAUSE)
    await shop.hold("hold-0001", (a, 0, 2))
    assert await shop.states() == {"a": 4}
    await shop.store.set_node_state("", ANY, node_id="a", state=2)
    await shop.release("hold-0001")
    assert await shop.states() == {"a": 2}, "whoever paused it lets it go on"
    await shop.hold("hold-0002", (a, 0, 2))
    await shop.store.set_node_state("", ANY, node_id="a", state=1)
    await shop.hold("hold-0003", (a, 0, 2))
    await shop.confirm("hold-0003")
    await shop.store.set_node_state("", ANY, node_id="a", state=2)
    filed = await shop.store.set_node_state("", ANY, node_id="a", state=1)
    assert filed is not None
    assert filed.state == 4
    assert refused(await shop.hold("hold-0004", (a, 0, 1)))
    clock.now_ms += 16 * HOUR
    await shop.store.sweep(limit=9)
    assert await shop.states() == {"a": 1}
    assert granted(await shop.hold("hold-0005", (a, 0, 2))) == [2]


async def a_node_that_is_gone_has_no_capacity(shop: Shop, clock: Any) -> None:
    a = await shop.open_node("a", 2, UNITS, PAUSE)
    await shop.count(a, 0, 0)
    await shop.count(a, 1, 0)
    await shop.store.delete_resource("", ANY, kind="node", resource_id="a")
    await shop.node("a")
    await shop.count(a, 0, 9)
    assert granted(await shop.hold("hold-0001", (a, 0, 3))) == [3]


async def cells_follow_the_rules(shop: Shop, clock: Any) -> None:
    await shop.rule("half", 0, 500)
    node = await shop.node("a")
    await shop.count(node, 0, 4)
    assert (await shop.cell(node, 0)).safety_stock == 2, "born with it"
    await shop.expect("po-1", node, 0, 4)
    await shop.receive("po-1", node, 0, 4)
    assert (await shop.cell(node, 0)).safety_stock == 4
    await shop.hold("hold-0001", (node, 0, 2))
    await shop.confirm("hold-0001")
    await shop.fulfill("hold-0001")
    assert (await shop.cell(node, 0)).safety_stock == 3


async def what_is_set_for_a_cell_stays(shop: Shop, clock: Any) -> None:
    await shop.rule("four", 4)
    await shop.settle()
    node = await shop.node("a")
    await shop.count(node, 0, 9, safety=1)
    await shop.count(node, 1, 9)
    await shop.store.set_safety_stock("", ANY, node_ix=node, sku_ix=1, quantity=2)
    await shop.rule("four", 5)
    await shop.settle()
    assert [(await shop.cell(node, sku)).safety_stock for sku in (0, 1)] == [1, 2]
    await shop.store.set_safety_stock("", ANY, node_ix=node, sku_ix=1, quantity=-1)
    await shop.rule("four", 6)
    await shop.settle()
    assert [(await shop.cell(node, sku)).safety_stock for sku in (0, 1)] == [1, 6]


async def what_was_there_before_the_first_rule_stays(shop: Shop, clock: Any) -> None:
    node = await shop.node("a")
    await shop.count(node, 0, 9, safety=1)
    await shop.count(node, 1, 9)
    await shop.rule("four", 4)
    await shop.count(node, 2, 9)
    for _ in range(2):  # broken off, and begun anew
        version = await shop.rules.unsettled()
        assert version
        assert await shop.rules.follow(version, 0, [b"0:0", b"0:1"])
    assert (await shop.cell(node, 0)).safety_stock == 1
    await shop.settle()
    await shop.rule("four", 5)
    await shop.settle()
    assert [(await shop.cell(node, sku)).safety_stock for sku in range(3)] == [1, 5, 5]
    await shop.count(node, 3, 9, safety=0)
    await shop.rule("four", 0, 500)
    assert (await shop.cell(node, 1)).safety_stock == 5
    await shop.store.apply_deltas("", ANY, items=[node, 1, 1], reason="")
    assert (await shop.cell(node, 1)).safety_stock == 5
    redis, key = shop.store._redis, shop.store.keys.cells(shop.store.keys.catalogue)
    assert await redis.hget(key, "adopted") == b"1"


async def only_the_rules_in_force_are_followed(shop: Shop, clock: Any) -> None:
    a, b = await shop.node("a"), await shop.node("b")
    group: dict[str, Any] = {"kind": "node_group", "resource_id": "g", "value": b"{}"}
    await shop.store.put_resource("", ANY, **group, requires=["node:a"])
    for node in (a, b):
        await shop.count(node, 0, 9)
    await shop.rule("four", 4, 0, "node_group:g")
    old = await shop.rules.unsettled()
    assert old
    await shop.rule("four", 5, 0, "node_group:g")
    assert not await shop.rules.follow(old, 0, [b"0:0"])
    assert not await shop.rules.settled(old)
    assert await shop.rules.follow(await shop.rules.unsettled() or b"", 0, [])  # else settling would never end
    await shop.settle()
    assert [(await shop.cell(node, 0)).safety_stock for node in (a, b)] == [5, 0]
    await shop.store.put_resource("", ANY, **group, requires=["node:b"])
    assert await shop.rules.follow(await shop.rules.unsettled() or b"", 0, [])
    await shop.settle()
    assert [(await shop.cell(node, 0)).safety_stock for node in (a, b)] == [0, 5]


async def what_cannot_be_believed_in_is_withheld(shop: Shop, clock: Any) -> None:
    """Half of 20 units found: 725 thousandths are believed in at that node, and of that class."""
    confidence = ConfidenceStore(shop.store._redis, shop.store.keys, shop.store._commit)
    a, b = await shop.node("a"), await shop.node("b")
    cup = await shop.sku("cup", stock_class="boxed")
    mug = await shop.sku("mug")
    for node, sku in ((a, cup), (a, mug), (b, cup)):
        await shop.count(node, sku, 10)
    await shop.rule("doubt", 0, 0, by_confidence=True)
    await shop.settle()

    async def kept() -> list[int]:
        return [(await shop.cell(*key)).safety_stock for key in ((a, cup), (a, mug), (b, cup))]

    assert await kept() == [1, 1, 1]
    await confidence.add("", ANY, [Checked(a, cup, "boxed", 10_000, 10_000)])
    assert await kept() == [3, 1, 1]
    await shop.count(a, cup, 20)
    assert await kept() == [6, 1, 1]
    clock.now_ms += HALF_LIFE_MS
    await shop.rules.age()
    await shop.settle()
    assert await kept() == [4, 1, 1]
    await shop.rules.age()
    assert await shop.rules.unsettled() is None


async def a_pause_is_over_at_its_instant(shop: Shop, clock: Any) -> None:
    a = await shop.node("a")
    await shop.count(a, 0, 5)

    async def pause(seconds: int) -> None:
        until = clock.now_ms + seconds * SECOND
        await shop.store.set_node_state("", ANY, node_id="a", state=2, until_ms=until)

    await pause(2)
    filed = await shop.store.put_resource("", ANY, kind="node", resource_id="a", value=b"{}", clock=(-1, 0))
    assert (filed.state, filed.paused_until_ms) == (2, clock.now_ms + 2 * SECOND)
    clock.now_ms += 2 * SECOND - 1
    assert refused(await shop.hold("hold-0001", (a, 0, 1)))
    clock.now_ms += 1
    assert not refused(await shop.hold("hold-0002", (a, 0, 1)))
    assert await shop.states() == {"a": 1}
    await pause(0)
    assert await shop.states() == {"a": 1}
    await pause(2)
    await pause(5)
    clock.now_ms += 3 * SECOND
    assert refused(await shop.hold("hold-0003", (a, 0, 1)))
    await shop.store.set_node_state("", ANY, node_id="a", state=2)
    clock.now_ms += 3 * SECOND
    assert refused(await shop.hold("hold-0004", (a, 0, 1)))
    assert await shop.states() == {"a": 2}


async def units_have_the_reasons_they_have(shop: Shop, clock: Any) -> None:
    async def move(units: int, from_reason: str, to_reason: str) -> Any:
        return await shop.unavailable.reclassify(
            "", ANY, node_ix=0, sku_ix=0, units=units, from_reason=from_reason, to_reason=to_reason
        )

    await shop.count(0, 0, 5, unavailable=1)
    moved = await move(3, "", "damaged")
    assert (moved.fed.results[0].available, moved.reasons) == (1, (("damaged", 3),))
    assert outcomes((await move(2, "", "display")).fed) == [FeedOutcome.INSUFFICIENT_ON_HAND]
    assert outcomes((await move(2, "unspecified", "")).fed) == [FeedOutcome.INSUFFICIENT_ON_HAND]
    await shop.count(0, 0, 5, unavailable=2)
    assert await shop.unavailable.read([(0, 0)]) == [(("damaged", 2),)]


async def what_this_call_changed_is_not_forgotten_by_it(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 2)
    await shop.hold("hold-0001", (0, 0, 1), ttl_ms=SECOND)
    clock.now_ms += SECOND
    await raises("RESERVATION_EXPIRED", shop.confirm("hold-0001"))
    clock.now_ms += RETENTION_MS  # from now on it may be forgotten, and nobody has swept
    late, short = await asyncio.gather(shop.confirm("hold-0001", reacquire=True), shop.hold("hold-0002", (0, 0, 9)))
    assert refused(short)
    assert await shop.store.get_reservation("hold-0001") == late.reservation
    await check_books(shop.store._redis, shop.store.keys)


async def what_is_deleted_takes_no_stock(shop: Shop, clock: Any) -> None:
    node = await shop.node("a")
    put = {"kind": "sku", "resource_id": "cup", "value": b"{}"}
    sku = (await shop.store.put_resource("", ANY, **put)).index
    await shop.store.delete_resource("", ANY, kind="sku", resource_id="cup")
    assert outcomes(await shop.count(node, sku, 5)) == [FeedOutcome.UNKNOWN_SKU]
    await shop.store.put_resource("", ANY, **put)
    assert (await shop.store.read_cells([(node, sku)])) == [None]
    assert outcomes(await shop.count(node, sku, 0)) == [FeedOutcome.APPLIED]
    await shop.store.delete_resource("", ANY, kind="node", resource_id="a")
    assert outcomes(await shop.count(node, sku, 5)) == [FeedOutcome.UNKNOWN_NODE]


async def what_is_referred_to_stays(shop: Shop, clock: Any) -> None:
    await shop.node("a")
    await shop.node("b")
    lane = {"kind": "lane", "resource_id": "l", "value": b"{}"}
    await shop.store.put_resource("", ANY, **lane, requires=["node:a"])
    await raises("RESOURCE_IN_USE", shop.store.delete_resource("", ANY, kind="node", resource_id="a"))
    await shop.store.put_resource("", ANY, **lane, requires=["node:b"])
    await shop.store.delete_resource("", ANY, kind="node", resource_id="a")
    await shop.store.delete_resource("", ANY, kind="lane", resource_id="l")
    assert await shop.store.delete_resource("", ANY, kind="node", resource_id="b") is not None


async def a_repair_is_for_what_was_seen(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 5)
    await shop.hold("hold-0001", (0, 0, 1))
    sums = {"node_ix": 0, "sku_ix": 0, "held": 9, "committed": 9}
    assert not await shop.store.repair_sums("repair-01", version=1, **sums)
    await shop.release("hold-0001")
    assert not await shop.store.repair_due("repair-01", "hold-0001")
    await check_books(shop.store._redis, shop.store.keys)


async def large_calls_are_split(shop: Shop, clock: Any) -> None:
    for as_of_ms in (1, 2):  # the second time the cells are there and must be read
        items = [x for n in range(4_600) for x in (0, n, n, 0, 0)]
        await shop.store.apply_counts("", ANY, as_of_ms=as_of_ms, items=items)
        assert (await shop.cell(0, 4_599)).version == as_of_ms
    await check_books(shop.store._redis, shop.store.keys)


async def what_came_is_on_hand_and_what_comes_is_not(shop: Shop, clock: Any) -> None:
    await shop.expect("po-1", 0, 0, 5)
    await shop.expect("po-2", 0, 0, 7)
    assert refused(await shop.hold("hold-0001", (0, 0, 1)))
    for _ in range(2):
        found = await shop.receive("po-1", 0, 0, 2, request_id="came-0001")
    assert (found.replayed, found.inbound.received, found.inbound.to_come, found.inbound.state) == (True, 2, 3, 1)
    assert (await shop.cell(0, 0)).on_hand == 2
    await raises("INBOUND_USED", shop.expect("po-1", 0, 0, 1))
    assert (await shop.expect("po-1", 0, 0, 6)).inbound.to_come == 4
    found = await shop.receive("po-1", 0, 0, 9)
    assert (found.inbound.received, found.inbound.to_come, found.inbound.state) == (11, 0, 2)
    await raises("INBOUND_ENDED", shop.receive("po-1", 0, 0, 1))
    await raises("INBOUND_ENDED", shop.cancel("po-1", 0, 0))
    await raises("INBOUND_ENDED", shop.expect("po-1", 0, 0, 20))
    await raises("INBOUND_NOT_FOUND", shop.receive("po-9", 0, 0, 1, request_id="came-0002"))
    await raises("INBOUND_NOT_FOUND", shop.cancel("po-9", 0, 0))
    assert (await shop.receive("po-2", 0, 0, 0, last=True)).inbound.state == 2
    assert (await shop.cell(0, 0)).on_hand == 11
    await shop.expect("po-9", 0, 0, 1)
    assert (await shop.receive("po-9", 0, 0, 1, request_id="came-0002")).inbound.received == 1
    await check_books(shop.store._redis, shop.store.keys)


async def what_will_not_come_is_cancelled_once(shop: Shop, clock: Any) -> None:
    await shop.expect("po-1", 0, 0, 5)
    first = await shop.cancel("po-1", 0, 0)
    assert (first.inbound.state, first.inbound.to_come) == (3, 0)
    assert (await shop.cancel("po-1", 0, 0)).inbound == first.inbound
    await raises("INBOUND_ENDED", shop.receive("po-1", 0, 0, 1))
    await check_books(shop.store._redis, shop.store.keys)


async def a_cell_awaits_so_many_inbound_and_no_more(shop: Shop, clock: Any) -> None:
    await asyncio.gather(*[shop.expect(f"po-{n}", 0, 0, 1) for n in range(INBOUND_MAX)])
    await raises("INBOUND_LIMIT", shop.expect("po-x", 0, 0, 1))
    await shop.cancel("po-0", 0, 0)
    await shop.expect("po-x", 0, 0, 1)
    assert len((await shop.supply.read_supply([(0, 0)]))[0].inbound) == INBOUND_MAX + 1
    clock.now_ms += RETENTION_MS
    await shop.cancel("po-1", 0, 0)
    await shop.expect("po-y", 0, 0, 1)  # what ended long ago is forgotten, what ended now is not
    assert len((await shop.supply.read_supply([(0, 0)]))[0].inbound) == INBOUND_MAX + 1


async def what_came_has_room(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, CELL_QUANTITY_MAX)
    await shop.expect("po-1", 0, 0, 1)
    await raises("INVALID_FIELD", shop.receive("po-1", 0, 0, 1))


async def what_is_awaited_stays(shop: Shop, clock: Any) -> None:
    index = await shop.node("a")
    await shop.store.put_resource("", ANY, kind="sku", resource_id="s", value=b"{}")
    await shop.expect("po-1", index, 0, 1)
    for kind, name in (("node", "a"), ("sku", "s")):
        await raises("RESOURCE_IN_USE", shop.store.delete_resource("", ANY, kind=kind, resource_id=name))
    await shop.cancel("po-1", index, 0)
    assert await shop.store.delete_resource("", ANY, kind="node", resource_id="a") is not None


async def what_is_to_come_is_promised_once(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 2)
    await shop.expect("po-1", 0, 0, 5, day=TODAY + 5)
    assert refused(await shop.promise("late-0001", (0, 0, 3), latest=TODAY + 4))
    assert granted(await shop.promise("hold-0001", (0, 0, 3))) == [2, 1]
    assert (await shop.promise("hold-0001", (0, 0, 3))).replayed
    await raises("REQUEST_ID_REUSED", shop.promise("hold-0001", (0, 0, 3), payload=request("b")))
    await raises("REQUEST_ID_REUSED", shop.hold("hold-0001", (0, 0, 3), payload=request("b")))
    assert refused(await shop.promise("hold-0002", (0, 0, 5)))
    part = await shop.promise("hold-0003", (0, 0, 5), partial=True)
    assert granted(part) == [0, 4]
    assert (part.reservation.lines[0].available, part.reservation.lines[0].reason) == (4, 1)
    assert (await shop.inbound("po-1", 0, 0)).bound == 5
    await raises("INBOUND_USED", shop.cancel("po-1", 0, 0))
    await raises("INBOUND_USED", shop.expect("po-1", 0, 0, 4))
    await raises("INBOUND_USED", shop.receive("po-1", 0, 0, 4, last=True))
    await shop.confirm("hold-0001")
    assert (await shop.promise("hold-0001", (0, 0, 3))).reservation.state == 1, "the first answer"
    await shop.hold("hold-0004", (0, 1, 1))
    await raises("REQUEST_ID_REUSED", shop.promise("hold-0004", (0, 1, 1), payload=request("b")))
    await check_books(shop.store._redis, shop.store.keys)


async def a_shortage_is_made_good_before_more_is_promised(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 3)
    await shop.hold("hold-0001", (0, 0, 3))
    await shop.count(0, 0, 1)
    await shop.expect("po-1", 0, 0, 5, day=TODAY + 3)
    await shop.expect("po-2", 0, 0, 5, day=TODAY + 6)
    assert granted(await shop.promise("hold-0002", (0, 0, 4), latest=TODAY + 3, partial=True)) == [0, 3]
    assert granted(await shop.promise("hold-0003", (0, 0, 6), partial=True)) == [0, 5]


async def overdue_inbound_promises_what_its_policy_says(shop: Shop, clock: Any) -> None:
    late = {"day": TODAY - 1}
    await shop.expect("po-1", 0, 0, 5, day=TODAY)
    await shop.promise("hold-0001", (0, 0, 2))
    await shop.expect("po-1", 0, 0, 5, **late)
    assert refused(await shop.promise("hold-0002", (0, 0, 1)))
    await shop.expect("po-2", 0, 0, 4, day=TODAY + 1)
    drops = OverduePolicy(OverdueAction.DROP)
    await shop.expect("po-1", 0, 0, 5, policy=drops, **late)
    assert granted(await shop.promise("hold-0003", (0, 0, 4), partial=True)) == [0, 2], (
        "two are owed to what was dropped"
    )
    slips = OverduePolicy(OverdueAction.SLIP, 2)
    await shop.expect("po-1", 0, 0, 5, policy=slips, **late)
    assert refused(await shop.promise("hold-0004", (0, 0, 3), latest=TODAY + 1))
    assert granted(await shop.promise("hold-0005", (0, 0, 3), latest=TODAY + 2)) == [0, 2, 1]
    await shop.expect("po-3", 0, 1, 5, **late)
    assert refused(await shop.promise("hold-0006", (0, 1, 3)))
    assert granted(await shop.promise("hold-0007", (0, 1, 3), policy=slips)) == [0, 3]


async def what_comes_goes_to_those_it_was_promised_to(shop: Shop, clock: Any) -> None:
    await shop.limits(0, 0, backorder=4)
    await shop.expect("po-1", 0, 0, 5)
    await shop.promise("hold-0001", (0, 0, 3), ttl_ms=SECOND)
    await shop.promise("hold-0002", (0, 0, 2))
    await shop.confirm("hold-0002")
    assert refused(await shop.promise("hold-0003", (0, 0, 2)))
    assert granted(await shop.promise("hold-0003b", (0, 0, 3), backorder=True)) == [0, 3]
    assert refused(await shop.promise("hold-0004", (0, 0, 2), backorder=True))
    await raises("QUANTITY_EXCEEDS_RESERVATION", shop.fulfill("hold-0002"))
    clock.now_ms += SECOND  # the first hold is over, and is given nothing
    await shop.receive("po-1", 0, 0, 1)
    assert open_units(await shop.confirm("hold-0002")) == [1, 1]
    assert open_units(await shop.fulfill("hold-0002")) == [0, 1]
    await shop.expect("po-1", 0, 0, 6)
    await shop.receive("po-1", 0, 0, 5)
    cell = await shop.cell(0, 0)
    assert (cell.on_hand, cell.held, cell.committed, cell.available) == (5, 3, 1, 1)
    assert open_units(await shop.release("hold-0003b", (0, 0, 1))) == [2, 0]
    await check_books(shop.store._redis, shop.store.keys)


async def what_is_bound_is_given_back(shop: Shop, clock: Any) -> None:
    for n in range(5):
        await shop.node(f"node-{n}", state=2 if n == 4 else 1)  # a paused node in the same partition
    await shop.count(0, 0, 1)
    await shop.expect("po-1", 0, 0, 5)
    await shop.promise("hold-0001", (0, 0, 6), ttl_ms=SECOND)
    assert open_units(await shop.release("hold-0001", (0, 0, 2))) == [1, 3]
    await raises("QUANTITY_EXCEEDS_RESERVATION", shop.release("hold-0001", (0, 0, 5)))
    await raises("QUANTITY_EXCEEDS_RESERVATION", shop.move("hold-0001", (0, 1, 0, 2)))
    clock.now_ms += SECOND
    await shop.cancel("po-1", 0, 0)  # what was bound is due
    await shop.expect("po-2", 0, 0, 5)
    await shop.count(0, 0, 9)
    await raises("RESERVATION_EXPIRED", shop.confirm("hold-0001", reacquire=True))
    await shop.count(0, 0, 1)
    await shop.promise("hold-0002", (0, 0, 6))
    assert open_units(await shop.confirm("hold-0002", (0, 0, 2))) == [1, 1]
    assert (await shop.inbound("po-2", 0, 0)).committed == 1
    await shop.release("hold-0002")
    assert (await shop.inbound("po-2", 0, 0)).bound == 0
    assert not await shop.store._redis.exists(shop.store.keys.supply(0).removesuffix("supply") + "bound:0:0:po-2")
    await check_books(shop.store._redis, shop.store.keys)


async def what_moves_is_told(shop: Shop, clock: Any) -> None:
    await shop.expect("po-1", 0, 0, 5)
    await shop.promise("hold-0001", (0, 0, 2))
    await shop.expect("po-1", 0, 0, 5, day=TODAY + 8)
    entries = await shop.store._redis.xrange(shop.store.keys.log(0))
    assert entries[-1][1][b"move"] == b"r:hold-0001"


async def limits_are_kept_to(shop: Shop, clock: Any) -> None:
    await shop.expect("po-1", 0, 0, 5)
    await shop.limits(0, 0, backorder=0, preorder=2)
    assert granted(await shop.promise("hold-0001", (0, 0, 3), partial=True)) == [0, 2]
    assert refused(await shop.promise("hold-0002", (0, 0, 1), backorder=True))
    await shop.limits(0, 0, backorder=1)
    assert granted(await shop.promise("hold-0003", (0, 0, 9), partial=True, backorder=True)) == [0, 3, 1]


async def a_paused_node_promises_nothing_to_come(shop: Shop, clock: Any) -> None:
    index = await shop.node("a", state=2)
    await shop.expect("po-1", index, 0, 5)
    found = await shop.promise("hold-0001", (index, 0, 1))
    assert (refused(found), found.reservation.lines[0].reason) == (True, 2)


async def kits_and_lines_share_their_cells(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 7)
    await shop.count(0, 1, 2)
    kit, cups = LotLine(0, 7, 2, 1, ((0, 2), (1, 1))), LotLine(0, 0, 4)
    assert refused(await shop.hold_lots("hold-0001", kit, cups, keep_refusal=False))
    found = (await shop.hold_lots("hold-0001", kit, cups, partial=True)).reservation
    assert [(x.sku_ix, x.granted, x.available, x.reason) for x in found.lines] == [(7, 2, 2, 0), (0, 3, 3, 1)]
    assert [(await shop.cell(0, sku)).held for sku in (0, 1)] == [7, 2]
    await shop.count(0, 0, 10)
    assert granted(await shop.hold_lots("hold-0002", LotLine(0, 0, 3, 2), partial=True)) == [2]
    assert refused(await shop.hold_lots("hold-0003", kit, partial=True))
    await shop.count(0, 1, 5)
    assert refused(await shop.hold_lots("hold-0004", kit, LotLine(0, 8, 1, 1, ((1, 1), (0, 1)))))
    await check_books(shop.store._redis, shop.store.keys)


async def kits_keep_to_the_share_that_may_be_held(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 8)
    found = await shop.hold_lots("hold-0001", LotLine(0, 7, 3, 1, ((0, 2),)), limits=HoldLimits(500))
    assert (refused(found), found.reservation.lines[0].available, found.reservation.lines[0].reason) == (True, 2, 4)


async def owners_hold_no_more_of_kits_than_their_rule_allows(shop: Shop, clock: Any) -> None:
    """What is counted are the units of components, whatever kits they are in."""
    for sku in (0, 1):
        await shop.count(0, sku, 20)
    kit, limits = LotLine(0, 7, 3, 1, ((0, 2), (1, 1))), HoldLimits(0, 5)
    found = await shop.hold_lots("hold-0001", kit, owner_id="ann", limits=limits, partial=True)
    line = found.reservation.lines[0]
    assert (line.granted, line.available, line.reason) == (2, 2, ShortfallReason.OWNER_LIMIT)
    both = (LotLine(0, 1, 2), LotLine(0, 8, 2, 1, ((1, 1),)))
    found = await shop.hold_lots("hold-0002", *both, owner_id="ann", limits=limits, partial=True)
    assert granted(found) == [2, 1]
    assert await all_owned(shop.store._redis, shop.store.keys) == {"0:ann": 4, "1:ann": 5, ":ann": 2}
    assert refused(await shop.hold("hold-0003", (0, 0, 2), owner_id="ann", limits=limits))
    assert not refused(await shop.hold_lots("hold-0004", kit))
    await shop.release("hold-0001", (0, 7, 1))
    assert (await all_owned(shop.store._redis, shop.store.keys))["0:ann"] == 2


async def a_day_takes_on_whole_kits(shop: Shop, clock: Any) -> None:
    """A kit is as many units of work as it has units."""
    node = await shop.open_node("a", 7, UNITS, PAUSE)
    kit = LotLine(node, 7, 3, 1, ((0, 2), (1, 1)))
    found = await shop.hold_lots("hold-0001", kit, partial=True)
    line = found.reservation.lines[0]
    assert (line.granted, line.available, line.reason) == (2, 2, ShortfallReason.CAPACITY_FULL)
    assert [open_ for _, open_, _ in await shop.taken(node)] == [6]
    found = await shop.hold_lots("hold-0002", kit, LotLine(node, 1, 1), LotLine(node, 0, 2), partial=True)
    assert granted(found) == [0, 1, 0]
    await shop.release("hold-0001", (node, 7, 1))
    assert [open_ for _, open_, _ in await shop.taken(node)] == [4]


async def what_is_short_at_no_node_needs_no_room(shop: Shop, clock: Any) -> None:
    node = await shop.open_node("a", 3, UNITS, PAUSE)
    short = (0, 9, 2, ShortfallReason.INSUFFICIENT_STOCK)
    found = await shop.hold("hold-0001", (node, 0, 5), short=short, keep_refusal=False)
    assert refused(found)
    assert (found.reservation.lines[0].available, found.reservation.lines[0].reason) == (
        3,
        ShortfallReason.CAPACITY_FULL,
    )
    found = await shop.hold("hold-0001", (node, 0, 3), short=short, keep_refusal=False)
    assert [line.granted for line in found.reservation.lines] == [3, 0]
    other = await shop.node("b")
    await shop.count(other, 0, 1)
    await shop.store.set_node_state("", ANY, node_id="a", state=2)
    assert refused(await shop.hold("hold-0002", (other, 0, 5), short=short, keep_refusal=False))


async def a_kit_is_handled_whole(shop: Shop, clock: Any) -> None:
    for node in (0, 1):
        await shop.count(node, 0, 9)
        await shop.count(node, 1, 9)
    one, other = LotLine(0, 7, 3, 1, ((0, 2), (1, 1))), LotLine(0, 8, 1, 1, ((0, 1), (1, 2)))
    await shop.hold_lots("hold-0001", one, other, ttl_ms=SECOND)
    await raises("QUANTITY_EXCEEDS_RESERVATION", shop.release("hold-0001", (0, 7, 4)))
    await raises("QUANTITY_EXCEEDS_RESERVATION", shop.release("hold-0001", (0, 0, 1)))
    assert open_units(await shop.release("hold-0001", (0, 7, 1))) == [2, 1]
    assert [(await shop.cell(0, sku)).held for sku in (0, 1)] == [5, 4]
    clock.now_ms += SECOND
    await shop.store.sweep()
    await shop.count(0, 0, 4)
    await raises("RESERVATION_EXPIRED", shop.confirm("hold-0001", reacquire=True))
    await shop.count(0, 0, 5)
    assert open_units(await shop.confirm("hold-0001", reacquire=True)) == [2, 1]
    await shop.count(1, 1, 3)
    assert not (await shop.move("hold-0001", (0, 1, 7, 1), (0, 1, 8, 1))).short
    short = (await shop.move("hold-0001", (0, 1, 7, 1))).short
    assert [(x.node_ix, x.sku_ix, x.requested, x.available) for x in short] == [(1, 1, 1, 0)]
    await shop.count(1, 1, 5)
    await shop.hold_lots("hold-0002", one._replace(lots=2))
    (cell,) = [await shop.cell(1, 1)]
    assert (cell.committed, cell.available) == (3, 2)
    await shop.fulfill("hold-0001", (1, 8, 1))
    assert [(await shop.cell(1, sku)).on_hand for sku in (0, 1)] == [8, 3]
    await check_books(shop.store._redis, shop.store.keys)
    three = LotLine(0, 9, 1, 1, ((0, 1),)), LotLine(0, 7, 1, 1, ((0, 2),))
    await shop.count(0, 0, 50)
    await shop.count(1, 0, 10)  # eight can be promised
    await shop.hold_lots("hold-0003", *three)
    await shop.hold("hold-0004", (1, 0, 6))
    assert (await shop.move("hold-0003", (0, 1, 9, 1), (0, 1, 7, 1))).short


async def a_kit_is_the_one_of_the_catalogue(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 9)
    await shop.sku("cup")
    index = await shop.sku("set", requires=["sku:cup"], recipe=b"cup*2")
    line = LotLine(0, index, 1, 1, ((0, 3),))
    try:
        await shop.hold_lots("hold-0001", line, kits=[("sku:set", b"cup*3")])
    except StaleKit as stale:
        assert stale.name == "sku:set"
    else:
        raise AssertionError("the kit is another one")
    assert granted(await shop.hold_lots("hold-0001", line, kits=[("sku:set", b"cup*2")])) == [1]


async def kits_are_in_no_kits(shop: Shop, clock: Any) -> None:
    await shop.sku("cup")
    await shop.sku("set", requires=["sku:cup"])
    await raises("INVALID_FIELD", shop.sku("box", requires=["sku:set"]))
    await raises("INVALID_FIELD", shop.sku("cup", requires=["sku:cup"]))
    await shop.sku("tea")
    await raises("INVALID_FIELD", shop.sku("cup", requires=["sku:tea"]))
    await raises("INVALID_FIELD", shop.sku("tea", requires=["sku:tea"]))


async def a_kit_has_no_stock_of_its_own(shop: Shop, clock: Any) -> None:
    node, _, box = await shop.node("a"), await shop.sku("cup"), await shop.sku("box")
    await shop.count(node, box, 1)
    await raises("RESOURCE_IN_USE", shop.sku("box", requires=["sku:cup"]))
    await shop.count(node, box, 0)
    await shop.sku("box", requires=["sku:cup"])
    assert outcomes(await shop.count(node, box, 1)) == [FeedOutcome.IS_KIT]
    await raises("INVALID_FIELD", shop.expect("po-1", node, box, 5))
    await raises("INVALID_FIELD", shop.limits(node, box, backorder=5))
    assert (await shop.cell(node, box)).version == 2


async def a_kit_promises_nothing_to_come(shop: Shop, clock: Any) -> None:
    node, _, box = await shop.node("a"), await shop.sku("cup"), await shop.sku("box")
    await shop.limits(node, box, backorder=5)
    await shop.sku("box", requires=["sku:cup"])
    assert refused(await shop.promise("hold-0001", (node, box, 1), backorder=True))


async def what_is_not_counted_is_never_short(shop: Shop, clock: Any) -> None:
    node, sand = await shop.node("a"), await shop.sku("sand", state=4)
    assert refused(await shop.hold("hold-0000", (node, sand, 1)))  # not served there
    await shop.count(node, sand, 0)
    assert granted(await shop.hold("hold-0001", (node, sand, 1_000))) == [1_000]
    cell = await shop.cell(node, sand)
    assert (cell.held, cell.mode, cell.deficit) == (1_000, 2, 0)
    await shop.store.apply_deltas("", ANY, items=[node, sand, 5], reason="")
    assert not await shop.store._redis.exists(shop.store.keys.deficits(node % 4))
    await shop.sku("sand")
    assert refused(await shop.hold("hold-0002", (node, sand, 1)))
    b = await shop.node("b")
    await asyncio.gather(shop.hold("hold-0004", (b, sand, 1)), shop.sku("sand", state=5))  # in one call
    assert (await shop.cell(node, sand)).mode == 3
    assert granted(await shop.hold("hold-0003", (node, sand, 7))) == [7]
    assert await shop.store._redis.hget(shop.store.keys.cells(b % 4), f"{b}:{sand}") is None
    await check_books(shop.store._redis, shop.store.keys)


# Guards ----------------------------------------------------------------------------------------------------------------


async def refuse_one(shop: Shop, request_id: str, **more: Any) -> Any:
    """Of three units held at node 0, and none but one at node 1, some are refused."""
    if await shop.store.get_record("order-0001") is None:
        await shop.count(0, 0, 5)
        await shop.count(1, 0, 1)
        await shop.hold("order-0001", (0, 0, 3), extra=b"first")
    values = {"moves": (0, 1, 0, 1), "back": (), "extra_before": b"first", "extra": b"second", "told": b"told", **more}
    return await shop.store.resource(request_id, ANY, "order-0001", **values)


async def a_refusal_knows_what_was_decided_before(shop: Shop, _: Any) -> None:
    assert await refuse_one(shop, "refusal-0001")
    assert await refuse_one(shop, "refusal-0002", moves=(), back=(0, 0, 1)) is None


async def a_refusal_that_is_short_may_be_tried_again(shop: Shop, _: Any) -> None:
    assert isinstance(await refuse_one(shop, "refusal-0001", moves=(0, 1, 0, 2)), ResourceShort)
    await shop.count(1, 0, 2)
    assert isinstance(await refuse_one(shop, "refusal-0001", moves=(0, 1, 0, 2)), Resourced)


async def refused_units_are_bound_no_more(shop: Shop, _: Any) -> None:
    await shop.count(0, 0, 1)
    await shop.count(1, 0, 3)
    await shop.expect("po", 0, 0, 2)
    await shop.promise("order-0001", (0, 0, 3), extra=b"first")
    await refuse_one(shop, "refusal-0001", moves=(0, 1, 0, 3))
    assert (await shop.cell(1, 0)).held == 3 and (await shop.inbound("po", 0, 0)).bound == 0
    assert not await shop.store._redis.exists(f"{shop.store.keys.cells(0)[:-5]}bound:0:0:po")
    await check_books(shop.store._redis, shop.store.keys)


async def a_refusal_of_too_much_moves_nothing(shop: Shop, _: Any) -> None:
    await raises("QUANTITY_EXCEEDS_RESERVATION", refuse_one(shop, "refusal-0001", back=(0, 0, 3)))
    assert (await shop.cell(0, 0)).held == 3


GUARDS: list[tuple[str, str, Example]] = [
    ("name == moves[j] and not (in_stock and is_bound(body[i + 1])) then", "name == moves[j] and not is_bound(body[i + 1]) then",
     refused_units_are_bound_no_more),
    ("from, 'transfer', home, member, body[i + 4])", "from, 'transfer', home, member, 1)", refused_units_are_bound_no_more),
    ("min(left, body[i + 4] - (gone[i] or 0))", "left", refused_units_are_bound_no_more),
    ("  if redis.sha1hex(body[BODY.extra]) ~= op[9] then return { 'moved' }, true end\n", "",
     a_refusal_knows_what_was_decided_before),
    ("return { 'short', refusal[4] }, true end", "return { 'short', refusal[4] } end",
     a_refusal_that_is_short_may_be_tried_again),
    ("  local _, problem = taken(body, asked)\n  if problem then return problem end\n", "",
     a_refusal_of_too_much_moves_nothing),
    ("if promisable(op[i], op[i + 1], share, op[9]) < op[i + 2] then", "if false then", only_what_is_there_is_held),
    ("return cell[1] - cell[2] - cell[3]", "return cell[1] - cell[3]", what_is_withheld_is_not_held),
    ("- cell[3] - cell[4] - cell[5]", "- cell[4] - cell[5]", what_is_withheld_is_not_held),
    ("- cell[4] - cell[5]\n", "- cell[5]\n", what_is_withheld_is_not_held),
    ("- cell[4] - cell[5]\n", "- cell[4]\n", what_is_withheld_is_not_held),
    ("return max(able, 0), reason", "return free, NO_STOCK", a_deficit_gives_nothing),
    ("if all_or_nothing == 0 and total > 0", "if total > 0", all_or_nothing),
    ("if all_or_nothing == 0 and total > 0 then", "if all_or_nothing == 0 then", all_or_nothing),
    ("or fingerprint ~= unpack_one(op[4])[BODY.fingerprint] then", "then", a_request_id_is_for_one_payload),
    ("if stored[1] ~= fingerprint then", "if false then", a_change_id_is_for_one_payload),
    ("  if has_moved(op[CHECKED]) then return { 'moved', head_of(partitions).seq } end\n", "",
     a_change_knows_all_that_it_must_agree_with),
    ("for _, scope in ipairs(op[BELONGS]) do", "for _, scope in ipairs({}) do", a_change_knows_all_that_it_must_agree_with),
    ("or 0) > checked[i + 1] then", "or 0) >= checked[i + 1] then", a_change_knows_all_that_it_must_agree_with),
    ("  if replay then return replay end\n  local whole", "  local whole", a_repeated_hold_takes_nothing_more),
    ("return first_answer(op) or op[9] and", "return op[9] and", a_repeated_change_is_made_once),
    ("return first_answer(op) or remember(op, apply_items", "return remember(op, apply_items", a_repeated_change_is_made_once),
    ("  dirty(home)\n  if not is_answer", "  if not is_answer", a_replay_writes_the_clock),
    ("  dirty(op[2])\n  local fingerprint, record", "  local fingerprint, record", a_replay_writes_the_clock),
    ("if not is_answer(packed) then return { 'reused', fingerprint_of(packed) } end", "if not is_answer(packed) then return nil end",
     a_request_id_is_for_one_kind_of_request),
    ("if not record or fingerprint ~= unpack_one", "if record and fingerprint ~= unpack_one",
     a_request_id_is_for_one_kind_of_request),
    ("if not record or fingerprint_of(known) ~= op[4] then", "if record and fingerprint_of(known) ~= op[4] then",
     a_request_id_is_for_one_kind_of_request),
    ("packed and not is_answer(packed) and { unpack_one", "packed and { unpack_one", a_request_id_names_no_reservation),
    ("if packed and not is_answer(packed) then want_cells_of", "if packed then want_cells_of",
     a_request_id_names_no_reservation),
    ("return { 'replayed', pack_record(record) }\n  end\n  local plan", "end\n  local plan",
     a_promise_is_known_by_its_record_once_its_answer_is_forgotten),
    ("and record[RECORD.expires] <= now then expire(home", "and false then expire(home", a_hold_ends_at_its_instant),
    ("HELD and record[RECORD.expires] <= now", "HELD and record[RECORD.expires] < now", a_hold_ends_at_its_instant),
    ("if record[RECORD.state] == EXPIRED and not may_reacquire then", "if false then", a_hold_ends_at_its_instant),
    ("local all = reap_everything()", "local all = true", due_holds_come_back_before_a_refusal),
    ("and not all then return { 'due' } end", "and false then return { 'due' } end", many_due_holds_are_all_returned),
    ("reaped = reap_left > 0", "reaped = true", many_due_holds_are_all_returned),
    ("call('ZRANGEBYSCORE', names_of(p).due, '-inf', instant(now)", "call('ZRANGEBYSCORE', names_of(p).due, '-inf', '+inf'",
     a_sweep_goes_by_the_record),
    ("part.taken = part.taken + #found", "", one_call_reaps_each_hold_once),
    ("if not takes_orders(p, field) then", "if false then", a_paused_node_holds_nothing),
    ("if before == '1' and after ~= '1' then", "if false then", a_paused_node_holds_nothing),
    ("if before ~= '1' and after == '1' then", "if false then", a_paused_node_holds_nothing),
    ("else Nodes.set_state(index, state) end", "end", a_new_node_may_be_paused),
    ("if state == CONFIRMED and #op[9] == 0 and (op[7] == '' or op[7] == body[BODY.order]) then return nil end\n  if state ~= HELD and state ~= EXPIRED then return wrong_state(record) end",
     "", states_are_kept_to),
    ("and (op[7] == '' or op[7] == body[BODY.order]) then return nil", "then return nil", states_are_kept_to),
    ("local function extend(op, home, member, record)\n  if record[RECORD.state] ~= HELD then return wrong_state(record) end",
     "local function extend(op, home, member, record)", states_are_kept_to),
    ("if state ~= HELD and state ~= CONFIRMED then return wrong_state(record) end", "", states_are_kept_to),
    ("if state ~= CONFIRMED then return wrong_state(record) end", "", states_are_kept_to),
    ("if state == RELEASED and #op[7] == 0 then return nil end", "", states_are_kept_to),
    ("if state == RELEASED and #op[7] == 0", "if state == RELEASED", states_are_kept_to),
    ("if state == FULFILLED and #op[7] == 0 then return nil end", "", states_are_kept_to),
    ("if left > 0 then return nil, { 'exceeds', asked[j], open } end", "", no_more_than_is_open_is_taken),
    ("body[i + 4] - take[i])", "body[i + 4])", no_more_than_is_open_is_taken),
    ("if state == EXPIRED and not all_free(body, take, channel) then", "if false then",
     what_expired_is_confirmed_only_if_it_is_there_again),
    ("    reap_everything()\n    if not all_free(body, take, channel) then", "    if not all_free(body, take, channel) then",
     what_expired_is_confirmed_only_if_it_is_there_again),
    ("local may_reacquire = op[1] == 'confirm' and op[8] == 1", "local may_reacquire = op[1] == 'confirm'",
     what_expired_is_confirmed_only_if_it_is_there_again),
    ("local held = state == HELD and open or 0", "local held = open", what_expired_is_confirmed_only_if_it_is_there_again),
    ("    body[i + 4] = kept\n", "", a_confirmation_in_part_gives_the_rest_back),
    ("cell[4] - held, cell[5] + kept", "cell[4] - kept, cell[5] + kept", a_confirmation_in_part_gives_the_rest_back),
    ("  if short then return { 'ok', pack_record(record), -1, short } end\n", "",
     what_moves_was_there_and_is_free_at_once),
    ("    reap_everything()\n    short = shortage(moves, { has = has, slips = op.slips }, channel)\n", "", what_moves_was_there_and_is_free_at_once),
    ("wanted[field] = (wanted[field] or 0) + moves[j + 3]", "wanted[field] = 1", what_moves_was_there_and_is_free_at_once),
    ("local column = column_of(record)\n", "local column = 4\n", what_moves_was_there_and_is_free_at_once),
    ("or record[RECORD.outcome] == REFUSED then return { 'not_found' } end", "then return { 'not_found' } end",
     a_refusal_is_no_reservation),
    ("fulfilled > 0 and FULFILLED or RELEASED", "RELEASED", the_end_tells_what_was_done),
    ("    due_at = now + retention\n  end\n", "  end\n", the_end_tells_what_was_done),
    ("if open == 0 then\n", "if true then\n", the_end_tells_what_was_done),
    ("if on_hand < 0 then return INSUFFICIENT end", "", a_shelf_is_never_below_zero),
    ("cell[1] = max(cell[1] - take[i], 0)", "cell[1] = cell[1] - take[i]", a_shelf_is_never_below_zero),
    ("if on_hand > MAX_QUANTITY then return OVERFLOW end", "", a_cell_has_a_limit),
    ("if expected_on_hand >= 0 and cell[1] ~= expected_on_hand then return CONFLICT end", "",
     counts_keep_to_time_and_expectations),
    ("if expected_version >= 0 and cell[6] ~= expected_version then return CONFLICT end", "",
     counts_keep_to_time_and_expectations),
    ("  if expected_on_hand < 0 and expected_version < 0 then\n", "  if true then\n", counts_keep_to_time_and_expectations),
    ("if as_of < cell[7] or (as_of == cell[7] and op[5] > 0) then return STALE end", "",
     counts_keep_to_time_and_expectations),
    ("as_of < cell[7] or (as_of == cell[7] and op[5] > 0)", "as_of < cell[7]", counts_keep_to_time_and_expectations),
    ("safety_stock, max(as_of, cell[7])", "safety_stock, as_of", counts_keep_to_time_and_expectations),
    ("        note_deficit(p, field, short, cell)\n", "", a_deficit_is_listed_while_it_lasts),
    ("  note_deficit(op[3], op[4], short, cell)\n", "", a_deficit_is_listed_while_it_lasts),
    ("if after > before then log_change(p, 'deficit'", "if after > 0 then log_change(p, 'deficit'",
     a_deficit_is_listed_while_it_lasts),
    ("stage_deficit(p, field, before > 0 or now)", "stage_deficit(p, field, now)", a_deficit_is_listed_while_it_lasts),
    ("    stage_deficit(p, field, false)\n  end\nend", "  end\nend", a_deficit_is_listed_while_it_lasts),
    ("if since ~= true or part.deficits[field] == nil then", "if true then", a_deficit_is_listed_while_it_lasts),
    ("if deficit(cell_of(p, field)) == 0 then", "if false then", a_deficit_is_listed_while_it_lasts),
    ("return max(promised - max(cell[1] - cell[2], 0), 0)", "return max(cell[4] - (cell[1] - cell[2]), 0)",
     a_deficit_is_listed_while_it_lasts),
    ("if promised == 0 or cell[8] then return 0 end", "if promised == 0 then return 0 end", what_is_not_counted_is_never_short),
    ("- max(cell[1] - cell[2], 0), 0)", "- (cell[1] - cell[2]), 0)", nobody_is_owed_what_nobody_was_promised),
    ("  local came = units\n", "  local came = units\n  inbound[1] = left\n", who_waits_for_one_inbound_is_given_it_in_one_change),
    ("local free, reason = promisable(p, field, terms.share, terms.channel)", "local free, reason = able, NO_STOCK",
     what_is_to_come_counts_for_its_owner),
    ("local allowed = room and max(min(wanted, room(field, 0)), 0) or wanted", "local allowed = wanted",
     what_is_to_come_counts_for_its_owner),
    ("if room then room(field, allowed - missing) end", "", what_is_to_come_counts_for_its_owner),
    ("if missing == 0 and allowed < wanted then reason = OWNER_LIMIT end", "", what_is_to_come_counts_for_its_owner),
    ("Capacity.tie(op[13], body, FIRST, PROMISED", "Capacity.tie(0, body, FIRST, PROMISED", what_is_to_come_counts_for_its_owner),
    ("local balance = min(free_of(cell_of(p, field)), able)", "local balance = min(free_of(cell_of(p, field)), free)",
     a_full_day_is_no_debt),
    ("outcome, on_hand, unavailable, safety_stock = counted(before, items, i, op)",
     "outcome = count(before, items, i, op)", a_preview_changes_nothing),
    ("  if op[5] > now + CLOCK_ALLOWANCE then return { 'future' } end\n  local items, found", "  local items, found",
     a_preview_changes_nothing),
    ("if epoch < source[1] then return not_applied(STALE_EPOCH, source) end", "", sources_keep_their_order),
    ("if epoch > source[1] then source = begin_epoch(op, source) end", "", sources_keep_their_order),
    ("sequence < source[2] and DUPLICATE or place_of", "place_of", sources_keep_their_order),
    ("or place_of(source, sequence) and PARKED", "or nil", sources_keep_their_order),
    ("  dirty(op[8]) -- it is written", "  -- it is written", sources_keep_their_order),
    ("if n >= 2 + 2 * PARKED_MAX or", "if", sources_keep_their_order),
    (" or parked > PARKED_DELTAS_MAX then", " then", sources_keep_their_order),
    ("  stage_source(op, source)\n  return not_applied(PARKED", "  return not_applied(PARKED", sources_keep_their_order),
    ("  stage_source(op, source)\n  return remember", "  return remember", sources_keep_their_order),
    ("  table.remove(source, i)\n  table.remove(source, i)\n", "", sources_keep_their_order),
    ("  stage_res(op[8], member, false, false)\n  local answer", "  local answer", sources_keep_their_order),
    ("if answer and answer[1] == 'reused' then answer = not_applied(DUPLICATE, source) end", "", sources_keep_their_order),
    ("  local answer = first_answer(parked)\n", "  local answer\n", sources_keep_their_order),
    ("    see_also(answer[3], parked[3])\n", "", sources_keep_their_order),
    ("max(on_hand + moved, 0)", "max(on_hand, 0)", counts_take_in_what_moved_since),
    ("max(on_hand + moved, 0)", "on_hand + moved", counts_take_in_what_moved_since),
    ("if not moved then return TOO_OLD end", "moved = moved or 0", counts_take_in_what_moved_since),
    ("    if on_hand > MAX_QUANTITY then return OVERFLOW end\n  end", "  end", counts_take_in_what_moved_since),
    ("if moves[i] > at then units =", "if moves[i] >= at then units =", counts_take_in_what_moved_since),
    ("    forget_moves(items[i], items[i + 1], as_of)\n", "", counts_take_in_what_moved_since),
    ("      remember_move(body[i], (cell_of_line(body[i + 1])), cell, now, -take[i])\n", "", counts_take_in_what_moved_since),
    ("  remember_move(items[i], items[i + 1], cell, at > 0 and at or now, units)\n", "", counts_take_in_what_moved_since),
    ("cell, at > 0 and at or now, units)", "cell, now, units)", counts_take_in_what_moved_since),
    ("if at > now + CLOCK_ALLOWANCE then return IN_FUTURE end", "", counts_take_in_what_moved_since),
    ("if op[5] > now + CLOCK_ALLOWANCE then return { 'future' } end", "", counts_take_in_what_moved_since),
    ("if at > 0 and at <= cell[7] and op[7] == 0 then return ABSORBED end", "", counts_take_in_what_moved_since),
    ("while i > 2 and moves[i - 2] > at do", "while false do", counts_take_in_what_moved_since),
    ("if at < moves[1] then return nil end", "", counts_take_in_what_moved_since),
    ("while #moves - first + 1 > 2 * MOVES_MAX or", "while", counts_take_in_what_moved_since),
    ("or first < #moves and moves[first] < now - MOVES_MS do", "do", what_left_in_a_quarter_is_one_move),
    ("moves = joined(moves) end", "end", what_left_in_a_quarter_is_one_move),
    ("units < 0 and kept[n] < 0 and floor", "floor", what_left_in_a_quarter_is_one_move),
    ("if cell[3] == units then return UNCHANGED end", "", counts_keep_to_time_and_expectations),
    ("if used then return { 'in_use', used } end", "", what_is_used_stays),
    ("if kind == 'sku' then used =", "if false then used =", what_is_used_stays),
    ("if type(staged[field]) ~= 'table' and in_use", "if in_use", what_is_used_stays),
    ("if not entry or not entry[2] then return { 'missing', required } end", "", what_is_used_stays),
    ("    Nodes.set_state(entry[1], 3)\n", "", what_is_used_stays),
    ("if entry and entry[2] then state = entry[3] else", "if false then else", a_node_keeps_its_state_when_put_again),
    ("now = max(now, tonumber(part.cells.clock or 0))", "", the_clock_does_not_run_back),
    ("if available(inbound) < 0 then error(", "if false then error(", an_inbound_bound_twice_is_stopped),
    ("if free_of(cell) < 0 then error(", "if false then error(", a_cell_named_twice_is_stopped),
    ("if held_share_max and held_share_max > 0 and", "if false and", no_more_is_held_than_the_rule_allows),
    ("share, op[9]) < op[i + 2] then return false", "0, op[9]) < op[i + 2] then return false", no_more_is_held_than_the_rule_allows),
    ("cut(body, op[6], op[8] ~= 0 and op[8], op[9], plan)", "cut(body, op[6], false, op[9], plan)", no_more_is_held_than_the_rule_allows),
    ("if room and room(op[i + 1], op[i + 2]) < 0 then return false end", "", owners_hold_no_more_than_their_rule_allows),
    ("if room and room(body[i + 1], 0) < free then", "if false then", owners_hold_no_more_than_their_rule_allows),
    ("if room then room(body[i + 1], granted) end", "", owners_hold_no_more_than_their_rule_allows),
    ("if full then left[sku] = 0 end", "", owners_hold_no_more_than_their_rule_allows),
    ("    Owners.settle(record, before.owned)\n", "", what_owners_hold_is_given_back),
    ("if left < free then free, reason = left, CAPACITY_FULL end\n    local granted", "local granted", a_day_takes_on_what_it_can),
    ("if capacity_left(plan, op[i + 1], op[i + 2]) < 0 then return false end", "", a_day_takes_on_what_it_can),
    ("    capacity_left(plan, body[i + 1], granted)\n", "", a_day_takes_on_what_it_can),
    ("if unit == ORDERS then units = 1 end", "", an_order_is_counted_once_a_node),
    ("room = (room > 0 or plan.has and plan.has[node]) and math.huge or 0", "room = room", an_order_is_counted_once_a_node),
    ("plan.has and plan.has[node]", "false", an_order_is_counted_once_a_node),
    ("    Capacity.settle(record, before.nodes)\n", "", what_a_day_does_not_need_is_given_back),
    ("    if at and not is_bound(body[i + 1]) then\n", "    if at then\n", what_is_promised_is_taken_on),
    ("(at.fulfilled > 0 and over or 0)", "0", what_a_day_does_not_need_is_given_back),
    ("min(over, fulfilled)", "0", what_a_day_does_not_need_is_given_back),
    ("if record[RECORD.state] ~= EXPIRED then at.open", "if true then at.open", what_a_day_does_not_need_is_given_back),
    ("if capacity_left(plan, body[i + 1], take[i]) < 0 then return false end", "", what_was_given_back_is_taken_on_again),
    ("  if state == EXPIRED then take_on_again(record) end\n", "", what_was_given_back_is_taken_on_again),
    ("    capacity_left(plan, field, min(free, wanted[field]))\n", "", what_moves_is_taken_on_where_it_goes),
    ("  take_on_moved(record, moves, has, op.slips)\n", "", what_moves_is_taken_on_where_it_goes),
    ("  if left < free then free, reason = left, CAPACITY_FULL end\n  local stock", "  local stock", what_is_promised_is_taken_on),
    ("FIRST, PROMISED, nodes)", "FIRST, PROMISED, false)", what_is_promised_is_taken_on),
    ("config[CAPACITY.on_full] == NEXT_DAY and DAYS_AHEAD or 1", "1", what_has_no_room_today_is_for_a_later_day),
    ("if day - today <= slip then room", "if true then room", what_has_no_room_today_is_for_a_later_day),
    ("if works_on(config, day) then", "if true then", what_has_no_room_today_is_for_a_later_day),
    ("if clock[1] >= 0 and at % DAY_MS >= clock[1] * MINUTE_MS then day = day + 1 end", "", days_are_the_nodes_own),
    ("local at = now + ahead(clock, now) * MINUTE_MS", "local at = now", days_are_the_nodes_own),
    ("    if clock[i] > ms then break end\n", "    break\n", days_are_the_nodes_own),
    ("      Capacity.turn_day(tonumber(sub(member, 3)))\n", "", a_full_node_says_so_until_its_day_is_over),
    ("  stage_turn(p, 'n:' .. node, ends)\n", "", a_full_node_says_so_until_its_day_is_over),
    ("if state == ACTIVE and Capacity.of(entry[1]).days[1] == 1 then", "if false then", a_full_node_says_so_until_its_day_is_over),
    ("or (entry[3] ~= ACTIVE and entry[3] ~= FULL) then return end", "then return end", a_full_node_says_so_until_its_day_is_over),
    ("  if entry[2] ~= op[7] then return { 'changed', entry[2] } end\n", "", days_are_the_nodes_own),
    ("    set_clock(index, op[10])\n", "", days_are_the_nodes_own),
    ("    forget_capacity(entry[1])\n", "", a_node_that_is_gone_has_no_capacity),
    ("        follow_rules(p, field, cell)\n        stage_cell", "        stage_cell", cells_follow_the_rules),
    ("    follow_rules(p, field, cell)\n    stage_cell(p, field, cell, 'receive'", "    stage_cell(p, field, cell, 'receive'", cells_follow_the_rules),
    ("      follow_rules(body[i], (cell_of_line(body[i + 1])), cell)\n", "", cells_follow_the_rules),
    ("    if mark then return mark == RULED end\n"[2:], "", what_is_set_for_a_cell_stays),
    ("    if items[i + 4] >= 0 then mark_own(items[i], items[i + 1]) end\n", "", what_is_set_for_a_cell_stays),
    ("    mark_own(p, field)\n", "", what_is_set_for_a_cell_stays),
    ("or cell[3] == 0 or cell[6] == 0\nend", "or true\nend", what_was_there_before_the_first_rule_stays),
    ("Safety.stage_mark(p, field, RULED) end\n  if units", "end\n  if units", what_was_there_before_the_first_rule_stays),
    ("  Safety.stage('adopted', '1')\n", "", what_was_there_before_the_first_rule_stays),
    ("      if not Safety.mark_of(p, field) then Safety.stage_mark(p, field, MARKED) end\n", "", what_was_there_before_the_first_rule_stays),
    ("if not book or book.version ~= op[2] then return { 'changed' } end", "", only_the_rules_in_force_are_followed),
    ("if field_of(partitions, 'safety') ~= op[2] then return { 'changed' } end", "", only_the_rules_in_force_are_followed),
    ("if known and known.version == version then return known end", "if known then return known end", only_the_rules_in_force_are_followed),
    ("if kind == 'node_group' and references_to(name) > 0 then Safety.renew", "if false then Safety.renew", only_the_rules_in_force_are_followed),
    ("  if there < units then return INSUFFICIENT end\n", "", units_have_the_reasons_they_have),
    ("rule.by_confidence and 1000 - Evidence.confidence(field) or", "", what_cannot_be_believed_in_is_withheld),
    ("book.by_confidence and #op or 0", "0", what_cannot_be_believed_in_is_withheld),
    ("permille > 0 or rule.by_confidence", "permille > 0", what_cannot_be_believed_in_is_withheld),
    ("(field_of(partitions, 'c:' .. sku) or '')", "''", what_cannot_be_believed_in_is_withheld),
    ("field_of(partitions, 'aged') ~= day", "false", what_cannot_be_believed_in_is_withheld),
    ("field_of(partitions, 'aged') ~= day", "true", what_cannot_be_believed_in_is_withheld),
    ("local found, missing = weighs(evidence[1], evidence[3]), weighs(evidence[2], evidence[3])",
     "local found, missing = evidence[1], evidence[2]", what_cannot_be_believed_in_is_withheld),
    ("      Nodes.end_pause(p, sub(member, 3))\n", "      stage_turn(p, member)\n", a_pause_is_over_at_its_instant),
    ("  Nodes.pause_until(entry[1], op[6], until_ms)\n", "", a_pause_is_over_at_its_instant),
    ("if until_ms > 0 and until_ms <= now then", "if false then", a_pause_is_over_at_its_instant),
    ("until_ms > 0 and until_ms or nil)\nend", "until_ms > 0 and until_ms or 1)\nend", a_pause_is_over_at_its_instant),
    ("entry[2] then fifth = entry[5] end", "entry[2] then fifth = nil end", a_pause_is_over_at_its_instant),
    ("told and Reasons.counted(items[i], items[i + 1], unavailable)", "false", units_have_the_reasons_they_have),
    ("  for _, known in pairs(reasons) do units = units - known end\n", "", units_have_the_reasons_they_have),
    ("  Owners.add(p, ':' .. owner, (after and 1 or 0) - (before and 1 or 0))\n", "", what_owners_hold_is_given_back),
    ("or record[RECORD.state] ~= HELD then return nil end", "then return nil end", what_owners_hold_is_given_back),
    ("return packed .. packed_tail(record[RECORD.ties], record[RECORD.draws], record[RECORD.adopted])", "return packed", what_owners_hold_is_given_back),
    ("if count == 0 then call('HDEL', names.owners, field) else", "do", what_owners_hold_is_given_back),
    ("held_share_max / 1000) - cell[4]", "held_share_max / 1000)", no_more_is_held_than_the_rule_allows),
    ("if part.inactive > 0 and field_of", "if false and field_of", what_is_deleted_takes_no_stock),
    ("return state == DELETED_SKU and UNKNOWN_SKU or", "return", what_is_deleted_takes_no_stock),
    ("    set_sku_state(index, tostring(state))\n", "",
     what_is_deleted_takes_no_stock),
    ("if references_to(name) > 0 then return { 'in_use', 'references' } end", "", what_is_referred_to_stays),
    ("  count_references(entry and entry[4] or {}, -1)\n", "", what_is_referred_to_stays),
    ("  count_references(entry[4], -1)\n", "", what_is_referred_to_stays),
    ("elseif not changed[member] then", "else", what_this_call_changed_is_not_forgotten_by_it),
    ("if cell[6] ~= op[5] then return { 'changed' } end", "", a_repair_is_for_what_was_seen),
    ("if not record or record[RECORD.state] ~= HELD then return { 'changed' } end", "", a_repair_is_for_what_was_seen),
    ("if n >= CHUNK then\n", "if n >= 100000 or not part.log then\n", large_calls_are_split),
    ("if quantity < received + bound then", "if false then", what_came_is_on_hand_and_what_comes_is_not),
    ("  inbound[1] = quantity - received\n", "  inbound[1] = quantity\n", what_came_is_on_hand_and_what_comes_is_not),
    ("  cell[1] = cell[1] + units\n", "", what_came_is_on_hand_and_what_comes_is_not),
    ("op[9] == 1 and 0 or max(inbound[1] - units, 0)", "max(inbound[1] - units, 0)", what_came_is_on_hand_and_what_comes_is_not),
    ("max(inbound[1] - units, 0)", "inbound[1] - units", what_came_is_on_hand_and_what_comes_is_not),
    ("if left == 0 then inbound[INBOUND.state] = RECEIVED end", "", what_came_is_on_hand_and_what_comes_is_not),
    ("if refusal and refusal[1] == 'no_inbound' then return refusal end", "", what_came_is_on_hand_and_what_comes_is_not),
    ("    if first then return first end\n    local inbound", "    local inbound", what_came_is_on_hand_and_what_comes_is_not),
    ("if inbound[INBOUND.state] ~= EXPECTED then return nil, { 'inbound_ended', inbound[INBOUND.state] } end", "",
     what_came_is_on_hand_and_what_comes_is_not),
    ("if inbound[INBOUND.state] == CANCELLED then return inbound end", "", what_will_not_come_is_cancelled_once),
    ("if forget_ended(supply) >= INBOUND_MAX then return nil, { 'inbound_limit' } end", "forget_ended(supply)",
     a_cell_awaits_so_many_inbound_and_no_more),
    ("if ended and supply[i][INBOUND.updated] + retention <= now then", "if ended then",
     a_cell_awaits_so_many_inbound_and_no_more),
    ("if ended and supply[i][INBOUND.updated] + retention <= now then", "if false then",
     a_cell_awaits_so_many_inbound_and_no_more),
    ("if cell[1] + units > MAX_QUANTITY then", "if false then", what_came_has_room),
    ("or awaited_cell_of_node(entry[1])", "", what_is_awaited_stays),
    ("or awaited_cell_of_sku(entry[1])", "", what_is_awaited_stays),
    ("if day <= terms.latest and", "if", what_is_to_come_is_promised_once),
    ("local free = units - bound_units(inbound)", "local free = units", what_is_to_come_is_promised_once),
    ("inbound[4] = inbound[4] + units", "inbound[4] = inbound[4]", what_is_to_come_is_promised_once),
    ("  if first then return first end\n  local home, member, ttl", "  local home, member, ttl", what_is_to_come_is_promised_once),
    ("or fingerprint_of(known) ~= op[4] then", "then", what_is_to_come_is_promised_once),
    ("body_of_plan(op, plan, op[8] == 1 and not whole)", "body_of_plan(op, plan, false)", what_is_to_come_is_promised_once),
    ("if bound > 0 then return nil, { 'inbound_used'", "if false then return nil, { 'inbound_used'",
     what_is_to_come_is_promised_once),
    ("if bound > left then", "if false then", what_is_to_come_is_promised_once),
    ("max(min(missing, units, balance, preorder), 0)", "max(min(missing, units, preorder), 0)",
     a_shortage_is_made_good_before_more_is_promised),
    ("balance = balance + units", "balance = balance", a_shortage_is_made_good_before_more_is_promised),
    ("if policy == 0 then policy, slip = terms.policy, terms.slip end", "", overdue_inbound_promises_what_its_policy_says),
    ("if policy == 0 then policy, slip = terms.policy, terms.slip end", "policy, slip = terms.policy, terms.slip",
     overdue_inbound_promises_what_its_policy_says),
    ("policy == HOLD_AND_ALERT and bound_units(inbound) or 0", "inbound[1]", overdue_inbound_promises_what_its_policy_says),
    ("if free < 0 then owed = owed - free else", "if free >= 0 then", overdue_inbound_promises_what_its_policy_says),
    ("return terms.today + slip, inbound[1]", "return terms.today, inbound[1]", overdue_inbound_promises_what_its_policy_says),
    ("units = units - hand_over(p, field, inbound, units)", "", what_comes_goes_to_those_it_was_promised_to),
    ("if allowance then hand_over(", "if false then hand_over(", what_comes_goes_to_those_it_was_promised_to),
    ("    if due then expire(home, member, record) end\n    if not due and given", "    if given",
     what_comes_goes_to_those_it_was_promised_to),
    ("terms.backorder and inbound_of(supply, '')", "inbound_of(supply, '')", what_comes_goes_to_those_it_was_promised_to),
    ("min(missing, available(allowance))", "missing", what_comes_goes_to_those_it_was_promised_to),
    ("  if nothing then return nothing end\n", "", what_comes_goes_to_those_it_was_promised_to),
    ("local counts = not (in_stock and is_bound(body[i + 1]))", "local counts = true", what_comes_goes_to_those_it_was_promised_to),
    ("body[stock + 4] + units", "body[stock + 4]", what_comes_goes_to_those_it_was_promised_to),
    ("taken(body, op[7], true)", "taken(body, op[7])", what_is_bound_is_given_back),
    ("taken(body, asked, false, true)", "taken(body, asked)", what_is_bound_is_given_back),
    ("if bound_units(inbound) > 0 then reap_everything() end", "", what_is_bound_is_given_back),
    ("is_bound(body[i + 1]) or promisable", "promisable", what_is_bound_is_given_back),
    ("if open == 0 then unbind(", "if false then unbind(", what_is_bound_is_given_back),
    ("if moves then\n", "if false then\n", what_moves_is_told),
    ("bound > 0 and inbound[INBOUND.day] ~= op[10]", "false", what_moves_is_told),
    ("supply[1] < 0 and missing or max(supply[1] - bound, 0)", "missing", limits_are_kept_to),
    ("if missing == 0 or reason == NODE_PAUSED or", "if missing == 0 or", a_paused_node_promises_nothing_to_come),
    ("for first = 1, #fields, CHUNK do", "for first = 1, 1 do", large_calls_are_split),
    ("      left[field] = left[field] - units\n", "", kits_and_lines_share_their_cells),
    ("math.floor(left[field] / units)", "left[field] / units", kits_and_lines_share_their_cells),
    ("      if lots < able then able, why = lots, reasons", "      if lots > able or j == 1 then able, why = lots, reasons", kits_and_lines_share_their_cells),
    ("takes[at[field]] = takes[at[field]] + units", "takes[at[field]] = units", kits_and_lines_share_their_cells),
    ("local nothing = op[6] == 1 or total == 0", "local nothing = total == 0", kits_and_lines_share_their_cells),
    ("local nothing = op[6] == 1 or total == 0", "local nothing = op[6] == 1", kits_and_lines_share_their_cells),
    ("  if keep == 1 then", "  if true then", kits_and_lines_share_their_cells),
    ("if not left[field] then left[field], reasons[field] = promisable(p, field, share, op[9]) end",
     "if not left[field] then left[field], reasons[field] = promisable(p, field) end", kits_keep_to_the_share_that_may_be_held),
    ("lots = room and math.floor(room(field, 0) / units) or able", "lots = able", owners_hold_no_more_of_kits_than_their_rule_allows),
    ("      if room then room(field, units) end\n", "", owners_hold_no_more_of_kits_than_their_rule_allows),
    ("pack(HELD, now, now, now + ttl, PARTIAL, body) .. hold_all(op, takes, plan)\n",
     "pack(HELD, now, now, now + ttl, PARTIAL, body) .. (hold_all(op, takes, plan) and '')\n",
     owners_hold_no_more_of_kits_than_their_rule_allows),
    ("    if lots < able then able, why = lots, CAPACITY_FULL end\n", "", a_day_takes_on_whole_kits),
    ("  if not node then return math.huge end", "", what_is_short_at_no_node_needs_no_room),
    ("  return not node or (field_of", "  return (field_of", what_is_short_at_no_node_needs_no_room),
    ("    capacity_left(plan, pairs_of[1], granted * units_of_lot)\n", "", a_day_takes_on_whole_kits),
    ("take[i] = take[i] + kits * per_kit", "take[i] = take[i] + kits", a_kit_is_handled_whole),
    ("kits = min(left, open - take[i] / per_kit)", "kits = left", a_kit_is_handled_whole),
    ("    left = left - (kits or 0)\n", "    left = 0\n", a_kit_is_handled_whole),
    ("wanted[field] = (wanted[field] or 0) + take[i]", "wanted[field] = take[i]", a_kit_is_handled_whole),
    ("record, moves_of_lines(body, moves, true))", "record, moves)", a_kit_is_handled_whole),
    ("local field = cell_of_line(moves[j + 2])", "local field = moves[j + 2]", a_kit_is_handled_whole),
    ("  if stale then return { 'stale', stale } end\n", "", a_kit_is_the_one_of_the_catalogue),
    ("or entry_of(required)[3] == tonumber(KIT_SKU) then", "then", kits_are_in_no_kits),
    ("if required == name or", "if", kits_are_in_no_kits),
    ("  if references_to(name) > 0 then return { 'nested', name } end\n", "", kits_are_in_no_kits),
    ("  return used and { 'in_use', used }\n", "", a_kit_has_no_stock_of_its_own),
    ("or state == KIT_SKU and IS_KIT or nil", "or nil", a_kit_has_no_stock_of_its_own),
    ("  if sku_state(op[6]) == KIT_SKU then return nil, { 'is_kit' } end\n", "", a_kit_has_no_stock_of_its_own),
    ("  if sku_state(field) == KIT_SKU then return remember(op, { 'is_kit' }) end\n", "", a_kit_has_no_stock_of_its_own),
    ("or sku_state(field) == KIT_SKU then return stock", "then return stock", a_kit_promises_nothing_to_come),
    ("  if cell[8] then return MAX_QUANTITY - cell[4] - cell[5] end\n", "", what_is_not_counted_is_never_short),
    ("  if cell[6] == 0 then cell[8] = mode_of(sku_state(field)) or cell[8] end\n", "", what_is_not_counted_is_never_short),
    ("    set_supply_mode(index, mode_of(tostring(state)), name)\n", "", what_is_not_counted_is_never_short),
    ("if cell and cell[6] > 0 and (cell[8] or nil) ~= mode then", "if cell and cell[8] ~= mode then", what_is_not_counted_is_never_short),
]  # fmt: skip


def test_the_limits_of_the_library_are_those_of_the_domain() -> None:
    source = library_text()
    for line in (
        f"local MAX_QUANTITY = {limits.CELL_QUANTITY_MAX}\n",
        f"local CLOCK_ALLOWANCE = {limits.CLOCK_ALLOWANCE_MS} ",
        f"local MOVES_MAX, MOVES_MS = {limits.MOVES_MAX}, {limits.MOVES_MS // 3_600_000} * 3600 * 1000\n",
        f"local HALF_LIFE_MS, PRIOR_FOUND, PRIOR_MISSING = {HALF_LIFE_MS // 86_400_000} * 24 * 3600 * 1000, "
        f"{PRIOR_FOUND}, {PRIOR_MISSING}\n",
        f"local PARKED_MAX, PARKED_DELTAS_MAX = {limits.PARKED_MAX}, {limits.PARKED_DELTAS_MAX} ",
        f"local WIDTH, KEPT = 5, {limits.COOLINGS_MAX} ",
    ):
        assert line in source


@examples(GUARDS)
def test_the_example_holds_with_every_guard(guarded: str, example: Example) -> None:
    holds(guarded, example)


@each(GUARDS)
def test_without_the_guard_the_example_breaks(guarded: str, text: str, instead: str, example: Example) -> None:
    breaks(guarded, text, instead, example)
