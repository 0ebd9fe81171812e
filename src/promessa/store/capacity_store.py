"""What nodes take on in a day, in the store: setting it, and reading what is taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgpack
from redis.asyncio import Redis

from promessa.domain.capacity import Capacity, CapacityUnit, CapacityUse, DayTaken, OnFull
from promessa.domain.fingerprint import Fingerprint
from promessa.store import answers
from promessa.store.group_commit import GroupCommit
from promessa.store.keys import Keys, answer_member
from promessa.store.store import read_together


class CapacitySet(NamedTuple):
    """After setting a capacity. `changed`: nothing was set, for the node is not as the caller had seen it, but this."""

    changed: bytes | None
    replayed: bool


class CapacityStore:
    """The capacities of a data set. Every method may raise Unavailable (STORE_UNAVAILABLE)."""

    def __init__(self, redis: Redis, keys: Keys, commit: GroupCommit) -> None:
        self._redis = redis
        self.keys = keys
        self._commit = commit

    async def set_capacity(
        self,
        request_id: str,
        request: Fingerprint,
        *,
        node_id: str,
        seen: bytes,
        capacity: Capacity | None,
        clock: Sequence[int],
    ) -> CapacitySet | None:
        """Set what a node takes on in a day from now on (None: whatever comes). `seen` is the node's JSON that `clock` is of.

        None if there is no such node. Raises AlreadyExists.
        """
        values: tuple[Any, ...] = (0, 0, 0, 0)
        if capacity is not None:
            values = (capacity.limit, int(capacity.unit), int(capacity.on_full), capacity.weekdays)
        home, member = self.keys.home_of(request_id), answer_member(request_id)
        answer = await self._commit.submit(
            (b"capacity", home, member, request.digest, b"node", node_id, seen, *values, clock)
        )
        if answer[0] == b"not_found":
            return None
        if answer[0] == b"changed":
            return CapacitySet(answer[1], False)
        return CapacitySet(None, answers.check(answer, request_id=request_id, request=request))

    async def nodes(self) -> list[int]:
        """The nodes that have a capacity, ascending."""

        def ask(pipe: Any) -> list[Any]:
            return [pipe.hget(self.keys.cells(partition), "capped") for partition in range(self.keys.partitions)]

        found = await read_together(self._redis, ask)
        return sorted(node_ix for packed in found if packed for node_ix in msgpack.unpackb(packed))

    async def read(self, node_ix: int) -> CapacityUse:
        """The capacity of a node, and what is taken of its days."""
        (found,) = await self.read_all([node_ix])
        return found

    async def read_all(self, node_ixs: Sequence[int]) -> list[CapacityUse]:
        """The same of many nodes, in one round trip."""

        def ask(pipe: Any) -> list[Any]:
            keys = [self.keys.capacity(self.keys.partition_of(node_ix)) for node_ix in node_ixs]
            return [pipe.hmget(key, [str(ix), f"{ix}:days"]) for key, ix in zip(keys, node_ixs, strict=True)]

        return [decode_use(*found) for found in await read_together(self._redis, ask)]


def decode_use(config: bytes | None, days: bytes | None) -> CapacityUse:
    """A capacity and its days, see `lua/capacity.lua`."""
    capacity = None
    if config is not None:
        limit, unit, on_full, weekdays, *_ = msgpack.unpackb(config)
        capacity = Capacity(limit, CapacityUnit(unit), OnFull(on_full), weekdays)
    return CapacityUse(capacity, decode_days(days))


def decode_days(packed: bytes | None) -> tuple[DayTaken, ...]:
    """What is taken of the days of a node."""
    flat = [] if packed is None else msgpack.unpackb(packed)[1:]
    return tuple(sorted(DayTaken(*flat[i : i + 3]) for i in range(0, len(flat), 3)))
