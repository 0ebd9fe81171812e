"""StockConfidenceService: validate, convert, call, convert."""

from __future__ import annotations

from typing import Any

from promessa.server import validate
from promessa.server.convert import set_instant
from promessa.service.confidence import Check, Confidence, NodeConfidence
from promessa.v1 import stock_confidence_service_pb2 as messages


class StockConfidenceServicer:
    """The methods of StockConfidenceService."""

    def __init__(self, confidence: Confidence) -> None:
        self._confidence = confidence

    async def RecordStockChecks(
        self, request: messages.RecordStockChecksRequest, context: Any
    ) -> messages.RecordStockChecksResponse:
        problems = validate.item_problems(request, "checks")
        checks = [
            Check(
                each.sku, each.node_id, each.looked_for_quantity, each.found_quantity, problems.get(i) or _problem(each)
            )
            for i, each in enumerate(request.checks)
        ]
        rejected, replayed = await self._confidence.record(request.request_id, checks)
        return messages.RecordStockChecksResponse(
            learned_count=len(checks) - len(rejected),
            rejections=[messages.RejectedStockCheck(position=x.position, detail=x.detail) for x in rejected],
            replayed=replayed,
        )

    async def GetStockConfidence(
        self, request: messages.GetStockConfidenceRequest, context: Any
    ) -> messages.GetStockConfidenceResponse:
        validate.check(request)
        found = await self._confidence.of_sku(request.sku, request.node_ids)
        return messages.GetStockConfidenceResponse(sku=request.sku, nodes=[_node_message(each) for each in found])


def _problem(check: messages.StockCheck) -> str:
    if check.found_quantity > check.looked_for_quantity:
        return "found_quantity: must not be more than looked_for_quantity"
    return ""


def _node_message(found: NodeConfidence) -> messages.NodeStockConfidence:
    message = messages.NodeStockConfidence(
        node_id=found.node_id,
        stock_class=found.stock_class,
        confidence_permille=found.evidence.confidence,
        found_milliunits=found.evidence.found,
        missing_milliunits=found.evidence.missing,
        available_quantity=found.available,
        expected_sellable_quantity=found.expected_sellable,
    )
    if found.last_check_ms:
        set_instant(message.last_check_time, found.last_check_ms)
    return message
