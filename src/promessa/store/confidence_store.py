"""Stock confidence in the store: the operation of `lua/confidence.lua`, and reads of what it keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgpack
from redis.asyncio import Redis
from redis.exceptions import RedisError

from promessa.domain.confidence import Evidence
from promessa.domain.errors import Unavailable
from promessa.domain.fingerprint import Fingerprint
from promessa.store import answers
from promessa.store.group_commit import GroupCommit
from promessa.store.keys import Keys, answer_member, cell_field

NodeClass = tuple[int, str]
"""A node index and a stock class."""


class Checked(NamedTuple):
    """What a check of a cell tells, in thousandths of units."""

    node_ix: int
    sku_ix: int
    stock_class: str
    found: int
    missing: int


class ConfidenceStore:
    """Evidence by node and stock class. Every method may raise Unavailable (STORE_UNAVAILABLE)."""

    def __init__(self, redis: Redis, keys: Keys, commit: GroupCommit) -> None:
        self._redis: Any = redis  # its stubs do not know that replies are bytes here
        self.keys = keys
        self._commit = commit

    async def add(self, request_id: str, request: Fingerprint, checks: Sequence[Checked]) -> bool:
        """Add what checks tell; whether it was done before. Raises AlreadyExists (REQUEST_ID_REUSED)."""
        flat = [
            x
            for node_ix, sku_ix, stock_class, found, missing in checks
            for x in (*self._at(node_ix, stock_class), found, missing, cell_field(node_ix, sku_ix))
        ]
        answer = await self._commit.submit(
            (b"checks", self.keys.home_of(request_id), answer_member(request_id), request.digest, *flat),
            weight=len(checks),
        )
        return answers.check(answer, request_id=request_id, request=request)

    async def read(self, wanted: Sequence[NodeClass]) -> list[Evidence]:
        """The evidence of each, as it weighed when it was last added to."""
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                for node_ix, name in wanted:
                    partition, field = self._at(node_ix, name)
                    pipe.hget(self.keys.confidence(partition), field)
                found = await pipe.execute()
        except (RedisError, OSError) as error:
            raise Unavailable(
                "STORE_UNAVAILABLE",
                "The store cannot be read now. Retry in a moment; if it lasts, see `promessa doctor`.",
            ) from error
        return [_evidence(packed) for packed in found]

    def _at(self, node_ix: int, stock_class: str) -> tuple[int, str]:
        return self.keys.partition_of(node_ix), f"{node_ix}:{stock_class}"


def _evidence(packed: bytes | None) -> Evidence:
    if packed is None:
        return Evidence()
    unpacker = msgpack.Unpacker()
    unpacker.feed(packed)
    return Evidence(*unpacker)
