"""The boundary of every method: domain errors become statuses, and calls are counted. A plain wrapper, for an interceptor
costs more than most answers here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from time import perf_counter
from typing import Any, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message

from promessa.domain.errors import Exhausted, InvalidRequest, PromessaError, Unavailable
from promessa.server import metrics, tallies
from promessa.server.status import abort, as_domain_error, code_of

Context = grpc.aio.ServicerContext[Any, Any]
Request = TypeVar("Request")
Response = TypeVar("Response")

STREAMS_PER_CALL = 10
"""Open streams for each call that may be under way: order hubs keep theirs open all day."""

MALFORMED = object()
"""What stands for a request whose bytes are not the message they should be."""


class Boundary:
    """Wraps methods. `calls_max` bounds the calls and messages under way; `draining` refuses new ones."""

    def __init__(self, *, calls_max: int) -> None:
        self._calls_max = calls_max
        self._calls = 0
        self._streams = 0
        self.draining = False

    def unary(
        self, method: str, act: Callable[[Request, Any], Awaitable[Response]]
    ) -> Callable[[Request, Context], Awaitable[Response]]:
        """A method with one request and one response."""
        note = tallies.seconds(metrics.SECONDS.labels(method)).note
        answered = tallies.count(metrics.CALLS.labels(method, "OK"))

        async def bounded(request: Request, context: Context) -> Response:
            started = perf_counter()
            self._calls += 1
            try:
                self._admit(request)
                response = await act(request, context)
                answered.amount += 1
                return response
            except Exception as error:
                await self._refuse(method, error, context)
                raise
            finally:
                self._calls -= 1
                note(perf_counter() - started)

        return bounded

    def streaming(
        self, method: str, act: Callable[[AsyncIterator[Request], Any], AsyncIterator[Response]]
    ) -> Callable[[AsyncIterator[Request], Context], AsyncIterator[Response]]:
        """A method with a stream of requests and a stream of responses."""
        answered = metrics.CALLS.labels(method, "OK").inc

        async def bounded(requests: AsyncIterator[Request], context: Context) -> AsyncIterator[Response]:
            self._streams += 1
            try:
                self._admit(None)
                if self._streams > self._calls_max * STREAMS_PER_CALL:
                    raise _overloaded()
                async for response in act(self._well_formed(requests), context):
                    yield response
                answered()
            except Exception as error:
                await self._refuse(method, error, context)
                raise
            finally:
                self._streams -= 1

        return bounded

    def watching(
        self, method: str, act: Callable[[Request, Context], Awaitable[None]]
    ) -> Callable[[Request, Context], Awaitable[None]]:
        """A method with one request that writes responses until somebody ends it. It has limits of its own: a call that
        waits for years is none under way."""

        async def bounded(request: Request, context: Context) -> None:
            try:
                self._admit(request)
                await act(request, context)
            except Exception as error:
                await self._refuse(method, error, context)
                raise

        return bounded

    def collecting(
        self, method: str, act: Callable[[AsyncIterator[Request], Any], Awaitable[Response]]
    ) -> Callable[[AsyncIterator[Request], Context], Awaitable[Response]]:
        """A method with a stream of requests and one response."""
        return self.unary(method, lambda requests, context: act(self._well_formed(requests), context))

    async def _well_formed(self, requests: AsyncIterator[Request]) -> AsyncIterator[Request]:
        async for request in requests:  # a stream that waits for its next message is no work under way
            self._calls += 1
            try:
                self._admit(request)
                yield request
            finally:
                self._calls -= 1

    def _admit(self, request: object) -> None:
        if request is MALFORMED:
            raise InvalidRequest(
                "MALFORMED_REQUEST",
                "The request cannot be read as the message this method takes. Use the protos of this version.",
            )
        if self.draining:
            raise Unavailable("DRAINING", "This server is shutting down. Retry on another connection.")
        if self._calls > self._calls_max:
            raise _overloaded()

    async def _refuse(self, method: str, error: Exception, context: Context) -> None:
        if isinstance(error, grpc.aio.AbortError):
            return
        found: PromessaError = as_domain_error(error)
        metrics.CALLS.labels(method, code_of(found).name).inc()
        await abort(context, found)


def _overloaded() -> Exhausted:
    return Exhausted("OVERLOADED", "This server has more calls under way than it can finish in time. Retry later.")


def parser(message: type[Message]) -> Callable[[bytes], Any]:
    """A deserializer that lets the boundary answer for bytes that are no such message."""
    parse = message.FromString

    def parsed(body: bytes) -> Any:
        try:
            return parse(body)
        except DecodeError:
            return MALFORMED

    return parsed
