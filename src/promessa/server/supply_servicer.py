"""SupplyService: validate, convert, call, convert."""

from __future__ import annotations

from typing import Any

from promessa.domain.limits import PAGE_SIZE_DEFAULT
from promessa.domain.supply import Inbound, InboundState, OverduePolicy, text_of_day
from promessa.domain.token import make_token
from promessa.server import validate
from promessa.server.convert import timestamp
from promessa.server.paging import page_position, page_token
from promessa.service.supply import Name, Supply
from promessa.store.store import Store
from promessa.store.supply_store import Supplied
from promessa.v1 import supply_pb2
from promessa.v1 import supply_service_pb2 as messages


class SupplyServicer:
    """The methods of SupplyService. `store` knows the epoch of tokens."""

    def __init__(self, supply: Supply, store: Store) -> None:
        self._supply = supply
        self._store = store

    async def PutInboundSupply(
        self, request: messages.PutInboundSupplyRequest, context: Any
    ) -> messages.PutInboundSupplyResponse:
        validate.check(request)
        inbound = request.inbound_supply
        if inbound.overdue_policy.slip_days and inbound.overdue_policy.action != supply_pb2.OVERDUE_ACTION_SLIP:
            raise validate.InvalidFields(
                [("inbound_supply.overdue_policy.slip_days", "must be 0 unless it is to SLIP")]
            )
        changed = await self._supply.put(
            request.request_id,
            _name(inbound),
            kind=inbound.kind,
            quantity=inbound.quantity,
            date=inbound.expected_date,
            policy=_policy(inbound),
        )
        return messages.PutInboundSupplyResponse(**self._changed(changed, inbound))

    async def ReceiveInboundSupply(
        self, request: messages.ReceiveInboundSupplyRequest, context: Any
    ) -> messages.ReceiveInboundSupplyResponse:
        validate.check(request)
        if not request.quantity and not request.last_delivery:
            raise validate.InvalidFields([("quantity", "must not be zero unless it is the last_delivery")])
        changed = await self._supply.receive(
            request.request_id, _name(request), quantity=request.quantity, last=request.last_delivery
        )
        return messages.ReceiveInboundSupplyResponse(**self._changed(changed, request))

    async def CancelInboundSupply(
        self, request: messages.CancelInboundSupplyRequest, context: Any
    ) -> messages.CancelInboundSupplyResponse:
        validate.check(request)
        changed = await self._supply.cancel(request.request_id, _name(request))
        return messages.CancelInboundSupplyResponse(**self._changed(changed, request))

    async def SetOrderLimits(
        self, request: messages.SetOrderLimitsRequest, context: Any
    ) -> messages.SetOrderLimitsResponse:
        validate.check(request)
        limits = await self._supply.set_order_limits(
            request.request_id,
            sku=request.sku,
            node_id=request.node_id,
            backorder=request.backorder_limit_quantity,
            preorder=request.preorder_limit_quantity if request.HasField("preorder_limit_quantity") else None,
        )
        return messages.SetOrderLimitsResponse(
            token=make_token(self._store.epoch, limits.positions), replayed=limits.replayed
        )

    async def GetOrderLimits(
        self, request: messages.GetOrderLimitsRequest, context: Any
    ) -> messages.GetOrderLimitsResponse:
        validate.check(request)
        found = await self._supply.order_limits(sku=request.sku, node_id=request.node_id)
        return messages.GetOrderLimitsResponse(
            backorder_limit_quantity=found.allowance.to_come if found.allowance else 0,
            backordered_quantity=found.allowance.bound if found.allowance else 0,
            preorder_limit_quantity=found.preorder_limit,
            preordered_quantity=sum(inbound.bound for inbound in found.inbound),
        )

    async def GetInboundSupply(
        self, request: messages.GetInboundSupplyRequest, context: Any
    ) -> messages.GetInboundSupplyResponse:
        validate.check(request)
        found = await self._supply.get(_name(request))
        return messages.GetInboundSupplyResponse(
            inbound_supply=self._message(found, sku=request.sku, node_id=request.node_id)
        )

    async def ListInboundSupply(
        self, request: messages.ListInboundSupplyRequest, context: Any
    ) -> messages.ListInboundSupplyResponse:
        validate.check(request)
        page, token = await self._supply.list_page(
            page_token=page_position(request),
            page_size=request.page_size or PAGE_SIZE_DEFAULT,
            sku=request.sku,
            node_id=request.node_id,
            states=request.states,
        )
        catalogue = self._supply.keeper.catalogue
        return messages.ListInboundSupplyResponse(
            inbound_supplies=[
                self._message(each, sku=catalogue.skus.ids[each.sku_ix], node_id=catalogue.nodes.ids[each.node_ix])
                for each in page
            ],
            next_page_token=page_token(request, token),
        )

    def _changed(self, changed: Supplied, named: Any) -> dict[str, Any]:
        return {
            "inbound_supply": self._message(changed.inbound, sku=named.sku, node_id=named.node_id),
            "token": make_token(self._store.epoch, changed.positions),
            "replayed": changed.replayed,
        }

    def _message(self, inbound: Inbound, *, sku: str, node_id: str) -> supply_pb2.InboundSupply:
        message = supply_pb2.InboundSupply(
            inbound_id=inbound.inbound_id,
            sku=sku,
            node_id=node_id,
            kind=inbound.kind,
            quantity=inbound.quantity,
            expected_date=text_of_day(inbound.day),
            received_quantity=inbound.received,
            open_quantity=inbound.to_come,
            bound_quantity=inbound.bound,
            state=self._supply.state_of(inbound),
            update_time=timestamp(inbound.updated_ms),
        )
        if inbound.policy is not None:
            message.overdue_policy.action = inbound.policy.action
            message.overdue_policy.slip_days = inbound.policy.slip_days
        day, units = self._supply.expected(inbound)
        if units and inbound.state == InboundState.EXPECTED:
            message.promise_date, message.promise_quantity = text_of_day(day), units
        return message


def _name(message: Any) -> Name:
    return message.sku, message.node_id, message.inbound_id


def _policy(message: supply_pb2.InboundSupply) -> OverduePolicy | None:
    if not message.HasField("overdue_policy"):
        return None
    return OverduePolicy(message.overdue_policy.action, message.overdue_policy.slip_days)
