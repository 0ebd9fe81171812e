"""SupplyService over a real channel: what is to come, what came, and every refusal with its field or reason."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from api_kit import Api, refused
from serving import Serving, WallClock

from promessa.domain.limits import INBOUND_MAX
from promessa.domain.supply import local_day, text_of_day
from promessa.server import metrics
from promessa.server.overdue import count_overdue
from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import supply_pb2 as sp
from promessa.v1 import supply_service_pb2 as ss
from promessa.v1 import supply_service_pb2_grpc as ss_grpc

KEY = {"sku": "cup", "node_id": "a", "inbound_id": "po-1"}


NOON_MS = 1_800_014_400_000
"""Noon of a day in UTC."""


class SupplyApi(Api):
    """The stubs, and supply with few words."""

    def __init__(self, serving: Serving, clock: WallClock) -> None:
        super().__init__(serving.channel)
        self.parts = serving.parts
        self.supply = ss_grpc.SupplyServiceStub(serving.channel)
        self.clock = clock

    def day(self, offset: int = 0) -> str:
        """Today in UTC, or a day some days from it."""
        return text_of_day(local_day("", self.clock.now_ms) + offset)

    async def expect(
        self, inbound_id: str = "po-1", days: int = 5, quantity: int = 5, request_id: str = "", **fields: Any
    ) -> Any:
        inbound = {
            "inbound_id": inbound_id, "sku": "cup", "node_id": "a", "quantity": quantity,
            "kind": sp.INBOUND_KIND_PURCHASE_ORDER, "expected_date": self.day(days), **fields,
        }  # fmt: skip
        return await self.supply.PutInboundSupply(
            ss.PutInboundSupplyRequest(request_id=request_id or self.new_id(), inbound_supply=inbound)
        )

    async def schedule(self, **fields: Any) -> av.GetAtpScheduleResponse:
        return await self.availability.GetAtpSchedule(av.GetAtpScheduleRequest(**{"sku": "cup", **fields}))

    async def receive(self, quantity: int, **fields: Any) -> Any:
        values = {"request_id": self.new_id(), "quantity": quantity, **KEY, **fields}
        return await self.supply.ReceiveInboundSupply(ss.ReceiveInboundSupplyRequest(**values))

    async def cancel(self, **fields: Any) -> Any:
        values = {"request_id": self.new_id(), **KEY, **fields}
        return await self.supply.CancelInboundSupply(ss.CancelInboundSupplyRequest(**values))

    async def get(self, **fields: Any) -> sp.InboundSupply:
        found = await self.supply.GetInboundSupply(ss.GetInboundSupplyRequest(**{**KEY, **fields}))
        return found.inbound_supply


@pytest.fixture
def api(serving: Serving, wall_clock: WallClock) -> SupplyApi:
    wall_clock.now_ms = NOON_MS
    return SupplyApi(serving, wall_clock)


async def test_what_came_is_on_hand_in_the_same_change(api: SupplyApi) -> None:
    await api.shop(units=2)
    put = await api.expect(quantity=5)
    assert (put.inbound_supply.open_quantity, put.inbound_supply.state) == (5, sp.INBOUND_STATE_EXPECTED)
    assert (put.inbound_supply.promise_date, put.inbound_supply.promise_quantity) == (api.day(5), 5)
    came = await api.receive(3, request_id="came-0001")
    assert (came.inbound_supply.received_quantity, came.inbound_supply.open_quantity) == (3, 2)
    assert (await api.receive(3, request_id="came-0001")).replayed
    assert (await api.reserve(5)).outcome == 1
    assert await api.get() == came.inbound_supply
    done = await api.receive(0, last_delivery=True)
    assert (done.inbound_supply.state, done.inbound_supply.open_quantity) == (sp.INBOUND_STATE_RECEIVED, 0)
    await refused(api.receive(1), grpc.StatusCode.FAILED_PRECONDITION, "INBOUND_ENDED", state="RECEIVED")


async def test_a_day_is_a_day_of_the_node(api: SupplyApi) -> None:
    await api.shop()
    node = {"node_id": "a", "time_zone": "Pacific/Kiritimati"}  # 14 hours ahead: it is tomorrow there
    await api.network.PutNode(nw.PutNodeRequest(request_id=api.new_id(), node=node))
    await api.expect(days=0)
    assert (await api.get()).state == sp.INBOUND_STATE_OVERDUE
    await api.expect("po-2", days=1)
    assert (await api.get(inbound_id="po-2")).state == sp.INBOUND_STATE_EXPECTED


async def test_inbound_is_listed_by_page_and_filter(api: SupplyApi) -> None:
    await api.shop()
    for n in range(5):
        await api.expect(f"po-{n}", node_id="ab"[n % 2])
    await api.cancel(inbound_id="po-2")
    names, token = [], ""
    while True:
        page = await api.supply.ListInboundSupply(ss.ListInboundSupplyRequest(page_size=2, page_token=token))
        names += [each.inbound_id for each in page.inbound_supplies]
        token = page.next_page_token
        if not token:
            break
    assert sorted(names) == [f"po-{n}" for n in range(5)]

    async def listed(**filters: Any) -> list[str]:
        found = await api.supply.ListInboundSupply(ss.ListInboundSupplyRequest(**filters))
        return sorted(each.inbound_id for each in found.inbound_supplies)

    assert await listed(node_id="b") == ["po-1", "po-3"]
    assert await listed(sku="cup", states=[sp.INBOUND_STATE_CANCELLED]) == ["po-2"]


async def test_a_schedule_says_what_can_be_promised_on_which_day(api: SupplyApi) -> None:
    await api.shop(units=10)
    await api.expect(days=5, quantity=7)
    await api.expect("po-2", days=9, quantity=4, node_id="b")
    found = await api.schedule(quantity=25)
    rows = [(x.from_date, x.to_date, x.supply_quantity, x.atp_quantity) for x in found.windows]
    assert rows == [
        (api.day(), api.day(4), 0, 20),
        (api.day(5), api.day(8), 7, 27),
        (api.day(9), api.day(179), 4, 31),
    ]
    assert (found.available_to_fulfil_quantity, found.available_to_order_quantity) == (20, 31)
    assert found.capable_date == api.day(5)
    await api.network.PutNodeGroup(
        nw.PutNodeGroupRequest(request_id=api.new_id(), node_group={"node_group_id": "g", "node_ids": ["b"]})
    )
    for asked in ({"node_group_id": "g"}, {"node_ids": ["b", "b"]}):
        found = await api.schedule(quantity=15, from_date=api.day(1), horizon_days=3, **asked)
        assert [(x.from_date, x.to_date, x.atp_quantity) for x in found.windows] == [(api.day(1), api.day(3), 10)]
        assert found.capable_date == ""
    state = nw.SetNodeStateRequest(request_id=api.new_id(), node_id="a", state=2)
    await api.network.SetNodeState(state)
    assert (await api.schedule()).available_to_order_quantity == 14


async def test_a_schedule_that_cannot_be_made_is_refused_with_its_field(api: SupplyApi) -> None:
    await api.shop()
    invalid, missing = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND
    for field, value in (
        ("from_date", api.day(-1)), ("from_date", api.day(401)), ("from_date", "9999-12-31"), ("from_date", "today"),
        ("horizon_days", 0), ("horizon_days", 401), ("horizon_days", -1), ("quantity", -1), ("quantity", 1_000_000_001),
        ("sku", ""),
    ):  # fmt: skip
        await refused(api.schedule(**{field: value}), invalid, "INVALID_FIELD", field=field)
    await refused(api.schedule(sku="mug"), missing, "SKU_NOT_FOUND", sku="mug")
    await refused(api.schedule(node_ids=["a", "z"]), missing, "NODE_NOT_FOUND", node_id="z")
    await refused(api.schedule(node_group_id="z"), invalid, "REFERENCE_NOT_FOUND", id="z")
    assert len((await api.schedule(horizon_days=1)).windows) == 1
    assert len((await api.schedule(from_date=api.day(400), horizon_days=400)).windows) == 1


async def test_what_is_overdue_is_listed_counted_and_promised_as_its_policy_says(api: SupplyApi) -> None:
    await api.shop(units=2)
    slip, drop = {"action": sp.OVERDUE_ACTION_SLIP, "slip_days": 3}, {"action": sp.OVERDUE_ACTION_DROP}
    await api.expect("slips", days=1, overdue_policy=slip)
    await api.expect("drops", days=1, overdue_policy=drop)
    await api.expect("holds", days=1)
    assert (await api.schedule(node_ids=["a"])).available_to_order_quantity == 17
    api.clock.now_ms += 2 * 24 * 3_600_000
    found = await api.schedule(node_ids=["a"])
    assert [(x.from_date, x.atp_quantity) for x in found.windows] == [(api.day(), 2), (api.day(3), 7)]
    request = ss.ListInboundSupplyRequest(states=[sp.INBOUND_STATE_OVERDUE])
    listed = {x.inbound_id: x for x in (await api.supply.ListInboundSupply(request)).inbound_supplies}
    assert {name: (x.promise_date, x.promise_quantity) for name, x in listed.items()} == {
        "slips": (api.day(3), 5), "drops": ("", 0), "holds": ("", 0),
    }  # fmt: skip
    await count_overdue(api.parts.supply)
    for action in ("SLIP", "DROP", "HOLD_AND_ALERT"):
        assert metrics.OVERDUE.labels(action)._value.get() == 1
    for name in listed:
        await api.receive(5, inbound_id=name)
    await count_overdue(api.parts.supply)
    assert metrics.OVERDUE.labels("DROP")._value.get() == 0
    assert (await api.reserve(17)).outcome == 1


async def test_every_refusal_names_what_is_wrong(api: SupplyApi) -> None:
    await api.shop()
    invalid, missing = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND
    field = "inbound_supply.expected_date"
    await refused(api.expect(expected_date="2026-02-30"), invalid, "INVALID_FIELD", field=field)
    await refused(api.expect(expected_date="soon"), invalid, "INVALID_FIELD", field=field)
    for days in (-366, 3_651):
        await refused(api.expect(days=days), invalid, "INVALID_FIELD", field=field)
    long_late = await api.expect("late", -365)
    assert long_late.inbound_supply.state == sp.INBOUND_STATE_OVERDUE
    assert (await api.expect("far", 3_650)).inbound_supply.promise_date == api.day(3_650)
    for name, value in (("quantity", 0), ("quantity", 1_000_000_001), ("kind", 0), ("kind", 99), ("inbound_id", "")):
        await refused(api.expect(**{name: value}), invalid, "INVALID_FIELD", field=f"inbound_supply.{name}")
    policy = {"action": sp.OVERDUE_ACTION_SLIP, "slip_days": 366}
    await refused(api.expect(overdue_policy=policy), invalid, "INVALID_FIELD")
    policy = {"action": sp.OVERDUE_ACTION_DROP, "slip_days": 3}
    field = "inbound_supply.overdue_policy.slip_days"
    await refused(api.expect(overdue_policy=policy), invalid, "INVALID_FIELD", field=field)
    await refused(api.expect(sku="mug"), missing, "SKU_NOT_FOUND", sku="mug")
    await refused(api.expect(node_id="z"), missing, "NODE_NOT_FOUND", node_id="z")
    await refused(api.receive(1), missing, "INBOUND_NOT_FOUND", inbound_id="po-1")
    await refused(api.cancel(), missing, "INBOUND_NOT_FOUND")
    await refused(api.get(), missing, "INBOUND_NOT_FOUND", sku="cup", node_id="a")
    await api.expect()
    await refused(api.receive(0), invalid, "INVALID_FIELD", field="quantity")
    await api.receive(3)
    await refused(api.expect(quantity=2), grpc.StatusCode.FAILED_PRECONDITION, "INBOUND_USED", received_quantity="3")
    bad = ss.ListInboundSupplyRequest(page_token="x")
    await refused(api.supply.ListInboundSupply(bad), invalid, "INVALID_PAGE_TOKEN")
    await api.count("a", 1_000_000_000)


async def test_an_id_is_for_one_payload(api: SupplyApi) -> None:
    await api.shop()
    await api.expect()
    await api.receive(1, request_id="came-0001")
    again = api.receive(2, request_id="came-0001")
    await refused(again, grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED", field="quantity")


async def test_an_inbound_is_answered_again_when_its_day_is_long_past(api: SupplyApi) -> None:
    await api.shop()
    date = api.day(-365)
    first = await api.expect("late", expected_date=date, request_id="late-0001")
    api.clock.now_ms += 24 * 3_600_000
    again = await api.expect("late", expected_date=date, request_id="late-0001")
    assert (again.replayed, again.inbound_supply.inbound_id) == (True, first.inbound_supply.inbound_id)
    field = "inbound_supply.expected_date"
    refusal = api.expect("late", expected_date=date, request_id="late-0002")
    await refused(refusal, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field=field)


async def test_what_was_answered_is_answered_again_when_the_sku_is_gone(api: SupplyApi) -> None:
    await api.shop(units=0)
    put = await api.expect(request_id="put-00001", quantity=5)
    held = await api.reserve(1, request_id="later-001", latest_date=api.day(9))
    await api.reservation.Release(rs.ReleaseRequest(request_id=api.new_id(), reservation_id="later-001"))
    limits = ss.SetOrderLimitsRequest(request_id="limits-01", sku="cup", node_id="a", backorder_limit_quantity=3)
    await api.supply.SetOrderLimits(limits)
    gone = await api.cancel(request_id="cancel-01")
    await api.network.DeleteSku(nw.DeleteSkuRequest(request_id=api.new_id(), sku="cup"))

    again = await api.expect(request_id="put-00001", quantity=5)
    assert (again.replayed, again.inbound_supply) == (True, put.inbound_supply)
    again = await api.cancel(request_id="cancel-01")
    assert (again.replayed, again.inbound_supply) == (True, gone.inbound_supply)
    assert (await api.supply.SetOrderLimits(limits)).replayed
    api.clock.now_ms += 20 * 24 * 3_600_000
    promised = await api.reserve(1, request_id="later-001", latest_date=text_of_day(local_day("", NOON_MS) + 9))
    assert (promised.replayed, promised.reservation.lines[0].quantity) == (True, held.reservation.lines[0].quantity)
    await refused(api.expect(), grpc.StatusCode.NOT_FOUND, "SKU_NOT_FOUND")


# Reservations that count on what is to come -------------------------------------------------------------------------------


async def test_a_reservation_waits_for_its_inbound_and_is_held_when_it_comes(api: SupplyApi) -> None:
    await api.shop(units=2)
    await api.expect(days=5, quantity=4)
    assert (await api.reserve(3)).outcome == rv.RESERVE_OUTCOME_REFUSED, "without a date, stock alone counts"
    early = await api.reserve(3, latest_date=api.day(4))
    assert (early.outcome, early.shortfalls[0].available_quantity) == (rv.RESERVE_OUTCOME_REFUSED, 2)
    held = await api.reserve(3, request_id="later-001", latest_date=api.day(5))
    assert held.outcome == rv.RESERVE_OUTCOME_RESERVED
    assert [(x.open_quantity, x.state, x.inbound_id, x.expected_date) for x in held.reservation.lines] == [
        (2, 0, "", ""), (1, rv.LINE_STATE_EXPECTED, "po-1", api.day(5)),
    ]  # fmt: skip
    found = await api.schedule(node_ids=["a"])
    rows = [(x.from_date, x.supply_quantity, x.demand_quantity, x.atp_quantity) for x in found.windows]
    assert rows == [(api.day(), 0, 0, 0), (api.day(5), 4, 1, 3)]
    await api.expect(days=7, quantity=4)
    get = rs.GetReservationRequest(reservation_id="later-001")
    moved = (await api.reservation.GetReservation(get)).reservation
    assert moved.lines[1].expected_date == api.day(7)
    api.clock.now_ms += 8 * 24 * 3_600_000
    late = (await api.reservation.GetReservation(get)).reservation
    assert late.lines[1].state == rv.LINE_STATE_OVERDUE
    await api.receive(4)
    here = (await api.reservation.GetReservation(get)).reservation
    assert [(x.quantity, x.open_quantity, x.inbound_id) for x in here.lines] == [(3, 3, "")]
    again = await api.reserve(3, request_id="later-001", latest_date=text_of_day(local_day("", NOON_MS) + 5))
    assert (again.replayed, [x.quantity for x in again.reservation.lines]) == (True, [2, 1])
    report = await api.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    assert list(report.violations) == []


async def test_what_nothing_is_known_to_bring_is_promised_up_to_its_limit(api: SupplyApi) -> None:
    await api.shop(units=1)
    assert (await api.reserve(2, allow_backorder=True)).outcome == rv.RESERVE_OUTCOME_REFUSED
    limits = ss.SetOrderLimitsRequest(
        request_id=api.new_id(), sku="cup", node_id="a", backorder_limit_quantity=3, preorder_limit_quantity=1
    )
    assert not (await api.supply.SetOrderLimits(limits)).replayed
    assert (await api.supply.SetOrderLimits(limits)).replayed
    await api.expect(days=5, quantity=4)
    assert (await api.schedule(node_ids=["a"])).available_to_order_quantity == 1 + 1 + 3
    held = await api.reserve(4, request_id="later-001", allow_backorder=True)
    assert [(x.open_quantity, x.state) for x in held.reservation.lines] == [
        (1, 0), (1, rv.LINE_STATE_EXPECTED), (2, rv.LINE_STATE_BACKORDERED),
    ]  # fmt: skip
    assert (await api.schedule(node_ids=["a"])).available_to_order_quantity == 1
    ask = ss.GetOrderLimitsRequest(sku="cup", node_id="a")
    assert await api.supply.GetOrderLimits(ask) == ss.GetOrderLimitsResponse(
        backorder_limit_quantity=3, backordered_quantity=2, preorder_limit_quantity=1, preordered_quantity=1
    )
    elsewhere = ss.GetOrderLimitsRequest(sku="cup", node_id="b")
    assert await api.supply.GetOrderLimits(elsewhere) == ss.GetOrderLimitsResponse()
    await refused(
        api.supply.GetOrderLimits(ss.GetOrderLimitsRequest(sku="mug", node_id="a")),
        grpc.StatusCode.NOT_FOUND, "SKU_NOT_FOUND",
    )  # fmt: skip
    await api.receive(4)
    get = rs.GetReservationRequest(reservation_id="later-001")
    assert [x.quantity for x in (await api.reservation.GetReservation(get)).reservation.lines] == [4]
    assert [
        x.inbound_id for x in (await api.supply.ListInboundSupply(ss.ListInboundSupplyRequest())).inbound_supplies
    ] == ["po-1"]


async def test_a_hold_rule_is_kept_to_where_units_are_still_to_come(api: SupplyApi) -> None:
    """Its time, what one owner may hold of stock and inbound together, and the share of the stock that may be held."""
    await api.shop(units=4)
    for rule in ({"hold_rule_id": "pix", "ttl_seconds": 600, "owner_units_max": 5, "held_share_max_permille": 500},):
        await api.network.PutHoldRule(nw.PutHoldRuleRequest(request_id=api.new_id(), hold_rule=rule))
    await api.expect(days=5, quantity=9)
    asked = {"latest_date": api.day(5), "hold_rule_id": "pix", "owner_id": "ann"}
    held = (await api.reserve(4, **asked)).reservation
    assert [(x.open_quantity, x.inbound_id) for x in held.lines] == [(2, ""), (2, "po-1")]
    assert held.expire_time.seconds - held.create_time.seconds == 600
    short = await api.reserve(2, **asked)
    assert [(x.available_quantity, x.reason) for x in short.shortfalls] == [(1, rv.SHORTFALL_REASON_OWNER_LIMIT)]
    (line,) = (await api.reserve(2, mode=rs.RESERVE_MODE_PARTIAL, **asked)).reservation.lines
    assert (line.open_quantity, line.inbound_id) == (1, "po-1")
    await api.receive(9)  # what came is held for who waited, and counts for the owner as before
    stock = await api.reserve(1, hold_rule_id="pix", owner_id="ann")
    assert [x.reason for x in stock.shortfalls] == [rv.SHORTFALL_REASON_OWNER_LIMIT]
    await refused(
        api.reserve(latest_date=api.day(5), hold_rule_id="pix"), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD",
        field="owner_id",
    )  # fmt: skip
    audit = await api.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    assert audit.ok, audit


async def test_promises_in_a_stream_are_answered_in_their_place(api: SupplyApi) -> None:
    await api.shop(units=1)
    await api.expect(quantity=1)
    line = {"sku": "cup", "node_id": "a", "quantity": 1}
    requests = [
        {"request_id": "stream-01", "lines": [line]},
        {"request_id": "stream-02", "lines": [line], "latest_date": api.day(9)},
        {"request_id": "stream-03", "lines": [line], "latest_date": "soon"},
        {"request_id": "stream-04", "lines": [line], "latest_date": api.day(9)},
    ]
    message = rs.ReserveStreamRequest(reservations=[rs.ReserveRequest(**each) for each in requests])
    (answer,) = [answer async for answer in api.reservation.ReserveStream(iter([message]))]
    results = answer.results
    assert [x.response.outcome for x in results] == [1, 1, 0, 3]
    assert [x.response.reservation.lines[0].inbound_id for x in results[:2]] == ["", "po-1"]
    assert results[2].error.metadata["field"] == "latest_date"


async def test_a_promise_that_cannot_be_understood_is_refused_with_its_field(api: SupplyApi) -> None:
    await api.shop()
    invalid, missing = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND
    await refused(api.reserve(latest_date="2026-13-01"), invalid, "INVALID_FIELD", field="latest_date")
    await refused(api.reserve(latest_date=api.day(-1)), invalid, "INVALID_FIELD", field="latest_date")
    await refused(
        api.reserve(hold_rule_id="pix", latest_date=api.day(3)), invalid, "REFERENCE_NOT_FOUND", kind="hold_rule"
    )
    line = {"sku": "cup", "node_group_id": "g", "quantity": 1}
    await refused(api.reserve(lines=[line], latest_date=api.day(3)), invalid, "INVALID_FIELD", field="lines[0].node_id")
    line = {"sku": "mug", "node_id": "a", "quantity": 1}
    await refused(api.reserve(lines=[line], allow_backorder=True), missing, "SKU_NOT_FOUND", sku="mug")
    for field in ("backorder_limit_quantity", "preorder_limit_quantity"):
        request = ss.SetOrderLimitsRequest(request_id=api.new_id(), sku="cup", node_id="a", **{field: -1})
        await refused(api.supply.SetOrderLimits(request), invalid, "INVALID_FIELD", field=field)
    await api.reserve(request_id="later-001", latest_date=api.day(3))
    again = api.reserve(request_id="later-001", latest_date=api.day(4))
    await refused(again, grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED", field="latest_date")
    again = api.reserve(request_id="later-001")
    await refused(again, grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")


async def test_a_cell_has_no_more_open_inbound_than_the_limit(api: SupplyApi) -> None:
    await api.shop()
    for n in range(INBOUND_MAX):
        await api.expect(f"po-{n}")
    one_more = api.expect("one-more")
    await refused(one_more, grpc.StatusCode.FAILED_PRECONDITION, "INBOUND_LIMIT", limit=str(INBOUND_MAX))
    await api.cancel(inbound_id="po-0")
    assert (await api.expect("one-more")).inbound_supply.inbound_id == "one-more"
