"""Allocation pools in the store, with teeth: each guard, taken out, breaks an example that holds with it in place."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from guards_kit import Example, breaks, each, examples, holds, raises
from store_kit import ANY, HOUR, SECOND, START_MS, TODAY, Shop, check_books, granted, refused

from promessa.domain.hold_rules import HoldLimits
from promessa.domain.limits import POOLS_MAX
from promessa.domain.pools import PoolStrategy
from promessa.domain.reservation import Drawn, LotLine, ShortfallReason
from promessa.store.store import Reserved

STRICT, OWN_FIRST, COMMON_FIRST = PoolStrategy.STRICT, PoolStrategy.OWN_FIRST, PoolStrategy.COMMON_FIRST


async def can_take(shop: Shop, channel: str = "", *, node: int = 0) -> int:
    """Units a channel is granted of a cell when it asks for all there could be."""
    shop.tries = getattr(shop, "tries", 0) + 1  # type: ignore[attr-defined]
    name = f"try-{shop.tries:06d}"  # type: ignore[attr-defined]
    found = await shop.hold(name, (node, 0, 1_000), partial=True, channel=channel, keep_refusal=False)
    if not refused(found):
        await shop.release(name)
    return sum(granted(found))


async def drawn(shop: Shop, channel: str, node: int = 0) -> int:
    pool = await shop.pool(channel, node, 0)
    return pool.drawn if pool else 0


def reasons(found: Reserved) -> list[int]:
    return [line.reason for line in found.reservation.lines]


# Examples --------------------------------------------------------------------------------------------------------------


async def what_is_kept_is_not_common(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 10)
    await shop.keep("web", 0, 0, 4, strategy=STRICT)
    await shop.keep("shop", 0, 0, 3)
    assert await can_take(shop) == 3
    assert await can_take(shop, "web") == 4
    assert await can_take(shop, "shop") == 6
    assert await can_take(shop, "elsewhere") == 3
    short = await shop.hold("hold-0001", (0, 0, 4))
    assert refused(short)
    assert reasons(short) == [ShortfallReason.KEPT_FOR_OTHERS]
    assert (await shop.cell(0, 0)).available == 3


async def a_path_has_the_pools_above_it(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 20)
    await shop.keep("web", 0, 0, 5, strategy=STRICT)
    await shop.keep("web/vip", 0, 0, 2)
    await shop.keep("webshop", 0, 0, 1)
    assert await can_take(shop, "web") == 5
    assert await can_take(shop, "web/other") == 5
    assert await can_take(shop, "web/vip") == await can_take(shop, "web/vip/gold") == 7
    assert await can_take(shop, "webshop") == 1 + 12
    await shop.keep("web/vip", 0, 0, 2, strategy=STRICT)
    assert await can_take(shop, "web/vip/gold") == 2


async def own_first_takes_its_own_first(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 10)
    await shop.keep("web", 0, 0, 4)
    await shop.keep("shop", 0, 0, 4, strategy=COMMON_FIRST)
    await shop.hold("hold-0001", (0, 0, 3), channel="web")
    assert await drawn(shop, "web") == 3
    await shop.hold("hold-0002", (0, 0, 2), channel="shop")
    assert await drawn(shop, "shop") == 0
    await shop.hold("hold-0003", (0, 0, 1), channel="shop")
    assert await drawn(shop, "shop") == 1


async def what_ends_goes_back_where_it_came_from(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 10)
    await shop.keep("web", 0, 0, 4)
    held = await shop.hold("hold-0001", (0, 0, 6), channel="web", ttl_ms=SECOND)
    assert held.reservation.channel == "web"
    found = await shop.store.get_reservation("hold-0001")
    assert found is not None
    assert found.drawn == (Drawn(0, 0, "web", 4),)
    assert await can_take(shop) == 4
    await shop.release("hold-0001", (0, 0, 2))  # common units are the first to go
    assert (await drawn(shop, "web"), await can_take(shop)) == (4, 6)
    await shop.release("hold-0001", (0, 0, 1))
    assert (await drawn(shop, "web"), await can_take(shop)) == (3, 6)
    clock.now_ms += SECOND
    assert await can_take(shop, "web") == 10
    assert (await drawn(shop, "web"), await can_take(shop)) == (0, 6)


async def what_leaves_takes_its_quota_along(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 10)
    await shop.keep("web", 0, 0, 4)
    await shop.hold("hold-0001", (0, 0, 6), channel="web")
    await shop.confirm("hold-0001")
    await shop.fulfill("hold-0001", (0, 0, 3))
    pool = await shop.pool("web", 0, 0)
    assert pool is not None
    assert (pool.units, pool.drawn) == (3, 3)
    assert await can_take(shop) == 4
    await shop.release("hold-0001")
    assert (await can_take(shop), await can_take(shop, "web")) == (4, 7)


async def a_share_follows_the_counts(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 10)
    await shop.keep("web", 0, 0, permille=300, strategy=STRICT)
    assert (await can_take(shop), await can_take(shop, "web")) == (7, 3)
    await shop.count(0, 0, 19, unavailable=2, safety=1)
    assert (await can_take(shop), await can_take(shop, "web")) == (12, 4)
    assert (await shop.cell(0, 0)).available == 12
    await raises("INVALID_FIELD", shop.keep("shop", 0, 0, permille=701))
    await shop.keep("web", 0, 0, permille=1000)
    assert await can_take(shop) == 0


async def a_pool_gives_back_at_its_instant(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 10)
    until = START_MS + SECOND
    await shop.keep("web", 0, 0, 4, strategy=STRICT, until=until)
    await shop.hold("hold-0001", (0, 0, 1), channel="web")
    clock.now_ms = until - 1
    assert await can_take(shop) == 6
    clock.now_ms = until
    assert refused(await shop.hold("hold-0002", (0, 0, 10)))
    await shop.hold("hold-0003", (0, 0, 9))
    await shop.release("hold-0003")
    assert await can_take(shop, "web") == 9
    await shop.release("hold-0001")
    assert await can_take(shop) == 10
    assert await shop.pool("web", 0, 0) is None
    await raises("INVALID_FIELD", shop.keep("web", 0, 0, 4, until=until))


async def the_sweep_says_what_gave_back(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 10)
    await shop.keep("web", 0, 0, 4, until=START_MS + 2 * SECOND)
    await shop.keep("shop", 0, 0, 2, until=START_MS + SECOND)
    for passed, available in ((1, 6), (2, 10)):
        clock.now_ms = START_MS + passed * SECOND
        await shop.store.sweep()
        assert (await shop.cell(0, 0)).available == available
    assert await shop.store.sweep() == 0
    assert (await shop.cell(0, 0)).ring_fenced is None


async def fewer_units_than_are_kept_are_nobodys_but_the_pools(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 10)
    await shop.keep("web", 0, 0, 6, strategy=STRICT)
    await shop.keep("shop", 0, 0, 4)
    await shop.count(0, 0, 5)
    assert [await can_take(shop, channel) for channel in ("", "web", "shop")] == [0, 5, 4]
    await shop.hold("hold-0001", (0, 0, 3), channel="web")
    assert [await can_take(shop, channel) for channel in ("", "web", "shop")] == [0, 2, 2]
    await shop.count(0, 0, 2)
    assert [await can_take(shop, channel) for channel in ("", "web", "shop")] == [0, 0, 0]


async def a_move_draws_where_it_goes(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 5)
    await shop.count(1, 0, 5)
    await shop.keep("web", 0, 0, 3)
    await shop.keep("web", 1, 0, 2)
    await shop.keep("shop", 1, 0, 3)
    await shop.hold("hold-0001", (0, 0, 3), channel="web")
    assert (await shop.move("hold-0001", (0, 1, 0, 3))).short[0].available == 2
    assert not (await shop.move("hold-0001", (0, 1, 0, 2))).short
    assert [await drawn(shop, "web", node) for node in (0, 1)] == [1, 2]
    await shop.release("hold-0001")
    assert [await drawn(shop, "web", node) for node in (0, 1)] == [0, 0]


async def a_kit_draws_of_its_components(shop: Shop, clock: Any) -> None:
    """Kit 7 is two of sku 0 and one of sku 1; a line of sku 0 shares its cell."""
    for node in (0, 1):
        await shop.count(node, 0, 10)
        await shop.count(node, 1, 10)
        await shop.keep("web", node, 0, 7, strategy=STRICT)
    kits, cups = LotLine(0, 7, 2, 1, ((0, 2), (1, 1))), LotLine(0, 0, 3)
    assert refused(await shop.hold_lots("hold-0000", kits))
    await shop.hold_lots("hold-0001", kits, cups, channel="web", ttl_ms=SECOND)
    assert await drawn(shop, "web", 0) == 7
    await shop.release("hold-0001", (0, 7, 1))
    assert await drawn(shop, "web", 0) == 5
    await shop.move("hold-0001", (0, 1, 7, 1))
    assert [await drawn(shop, "web", node) for node in (0, 1)] == [3, 2]
    clock.now_ms += SECOND
    await shop.store.sweep()
    assert [await drawn(shop, "web", node) for node in (0, 1)] == [0, 0]
    await shop.confirm("hold-0001", reacquire=True)
    assert [await drawn(shop, "web", node) for node in (0, 1)] == [3, 2]
    part = await shop.hold_lots("hold-0002", LotLine(0, 7, 9, 1, ((0, 2), (1, 1))), channel="web", partial=True)
    assert granted(part) == [2]
    assert await drawn(shop, "web", 0) == 7


async def what_is_not_counted_is_kept_from_nobody(shop: Shop, clock: Any) -> None:
    node, sand = await shop.node("a"), await shop.sku("sand")
    await shop.count(node, sand, 5)
    await shop.keep("web", node, sand, 3, strategy=STRICT)
    await shop.hold("hold-0001", (node, sand, 2), channel="web")
    await shop.sku("sand", state=4)
    assert (await shop.cell(node, sand)).ring_fenced == 0
    assert granted(await shop.hold("hold-0002", (node, sand, 50), channel="web")) == [50]
    assert granted(await shop.hold("hold-0003", (node, sand, 50))) == [50]
    assert await drawn(shop, "web", node) == 2
    for name in ("hold-0001", "hold-0002", "hold-0003"):
        await shop.release(name)
    await shop.sku("sand")
    assert (await shop.cell(node, sand)).ring_fenced == 3


async def what_is_over_is_drawn_anew(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 5)
    await shop.keep("web", 0, 0, 3, strategy=STRICT)
    await shop.hold("hold-0001", (0, 0, 3), channel="web", ttl_ms=SECOND)
    clock.now_ms += SECOND
    await shop.store.sweep()
    await shop.hold("hold-0002", (0, 0, 1), channel="web")
    await raises("RESERVATION_EXPIRED", shop.confirm("hold-0001", reacquire=True))
    await shop.release("hold-0002")
    await shop.confirm("hold-0001", reacquire=True)
    assert (await drawn(shop, "web"), await can_take(shop), await can_take(shop, "web")) == (3, 2, 0)


async def a_kept_part_keeps_its_draws(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 5)
    await shop.keep("web", 0, 0, 3)
    await shop.hold("hold-0001", (0, 0, 4), channel="web")
    await shop.confirm("hold-0001", (0, 0, 2))
    assert (await drawn(shop, "web"), await can_take(shop), await can_take(shop, "web")) == (2, 2, 3)


async def a_cleared_pool_keeps_nothing(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 10)
    await shop.keep("web", 0, 0, 4)
    await shop.hold("hold-0001", (0, 0, 3), channel="web")
    cleared = await shop.clear("web", 0, 0)
    assert (cleared.pool.strategy, cleared.pool.drawn, cleared.unused) == (PoolStrategy.CLOSED, 3, 0)
    assert await can_take(shop) == 7
    await shop.release("hold-0001")
    assert await can_take(shop) == 10
    assert (await shop.cell(0, 0)).ring_fenced is None
    assert (await shop.clear("never", 0, 0)).unused == 0


async def a_pool_set_again_knows_what_is_drawn(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 10)
    await shop.keep("web", 0, 0, 4)
    await shop.hold("hold-0001", (0, 0, 3), channel="web")
    again = await shop.keep("web", 0, 0, 5, request_id="pool-0001")
    assert (again.pool.drawn, again.unused) == (3, 2)
    await shop.clear("web", 0, 0)
    assert await shop.keep("web", 0, 0, 5, request_id="pool-0001") == again  # it was done, and is not done again
    assert await can_take(shop) == 7


async def units_move_between_pools(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 10)
    await shop.keep("web", 0, 0, 4)
    await shop.keep("shop", 0, 0, 3)
    await shop.hold("hold-0001", (0, 0, 2), channel="web", ttl_ms=SECOND)
    assert not (await shop.shift("web", "shop", 0, 0, 3)).moved
    assert (await shop.shift("web", "shop", 0, 0, 2, request_id="move-0001")).moved
    assert (await shop.shift("web", "shop", 0, 0, 2, request_id="move-0001")).replayed
    assert [await can_take(shop, channel) for channel in ("", "web", "shop")] == [3, 3, 8]
    assert (await shop.shift("", "web", 0, 0, 4)).available == 3
    assert (await shop.shift("", "web", 0, 0, 3)).moved
    assert (await shop.shift("shop", "", 0, 0, 1)).moved
    assert await can_take(shop) == 1
    clock.now_ms += SECOND
    assert (await shop.shift("web", "", 0, 0, 5)).moved  # a hold that is over keeps nobody from it
    await raises("POOL_NOT_FOUND", shop.shift("never", "web", 0, 0, 1))
    await shop.keep("web", 0, 0, permille=100)
    await raises("INVALID_FIELD", shop.shift("shop", "web", 0, 0, 1))


async def a_cell_has_so_many_pools(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 10)
    for n in range(POOLS_MAX):
        await shop.keep(f"c{n}", 0, 0, 1, until=START_MS + SECOND if n == 0 else 0)
    await raises("POOL_LIMIT", shop.keep("late", 0, 0, 1))
    await shop.keep("c1", 0, 0, 2)
    clock.now_ms += SECOND
    await shop.keep("late", 0, 0, 1)


async def what_is_deleted_has_no_pools(shop: Shop, clock: Any) -> None:
    node = await shop.node("n-1")
    await shop.keep("web", node, 0, 1)
    await raises("RESOURCE_IN_USE", shop.store.delete_resource("", ANY, kind="node", resource_id="n-1"))
    await shop.clear("web", node, 0)
    await shop.store.delete_resource("", ANY, kind="node", resource_id="n-1")
    await raises("NODE_NOT_FOUND", shop.keep("web", node, 0, 1))


async def what_is_to_come_is_not_covered_by_what_is_kept(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 5)
    await shop.keep("web", 0, 0, 3)
    await shop.expect("po-1", 0, 0, 4)
    bound = await shop.promise("make-0001", (0, 0, 4))
    assert granted(bound) == [2, 2]
    assert granted(await shop.promise("make-0002", (0, 0, 4), channel="web")) == [3, 1]
    assert await drawn(shop, "web") == 3
    await shop.release("make-0001")
    await shop.release("make-0002")
    await shop.limits(0, 0, backorder=2)
    await shop.hold("hold-0001", (0, 0, 2))
    await shop.promise("make-0004", (0, 0, 2), latest=TODAY, backorder=True)
    assert granted(await shop.promise("make-0005", (0, 0, 4), partial=True)) == [0, 2]  # the first two are owed
    await shop.limits(1, 0, backorder=4)
    assert granted(await shop.promise("make-0003", (1, 0, 3), latest=0, backorder=True)) == [0, 3]
    await shop.expect("po-2", 1, 0, 2)
    await shop.keep("web", 1, 0, 1)
    await shop.receive("po-2", 1, 0, 2)
    assert (await shop.cell(1, 0)).held == 1


async def a_rule_and_a_pool_both_limit(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 10)
    await shop.keep("web", 0, 0, 4, strategy=STRICT)
    short = await shop.hold("hold-0001", (0, 0, 6), channel="web", limits=HoldLimits(500))
    assert (reasons(short), short.reservation.lines[0].available) == ([ShortfallReason.KEPT_FOR_OTHERS], 4)
    short = await shop.hold("hold-0002", (0, 0, 6), channel="web", limits=HoldLimits(300))
    assert (reasons(short), short.reservation.lines[0].available) == ([ShortfallReason.HOLD_LIMIT], 3)


async def where_more_is_withheld_than_there_is_no_rule_is_the_reason(shop: Shop, clock: Any) -> None:
    await shop.count(0, 0, 0, safety=3)
    await shop.keep("web", 0, 0, 1)
    short = await shop.hold("hold-0001", (0, 0, 5), channel="web", limits=HoldLimits(500))
    assert reasons(short) == [ShortfallReason.INSUFFICIENT_STOCK]


GUARDS: list[tuple[str, str, Example]] = [
    ("if free <= 0 or cell[8] then return free end", "if free <= 0 or cell[8] then return max(free, 0) end",
     where_more_is_withheld_than_there_is_no_rule_is_the_reason),
    ("local common = max(free - fenced(pools, cell), 0)", "local common = free", what_is_kept_is_not_common),
    ("  return min(units, free)\nend\n\n-- Units that can", "  return units\nend\n\n-- Units that can",
     fewer_units_than_are_kept_are_nobodys_but_the_pools),
    ("if able < free then reason = KEPT_FOR_OTHERS end", "", what_is_kept_is_not_common),
    ("name == channel or sub(", "sub(", what_is_kept_is_not_common),
    ("name .. '/'", "name", a_path_has_the_pools_above_it),
    ("== STRICT then order = { pool }", "== STRICT then table.insert(order, 1, pool)", what_is_kept_is_not_common),
    ("table.insert(order, 1, pool)", "order[#order + 1] = pool", own_first_takes_its_own_first),
    ("pool[POOL.drawn] = pool[POOL.drawn] + share", "", own_first_takes_its_own_first),
    ("  settle_draws(record, member, consumed)\n", "", what_ends_goes_back_where_it_came_from),
    ("record, true)\nend", "record)\nend", what_leaves_takes_its_quota_along),
    ("if consumed then pool[POOL.units]", "if false then pool[POOL.units]", what_leaves_takes_its_quota_along),
    ("cell[1] - cell[2] - cell[3], 0) * pool", "cell[1], 0) * pool", a_share_follows_the_counts),
    ("if total > 1000 then return { 'shares', total } end", "", a_share_follows_the_counts),
    ("and pool[POOL.channel] ~= but then", "then", a_share_follows_the_counts),
    ("pool[POOL.gives_back] > now)", "true)", a_pool_gives_back_at_its_instant),
    ("pool[POOL.gives_back] > now)", "pool[POOL.gives_back] >= now)", a_pool_gives_back_at_its_instant),
    ("if gives_back > 0 and gives_back <= now then return { 'past' } end", "", a_pool_gives_back_at_its_instant),
    ("    if pool[POOL.strategy] == CLOSED and pool[POOL.drawn] == 0 then\n", "    if false then\n",
     a_pool_gives_back_at_its_instant),
    ("  for i = 1, #giving, 2 do Pools.give_back(giving[i], giving[i + 1]) end\n", "", the_sweep_says_what_gave_back),
    ("if at > 0 and at < (first or at + 1) then", "if at > 0 then", the_sweep_says_what_gave_back),
    ("else call('ZREM', names.due, member) end\n  end\nend", "end\n  end\nend", the_sweep_says_what_gave_back),
    ("0, channel)\n    local left = capacity_left(plan", "0, 'shop')\n    local left = capacity_left(plan",
     a_move_draws_where_it_goes),
    ("    if draws and cell[RING_FENCED] then Pools.draw(p, cell_of_line(field), cell, units, draws) end\n", "",
     a_move_draws_where_it_goes),
    ("  settle_draws(record, member, consumed)\n", "", a_move_draws_where_it_goes),
    ("0, channel) < wanted[field]", "0, '') < wanted[field]", what_is_over_is_drawn_anew),
    ("reasons[field] = promisable(p, field, share, op[9])", "reasons[field] = promisable(p, field, share)",
     a_kit_draws_of_its_components),
    ("hold(takes[i], takes[i + 1], takes[i + 2], op[3], draws)", "hold(takes[i], takes[i + 1], takes[i + 2], op[3])",
     a_kit_draws_of_its_components),
    ("return packed_tail(ties, draws), ties", "return packed_tail(ties), ties", a_kit_draws_of_its_components),
    ("Pools.draw(body[i], cell_of_line(body[i + 1]), cell", "Pools.draw(body[i], body[i + 1], cell",
     a_kit_draws_of_its_components),
    ("Pools.draw(p, cell_of_line(field), cell", "Pools.draw(p, field, cell", a_kit_draws_of_its_components),
    ("local field, bound = cell_of_line(body[i + 1])\n    if body[i + 4] > 0 and not bound",
     "local field, bound = body[i + 1]\n    if body[i + 4] > 0 and not bound", a_kit_draws_of_its_components),
    ("if free <= 0 or cell[8] then", "if free <= 0 then", what_is_not_counted_is_kept_from_nobody),
    ("if cell[8] or not Pools.is_open(pool) then", "if not Pools.is_open(pool) then", what_is_not_counted_is_kept_from_nobody),
    ("  if cell[8] then return end\n", "", what_is_not_counted_is_kept_from_nobody),
    ("if state == EXPIRED and kept > 0 and draws and", "if false and", what_is_over_is_drawn_anew),
    ("  settle_draws(record, member, consumed)\n", "", a_kept_part_keeps_its_draws),
    ("local first = first_answer(op)\n    if first then return first end\n    local p, field", "local p, field",
     a_pool_set_again_knows_what_is_drawn),
    ("return max(quota - pool[POOL.drawn], 0)", "return quota", a_pool_set_again_knows_what_is_drawn),
    ("return from and Pools.unused(from, cell)", "return from and from[POOL.units]", units_move_between_pools),
    ("or max(common_of(p, field, cell), 0) end", "or available(cell) end", units_move_between_pools),
    ("if able() < units then reap_everything() end", "", units_move_between_pools),
    ("if most < units then return { 'ok', 0, most } end", "", units_move_between_pools),
    ("if pool[POOL.permille] > 0 then return nil, { 'share_pool', side } end", "", units_move_between_pools),
    ("if #pools >= POOLS_MAX then return { 'pool_limit' } end", "", a_cell_has_so_many_pools),
    ("    Pools.settle(p, field, cell)\n    if #pools", "    if #pools", a_cell_has_so_many_pools),
    ("or cell[5] ~= 0 or cell[RING_FENCED]", "or cell[5] ~= 0", what_is_deleted_has_no_pools),
    ("if problem then return { 'gone', problem } end", "", what_is_deleted_has_no_pools),
    ("min(free_of(cell_of(p, field)), able) - stock", "free_of(cell_of(p, field)) - stock",
     what_is_to_come_is_not_covered_by_what_is_kept),
    ("min(units, max(common_of(p, field, cell), 0))", "min(units, max(available(cell), 0))",
     what_is_to_come_is_not_covered_by_what_is_kept),
    ("if room < able then", "if room < free then", a_rule_and_a_pool_both_limit),
]  # fmt: skip

EXAMPLES = [*GUARDS, ("", "", a_cleared_pool_keeps_nothing)]


@examples(EXAMPLES)
def test_the_pools_hold_with_every_guard(guarded: str, example: Example) -> None:
    async def with_books(shop: Shop, clock: Any) -> None:
        await example(shop, clock)
        await check_books(shop.store._redis, shop.store.keys)

    holds(guarded, with_books)


@each(GUARDS)
def test_without_the_guard_the_pools_break(guarded: str, text: str, instead: str, example: Example) -> None:
    breaks(guarded, text, instead, example)


async def test_the_worked_pools_of_the_concepts_are_what_the_store_does(shop: Shop, fixed: Any) -> None:
    page = (Path(__file__).parents[2] / "docs" / "concepts.md").read_text(encoding="utf-8")
    table = page.split("## What is kept for a channel\n")[1].split("\n\n| step |")[1].split("\n")[2:8]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    until = START_MS + HOUR

    async def begin() -> None:
        await shop.count(0, 0, 20)
        await shop.keep("web", 0, 0, 5, strategy=STRICT, until=until)
        await shop.keep("web/vip", 0, 0, 2)
        await shop.keep("shop", 0, 0, 4, strategy=COMMON_FIRST)

    async def give_back() -> None:
        fixed.now_ms = until
        await shop.extend("vips-hold", HOUR)

    steps: list[Callable[[], Awaitable[Any]]] = [
        begin,
        lambda: shop.hold("vips-hold", (0, 0, 3), channel="web/vip", ttl_ms=2 * HOUR),
        lambda: shop.hold("shops-hold", (0, 0, 10), channel="shop"),
        lambda: shop.count(0, 0, 15),
        lambda: shop.release("shops-hold"),
        give_back,
    ]
    for step, row in zip(steps, rows, strict=True):
        await step()
        free, *unused, common, web, vip, by_shop = [int(value) for value in row[1:]]
        cell = await shop.cell(0, 0)
        assert (cell.free, cell.available) == (free, common) or row[0] == "web gives back"
        channels = ("", "web", "web/vip", "shop")
        assert [await can_take(shop, channel) for channel in channels] == [common, web, vip, by_shop], row[0]
        pools = [await shop.pool(channel, 0, 0) for channel in channels[1:]]
        assert [pool.unused(0, fixed.now_ms) if pool else 0 for pool in pools] == unused


async def test_64_clients_over_overlapping_pools_oversell_nothing_and_strand_nothing(shop: Shop) -> None:
    """Whatever they do meanwhile: no more is held than there is, and once the pools are cleared every unit can be sold."""
    there = 200
    await shop.count(0, 0, there)
    channels = ("", "web", "web/vip", "shop", "shop/north", "hub")
    for channel, strategy in zip(channels[1:], (STRICT, OWN_FIRST, COMMON_FIRST, OWN_FIRST, STRICT), strict=True):
        await shop.keep(channel, 0, 0, 25, strategy=strategy)

    async def client(number: int) -> int:
        chance, sold = random.Random(number), 0
        for step in range(30):
            name = f"client-{number:02d}-{step:02d}"
            held = await shop.hold(name, (0, 0, chance.randint(1, 3)), channel=chance.choice(channels), partial=True)
            if refused(held):
                continue
            units = sum(granted(held))
            fate = chance.random()
            if fate < 0.6:
                await shop.release(name)
            elif fate < 0.7:
                await shop.confirm(name)
                await shop.fulfill(name)
                sold += units
            if chance.random() < 0.2:
                await shop.shift(chance.choice(["web", "shop", ""]), "hub", 0, 0, 1)
            if chance.random() < 0.1:
                await shop.keep("web", 0, 0, chance.randint(1, 40), strategy=chance.choice([STRICT, OWN_FIRST]))
        return sold

    sold = sum(await asyncio.gather(*[client(number) for number in range(64)]))
    await check_books(shop.store._redis, shop.store.keys)
    for channel in channels[1:]:
        await shop.clear(channel, 0, 0)
    cell = await shop.cell(0, 0)
    assert cell.on_hand == there - sold
    assert cell.held + cell.committed <= cell.on_hand
    left = cell.on_hand - cell.held - cell.committed
    assert cell.available == left
    assert granted(await shop.hold("the-last-hold", (0, 0, there), partial=True)) == [left]
