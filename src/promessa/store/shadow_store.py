"""What versions in the shadow would have done, summed over all workers: one small hash for each policy.

Counts are statistics: they are added without a request id and are no part of the books. An addition whose outcome is unknown
may count twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from promessa.domain.errors import Unavailable
from promessa.store.keys import Keys


class ShadowStore:
    """The counts of a data set. Every method may raise Unavailable (STORE_UNAVAILABLE)."""

    def __init__(self, redis: Redis, keys: Keys) -> None:
        self._redis: Any = redis  # its stubs do not know that replies are bytes here
        self._keys = keys

    async def add(self, name: tuple[str, int], added: Mapping[str, int]) -> None:
        """Add to the counts of a version."""
        policy_id, version = name
        key = self._keys.shadow(policy_id)
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                for what, amount in added.items():
                    if amount:
                        pipe.hincrby(key, f"{version}:{what}", amount)
                await pipe.execute()
        except (RedisError, OSError) as error:
            raise _unavailable() from error

    async def read(self, policy_id: str) -> dict[int, dict[str, int]]:
        """The counts of each version of a policy that was in the shadow."""
        try:
            found = await self._redis.hgetall(self._keys.shadow(policy_id))
        except (RedisError, OSError) as error:
            raise _unavailable() from error
        counts: dict[int, dict[str, int]] = {}
        for field, value in found.items():
            version, _, what = field.decode().partition(":")
            counts.setdefault(int(version), {})[what] = int(value)
        return counts


def _unavailable() -> Unavailable:
    return Unavailable(
        "STORE_UNAVAILABLE", "The store cannot be asked now. Retry in a moment; if it lasts, see `promessa doctor`."
    )
