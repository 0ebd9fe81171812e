"""From the words of the Functions library to domain values: the one table of what its answers mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import msgpack

from promessa.domain.capacity import WorkDay
from promessa.domain.errors import AlreadyExists, FailedPrecondition, InvalidRequest, NotFound
from promessa.domain.fingerprint import Fingerprint
from promessa.domain.reservation import NO_NODE, Drawn, Reservation, ReservationLine, ReservationState, ReserveOutcome
from promessa.domain.stock import StockCell, SupplyMode
from promessa.store.keys import cell_of_field

_FIRST, _LINE = 5, 8
_MODE = 7  # of the values of a cell
_ARRAY = 0x90  # an answer is one array in MessagePack, a record begins with its state


NO_REQUEST = Fingerprint((), b"")
"""For operations that no request id repeats."""

pack: Callable[[Sequence[Any]], bytes] = msgpack.Packer(use_bin_type=False).pack
"""Values in MessagePack as the Functions library reads them."""


def is_record(packed: bytes) -> bool:
    """Whether what a request made is a reservation record; else it is the answer of another request."""
    return packed[0] < _ARRAY


def reservation(reservation_id: str, packed: bytes) -> Reservation:
    """A record of the store, see RECORD in `lua/header.lua`."""
    unpacker = msgpack.Unpacker(raw=True)
    unpacker.feed(packed)
    state, created, updated, expires, outcome, body, *further = unpacker
    if state == ReservationState.EXPIRED:
        for i in range(_FIRST, len(body), _LINE):
            body[i + 4] = 0  # the record remembers what went back
    _, ttl, owner, order, extra = body[:_FIRST]
    lines = [_line(body[i + 1], body[i + 2 : i + _LINE]) for i in range(_FIRST, len(body), _LINE)]
    if any(line.components for line in lines):
        lines = _with_whole_kits(lines)
    if outcome == ReserveOutcome.RESERVED and any(line.node_ix == NO_NODE for line in lines):
        outcome = ReserveOutcome.PARTIALLY_RESERVED  # all that was asked of the store, but not all that was wanted
    ties, draws, adopted = [*further, None, None, None][:3]
    channel, *drawn = draws or [b""]
    return Reservation(
        reservation_id, state, created, updated, expires, ttl, owner.decode(), order.decode(), outcome, tuple(lines), extra,
        *_tied(ties), channel.decode(), _drawn(drawn), bool(adopted),
    )  # fmt: skip


def _tied(ties: list[Any] | None) -> tuple[bool, tuple[WorkDay, ...], int]:
    """What a record takes besides units of cells: whether it counts for its owner, days of its nodes, and the first of
    them; see `lua/capacity.lua`."""
    if not ties:
        return False, (), 0
    owner_partition, first, *flat = ties
    return owner_partition >= 0, tuple([WorkDay(*flat[i : i + 6]) for i in range(0, len(flat), 6)]), first


def _line(field: bytes, values: Any) -> ReservationLine:
    """A line of a cell; `i:<node>:<sku>:<id>`, bound to an inbound of it; or of a kit, see `_of_kit`."""
    if field[:1] == b"k":
        return _of_kit(field, values)
    if field[:1] != b"i":
        return ReservationLine(*cell_of_field(field), *values)
    _, node_ix, sku_ix, inbound_id = field.split(b":", 3)
    return ReservationLine(int(node_ix), int(sku_ix), *values)._replace(inbound_id=inbound_id.decode())


def kit_field(node_ix: int, component: tuple[int, int], kit_ix: int) -> bytes:
    """The field of a record's line that is a component of a kit: pairs of sku index and units in one kit."""
    return b"k:%d:%d:%d:%d" % (node_ix, *component, kit_ix)


def _of_kit(field: bytes, values: Any) -> ReservationLine:
    """What the line of one component says of its kit."""
    node_ix, sku_ix, per_kit, kit_ix = map(int, field[2:].split(b":"))
    requested, granted, left, fulfilled, available, reason = values
    return ReservationLine(
        node_ix, kit_ix, requested // per_kit, granted // per_kit, left // per_kit, fulfilled // per_kit,
        available // per_kit, reason, None, ((sku_ix, per_kit),),
    )  # fmt: skip


def _with_whole_kits(lines: list[ReservationLine]) -> list[ReservationLine]:
    """One line for all components of a kit at a node. Its units only move together; if they did not, the audit will tell."""
    whole: list[ReservationLine] = []
    at: dict[tuple[int, int], int] = {}
    for line in lines:
        key = (line.node_ix, line.sku_ix)
        if not line.components or key not in at:
            at[key] = len(whole)
            whole.append(line)
        else:
            first = whole[at[key]]
            components = first.components + line.components
            whole[at[key]] = first._replace(open=min(first.open, line.open), components=components)
    return whole


def _drawn(draws: list[Any]) -> tuple[Drawn, ...]:
    """DRAWS of a record, see `lua/draws.lua`."""
    flat = zip(draws[::3], draws[1::3], draws[2::3], strict=True)
    return tuple([Drawn(*cell_of_field(field), channel.decode(), units) for field, channel, units in flat])


def cell(values: Sequence[Any]) -> StockCell:
    """A cell from its values in the store: seven numbers, then the supply mode, what allocation pools keep, and the source of
    the last count, if any."""
    if len(values) < _MODE + 2:
        return StockCell(*values)
    mode, fenced, *source = values[_MODE:]
    return replace(
        StockCell(*values[:_MODE]),
        mode=mode or SupplyMode.STOCKED,
        ring_fenced=None if fenced is False else fenced,
        count_source=_text(source[0]) if source and source[0] else "",
    )


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode()


def check(
    answer: list[Any], *, request_id: str = "", request: Fingerprint = NO_REQUEST, reservation_id: str = ""
) -> bool:
    """Whether an answer is a replay. Raises the domain error that a refusal stands for."""
    word = answer[0]
    if word == b"ok":
        return False
    if word == b"replayed":
        return True
    if word == b"reused":
        field = request.first_difference(answer[1])
        raise AlreadyExists(
            "REQUEST_ID_REUSED",
            f"The request_id {request_id!r} was used before with another payload; the first field that differs is "
            f"{field!r}. Use a new request_id for a new request, and the same payload for a retry.",
            request_id=request_id,
            field=field,
        )
    if word == b"not_found":
        raise NotFound(
            "RESERVATION_NOT_FOUND",
            f"There is no reservation {reservation_id!r}, or its record is past the retention time. Check the id.",
            reservation_id=reservation_id,
        )
    if word == b"future":
        rule = "must not be later than the store's clock"
        raise InvalidRequest("INVALID_FIELD", f"as_of: {rule}.", field="as_of", rule=rule)
    if word == b"of_order":
        order_id = answer[1].decode()
        raise FailedPrecondition(
            "RESERVATION_OF_ORDER",
            f"Reservation {reservation_id!r} is part of order {order_id!r}, and only steps of that order change it. "
            "Use OrderService.",
            reservation_id=reservation_id,
            order_id=order_id,
        )
    if word == b"expired":
        raise FailedPrecondition(
            "RESERVATION_EXPIRED",
            f"The hold of reservation {reservation_id!r} is over and its units went back to stock. Reserve again.",
            reservation_id=reservation_id,
            expire_time_ms=answer[1],
        )
    if word == b"wrong_state":
        state = ReservationState(answer[1]).name
        raise FailedPrecondition(
            "WRONG_STATE",
            f"Reservation {reservation_id!r} is {state}, and this cannot be done in that state. GetReservation shows what is "
            "still open of it.",
            reservation_id=reservation_id,
            state=state,
        )
    raise AssertionError(f"unknown answer of the store: {answer!r}")
