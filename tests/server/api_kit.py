"""A client of everything over one channel, and how its refusals are looked at."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import availability_service_pb2_grpc as av_grpc
from promessa.v1 import error_reason_pb2
from promessa.v1 import inventory_pb2 as stock
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import inventory_service_pb2_grpc as iv_grpc
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import network_service_pb2_grpc as nw_grpc
from promessa.v1 import policy_service_pb2_grpc as po_grpc
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import reservation_service_pb2_grpc as rs_grpc
from promessa.v1 import sourcing_service_pb2_grpc as so_grpc


class Api:
    """All stubs, and ids that are new each time."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.availability = av_grpc.AvailabilityServiceStub(channel)
        self.reservation = rs_grpc.ReservationServiceStub(channel)
        self.inventory = iv_grpc.InventoryServiceStub(channel)
        self.network = nw_grpc.NetworkServiceStub(channel)
        self.policies = po_grpc.PolicyServiceStub(channel)
        self.sourcing = so_grpc.SourcingServiceStub(channel)
        self._count = 0

    def new_id(self) -> str:
        self._count += 1
        return f"request-{self._count:06d}"

    async def shop(self, *, units: int = 10) -> None:
        """Nodes a and b with `units` cups each, and lanes to São Paulo."""
        for node_id in "ab":
            await self.network.PutNode(nw.PutNodeRequest(request_id=self.new_id(), node={"node_id": node_id}))
        await self.network.PutSku(nw.PutSkuRequest(request_id=self.new_id(), sku={"sku": "cup", "weight_grams": 400}))
        card = {
            "rate_card_id": "card",
            "currency_code": "BRL",
            "brackets": [{"max_weight_grams": 9_000, "price_micros": 7}],
        }
        await self.network.PutRateCard(nw.PutRateCardRequest(request_id=self.new_id(), rate_card=card))
        for node_id in "ab":
            lane = {
                "lane_id": f"lane-{node_id}",
                "node_id": node_id,
                "country_code": "BR",
                "postal_code_prefixes": ["0"],
                "rate_card_id": "card",
            }
            await self.network.PutLane(nw.PutLaneRequest(request_id=self.new_id(), lane=lane))
        await self.count("a", units)
        await self.count("b", units)

    async def count(self, node_id: str, units: int) -> iv.SetOnHandResponse:
        request = iv.SetOnHandRequest(
            request_id=self.new_id(), count={"sku": "cup", "node_id": node_id, "on_hand_quantity": units}
        )
        return await self.inventory.SetOnHand(request)

    async def reserve(self, units: int = 1, **fields: Any) -> rs.ReserveResponse:
        fields.setdefault("request_id", self.new_id())
        fields.setdefault("lines", [{"sku": "cup", "node_id": "a", "quantity": units}])
        return await self.reservation.Reserve(rs.ReserveRequest(**fields))


def error_of(error: grpc.aio.AioRpcError) -> tuple[str, dict[str, str]]:
    """Reason and metadata of the ErrorInfo that every status carries."""
    status = rpc_status.from_call(error)  # type: ignore[arg-type]
    assert status is not None, f"no details: {error.code()} {error.details()}"
    info = error_details_pb2.ErrorInfo()
    assert any(detail.Unpack(info) for detail in status.details)
    assert info.domain == "promessa"
    assert len(error.details() or "") > 20
    error_reason_pb2.ErrorReason.Value(f"ERROR_REASON_{info.reason}")
    return info.reason, dict(info.metadata)


async def refused(call: Any, code: grpc.StatusCode, reason: str, **metadata: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    assert caught.value.code() == code, caught.value.details()
    found, values = error_of(caught.value)
    assert found == reason
    assert metadata.items() <= values.items()


def stock_delta(units: int) -> stock.StockDelta:
    return stock.StockDelta(sku="cup", node_id="a", delta_quantity=units)


def token_read(token: str, **more: Any) -> av.GetAvailabilityRequest:
    return av.GetAvailabilityRequest(sku="cup", consistency={"at_least_token": token}, **more)
