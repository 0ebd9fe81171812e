"""AvailabilityService: bytes in, bytes out.

The replica's reader answers from request bytes to response bytes in one native call. Where it cannot (the caller wants
the store, a change not yet applied, a group of nodes, or sent something wrong) it returns a code, and the slow path of
this file takes over with ordinary messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import grpc

from promessa.domain.availability import AvailabilityStatus, BasketMode, overall
from promessa.domain.catalogue import Catalogue
from promessa.domain.errors import FailedPrecondition, InvalidRequest, Unavailable
from promessa.domain.explanation import LANGUAGES
from promessa.domain.limits import BATCH_PAIRS_MAX
from promessa.replica import Code
from promessa.server import validate
from promessa.server.boundary import Boundary
from promessa.server.convert import claim, explanation_message, from_store, timestamp
from promessa.server.replica_reader import ReplicaReader
from promessa.server.substitutes import Substitutes
from promessa.server.watch_servicer import WatchServicer
from promessa.service.availability import Availability, Found
from promessa.v1 import availability_pb2 as nouns
from promessa.v1 import availability_service_pb2 as messages

SERVICE = "promessa.v1.AvailabilityService"
WAIT_STEP_SECONDS = 0.001
WAIT_SECONDS_MAX = 0.25
"""How long a read waits for the replica to see a change before it asks the store."""

_ASK_THE_STORE = (Code.NEEDS_STORE, Code.NEEDS_WAIT, Code.NEEDS_GROUP, Code.STALE_READ_THROUGH, Code.NOT_READY)


class AvailabilityServicer:
    """The reads. `replica` may be reopened under way; `availability` reads the store; `now_ms` is the wall clock."""

    def __init__(
        self, replica: ReplicaReader, availability: Availability, catalogue: Catalogue, *, now_ms: Callable[[], int]
    ) -> None:
        self._replica = replica
        self._availability = availability
        self._now_ms = now_ms
        self.substitutes = Substitutes(catalogue, self.get_availability)

    async def get_availability(self, request: bytes, context: Any) -> bytes:
        answer = self._replica.reader.get_availability(request)
        return answer if type(answer) is bytes else await self._slow_get(request, answer, context)

    async def batch_get_availability(self, request: bytes, context: Any) -> bytes:
        answer = self._replica.reader.batch_get_availability(request)
        return answer if type(answer) is bytes else await self._slow_batch(request, answer, context)

    async def check_basket(self, request: bytes, context: Any) -> bytes:
        answer = self._replica.reader.check_basket(request)
        return answer if type(answer) is bytes else await self._slow_basket(request, answer, context)

    async def explain_availability(self, raw: bytes, context: Any) -> bytes:
        request = validate.parsed(messages.ExplainAvailabilityRequest, raw)
        found = await self._availability.explain(request.sku, request.node_ids, claim=claim(request))
        return messages.ExplainAvailabilityResponse(
            sku=request.sku,
            available_quantity=sum(each.promise.available for each in found),
            nodes=[explanation_message(each, request.sku, request.language or LANGUAGES[0]) for each in found],
            freshness=self._from_store(),
        ).SerializeToString()

    async def _slow_get(self, raw: bytes, code: int, context: Any) -> bytes:
        request = validate.parsed(messages.GetAvailabilityRequest, raw)
        if request.offer_substitutes:
            return await self._get_with_substitutes(request, context)
        node_ids = self._take_group(request)
        again = await self._again(request, code, context, lambda reader, body: reader.get_availability(body))
        if again is not None:
            return again
        empty_group = request.node_group_id and not node_ids
        found = [] if empty_group else await self._availability.of_sku(request.sku, node_ids, claim=claim(request))
        total = sum(answer.promise.available for _, answer in found)
        return messages.GetAvailabilityResponse(
            sku=request.sku,
            available_quantity=total,
            nodes=[nouns.NodeAvailability(node_id=node_id, **_said(answer)) for node_id, answer in found],
            status=self._overall(request.sku, total, found),
            freshness=self._from_store(),
        ).SerializeToString()

    async def _slow_batch(self, raw: bytes, code: int, context: Any) -> bytes:
        request = validate.parsed(messages.BatchGetAvailabilityRequest, raw)
        again = await self._again(request, code, context, lambda reader, body: reader.batch_get_availability(body))
        if again is not None:
            return again
        pairs = [(pair.sku, pair.node_id) for pair in request.pairs]
        answers = await self._availability.at_pairs(pairs, claim=claim(request))
        return messages.BatchGetAvailabilityResponse(
            availabilities=[
                messages.SkuAvailability(sku=sku, node_id=node_id, **_said(answer))
                for (sku, node_id), answer in zip(pairs, answers, strict=True)
            ],
            freshness=self._from_store(),
        ).SerializeToString()

    async def _slow_basket(self, raw: bytes, code: int, context: Any) -> bytes:
        request = validate.parsed(messages.CheckBasketRequest, raw)
        if request.offer_substitutes:
            return await self._basket_with_substitutes(request, context)
        node_ids = self._take_group(request)
        again = await self._again(request, code, context, lambda reader, body: reader.check_basket(body))
        if again is not None:
            return again
        lines = [(line.sku, line.quantity) for line in request.lines]
        mode = BasketMode(request.mode or BasketMode.ALL)
        able, rejected = await self._availability.basket(lines, mode, node_ids, claim=claim(request))
        return messages.CheckBasketResponse(
            nodes=[
                messages.NodeCoverage(node_id=x.node_id, whole_lines=x.whole_lines, served_quantity=x.served_quantity)
                for x in able
            ],
            rejected_nodes=[
                messages.RejectedNode(node_id=x.node_id, reason=int(x.reason), short_lines=x.short_lines)
                for x in ([] if request.omit_rejected else rejected)
            ],
            unknown_sku_lines=self._availability.unknown_skus(lines),
            freshness=self._from_store(),
        ).SerializeToString()

    async def _get_with_substitutes(self, request: messages.GetAvailabilityRequest, context: Any) -> bytes:
        """The plain answer, and where it is short, what could be sold instead."""
        request.offer_substitutes = False
        raw = await self.get_availability(request.SerializeToString(), context)
        answer = messages.GetAvailabilityResponse.FromString(raw)
        wanted = max(request.quantity, 1)
        if answer.available_quantity >= wanted or answer.status >= AvailabilityStatus.INFINITE:
            return raw
        answer.substitutes.extend(await self.substitutes.offers(request, context))
        return answer.SerializeToString()

    async def _basket_with_substitutes(self, request: messages.CheckBasketRequest, context: Any) -> bytes:
        """The plain answer, and what could be sold instead of lines that no node can serve whole."""
        omit, request.omit_rejected, request.offer_substitutes = request.omit_rejected, False, False
        raw = await self.check_basket(request.SerializeToString(), context)
        answer = messages.CheckBasketResponse.FromString(raw)
        whole = {line for node in answer.nodes for line in node.whole_lines}
        for node in answer.rejected_nodes:
            if node.reason == messages.BASKET_REJECTION_SHORT:
                whole |= set(range(len(request.lines))) - set(node.short_lines)
        like = messages.GetAvailabilityRequest(
            node_ids=request.node_ids,
            node_group_id=request.node_group_id,
            channel=request.channel,
            fulfillment_method=request.fulfillment_method,
        )
        if request.HasField("consistency"):
            like.consistency.CopyFrom(request.consistency)
        short = [(i, line.sku) for i, line in enumerate(request.lines) if i not in whole]
        answer.line_substitutes.extend(await self.substitutes.of_lines(short, like, context))
        if omit:
            del answer.rejected_nodes[:]
        return answer.SerializeToString()

    async def _again(
        self, request: Any, code: int, context: Any, read: Callable[[Any, bytes], bytes | int]
    ) -> bytes | None:
        """Try the replica once more: after a wait for the caller's token, or with a group's nodes. None: ask the store.

        Raises what the code stands for.
        """
        if code == Code.NEEDS_WAIT:
            await self._wait_for(request.consistency.at_least_token, context)
        answer = read(self._replica.reader, request.SerializeToString())
        if isinstance(answer, bytes):
            return answer
        if answer in _ASK_THE_STORE:
            return None
        raise self._refusal(request, answer)

    async def _wait_for(self, token: str, context: Any) -> None:
        """Until the replica has seen the token's change, at most half of the time the caller has left."""
        remaining = context.time_remaining()
        seconds = WAIT_SECONDS_MAX if remaining is None else min(WAIT_SECONDS_MAX, remaining / 2)
        for _ in range(int(seconds / WAIT_STEP_SECONDS)):
            if self._replica.reader.reached(token) != Code.NEEDS_WAIT:
                return
            await asyncio.sleep(WAIT_STEP_SECONDS)

    def _take_group(self, request: Any) -> list[str]:
        """The nodes asked about. The nodes of a group take the place of its name, unless the group is empty or too large
        for a request: then the name stays, the replica passes, and the store answers."""
        if not request.node_group_id:
            return list(request.node_ids)
        members = list(self._availability.nodes_of_group(request.node_group_id))
        if 0 < len(members) <= BATCH_PAIRS_MAX:
            request.node_ids[:] = members
            request.node_group_id = ""
        return members

    def _refusal(self, request: Any, code: int) -> Exception:
        if code == Code.STALE_FAIL:
            staleness = self._replica.staleness_ms()
            return Unavailable(
                "REPLICA_STALE",
                f"The replica is {staleness} ms old, older than max_staleness_ms allows. Retry, or ask with "
                "stale_policy READ_THROUGH.",
                staleness_ms=staleness,
            )
        if code == Code.EPOCH_CHANGED:
            return FailedPrecondition(
                "TOKEN_EPOCH_CHANGED",
                "The token is of another epoch of the data set, so what it stood for may be lost. Read again without it.",
                epoch=self._replica.reader.epoch,
            )
        if code == Code.INVALID_TOKEN:
            return InvalidRequest(
                "INVALID_TOKEN", "The at_least_token is none that this service gave. Send a token from an answer."
            )
        validate.check(request)
        return InvalidRequest(
            "MALFORMED_REQUEST",
            "The request cannot be read as the message this method takes. Use the protos of this version.",
        )

    def _overall(self, sku: str, total: int, found: list[tuple[str, Found]]) -> int:
        if self._availability.unknown_skus([(sku, 1)]):
            return AvailabilityStatus.UNKNOWN_SKU
        return overall(total, [answer.promise.status for _, answer in found])

    def _from_store(self) -> nouns.Freshness:
        return from_store(self._availability.epoch, self._now_ms())


def _said(found: Found) -> dict[str, Any]:
    """The fields of an answer from the store about one sku at one node, but for their names."""
    promise, cell = found
    said: dict[str, Any] = {"available_quantity": promise.available, "status": int(promise.status)}
    if cell is not None:
        said |= {"version": cell.version, "count_source_id": cell.count_source}
        if cell.counted_at_ms:
            said["count_time"] = timestamp(cell.counted_at_ms)
    return said


def register(
    server: grpc.aio.Server, servicer: AvailabilityServicer, watches: WatchServicer, boundary: Boundary
) -> None:
    """Add the service to a server: raw bytes on both sides, errors and metrics by the boundary."""
    methods: dict[str, Callable[[bytes, Any], Awaitable[bytes]]] = {
        "GetAvailability": servicer.get_availability,
        "BatchGetAvailability": servicer.batch_get_availability,
        "CheckBasket": servicer.check_basket,
        "ExplainAvailability": servicer.explain_availability,
    }
    handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
        name: grpc.unary_unary_rpc_method_handler(boundary.unary(f"/{SERVICE}/{name}", method))
        for name, method in methods.items()
    }
    watch = boundary.watching(f"/{SERVICE}/WatchAvailability", watches.watch_availability)
    handlers["WatchAvailability"] = grpc.unary_stream_rpc_method_handler(watch)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
