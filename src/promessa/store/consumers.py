"""Consumers of the event logs: who reads them for good, and how far each has come. What one has not read is not trimmed.

A consumer takes entries, makes their effects last, and then commits its positions. A commit names the revision it goes
on from, so of two that bear one name only one goes on. Positions travel to replicas of the store behind the entries they
are of: after a failover a consumer may be set back, never ahead of its log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgpack
from redis.asyncio import Redis
from redis.exceptions import RedisError, WatchError

from promessa.domain.errors import Unavailable
from promessa.domain.limits import CONSUMERS_MAX
from promessa.store.epoch import current_epoch
from promessa.store.keys import Keys

ARCHIVE = "archive"
"""The name of the consumer that archives."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """How far a consumer has come.

    `revision` counts its commits. `positions` are sequences, one a partition, then the catalogue's: all up to them is
    done. `epoch` is that of the data set at the last commit. At `caught_up_ms` it had done everything there was. Instants
    in ms.
    """

    name: str
    revision: int
    epoch: int
    registered_ms: int
    caught_up_ms: int
    positions: tuple[int, ...]

    def lag(self, heads: Sequence[int]) -> int:
        """Entries it has not done yet."""
        return sum(max(head - done, 0) for head, done in zip(heads, self.positions, strict=True))


class TooManyConsumers(Exception):
    """As many are registered as may be."""


class OvertakenConsumer(Exception):
    """The consumer is not where it was thought to be: another took its place, it was removed, or the store was set back."""


class Consumers:
    """The consumers of one data set. Errors of the connection come out as redis-py's own unless said."""

    def __init__(self, redis: Redis, keys: Keys) -> None:
        self._redis: Any = redis  # its stubs do not know that replies are bytes here
        self._keys = keys

    async def get(self, name: str) -> Consumer | None:
        """One of them, None if it is not registered."""
        packed = await self._redis.hget(self._keys.consumers, name)
        return None if packed is None else _decode(name, packed)

    async def all(self) -> list[Consumer]:
        """All of them, by name."""
        found = await self._redis.hgetall(self._keys.consumers)
        return sorted((_decode(name.decode(), packed) for name, packed in found.items()), key=lambda each: each.name)

    async def register(self, name: str, positions: Sequence[int], *, now_ms: int) -> Consumer:
        """A new consumer that has done all up to these positions; or the one there is, as it is.

        Raises TooManyConsumers.
        """
        if await self._redis.hlen(self._keys.consumers) >= CONSUMERS_MAX and await self.get(name) is None:
            raise TooManyConsumers(
                f"There are {CONSUMERS_MAX} consumers already, and each may keep the event log from being trimmed. Remove one "
                "that is not needed: promessa consumers remove NAME."
            )
        epoch = await current_epoch(self._redis, self._keys.meta)
        new = Consumer(name, 0, epoch, now_ms, now_ms, tuple(positions))
        await self._redis.hsetnx(self._keys.consumers, name, _encode(new))
        found = await self.get(name)
        if found is None:
            raise OvertakenConsumer(f"Consumer {name} was removed.")
        return found

    async def commit(self, consumer: Consumer, positions: Sequence[int], *, caught_up_ms: int) -> Consumer:
        """Say that all up to these positions is done; the consumer after it. Raises OvertakenConsumer."""
        epoch = await current_epoch(self._redis, self._keys.meta)
        after = replace(
            consumer, revision=consumer.revision + 1, epoch=epoch, caught_up_ms=caught_up_ms, positions=tuple(positions)
        )
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                await pipe.watch(self._keys.consumers)
                packed = await pipe.hget(self._keys.consumers, consumer.name)
                if packed is None or _decode(consumer.name, packed) != consumer:
                    raise OvertakenConsumer(f"Consumer {consumer.name} is no longer at revision {consumer.revision}.")
                pipe.multi()
                pipe.hset(self._keys.consumers, consumer.name, _encode(after))
                await pipe.execute()
        except WatchError:  # somebody else's commit came between: it was not done
            return await self.commit(consumer, positions, caught_up_ms=caught_up_ms)
        return after

    async def remove(self, name: str) -> bool:
        """Forget a consumer, so that the log is kept for it no longer; whether it was there. Raises Unavailable."""
        try:
            return bool(await self._redis.hdel(self._keys.consumers, name))
        except (RedisError, OSError) as error:
            raise Unavailable(
                "STORE_UNAVAILABLE",
                "The store cannot be changed now. Retry in a moment; if it lasts, see `promessa doctor`.",
            ) from error


def done_by_all(consumers: Sequence[Consumer], heads: Sequence[int]) -> list[int]:
    """The sequence of each partition up to which every consumer is done; the heads if there is none."""
    return [min([head, *(each.positions[p] for each in consumers)]) for p, head in enumerate(heads)]


def _encode(consumer: Consumer) -> bytes:
    values = (consumer.revision, consumer.epoch, consumer.registered_ms, consumer.caught_up_ms, consumer.positions)
    return bytes(msgpack.packb(values))


def _decode(name: str, packed: bytes) -> Consumer:
    revision, epoch, registered_ms, caught_up_ms, positions = msgpack.unpackb(packed)
    return Consumer(name, revision, epoch, registered_ms, caught_up_ms, tuple(positions))
