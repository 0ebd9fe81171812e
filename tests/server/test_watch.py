"""WatchAvailability: every change once and in order, across any disconnection; crossings; slow readers; many watchers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
import pytest
from api_kit import Api
from serving import Serving

from promessa.v1 import availability_pb2 as nouns
from promessa.v1 import availability_service_pb2 as av

SECONDS_MAX = 20
Kind = nouns.AvailabilityEventKind


@pytest.fixture
def api(serving: Serving) -> Api:
    return Api(serving.channel)


class Watcher:
    """A watch as its client sees it: what it was told, and the last token."""

    def __init__(self, api: Api, **fields: Any) -> None:
        self.call = api.availability.WatchAvailability(av.WatchAvailabilityRequest(**fields))
        self.events: list[nouns.AvailabilityEvent] = []
        self.batches: list[av.WatchAvailabilityResponse] = []
        self.token = ""

    async def next(self) -> av.WatchAvailabilityResponse:
        async with asyncio.timeout(SECONDS_MAX):
            batch = await self.call.read()
        if batch is grpc.aio.EOF:
            await self.call  # raises the status
        self.batches.append(batch)
        self.events += batch.events
        self.token = batch.resume_token
        return batch

    async def until(self, true: Callable[[], bool]) -> None:
        while not true():
            await self.next()

    @property
    def told(self) -> list[tuple[str, str, int | None, int]]:
        return [(e.sku, e.node_id, before_of(e), e.available_quantity) for e in self.events]

    @property
    def kinds(self) -> list[str]:
        return [Kind.Name(e.kind).removeprefix("AVAILABILITY_EVENT_KIND_") for e in self.events]


def before_of(event: nouns.AvailabilityEvent) -> int | None:
    return event.available_quantity_before if event.HasField("available_quantity_before") else None


async def test_every_change_is_told_with_what_was_before(api: Api) -> None:
    await api.shop(units=10)
    watcher = Watcher(api, skus=["cup"])
    assert not (await watcher.next()).events
    await api.reserve(3)
    await api.count("b", 4)
    await watcher.until(lambda: len(watcher.events) >= 2)
    assert sorted(watcher.told) == [("cup", "a", 10, 7), ("cup", "b", 10, 4)]
    assert set(watcher.kinds) == {"CHANGED"}
