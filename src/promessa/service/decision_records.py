"""What is kept of a decision so that it can be made again, bit for bit, when stock and catalogue have long changed.

Kept beside the reservation, in the same call of the store: the order, the instant, what the catalogue was of, the stock that
counted (see decision_rows.py), and what the owner could hold. What the catalogue was then is folded from its history.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path

import msgspec

from promessa import __version__
from promessa.domain.kinds import NO_WAYS
from promessa.domain.policy import Fact, Policy
from promessa.domain.sourcing import NO_CONSTRAINTS, NO_TRAITS, Order, Plan
from promessa.kernel import _kernel
from promessa.service.decision_rows import RowForm, pack_rows
from promessa.service.question import Question

FORMAT = 1
"""Rises when the meaning of a record changes; older ones are then refused, not misread."""

_DIGEST_BYTES = 8
_OF_STOCK = frozenset((Fact.STOCK_UNITS, Fact.UNITS_LEFT, Fact.COVERAGE_PERCENT, Fact.WEEKS_OF_SUPPLY, Fact.ROTATION))
"""What policies ask that goes by the units of nodes, or by which nodes have any."""


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


class _Asked(msgspec.Struct, array_like=True, omit_defaults=True):
    """A Record to be written: its order without what it does not say."""

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


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Record).decode


class Kept(msgspec.Struct):
    """A record as it was read; not `intact` if its checksum says that it was altered."""

    record: Record
    intact: bool


@cache
def engine() -> bytes:
    """Eight bytes that tell this program's decisions from those of another version or build."""
    return blake2b(__version__.encode() + Path(_kernel.__file__).read_bytes(), digest_size=_DIGEST_BYTES).digest()


def record_of(question: Question, found: Plan, previous: str = "") -> bytes:
    """What is to be kept of a decision; empty if it cannot be made again: the catalogue changed while it was made, or the order
    goes ways of its own, whose network is not kept."""
    seen = question.seen
    if seen is None or question.route is not None:
        return b""
    rows = pack_rows(question.wanted, question.row_start, question.row_node, question.row_atp, _forms(question, found))
    body = _encode(
        _Asked(
            FORMAT, engine(), question.now_ms, seen.position, _said(question.order), rows, question.left, seen.ahead,
            seen.loads_id, previous,
        )
    )  # fmt: skip
    return blake2b(body, digest_size=_DIGEST_BYTES).digest() + body


def read_record(kept: bytes) -> Kept | None:
    """A record as it was made; None if it cannot be read."""
    digest, body = kept[:_DIGEST_BYTES], kept[_DIGEST_BYTES:]
    try:
        record = _decode(body)
    except msgspec.DecodeError:
        return None
    return Kept(record, blake2b(body, digest_size=_DIGEST_BYTES).digest() == digest)


def _said(order: Order) -> tuple[object, ...]:
    """An order without the end of it that says nothing."""
    if order.ways is not NO_WAYS:
        return order
    if order.constraints is NO_CONSTRAINTS and order.traits is NO_TRAITS and order[5:8] == ("", "", ""):
        return order[:4] if not order.policy_id else order
    return order


def _forms(question: Question, found: Plan) -> list[int]:
    """How much of each line's row is to be kept."""
    lines = len(question.sku_ixs)
    guide, costs = question.guide, question.costs
    if guide is not None and asks_for_stock(guide.version.policy):
        return [RowForm.COUNTS] * lines
    if guide is not None or question.side is not None:
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
    return forms


def asks_for_stock(policy: Policy) -> bool:
    """Whether a policy looks at the units of nodes."""
    return any(
        any(each.where in _OF_STOCK for each in rule.filters)
        or any(each.by in _OF_STOCK for each in rule.sorts)
        or any(each.nodes.where in _OF_STOCK for each in rule.costs.preferences)
        for rule in policy.rules
    )
