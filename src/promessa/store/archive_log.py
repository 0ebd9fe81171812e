"""What the archive reads beside the logs: what everything counts now, what it is called, and where the logs begin."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgpack

from promessa.store.event_log import EventLog

_PAGE = 2_000
_INBOUND_ID = 7
"""The place of its id in an inbound, see `lua/supply.lua`."""


class ArchiveLog(EventLog):
    """The logs of one data set, and cells and inbound under the names they have there."""

    async def firsts(self) -> list[int]:
        """The sequence of the first entry that every log has; of an empty one that of the entry to come."""
        heads = await self.heads()
        async with self._redis.pipeline(transaction=False) as pipe:
            for partition in range(self._keys.partitions + 1):
                pipe.xrange(self._keys.log(partition), count=1)
            found = await pipe.execute()
        return [
            int(entries[0][0].split(b"-")[0]) if entries else head + 1
            for entries, head in zip(found, heads, strict=True)
        ]

    async def named(self) -> list[tuple[bytes, bytes]]:
        """The records of all nodes and skus, raw, deleted ones too."""
        raw = await self._redis.hgetall(self._keys.cells(self._keys.catalogue))
        return [(field, value) for field, value in raw.items() if field.startswith((b"node:", b"sku:"))]

    async def inbound(self, partition: int) -> AsyncIterator[list[tuple[bytes, list[int]]]]:
        """All inbound of a partition, page by page: name in the log, and its counts and version."""
        cursor: Any = 0
        while True:
            cursor, page = await self._redis.hscan(self._keys.supply(partition), cursor, count=_PAGE)
            yield [each for field, packed in page.items() for each in _inbound_in(field, packed)]
            if int(cursor) == 0:
                return


def _inbound_in(field: bytes, packed: bytes) -> list[tuple[bytes, list[int]]]:
    unpacker = msgpack.Unpacker(raw=True)
    unpacker.feed(packed)
    _, *inbound = unpacker  # first comes the preorder limit
    return [(b"i:%b:%b" % (field, each[_INBOUND_ID]), each[:6]) for each in inbound]
