"""Whom a reservation is for and what was decided, as the event log says it: ABOUT of `lua/records.lua`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgpack
import msgspec

from promessa.store.keys import cell_field

_NO_NODE = -1
_encode = msgspec.msgpack.Encoder().encode


class ShortLine(NamedTuple):
    """A line that could not be met in full. `field` is that of a line in a record: of a cell, an inbound, or a kit's component;
    the node is -1 where none could serve it. `reason` is a ShortfallReason."""

    field: bytes
    requested: int
    granted: int
    available: int
    reason: int


class DecisionFacts(NamedTuple):
    """What was decided about an order, in the smallest form that its reports need; money is in micros.

    `again`: it was sourced before, and a node refused. `gap` is how much cheaper another plan could be at most, by what was
    minimised; UNKNOWN_GAP where no bound is known. A plan without shipments is a refusal.
    """

    again: bool
    region: str
    """Where the order goes (ISO 3166-2); empty if that is not known."""
    currency: str
    policy_id: str
    policy_version: int
    shipments: int
    proven: bool
    gap: int
    split: int
    shipping: int
    handling: int
    opening: int
    terms: tuple[int, ...]
    """Flat: a CostTerm and its micros."""


UNKNOWN_GAP = -1


class About(NamedTuple):
    """Owner, order and claim (see `domain/claim.py`), each empty if there is none, the lines that were short, and what was
    decided, if that is what was asked for."""

    owner_id: str
    order_id: str
    claim: str
    short: tuple[ShortLine, ...]
    decision: DecisionFacts | None = None


def pack_about(
    owner_id: str, order_id: str, claim: str, short: Sequence[int] = (), decision: DecisionFacts | None = None
) -> bytes:
    """For the operation that makes a reservation; `short` is flat: sku, requested, available, reason of what no node has.
    Empty if there is nothing to say."""
    if decision is None and not (owner_id or order_id or claim or short):
        return b""
    if not short and decision is not None:
        return _encode((owner_id, order_id, claim, (), decision))[1:]
    packed = _encode((owner_id, order_id, claim))[1:]  # consecutive values are an array without its first byte
    if short:
        flat: list[bytes | int] = []
        for i in range(0, len(short), 4):
            sku_ix, requested, available, reason = short[i : i + 4]
            flat += (cell_field(_NO_NODE, sku_ix), requested, 0, available, int(reason))
        packed += bytes(msgpack.packb(flat, use_bin_type=False))
    return packed if decision is None else packed + _encode(decision)


def unpack_about(value: bytes) -> About:
    """What a log entry says. Raises ValueError for what is none."""
    unpacker = msgpack.Unpacker(raw=True)
    unpacker.feed(value)
    owner_id, order_id, claim, *more = unpacker
    flat = more[0] if more else ()
    if len(more) > 2 or len(flat) % 5:
        raise ValueError(f"{value!r} is not about a reservation.")
    short = tuple([ShortLine(*flat[i : i + 5]) for i in range(0, len(flat), 5)])
    return About(
        owner_id.decode(), order_id.decode(), claim.decode(), short, _facts(more[1]) if len(more) > 1 else None
    )


def _facts(values: list[Any]) -> DecisionFacts:
    again, region, currency, policy_id, version, shipments, proven, gap, split, shipping, handling, opening, terms = (
        values
    )
    if len(terms) % 2:
        raise ValueError(f"{terms!r} are no terms of a cost.")
    names = region.decode(), currency.decode(), policy_id.decode()
    return DecisionFacts(
        again, *names, version, shipments, proven, gap, split, shipping, handling, opening, tuple(terms)
    )
