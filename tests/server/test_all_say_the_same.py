"""Whatever pools, kits, rules, capacities, groups, channels and methods there are, together: every call counts the same.

A walk makes random changes over the wire. After each one a sku, a channel and a method are asked about in every word of the
API, and the answers must agree: the replica and the store, alone, in batches, in baskets, explained and from day to day; and
what a reservation at a node or in a group is granted, and an order is served, is what the reads said. Reservations are held
to the model elsewhere (tests/store), so this holds the reads and decisions to it, too.
"""

from __future__ import annotations

import os
import random
import time
from typing import Any

import grpc
import pytest
from api_kit import error_of
from redis.asyncio import Redis
from serving import Serving
from test_channels_of_kits_and_groups import CHANNELS, COMMON_FIRST, NODES, OWN_FIRST, PARTS, STRICT, Shelves

from promessa.domain.supply import local_day, text_of_day
from promessa.domain.token import make_token
from promessa.v1 import availability_pb2 as nouns
from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import sourcing_service_pb2 as so
from promessa.v1 import supply_service_pb2 as ss
from promessa.v1 import supply_service_pb2_grpc as ss_grpc

SEEDS = range(int(os.environ.get("PROMESSA_TEST_EXAMPLES", "2000")) // 200)
STEPS = 40
SKUS = (*PARTS, "set", "covered", "ink")
METHODS = ("", "", "pickup", "ship")
RECIPES: tuple[list[tuple[str, int]], ...] = ([("cup", 2), ("pot", 1)], [("cup", 1), ("lid", 3)])


class Walk(Shelves):
    """Changes at random, and what all calls say of one sku."""

    def __init__(self, serving: Serving, redis: Redis, seed: int) -> None:
        super().__init__(serving.channel)
        self.serving, self.redis, self.random = serving, redis, random.Random(seed)
        self.supply = ss_grpc.SupplyServiceStub(serving.channel)
        self.held: list[str] = []
        self.refusals: set[str] = set()

    async def begin(self) -> None:
        await self.open(12)
        lane = {
            "lane_id": "lane-c", "node_id": "c", "country_code": "BR", "postal_code_prefixes": ["0"], "rate_card_id": "card",
        }  # fmt: skip
        await self.network.PutLane(nw.PutLaneRequest(request_id=self.new_id(), lane=lane))
        ink = {"sku": "ink", "supply_mode": "SUPPLY_MODE_INFINITE", "weight_grams": 10}
        await self.network.PutSku(nw.PutSkuRequest(request_id=self.new_id(), sku=ink))
        await self.stock("ink", "a", 0)

    @property
    def today(self) -> int:
        return local_day("", time.time_ns() // 1_000_000)

    async def change(self) -> None:
        """One change; what is refused changes nothing."""
        pick = self.random.choice
        act = pick([
            self.some_pool, self.some_pool, self.some_rule, self.some_hold, self.some_hold, self.some_hold, self.some_end,
            self.some_end, self.some_count, self.some_delta, self.some_move, self.some_state, self.some_capacity,
            self.some_recipe, self.some_group, self.some_inbound, self.some_reason,
        ])  # fmt: skip
        try:
            await act()
        except grpc.aio.AioRpcError as error:
            self.refusals.add(error_of(error)[0])

    def cell(self) -> dict[str, str]:
        return {"sku": self.random.choice(PARTS), "node_id": self.random.choice(NODES)}

    async def some_pool(self) -> None:
        cell, channel = self.cell(), self.random.choice(CHANNELS[1:])
        strategy = self.random.choice([STRICT, OWN_FIRST, COMMON_FIRST])
        await self.keep(channel, cell["sku"], cell["node_id"], self.random.randrange(0, 8), strategy)

    async def some_rule(self) -> None:
        sku, node = self.random.choice(["", *PARTS]), self.random.choice(["", *NODES])
        group = self.random.choice(["", "west", "east"]) if not node else ""
        rule = {
            "safety_rule_id": self.random.choice("xyz"), "sku": sku, "node_id": node, "node_group_id": group,
            "fulfillment_method": self.random.choice(METHODS),
        }  # fmt: skip
        rule |= self.random.choice([{"quantity": self.random.randrange(0, 5)}, {"share_permille": 250}])
        await self.network.PutSafetyStockRule(nw.PutSafetyStockRuleRequest(request_id=self.new_id(), safety_rule=rule))

    async def some_hold(self) -> None:
        places = [*NODES, "@west", "@east"]
        lines = [
            (self.random.choice(SKUS), self.random.choice(places), self.random.randrange(1, 4))
            for _ in range(self.random.randrange(1, 4))
        ]
        found = await self.hold(
            *lines,
            channel=self.random.choice(CHANNELS),
            mode=rs.RESERVE_MODE_PARTIAL,
            fulfillment_method=self.random.choice(METHODS),
        )
        if found.reservation.reservation_id:
            self.held.append(found.reservation.reservation_id)

    async def some_end(self) -> None:
        if not self.held:
            return
        name = self.random.choice(self.held)
        await self.random.choice([self.release, self.confirm, self.fulfill])(name)

    async def confirm(self, name: str) -> None:
        await self.reservation.Confirm(rs.ConfirmRequest(request_id=self.new_id(), reservation_id=name))

    async def fulfill(self, name: str) -> None:
        await self.confirm(name)
        await self.reservation.Fulfill(rs.FulfillRequest(request_id=self.new_id(), reservation_id=name))

    async def some_move(self) -> None:
        if not self.held:
            return
        name = self.random.choice(self.held)
        found = await self.reservation.GetReservation(rs.GetReservationRequest(reservation_id=name))
        line = self.random.choice(found.reservation.lines)
        move = {"sku": line.sku, "from_node_id": line.node_id, "to_node_id": self.random.choice(NODES), "quantity": 1}
        request = rs.TransferRequest(request_id=self.new_id(), reservation_id=name, moves=[move])
        await self.reservation.Transfer(request)

    async def some_count(self) -> None:
        cell = self.cell()
        await self.stock(cell["sku"], cell["node_id"], self.random.randrange(0, 15))

    async def some_delta(self) -> None:
        delta = {**self.cell(), "delta_quantity": self.random.choice([-3, -1, 2, 5])}
        await self.inventory.AdjustStock(iv.AdjustStockRequest(request_id=self.new_id(), delta=delta))

    async def some_state(self) -> None:
        state = self.random.choice(["NODE_STATE_ACTIVE", "NODE_STATE_ACTIVE", "NODE_STATE_PAUSED"])
        request = nw.SetNodeStateRequest(request_id=self.new_id(), node_id=self.random.choice("bc"), state=state)
        await self.network.SetNodeState(request)

    async def some_capacity(self) -> None:
        limit = {
            "limit_quantity": self.random.randrange(2, 6), "unit": "CAPACITY_UNIT_ORDERS",
            "on_full": self.random.choice(["CAPACITY_ON_FULL_PAUSE", "CAPACITY_ON_FULL_NEXT_DAY"]),
        }  # fmt: skip
        request = nw.SetNodeCapacityRequest(request_id=self.new_id(), node_id=self.random.choice("ac"))
        if self.random.random() < 0.7:
            request.capacity.CopyFrom(nw.SetNodeCapacityRequest(capacity=limit).capacity)
        await self.network.SetNodeCapacity(request)

    async def some_recipe(self) -> None:
        await self._put_sku("set", self.random.choice(RECIPES))

    async def some_group(self) -> None:
        group = {"node_group_id": "east", "node_ids": self.random.sample(NODES, self.random.randrange(1, 4))}
        await self.network.PutNodeGroup(nw.PutNodeGroupRequest(request_id=self.new_id(), node_group=group))

    async def some_inbound(self) -> None:
        inbound = {
            **self.cell(), "inbound_id": self.random.choice(["po-1", "po-2"]), "kind": 1,
            "quantity": self.random.randrange(1, 9), "expected_date": text_of_day(self.today + self.random.randrange(-2, 6)),
        }  # fmt: skip
        put = ss.PutInboundSupplyRequest(request_id=self.new_id(), inbound_supply=inbound)
        await self.supply.PutInboundSupply(put)

    async def some_reason(self) -> None:
        request = iv.ReclassifyStockRequest(request_id=self.new_id(), **self.cell(), quantity=1)
        setattr(request, self.random.choice(["from_reason", "to_reason"]), "damaged")
        await self.inventory.ReclassifyStock(request)

    # What is said -----------------------------------------------------------------------------------------------------

    async def token(self) -> str:
        """Of everything that has happened so far, the catalogue's changes too."""
        keys, positions = self.serving.parts.store.keys, []
        for partition in range(keys.partitions + 1):
            key = keys.all_cells()[partition]
            positions += [partition, int(await self.redis.hget(key, "seq") or 0)]
        return make_token(self.serving.parts.store.epoch, positions)

    async def check(self) -> None:
        sku, channel = self.random.choice(SKUS), self.random.choice(CHANNELS)
        asking: dict[str, Any] = {"channel": channel, "fulfillment_method": self.random.choice(METHODS)}
        units = await self.check_reads(sku, asking)
        await self.check_group(sku, asking, units)
        if sku == "ink":
            return
        if sku in PARTS:
            await self.check_schedules(sku, asking, units)
        await self.check_sourcing(sku, asking, sum(units.values()))
        await self.check_holds(sku, asking, units)

    async def check_reads(self, sku: str, asking: dict[str, Any]) -> dict[str, int]:
        """What can be promised at each node, by every read."""
        fresh = {"at_least_token": await self.token()}
        shown = await self.get(sku, asking, consistency=fresh)
        stored = await self.get(sku, asking, consistency={"authoritative": True})
        assert shown.freshness.source == (
            nouns.READ_SOURCE_STORE if asking["fulfillment_method"] else nouns.READ_SOURCE_REPLICA
        )
        said = [(x.node_id, x.available_quantity, x.status) for x in stored.nodes]
        assert [(x.node_id, x.available_quantity, x.status) for x in shown.nodes] == said, (sku, asking)
        assert (shown.available_quantity, shown.status) == (stored.available_quantity, stored.status)
        pairs = [{"sku": sku, "node_id": node_id} for node_id in NODES]
        for consistency in (fresh, {"authoritative": True}):
            request = av.BatchGetAvailabilityRequest(pairs=pairs, consistency=consistency, **asking)
            batch = await self.availability.BatchGetAvailability(request)
            assert [(x.node_id, x.available_quantity, x.status) for x in batch.availabilities] == said
            every = await self.get(sku, asking, consistency=consistency, node_ids=[])
            some = [each for each in said if each[1] or each[2] >= nouns.AVAILABILITY_STATUS_INFINITE]
            assert [(x.node_id, x.available_quantity, x.status) for x in every.nodes] == some
            await self.check_basket(sku, asking, consistency, said)
        request = av.ExplainAvailabilityRequest(sku=sku, node_ids=NODES, **asking)
        explained = await self.availability.ExplainAvailability(request)
        assert [(x.node_id, x.available_quantity, x.status) for x in explained.nodes] == said
        assert all(x.steps[-1].left_quantity == x.available_quantity for x in explained.nodes if x.steps)
        return {node_id: units for node_id, units, _ in said}

    async def check_basket(
        self, sku: str, asking: dict[str, Any], consistency: dict[str, Any], said: list[tuple[str, int, int]]
    ) -> None:
        for units in {1, *(max(1, units + more) for _, units, _ in said for more in (0, 1))}:
            lines = [{"sku": sku, "quantity": units}]
            request = av.CheckBasketRequest(lines=lines, node_ids=NODES, consistency=consistency, **asking)
            able = {x.node_id for x in (await self.availability.CheckBasket(request)).nodes}
            endless = nouns.AVAILABILITY_STATUS_INFINITE
            assert able == {node_id for node_id, has, status in said if has >= units or status >= endless}

    async def get(self, sku: str, asking: dict[str, Any], **more: Any) -> av.GetAvailabilityResponse:
        request = av.GetAvailabilityRequest(sku=sku, **{"node_ids": NODES, **asking, **more})
        return await self.availability.GetAvailability(request)

    async def check_group(self, sku: str, asking: dict[str, Any], units: dict[str, int]) -> None:
        """A group has the sum of its nodes."""
        for group in ("west", "east"):
            ask = nw.GetNodeGroupRequest(node_group_id=group)
            members = (await self.network.GetNodeGroup(ask)).node_group.node_ids
            for consistency in ({"at_least_token": await self.token()}, {"authoritative": True}):
                found = await self.get(sku, asking, node_ids=[], node_group_id=group, consistency=consistency)
                assert found.available_quantity == sum(units[node_id] for node_id in members)

    async def check_schedules(self, sku: str, asking: dict[str, Any], units: dict[str, int]) -> None:
        """What can leave now is what can be promised now; what a day can promise is what a reservation by it is granted."""
        for node_id in NODES:
            request = av.GetAtpScheduleRequest(sku=sku, node_ids=[node_id], horizon_days=30, **asking)
            found = await self.availability.GetAtpSchedule(request)
            assert found.available_to_fulfil_quantity == units[node_id]
            day = text_of_day(self.today + self.random.randrange(8))
            (window,) = [x for x in found.windows if x.from_date <= day <= x.to_date]
            granted, _ = await self.tried(sku, {"node_id": node_id}, asking, window.atp_quantity + 3, latest_date=day)
            assert granted == window.atp_quantity, (sku, node_id, day, asking, found)

    async def check_sourcing(self, sku: str, asking: dict[str, Any], total: int) -> None:
        """An order is served as much as there is, planned or held."""
        order = {"lines": [{"sku": sku, "quantity": total + 2}], "destination": {"postal_code": "01310100"}, **asking}
        planned = (await self.sourcing.Source(so.SourceRequest(order=order))).plan
        assert total + 2 - sum(x.quantity for x in planned.unserved_lines) == total, (sku, asking, planned)
        request = so.SourceAndReserveRequest(request_id=self.new_id(), order=order, allow_partial=True)
        held = await self.sourcing.SourceAndReserve(request)
        assert sum(line.quantity for line in held.reservation.lines) == total, (sku, asking, held)
        if total:
            await self.release(request.request_id)

    async def check_holds(self, sku: str, asking: dict[str, Any], units: dict[str, int]) -> None:
        """A reservation is granted what the reads said, at each node, and in a group."""
        for node_id in NODES:
            granted, _ = await self.tried(sku, {"node_id": node_id}, asking, units[node_id] + 3)
            assert granted == units[node_id], (sku, node_id, asking)
        ask = nw.GetNodeGroupRequest(node_group_id="east")
        there = sum(units[node_id] for node_id in (await self.network.GetNodeGroup(ask)).node_group.node_ids)
        granted, reserved = await self.tried(sku, {"node_group_id": "east"}, asking, there + 3)
        assert granted == there, (sku, asking, reserved)

    async def tried(
        self, sku: str, place: dict[str, str], asking: dict[str, Any], units: int, **more: Any
    ) -> tuple[int, rs.ReserveResponse]:
        """How many units a reservation is granted, which is released again."""
        request = rs.ReserveRequest(
            request_id=self.new_id(), lines=[rv.ReserveLine(sku=sku, quantity=units, **place)],
            mode=rs.RESERVE_MODE_PARTIAL, **asking, **more,
        )  # fmt: skip
        found = await self.reservation.Reserve(request)
        if found.outcome != rv.RESERVE_OUTCOME_REFUSED:
            await self.release(request.request_id)
        return sum(line.quantity for line in found.reservation.lines), found


@pytest.mark.parametrize("seed", SEEDS)
async def test_every_call_counts_the_same(serving: Serving, redis: Redis, seed: int) -> None:
    walk = Walk(serving, redis, seed)
    await walk.begin()
    for _ in range(STEPS):
        await walk.change()
        await walk.check()
    audit = await walk.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    assert audit.ok, audit
    assert walk.refusals <= {"INVALID_FIELD", "WRONG_STATE", "QUANTITY_EXCEEDS_RESERVATION", "INBOUND_USED"}, (
        walk.refusals
    )
