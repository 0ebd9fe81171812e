"""Unavailable units by reason over a real channel: moved at once, explained, listed, and refused where there are too few."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from api_kit import Api, refused
from serving import Serving

from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import inventory_pb2 as stock
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import network_service_pb2 as nw


@pytest.fixture
async def api(serving: Serving) -> Api:
    api = Api(serving.channel)
    await api.shop(units=10)
    return api


async def move(api: Api, units: int, from_reason: str = "", to_reason: str = "", **more: Any) -> Any:
    fields = {"request_id": api.new_id(), "sku": "cup", "node_id": "a", **more}
    ask = iv.ReclassifyStockRequest(quantity=units, from_reason=from_reason, to_reason=to_reason, **fields)
    return await api.inventory.ReclassifyStock(ask)


def why(answer: Any) -> dict[str, int]:
    return {each.reason: each.quantity for each in answer.unavailable}


async def listed(api: Api, **only: Any) -> list[tuple[str, dict[str, int]]]:
    found = await api.inventory.ListUnavailableStock(iv.ListUnavailableStockRequest(**only))
    return [(cell.node_id, why(cell)) for cell in found.cells]


async def test_units_move_between_reasons_and_back(api: Api) -> None:
    broken = await move(api, 4, to_reason="damaged", request_id="move-0001")
    assert (why(broken), broken.cell.available_quantity) == ({"damaged": 4}, 6)
    assert why(await move(api, 1, "damaged", "quarantine")) == {"damaged": 3, "quarantine": 1}
    mended = await move(api, 2, "damaged")
    assert (why(mended), mended.cell.available_quantity) == ({"damaged": 1, "quarantine": 1}, 8)
    again = await move(api, 4, to_reason="damaged", request_id="move-0001")
    assert (again.replayed, why(again)) == (True, {"damaged": 4})
    too_many = await move(api, 2, "damaged")
    assert too_many.outcome == stock.FEED_OUTCOME_INSUFFICIENT_ON_HAND
    assert (await move(api, 9, to_reason="display")).outcome == stock.FEED_OUTCOME_INSUFFICIENT_ON_HAND
    ask = av.ExplainAvailabilityRequest(sku="cup", node_ids=["a"], language="en")
    assert why((await api.availability.ExplainAvailability(ask)).nodes[0]) == {"damaged": 1, "quarantine": 1}
    assert await listed(api) == [("a", {"damaged": 1, "quarantine": 1})]
    assert await listed(api, reason="display") == await listed(api, node_id="b") == []
    report = await api.inventory.CheckInvariants(iv.CheckInvariantsRequest())
    assert list(report.violations) == []


async def test_what_a_count_finds_beyond_the_reasons_is_unspecified(api: Api) -> None:
    await move(api, 2, to_reason="damaged")
    await move(api, 2, to_reason="display")

    async def count(unavailable: int) -> None:
        found = {"sku": "cup", "node_id": "a", "on_hand_quantity": 10, "unavailable_quantity": unavailable}
        await api.inventory.SetOnHand(iv.SetOnHandRequest(request_id=api.new_id(), count=found))

    await count(7)
    assert why(await move(api, 1, "unspecified", "damaged")) == {"damaged": 3, "display": 2, "unspecified": 2}
    await count(4)
    assert await listed(api) == [("a", {"damaged": 3, "display": 1})]
    await count(0)
    assert await listed(api) == []


async def test_reasons_of_ones_own_are_put_first(api: Api) -> None:
    unknown = move(api, 1, to_reason="lent")
    await refused(unknown, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field="to_reason")
    reason = {"reason_id": "lent", "name": "Lent to a photographer"}
    put = nw.PutUnavailableReasonRequest(request_id=api.new_id(), unavailable_reason=reason)
    await api.network.PutUnavailableReason(put)
    assert why(await move(api, 1, to_reason="lent")) == {"lent": 1}
    gone = nw.DeleteUnavailableReasonRequest(request_id=api.new_id(), reason_id="lent")
    await api.network.DeleteUnavailableReason(gone)
    assert why(await move(api, 1, "lent")) == {}
    invalid = grpc.StatusCode.INVALID_ARGUMENT
    await refused(move(api, 1, "damaged", "damaged"), invalid, "INVALID_FIELD", field="to_reason")
    await refused(move(api, 0, to_reason="damaged"), invalid, "INVALID_FIELD", field="quantity")
    token = api.inventory.ListUnavailableStock(iv.ListUnavailableStockRequest(page_token="9.x"))
    await refused(token, invalid, "INVALID_PAGE_TOKEN")
    await refused(move(api, 1, to_reason="damaged", sku="moon"), grpc.StatusCode.NOT_FOUND, "SKU_NOT_FOUND")
