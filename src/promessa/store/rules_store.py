"""Rules of safety stock in the store: which version is in force, and cells brought to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from redis.asyncio import Redis

from promessa.store.group_commit import GroupCommit
from promessa.store.keys import Keys
from promessa.store.store import read_together

_PAGE = 1_000


class RulesStore:
    """The rules of a data set. Every method may raise Unavailable (STORE_UNAVAILABLE)."""

    def __init__(self, redis: Redis, keys: Keys, commit: GroupCommit) -> None:
        self._redis = redis
        self.keys = keys
        self._commit = commit

    async def unsettled(self) -> bytes | None:
        """The version of the rules if not every cell is known to follow it, else None."""
        key = self.keys.cells(self.keys.catalogue)
        ((version, settled),) = await read_together(self._redis, lambda pipe: [pipe.hmget(key, ["safety", "settled"])])
        return None if version == settled else version

    async def cells(self, partition: int) -> AsyncIterator[list[bytes]]:
        """The fields of all cells of a partition, page by page."""
        key, cursor = self.keys.cells(partition), 0
        while True:
            ((following, page),) = await read_together(
                self._redis, lambda pipe, cursor=cursor: [pipe.hscan(key, cursor, count=_PAGE)]
            )
            yield [field for field in page if field[:1].isdigit()]
            cursor = int(following)
            if cursor == 0:
                return

    async def follow(self, version: bytes, partition: int, fields: Sequence[bytes]) -> bool:
        """Give cells the safety stock of a version of the rules; False if another one is in force."""
        items: list[Any] = [x for field in fields for x in (partition, field)]
        answer = await self._commit.submit((b"rules", version, items), weight=len(fields))
        return bool(answer[0] == b"ok")

    async def age(self) -> None:
        """Begin a new version once a day where a rule goes by confidence."""
        await self._commit.submit((b"rules_age",))

    async def settled(self, version: bytes) -> bool:
        """Say that every cell follows a version; False if another one is in force."""
        answer = await self._commit.submit((b"rules_settled", version))
        return bool(answer[0] == b"ok")
