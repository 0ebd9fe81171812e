"""Teeth: every guard of the steps of orders, taken out or turned, breaks an example that holds with it in place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from guards_kit import Example, breaks, each, examples, holds, raises
from store_kit import ANY, HOUR, SECOND, Shop, check_books, request

from promessa.domain.capacity import CapacityUnit, OnFull
from promessa.domain.errors import PromessaError
from promessa.domain.limits import ORDER_RETENTION_MS
from promessa.domain.offer import Offer
from promessa.domain.order import OrderedLine, PlacedOrder, RejectReason, Shipment, ShipmentLine, StoredOrder, Way
from promessa.domain.order_filters import OrderFilters
from promessa.domain.order_offers import At, accept
from promessa.domain.order_returns import Came, receive_return, request_return
from promessa.domain.order_steps import Change, cancel, reject, ship, sourced
from promessa.domain.order_stock import Receive, Release, Transfer
from promessa.domain.refusal import Cooling, NodeCooling
from promessa.domain.reservation import ShortfallReason
from promessa.domain.returns import Disposition
from promessa.store.books import Books
from promessa.store.catalogue_log import CatalogueLog
from promessa.store.confidence_store import ConfidenceStore
from promessa.store.order_store import NotThere, OrderStore, OtherVersion, Stepped, Write
from promessa.store.store import CoolingOf, Short


class Orders:
    """Orders of sku 0 at node 0, with few words."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        store = shop.store
        self.store = OrderStore(store._redis, store.keys, store._commit)
        self.books = Books(store._redis, store.keys)

    async def place(
        self, order_id: str = "o-1", units: int = 2, held: str = "hold-0001", **options: Any
    ) -> StoredOrder:
        """An order of a reservation that is made for it, unless it is there."""
        if options.pop("hold", True):
            await self.shop.hold(held, (0, 0, units), ttl_ms=options.pop("ttl_ms", HOUR))
        change = placed(order_id, units, held)
        return (await self.send(change, 0, **options)).orders[0]

    async def send(
        self, change: Change, version: int, request_id: str = "", payload: Any = ANY, **options: Any
    ) -> Stepped:
        write = Write(
            version, change, "", options.pop("keep_ms", 0), options.pop("source_in_ms", 0), options.pop("next_ms", 0)
        )
        return await self.store.step(request_id, payload, [write, *options.pop("more", ())], ["" for _ in range(9)])

    async def step(
        self, found: StoredOrder, decide: Callable[[PlacedOrder], Change | None], **options: Any
    ) -> StoredOrder:
        change = decide(found.order)
        assert change is not None
        return (await self.send(change, found.version, **options)).orders[0]


def placed(order_id: str, units: int, held: str) -> Change:
    lines = (OrderedLine(0, units, units),)
    shipment = Shipment(0, held, Way.DELIVERY, (ShipmentLine(0, 0, units),))
    return sourced(PlacedOrder(order_id, lines, ()), [shipment])


def picked(order: PlacedOrder) -> PlacedOrder:
    return order._replace(shipments=(order.shipments[0]._replace(state=3), *order.shipments[1:]))


def shipped(order: PlacedOrder) -> Change | None:
    return ship(picked(order), 1, "", "")


def accepted_by_node_1(order: PlacedOrder) -> Change:
    shipment = order.shipments[0]._replace(offers=(Offer(0), Offer(1, slip_days=3)))
    return accept(order._replace(shipments=(shipment,)), 1, At(1, "node-1"))


def refuse(reason: RejectReason) -> Callable[[PlacedOrder], Change]:
    return lambda order: reject(order, 1, reason)


async def other_version(call: Awaitable[object]) -> None:
    try:
        await call
    except OtherVersion:
        return
    raise AssertionError("another version was expected")


# Examples --------------------------------------------------------------------------------------------------------------


async def a_step_is_of_the_version_it_was_decided_on(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 9)
    first = await orders.place()
    await other_version(orders.place(held="hold-0002"))
    await orders.step(first, lambda order: cancel(order, {0: 1}))
    await other_version(orders.step(first, lambda order: cancel(order, {0: 1})))
    assert (await shop.cell(0, 0)).committed == 1


async def a_step_is_made_once(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 9)
    first = await orders.place(request_id="place-0001")
    again = await orders.send(placed("o-1", 2, "hold-0001"), 0, "place-0001")
    assert again.replayed and again.orders == (first,)
    await raises("REQUEST_ID_REUSED", orders.send(placed("o-1", 1, "hold-0001"), 0, "place-0001", request("other")))


async def what_is_part_of_an_order_is_changed_by_it_alone(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 9)
    await orders.place()
    await raises("RESERVATION_OF_ORDER", shop.release("hold-0001"))
    await raises("RESERVATION_OF_ORDER", shop.fulfill("hold-0001"))
    await raises("RESERVATION_OF_ORDER", orders.place("o-2", hold=False))
    await shop.hold("hold-0002", (0, 0, 1), order_id="o-2")
    stray = placed("o-2", 1, "hold-0002")._replace(moves=(Release("hold-0002", ((0, 0, 1),)),))
    await raises("RESERVATION_OF_ORDER", orders.send(stray, 0))
    theft = placed("o-2", 1, "hold-0001")._replace(moves=(Release("hold-0001", ((0, 0, 1),)),))
    await raises("RESERVATION_OF_ORDER", orders.send(theft, 0))
    assert (await shop.cell(0, 0)).committed == 2


async def nothing_is_done_by_half(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 9)
    first = await orders.place()
    too_many = (Release("hold-0001", ((0, 0, 1),)), Release("hold-0001", ((0, 0, 7),)))
    second = await orders.place("o-2", held="hold-0002")
    for moves in (too_many, too_many[::-1]):
        change = cancel(first.order, {0: 1})._replace(moves=moves)
        try:
            await orders.send(change, first.version)
        except Exception as error:
            assert isinstance(error, PromessaError)
    assert (await shop.cell(0, 0)).committed == 4
    assert await orders.store.get("o-1") == first
    assert await orders.store.get("o-2") == second
    await check_books(shop.store._redis, shop.store.keys)


async def a_hold_that_is_over_is_taken_again_if_it_is_there(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 3)
    await shop.hold("hold-0001", (0, 0, 2), ttl_ms=SECOND)
    clock.now_ms += HOUR
    await orders.place(hold=False)
    assert (await shop.cell(0, 0)).committed == 2
    await shop.hold("hold-0002", (0, 0, 1), ttl_ms=SECOND)
    clock.now_ms += HOUR
    await shop.hold("hold-0003", (0, 0, 1), ttl_ms=HOUR)
    await raises("RESERVATION_EXPIRED", orders.place("o-2", 1, "hold-0002", hold=False))
    assert await orders.store.get("o-2") is None
    await check_books(shop.store._redis, shop.store.keys)


async def units_go_to_another_node_if_they_are_there(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 3)
    await shop.count(1, 0, 1)
    found = await orders.place()
    try:
        await orders.step(found, accepted_by_node_1)
    except NotThere as error:
        assert error.short == (Short(1, 0, 2, 1, 1),)
    else:
        raise AssertionError("the units are not there")
    assert await orders.store.get("o-1") == found
    assert (await shop.cell(0, 0)).committed == 2
    await shop.count(1, 0, 2)
    assert (await orders.step(found, accepted_by_node_1)).order.shipments[0].node_ix == 1
    assert ((await shop.cell(0, 0)).committed, (await shop.cell(1, 0)).committed) == (0, 2)
    await check_books(shop.store._redis, shop.store.keys)


async def what_is_sent_by_another_node_is_the_order_s_own(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 9)
    await shop.count(1, 0, 9)
    found = await orders.place()
    await orders.place("o-2", held="hold-0002")
    theft = Transfer("hold-0002", ((0, 0, 2),), 1, 0)
    await raises(
        "RESERVATION_OF_ORDER", orders.send(accepted_by_node_1(found.order)._replace(moves=(theft,)), found.version)
    )
    assert (await shop.cell(1, 0)).committed == 0


async def a_node_takes_on_what_it_can_do_in_time(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    for node_id in ("node-0", "node-1"):
        await shop.open_node(node_id, 1, CapacityUnit.ORDERS, OnFull.NEXT_DAY)
    await shop.hold("full-0001", (1, 0, 1))
    found = await orders.place()
    late = accepted_by_node_1(found.order)
    assert isinstance(late.moves[0], Transfer)
    in_time = late._replace(moves=(late.moves[0]._replace(slip_days=0),))
    try:
        await orders.send(in_time, found.version)
    except NotThere as error:
        assert [each.reason for each in error.short] == [ShortfallReason.CAPACITY_FULL]
    else:
        raise AssertionError("the node is full for today")
    await orders.send(late, found.version)
    await check_books(shop.store._redis, shop.store.keys)


async def a_node_that_refuses_cools_down_with_the_step(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 9)
    found = await orders.place()
    cooling = CoolingOf("node-0", 0, "cup", 5, 9, 1, "hold-0001")
    write = Write(found.version, refuse(RejectReason.OTHER)(found.order), "", 0, 0)
    for _ in range(2):
        await orders.store.step("reject-0001", ANY, [write], [], [cooling])
    known = await CatalogueLog(shop.store._redis, shop.store.keys).load()
    assert [value for kind, _, _, value, _ in known if kind == "cooling"] == [
        NodeCooling("node-0", (Cooling("cup", 5, 9, 1, "hold-0001"),))
    ]


async def a_node_has_in_its_index_what_it_has_to_do(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 9)
    first = await orders.place()
    clock.now_ms += SECOND
    await orders.place("o-2", held="hold-0002")
    key, redis = shop.store.keys.work(0), shop.store._redis
    at = [(b"o-1", float(first.placed_ms)), (b"o-2", float(first.placed_ms + SECOND))]
    assert await redis.zrange(key, 0, -1, withscores=True) == at
    sequence = (await shop.store.heads())[0]
    found = await orders.step(first, lambda order: cancel(order, {0: 1})._replace(moves=()))
    home = shop.store.keys.home_of("o-1")
    assert (await shop.store.heads())[0] == sequence + (home == 0), "what is known already writes nothing"
    await asyncio.gather(orders.step(found, shipped), orders.place("o-3", held="hold-0003"))
    assert await redis.zrange(key, 0, -1) == [b"o-2", b"o-3"]
    listed, _ = await orders.store.page(page_token="", page_size=9, filters=OrderFilters(node_ix=0, open_at_node=True))
    assert [each.order.order_id for each in listed] == ["o-3", "o-2"]


async def a_confirmed_reservation_is_taken_whole_and_for_its_order(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 9)
    for n, order_id in enumerate(("", "o-9")):
        await shop.hold(f"hold-000{n}", (0, 0, 2))
        await shop.confirm(f"hold-000{n}", order_id=order_id)
    await raises("WRONG_STATE", orders.place("o-1", 1, "hold-0000", hold=False))
    await orders.place("o-1", 2, "hold-0000", hold=False)
    await raises("RESERVATION_OF_ORDER", shop.release("hold-0000"))
    await raises("WRONG_STATE", orders.place("o-2", 2, "hold-0001", hold=False))


async def what_is_not_there_is_no_order(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 3)
    await raises("RESERVATION_NOT_FOUND", orders.place(hold=False))
    await shop.hold("hold-0001", (0, 0, 5))
    await raises("RESERVATION_NOT_FOUND", orders.place(hold=False))
    await shop.hold("hold-0002", (0, 0, 1))
    await shop.release("hold-0002")
    await raises("WRONG_STATE", orders.place(held="hold-0002", units=1, hold=False))


async def what_was_not_found_is_withheld_until_it_is_counted(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 9, unavailable=1)
    found = await orders.place()
    await shop.hold("hold-0002", (0, 0, 3))
    await orders.step(found, refuse(RejectReason.NOT_FOUND))
    cell = await shop.cell(0, 0)
    assert (cell.on_hand, cell.unavailable, cell.held, cell.available, cell.deficit) == (9, 6, 3, 0, 0)
    confidence = ConfidenceStore(shop.store._redis, shop.store.keys, shop.store._commit)
    assert (await confidence.read([(0, "")]))[0].missing == 2_000
    await shop.count(0, 0, 8)
    assert (await shop.cell(0, 0)).unavailable == 1
    page, _ = await shop.unavailable.page("", 10)
    assert page == []
    await check_books(shop.store._redis, shop.store.keys)


async def what_is_damaged_is_withheld_as_far_as_it_is_there(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 9)
    found = await orders.place()
    await shop.count(0, 0, 1)
    await orders.step(found, refuse(RejectReason.DAMAGED))
    assert (await shop.cell(0, 0)).unavailable == 1
    await check_books(shop.store._redis, shop.store.keys)


async def what_comes_back_is_there(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 9)
    found = await orders.place()
    found = await orders.step(found, shipped)
    counted = clock.now_ms + SECOND
    clock.now_ms += 2 * SECOND
    found = await orders.step(found, lambda order: request_return(order, {0: 2}, ""))
    found = await orders.step(
        found,
        lambda order: receive_return(
            order, 1, 0, [Came(0, 1, Disposition.RESELLABLE), Came(0, 1, Disposition.QUARANTINE)]
        ),
    )
    cell = await shop.cell(0, 0)
    assert (cell.on_hand, cell.unavailable) == (9, 1)
    await shop.count(0, 0, 7, as_of_ms=counted)
    assert (await shop.cell(0, 0)).on_hand == 9, "what came back since is not in the count"
    await check_books(shop.store._redis, shop.store.keys)


async def what_is_gone_takes_nothing_back(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 2)
    found = await orders.step(await orders.place(), shipped)
    full = Receive(1, 0, 10**12 + 1, "")
    await raises(
        "INVALID_FIELD", orders.send(request_return(found.order, {0: 1}, "")._replace(moves=(full,)), found.version)
    )
    assert await orders.store.get("o-1") == found


async def a_finished_order_is_forgotten_in_its_time(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 2)
    found = await orders.step(await orders.place(), lambda order: cancel(order, {}), keep_ms=ORDER_RETENTION_MS)
    clock.now_ms += ORDER_RETENTION_MS - SECOND
    await shop.store.sweep()
    assert await orders.store.get("o-1") == found
    clock.now_ms += 2 * SECOND
    await shop.store.sweep()
    assert await orders.store.get("o-1") is None
    assert await orders.books.placed_and_there() == (0, 0)


async def an_order_that_goes_on_is_kept(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 2)
    found = await orders.step(await orders.place(), shipped, keep_ms=ORDER_RETENTION_MS)
    found = await orders.step(found, lambda order: request_return(order, {0: 1}, ""))
    clock.now_ms += 2 * ORDER_RETENTION_MS
    await shop.store.sweep()
    assert await orders.store.get("o-1") == found


async def what_is_to_be_sourced_is_listed_when_it_is_due(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 9)
    found = await orders.place()
    found = await orders.step(found, refuse(RejectReason.OTHER), source_in_ms=HOUR)
    assert await orders.store.unsourced(clock.now_ms, limit=9) == []
    assert await orders.store.unsourced(clock.now_ms + HOUR, limit=9) == ["o-1"]
    await orders.step(found, lambda order: cancel(order, {}))
    assert await orders.store.unsourced(clock.now_ms + HOUR, limit=9) == []


async def what_time_makes_of_orders_is_listed_when_it_is_due(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 9)
    found = await orders.place(next_ms=clock.now_ms + HOUR)
    await orders.place("o-2", held="hold-0002")
    assert await orders.store.overdue(clock.now_ms + HOUR - 1, limit=9) == []
    assert await orders.store.overdue(clock.now_ms + HOUR, limit=9) == ["o-1"]
    assert sorted([x async for page in orders.store.underway() for x in page]) == ["o-1", "o-2"]
    found = await orders.step(found, lambda order: cancel(order, {0: 1}), next_ms=clock.now_ms + 2 * HOUR)
    assert await orders.store.overdue(clock.now_ms + HOUR, limit=9) == []
    found = await orders.step(found, lambda order: cancel(order, {0: 1}), next_ms=1, keep_ms=HOUR)
    assert await orders.store.overdue(clock.now_ms + 9 * HOUR, limit=9) == [], "it is over"
    assert [x async for page in orders.store.underway() for x in page] == ["o-2"]


async def two_steps_of_one_order_are_made_together(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 9)
    found = await orders.place()
    first = cancel(found.order, {0: 1})
    second = cancel(first.order, {0: 1})._replace(moves=())
    done = await orders.send(first, found.version, more=[Write(found.version, second, "", 0, 0)])
    assert [each.version for each in done.orders] == [found.version + 1, found.version + 2]
    assert await orders.store.get("o-1") == done.orders[1]
    home = shop.store.keys.home_of("o-1")
    last = [flat async for _, flat in orders.books.entries(home)][-1]
    assert [last[i + 1][0] for i, x in enumerate(last) if x == b"o:o-1"] == [2, 3]


async def the_log_tells_every_step(shop: Shop, clock: Any) -> None:
    orders = Orders(shop)
    await shop.count(0, 0, 9)
    found = await orders.place()
    clock.now_ms += SECOND
    found = await orders.step(found, refuse(RejectReason.OTHER))
    assert [entry.at_ms for entry in found.history] == [clock.now_ms - SECOND, clock.now_ms]
    assert (found.placed_ms, found.updated_ms) == (clock.now_ms - SECOND, clock.now_ms)
    home = shop.store.keys.home_of("o-1")
    told = [x for _, flat in [e async for e in orders.books.entries(home)] for x in flat if x == b"o:o-1"]
    assert len(told) == 2
    listed, _ = await orders.store.page(page_token="", page_size=9, filters=OrderFilters())
    assert listed == [found]
    other = next(f"o-{n}" for n in range(2, 99) if shop.store.keys.home_of(f"o-{n}") == home)
    await shop.hold("hold-0002", (0, 0, 1))
    back = Write(found.version, cancel(found.order, {0: 1})._replace(moves=()), "", 0, 0)
    await orders.send(placed(other, 1, "hold-0002"), 0, more=[back])
    last = [flat async for _, flat in orders.books.entries(home)][-1]
    assert {b"o:o-1", b"o:" + other.encode()} <= set(last)


GUARDS: list[tuple[str, str, Example]] = [
    ("if version ~= writes[i + 2] then", "if false then", a_step_is_of_the_version_it_was_decided_on),
    ("function run.order_step(op)\n  local first = first_answer(op)\n  if first then return first end", "function run.order_step(op)", a_step_is_made_once),
    ("  if record[RECORD.adopted] then return remember(op, { 'of_order'", "  if false then return remember(op, { 'of_order'", what_is_part_of_an_order_is_changed_by_it_alone),
    ("  record[RECORD.adopted] = 1\n", "", what_is_part_of_an_order_is_changed_by_it_alone),
    ("if record[RECORD.adopted] then return { 'of_order', body[BODY.order] } end", "", what_is_part_of_an_order_is_changed_by_it_alone),
    ("if not record[RECORD.adopted] or body", "if body", what_is_part_of_an_order_is_changed_by_it_alone),
    ("or body[BODY.order] ~= order then return { 'of_order'", "then return { 'of_order'", what_is_part_of_an_order_is_changed_by_it_alone),
    ("  if adopted then return pack(ties or false, draws or false, adopted) end\n", "", what_is_part_of_an_order_is_changed_by_it_alone),
    ("  local _, problem = Life.taken(body, asked or move[MOVE.asked], last_first, in_stock)\n  return problem", "  return nil", nothing_is_done_by_half),
    ("    if problem then return problem end\n    records[n] = record", "    records[n] = record", nothing_is_done_by_half),
    ("      refusal = make[move[MOVE.kind]](move, records[n])\n      if refusal then return refusal end", "      make[move[MOVE.kind]](move, records[n])", a_hold_that_is_over_is_taken_again_if_it_is_there),
    ("      refusal = make[move[MOVE.kind]](move, records[n])\n      if refusal then return refusal end", "      make[move[MOVE.kind]](move, records[n])", units_go_to_another_node_if_they_are_there),
    ("local may_fail = { confirm = true, transfer = true }", "local may_fail = { confirm = true }", units_go_to_another_node_if_they_are_there),
    ("  return refusal and { 'short', refusal[4] }", "  return nil", units_go_to_another_node_if_they_are_there),
    ("  return check_part(move, record, false, true, asked)", "  return nil", what_is_sent_by_another_node_is_the_order_s_own),
    ("slips = slips }, move[MOVE.home]", "slips = nil }, move[MOVE.home]", a_node_takes_on_what_it_can_do_in_time),
    ("  Cooling.add_all(op[7])\n", "", a_node_that_refuses_cools_down_with_the_step),
    ("  Orders.note_work(op[8])\n", "", a_node_has_in_its_index_what_it_has_to_do),
    ("      call('ZREM', names.work .. node, id)\n", "", a_node_has_in_its_index_what_it_has_to_do),
    ("  if part.work_out then Orders.write_work(names, part) end\n", "", a_node_has_in_its_index_what_it_has_to_do),
    ("  return units < open_units(body) and { 'wrong_state', state } or nil", "  return nil", a_confirmed_reservation_is_taken_whole_and_for_its_order),
    ("if body[BODY.order] ~= '' and body[BODY.order] ~= move[MOVE.order] then", "if false then", a_confirmed_reservation_is_taken_whole_and_for_its_order),
    ("  stage_record(move[MOVE.home], move[MOVE.member], record, false)\nend\n\nlocal function check_part", "end\n\nlocal function check_part", a_confirmed_reservation_is_taken_whole_and_for_its_order),
    ("if not record or record[RECORD.outcome] == REFUSED then return { 'not_found', sub", "if not record then return { 'not_found', sub", what_is_not_there_is_no_order),
    ("  if state ~= HELD and state ~= EXPIRED and state ~= CONFIRMED then return { 'wrong_state', state } end\n  local take", "  local take", what_is_not_there_is_no_order),
    ("or cell[1] - cell[2] - cell[4] - cell[5]\n", "or cell[1] - cell[2]\n", what_was_not_found_is_withheld_until_it_is_counted),
    ("if missing > 0 then Evidence.add(p, move[7], 0, missing) end", "", what_was_not_found_is_withheld_until_it_is_counted),
    ("or cell[2] - doubted(items[i], items[i + 1], cell)", "or cell[2]", what_was_not_found_is_withheld_until_it_is_counted),
    ("  reasons[NOT_FOUND_REASON] = nil\n", "", what_was_not_found_is_withheld_until_it_is_counted),
    ("  Reasons.stage(p, field)\n  note_deficit(p, field, short, cell)", "  note_deficit(p, field, short, cell)", what_was_not_found_is_withheld_until_it_is_counted),
    ("  local units = asked > 0 and min(asked, free) or free\n", "  local units = asked > 0 and asked or free\n", what_is_damaged_is_withheld_as_far_as_it_is_there),
    ("  remember_move(p, field, cell, now, units)\n  if reason", "  if reason", what_comes_back_is_there),
    ("    cell[2] = cell[2] + units\n  end\n  follow_rules", "  end\n  follow_rules", what_comes_back_is_there),
    ("  cell[1] = cell[1] + units\n  remember_move", "  remember_move", what_comes_back_is_there),
    ("  return cell_of(move[2], move[3])[1] + move[4] > MAX_QUANTITY and { 'gone', OVERFLOW } or nil", "  return nil", what_is_gone_takes_nothing_back),
    ("    elseif sub(member, 1, 2) == 'o:' then\n      Orders.forget(p, sub(member, 3))\n", "", a_finished_order_is_forgotten_in_its_time),
    ("      call('ZREM', all.placed, id)\n", "", a_finished_order_is_forgotten_in_its_time),
    ("keep_ms > 0 and now + keep_ms or nil)", "now + keep_ms)", an_order_that_goes_on_is_kept),
    ("keep_ms > 0 and now + keep_ms or nil)", "keep_ms > 0 and now or nil)", a_finished_order_is_forgotten_in_its_time),
    ("    else\n      call('ZREM', all.unsourced, id)\n", "", what_is_to_be_sourced_is_listed_when_it_is_due),
    ("source_in > 0 and now + source_in or 0", "source_in > 0 and now or 0", what_is_to_be_sourced_is_listed_when_it_is_due),
    ("order.next = keep_ms == 0 and ", "order.next = ", what_time_makes_of_orders_is_listed_when_it_is_due),
    ("next_ms > 0 and instant(next_ms) or '+inf'", "next_ms > 0 and instant(next_ms)", what_time_makes_of_orders_is_listed_when_it_is_due),
    ("next_ms > 0 and instant(next_ms) or '+inf'", "instant(next_ms)", what_time_makes_of_orders_is_listed_when_it_is_due),
    ("    else\n      call('ZREM', all.underway, id)\n", "", what_time_makes_of_orders_is_listed_when_it_is_due),
    ("  part.log_n = n + 2\n  part.orders[id]", "  part.orders[id]", two_steps_of_one_order_are_made_together),
    ("  part.log_n = n + 2\n  part.orders[id]", "  part.orders[id]", the_log_tells_every_step),
    ("order[ORDER.version] + 1, now, body", "order[ORDER.version] + 1, order[ORDER.placed], body", the_log_tells_every_step),
    ("      call('ZADD', all.placed, instant(order[ORDER.placed]), id)\n", "", the_log_tells_every_step),
]  # fmt: skip


@examples(GUARDS)
def test_the_example_holds_with_every_guard(guarded: str, example: Example) -> None:
    holds(guarded, example)


@each(GUARDS)
def test_without_the_guard_the_example_breaks(guarded: str, text: str, instead: str, example: Example) -> None:
    breaks(guarded, text, instead, example)
