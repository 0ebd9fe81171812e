"""Entries of the event log as rows of the table `changes`, and of the tables of orders.

Kinds and fields that nobody told this module about become rows all the same: kind, reference, field, and the value as
JSON in `detail`. What is worth columns of its own gets a function in _FIELDS.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import msgpack
import msgspec

from promessa.archive.counts import Counted, Counts
from promessa.archive.decisions import detail_of
from promessa.archive.json_values import json_of, unpacked
from promessa.archive.names import Names, Unnamed
from promessa.archive.order_rows import add_order
from promessa.archive.schema import COLUMNS
from promessa.archive.tables import CHANGES, Row, Rows
from promessa.domain.claim import claim_of
from promessa.domain.reservation import ShortfallReason
from promessa.store.about import DecisionFacts, ShortLine, unpack_about
from promessa.store.order_codec import decode_order

# fmt: off
_RESERVATION_KINDS = frozenset((
    "hold", "bind", "refuse", "confirm", "extend", "release", "fulfill", "expire", "transfer", "receive", "move",
    "return", "consume", "adopt",
))
# fmt: on
_HOLDING_KINDS = frozenset(("hold", "bind"))
_REQUEST_KINDS = frozenset(("count", "safety", "reclassify"))
"""Kinds whose reference, as `r:<request id>`, is a reservation or any other request."""

_INT_MAX = 2**63 - 1
_ARRAY_OF_SEVEN = b"\x97"
_AT = {name: i for i, name in enumerate(COLUMNS)}
_ONLY_INT = {int}
_UNREADABLE = (ValueError, TypeError, KeyError, IndexError, OverflowError, AttributeError)


class BadEntry(ValueError):
    """An entry that cannot be what the log promises."""


class Decoder:
    """Makes rows of entries, which it must see in the order of their logs. Entries come raw: field, value, field, value ..."""

    def __init__(self, names: Names, counts: Counts) -> None:
        self._names = names
        self._counts = counts
        self._of_orders: Rows = {}

    def rows(self, partition: int, sequence: int, flat: Sequence[bytes], *, epoch: int) -> Rows:
        """All rows of an entry. Raises BadEntry, Unnamed, and then it is as if the entry had not been seen."""
        self._of_orders = {}
        try:
            found = self._rows((epoch, partition, sequence), flat)
        except Unnamed:
            self._counts.drop()
            raise
        except (*_UNREADABLE, msgpack.UnpackException, msgspec.MsgspecError) as error:
            self._counts.drop()
            raise BadEntry(f"{type(error).__name__}: {error}") from error
        self._counts.keep()
        return {CHANGES: found, **self._of_orders}

    def _rows(self, where: tuple[int, int, int], flat: Sequence[bytes]) -> list[Row]:
        if len(flat) < 4 or len(flat) % 2 or flat[0] != b"t":
            raise BadEntry("An entry is an instant and then pairs.")
        rows: list[Row] = []
        head: tuple[Any, ...] = (int(flat[1]), *where)
        change: _Change | None = None
        bare = False
        for i in range(2, len(flat), 2):
            field, value = flat[i], flat[i + 1]
            if b":" not in field and field:
                if bare and change is not None:
                    rows.append(change.row(head, len(rows), b""))
                change, bare = _Change(field, value), True
                continue
            if change is None:
                raise BadEntry(f"{field!r} stands before any change.")
            bare = False
            if 48 <= field[0] <= 57:
                rows.append(self._cell(change, head, len(rows), field, value))
            else:
                act = _FIELDS.get(field[: field.index(b":") + 1], Decoder._other)
                rows.extend(act(self, change, head, len(rows), field, value))
        if bare and change is not None:
            rows.append(change.row(head, len(rows), b""))
        if len(rows) > 0 and change is None:
            raise BadEntry("An entry without a change.")
        return rows

    def _cell(self, change: _Change, head: tuple[Any, ...], ordinal: int, field: bytes, value: bytes) -> Row:
        node, sku = self._place(field)
        source = None
        try:
            counts = msgpack.unpackb(_ARRAY_OF_SEVEN + value)
        except msgpack.ExtraData as more:  # see `lua/header.lua`
            counts = more.unpacked
            unpacker = msgpack.Unpacker()
            unpacker.feed(more.extra)
            kept = list(unpacker)
            source = kept[2] or None if len(kept) > 2 else None
        _check_numbers(counts)
        on_hand, unavailable, safety, held, committed, version, counted_at = counts
        before = self._counts.put(field, (on_hand, unavailable, safety, held, committed, version))
        b0, b1, b2, b3, b4 = before[:5] if before else (None, None, None, None, None)
        return (
            *head, ordinal, *change.columns, field.decode(), *change.ids, None, None, None, None, change.reason, node, sku,
            None, None, b0, on_hand, b1, unavailable, b2, safety, b3, held, b4, committed, version, counted_at or None,
            source, None, None, None, None, self._region_held(change, field), None,
        )  # fmt: skip

    def _inbound(self, change: _Change, head: tuple[Any, ...], ordinal: int, field: bytes, value: bytes) -> list[Row]:
        """What is to come of a cell: `i:<node>:<sku>:<id>`; the backorder allowance has no id."""
        _, node_ix, sku_ix, inbound_id = field.split(b":", 3)
        node, sku = self._place(node_ix + b":" + sku_ix)
        values = msgpack.unpackb(value)
        _check_numbers(values[:6])
        counted = cast("Counted", tuple(values[:6]))
        before = self._counts.put(field, counted)
        row = list(change.row(head, ordinal, field))
        row[_AT["node"]], row[_AT["sku"]], row[_AT["inbound_id"]] = node, sku, inbound_id.decode() or "-"
        for i in range(5):
            row[_AT["on_hand_before"] + 2 * i] = before[i] if before else None
            row[_AT["on_hand_after"] + 2 * i] = counted[i]
        row[_AT["version"]], row[_AT["detail"]] = counted[5], json_of(values[6:])
        row[_AT["region"]] = self._region_held(change, node_ix)
        return [tuple(row)]

    def _about(self, change: _Change, head: tuple[Any, ...], ordinal: int, field: bytes, value: bytes) -> list[Row]:
        """Whom a reservation is for, and then a row for each line that was short."""
        about = unpack_about(value)
        claim = claim_of(about.claim)
        whom = {
            "order_id": about.order_id,
            "owner_id": about.owner_id,
            "channel": claim.channel,
            "fulfillment_method": claim.method,
        }
        rows = [change.row(head, ordinal, field, **whom, **self._decision(about.decision))]
        goes_to = about.decision.region if about.decision else ""
        for i, line in enumerate(about.short, start=ordinal + 1):
            short = self._short(line)
            rows.append(change.row(head, i, field, **whom, **short, region=goes_to or self._region_of(line)))
        return rows

    def _decision(self, facts: DecisionFacts | None) -> dict[str, Any]:
        """What was decided about an order, in its detail, and where the order goes."""
        if facts is None:
            return {}
        detail = detail_of(facts)
        _check_numbers([facts.policy_version, facts.shipments, facts.gap, *detail["costs"].values()])
        return {"region": facts.region or None, "detail": json_of(detail)}

    def _short(self, line: ShortLine) -> dict[str, Any]:
        _check_numbers(line[1:])
        kind, cell, kit = b"", line.field, None
        if line.field.startswith((b"k:", b"i:")):
            kind, node_ix, sku_ix, *more = line.field.split(b":")
            cell, kit = node_ix + b":" + sku_ix, self._names.sku(int(more[1])) if kind == b"k" else None
        node_ix, _, sku_ix = cell.partition(b":")
        return {
            "node": None if node_ix == b"-1" else self._names.node(int(node_ix)),
            "sku": self._names.sku(int(sku_ix)),
            "kit": kit,
            "reason": ShortfallReason(line.reason).name,
            "requested": line.requested,
            "granted": line.granted,
            "available": line.available,
            "value_micros": self._names.worth(int(sku_ix), line.requested - line.granted),
        }

    def _region_held(self, change: _Change, place: bytes) -> str | None:
        """Where the node is whose units a change holds; of any other change that is not told."""
        return self._names.region(int(place.partition(b":")[0])) if change.holds else None

    def _region_of(self, line: ShortLine) -> str | None:
        """Where the node of a short line is."""
        place = line.field[2:] if line.field.startswith((b"k:", b"i:")) else line.field
        return self._names.region(int(place.partition(b":")[0]))

    def _catalogue(self, change: _Change, head: tuple[Any, ...], ordinal: int, field: bytes, value: bytes) -> list[Row]:
        """A node or a sku as it is from now on."""
        self._names.see(field, value)
        return self._other(change, head, ordinal, field, value)

    def _other(self, change: _Change, head: tuple[Any, ...], ordinal: int, field: bytes, value: bytes) -> list[Row]:
        return [change.row(head, ordinal, field, detail=json_of(unpacked(value)))]

    def _pools(self, change: _Change, head: tuple[Any, ...], ordinal: int, field: bytes, value: bytes) -> list[Row]:
        """The allocation pools of a cell: `a:<node>:<sku>`."""
        node, sku = self._place(field[2:])
        return [change.row(head, ordinal, field, node=node, sku=sku, detail=json_of(unpacked(value)))]

    def _order(self, change: _Change, head: tuple[Any, ...], ordinal: int, field: bytes, value: bytes) -> list[Row]:
        """An order after one of its steps: `o:<id>`, and consecutive values, see ORDER in `lua/orders.lua`."""
        rows: Rows = {table: list(found) for table, found in self._of_orders.items()}
        add_order(rows, self._names, head[1:], decode_order(value))
        for row in [row for found in rows.values() for row in found]:
            _check_values(row)
        self._of_orders = rows
        return [change.row(head, ordinal, field, order_id=field[2:].decode())]

    def _place(self, cell: bytes) -> tuple[str, str]:
        node_ix, _, sku_ix = cell.partition(b":")
        return self._names.node(int(node_ix)), self._names.sku(int(sku_ix))


class _Change:
    """A kind, what it refers to, and what that says of the rows below it."""

    def __init__(self, kind: bytes, reference: bytes) -> None:
        word, text = _text(kind), _text(reference)
        self.columns = (word, text)
        made = text[2:] if text.startswith("r:") else None
        self.ids = (made if word in _REQUEST_KINDS else None, made if word in _RESERVATION_KINDS else None)
        self.reason = text if word == "adjust" else None
        self.holds = word in _HOLDING_KINDS

    def row(self, head: tuple[Any, ...], ordinal: int, field: bytes, **values: Any) -> Row:
        """A row that has these values, and otherwise only what all of the change's have."""
        row: list[Any] = [None] * len(COLUMNS)
        row[: len(head) + 1] = (*head, ordinal)
        row[_AT["kind"]], row[_AT["reference"]] = self.columns
        row[_AT["field"]] = _text(field)
        row[_AT["request_id"]], row[_AT["reservation_id"]] = self.ids
        row[_AT["reason"]] = self.reason
        for name, value in values.items():
            row[_AT[name]] = value
        return tuple(row)


_FIELDS: dict[bytes, Callable[[Decoder, _Change, tuple[Any, ...], int, bytes, bytes], list[Row]]] = {
    b"about:": Decoder._about,
    b"a:": Decoder._pools,
    b"i:": Decoder._inbound,
    b"node:": Decoder._catalogue,
    b"o:": Decoder._order,
    b"sku:": Decoder._catalogue,
}
"""By the beginning of a field's name."""


def counted_in(value: bytes) -> Counted:
    """What a raw cell counts."""
    try:
        counts = msgpack.unpackb(_ARRAY_OF_SEVEN + value)
    except msgpack.ExtraData as more:
        counts = more.unpacked
    return cast("Counted", tuple(counts[:6]))


def _check_numbers(values: Sequence[Any]) -> None:
    if {*map(type, values)} != _ONLY_INT or max(values) > _INT_MAX:
        raise BadEntry(f"{values!r} are not counts.")


def _check_values(row: Row) -> None:
    """Raises BadEntry for what no column can hold."""
    for value in row:
        if (type(value) is str and "\0" in value) or (type(value) is int and not -_INT_MAX <= value <= _INT_MAX):
            raise BadEntry(f"{value!r} is no value.")


def _text(raw: bytes) -> str:
    text = raw.decode()
    if "\0" in text:
        raise BadEntry(f"{raw!r} is no text.")
    return text
