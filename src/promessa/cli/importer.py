"""Importing one file: read → convert → check → send, block by block, with every bad row set aside.

Memory is bounded: a few blocks of rows are under way, and of the rest only ids and one bit per cell are kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from promessa.cli.connections import Connections
from promessa.cli.failure import of_rpc
from promessa.cli.import_checks import Checks, Known, references
from promessa.cli.import_kinds import DELTAS, RATE_CARDS, STOCK, Kind
from promessa.cli.import_readers import Problem, Reader, Row, content_hash
from promessa.cli.import_rejects import Rejects
from promessa.cli.import_rows import Rows, Wrong
from promessa.cli.import_send import CallSender, Counts, Moment, RequestIds, Sender, SnapshotSender
from promessa.cli.texts import Texts
from promessa.v1 import network_service_pb2

BLOCK_ROWS = 1_000
"""Rows of a block, by their place in the file: also what the server applies in one call of the store."""

SHOWN_MAX = 10
"""Rejected rows told in the summary; the rejects file has all."""

PAGE = 1_000
LOOKUPS_MAX = 1_000
"""Ids that are asked for one by one after the lists did not have them: another server may have just put them."""


@dataclass(slots=True)
class FileReport:
    """What became of a file."""

    path: Path
    kind: str
    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    counts: Counts = field(default_factory=Counts)
    shown: list[tuple[int, str]] = field(default_factory=list)
    rejects_path: Path | None = None
    failure: str = ""
    seconds: float = 0.0


@dataclass(slots=True)
class Import:
    """One run over several files. `known` grows with every file."""

    connections: Connections
    texts: Texts
    dry_run: bool
    as_of: datetime | None = None
    source: str = ""
    whole_units: bool = False
    batch: str = ""
    """A name for the deltas: see RequestIds."""
    known: Known = field(default_factory=Known)
    _lookups: int = 0
    _listed: set[str] = field(default_factory=set)

    async def run(
        self, reader: Reader, kind: Kind, rejects_path: Path | None, advance: Callable[[int, int], None]
    ) -> FileReport:
        """Import one file. `advance` is told bytes and rows after each block. Raises Failure, and what was sent
        before it stays applied."""
        report = FileReport(reader.path, kind.name)
        started = time.monotonic()
        rejects = Rejects(rejects_path, reader)

        def reject(row: Row, problem: Problem) -> None:
            reason = self.texts(problem.key, **problem.values)
            rejects.add(row, reason)
            report.rejected += 1
            if len(report.shown) < SHOWN_MAX:
                report.shown.append((row.line, reason))

        sender = self._sender(kind, reader, report, reject)
        try:
            await self._list_what_rows_refer_to(kind)
            await self._send_all(reader, kind, report, reject, sender, advance)
        finally:
            if sender is not None:
                sender.cancel()
            rejects.close()
            report.rejects_path = rejects.written
            report.seconds = time.monotonic() - started
        return report

    async def _send_all(
        self,
        reader: Reader,
        kind: Kind,
        report: FileReport,
        reject: Callable[[Row, Problem], None],
        sender: Sender | None,
        advance: Callable[[int, int], None],
    ) -> None:
        in_whole_units = self.whole_units and kind in (STOCK, DELTAS)
        convert = Rows(kind, self.known.decimals if in_whole_units else None)
        checks = Checks(kind, self.known, self.texts)
        for block in _blocks(reader.rows()):
            report.rows += len(block)
            found = [(row, _converted(convert, row)) for row in block]
            await self._look_up(kind, [message for _, message in found if not isinstance(message, Problem)])
            accepted = []
            for row, message in found:
                problem = message if isinstance(message, Problem) else checks.problem_of(message)
                if problem is not None:
                    reject(row, problem)
                    continue
                self.known.learn(kind, message)
                accepted.append((row, message))
            report.accepted += len(accepted)
            if sender is not None and accepted:
                await sender.send(accepted)
            advance(reader.position, report.rows)
        if sender is not None:
            await sender.finish()

    def _sender(
        self, kind: Kind, reader: Reader, report: FileReport, reject: Callable[[Row, Problem], None]
    ) -> Sender | None:
        if self.dry_run and kind is not STOCK:
            return None
        file_hash = content_hash(reader.path)
        if kind is STOCK:
            as_of = self._counted_at(reader.path)
            moment = Moment(as_of, self.source)
            return SnapshotSender(self.connections, file_hash, moment, report.counts, reject, dry_run=self.dry_run)
        request_ids = RequestIds(file_hash, self.batch if kind is DELTAS else "")
        return CallSender(kind, self.connections, request_ids, report.counts, reject)

    def _counted_at(self, path: Path) -> Timestamp:
        """When the stock was counted: as said, else when the file was written, so that an old file is no news."""
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        counted = self.as_of or min(written, datetime.now(UTC))
        as_of = Timestamp()
        as_of.FromMilliseconds(int(counted.timestamp() * 1000))
        return as_of

    async def _list_what_rows_refer_to(self, kind: Kind) -> None:
        """Read the server's ids that rows of this kind may name."""
        for name in _needed(kind):
            if name not in self._listed:
                self._listed.add(name)
                await self._list(name)

    async def _list(self, name: str) -> None:
        method, id_field, items = _LISTS[name]
        make: Any = getattr(network_service_pb2, f"{method}Request")
        token = ""
        while True:
            answer = await self._ask(method, make(page_size=PAGE, page_token=token))
            for resource in getattr(answer, items):
                self.known.add(name, getattr(resource, id_field))
                if name == "sku":
                    self.known.learn_sku(resource)
                if name == "rate_card":
                    self.known.currency = resource.currency_code
            token = answer.next_page_token
            if not token:
                return

    async def _look_up(self, kind: Kind, messages: list[Any]) -> None:
        """Ask for ids that the lists did not have; a worker may list what another has just put a moment late."""
        missing = {
            reference
            for message in messages
            for reference in references(kind, message)
            if not self.known.has(*reference)
        }
        for name, resource_id in sorted(missing):
            if self._lookups >= LOOKUPS_MAX or not resource_id:
                return
            self._lookups += 1
            method, id_field, _ = _LISTS[name]
            get = method.replace("List", "Get").removesuffix("s")
            make: Any = getattr(network_service_pb2, f"{get}Request")
            try:
                answer = await self.connections.call("network", get, make(**{id_field: resource_id}))
            except grpc.aio.AioRpcError:
                continue  # not there, or no id at all: the checks say so
            if name == "sku":
                self.known.learn_sku(answer.sku)
            self.known.add(name, resource_id)

    async def _ask(self, method: str, request: Any) -> Any:
        try:
            return await self.connections.call("network", method, request)
        except grpc.aio.AioRpcError as error:
            raise of_rpc(error, address=self.connections.address) from None


_LISTS = {
    "calendar": ("ListCalendars", "calendar_id", "calendars"),
    "node": ("ListNodes", "node_id", "nodes"),
    "sku": ("ListSkus", "sku", "skus"),
    "rate_card": ("ListRateCards", "rate_card_id", "rate_cards"),
}
_NEEDED = {
    "stock": ("node", "sku"),
    "deltas": ("node", "sku"),
    "nodes": ("calendar",),
    "lanes": ("node", "rate_card", "calendar"),
    "node-groups": ("node",),
    RATE_CARDS.name: ("rate_card",),
}


def _needed(kind: Kind) -> tuple[str, ...]:
    return _NEEDED.get(kind.name, ())


def _blocks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while block := list(islice(rows, BLOCK_ROWS)):
        yield block


def _converted(convert: Rows, row: Row) -> Any:
    """The message of a row, or its Problem."""
    if row.values is None:
        assert row.problem is not None
        return row.problem
    try:
        return convert.message(row.values)
    except Wrong as wrong:
        return wrong.problem
