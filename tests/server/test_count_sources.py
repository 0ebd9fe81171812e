"""Who counted a cell last is said with the cell, whatever else it is, and changes nothing of what it promises."""

from __future__ import annotations

from typing import Any

import pytest
from api_kit import Api, refused
from serving import Serving
from test_pools_api import INVALID, STRICT, PoolApi

from promessa.v1 import availability_pb2 as nouns
from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw


@pytest.fixture
async def api(serving: Serving) -> PoolApi:
    api = PoolApi(serving.channel)
    await api.shop(units=5)
    return api


async def snapshot(api: Api, units: int, source: str = "erp", **more: Any) -> iv.ImportSnapshotResponse:
    counts = [{"sku": "cup", "node_id": node_id, "on_hand_quantity": units} for node_id in "ab"]
    requests = [
        iv.ImportSnapshotRequest(request_id="stock-of-today", counts=counts, source_id=source),
        *([iv.ImportSnapshotRequest(request_id="stock-of-today", counts=counts, **more)] if more else []),
    ]
    return await api.inventory.ImportSnapshot(iter(requests))


async def source(api: Api, node_id: str = "a") -> tuple[str, int]:
    """Who counted, and what the explanation, the store and the replica say can be promised."""
    ask = av.ExplainAvailabilityRequest(sku="cup", node_ids=[node_id])
    explained = (await api.availability.ExplainAvailability(ask)).nodes[0]
    return explained.count_source_id, explained.available_quantity


async def seen(api: Api, token: str) -> int:
    fresh = nouns.Consistency(at_least_token=token)
    ask = av.GetAvailabilityRequest(sku="cup", node_ids=["a"], consistency=fresh)
    return (await api.availability.GetAvailability(ask)).available_quantity


async def test_the_last_count_says_who_made_it(api: PoolApi) -> None:
    assert await source(api) == ("", 5)
    token = (await snapshot(api, 9)).token
    assert await source(api) == ("erp", 9)
    assert await seen(api, token) == 9
    await api.hold(2)
    delta = {"sku": "cup", "node_id": "a", "delta_quantity": 1}
    await api.inventory.AdjustStock(iv.AdjustStockRequest(request_id=api.new_id(), delta=delta, reason="found"))
    assert await source(api) == ("erp", 8), "what moves a cell is no count of it"
    count = {"sku": "cup", "node_id": "a", "on_hand_quantity": 4}
    said = await api.inventory.SetOnHand(
        iv.SetOnHandRequest(request_id=api.new_id(), count=count, source_id="handheld.7")
    )
    assert (said.cell.count_source_id, await source(api)) == ("handheld.7", ("handheld.7", 2))
    await api.count("a", 6)
    assert await source(api) == ("", 4)
    assert await source(api, "b") == ("erp", 9)


async def test_the_first_count_of_a_cell_may_say_who_made_it(api: PoolApi) -> None:
    for sku, mode in (("new", "SUPPLY_MODE_STOCKED"), ("endless", "SUPPLY_MODE_INFINITE")):
        await api.network.PutSku(nw.PutSkuRequest(request_id=api.new_id(), sku={"sku": sku, "supply_mode": mode}))
        for units, source_id in enumerate(("erp", "", "erp"), 4):
            count = {"sku": sku, "node_id": "a", "on_hand_quantity": units}
            request = iv.SetOnHandRequest(request_id=api.new_id(), count=count, source_id=source_id)
            assert (await api.inventory.SetOnHand(request)).cell.count_source_id == source_id
            await api.keep("web", 2 if source_id else 0, sku=sku)


async def test_pools_and_endless_stock_keep_their_source(api: PoolApi) -> None:
    await snapshot(api, 9)
    token = (await api.keep("web", 4, strategy=STRICT)).token
    assert await source(api) == ("erp", 5)
    assert await seen(api, token) == 5
    await api.keep("web")
    assert await source(api) == ("erp", 9)
    endless = {"sku": "cup", "supply_mode": "SUPPLY_MODE_INFINITE"}
    await api.network.PutSku(nw.PutSkuRequest(request_id=api.new_id(), sku=endless))
    held = await api.hold(1)
    assert (await source(api))[0] == "erp"
    ask = av.GetAvailabilityRequest(sku="cup", node_ids=["a"], consistency=nouns.Consistency(at_least_token=held.token))
    assert (await api.availability.GetAvailability(ask)).nodes[0].status == nouns.AVAILABILITY_STATUS_INFINITE


async def test_counts_with_a_source_leave_books_that_agree(api: PoolApi) -> None:
    await snapshot(api, 9)
    await api.keep("web", 4, strategy=STRICT)
    await api.hold(1, "web")
    report = await api.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    assert (report.violation_count, list(report.violations)) == (0, [])


async def test_a_snapshot_has_one_source(api: PoolApi) -> None:
    await refused(snapshot(api, 9, "erp", source_id="wms"), INVALID, "INVALID_FIELD", field="source_id")
    await refused(snapshot(api, 9, "e r p"), INVALID, "INVALID_FIELD", field="source_id")
