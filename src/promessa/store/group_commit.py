"""Group commit: the mutations that arrive while a call of the store is under way go together in the next call.

One call is one round trip and, with `appendfsync always`, one fsync, whatever it carries; each operation inside succeeds
or is refused by itself. In the `ha` profile a WAITAOF follows on the same connection, for it waits for the last write of
its own connection. With the call goes a write of the fence: a call that changes nothing, like a second confirmation,
tells of changes that other connections made, and they must be on the replicas, too.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
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
    STORE_SECONDS_MAX,
)
from promessa.store.answers import pack
from promessa.store.functions import APPLY, is_missing_library, library_source

Answer = list[Any]
Operation = Sequence[Any] | bytes
"""The values of an operation; or these in MessagePack, see `consecutive`."""
_NOT_NOW = frozenset(
    ("LOADING", "READONLY", "NOREPLICAS", "MASTERDOWN", "BUSY", "MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN")
)
_BROKEN = (RedisConnectionError, RedisTimeoutError, OSError, asyncio.TimeoutError, asyncio.IncompleteReadError)

FIRST_PATIENCE_MS = 4
"""How long replicas have before they are asked again, then twice as long: some fsyncs of a good disk."""


class GroupCommit:
    """Runs operations of the Functions library, many in one call.

    `replicas` is the number of replicas whose append-only file must have a change before it is answered; with 0 the
    `fence`, a key of the data set, is not written. `now_ms` replaces the store's clock, for tests; `on_commit` hears of
    every call: its seconds and operations; `on_connect` runs before the first call of a connection.
    """

    def __init__(
        self,
        pool: ConnectionPool,
        keys: Sequence[str],
        *,
        replicas: int = 0,
        fence: str = "",
        replica_timeout_ms: int = 1_000,
        now_ms: Callable[[], int] = lambda: 0,
        retention_ms: int = RETENTION_MS,
        on_commit: Callable[[float, int], None] = lambda seconds, operations: None,
        on_connect: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(0),
    ) -> None:
        self._pool = pool
        self._call_head = _command("FCALL", APPLY, str(len(keys)), *keys, more=1)
        self._replicas = replicas
        self._replica_timeout_ms = replica_timeout_ms
        self._fence = _command("SET", fence, "")
        self._now_ms = now_ms
        self._retention_ms = retention_ms
        self._on_commit = on_commit
        self.on_connect = on_connect
        self._connection: AbstractConnection | None = None
        self._waiting: deque[tuple[bytes, int, asyncio.Future[Answer]]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def submit(self, operation: Operation, *, weight: int = 1) -> asyncio.Future[Answer]:
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
        packed = operation if isinstance(operation, bytes) else consecutive(operation)
        self._waiting.append((packed, weight, future))
        if self._task is None:
            self._task = self._loop.create_task(self._run())
        return future

    def instant_ms(self, time: tuple[int, int]) -> int:
        """The instant of a read that asked the store for TIME, by the clock that changes go by."""
        return self._now_ms() or time[0] * 1000 + time[1] // 1000

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
        command = b"%b$%d\r\n%b\r\n" % (self._call_head, len(argument), argument)
        connection = await self._connected()
        started = perf_counter()
        try:
            try:
                async with asyncio.timeout(STORE_SECONDS_MAX):
                    reply = await self._exchange(connection, command)
            except ResponseError as error:
                if not is_missing_library(error):
                    raise
                await connection.send_command("FUNCTION", "LOAD", "REPLACE", library_source())
                await connection.read_response()
                reply = await self._exchange(connection, command)
        except ResponseError as error:
            refusal = _refusal(error)
            if isinstance(refusal, Unavailable):
                await self._disconnect()  # another node may be the primary now: the next connection looks for it
            raise refusal from error
        except Unavailable:
            await self._disconnect()  # this primary may be cut off from its replicas because they have another one
            raise
        except _BROKEN as error:
            await self._disconnect()
            raise Unavailable(
                "OUTCOME_UNKNOWN",
                "The connection to the store broke before its answer came, so the change may or may not have been made. "
                "Retry with the same request_id: it is made once at most.",
            ) from error
        self._on_commit(perf_counter() - started, len(operations))
        return msgpack.unpackb(reply, raw=True)  # type: ignore[no-any-return]

    async def _exchange(self, connection: AbstractConnection, command: bytes) -> bytes:
        if not self._replicas:
            await connection.send_packed_command(command)
            return await connection.read_response()  # type: ignore[no-any-return]
        await connection.send_packed_command(command + self._fence)
        reply, fenced = await _reply(connection), await _reply(connection)
        if isinstance(reply, ResponseError):
            raise reply
        if isinstance(fenced, ResponseError) or not await self._is_on_disks(connection):
            raise Unavailable(
                "OUTCOME_UNKNOWN",
                f"The change is made, but the store and {self._replicas} of its replicas did not confirm in time that it "
                "is on their disks, so a failover could lose it. Retry with the same request_id.",
            )
        return reply  # type: ignore[no-any-return]

    async def _is_on_disks(self, connection: AbstractConnection) -> bool:
        """Wait for the disks of the store and its replicas; False if they take too long, or the store stopped waiting.

        A replica that is asked says what it has synced by then, and by itself only once a second. So WAITAOF comes after
        the call's answer, when the change is on its way, and again after a short time.
        """
        patience_ms, left_ms = FIRST_PATIENCE_MS, self._replica_timeout_ms
        while left_ms > 0:
            await connection.send_command("WAITAOF", 1, self._replicas, min(patience_ms, left_ms))
            confirmed = await _reply(connection)
            if isinstance(confirmed, ResponseError):  # the primary was made a replica, or keeps no file any more
                return False
            if confirmed[0] >= 1 and confirmed[1] >= self._replicas:
                return True
            left_ms -= patience_ms
            patience_ms *= 2
        return False

    async def _connected(self) -> AbstractConnection:
        if self._connection is None:
            connection = self._pool.make_connection()
            try:
                await connection.connect()
                await self.on_connect()
            except (PromessaError, RedisError, *_BROKEN) as error:
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


async def _reply(connection: AbstractConnection) -> Any:
    """A reply, or the error that came in its place."""
    try:
        return await connection.read_response()
    except ResponseError as error:
        return error


def _command(*words: str, more: int = 0) -> bytes:
    """A command as the store reads it, but for so many words `more` that are still to come."""
    raw = [word.encode() for word in words]
    return b"*%d\r\n" % (len(raw) + more) + b"".join([b"$%d\r\n%b\r\n" % (len(word), word) for word in raw])


def consecutive(values: Sequence[Any]) -> bytes:
    """The values in MessagePack, one after the other: an array without its header."""
    packed = pack(values)
    return packed[1 if len(values) < 16 else 3 :]


def _refusal(error: ResponseError) -> Exception:
    """What a refusal of the whole call means; the error itself if it is none we know."""
    code = error.status_code or str(error).partition(" ")[0]
    if code in ("OOM", "MISCONF"):
        return Exhausted(
            "STORE_FULL",
            "The store is full and refuses writes, so nothing was changed. Give it memory or disk space.",
        )
    if code in _NOT_NOW:
        return Unavailable(
            "STORE_UNAVAILABLE", "The store does not take writes now, so nothing was changed. Retry in a moment."
        )
    return error


def _fail(batch: list[tuple[bytes, asyncio.Future[Answer]]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
            future.exception()  # the caller may be gone; that is no defect
