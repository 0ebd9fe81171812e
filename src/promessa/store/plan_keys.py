"""The keys that plan tokens are signed with: one at a time, made at random, kept in the store beside the data set's id.

A key is a field of the data set's meta hash that is written once (HSETNX) and never changes: `plan_key:<number>`, an instant in
ms and the secret. The highest number signs, the one before it still counts. Nothing else reads them, and no secret is logged.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple, cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

from promessa.domain.errors import Unavailable
from promessa.store.keys import Keys

SECRET_BYTES, KEY_ID_BYTES = 32, 4
KEY_MS_MAX = 30 * 24 * 3600 * 1000
"""A key signs for so long: a token lives for hours, so the key before it has no live tokens when it goes."""
KNOWN_MS_MAX = 60_000
"""What was read of the store counts for so long: a key that was taken out there is refused everywhere within a minute."""

_FIELD = b"plan_key:"
_INSTANT_BYTES = 8


@dataclass(frozen=True, slots=True)
class PlanKey:
    """A secret, and the few bytes of its digest that tokens name it by."""

    secret: bytes = field(repr=False)

    @property
    def key_id(self) -> bytes:
        return sha256(self.secret).digest()[:KEY_ID_BYTES]


class KeyRing(NamedTuple):
    """The keys that count, the one that signs first, and the id of the data set they sign for."""

    data_set: str
    keys: tuple[PlanKey, ...]

    def find(self, key_id: bytes) -> PlanKey | None:
        """The key of an id."""
        return next((key for key in self.keys if key.key_id == key_id), None)


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
        """The keys, the first of which signs. Raises Unavailable (STORE_UNAVAILABLE)."""
        if self._ring is None or not 0 <= self._now_ms() - self._read_ms < KNOWN_MS_MAX:
            await self._read()
        assert self._ring is not None
        return self._ring

    async def naming(self, key_id: bytes) -> KeyRing:
        """The keys as they are known here, or where none has this id as the store has them now. Raises Unavailable."""
        ring = await self.signing()
        return ring if ring.find(key_id) or self._given else await self._read()

    async def _read(self) -> KeyRing:
        """Take over what the store has, and make a key if it has none that may sign."""
        now_ms = self._now_ms()
        try:
            found = await self._fields()
            if not self._given:
                newest = max(found.keys, default=0)
                if not newest or now_ms - found.keys[newest].made_ms >= KEY_MS_MAX:
                    await self._make(newest + 1, now_ms, forget=[number for number in found.keys if number < newest])
                    found = await self._fields()
        except (RedisError, OSError) as error:
            raise Unavailable("STORE_UNAVAILABLE", "The store cannot be read now. Retry in a moment.") from error
        made = [found.keys[number].key for number in sorted(found.keys, reverse=True)[:2]]
        self._ring, self._read_ms = KeyRing(found.data_set, self._given or tuple(made)), now_ms
        return self._ring

    async def _fields(self) -> _Fields:
        fields = await cast("Awaitable[dict[bytes, bytes]]", self._redis.hgetall(self._meta))
        keys = {int(name[len(_FIELD) :]): _decoded(value) for name, value in fields.items() if name.startswith(_FIELD)}
        return _Fields(fields.get(b"id", b"").decode(), keys)

    async def _make(self, number: int, now_ms: int, *, forget: Sequence[int]) -> None:
        """A key of this number, unless somebody else has made it meanwhile."""
        value = now_ms.to_bytes(_INSTANT_BYTES, "big") + secrets.token_bytes(SECRET_BYTES)
        pipe: Any = self._redis.pipeline(transaction=True)
        pipe.hsetnx(self._meta, _FIELD + b"%d" % number, value)
        for old in forget:
            pipe.hdel(self._meta, _FIELD + b"%d" % old)
        await pipe.execute()


class _Made(NamedTuple):
    """A key of the store, and when it was made."""

    made_ms: int
    key: PlanKey


class _Fields(NamedTuple):
    """What the meta hash has: the data set's id, and keys by number."""

    data_set: str
    keys: dict[int, _Made]


def _decoded(value: bytes) -> _Made:
    return _Made(int.from_bytes(value[:_INSTANT_BYTES], "big"), PlanKey(value[_INSTANT_BYTES:]))
