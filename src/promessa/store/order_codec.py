"""Orders as the store has them: see ORDER in `lua/orders.lua`. Its body is written and read here alone."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgpack
import msgspec

from promessa.domain.order import HistoryEntry, MovedUnits, PlacedOrder, StoredOrder

encode_body = msgspec.msgpack.Encoder().encode
_decode_body = msgspec.msgpack.Decoder(PlacedOrder).decode
_SIX = b"\x96"
"""Makes an array of six consecutive values: a third of what an Unpacker costs."""

encode_units = msgspec.msgpack.Encoder().encode
_decode_units = msgspec.msgpack.Decoder(tuple[MovedUnits, ...]).decode
_NONE: Mapping[bytes, PlacedOrder] = MappingProxyType({})


def decode_order(packed: bytes, known: Mapping[bytes, PlacedOrder] = _NONE) -> StoredOrder:
    """An order from its value in the store; bodies that are `known` are not read again."""
    version, placed_ms, updated_ms, body, _, history = msgpack.unpackb(_SIX + packed, raw=True)
    entries = [
        HistoryEntry(at_ms, step, actor.decode(), number, detail.decode(), _decode_units(units[0]) if units else ())
        for at_ms, step, actor, number, detail, *units in history
    ]
    return StoredOrder(version, placed_ms, updated_ms, known.get(body) or _decode_body(body), tuple(entries))
