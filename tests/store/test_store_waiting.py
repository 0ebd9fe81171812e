"""What a reservation that waits can be promised is what the store grants: neither more nor less, day by day."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_kit import ANY, TODAY, Shop, granted, refused

from promessa.domain.kinds import UNKNOWN_DAY
from promessa.domain.supply import OverdueAction, OverduePolicy
from promessa.domain.waiting import Waiting, waiting_days
from promessa.store.store import Store
from promessa.store.supply_store import FROM_STOCK

policies = st.sampled_from(
    [
        OverduePolicy(OverdueAction.SLIP, 2),
        OverduePolicy(OverdueAction.DROP),
        OverduePolicy(OverdueAction.HOLD_AND_ALERT),
    ]
)
inbound = st.lists(st.tuples(st.integers(-3, 6), st.integers(1, 6)), max_size=4)
before = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 7), st.booleans()), max_size=3)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.integers(0, 6), inbound, before, st.none() | st.integers(0, 8), st.integers(0, 4), policies, st.integers(0, 6),
    st.data(),
)  # fmt: skip
async def test_the_store_grants_what_can_be_promised_and_no_more(
    shop: Shop,
    on_hand: int,
    coming: list[tuple[int, int]],
    others: list[tuple[int, int, bool]],
    preorder: int | None,
    backorder: int,
    policy: OverduePolicy,
    found_later: int,
    data: st.DataObject,
) -> None:
    await shop.store._redis.flushall()
    fresh = Shop(shop.store)
    await fresh.count(0, 0, on_hand)
    for n, (day, units) in enumerate(coming):
        await fresh.expect(f"po-{n}", 0, 0, units, day=TODAY + day, request_id=f"expect-{n}00")
    await fresh.limits(0, 0, backorder=backorder, **({} if preorder is None else {"preorder": preorder}))
    for n, (units, day, back) in enumerate(others):
        terms = {"latest": TODAY + day, "backorder": back, "partial": True, "policy": policy}
        await fresh.promise(f"other-{n:04d}", (0, 0, units), **terms)
    await fresh.count(0, 0, found_later)
    (cell,) = await fresh.supply.read_supply([(0, 0)])
    days = [
        Waiting(FROM_STOCK, cell.cell.available),
        *waiting_days(
            cell.cell.available, cell.inbound, balance=cell.cell.free, today=TODAY, policy=policy,
            preorder_limit=cell.preorder_limit, allowance=cell.allowance, backorder=True,
        ),
    ]  # fmt: skip
    assert [each.units for each in days] == sorted({each.units for each in days})
    day, units = data.draw(st.sampled_from(days))
    if [each.day for each in days].count(day) > 1:
        units = max(each.units for each in days if each.day == day)
    unknown = day == UNKNOWN_DAY
    wait = [(0 if unknown else day, unknown)]

    async def ask(request_id: str, wanted: int, **more: object):  # type: ignore[no-untyped-def]
        return await fresh.promise(request_id, (0, 0, wanted), waits=wait, policy=policy, keep_refusal=False, **more)

    assert refused(await ask("too-many-1", units + 1))
    if units:
        assert sum(granted(await ask("enough-001", units))) == units
        assert (await ask("enough-001", units)).replayed
    assert refused(await ask("too-many-1", 1)), "a refusal that is not kept is decided again"


async def test_each_cell_waits_as_long_as_it_says(shop: Shop, store: Store) -> None:
    for node in (0, 1, 2):
        await shop.count(node, 0, 1)
        await shop.expect(f"po-{node}", node, 0, 5, day=TODAY + 5, request_id=f"expect-{node}00")
    waits = [(FROM_STOCK, False), (TODAY + 5, False), (TODAY + 4, False)]
    lines = [(0, 0, 2), (1, 0, 2), (2, 0, 2)]
    refusal = await shop.promise("wait-0001", *lines, waits=waits, extra=b"plan", keep_refusal=False)
    assert [(line.available, line.reason) for line in refusal.reservation.lines] == [(1, 1), (0, 0), (1, 1)]
    made = await shop.promise("wait-0001", (0, 0, 1), (1, 0, 2), (2, 0, 1), waits=waits, extra=b"plan")
    assert granted(made) == [1, 1, 1, 1]
    again = await shop.supply.recall_promised("wait-0001", ANY)
    assert again is not None
    assert (again.reservation, again.reservation.extra) == (made.reservation, b"plan")
