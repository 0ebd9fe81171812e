"""Reading ImportSnapshotRequest: plain messages in one native call, all others as every message is read."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from promessa.server import validate
from promessa.server._requests import snapshot_page
from promessa.server.boundary import parser
from promessa.server.convert import count_of, instant_ms
from promessa.service.inventory import Count
from promessa.v1 import inventory_service_pb2 as messages


class SnapshotPage(NamedTuple):
    """One message of a snapshot, bad counts marked. `as_of_ns` is what it says, None if it says nothing."""

    request_id: str
    as_of_ns: int | None
    dry_run: bool
    counts: list[Count]
    source_id: str = ""

    @property
    def as_of_ms(self) -> int:
        """When the stock was counted, as the use case wants it: 0 if it is not said."""
        return 0 if self.as_of_ns is None else max(1, self.as_of_ns // 1_000_000)


_parse = parser(messages.ImportSnapshotRequest)
_count = partial(tuple.__new__, Count)


def read(body: bytes) -> Any:
    """The deserializer of the method: a SnapshotPage if the bytes are plain, else what a parser gives."""
    plain = snapshot_page(body, _count)
    return _parse(body) if plain is None else SnapshotPage(*plain)


def page_of(request: SnapshotPage | messages.ImportSnapshotRequest) -> SnapshotPage:
    """What was read as a page. Raises InvalidFields for what concerns the message itself."""
    if isinstance(request, SnapshotPage):
        return request
    problems = validate.item_problems(request, "counts")
    as_of_ns = None
    if request.HasField("as_of"):
        instant_ms(request.as_of, "as_of")
        as_of_ns = request.as_of.seconds * 1_000_000_000 + request.as_of.nanos
    counts = [count_of(each, problems.get(i, "")) for i, each in enumerate(request.counts)]
    return SnapshotPage(request.request_id, as_of_ns, request.dry_run, counts, request.source_id)
