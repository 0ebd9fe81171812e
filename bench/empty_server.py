"""The yardstick: a grpc.aio server on uvloop whose handlers do nothing. Prints its port, and ends with SIGTERM.

It is built like a worker (loop, options, SO_REUSEPORT), takes the same request bytes, and answers `/bench.Empty/<n>`
with n constant bytes. `/bench.Empty/stream` stays open, and `/bench.Empty/push` with `<count> <n>` lets every stream that
is open write so many messages of n bytes. What it costs is what grpc.aio costs; what a worker costs beyond that is ours.
"""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import uvloop

OPTIONS = [
    ("grpc.so_reuseport", 1),
    ("grpc.max_receive_message_length", 4 * 1024 * 1024),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 20_000),
    ("grpc.max_concurrent_streams", 1_000),
    ("grpc.server.max_pending_requests", 100_000),
    ("grpc.server.max_pending_requests_hard_limit", 100_000),
]
"""Those of a worker (promessa.server.bootstrap); a test compares them."""

GARBAGE_THRESHOLDS = (50_000, 20, 100)
"""As a worker's; the same test compares them."""

ANSWER_BYTES_MAX = 4 * 1024 * 1024
PREFIX = "/bench.Empty/"
STREAM, PUSH = f"{PREFIX}stream", f"{PREFIX}push"


class Handlers(dict[str, grpc.RpcMethodHandler]):
    """A handler by method name, for every answer size; made when it is first called, and found in one step then."""

    def __missing__(self, method: str) -> grpc.RpcMethodHandler:
        size = int(method.removeprefix(PREFIX))
        assert 0 <= size <= ANSWER_BYTES_MAX
        self[method] = grpc.unary_unary_rpc_method_handler(_constant(bytes(size)))
        return self[method]


class EmptyService(grpc.GenericRpcHandler):
    """What finds the handler of a call, as lean as it can be."""

    def __init__(self) -> None:
        self._handlers = Handlers()
        streams = Streams()
        self._handlers[STREAM] = grpc.unary_stream_rpc_method_handler(streams.stream)
        self._handlers[PUSH] = grpc.unary_unary_rpc_method_handler(streams.push)

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        return self._handlers[handler_call_details.method]


class Streams:
    """Streams that write when they are told to."""

    def __init__(self) -> None:
        self._told: list[asyncio.Queue[list[bytes]]] = []

    async def stream(self, request: bytes, context: Any) -> None:
        told: asyncio.Queue[list[bytes]] = asyncio.Queue()
        self._told.append(told)
        await context.write(b"")
        try:
            while True:
                for message in await told.get():
                    await context.write(message)
        finally:
            self._told.remove(told)

    async def push(self, request: bytes, context: Any) -> bytes:
        count, size = map(int, request.split())
        messages = [bytes(size)] * count
        for told in self._told:
            told.put_nowait(messages)
        return b""


def _constant(answer: bytes) -> Callable[[bytes, Any], Awaitable[bytes]]:
    async def empty(request: bytes, context: Any) -> bytes:
        return answer

    return empty


async def serve() -> None:
    server = grpc.aio.server(options=OPTIONS)
    server.add_generic_rpc_handlers((EmptyService(),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    gc.freeze()
    print(port, flush=True)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    await server.stop(None)


if __name__ == "__main__":
    uvloop.run(serve())
