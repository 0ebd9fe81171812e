"""What is kept of a decision so that it can be made again, bit for bit, when stock and catalogue have long changed.

Kept beside the reservation, in the same call of the store: the order, the instant, what the catalogue was of, the stock that
counted (see decision_rows.py), and what the owner could hold. What the catalogue was then is folded from its history. Of an
order that goes ways of its own its parts follow from order and catalogue, so little more is kept; and of a plan that was
quoted, what its token said.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from hashlib import blake2b
from pathlib import Path

import msgspec

from promessa import __version__
from promessa.domain.kinds import NO_WAYS
from promessa.domain.plan_token import QuotedPlan
from promessa.domain.policy import Fact, Policy
from promessa.domain.sourcing import NO_CONSTRAINTS, NO_TRAITS, Order, Plan
from promessa.kernel import _kernel
from promessa.service.asking import KeptStock
from promessa.service.decision_rows import RowForm, pack_rows, unpack_rows
from promessa.service.joined_network import NodeDay
from promessa.service.placed_rows import unplaced
from promessa.service.question import Question

FORMAT = 1
"""Rises when the meaning of a record changes; older ones are then refused, not misread."""

_DIGEST_BYTES = 8
_DECIDING = ("domain", "kernel", "service")
"""The layers that decisions are made in."""
_OF_STOCK = frozenset((Fact.STOCK_UNITS, Fact.UNITS_LEFT, Fact.COVERAGE_PERCENT, Fact.WEEKS_OF_SUPPLY, Fact.ROTATION))
"""What policies ask that goes by the units of nodes, or by which nodes have any."""


class More(msgspec.Struct, array_like=True):
    """What only some decisions are made with. `handed` are the items that a shop hands over; `to_come` are the nodes and days
    that were waited for, `later` what items have there. `quoted` is the plan of a token, as it was quoted."""

    handed: tuple[int, ...] = ()
    to_come: tuple[NodeDay, ...] = ()
    later: bytes = b""
    quoted: QuotedPlan | None = None


class Record(msgspec.Struct, array_like=True):
    """A decision as it was asked. `left` are the lots that the owner could hold, by line; `previous` is the decision that this
    one follows."""

    format: int
    engine: bytes
    """What decided: see engine()."""
    now_ms: int
    position: int
    order: Order
    rows: bytes
    left: dict[int, int] = {}
    ahead: tuple[tuple[str, str, int], ...] = ()
    loads_id: str = ""
    previous: str = ""
    more: More = msgspec.field(default_factory=More)

    @property
    def stock(self) -> KeptStock:
        """The stock that counted. Raises ValueError where it is read, for bytes that are no rows."""
        return KeptStock(
            lambda wanted: unpack_rows(self.rows, wanted),
            self.more.handed,
            self.more.to_come,
            lambda wanted: unpack_rows(self.more.later, wanted),
        )


class _Asked(msgspec.Struct, array_like=True):
    """A Record to be written: its order without what it does not say, and without More where there is none."""

    format: int
    engine: bytes
    now_ms: int
    position: int
    order: tuple[object, ...]
    rows: bytes
    left: dict[int, int]
    ahead: tuple[tuple[str, str, int], ...]
    loads_id: str
    previous: str


class _AskedMore(_Asked, array_like=True):
    """The same with more."""

    more: More


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Record).decode


class Kept(msgspec.Struct):
    """A record as it was read; not `intact` if its checksum says that it was altered."""

    record: Record
    intact: bool


@cache
def engine() -> bytes:
    """Eight bytes that tell this program's decisions from those of another version or build: of all that takes part in them."""
    package = Path(__file__).parents[1]
    sources = [file for layer in _DECIDING for file in sorted((package / layer).glob("*.py"))]
    built = blake2b(__version__.encode(), digest_size=_DIGEST_BYTES)
    for file in (*sources, Path(_kernel.__file__)):
        built.update(file.read_bytes())
    return built.digest()


def record_of(question: Question, found: Plan, previous: str = "", quoted: QuotedPlan | None = None) -> bytes:
    """What is to be kept of a decision; empty if it cannot be made again, as the catalogue changed while it was made. Of a plan
    that was `quoted` the question is the one it is the only answer of."""
    seen, route = question.seen, question.route
    if seen is None:
        return b""
    stock, more = (question.row_start, question.row_node, question.row_atp), None
    forms = _forms(question, found) if quoted is None else _counts(question)
    if route is not None:
        stock, later = unplaced(route, stock, question.destination)
        counts = _counts(question)
        more = More(route.handed, route.to_come, pack_rows(question.wanted, *later, counts) if route.to_come else b"")
    if quoted is not None:
        more = more or More()
        more.quoted = quoted
    asked = (
        FORMAT, engine(), question.now_ms, seen.position, _said(question.order), pack_rows(question.wanted, *stock, forms),
        question.left, seen.ahead, seen.loads_id, previous,
    )  # fmt: skip
    body = _encode(_Asked(*asked) if more is None else _AskedMore(*asked, more))
    return blake2b(body, digest_size=_DIGEST_BYTES).digest() + body


def read_record(kept: bytes) -> Kept | None:
    """A record as it was made; None if it cannot be read."""
    digest, body = kept[:_DIGEST_BYTES], kept[_DIGEST_BYTES:]
    try:
        record = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return Kept(record, blake2b(body, digest_size=_DIGEST_BYTES).digest() == digest)


def _said(order: Order) -> tuple[object, ...]:
    """An order without the end of it that says nothing."""
    if order.ways is not NO_WAYS:
        return order
    if order.constraints is NO_CONSTRAINTS and order.traits is NO_TRAITS and order[5:8] == ("", "", ""):
        return order[:4] if not order.policy_id else order
    return order


def _counts(question: Question) -> list[int]:
    return [RowForm.COUNTS] * len(question.sku_ixs)


def _forms(question: Question, found: Plan) -> list[int]:
    """How much of each line's row is to be kept."""
    lines = len(question.sku_ixs)
    guide, costs = question.guide, question.costs
    if guide is not None and asks_for_stock(guide.version.policy):
        return _counts(question)
    side = question.side
    if guide is not None or (side is not None and side.binds):
        forms: list[int] = [RowForm.PARTS] * lines
    elif len(found.shipments) == 1 and not found.unserved:
        forms = [RowForm.WHOLE] * lines
    else:
        whole, in_part = set[int](), {sku_ix for _, sku_ix, _ in found.unserved}
        for shipment in found.shipments:
            for _, sku_ix, _ in shipment.lines:
                (in_part if sku_ix in whole else whole).add(sku_ix)
        forms = [
            RowForm.WHOLE if sku_ix in whole and sku_ix not in in_part else RowForm.PARTS for sku_ix in question.sku_ixs
        ]
    if costs is not None:
        forms = [RowForm.COUNTS if costs.goes_by_stock(line) else form for line, form in enumerate(forms)]
    if question.route is not None and len(set(question.sku_ixs)) < lines:  # units of one cell are divided among lines
        several = Counter(question.sku_ixs)
        forms = [
            RowForm.COUNTS if several[sku_ix] > 1 else form
            for sku_ix, form in zip(question.sku_ixs, forms, strict=True)
        ]
    return forms


def asks_for_stock(policy: Policy) -> bool:
    """Whether a policy looks at the units of nodes."""
    return any(
        any(each.where in _OF_STOCK for each in rule.filters)
        or any(each.by in _OF_STOCK for each in rule.sorts)
        or any(each.nodes.where in _OF_STOCK for each in rule.costs.preferences)
        for rule in policy.rules
    )
