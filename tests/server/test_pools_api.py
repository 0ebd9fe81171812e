"""Allocation pools over a real channel: they count the same in every read, reservation and decision, and refusals say why."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import grpc
import pytest
from api_kit import Api, refused
from serving import Serving

from promessa.domain.limits import POOLS_MAX
from promessa.domain.supply import local_day, text_of_day
from promessa.v1 import allocation_pb2 as al
from promessa.v1 import availability_pb2 as nouns
from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import sourcing_service_pb2 as ss
from promessa.v1 import supply_pb2 as sp
from promessa.v1 import supply_service_pb2 as su
from promessa.v1 import supply_service_pb2_grpc as su_grpc

STRICT, OWN_FIRST, COMMON_FIRST = (
    al.ALLOCATION_STRATEGY_STRICT,
    al.ALLOCATION_STRATEGY_OWN_FIRST,
    al.ALLOCATION_STRATEGY_COMMON_FIRST,
)
INVALID = grpc.StatusCode.INVALID_ARGUMENT


class PoolApi(Api):
    """The stubs, and pools with few words."""

    async def keep(self, channel: str, quantity: int = 0, **fields: Any) -> iv.SetAllocationPoolResponse:
        request_id = fields.pop("request_id", "") or self.new_id()
        fields = {"sku": "cup", "node_id": "a", "channel": channel, **fields}
        if "share_permille" not in fields:
            fields["quantity"] = quantity
        if fields.get("quantity") or fields.get("share_permille"):
            fields.setdefault("strategy", OWN_FIRST)
        request = iv.SetAllocationPoolRequest(request_id=request_id, allocation_pool=al.AllocationPool(**fields))
        self.last = await self.inventory.SetAllocationPool(request)
        return self.last

    async def move(self, source: str, target: str, quantity: int, **fields: Any) -> iv.ReallocatePoolResponse:
        request = iv.ReallocatePoolRequest(
            request_id=fields.pop("request_id", "") or self.new_id(), sku="cup", node_id="a", from_channel=source,
            to_channel=target, quantity=quantity,
        )  # fmt: skip
        return await self.inventory.ReallocatePool(request)

    async def pools(self, **fields: Any) -> list[al.AllocationPool]:
        return list(
            (await self.inventory.ListAllocationPools(iv.ListAllocationPoolsRequest(**fields))).allocation_pools
        )

    async def hold(self, quantity: int, channel: str = "", **fields: Any) -> rs.ReserveResponse:
        fields.setdefault("request_id", self.new_id())
        fields.setdefault("lines", [rv.ReserveLine(sku="cup", node_id="a", quantity=quantity)])
        return await self.reservation.Reserve(rs.ReserveRequest(channel=channel, **fields))

    async def seen(self, token: str, channel: str = "") -> int:
        """What each of the six reads of the replica and the store says; they all say the same."""
        found = set()
        for fresh in (nouns.Consistency(at_least_token=token), nouns.Consistency(authoritative=True)):
            named = av.GetAvailabilityRequest(sku="cup", node_ids=["a"], channel=channel, consistency=fresh)
            every = av.GetAvailabilityRequest(sku="cup", channel=channel, consistency=fresh)
            pairs = av.BatchGetAvailabilityRequest(
                pairs=[av.SkuAtNode(sku="cup", node_id="a")], channel=channel, consistency=fresh
            )
            basket = av.CheckBasketRequest(
                lines=[av.BasketLine(sku="cup", quantity=1000)], mode=av.BASKET_MODE_ANY, channel=channel,
                consistency=fresh, node_ids=["a"],
            )  # fmt: skip
            found.add((await self.availability.GetAvailability(named)).available_quantity)
            there = {x.node_id: x.available_quantity for x in (await self.availability.GetAvailability(every)).nodes}
            found.add(there.get("a", 0))
            found.add((await self.availability.BatchGetAvailability(pairs)).availabilities[0].available_quantity)
            able = (await self.availability.CheckBasket(basket)).nodes
            found.add(able[0].served_quantity if able else 0)
        explained = av.ExplainAvailabilityRequest(sku="cup", node_ids=["a"], channel=channel)
        found.add((await self.availability.ExplainAvailability(explained)).available_quantity)
        dated = av.GetAtpScheduleRequest(sku="cup", node_ids=["a"], channel=channel)
        found.add((await self.availability.GetAtpSchedule(dated)).available_to_fulfil_quantity)
        (units,) = found
        return units


@pytest.fixture
async def api(serving: Serving) -> PoolApi:
    api = PoolApi(serving.channel)
    await api.shop(units=10)
    return api


async def test_reads_of_a_channel_see_what_its_pools_keep(api: PoolApi) -> None:
    await api.keep("web", 4, strategy=STRICT)
    await api.keep("web/vip", 1)
    token = (await api.keep("shop", 2, strategy=COMMON_FIRST)).token
    channels = ("", "web", "web/x", "web/vip", "web/vip/gold", "shop", "hub")
    assert [await api.seen(token, channel) for channel in channels] == [3, 4, 4, 5, 5, 5, 3]
    token = (await api.hold(2, "web/vip/gold")).token
    assert [await api.seen(token, channel) for channel in channels] == [3, 3, 3, 3, 3, 5, 3]
    token = (await api.keep("web", 0)).token
    assert [await api.seen(token, channel) for channel in channels] == [6, 6, 6, 6, 6, 8, 6]
    await api.keep("web/vip", 0)
    token = (await api.keep("shop", 0)).token
    assert [await api.seen(token, channel) for channel in channels] == [8] * 7


async def test_the_replica_knows_pools_after_it_is_loaded_anew(api: PoolApi, serving: Serving) -> None:
    token = (await api.keep("web", 4, strategy=STRICT)).token
    await api.seen(token, "web")
    await serving.applier.load()
    assert (await api.seen(token, "web"), await api.seen(token)) == (4, 6)


async def test_a_pool_keeps_a_share(api: PoolApi) -> None:
    token = (await api.keep("web", share_permille=250, strategy=STRICT)).token
    assert (await api.seen(token, "web"), await api.seen(token)) == (2, 8)
    await api.count("a", 20)
    (pool,) = await api.pools()
    assert (pool.share_permille, pool.unused_quantity) == (250, 5)
    await refused(
        api.keep("shop", share_permille=751), INVALID, "INVALID_FIELD", field="allocation_pool.share_permille"
    )


async def test_a_reservation_says_its_channel_and_what_it_drew(api: PoolApi) -> None:
    await api.keep("web", 4)
    short = await api.hold(11, "web")
    assert short.outcome == rv.RESERVE_OUTCOME_REFUSED
    held = await api.hold(5, "web", request_id="make-the-hold")
    again = await api.hold(5, "web", request_id="make-the-hold")
    assert held.reservation == again.reservation
    assert held.reservation.channel == "web"
    found = await api.reservation.GetReservation(rs.GetReservationRequest(reservation_id="make-the-hold"))
    assert list(found.reservation.drawn) == [al.DrawnUnits(sku="cup", node_id="a", channel="web", quantity=4)]
    await refused(
        api.hold(5, "shop", request_id="make-the-hold"),
        grpc.StatusCode.ALREADY_EXISTS,
        "REQUEST_ID_REUSED",
        field="channel",
    )
    (shortfall,) = (await api.hold(6)).shortfalls
    assert (shortfall.reason, shortfall.available_quantity) == (rv.SHORTFALL_REASON_INSUFFICIENT_STOCK, 5)
    await api.reservation.Release(rs.ReleaseRequest(request_id=api.new_id(), reservation_id="make-the-hold"))
    (shortfall,) = (await api.hold(7)).shortfalls
    assert (shortfall.reason, shortfall.available_quantity) == (rv.SHORTFALL_REASON_KEPT_FOR_OTHERS, 6)


async def test_a_stream_and_a_group_and_a_date_take_by_channel(api: PoolApi) -> None:
    await api.keep("web", 8, strategy=STRICT)
    line = rv.ReserveLine(sku="cup", node_id="a", quantity=3)
    request = rs.ReserveRequest(request_id=api.new_id(), lines=[line], channel="web")
    await anext(aiter(api.reservation.ReserveStream(iter([rs.ReserveStreamRequest(reservations=[request])]))))
    assert (await api.pools())[0].drawn_quantity == 3
    await api.network.PutNodeGroup(
        nw.PutNodeGroupRequest(request_id=api.new_id(), node_group={"node_group_id": "g", "node_ids": ["a"]})
    )
    group = [rv.ReserveLine(sku="cup", node_group_id="g", quantity=3)]
    assert (await api.hold(0, lines=group)).outcome == rv.RESERVE_OUTCOME_REFUSED
    assert (await api.hold(0, "web", lines=group)).outcome == rv.RESERVE_OUTCOME_RESERVED
    assert (await api.hold(3, allow_backorder=True)).outcome == rv.RESERVE_OUTCOME_REFUSED
    assert (await api.hold(2, "web", allow_backorder=True)).outcome == rv.RESERVE_OUTCOME_RESERVED
    assert (await api.pools())[0].unused_quantity == 0


async def test_a_schedule_counts_what_is_kept_for_its_channel_and_what_comes_for_all(
    api: PoolApi, serving: Serving
) -> None:
    await api.keep("web", 8, strategy=STRICT)
    day = text_of_day(local_day("", time.time_ns() // 1_000_000) + 3)
    inbound = {
        "inbound_id": "po-1", "sku": "cup", "node_id": "a", "quantity": 5, "kind": sp.INBOUND_KIND_PURCHASE_ORDER,
        "expected_date": day,
    }  # fmt: skip
    put = su.PutInboundSupplyRequest(request_id=api.new_id(), inbound_supply=inbound)
    await su_grpc.SupplyServiceStub(serving.channel).PutInboundSupply(put)
    for channel, now, then in (("", 2, 7), ("shop", 2, 7), ("web", 8, 13), ("web/vip", 8, 13)):
        request = av.GetAtpScheduleRequest(sku="cup", node_ids=["a"], channel=channel, quantity=then)
        shown = await api.availability.GetAtpSchedule(request)
        assert (shown.available_to_fulfil_quantity, shown.available_to_order_quantity) == (now, then)
        assert [window.atp_quantity for window in shown.windows] == [now, then]
        assert shown.capable_date == day
        short = await api.hold(then + 1, channel, latest_date=day)
        assert short.outcome == rv.RESERVE_OUTCOME_REFUSED
        held = await api.hold(then, channel, latest_date=day)
        assert held.outcome == rv.RESERVE_OUTCOME_RESERVED
        await api.reservation.Release(
            rs.ReleaseRequest(request_id=api.new_id(), reservation_id=held.reservation.reservation_id)
        )


async def test_an_order_is_sourced_from_what_its_channel_has(api: PoolApi) -> None:
    await api.keep("web", 10, strategy=STRICT)
    await api.keep("web", 10, strategy=STRICT, node_id="b")
    await api.seen(api.last.token)

    def order(channel: str) -> dict[str, Any]:
        return {
            "lines": [{"sku": "cup", "quantity": 5}], "destination": {"postal_code": "01000000"}, "channel": channel,
        }  # fmt: skip

    assert not (await api.sourcing.Source(ss.SourceRequest(order=order("shop")))).plan.shipments
    assert not (await api.sourcing.Quote(ss.QuoteRequest(order=order("")))).options
    assert (await api.sourcing.Quote(ss.QuoteRequest(order=order("web")))).options
    request = ss.SourceAndReserveRequest(request_id=api.new_id(), order=order("web/vip"))
    held = await api.sourcing.SourceAndReserve(request)
    assert held.outcome == rv.RESERVE_OUTCOME_RESERVED
    assert held.reservation.channel == "web/vip"
    assert sum(pool.drawn_quantity for pool in await api.pools()) == 5
    assert (await api.sourcing.SourceAndReserve(request)).plan == held.plan
    refusal = ss.SourceAndReserveRequest(request_id=api.new_id(), order=order(""))
    assert (await api.sourcing.SourceAndReserve(refusal)).outcome == rv.RESERVE_OUTCOME_REFUSED


async def test_units_move_between_pools_in_one_change(api: PoolApi) -> None:
    await api.keep("web", 4)
    await api.keep("shop", 1)
    moved = await api.move("web", "shop", 3, request_id="move-them-1")
    assert moved.outcome == iv.REALLOCATE_OUTCOME_REALLOCATED
    assert (await api.move("web", "shop", 3, request_id="move-them-1")).replayed
    assert [await api.seen(moved.token, channel) for channel in ("web", "shop", "")] == [6, 9, 5]
    short = await api.move("web", "", 2)
    assert (short.outcome, short.available_quantity) == (iv.REALLOCATE_OUTCOME_REFUSED, 1)
    missing = grpc.StatusCode.NOT_FOUND
    await refused(api.move("web", "never", 1), missing, "POOL_NOT_FOUND", channel="never", sku="cup", node_id="a")
    await refused(api.move("web", "web", 1), INVALID, "INVALID_FIELD", field="to_channel")
    await api.keep("share", share_permille=10)
    await refused(api.move("web", "share", 1), INVALID, "INVALID_FIELD", field="to_channel")


async def test_pools_are_listed_page_by_page(api: PoolApi) -> None:
    names = ["web", "web/vip", "webshop", "shop"]
    for name in names:
        await api.keep(name, 1)
        await api.keep(name, 1, node_id="b")
    found, token = [], ""
    while not found or token:
        page = await api.inventory.ListAllocationPools(iv.ListAllocationPoolsRequest(page_size=3, page_token=token))
        found += [(pool.node_id, pool.channel) for pool in page.allocation_pools]
        token = page.next_page_token
    assert sorted(found) == sorted((node, name) for node in "ab" for name in names)
    assert {pool.channel for pool in await api.pools(channel="web", node_id="a", sku="cup")} == {"web", "web/vip"}
    await refused(api.pools(page_token="x"), INVALID, "INVALID_PAGE_TOKEN")
    await refused(api.pools(sku="nix"), grpc.StatusCode.NOT_FOUND, "SKU_NOT_FOUND")


async def test_the_waterfall_shows_what_pools_keep(api: PoolApi) -> None:
    await api.keep("web", 4, strategy=STRICT)
    for channel, kept, left in (("", 4, 6), ("web", 6, 4)):
        request = av.ExplainAvailabilityRequest(sku="cup", node_ids=["a"], channel=channel)
        (node,) = (await api.availability.ExplainAvailability(request)).nodes
        assert (node.steps[-1].kind, node.steps[-1].quantity) == (nouns.AVAILABILITY_STEP_KIND_RING_FENCED, -kept)
        assert (node.available_quantity, [pool.channel for pool in node.pools]) == (left, ["web"])
        assert node.sentence == f"a has 10 of cup on hand, less {kept} kept for other channels: {left} can be promised."
        assert all(
            after.left_quantity == before.left_quantity + after.quantity for before, after in pairwise(node.steps)
        )


async def test_what_contradicts_itself_is_refused_with_the_field_named(api: PoolApi) -> None:
    field = "allocation_pool."
    await refused(api.keep("web", 0, strategy=STRICT), INVALID, "INVALID_FIELD", field=field + "strategy")
    await refused(api.keep("web", 3, strategy=0), INVALID, "INVALID_FIELD", field=field + "strategy")
    later = {"give_back_time": {"seconds": 32_000_000_000}}
    await refused(api.keep("web", 0, **later), INVALID, "INVALID_FIELD", field=field + "give_back_time")
    past = {"give_back_time": {"seconds": 1_700_000_000}}
    await refused(api.keep("web", 3, **past), INVALID, "INVALID_FIELD", field=field + "give_back_time")
    for channel in ("", "/web", "web/", "web//vip", "a/b/c/d/e/f/g/h/i", "w b"):
        await refused(api.keep(channel, 1), INVALID, "INVALID_FIELD", field=field + "channel")
    await refused(api.keep("web", share_permille=1_001), INVALID, "INVALID_FIELD", field=field + "share_permille")
    request = iv.SetAllocationPoolRequest(
        request_id=api.new_id(), allocation_pool={"sku": "cup", "node_id": "a", "channel": "web", "strategy": STRICT}
    )
    await refused(api.inventory.SetAllocationPool(request), INVALID, "INVALID_FIELD", field=field + "amount")
    await refused(api.keep("web", 1, sku="nix"), grpc.StatusCode.NOT_FOUND, "SKU_NOT_FOUND", sku="nix")
    await refused(api.keep("web", 1, node_id="nix"), grpc.StatusCode.NOT_FOUND, "NODE_NOT_FOUND", node_id="nix")
    await refused(api.hold(1, "web//vip"), INVALID, "INVALID_FIELD", field="channel")
    for channel in ("/web", "web/", "web//vip", "a/b/c/d/e/f/g/h/i", "w b", "x" * 65):
        read = av.GetAvailabilityRequest(sku="cup", channel=channel)
        await refused(api.availability.GetAvailability(read), INVALID, "INVALID_FIELD", field="channel")
    assert await api.pools() == []


async def test_the_same_request_id_sets_a_pool_once(api: PoolApi) -> None:
    first = await api.keep("web", 4, request_id="set-the-pool")
    await api.keep("web", 0)
    again = await api.keep("web", 4, request_id="set-the-pool")
    assert (again.replayed, again.allocation_pool) == (True, first.allocation_pool)
    assert await api.pools() == []
    await refused(
        api.keep("web", 5, request_id="set-the-pool"),
        grpc.StatusCode.ALREADY_EXISTS,
        "REQUEST_ID_REUSED",
        field="amount",
    )


async def test_the_audit_finds_what_pools_count_wrongly_and_repair_sets_it_right(
    api: PoolApi, serving: Serving
) -> None:
    await api.keep("web", 4)
    await api.seen((await api.hold(3, "web")).token)
    assert (await api.inventory.CheckInvariants(iv.CheckInvariantsRequest())).ok
    store = serving.parts.store
    await store._commit.submit((b"repair_pool", "r", 0, b"0:0", "web", 3, 1))
    report = await api.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    assert "DRAWN_SUM" in [violation.invariant for violation in report.violations]
    repaired = await api.inventory.Repair(iv.RepairRequest(request_id=api.new_id(), apply=True))
    assert [(x.invariant, x.before, x.after) for x in repaired.repairs] == [("DRAWS", "drawn 1", "drawn 3")]
    assert (await api.inventory.CheckInvariants(iv.CheckInvariantsRequest())).ok


async def test_a_cell_has_no_more_pools_than_the_limit(api: PoolApi) -> None:
    await api.shop(units=100)
    for n in range(POOLS_MAX):
        await api.keep(f"channel-{n}", 1)
    one_more = api.keep("one-more", 1)
    await refused(one_more, grpc.StatusCode.FAILED_PRECONDITION, "POOL_LIMIT", limit=str(POOLS_MAX))
    assert await api.pools(channel="one-more") == []
