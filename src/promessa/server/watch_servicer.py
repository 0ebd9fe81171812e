"""WatchAvailability: batches of events, made of bytes that all watchers of a change share."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import grpc

from promessa.domain.errors import Exhausted
from promessa.domain.limits import WATCH_STALLED_SECONDS
from promessa.domain.watching import Levels
from promessa.server import validate
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.service.watches import Batch, Watch, Watches
from promessa.v1 import availability_pb2 as nouns
from promessa.v1 import availability_service_pb2 as messages


class Labels:
    """What names a cell in an event: made once for each, however many are told of it."""

    def __init__(self, keeper: CatalogueKeeper) -> None:
        self._catalogue = keeper.catalogue

    def __call__(self, node: bytes, sku: bytes) -> bytes:
        """The fields sku and node_id of an AvailabilityEvent. Raises LookupError for indices that are not known here."""
        ids = self._catalogue.skus.ids[int(sku)], self._catalogue.nodes.ids[int(node)]
        if not all(ids):
            raise LookupError("The name of a cell is not known yet.")
        return nouns.AvailabilityEvent(sku=ids[0], node_id=ids[1]).SerializeToString()


class WatchServicer:
    """The watching part of AvailabilityService."""

    def __init__(self, watches: Watches) -> None:
        self._watches = watches
        self._end = (("", 0), b"")

    async def watch_availability(self, raw: bytes, context: Any) -> None:
        request = validate.parsed(messages.WatchAvailabilityRequest, raw)
        _check(request)
        watch = Watch(
            await self._watches.select(request.skus, request.node_ids, request.node_group_ids),
            _levels_of(request.levels) if request.HasField("levels") else None,
            request.resume_token,
            request.include_initial,
            request.channel,
        )
        async with aclosing(self._watches.watch(watch)) as batches:
            async for batch in batches:
                try:
                    async with asyncio.timeout(WATCH_STALLED_SECONDS):
                        await context.write(batch.events + self._end_of(batch))
                except TimeoutError:
                    raise _stalled(batch) from None
                except grpc.aio.InternalError:  # the call is over, and nobody is left to be told
                    return

    def _end_of(self, batch: Batch) -> bytes:
        """What a response has beside its events: messages one after the other are one message. Mostly that of the last
        watcher, who was told at the same position."""
        of = (batch.token, batch.merged)
        if self._end[0] != of:
            token, merged = of
            end = messages.WatchAvailabilityResponse(resume_token=token, coalesced=merged > 0, merged_count=merged)
            self._end = (of, end.SerializeToString())
        return self._end[1]


def _check(request: Any) -> None:
    """The rules that no field can state. Raises InvalidFields."""
    if not request.skus and not request.node_ids and not request.node_group_ids:
        raise validate.InvalidFields([("skus", "name at least one sku, node or node group")])
    if request.resume_token and request.include_initial:
        raise validate.InvalidFields([("include_initial", "must not be set with a resume_token")])
    levels = request.levels
    given = [x for x in (levels.low_quantity, levels.medium_quantity, levels.high_quantity) if x]
    if given != sorted(set(given)):
        raise validate.InvalidFields([("levels", "low, medium and high quantity must rise, those left out apart")])


def _stalled(batch: Batch) -> Exhausted:
    """Goes out behind the batch, so its token is the last one."""
    return Exhausted(
        "WATCH_STALLED",
        f"No batch of this watch was taken for {WATCH_STALLED_SECONDS:.0f} seconds, so it ends. Watch again with the "
        "last resume_token.",
        resume_token=batch.token,
    )


def _levels_of(message: messages.WatchLevels) -> Levels:
    return Levels(message.low_quantity, message.medium_quantity, message.high_quantity)
