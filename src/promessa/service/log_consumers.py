"""Who reads the event log for good, and how far behind each is."""

from __future__ import annotations

from collections.abc import Sequence

from redis.exceptions import RedisError

from promessa.domain.errors import NotFound, Unavailable
from promessa.store.consumers import Consumer, Consumers
from promessa.store.store import Store


class LogConsumers:
    """Looks at consumers, and removes them."""

    def __init__(self, consumers: Consumers, store: Store) -> None:
        self._consumers = consumers
        self._store = store

    async def all(self) -> tuple[list[Consumer], Sequence[int]]:
        """All of them by name, and the head of every log. Raises Unavailable."""
        try:
            found = await self._consumers.all()
        except (RedisError, OSError) as error:
            raise _unreadable() from error
        return found, await self._store.heads()

    async def get(self, name: str) -> Consumer | None:
        """One of them, None if there is none. Raises Unavailable."""
        try:
            return await self._consumers.get(name)
        except (RedisError, OSError) as error:
            raise _unreadable() from error

    async def remove(self, name: str) -> None:
        """Forget one. Raises NotFound (CONSUMER_NOT_FOUND), Unavailable."""
        if not await self._consumers.remove(name):
            raise NotFound(
                "CONSUMER_NOT_FOUND",
                f"There is no consumer {name!r}. `promessa consumers list` shows those there are.",
                consumer=name,
            )


def _unreadable() -> Unavailable:
    return Unavailable(
        "STORE_UNAVAILABLE", "The store cannot be read now. Retry in a moment; if it lasts, see `promessa doctor`."
    )
