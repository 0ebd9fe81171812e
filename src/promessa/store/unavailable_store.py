"""Unavailable units by reason, in the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgpack
from redis.asyncio import Redis

from promessa.domain.errors import InvalidRequest
from promessa.domain.fingerprint import Fingerprint
from promessa.domain.unavailable import Reasons
from promessa.store.group_commit import GroupCommit
from promessa.store.keys import Keys, answer_member, cell_field, cell_of_field
from promessa.store.store import Fed, decode_fed, read_together


class Reclassified(NamedTuple):
    """A cell after units of it got another reason, and its reasons."""

    fed: Fed
    reasons: Reasons


class UnavailableStore:
    """The reasons of a data set's cells. Every method may raise Unavailable (STORE_UNAVAILABLE)."""

    def __init__(self, redis: Redis, keys: Keys, commit: GroupCommit) -> None:
        self._redis = redis
        self.keys = keys
        self._commit = commit

    async def reclassify(
        self,
        request_id: str,
        request: Fingerprint,
        *,
        node_ix: int,
        sku_ix: int,
        units: int,
        from_reason: str,
        to_reason: str,
    ) -> Reclassified:
        """Units of one reason to another; SELLABLE is one, too. Raises AlreadyExists."""
        home, member = self.keys.home_of(request_id), answer_member(request_id)
        item = (self.keys.partition_of(node_ix), cell_field(node_ix, sku_ix), units, from_reason, to_reason)
        answer = await self._commit.submit((b"reclassify", home, member, request.digest, item))
        return _reclassified(answer, request_id, request)

    async def recall(self, request_id: str, request: Fingerprint) -> Reclassified | None:
        """What reclassify answered to a request id, without doing anything; None if it never came."""
        if not request_id:
            return None
        home, member = self.keys.home_of(request_id), answer_member(request_id)
        answer = await self._commit.submit((b"recall", home, member, request.digest))
        return None if answer[0] == b"unknown" else _reclassified(answer, request_id, request)

    async def read(self, pairs: Sequence[tuple[int, int]]) -> list[Reasons]:
        """The reasons of (node, sku) pairs, in order."""
        found = await read_together(
            self._redis,
            lambda pipe: [
                pipe.hget(self.keys.unavailable(self.keys.partition_of(node_ix)), cell_field(node_ix, sku_ix))
                for node_ix, sku_ix in pairs
            ],
        )
        return [decode_reasons(packed) for packed in found]

    async def page(self, token: str, size: int) -> tuple[list[tuple[int, int, Reasons]], str]:
        """Some cells that have reasons, about `size` of them, and the token of the next page.

        A cell that has reasons during the whole listing is listed at least once. Raises InvalidRequest
        (INVALID_PAGE_TOKEN).
        """
        partition, cursor = self._start(token)
        cells: list[tuple[int, int, Reasons]] = []
        while partition < self.keys.partitions and len(cells) < size:
            key = self.keys.unavailable(partition)
            ((following, page),) = await read_together(
                self._redis, lambda pipe, key=key, cursor=cursor: [pipe.hscan(key, cursor, count=size)]
            )
            cells += [(*cell_of_field(field), decode_reasons(packed)) for field, packed in sorted(page.items())]
            cursor = int(following)
            partition += not cursor
        return cells, f"{partition}.{cursor}" if partition < self.keys.partitions else ""

    def _start(self, token: str) -> tuple[int, int]:
        partition, dot, cursor = token.partition(".")
        if not token:
            return 0, 0
        digits = token.isascii() and partition.isdigit() and cursor.isdigit() and dot
        if not digits or len(partition) > 3 or int(partition) >= self.keys.partitions or int(cursor) >= 1 << 64:
            raise InvalidRequest(
                "INVALID_PAGE_TOKEN", "The page_token is none that this method gave. Start again without one."
            )
        return int(partition), int(cursor)


def _reclassified(answer: list[Any], request_id: str, request: Fingerprint) -> Reclassified:
    fed = decode_fed(answer[:4], request_id, request)  # what follows is no place in a sequence
    return Reclassified(fed, _reasons(answer[4]))


def decode_reasons(packed: bytes | None) -> Reasons:
    """A value of `unavailable`, see `lua/unavailable.lua`."""
    return () if packed is None else _reasons(msgpack.unpackb(packed, raw=True))


def _reasons(flat: list[Any]) -> Reasons:
    return tuple((flat[i].decode(), flat[i + 1]) for i in range(0, len(flat), 2))
