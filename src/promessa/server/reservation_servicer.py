"""ReservationService: validate, convert, call, convert."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from typing import Any

from promessa.domain.errors import NotFound, PromessaError
from promessa.domain.limits import PAGE_SIZE_DEFAULT, STREAM_RESERVATIONS_MAX
from promessa.domain.reservation import ReservationFilters
from promessa.domain.token import make_token
from promessa.server import validate
from promessa.server._answers import reserve_response, reserve_stream_response
from promessa.server.convert import (
    claim,
    duration_ms,
    moves_of,
    placed_lines,
    reservation_message,
    reserve_message,
    short_message,
    stock_lines,
    ttl_ms,
)
from promessa.server.paging import page_position, page_token
from promessa.server.status import as_domain_error, error_message
from promessa.service.promises import Promises
from promessa.service.reservations import Reservations
from promessa.service.terms import Terms
from promessa.store.store import Reserved
from promessa.v1 import reservation_service_pb2 as messages


class ReservationServicer:
    """The methods of ReservationService."""

    def __init__(self, reservations: Reservations, promises: Promises) -> None:
        self._reservations = reservations
        self._promises = promises
        self._catalogue = reservations.keeper.catalogue

    async def Reserve(self, request: messages.ReserveRequest, context: Any) -> messages.ReserveResponse | bytes:
        validate.check(request)
        if _counts_on_inbound(request):
            return await self._bound(await self._promise(request))
        reserved = await self._submit(request)
        return reserve_response(
            reserved, self._reservations.store.epoch, self._catalogue.skus.ids, self._catalogue.nodes.ids
        )

    async def ReserveStream(
        self, requests: AsyncIterator[messages.ReserveStreamRequest], context: Any
    ) -> AsyncIterator[bytes]:
        async for request in requests:
            _check_stream(request)
            yield await self._reserve_all(request)

    async def Confirm(self, request: messages.ConfirmRequest, context: Any) -> messages.ConfirmResponse:
        validate.check(request)
        changed = await self._reservations.confirm(
            request.request_id,
            request.reservation_id,
            stock_lines(request.lines),
            order_id=request.order_id,
            reacquire=request.reacquire,
        )
        return messages.ConfirmResponse(**await self._changed(changed))

    async def Extend(self, request: messages.ExtendRequest, context: Any) -> messages.ExtendResponse:
        validate.check(request)
        changed = await self._reservations.extend(
            request.request_id, request.reservation_id, ttl_ms=duration_ms(request.ttl)
        )
        return messages.ExtendResponse(**await self._changed(changed))

    async def Release(self, request: messages.ReleaseRequest, context: Any) -> messages.ReleaseResponse:
        validate.check(request)
        changed = await self._reservations.release(
            request.request_id, request.reservation_id, stock_lines(request.lines)
        )
        return messages.ReleaseResponse(**await self._changed(changed))

    async def Fulfill(self, request: messages.FulfillRequest, context: Any) -> messages.FulfillResponse:
        validate.check(request)
        changed = await self._reservations.fulfill(
            request.request_id, request.reservation_id, stock_lines(request.lines)
        )
        return messages.FulfillResponse(**await self._changed(changed))

    async def Transfer(self, request: messages.TransferRequest, context: Any) -> messages.TransferResponse:
        validate.check(request)
        for i, move in enumerate(request.moves):
            if move.from_node_id == move.to_node_id:
                raise validate.InvalidFields([(f"moves[{i}].to_node_id", "must be another node than from_node_id")])
        moved = await self._reservations.transfer(request.request_id, request.reservation_id, moves_of(request))
        return messages.TransferResponse(
            outcome=messages.TRANSFER_OUTCOME_REFUSED if moved.short else messages.TRANSFER_OUTCOME_TRANSFERRED,
            shortfalls=[short_message(short, self._catalogue) for short in moved.short],
            **await self._changed(moved.reserved),
        )

    async def GetReservation(
        self, request: messages.GetReservationRequest, context: Any
    ) -> messages.GetReservationResponse:
        validate.check(request)
        found = await self._reservations.get(request.reservation_id)
        if found is None:
            raise NotFound(
                "RESERVATION_NOT_FOUND",
                f"There is no reservation {request.reservation_id!r}, or its record is past the retention time. Check the id.",
                reservation_id=request.reservation_id,
            )
        return messages.GetReservationResponse(
            reservation=reservation_message(found, self._catalogue, await self._promises.waits([found]))
        )

    async def ListReservations(
        self, request: messages.ListReservationsRequest, context: Any
    ) -> messages.ListReservationsResponse:
        validate.check(request)
        page, token = await self._reservations.list_page(
            page_token=page_position(request),
            page_size=request.page_size or PAGE_SIZE_DEFAULT,
            filters=ReservationFilters(
                states=frozenset(request.states),
                owner_id=request.owner_id,
                order_id=request.order_id,
                age_ms_min=duration_ms(request.min_age),
            ),
            sku=request.sku,
            node_id=request.node_id,
        )
        waits = await self._promises.waits(page)
        return messages.ListReservationsResponse(
            reservations=[reservation_message(found, self._catalogue, waits) for found in page],
            next_page_token=page_token(request, token),
        )

    async def _reserve_all(self, request: messages.ReserveStreamRequest) -> bytes:
        """All reservations of a message, sent off before any is waited for: they go to the store together.

        The rules are checked for the whole message first, and one by one only if something is wrong somewhere.
        """
        all_valid = not validate.violations_of(request)
        pending = [self._submit_or_error(each, checked=all_valid) for each in request.reservations]
        results = [await self._result(asked, each) for asked, each in zip(request.reservations, pending, strict=True)]
        return reserve_stream_response(
            results, self._reservations.store.epoch, self._catalogue.skus.ids, self._catalogue.nodes.ids
        )

    async def _result(
        self, asked: messages.ReserveRequest, sent: Awaitable[Reserved] | PromessaError
    ) -> Reserved | bytes:
        """What became of one reservation of a message, as reserve_stream_response takes it."""
        try:
            if isinstance(sent, PromessaError):
                raise sent
            reserved = await sent
            if not _counts_on_inbound(asked):
                return reserved
            result = messages.ReserveStreamResult(response=await self._bound(reserved))
        except Exception as error:
            result = messages.ReserveStreamResult(error=error_message(as_domain_error(error)))
        return result.SerializeToString()

    def _submit_or_error(
        self, request: messages.ReserveRequest, *, checked: bool
    ) -> Awaitable[Reserved] | PromessaError:
        try:
            if not checked:
                validate.check(request)
            return self._promise(request) if _counts_on_inbound(request) else self._submit(request)
        except PromessaError as error:
            return error

    def _submit(self, request: messages.ReserveRequest) -> Awaitable[Reserved]:
        """Send a reservation that keeps its rules off to the store."""
        terms, lines = _terms(request), stock_lines(request.lines)
        if "" in [node_id for _, node_id, _ in lines]:  # then it names a group
            return self._reservations.reserve_in_groups(request.request_id, placed_lines(request.lines), terms)
        return self._reservations.reserve(request.request_id, lines, terms)

    def _promise(self, request: messages.ReserveRequest) -> Awaitable[Reserved]:
        """Send off a reservation that counts on what is to come, at nodes named."""
        for i, line in enumerate(request.lines):
            if not line.node_id:
                raise validate.InvalidFields([(f"lines[{i}].node_id", "is needed with latest_date or allow_backorder")])
        return self._promises.reserve(request.request_id, stock_lines(request.lines), _terms(request))

    async def _bound(self, reserved: Reserved) -> messages.ReserveResponse:
        waits = await self._promises.waits([reserved.reservation])
        return reserve_message(reserved, self._catalogue, self._reservations.store.epoch, waits)

    async def _changed(self, changed: Reserved) -> dict[str, Any]:
        waits = await self._promises.waits([changed.reservation])
        return {
            "reservation": reservation_message(changed.reservation, self._catalogue, waits),
            "token": make_token(self._reservations.store.epoch, changed.positions),
            "replayed": changed.replayed,
        }


def _counts_on_inbound(request: messages.ReserveRequest) -> bool:
    return bool(request.latest_date or request.allow_backorder)


def _terms(request: messages.ReserveRequest) -> Terms:
    return Terms(
        request.mode != messages.RESERVE_MODE_PARTIAL,
        ttl_ms(request),
        request.owner_id,
        request.order_id,
        request.hold_rule_id,
        channel=claim(request).text,
        latest_date=request.latest_date,
        allow_backorder=request.allow_backorder,
    )


def _check_stream(request: messages.ReserveStreamRequest) -> None:
    """The rules of the message itself; those of its reservations are each one's own."""
    count = len(request.reservations)
    if not 1 <= count <= STREAM_RESERVATIONS_MAX:
        rule = f"must contain at least 1 and at most {STREAM_RESERVATIONS_MAX} items"
        raise validate.InvalidFields([("reservations", rule)])
    if len({each.request_id for each in request.reservations}) < count:
        raise validate.InvalidFields([("reservations", "every request_id must be there once only")])
