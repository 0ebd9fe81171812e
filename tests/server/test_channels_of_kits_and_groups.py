"""Channels where units are reached by other ways than a cell: kits, groups of nodes, moves between nodes; and all at once."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import grpc
import pytest
from api_kit import Api, refused
from serving import Serving

from promessa.v1 import allocation_pb2 as al
from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import sourcing_service_pb2 as so

STRICT, OWN_FIRST, COMMON_FIRST = (
    al.ALLOCATION_STRATEGY_STRICT,
    al.ALLOCATION_STRATEGY_OWN_FIRST,
    al.ALLOCATION_STRATEGY_COMMON_FIRST,
)
RESERVED, REFUSED = rv.RESERVE_OUTCOME_RESERVED, rv.RESERVE_OUTCOME_REFUSED
NODES, PARTS = ("a", "b", "c"), ("cup", "pot", "lid")
CHANNELS = ("", "web", "web/vip", "shop", "hub")


class Shelves(Api):
    """Nodes a, b and c in two groups that share b; tea sets of two cups and a pot, and pots that come with a lid."""

    async def open(self, units: int) -> None:
        await self.shop(units=units)
        await self.network.PutNode(nw.PutNodeRequest(request_id=self.new_id(), node={"node_id": "c"}))
        for sku in ("pot", "lid"):
            await self._put_sku(sku, [])
        await self._put_sku("set", [("cup", 2), ("pot", 1)])
        await self._put_sku("covered", [("pot", 1), ("lid", 1)])
        for group, node_ids in (("west", ["a", "b"]), ("east", ["b", "c"])):
            request = nw.PutNodeGroupRequest(
                request_id=self.new_id(), node_group={"node_group_id": group, "node_ids": node_ids}
            )
            await self.network.PutNodeGroup(request)
        for sku in PARTS:
            for node_id in NODES:
                await self.stock(sku, node_id, units)

    async def _put_sku(self, sku: str, kit: list[tuple[str, int]]) -> None:
        parts = [{"sku": part, "quantity": units} for part, units in kit]
        await self.network.PutSku(
            nw.PutSkuRequest(request_id=self.new_id(), sku={"sku": sku, "weight_grams": 100, "kit": parts})
        )

    async def stock(self, sku: str, node_id: str, units: int) -> str:
        count = {"sku": sku, "node_id": node_id, "on_hand_quantity": units}
        return (await self.inventory.SetOnHand(iv.SetOnHandRequest(request_id=self.new_id(), count=count))).token

    async def keep(self, channel: str, sku: str, node_id: str, units: int, strategy: Any = OWN_FIRST) -> str:
        pool = al.AllocationPool(sku=sku, node_id=node_id, channel=channel, quantity=units)
        if units:
            pool.strategy = strategy
        request = iv.SetAllocationPoolRequest(request_id=self.new_id(), allocation_pool=pool)
        return (await self.inventory.SetAllocationPool(request)).token

    async def hold(self, *lines: tuple[str, str, int], channel: str = "", **fields: Any) -> rs.ReserveResponse:
        """Places with an @ before them are groups."""
        said = [
            {"sku": sku, "quantity": units, ("node_group_id" if place[0] == "@" else "node_id"): place.lstrip("@")}
            for sku, place, units in lines
        ]
        request = rs.ReserveRequest(request_id=fields.pop("request_id", "") or self.new_id(), channel=channel, **fields)
        request.lines.extend(rv.ReserveLine(**line) for line in said)
        return await self.reservation.Reserve(request)

    async def release(self, reservation_id: str) -> rs.ReleaseResponse:
        request = rs.ReleaseRequest(request_id=self.new_id(), reservation_id=reservation_id)
        return await self.reservation.Release(request)

    async def units(self, sku: str, node_id: str, channel: str = "", *, token: str = "") -> int:
        """What the replica shows, level with a token, and the store says the same, in three words of the API."""
        ask = av.GetAvailabilityRequest(sku=sku, node_ids=[node_id], channel=channel)
        ask.consistency.at_least_token = token
        shown = await self.availability.GetAvailability(ask)
        every = av.GetAvailabilityRequest(sku=sku, channel=channel, consistency=ask.consistency)
        rows = {
            node.node_id: node.available_quantity for node in (await self.availability.GetAvailability(every)).nodes
        }
        ask.consistency.authoritative = True
        stored = await self.availability.GetAvailability(ask)
        why = av.ExplainAvailabilityRequest(sku=sku, node_ids=[node_id], channel=channel)
        explained = await self.availability.ExplainAvailability(why)
        (found,) = {
            shown.available_quantity,
            rows.get(node_id, 0),
            stored.available_quantity,
            explained.available_quantity,
        }
        return found

    async def drawn(self, reservation_id: str) -> list[tuple[str, str, str, int]]:
        found = await self.reservation.GetReservation(rs.GetReservationRequest(reservation_id=reservation_id))
        return [(x.sku, x.node_id, x.channel, x.quantity) for x in found.reservation.drawn]


@pytest.fixture
async def api(serving: Serving) -> Shelves:
    api = Shelves(serving.channel)
    await api.open(10)
    return api


async def test_a_kit_takes_what_is_kept_of_its_components(api: Shelves) -> None:
    await api.keep("web", "cup", "a", 8, STRICT)
    token = await api.keep("web/vip", "pot", "a", 9)
    assert [await api.units("set", "a", channel, token=token) for channel in CHANNELS] == [1, 1, 4, 1, 1]
    held = await api.hold(("set", "a", 4), channel="web/vip", request_id="four-sets")
    assert held.outcome == RESERVED
    assert await api.drawn("four-sets") == [("cup", "a", "web", 8), ("pot", "a", "web/vip", 4)]
    assert [await api.units("set", "a", channel, token=held.token) for channel in CHANNELS] == [1, 0, 0, 1, 1]
    (shortfall,) = (await api.hold(("covered", "a", 2))).shortfalls
    assert (shortfall.reason, shortfall.available_quantity) == (rv.SHORTFALL_REASON_KEPT_FOR_OTHERS, 1)
    token = (await api.release("four-sets")).token
    assert [await api.units("set", "a", channel, token=token) for channel in CHANNELS] == [1, 1, 4, 1, 1]


async def test_rows_of_kits_follow_pools_and_recipes(api: Shelves, serving: Serving) -> None:
    token = await api.keep("web", "cup", "a", 8, STRICT)
    assert (await api.units("set", "a", token=token), await api.units("set", "a", "web", token=token)) == (1, 4)
    token = await api.stock("pot", "a", 3)
    assert (await api.units("set", "a", token=token), await api.units("set", "a", "web/x", token=token)) == (1, 3)
    await serving.applier.load()
    assert (await api.units("set", "a", token=token), await api.units("set", "a", "web", token=token)) == (1, 3)
    await api._put_sku("set", [("cup", 1), ("lid", 1)])
    token = await api.stock("lid", "a", 5)
    assert (await api.units("set", "a", token=token), await api.units("set", "a", "web", token=token)) == (2, 5)
    token = await api.keep("web", "cup", "a", 0)
    assert (await api.units("set", "a", token=token), await api.units("set", "a", "web", token=token)) == (5, 5)


async def test_a_kit_has_no_pool_of_its_own(api: Shelves) -> None:
    await refused(
        api.keep("web", "set", "a", 1), grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field="allocation_pool.sku"
    )


async def test_units_that_are_not_counted_are_kept_from_nobody(api: Shelves) -> None:
    await api.keep("web", "lid", "a", 4, STRICT)
    await api.network.PutSku(
        nw.PutSkuRequest(request_id=api.new_id(), sku={"sku": "lid", "supply_mode": "SUPPLY_MODE_INFINITE"})
    )
    held = await api.hold(("lid", "a", 50), channel="web", request_id="many-lids")
    assert held.outcome == RESERVED
    assert await api.drawn("many-lids") == []
    assert (await api.hold(("lid", "a", 50), channel="shop")).outcome == RESERVED
    token = (await api.release("many-lids")).token
    await api.network.PutSku(
        nw.PutSkuRequest(request_id=api.new_id(), sku={"sku": "lid", "supply_mode": "SUPPLY_MODE_STOCKED"})
    )
    token = await api.stock("lid", "a", 60)
    assert [await api.units("lid", "a", channel, token=token) for channel in ("", "web")] == [6, 4]


async def test_a_group_is_placed_by_what_the_channel_has(api: Shelves) -> None:
    for node_id in "ab":
        await api.keep("web", "cup", node_id, 10, STRICT)
    assert (await api.hold(("cup", "@west", 1))).outcome == REFUSED
    held = await api.hold(("cup", "@west", 15), channel="web", request_id="from-the-west")
    assert held.outcome == RESERVED
    assert sum(units for *_, units in await api.drawn("from-the-west")) == 15
    sets = await api.hold(("set", "@east", 7), channel="web", request_id="sets-of-the-east")
    assert sets.outcome == RESERVED
    assert {(sku, channel) for sku, _, channel, _ in await api.drawn("sets-of-the-east")} == {("cup", "web")}


async def test_a_move_gives_back_here_and_draws_there(api: Shelves) -> None:
    await api.keep("web", "cup", "a", 6, STRICT)
    await api.keep("web", "cup", "b", 3, STRICT)
    await api.keep("web", "pot", "b", 2, STRICT)
    await api.hold(("cup", "a", 5), channel="web", request_id="five-cups")
    await api.hold(("cup", "a", 4), request_id="by-nobody")

    def move(reservation_id: str, sku: str, units: int) -> Any:
        lines = [{"sku": sku, "from_node_id": "a", "to_node_id": "b", "quantity": units}]
        request = rs.TransferRequest(request_id=api.new_id(), reservation_id=reservation_id, moves=lines)
        return api.reservation.Transfer(request)

    short = await move("five-cups", "cup", 4)
    assert [(x.available_quantity, x.reason) for x in short.shortfalls] == [(3, rv.SHORTFALL_REASON_KEPT_FOR_OTHERS)]
    assert not (await move("five-cups", "cup", 3)).shortfalls
    assert await api.drawn("five-cups") == [("cup", "a", "web", 2), ("cup", "b", "web", 3)]
    assert (await move("by-nobody", "cup", 4)).shortfalls == []
    token = (await api.release("by-nobody")).token
    assert [await api.units("cup", node, "web", token=token) for node in "ab"] == [4, 0]
    await api.hold(("set", "a", 2), channel="web", request_id="two-sets")
    await api.release("five-cups")
    assert not (await move("two-sets", "set", 1)).shortfalls
    assert await api.drawn("two-sets") == [("cup", "a", "web", 2), ("cup", "b", "web", 2), ("pot", "b", "web", 1)]
    token = (await api.release("two-sets")).token
    assert [await api.units("cup", node, "web", token=token) for node in "ab"] == [6, 3]


async def test_sourcing_serves_a_kit_by_channel(api: Shelves) -> None:
    for node_id in "ab":
        await api.keep("web", "cup", node_id, 10, STRICT)
    order = {
        "order_id": "o",
        "lines": [{"sku": "set", "quantity": 2}],
        "destination": {"country_code": "BR", "postal_code": "01000"},
    }
    without = await api.sourcing.SourceAndReserve(so.SourceAndReserveRequest(request_id=api.new_id(), order=order))
    assert without.outcome == REFUSED
    found = await api.sourcing.SourceAndReserve(
        so.SourceAndReserveRequest(request_id="sets-by-web", order={**order, "channel": "web"})
    )
    assert found.outcome == RESERVED
    assert {(sku, channel, units) for sku, _, channel, units in await api.drawn("sets-by-web")} == {("cup", "web", 4)}


async def test_64_clients_over_groups_pools_and_kits_oversell_nothing_and_strand_nothing(
    serving: Serving,
) -> None:
    """Once all is released, every unit can be promised again: what pools keep to their channels, and the rest to anybody."""
    api, there = Shelves(serving.channel), 120
    await api.open(there)
    pools = {"web": STRICT, "web/vip": OWN_FIRST, "shop": COMMON_FIRST, "hub": STRICT}
    for sku in PARTS:
        for node_id in NODES:
            for channel, strategy in pools.items():
                await api.keep(channel, sku, node_id, 15, strategy)
    before = await _all_units(api)
    wanted = [(sku, place) for sku in (*PARTS, "set", "covered") for place in (*NODES, "@west", "@east")]

    async def client(number: int) -> None:
        chance = random.Random(number)
        for step in range(12):
            name = f"client-{number:02d}-{step:02d}"
            lines = [(*chance.choice(wanted), chance.randint(1, 4)) for _ in range(chance.randint(1, 3))]
            mode = chance.choice([rs.RESERVE_MODE_PARTIAL, rs.RESERVE_MODE_ALL_OR_NOTHING])
            try:
                held = await api.hold(*lines, channel=chance.choice(CHANNELS), mode=mode, request_id=name)
            except grpc.aio.AioRpcError as error:  # an answer, too: ask again later
                assert error.code() == grpc.StatusCode.UNAVAILABLE, error
                continue
            if held.outcome == REFUSED:
                continue
            if chance.random() < 0.3:
                await _move_somewhere(api, held.reservation, chance)
            if chance.random() < 0.3:
                await api.reservation.Confirm(rs.ConfirmRequest(request_id=api.new_id(), reservation_id=name))
            if chance.random() < 0.7:
                await api.release(name)
            else:
                kept.add(name)

    kept: set[str] = set()
    await asyncio.gather(*[client(number) for number in range(64)])
    report = await api.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    assert list(report.violations) == []
    listed = (await api.inventory.ListAllocationPools(iv.ListAllocationPoolsRequest(page_size=100))).allocation_pools
    assert {pool.channel for pool in listed if pool.drawn_quantity} == set(pools)
    for name in sorted(kept):
        await api.release(name)
    report = await api.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    assert list(report.violations) == []
    assert await _all_units(api) == before
    listed = (await api.inventory.ListAllocationPools(iv.ListAllocationPoolsRequest(page_size=100))).allocation_pools
    assert {(pool.drawn_quantity, pool.unused_quantity) for pool in listed} == {(0, 15)}


async def _move_somewhere(api: Shelves, reservation: rv.Reservation, chance: random.Random) -> None:
    line = chance.choice(list(reservation.lines))
    to = chance.choice([node_id for node_id in NODES if node_id != line.node_id])
    move = {
        "sku": line.sku,
        "from_node_id": line.node_id,
        "to_node_id": to,
        "quantity": chance.randint(1, line.open_quantity),
    }
    await api.reservation.Transfer(
        rs.TransferRequest(request_id=api.new_id(), reservation_id=reservation.reservation_id, moves=[move])
    )


async def _all_units(api: Shelves) -> dict[tuple[str, str, str], int]:
    """What each channel can be promised of everything, by the store and by the replica level with it."""
    token = await api.stock("lid", "a", 120)
    pot = await api.stock("pot", "b", 120)
    last = await api.stock("cup", "c", 120)
    tokens = ",".join([token, *(each.split(".", 1)[1] for each in (pot, last))])
    return {
        (sku, node_id, channel): await api.units(sku, node_id, channel, token=tokens)
        for sku in (*PARTS, "set", "covered")
        for node_id in NODES
        for channel in CHANNELS
    }
