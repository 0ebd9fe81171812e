"""Sending accepted rows: counts as snapshots in a few streams at once, everything else as many calls at once.

Request ids are made of the file's content hash, so that importing the same file again repeats the same requests; those of
deltas in a named batch of the row itself, so that its other rows may change.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, NamedTuple
from zlib import crc32

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from promessa.cli.connections import CALL_SECONDS, PASSING, PATIENCE_SECONDS, Connections
from promessa.cli.failure import of_rpc
from promessa.cli.import_kinds import DELTAS, SKUS, Kind
from promessa.cli.import_readers import Problem, Row, problem
from promessa.v1 import inventory_pb2 as inventory
from promessa.v1 import inventory_service_pb2, network_service_pb2

CALLS_IN_FLIGHT = 96
STREAMS = 4
BLOCKS_PER_STREAM = 10
QUEUE_MAX = 8
DIFFERENCES_MAX = 1_000
_NOT_THERE_YET = (inventory.FEED_OUTCOME_UNKNOWN_SKU, inventory.FEED_OUTCOME_UNKNOWN_NODE)
REFUSALS = (
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.OUT_OF_RANGE,
)

Accepted = tuple[Row, Any]
Numbered = tuple[Row, Any, str]
"""A row, its message, and its request id."""

Reject = Callable[[Row, Problem], None]


class Difference(NamedTuple):
    """A row of stock that would change its cell, and the units on hand before and after."""

    line: int
    sku: str
    node_id: str
    before: int
    after: int


class Counts:
    """What became of the rows of one file on the server; in a dry run, how many would change and which first."""

    def __init__(self) -> None:
        self.applied = 0
        self.unchanged = 0
        self.stale = 0
        self.changed = 0
        self.differences: list[Difference] = []


def of_outcome(outcome: int, message: Any, on_hand: int = 0, detail: str = "") -> Problem:
    """Why the server did not apply a count or a delta."""
    known: dict[int, tuple[str, object]] = {
        inventory.FEED_OUTCOME_UNKNOWN_SKU: ("unknown_sku", getattr(message, "sku", "")),
        inventory.FEED_OUTCOME_UNKNOWN_NODE: ("unknown_node", getattr(message, "node_id", "")),
        inventory.FEED_OUTCOME_INSUFFICIENT_ON_HAND: ("insufficient", on_hand),
        inventory.FEED_OUTCOME_OVERFLOW: ("overflow", ""),
        inventory.FEED_OUTCOME_IS_KIT: ("is_kit", getattr(message, "sku", "")),
    }
    key, value = known.get(outcome, ("server", detail or inventory.FeedOutcome.Name(outcome)))
    return problem(key, value=value)


class RequestIds:
    """The request ids of a file's rows: by the file and the line, or in a named batch by the row."""

    def __init__(self, file_hash: str, batch: str = "") -> None:
        self._file = file_hash
        self._batch = hashlib.sha256(batch.encode()).hexdigest()[:16] if batch else ""
        self._seen: Counter[bytes] = Counter()

    def of(self, row: Row, message: Any) -> str:
        """The id of the next row. In a batch, the first, second, ... row that says the same has the same id in every file."""
        if not self._batch:
            return f"import-{self._file}-{row.line}"
        said = hashlib.sha256(message.SerializeToString(deterministic=True)).digest()[:12]
        self._seen[said] += 1
        return f"import-{self._batch}-{said.hex()}-{self._seen[said]}"


class CallSender:
    """One call a row, many at once; rows of one key go one after another, in the order of the file."""

    def __init__(
        self, kind: Kind, connections: Connections, request_ids: RequestIds, counts: Counts, reject: Reject
    ) -> None:
        self._kind = kind
        self._connections = connections
        self._request_ids = request_ids
        self._counts = counts
        self._reject = reject
        self._queues: list[asyncio.Queue[Numbered | None]] = [asyncio.Queue(QUEUE_MAX) for _ in range(CALLS_IN_FLIGHT)]
        self._tasks = [asyncio.create_task(self._work(queue)) for queue in self._queues]

    async def send(self, block: Sequence[Accepted]) -> None:
        """Take rows; waits while too many are under way."""
        refers = [self._kind is SKUS and bool(message.kit or message.substitutes) for _, message in block]
        await self._put([item for item, late in zip(block, refers, strict=True) if not late])
        if any(refers):  # to skus that may be on their way
            await self._all_answered()
            await self._put([item for item, late in zip(block, refers, strict=True) if late])

    async def _all_answered(self) -> None:
        """Wait until nothing is under way. Raises what ended a task."""
        idle = asyncio.gather(*[queue.join() for queue in self._queues])
        waiting: set[asyncio.Future[Any]] = {idle, *self._tasks}
        while not idle.done():
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {idle}:
                waiting.discard(task)
                if (error := task.exception()) is not None:
                    idle.cancel()
                    raise error

    async def _put(self, block: Sequence[Accepted]) -> None:
        for row, message in block:
            key = "|".join(getattr(message, name) for name in self._kind.key)
            item = (row, message, self._request_ids.of(row, message))
            await put_or_fail(self._queues[crc32(key.encode()) % CALLS_IN_FLIGHT], item, self._tasks)

    async def finish(self) -> None:
        """Wait until everything is answered."""
        for queue in self._queues:
            await put_or_fail(queue, None, self._tasks)
        await asyncio.gather(*self._tasks)

    def cancel(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _work(self, queue: asyncio.Queue[Numbered | None]) -> None:
        while (item := await queue.get()) is not None:
            await self._send_one(*item)
            queue.task_done()

    async def _send_one(self, row: Row, message: Any, request_id: str) -> None:
        try:
            if self._kind is DELTAS:
                await self._adjust(row, message, request_id)
                return
            make: Any = getattr(network_service_pb2, f"{self._kind.method}Request")
            request = make(request_id=request_id, **{self._kind.field: message})
            answer = await self._connections.call("network", self._kind.method, request)
        except grpc.aio.AioRpcError as error:
            if error.code() not in REFUSALS:
                raise of_rpc(error, address=self._connections.address) from None
            self._reject(row, problem("server", value=error.details()))
            return
        if answer.replayed:
            self._counts.unchanged += 1
        else:
            self._counts.applied += 1

    async def _adjust(self, row: Row, message: Any, request_id: str) -> None:
        request = inventory_service_pb2.AdjustStockRequest(request_id=request_id, delta=message, reason="import")
        answer = await self._connections.call("inventory", "AdjustStock", request)
        if answer.outcome == inventory.FEED_OUTCOME_ABSORBED:
            self._counts.stale += 1
        elif answer.outcome != inventory.FEED_OUTCOME_APPLIED:
            self._reject(row, of_outcome(answer.outcome, message, answer.cell.on_hand_quantity))
        elif answer.replayed:
            self._counts.unchanged += 1
        else:
            self._counts.applied += 1


class Moment(NamedTuple):
    """When stock was counted, and by whom."""

    as_of: Timestamp
    source_id: str


class SnapshotSender:
    """Blocks of counts in snapshot streams, a few streams at once.

    The blocks of a stream are kept until it is answered, so that a broken stream is sent again with the same id; the
    server applies what it has not applied yet. In a dry run the server only says what it would do.
    """

    def __init__(
        self,
        connections: Connections,
        file_hash: str,
        moment: Moment,
        counts: Counts,
        reject: Reject,
        *,
        dry_run: bool = False,
    ) -> None:
        self._dry_run = dry_run
        self._connections = connections
        # The same counts of another moment are another snapshot.
        self._request_id = f"import-{file_hash[:24]}-{moment.as_of.ToMilliseconds()}"
        self._moment = moment
        self._counts = counts
        self._reject = reject
        self._queue: asyncio.Queue[Sequence[Accepted] | None] = asyncio.Queue(QUEUE_MAX)
        self._tasks = [asyncio.create_task(self._work()) for _ in range(STREAMS)]

    async def send(self, block: Sequence[Accepted]) -> None:
        """Take a block of at most 1,000 rows; waits while too many are under way."""
        await put_or_fail(self._queue, block, self._tasks)

    async def finish(self) -> None:
        """Wait until everything is answered."""
        for _ in self._tasks:
            await put_or_fail(self._queue, None, self._tasks)
        await asyncio.gather(*self._tasks)

    def cancel(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _work(self) -> None:
        more = True
        while more:
            blocks: list[Sequence[Accepted]] = []
            while len(blocks) < BLOCKS_PER_STREAM:
                block = await self._queue.get()
                if block is None:
                    more = False
                    break
                blocks.append(block)
            if blocks:
                await self._send_stream(blocks)

    async def _send_stream(self, blocks: Sequence[Sequence[Accepted]]) -> None:
        answer = await self._until_answered(blocks)
        if answer.rejected_count == len(answer.rejections):
            self._count(answer, [pair for block in blocks for pair in block])
            return
        for block in blocks:  # the list was cut: ask for the first answers again, block by block
            self._count(await self._until_answered([block]), block)

    async def _messages(
        self, blocks: Sequence[Sequence[Accepted]]
    ) -> AsyncIterator[inventory_service_pb2.ImportSnapshotRequest]:
        for block in blocks:
            yield inventory_service_pb2.ImportSnapshotRequest(
                request_id=self._request_id,
                as_of=self._moment.as_of,
                source_id=self._moment.source_id,
                counts=[message for _, message in block],
                dry_run=self._dry_run,
            )

    async def _until_answered(self, blocks: Sequence[Sequence[Accepted]]) -> Any:
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            try:
                stub = self._connections.next().inventory
                return await stub.ImportSnapshot(self._messages(blocks), timeout=CALL_SECONDS * 10)
            except grpc.aio.AioRpcError as error:
                if error.code() not in PASSING or asyncio.get_running_loop().time() > deadline:
                    raise of_rpc(error, address=self._connections.address) from None
            await asyncio.sleep(0.2)

    def _count(self, answer: Any, pairs: Sequence[Accepted]) -> None:
        if self._dry_run:
            self._count_tried(answer, pairs)
        else:
            self._counts.applied += answer.applied_count
            self._counts.unchanged += answer.unchanged_count
        self._counts.stale += answer.stale_count
        for rejection in answer.rejections:
            row, message = pairs[rejection.position]
            if not (self._dry_run and rejection.outcome in _NOT_THERE_YET):
                self._reject(row, of_outcome(rejection.outcome, message, detail=rejection.detail))

    def _count_tried(self, answer: Any, pairs: Sequence[Accepted]) -> None:
        """What would change. Rows of a node or sku that another file of this run brings are new, not wrong."""
        self._counts.changed += answer.changed_count
        self._counts.unchanged += answer.unchanged_count + answer.applied_count - answer.changed_count
        for each in answer.differences:
            self._differ(*pairs[each.position], before=each.on_hand_quantity, after=each.on_hand_quantity_after)
        for rejection in answer.rejections:
            if rejection.outcome in _NOT_THERE_YET:
                self._counts.changed += 1
                row, message = pairs[rejection.position]
                self._differ(row, message, before=0, after=message.on_hand_quantity)

    def _differ(self, row: Row, message: Any, *, before: int, after: int) -> None:
        if len(self._counts.differences) < DIFFERENCES_MAX:
            self._counts.differences.append(Difference(row.line, message.sku, message.node_id, before, after))


async def put_or_fail(queue: asyncio.Queue[Any], item: Any, tasks: Sequence[asyncio.Task[None]]) -> None:
    """Put an item, or raise what ended the tasks that should have taken it."""
    if not queue.full():
        queue.put_nowait(item)
        return
    putting: asyncio.Task[None] = asyncio.create_task(queue.put(item))
    waiting: set[asyncio.Task[None]] = {putting, *tasks}
    while not putting.done():
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {putting}:
            waiting.discard(task)
            if task.exception() is not None:
                putting.cancel()
                raise task.exception()  # type: ignore[misc]


Sender = CallSender | SnapshotSender
