"""What the catalogue was: changes of its records since a position, and loads that decisions were made with."""

from __future__ import annotations

from typing import Any

import msgpack
from redis.asyncio import Redis

from promessa.store.group_commit import GroupCommit
from promessa.store.keys import Keys
from promessa.store.store import read_together

_PAGE = 1_000

Change = tuple[int, bytes, bytes]
"""Position, field of the catalogue, and the value before; empty where there was no such record."""


class CatalogueHistory:
    """The history of one data set's catalogue. Every method may raise Unavailable (STORE_UNAVAILABLE)."""

    def __init__(self, redis: Redis, keys: Keys, commit: GroupCommit) -> None:
        self._redis = redis
        self._keys = keys
        self._commit = commit

    async def since(self, position: int) -> list[Change] | None:
        """All changes after a position, in order; None if the history does not go back so far."""
        key = self._keys.history
        changes: list[Change] = []
        after = position
        while True:
            asked = f"({after}-0"
            ((page),) = await read_together(
                self._redis, lambda pipe, asked=asked: [pipe.xrange(key, min=asked, count=_PAGE)]
            )
            for entry_id, fields in page:
                after = int(entry_id.split(b"-")[0])
                changes += [(after, field, before) for field, before in fields.items() if field != b"t"]
            if len(page) < _PAGE:
                break
        return changes if await self._goes_back_to(position) else None

    async def keep_loads(self, loads: dict[int, int]) -> str:
        """Keep the loads of nodes, in per cent; the id they can be read by."""
        flat = [x for pair in sorted(loads.items()) for x in pair]
        answer = await self._commit.submit((b"loads", msgpack.packb(flat)))
        return str(answer[1].decode())

    async def loads(self, loads_id: str) -> dict[int, int] | None:
        """Loads that were kept; None if they are not any more."""
        if not loads_id:
            return {}
        ((found),) = await read_together(
            self._redis, lambda pipe: [pipe.xrange(self._keys.loads, min=loads_id, max=loads_id)]
        )
        if not found:
            return None
        flat = msgpack.unpackb(found[0][1][b"l"])
        return dict(zip(flat[::2], flat[1::2], strict=True))

    async def _goes_back_to(self, position: int) -> bool:
        """Whether no change after a position was dropped: asked after reading, for another call may drop meanwhile."""

        def ask(pipe: Any) -> None:
            pipe.exists(self._keys.history)
            pipe.xrange(self._keys.history, count=1)

        there, first = await read_together(self._redis, ask)
        if not there or int(first[0][0].split(b"-")[0]) <= position + 1:
            return True
        info = await read_together(self._redis, lambda pipe: [pipe.xinfo_stream(self._keys.history)])
        return bool(info[0]["entries-added"] == info[0]["length"])
