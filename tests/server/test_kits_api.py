"""Kits over a real channel: what can be promised of them, reserved as their components, never half a kit."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from api_kit import Api, refused
from serving import Serving

from promessa.domain.catalogue import KitComponent, Sku
from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import inventory_pb2 as stock
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import sourcing_service_pb2 as so


def _promised(answer: av.GetAvailabilityResponse) -> list[tuple[str, int, int]]:
    """Without what only the store knows."""
    return [(node.node_id, node.available_quantity, node.status) for node in answer.nodes]


class Kits(Api):
    """Nodes a and b; tea sets of two cups and a pot."""

    async def open(self) -> None:
        await self.shop(units=10)
        await self.put("pot", weight_grams=900)
        await self.put("set", kit=[("cup", 2), ("pot", 1)])
        await self.stock("pot", "a", 3)
        await self.stock("pot", "b", 8)

    async def put(self, sku: str, *, kit: list[tuple[str, int]] | None = None, **fields: Any) -> Any:
        fields["kit"] = [{"sku": part, "quantity": units} for part, units in kit or []]
        return await self.network.PutSku(nw.PutSkuRequest(request_id=self.new_id(), sku={"sku": sku, **fields}))

    async def stock(self, sku: str, node_id: str, units: int) -> iv.SetOnHandResponse:
        count = {"sku": sku, "node_id": node_id, "on_hand_quantity": units}
        answer: iv.SetOnHandResponse = await self.inventory.SetOnHand(
            iv.SetOnHandRequest(request_id=self.new_id(), count=count)
        )
        return answer

    async def units(self, sku: str, *, token: str = "", **fields: Any) -> dict[str, int]:
        """What the replica shows, level with a token, and the store says the same."""
        ask = av.GetAvailabilityRequest(sku=sku, consistency={"at_least_token": token}, **fields)
        answer = await self.availability.GetAvailability(ask)
        ask.consistency.authoritative = True
        same = await self.availability.GetAvailability(ask)
        assert (_promised(same), same.status) == (_promised(answer), answer.status)
        return {node.node_id: node.available_quantity for node in answer.nodes}

    async def settle(self) -> str:
        """A token of everything that was done before."""
        last = await self.stock("cup", "a", 10)
        pot = await self.stock("pot", "b", 8)
        return f"{last.token},{pot.token.split('.')[1]}"


@pytest.fixture
async def kits(serving: Serving) -> Kits:
    kits = Kits(serving.channel)
    await kits.open()
    await kits.units("set", token=await kits.settle())
    return kits


def line(sku: str, units: int, node_id: str = "a") -> dict[str, Any]:
    return {"sku": sku, "node_id": node_id, "quantity": units}


def lines_of(found: rv.Reservation) -> list[tuple[str, str, int, int]]:
    return [(x.sku, x.node_id, x.quantity, x.open_quantity) for x in found.lines]


async def test_a_kit_can_be_promised_as_far_as_its_scarcest_component_allows(kits: Kits) -> None:
    assert await kits.units("set") == {"a": 3, "b": 5}
    token = (await kits.stock("pot", "a", 9)).token
    assert await kits.units("set", token=token) == {"a": 5, "b": 5}
    token = (await kits.stock("cup", "b", 1)).token
    assert await kits.units("set", token=token, node_ids=["a", "b"]) == {"a": 5, "b": 0}
    basket = av.CheckBasketRequest(lines=[{"sku": "set", "quantity": 5}, {"sku": "pot", "quantity": 2}])
    answer = await kits.availability.CheckBasket(basket)
    assert [(x.node_id, list(x.whole_lines)) for x in answer.nodes] == [("a", [0, 1])]


async def test_another_recipe_counts_at_once(kits: Kits) -> None:
    await kits.put("set", kit=[("cup", 5)])
    token = (await kits.stock("cup", "a", 10)).token
    held = await kits.reserve(lines=[line("set", 2)])
    assert held.outcome == rv.RESERVE_OUTCOME_RESERVED
    assert await kits.units("set", token=held.token) == {"b": 2}
    await kits.put("set")
    await kits.reservation.Release(
        rs.ReleaseRequest(request_id=kits.new_id(), reservation_id=held.reservation.reservation_id)
    )
    token = (await kits.stock("set", "a", 7)).token
    assert await kits.units("set", token=token) == {"a": 7}


async def test_a_worker_that_has_not_heard_of_a_recipe_does_not_reserve_by_the_old_one(
    kits: Kits, serving: Serving
) -> None:
    keeper = serving.parts.keeper
    index = keeper.catalogue.skus.index_of["set"]
    old = Sku("set", kit=(KitComponent("cup", 9),))
    keeper.take(("sku", "set", index, old, 0))
    held = await kits.reserve(lines=[line("set", 1)])
    assert [(x.sku, x.quantity) for x in held.reservation.lines[0].components] == [("cup", 2), ("pot", 1)]
    keeper.take(("sku", "set", index, old, 0))
    order = {"lines": [{"sku": "set", "quantity": 1}], "destination": {"postal_code": "01310"}}
    sourced = await kits.sourcing.SourceAndReserve(so.SourceAndReserveRequest(request_id="order-0001", order=order))
    assert [(x.sku, x.quantity) for x in sourced.reservation.lines[0].components] == [("cup", 2), ("pot", 1)]


async def test_a_kit_is_held_confirmed_and_shipped_as_its_components(kits: Kits) -> None:
    held = await kits.reserve(lines=[line("set", 2), line("cup", 5)], request_id="hold-0001")
    assert lines_of(held.reservation) == [("set", "a", 2, 2), ("cup", "a", 5, 5)]
    assert [(x.sku, x.quantity) for x in held.reservation.lines[0].components] == [("cup", 2), ("pot", 1)]
    assert await kits.units("cup", token=held.token, node_ids=["a"]) == {"a": 1}
    assert await kits.units("set", token=held.token, node_ids=["a"]) == {"a": 0}
    again = await kits.reserve(lines=[line("set", 2), line("cup", 5)], request_id="hold-0001")
    assert (again.replayed, again.reservation) == (True, held.reservation)
    ask = {"request_id": kits.new_id(), "reservation_id": "hold-0001"}
    confirmed = await kits.reservation.Confirm(rs.ConfirmRequest(**ask))
    assert lines_of(confirmed.reservation) == [("set", "a", 2, 2), ("cup", "a", 5, 5)]
    part = rs.FulfillRequest(request_id=kits.new_id(), reservation_id="hold-0001", lines=[line("set", 1)])
    assert lines_of((await kits.reservation.Fulfill(part)).reservation) == [("set", "a", 2, 1), ("cup", "a", 5, 5)]
    half = rs.ReleaseRequest(request_id=kits.new_id(), reservation_id="hold-0001", lines=[line("pot", 1)])
    await refused(
        kits.reservation.Release(half),
        grpc.StatusCode.FAILED_PRECONDITION,
        "QUANTITY_EXCEEDS_RESERVATION",
        open_quantity="0",
    )
    move = {"sku": "set", "from_node_id": "a", "to_node_id": "b", "quantity": 1}
    moved = await kits.reservation.Transfer(
        rs.TransferRequest(request_id=kits.new_id(), reservation_id="hold-0001", moves=[move])
    )
    assert lines_of(moved.reservation) == [("set", "a", 1, 0), ("cup", "a", 5, 5), ("set", "b", 1, 1)]
    listed = await kits.reservation.ListReservations(rs.ListReservationsRequest(sku="pot", node_id="b"))
    assert [x.reservation_id for x in listed.reservations] == ["hold-0001"]
    audit = await kits.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    assert audit.ok, audit


async def test_never_half_a_kit(kits: Kits) -> None:
    ask = {"lines": [line("set", 9), line("cup", 9)], "mode": rs.RESERVE_MODE_PARTIAL, "request_id": "part-0001"}
    part = await kits.reserve(**ask)
    assert part.outcome == rv.RESERVE_OUTCOME_PARTIALLY_RESERVED
    assert lines_of(part.reservation) == [("set", "a", 3, 3), ("cup", "a", 4, 4)]
    assert [(x.sku, x.requested_quantity, x.available_quantity) for x in part.shortfalls] == [
        ("set", 9, 3),
        ("cup", 9, 4),
    ]
    again = await kits.reserve(**ask)
    assert (again.replayed, again.reservation, list(again.shortfalls)) == (
        True,
        part.reservation,
        list(part.shortfalls),
    )
    none = await kits.reserve(lines=[line("set", 1)])
    assert (none.outcome, none.shortfalls[0].sku, none.shortfalls[0].available_quantity) == (3, "set", 0)


async def test_what_cannot_be_a_kit_is_refused_with_the_field(kits: Kits) -> None:
    invalid = grpc.StatusCode.INVALID_ARGUMENT
    await refused(kits.put("loop", kit=[("loop", 1)]), invalid, "INVALID_FIELD", field="sku.kit")
    await refused(kits.put("box", kit=[("set", 1)]), invalid, "INVALID_FIELD", field="sku.kit")
    await refused(kits.put("cup", kit=[("pot", 1)]), invalid, "INVALID_FIELD", field="sku.kit")
    await refused(kits.put("box", kit=[("pot", 1), ("pot", 2)]), invalid, "INVALID_FIELD", field="sku.kit")
    await refused(kits.put("box", kit=[("pot", 0)]), invalid, "INVALID_FIELD")
    await refused(kits.put("box", kit=[("pan", 1)]), invalid, "REFERENCE_NOT_FOUND", kind="sku", id="pan")
    await kits.put("pan")
    await kits.stock("pan", "a", 1)
    await refused(kits.put("pan", kit=[("pot", 1)]), grpc.StatusCode.FAILED_PRECONDITION, "RESOURCE_IN_USE")
    deletion = nw.DeleteSkuRequest(request_id=kits.new_id(), sku="pot")
    await kits.stock("pot", "a", 0)
    await refused(
        kits.network.DeleteSku(deletion), grpc.StatusCode.FAILED_PRECONDITION, "RESOURCE_IN_USE", used_by="kit set"
    )
    counted = await kits.stock("set", "a", 5)
    assert counted.outcome == stock.FEED_OUTCOME_IS_KIT
    inbound = rs.ReserveRequest(request_id=kits.new_id(), lines=[line("set", 1)], allow_backorder=True)
    await refused(kits.reservation.Reserve(inbound), invalid, "INVALID_FIELD", field="lines[0].sku")


async def test_kits_are_placed_in_groups_and_sourced_as_their_components(kits: Kits) -> None:
    group = {"node_group_id": "ab", "node_ids": ["a", "b"]}
    await kits.network.PutNodeGroup(nw.PutNodeGroupRequest(request_id=kits.new_id(), node_group=group))
    placed = await kits.reserve(lines=[{"sku": "set", "node_group_id": "ab", "quantity": 6}])
    assert sorted(lines_of(placed.reservation)) == [("set", "a", 1, 1), ("set", "b", 5, 5)]
    await kits.units("set", token=placed.token)
    order = {
        "lines": [{"sku": "cup", "quantity": 6}, {"sku": "set", "quantity": 2}],
        "destination": {"postal_code": "01310"},
    }
    sourced = await kits.sourcing.SourceAndReserve(so.SourceAndReserveRequest(request_id="order-0001", order=order))
    assert sourced.outcome == rv.RESERVE_OUTCOME_REFUSED  # two sets leave four cups
    order["lines"][0]["quantity"] = 4
    sourced = await kits.sourcing.SourceAndReserve(so.SourceAndReserveRequest(request_id="order-0002", order=order))
    assert sourced.outcome == rv.RESERVE_OUTCOME_RESERVED
    assert sorted(lines_of(sourced.reservation)) == [("cup", "a", 4, 4), ("set", "a", 2, 2)]
    (shipment,) = sourced.plan.shipments
    assert shipment.weight_grams == 4 * 400 + 2 * (2 * 400 + 900)
    assert await kits.units("cup", token=sourced.token, node_ids=["a"]) == {"a": 0}
    again = await kits.sourcing.SourceAndReserve(so.SourceAndReserveRequest(request_id="order-0002", order=order))
    assert (again.replayed, again.plan, again.reservation) == (True, sourced.plan, sourced.reservation)
    assert (await kits.inventory.CheckInvariants(iv.CheckInvariantsRequest())).ok


async def test_nothing_is_oversold_or_stranded_by_many_who_share_components(kits: Kits) -> None:
    """64 clients over two kits and plain lines of the same skus; then all is given back, and all is there again."""
    await kits.put("pair", kit=[("cup", 2)])
    for node_id in "ab":
        await kits.stock("cup", node_id, 150)
        await kits.stock("pot", node_id, 60)
    modes = (rs.RESERVE_MODE_ALL_OR_NOTHING, rs.RESERVE_MODE_PARTIAL)

    async def client(number: int) -> list[str]:
        held = []
        for turn in range(6):
            wanted = [
                line(sku, 1 + (number + turn) % 3, "ab"[(number + turn + i) % 2])
                for i, sku in enumerate(("set", "cup", "pair", "pot"))
                if (number + i + turn) % 3
            ]
            found = await kits.reserve(lines=wanted, mode=modes[(number + turn) % 2])
            if found.reservation.reservation_id:
                held.append(found.reservation.reservation_id)
            for each in found.reservation.lines:
                assert each.quantity > 0
        return held

    held = [each for found in await asyncio.gather(*[client(n) for n in range(64)]) for each in found]
    assert len(held) > 20
    audit = await kits.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    assert audit.ok, audit
    for node_id in "ab":
        explained = await kits.availability.ExplainAvailability(
            av.ExplainAvailabilityRequest(sku="cup", node_ids=[node_id])
        )
        assert explained.nodes[0].deficit_quantity == 0
    tokens = [
        (await kits.reservation.Release(rs.ReleaseRequest(request_id=kits.new_id(), reservation_id=each))).token
        for each in held
    ]
    for node_id in "ab":
        tokens.append((await kits.stock("pot", node_id, 60)).token)
        tokens.append((await kits.stock("cup", node_id, 150)).token)
    for token in tokens[-4:]:
        await kits.units("cup", token=token)
    assert await kits.units("cup") == {"a": 150, "b": 150}
    assert await kits.units("set") == {"a": 60, "b": 60}
    assert await kits.units("pair") == {"a": 75, "b": 75}
    assert (await kits.inventory.CheckInvariants(iv.CheckInvariantsRequest())).ok
