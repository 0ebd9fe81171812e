"""Reads of orders: those that are asked for while others are under way go together in the next round trip.

As with changes (group_commit.py), one connection is enough for any number of steps at once, and one trip costs little more than
one read. A read begins after it was asked for, so whoever waited for a change sees it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from redis.asyncio import Redis

from promessa.store.keys import Keys
from promessa.store.store import read_together

_AT_ONCE = 200
"""Orders of some kilobytes each: an answer of about a megabyte."""


class OrderReads:
    """Reads orders of one data set."""

    def __init__(self, redis: Redis, keys: Keys) -> None:
        self._redis = redis
        self._keys = keys
        self._waiting: deque[tuple[str, asyncio.Future[bytes | None]]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def get(self, order_id: str) -> bytes | None:
        """An order as the store has it now, None if there is none. Raises Unavailable (STORE_UNAVAILABLE)."""
        loop = asyncio.get_running_loop()
        found: asyncio.Future[bytes | None] = loop.create_future()
        self._waiting.append((order_id, found))
        if self._task is None:
            self._task = loop.create_task(self._run())
        return await found

    async def _run(self) -> None:
        """Trip after trip, until nobody waits."""
        try:
            while self._waiting:
                count = min(len(self._waiting), _AT_ONCE)
                await self._read([self._waiting.popleft() for _ in range(count)])
        finally:
            self._task = None

    async def _read(self, batch: list[tuple[str, asyncio.Future[bytes | None]]]) -> None:
        def queue(pipe: Any) -> None:
            for order_id, _ in batch:
                pipe.hget(self._keys.orders(self._keys.home_of(order_id)), order_id)

        try:
            values = await read_together(self._redis, queue)
        except Exception as error:
            for _, found in batch:
                if not found.done():
                    found.set_exception(error)
            return
        for (_, found), value in zip(batch, values, strict=True):
            if not found.done():
                found.set_result(value)
