"""The keys that plan tokens are signed with: one at a time, made at random, kept in the store beside the data set's id.

A key is a field of the data set's meta hash that is written once (HSETNX) and never changes: `plan_key:<number>`, an instant in
ms and the secret. The highest number signs, those before it still count. Nothing else reads them, and no secret is logged.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from typing import Any, NamedTuple

from redis.asyncio import Redis

from promessa.domain.errors import Unavailable
from promessa.domain.limits import PLAN_TOKEN_SECONDS_MAX
from promessa.store.keys import Keys
from promessa.store.store import read_together

SECRET_BYTES, KEY_ID_BYTES = 32, 4
KEY_MS_MAX = 30 * 24 * 3600 * 1000
"""A key signs for so long: a token lives for hours, so the key before it has no live tokens when it goes."""
KNOWN_MS_MAX = 60_000
"""What was read of the store counts for so long: a key that was taken out there is refused everywhere within a minute."""
REPLACED_MS_MIN = PLAN_TOKEN_SECONDS_MAX * 1000 + KNOWN_MS_MAX
"""A key that was replaced is kept for so long at least: who has not heard of it signs on for KNOWN_MS_MAX, and then tokens live
as long as any server may let them."""
MAKES_MAX = 3
"""A key is made so often at most for one that needs it; somebody who revokes keys takes out what was just made."""

RETRY_MS = 5_000
"""A store that could not be read is not asked again for so long: quotes need not wait for it."""

_FIELD = b"plan_key:"
_INSTANT_BYTES = 8


@dataclass(frozen=True, slots=True)
class PlanKey:
    """A secret, and the few bytes of its digest that tokens name it by."""

    secret: bytes = field(repr=False)

    @property
    def key_id(self) -> bytes:
        return sha256(self.secret).digest()[:KEY_ID_BYTES]

    @property
    def for_orders(self) -> bytes:
        """What digests of orders are keyed with: 32 bytes that say nothing of the secret or the id."""
        return hmac.digest(self.secret, b"orders", "sha256")


class KeyRing(NamedTuple):
    """The keys that count, the one that signs first, and the id of the data set they sign for."""

    data_set: str
    keys: tuple[PlanKey, ...]

    def find(self, key_id: bytes) -> PlanKey | None:
        """The key of an id."""
        return next((key for key in self.keys if key.key_id == key_id), None)


class KeyFacts(NamedTuple):
    """What may be told of a key: by what tokens name it, when it was made, whether it signs or only counts."""

    key_id: str
    made_ms: int
    signs: bool


class PlanKeys:
    """The keys of one data set. `given` are secrets from outside, the one that signs first: then the store keeps none."""

    def __init__(self, redis: Redis, keys: Keys, *, now_ms: Callable[[], int], given: Sequence[bytes] = ()) -> None:
        self._redis = redis
        self._meta = keys.meta
        self._now_ms = now_ms
        self._given = tuple([PlanKey(secret) for secret in given])
        self._ring: KeyRing | None = None
        self._read_ms = 0

    async def signing(self) -> KeyRing:
        """The keys, the first of which signs: while the store cannot be read those that were known. Raises Unavailable
        (STORE_UNAVAILABLE) if none were."""
        now_ms = self._now_ms()
        if self._ring is not None and 0 <= now_ms - self._read_ms < KNOWN_MS_MAX:
            return self._ring
        try:
            return await self._read()
        except Unavailable:
            if self._ring is None:
                raise
            self._read_ms = now_ms - KNOWN_MS_MAX + RETRY_MS
            return self._ring

    async def naming(self, key_id: bytes) -> KeyRing:
        """The keys as they are known here, or where none has this id as the store has them now. Raises Unavailable."""
        ring = await self.signing()
        return ring if ring.find(key_id) or self._given else await self._read()

    async def facts(self) -> list[KeyFacts]:
        """The keys that the store keeps, the one that signs first. Raises Unavailable."""
        found = (await self._fields()).newest
        return [KeyFacts(each.key.key_id.hex(), each.made_ms, at == 0) for at, each in enumerate(found)]

    async def rotate(self) -> list[KeyFacts]:
        """Have a new key sign; those before count while tokens of theirs may live. Nothing where the store keeps none."""
        found = await self._fields()
        if found.keys:
            await self._make(found, self._now_ms())
        return await self.facts()

    async def revoke(self) -> list[KeyFacts]:
        """Forget all keys: who knows one forgets it within KNOWN_MS_MAX, and whoever needs one makes it."""
        found = await self._fields()

        def change(pipe: Any) -> None:
            for number in found.keys:
                pipe.hdel(self._meta, _FIELD + b"%d" % number)

        if found.keys:
            await read_together(self._redis, change)
        return await self.facts()

    async def _read(self) -> KeyRing:
        """Take over what the store has, once it has a key that may sign: until then make one. Raises Unavailable."""
        now_ms = self._now_ms()
        found = await self._fields()
        for _ in range(MAKES_MAX):
            if self._given or found.may_sign(now_ms):
                break
            await self._make(found, now_ms)
            found = await self._fields()
        keys = self._given or tuple([each.key for each in found.newest])
        if not keys:
            raise Unavailable("STORE_UNAVAILABLE", "The keys of plan tokens are being revoked. Retry in a moment.")
        self._ring, self._read_ms = KeyRing(found.data_set, keys), now_ms
        return self._ring

    async def _fields(self) -> _Fields:
        (fields,) = await read_together(self._redis, lambda pipe: [pipe.hgetall(self._meta)])
        numbered = {name.removeprefix(_FIELD): value for name, value in fields.items() if name.startswith(_FIELD)}
        keys = {int(number): _decoded(value) for number, value in numbered.items() if number.isdigit()}
        return _Fields(fields.get(b"id", b"").decode(), keys)

    async def _make(self, found: _Fields, now_ms: int) -> None:
        """The key after those found, unless somebody else has made it meanwhile; those that have had their time go."""
        value = now_ms.to_bytes(_INSTANT_BYTES, "big") + secrets.token_bytes(SECRET_BYTES)

        def change(pipe: Any) -> None:
            pipe.hsetnx(self._meta, _FIELD + b"%d" % (max(found.keys, default=0) + 1), value)
            for old in found.outlived(now_ms):
                pipe.hdel(self._meta, _FIELD + b"%d" % old)

        await read_together(self._redis, change)


class _Made(NamedTuple):
    """A key of the store, and when it was made."""

    made_ms: int
    key: PlanKey


class _Fields(NamedTuple):
    """What the meta hash has: the data set's id, and keys by number."""

    data_set: str
    keys: dict[int, _Made]

    @property
    def newest(self) -> list[_Made]:
        """Those that count, the one that signs first."""
        return [self.keys[number] for number in sorted(self.keys, reverse=True)]

    def may_sign(self, now_ms: int) -> bool:
        """Whether there is a key, and the newest is young enough."""
        return bool(self.keys) and now_ms - self.newest[0].made_ms < KEY_MS_MAX

    def outlived(self, now_ms: int) -> list[int]:
        """Numbers of those that were replaced, by the next one, so long ago that no token of theirs lives."""
        by_age = pairwise(sorted(self.keys))
        return [old for old, new in by_age if now_ms - self.keys[new].made_ms >= REPLACED_MS_MIN]


def _decoded(value: bytes) -> _Made:
    return _Made(int.from_bytes(value[:_INSTANT_BYTES], "big"), PlanKey(value[_INSTANT_BYTES:]))
