"""What tests of guards share: a changed library in a store of its own, and examples that hold or break with it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from redis import Redis as SyncRedis
from store_kit import START_MS, Shop, opened

from promessa.domain.errors import AlreadyExists, FailedPrecondition, InvalidRequest, NotFound
from promessa.store.functions import LIBRARY, library_text, without_constants

Example = Callable[[Shop, Any], Awaitable[None]]
Guard = tuple[str, str, Example]
"""A text of the library, what stands in its place, and the example that breaks then."""


class Turned:
    """A clock turned by hand."""

    def __init__(self) -> None:
        self.now_ms = START_MS

    def __call__(self) -> int:
        return self.now_ms


async def raises(reason: str, call: Awaitable[object]) -> None:
    try:
        await call
    except (AlreadyExists, FailedPrecondition, InvalidRequest, NotFound) as error:
        assert error.reason == reason
    else:
        raise AssertionError(f"{reason} was expected")


def examples(guards: Sequence[Guard]) -> pytest.MarkDecorator:
    """Every example of the guards once."""
    found = sorted({example for _, _, example in guards}, key=lambda example: example.__name__)
    return pytest.mark.parametrize("example", found, ids=lambda example: example.__name__)


def each(guards: Sequence[Guard]) -> pytest.MarkDecorator:
    """Every guard once."""
    names = [text.strip()[:60] for text, _, _ in guards]
    return pytest.mark.parametrize(("text", "instead", "example"), guards, ids=names)


def holds(socket: str, example: Example, source: str = "") -> None:
    """The example over a fresh store with the library, or another."""

    async def go() -> None:
        clock = Turned()
        async with opened(socket, now_ms=clock) as (_, store):
            with SyncRedis(unix_socket_path=socket) as client:
                client.function_load(without_constants(source or library_text()), replace=True)
            await asyncio.wait_for(example(Shop(store), clock), 20)

    with SyncRedis(unix_socket_path=socket) as client:
        client.flushall()
    asyncio.run(go())


def breaks(socket: str, text: str, instead: str, example: Example) -> None:
    """The example does not hold with another text in the place of one."""
    source = library_text()
    assert source.count(text) >= 1, f"the guard is not in {LIBRARY}"
    with pytest.raises((AssertionError, Exception)):
        holds(socket, example, source.replace(text, instead))
