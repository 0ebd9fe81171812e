"""However large orders are, what tells of many of them stays below what a client takes, and so does one with its history."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from api_kit import error_of, refused
from orders_kit import OrdersApi
from serving import Serving

from promessa.domain import order_size
from promessa.domain.catalogue import Catalogue
from promessa.domain.exchange import Exchange
from promessa.domain.limits import QUANTITY_MAX, RETURNS_MAX
from promessa.domain.offer import Offer
from promessa.domain.order import (
    HistoryEntry,
    MovedUnits,
    OrderedLine,
    PlacedOrder,
    Shipment,
    ShipmentLine,
    StoredOrder,
)
from promessa.domain.order_size import bytes_at_most
from promessa.domain.returns import Return, ReturnLine
from promessa.domain.sourcing import Order
from promessa.server.convert_orders import order_message
from promessa.service import order_batches
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import order_service_pb2 as os

PRECONDITION = grpc.StatusCode.FAILED_PRECONDITION
LINES, ORDERS = 200, 150
LONGEST_ID, WIDE = "x" * 64, "é" * 64
NOW_MS, DEAREST = 1_800_000_000_123, 10**15


@pytest.fixture
async def api(serving: Serving) -> OrdersApi:
    made = OrdersApi(serving)
    await made.shop(units=500)
    return made


def largest(*, lines: int, shipments: int, offers: int, steps: int) -> StoredOrder:
    """An order all of whose texts and numbers are as long as they may be."""
    shipped = tuple([ShipmentLine(199, 0, QUANTITY_MAX, (), QUANTITY_MAX) for _ in range(lines)])
    offer = Offer(0, 3, LONGEST_ID, LONGEST_ID, NOW_MS, DEAREST, 3, 5)
    shipment = Shipment(
        0, LONGEST_ID, 3, shipped, 4, 3, 0, LONGEST_ID, LONGEST_ID, NOW_MS, NOW_MS, 4, WIDE, WIDE, NOW_MS, b"code", 3,
        DEAREST, (offer,) * offers, LONGEST_ID, WIDE, 9_999, 3, (NOW_MS,) * 5, 1, (1, 2, 3, 4), (1, 2), 2**62,
    )  # fmt: skip
    back = Return(
        tuple([ReturnLine(199, *(QUANTITY_MAX,) * 4) for _ in range(lines)]), "é" * 256, "y" * 48
    )  # fmt: skip
    moved = MovedUnits(199, QUANTITY_MAX, 999, 3, 0, WIDE, 9_999)
    order = PlacedOrder(
        "y" * 48, (OrderedLine(0, *(QUANTITY_MAX,) * 3, DEAREST),) * lines, (shipment,) * shipments, (back,) * RETURNS_MAX,
        Order("", (), "", "", seller_code=WIDE), 12, f"{LONGEST_ID}\n{'z' * 32}", "BRL", "é" * 128, "y" * 48,
        ("y" * 48,) * RETURNS_MAX, 20, Exchange(100, 2, True, 0, 2**62, 2**62),
    )  # fmt: skip
    entry = HistoryEntry(NOW_MS, 25, WIDE, 999, "é" * 300, (moved,) * lines)
    return StoredOrder(9_999, NOW_MS, NOW_MS, order, (entry,) * steps)


@pytest.mark.parametrize("shape", [(0, 0, 0, 0), (1, 1, 0, 1), (200, 3, 20, 4), (3, 300, 1, 0), (1, 1, 0, 500)])
def test_no_message_of_an_order_is_larger_than_it_is_taken_for(shape: tuple[int, int, int, int]) -> None:
    lines, shipments, offers, steps = shape
    catalogue = Catalogue()
    for directory in (catalogue.nodes, catalogue.skus):
        directory.put(LONGEST_ID, 0, None)  # type: ignore[attr-defined]
    stored = largest(lines=lines, shipments=shipments, offers=offers, steps=steps)
    size = order_message(stored, catalogue).ByteSize()
    assert size <= bytes_at_most(stored) < 2 * size + 2_000


async def place_large_ones(api: OrdersApi) -> list[str]:
    """So many orders of so many lines that all of them are far beyond one message."""
    skus = [f"{number:03}-".ljust(64, "s") for number in range(LINES)]
    for sku in skus:
        await api.network.PutSku(nw.PutSkuRequest(request_id=api.new_id(), sku={"sku": sku}))
        count = {"sku": sku, "node_id": "a", "on_hand_quantity": ORDERS}
        await api.inventory.SetOnHand(iv.SetOnHandRequest(request_id=api.new_id(), count=count))

    async def place(number: int) -> str:
        held = await api.reserve(lines=[{"sku": sku, "node_id": "a", "quantity": 1} for sku in skus])
        placed = await api.place(f"o-{number:03}", reservation_id=held.reservation.reservation_id)
        return placed.order.order_id

    placed = []
    for first in range(0, ORDERS, 15):
        placed += await asyncio.gather(*[place(number) for number in range(first, first + 15)])
    return placed


async def pages(api: OrdersApi, **fields: Any) -> list[os.ListOrdersResponse]:
    found, token = [], ""
    while not found or token:
        found.append(await api.orders.ListOrders(os.ListOrdersRequest(page_token=token, **fields)))
        token = found[-1].next_page_token
    return found


async def watch(api: OrdersApi, ids: list[str], token: str = "") -> tuple[list[os.WatchOrdersResponse], str]:
    """A watch until all of some orders are told, and the token after it."""
    call = api.orders.WatchOrders(os.WatchOrdersRequest(resume_token=token))
    found: list[os.WatchOrdersResponse] = []
    async with asyncio.timeout(60):
        while sum(len(batch.changes) for batch in found) < len(ids) or not token:
            found.append(await call.read())
            token = found[-1].resume_token
    call.cancel()
    return [batch for batch in found if batch.changes], token


async def test_many_large_orders_come_in_messages_that_clients_take(api: OrdersApi) -> None:
    ids = await place_large_ones(api)
    large = (await api.get(ids[0])).ByteSize()
    assert large * ORDERS > grpc_default_bytes(), "all of them are too much for one message"
    listed = await pages(api, page_size=1_000)
    assert 1 < len(listed) < 5
    assert sorted(order.order_id for page in listed for order in page.orders) == ids, "each comes once"
    assert sorted(order.order_id for page in await pages(api, page_size=7) for order in page.orders) == ids
    batches, token = await watch(api, ids)
    assert sorted(change.order.order_id for batch in batches for change in batch.changes) == ids
    await asyncio.gather(*[api.step("AcceptShipment", each) for each in ids])
    batches, _ = await watch(api, ids, token)
    assert sorted(change.order.order_id for batch in batches for change in batch.changes) == ids


def grpc_default_bytes() -> int:
    return 4 * 1024 * 1024


async def test_who_is_cut_off_within_a_change_of_many_orders_is_told_each_once(
    api: OrdersApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message takes three orders at most, and is all that each of many watches takes before it is cut off."""
    ids = [f"o-{number}" for number in range(40)]
    await asyncio.gather(*[api.place(each, units=1) for each in ids])
    _, token = await watch(api, ids)
    one = bytes_at_most((await api.parts.orders.get(ids[0]))._replace(history=()))
    monkeypatch.setattr(order_batches, "ORDERS_BYTES_MAX", 3 * one)
    await asyncio.gather(*[api.step("AcceptShipment", each) for each in ids])
    told: list[str] = []
    tokens = [token]
    while len(told) < len(ids):
        call = api.orders.WatchOrders(os.WatchOrdersRequest(resume_token=tokens[-1]))
        batch = await call.read()
        call.cancel()
        told += [change.order.order_id for change in batch.changes]
        tokens.append(batch.resume_token)
        assert len(batch.changes) <= 3
    assert sorted(told) == sorted(ids)
    assert any("~" in each for each in tokens), "a token named a place within a change"
    told_live: list[str] = []
    call = api.orders.WatchOrders(os.WatchOrdersRequest(resume_token=tokens[-1]))
    await call.read()
    steps = asyncio.gather(*[api.step("RecordPick", each) for each in ids])
    while len(told_live) < len(ids):
        told_live += [change.order.order_id for change in (await call.read()).changes]
    await steps
    call.cancel()
    assert sorted(told_live) == sorted(ids)


@pytest.mark.parametrize("end", ["~0.1", "~9.1", "~0.0", "~0.1~", "~1.1~0.2"])
async def test_a_forged_place_within_a_change_has_an_answer(api: OrdersApi, end: str) -> None:
    await api.place()
    _, token = await watch(api, ["o-1"])
    call = api.orders.WatchOrders(os.WatchOrdersRequest(resume_token=token + end))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call.__aiter__().__anext__()
    assert error_of(caught.value)[0] in ("INVALID_TOKEN", "RESUME_TOKEN_EXPIRED")


async def test_what_is_cancelled_unit_by_unit_ends_and_the_rest_can_be_cancelled_at_once(
    api: OrdersApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_size, "ORDER_HISTORY_MAX", 5)
    await api.place(units=9)
    one = [{"line": 0, "quantity": 1}]
    await api.steps("CancelOrder", "CancelOrder", lines=one)
    await refused(api.step("CancelOrder", lines=one), PRECONDITION, "ORDER_HISTORY_LIMIT", limit="5")
    await api.steps("AcceptShipment", "RecordPick")
    await api.step("CancelOrder")
    assert (await api.get()).lines[0].cancelled_quantity == 9
    await api.check_books()


async def test_what_comes_back_unit_by_unit_ends_and_the_rest_can_be_received_at_once(
    api: OrdersApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_size, "ORDER_HISTORY_MAX", 9)
    await api.place(units=9)
    await api.steps("AcceptShipment", "RecordPick", "Ship")
    await api.step("RequestReturn", lines=[{"line": 0, "quantity": 9}])

    def come(units: int) -> Any:
        lines = [{"line": 0, "quantity": units, "disposition": 1}]
        return api.step("ReceiveReturn", return_number=1, node_id="a", lines=lines)

    await come(1)
    await come(1)
    await refused(come(1), PRECONDITION, "ORDER_HISTORY_LIMIT", order_id="o-1")
    await come(7)
    assert (await api.get()).returns[0].lines[0].resellable_quantity == 9
    await api.check_books()
