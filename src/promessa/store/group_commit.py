"""Group commit: the mutations that arrive while a call of the store is under way go together in the next call.

One call is one round trip and, with `appendfsync always`, one fsync, whatever it carries; each operation inside succeeds
or is refused by itself. The call, and the WAITAOF that follows it in the `ha` profile, travel on one connection: a
WAITAOF elsewhere would wait for nothing.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import msgpack
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from promessa.domain.errors import Exhausted, PromessaError, Unavailable
from promessa.domain.limits import (
    COMMIT_OPERATIONS_MAX,
    COMMIT_QUEUE_MAX,
    COMMIT_WEIGHT_MAX,
    GATHER_MS_MAX,
    GATHER_OPERATIONS,
    RETENTION_MS,
)
from promessa.store.answers import pack
from promessa.store.functions import APPLY, is_missing_library, library_source

Answer = list[Any]
_BROKEN = (RedisConnectionError, RedisTimeoutError, OSError, asyncio.TimeoutError, asyncio.IncompleteReadError)


class GroupCommit:
    """Runs operations of the Functions library, many in one call.

    `replicas` is the number of replicas whose append-only file must have a change before it is answered (0: none);
    `now_ms` replaces the store's clock, for tests; `on_commit` hears of every call: its seconds and operations.
    """

    def __init__(
        self,
        pool: ConnectionPool,
        keys: Sequence[str],
        *,
        replicas: int = 0,
        replica_timeout_ms: int = 1_000,
        now_ms: Callable[[], int] = lambda: 0,
        retention_ms: int = RETENTION_MS,
        on_commit: Callable[[float, int], None] = lambda seconds, operations: None,
    ) -> None:
        self._pool = pool
        self._prefix = ("FCALL", APPLY, len(keys), *keys)
        self._replicas = replicas
        self._replica_timeout_ms = replica_timeout_ms
        self._now_ms = now_ms
        self._retention_ms = retention_ms
        self._on_commit = on_commit
        self._connection: AbstractConnection | None = None
        self._waiting: deque[tuple[bytes, int, asyncio.Future[Answer]]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def submit(self, operation: Sequence[Any], *, weight: int = 1) -> asyncio.Future[Answer]:
        """Queue one operation; the future has its answer once it is durable.

        `weight` is the number of cells it touches. The change happens even if the caller stops waiting. The future
        fails with STORE_UNAVAILABLE (not sent), OUTCOME_UNKNOWN (sent, no answer), STORE_FULL or OVERLOADED.
        """
        if self._loop is None:
            self._loop = asyncio.get_running_loop()  # once: it is a system call
        future: asyncio.Future[Answer] = self._loop.create_future()
        if len(self._waiting) >= COMMIT_QUEUE_MAX:
            future.set_exception(
                Exhausted("OVERLOADED", "This server has more changes waiting than it can make in time. Retry later.")
            )
            return future
        self._waiting.append((_consecutive(operation), weight, future))
        if self._task is None:
            self._task = self._loop.create_task(self._run())
        return future

    async def close(self) -> None:
        """Finish what is queued, then close the connection."""
        while self._task is not None:
            await self._task
        await self._disconnect()

    async def _run(self) -> None:
        """Call after call, until nothing waits."""
        try:
            while self._waiting:
                await self._gather()
                await self._commit(self._next_batch())
        finally:
            self._task = None

    async def _gather(self) -> None:
        """Several operations came while the last call was under way: as long as more do, let them join these.

        A call costs a busy worker as much as some of them together; a quiet one waits for nobody.
        """
        for _ in range(GATHER_MS_MAX):
            waiting = len(self._waiting)
            if not 1 < waiting < GATHER_OPERATIONS:
                return
            await asyncio.sleep(0.001)
            if len(self._waiting) == waiting:
                return

    def _next_batch(self) -> list[tuple[bytes, asyncio.Future[Answer]]]:
        batch: list[tuple[bytes, asyncio.Future[Answer]]] = []
        weight = 0
        while self._waiting and len(batch) < COMMIT_OPERATIONS_MAX:
            weight += self._waiting[0][1]
            if batch and weight > COMMIT_WEIGHT_MAX:
                break
            operation, _, future = self._waiting.popleft()
            batch.append((operation, future))
        return batch

    async def _commit(self, batch: list[tuple[bytes, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._call([operation for operation, _ in batch])
        except PromessaError as error:
            _fail(batch, error)
        except ResponseError as error:
            if len(batch) == 1:
                _fail(batch, error)
                return
            for single in batch:  # one bad operation must not take the others with it
                await self._commit([single])
        except Exception as error:
            _fail(batch, error)
        else:
            for (_, future), answer in zip(batch, answers, strict=True):
                if not future.cancelled():
                    future.set_result(answer)

    async def _call(self, operations: list[bytes]) -> list[Answer]:
        argument = pack((self._now_ms(), self._retention_ms, *operations))
        command = (*self._prefix, argument)
        connection = await self._connected()
        started = perf_counter()
        try:
            try:
                reply = await self._exchange(connection, command)
            except ResponseError as error:
                if not is_missing_library(error):
                    raise
                await connection.send_command("FUNCTION", "LOAD", "REPLACE", library_source())
                await connection.read_response()
                reply = await self._exchange(connection, command)
        except ResponseError as error:
            raise _refusal(error) from error
        except _BROKEN as error:
            await self._disconnect()
            raise Unavailable(
                "OUTCOME_UNKNOWN",
                "The connection to the store broke before its answer came, so the change may or may not have been made. "
                "Retry with the same request_id: it is made once at most.",
            ) from error
        self._on_commit(perf_counter() - started, len(operations))
        return msgpack.unpackb(reply, raw=True)  # type: ignore[no-any-return]

    async def _exchange(self, connection: AbstractConnection, command: Sequence[Any]) -> bytes:
        if not self._replicas:
            await connection.send_command(*command)
            return await connection.read_response()  # type: ignore[no-any-return]
        wait = ("WAITAOF", 1, self._replicas, self._replica_timeout_ms)
        await connection.send_packed_command(connection.pack_commands([command, wait]))
        try:
            reply = await connection.read_response()
        finally:
            local, replicas = await connection.read_response()
        if local < 1 or replicas < self._replicas:
            raise Unavailable(
                "OUTCOME_UNKNOWN",
                f"The change is made, but only {replicas} of {self._replicas} replicas confirmed it in time, so a "
                "failover could lose it. Retry with the same request_id.",
            )
        return reply  # type: ignore[no-any-return]

    async def _connected(self) -> AbstractConnection:
        if self._connection is None:
            connection = self._pool.make_connection()
            try:
                await connection.connect()
            except (RedisError, *_BROKEN) as error:
                await connection.disconnect(nowait=True)
                raise Unavailable(
                    "STORE_UNAVAILABLE",
                    "The store cannot be reached, so nothing was changed. Retry with the same request_id; if it lasts, "
                    "see `promessa doctor`.",
                ) from error
            self._connection = connection
        return self._connection

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.disconnect(nowait=True)


def _consecutive(values: Sequence[Any]) -> bytes:
    """The values in MessagePack, one after the other: an array without its header."""
    packed = pack(values)
    return packed[1 if len(values) < 16 else 3 :]


def _refusal(error: ResponseError) -> Exception:
    """What a refusal of the whole call means; the error itself if it is none we know."""
    text = str(error)
    if text.startswith(("OOM", "MISCONF")) or "maxmemory" in text:
        return Exhausted(
            "STORE_FULL",
            "The store is full and refuses writes, so nothing was changed. Give it memory or disk space.",
        )
    if text.startswith(("LOADING", "READONLY", "NOREPLICAS", "MASTERDOWN", "BUSY")):
        return Unavailable(
            "STORE_UNAVAILABLE", "The store does not take writes now, so nothing was changed. Retry in a moment."
        )
    return error


def _fail(batch: list[tuple[bytes, asyncio.Future[Answer]]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
            future.exception()  # the caller may be gone; that is no defect
