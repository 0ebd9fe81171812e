"""Whom a reservation is for, as the event log says it: ABOUT of `lua/records.lua`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgpack

from promessa.store.keys import cell_field

_NO_NODE = -1


class ShortLine(NamedTuple):
    """A line that could not be met in full. `field` is that of a line in a record: of a cell, an inbound, or a kit's component;
    the node is -1 where none could serve it. `reason` is a ShortfallReason."""

    field: bytes
    requested: int
    granted: int
    available: int
    reason: int


class About(NamedTuple):
    """Owner, order and claim (see `domain/claim.py`), each empty if there is none, and the lines that were short."""

    owner_id: str
    order_id: str
    claim: str
    short: tuple[ShortLine, ...]


def pack_about(owner_id: str, order_id: str, claim: str, short: Sequence[int] = ()) -> bytes:
    """For the operation that makes a reservation; `short` is flat: sku, requested, available, reason of what no node has.
    Empty if there is nothing to say."""
    if not (owner_id or order_id or claim or short):
        return b""
    packed: bytes = b"".join([msgpack.packb(x, use_bin_type=False) for x in (owner_id, order_id, claim)])
    if not short:
        return packed
    flat: list[bytes | int] = []
    for i in range(0, len(short), 4):
        sku_ix, requested, available, reason = short[i : i + 4]
        flat += (cell_field(_NO_NODE, sku_ix), requested, 0, available, int(reason))
    return packed + bytes(msgpack.packb(flat, use_bin_type=False))


def unpack_about(value: bytes) -> About:
    """What a log entry says. Raises ValueError for what is none."""
    unpacker = msgpack.Unpacker(raw=True)
    unpacker.feed(value)
    owner_id, order_id, claim, *more = unpacker
    flat = more[0] if more else ()
    if len(more) > 1 or len(flat) % 5:
        raise ValueError(f"{value!r} is not about a reservation.")
    short = tuple([ShortLine(*flat[i : i + 5]) for i in range(0, len(flat), 5)])
    return About(owner_id.decode(), order_id.decode(), claim.decode(), short)
