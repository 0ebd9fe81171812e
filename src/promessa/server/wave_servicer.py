"""SourceStream: a wave in, planned and held; its answers and the report out, before the next wave is read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from promessa.domain.catalogue import Catalogue
from promessa.domain.errors import PromessaError
from promessa.domain.limits import (
    WAVE_ANSWER_BYTES_MAX,
    WAVE_ORDERS_MAX,
    WAVE_PRICES_MAX,
    WAVE_ROUNDS_DEFAULT,
)
from promessa.domain.sourcing import Plan
from promessa.server import source_request, validate
from promessa.server.convert_sourcing import plan_message
from promessa.server.source_request import SourceRequest
from promessa.server.sourcing_servicer import SourcingServicer
from promessa.server.status import as_domain_error, error_message
from promessa.service.network_view import NetworkView
from promessa.service.pace import Pace
from promessa.service.wave_ledger import ORDERS, UNITS, Resource
from promessa.service.waves import Result, WaveOrder, WaveReport, Waves, WaveSettings
from promessa.v1 import sourcing_service_pb2 as messages
from promessa.v1 import wave_pb2 as nouns

Asked = SourceRequest | PromessaError


class WaveServicer:
    """The part of SourcingService that plans waves. `sourcing` answers for each order as SourceAndReserve does."""

    def __init__(self, waves: Waves, sourcing: SourcingServicer, catalogue: Catalogue, view: NetworkView) -> None:
        self._waves = waves
        self._sourcing = sourcing
        self._catalogue = catalogue
        self._view = view

    async def SourceStream(
        self, requests: AsyncIterator[messages.SourceStreamRequest], context: Any
    ) -> AsyncIterator[messages.SourceStreamResponse]:
        settings: WaveSettings | None = None
        async for request in requests:
            asked = await _orders(request)
            if settings is None:
                settings = _settings(request.settings)
            elif request.HasField("settings"):
                raise validate.InvalidFields([("settings", "must be given in the first message alone")])
            orders = [each if isinstance(each, PromessaError) else _wave_order(each) for each in asked]
            results, report = await self._waves.run(orders, settings)
            pace, told = Pace(), []
            for each in zip(asked, results, strict=True):
                told.append(await self._result(*each))
                await pace.rest_if_due()
            *most, last = _in_pieces(told)
            for answer in most:
                yield answer
            last.report.CopyFrom(self._report(report))
            yield last

    async def _result(self, asked: Asked, result: Result) -> messages.SourceStreamResult:
        """What is told of an order."""
        if isinstance(result, Exception):
            return messages.SourceStreamResult(error=error_message(as_domain_error(result)))
        if isinstance(result, Plan):
            plan = plan_message(result, self._catalogue)
            return messages.SourceStreamResult(response=messages.SourceAndReserveResponse(plan=plan, attempt_count=1))
        assert isinstance(asked, SourceRequest)
        found = messages.SourceStreamResult()
        found.response.MergeFromString(await self._sourcing.told(asked, result))
        return found

    def _report(self, report: WaveReport) -> nouns.WaveReport:
        days = [resource for resource in report.scarce if resource[0] in (UNITS, ORDERS)]
        return nouns.WaveReport(
            planned_order_count=report.planned,
            replayed_order_count=report.replayed,
            failed_order_count=report.failed,
            changed_order_count=report.changed,
            unserved_quantity=report.value.unserved,
            cost_micros=report.value.cost,
            one_by_one_unserved_quantity=report.one_by_one.unserved,
            one_by_one_cost_micros=report.one_by_one.cost,
            lower_bound_micros=report.lower_bound,
            currency_code=self._view.currency_code,
            round_count=report.rounds,
            scarce_cell_count=len(report.scarce) - len(days),
            scarce_day_count=len(days),
            prices=[self._price(*each) for each in report.prices[:WAVE_PRICES_MAX]],
        )

    def _price(self, resource: Resource, micros: int) -> nouns.WavePrice:
        sku_ix, node_ix = resource
        sku = "" if sku_ix in (UNITS, ORDERS) else self._catalogue.skus.ids[sku_ix]
        return nouns.WavePrice(node_id=self._catalogue.nodes.ids[node_ix], sku=sku, price_micros=micros)


def _settings(message: nouns.WaveSettings) -> WaveSettings:
    violations = validate.violations_of(message)
    if violations:
        raise validate.InvalidFields([(f"settings.{field}", rule) for field, rule in violations])
    return WaveSettings(message.rounds_max or WAVE_ROUNDS_DEFAULT, message.plan_only)


async def _orders(request: messages.SourceStreamRequest) -> list[Asked]:
    """The orders of a wave; one that breaks a rule is an error in its place. Raises InvalidFields for the message itself."""
    if len(request.orders) > WAVE_ORDERS_MAX:
        raise validate.InvalidFields([("orders", f"must contain at most {WAVE_ORDERS_MAX} items")])
    if len({each.request_id for each in request.orders}) < len(request.orders):
        raise validate.InvalidFields([("orders", "every request_id must be there once only")])
    pace, found = Pace(), list[Asked]()
    for message in request.orders:
        try:
            found.append(source_request.checked(message))
        except PromessaError as error:
            found.append(error)
        await pace.rest_if_due()
    return found


def _wave_order(asked: SourceRequest) -> WaveOrder:
    return WaveOrder(asked.request_id, asked.order, asked.terms, asked.allow_partial, asked.redemption)


def _in_pieces(results: Sequence[messages.SourceStreamResult]) -> Iterator[messages.SourceStreamResponse]:
    """The results in messages that a client takes."""
    piece, size = messages.SourceStreamResponse(), 0
    for each in results:
        if size > WAVE_ANSWER_BYTES_MAX:
            yield piece
            piece, size = messages.SourceStreamResponse(), 0
        piece.results.append(each)
        size += each.ByteSize()
    yield piece
