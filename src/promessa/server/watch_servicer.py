"""WatchAvailability: batches of events, made of bytes that all watchers of a change share."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

from promessa.domain.watching import Change, EventKind, Levels
from promessa.server import validate
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.service.watches import Batch, Watch, Watches
from promessa.v1 import availability_pb2 as nouns
from promessa.v1 import availability_service_pb2 as messages


class WatchServicer:
    """The watching part of AvailabilityService. `keeper` knows the names."""

    def __init__(self, watches: Watches, keeper: CatalogueKeeper) -> None:
        self._watches = watches
        self._keeper = keeper

    async def watch_availability(self, raw: bytes, context: Any) -> None:
        request = validate.parsed(messages.WatchAvailabilityRequest, raw)
        _check(request)
        watch = Watch(
            await self._watches.select(request.skus, request.node_ids, request.node_group_ids),
            _levels_of(request.levels) if request.HasField("levels") else None,
            request.resume_token,
            request.include_initial,
        )
        async with aclosing(self._watches.watch(watch)) as batches:
            async for batch in batches:
                await context.write(await self._response(batch))

    async def _response(self, batch: Batch) -> bytes:
        """The bytes of a response. Messages one after the other are one message: its events are those of all of them."""
        pieces = [change.memo.get(kind) or await self._piece(kind, change) for kind, change in batch.events]
        end = messages.WatchAvailabilityResponse(
            resume_token=batch.token, coalesced=batch.merged > 0, merged_count=batch.merged
        )
        return b"".join((*pieces, end.SerializeToString()))

    async def _piece(self, kind: EventKind, change: Change) -> bytes:
        """A response with one event alone, kept with the change."""
        event = nouns.AvailabilityEvent(
            kind=int(kind),
            sku=await self._name("sku", change.sku),
            node_id=await self._name("node", change.node),
            available_quantity=change.after,
            available_quantity_before=change.before,
        )
        change.memo[kind] = piece = messages.WatchAvailabilityResponse(events=[event]).SerializeToString()
        return piece

    async def _name(self, kind: str, index: bytes) -> str:
        """The id of a node or sku; one that another worker put a moment ago is read from the store."""
        ids = self._keeper.catalogue.directory(kind).ids
        ix = int(index)
        if ix >= len(ids) or not ids[ix]:
            await self._keeper.load()
        return ids[ix]


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


def _levels_of(message: messages.WatchLevels) -> Levels:
    return Levels(message.low_quantity, message.medium_quantity, message.high_quantity)
