"""Clients of a running server that write down what they do and see, and the store's side of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import grpc
import msgpack
from history import Call, Cell, Counts, History, Step
from redis.asyncio import Redis

from promessa.store.books import Books
from promessa.store.keys import Keys
from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import availability_service_pb2_grpc as av_grpc
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import inventory_service_pb2_grpc as iv_grpc
from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import network_service_pb2_grpc as nw_grpc
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import reservation_service_pb2_grpc as rs_grpc

SHORT_HOLD_SECONDS = 1.2
"""About as long as the shortest holds live."""

LOST = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.RESOURCE_EXHAUSTED)


class Recorder:
    """What all clients of a run share."""

    def __init__(self, nodes: int, skus: int) -> None:
        self.nodes = [f"n{n}" for n in range(nodes)]
        self.skus = [f"s{n}" for n in range(skus)]
        self.calls: list[Call] = []

    def cell(self, node_id: str, sku: str) -> Cell:
        """As the log names it: indices are given in the order of the catalogue's records."""
        return f"{self.nodes.index(node_id)}:{self.skus.index(sku)}"

    async def open_shop(self, channel: grpc.aio.Channel, units: int) -> None:
        """The catalogue, and `units` of each sku at each node, for all to see."""
        network, inventory = nw_grpc.NetworkServiceStub(channel), iv_grpc.InventoryServiceStub(channel)
        availability = av_grpc.AvailabilityServiceStub(channel)
        for node_id in self.nodes:
            await network.PutNode(nw.PutNodeRequest(request_id=f"put-node-{node_id}", node={"node_id": node_id}))
        for sku in self.skus:
            await network.PutSku(nw.PutSkuRequest(request_id=f"put-sku-{sku}", sku={"sku": sku}))
        for node_id in self.nodes:
            for sku in self.skus:
                count = {"sku": sku, "node_id": node_id, "on_hand_quantity": units}
                request = iv.SetOnHandRequest(request_id=f"count-{node_id}-{sku}", count=count)
                seen = {"at_least_token": (await inventory.SetOnHand(request)).token}
                await availability.GetAvailability(av.GetAvailabilityRequest(sku=sku, consistency=seen))

    async def history(self, books: Books, first: dict[int, int]) -> History:
        """All calls, and all steps after the sequences `first` of the partitions; what was before is their start."""
        steps: list[Step] = []
        before: dict[Cell, tuple[int, Counts]] = {}
        for partition in range(books.keys.partitions):
            async for step in _steps(books, partition):
                if step.sequence > first[partition]:
                    steps.append(step)
                else:
                    before[step.cell] = (step.version, step.after)
        return History(steps, self.calls, books.keys.partitions, before)


async def _steps(books: Books, partition: int) -> Any:
    async for sequence, flat in books.entries(partition):
        kind = reference = ""
        at_ms = int(flat[1])
        for name, value in zip(flat[2::2], flat[3::2], strict=True):
            if not name[:1].isdigit():
                if b":" not in name:
                    kind, reference = name.decode(), value.decode().removeprefix("r:")
                continue
            unpacker = msgpack.Unpacker()
            unpacker.feed(value)
            on_hand, unavailable, safety, held, committed, version, _ = list(unpacker)[:7]
            counts = Counts(on_hand, unavailable, safety, held, committed)
            yield Step(name.decode(), version, kind, reference, partition, sequence, at_ms, counts)


async def heads(redis: Redis, keys: Keys) -> dict[int, int]:
    """The sequence of the last entry of each partition."""
    return {p: int(await redis.hget(keys.cells(p), "seq") or 0) for p in range(keys.partitions)}  # type: ignore[misc]


class Client:
    """One client: calls one after the other, each with an id of its own, and again with the same id where none came back."""

    def __init__(self, number: int, channel: grpc.aio.Channel, recorder: Recorder, random: Random) -> None:
        self._number = number
        self._recorder = recorder
        self._random = random
        self._channel = channel
        self._reservation = rs_grpc.ReservationServiceStub(channel)
        self._inventory = iv_grpc.InventoryServiceStub(channel)
        self._availability = av_grpc.AvailabilityServiceStub(channel)
        self._count = 0
        self._open: list[tuple[str, dict[Cell, int], str]] = []
        """Reservations that are ours: id, units by cell, and whether held or confirmed."""
        self._token = ""

    async def run(self, calls: int) -> None:
        """Do that many things, whatever comes to mind, and more until holds of the shortest life have expired."""
        until = time.monotonic() + SHORT_HOLD_SECONDS + 0.5
        done = 0
        while done < calls or time.monotonic() < until:
            done += 1
            await self._random.choices([self._reserve, self._finish, self._read, self._adjust], weights=[5, 4, 3, 1])[
                0
            ]()

    async def _reserve(self) -> None:
        pairs = self._random.sample(
            [(node_id, sku) for node_id in self._recorder.nodes for sku in self._recorder.skus],
            self._random.randint(1, 3),
        )
        lines = [{"node_id": n, "sku": s, "quantity": self._random.randint(1, 3)} for n, s in pairs]
        ttl_ms = self._random.choice([60_000, self._random.randint(1_000, int(1_000 * SHORT_HOLD_SECONDS))])
        request = rs.ReserveRequest(
            request_id=self._new_id(), lines=lines, ttl={"seconds": ttl_ms // 1000, "nanos": ttl_ms % 1000 * 10**6}
        )
        wanted = {self._recorder.cell(line["node_id"], line["sku"]): line["quantity"] for line in lines}  # type: ignore[arg-type]
        answer = await self._insist("reserve", request.request_id, request, self._reservation.Reserve, wanted)
        if answer.outcome == rv.RESERVE_OUTCOME_RESERVED:
            self._open.append((request.request_id, wanted, "held"))

    async def _finish(self) -> None:
        """Confirm, release or fulfill something of ours, whole."""
        if not self._open:
            return await self._reserve()
        reservation_id, units, state = self._open.pop(self._random.randrange(len(self._open)))
        if state == "confirmed":
            act = self._random.choice(["release", "fulfill"])
        else:
            act = self._random.choice(["confirm", "confirm", "release"])
        kind = {"confirm": rs.ConfirmRequest, "release": rs.ReleaseRequest, "fulfill": rs.FulfillRequest}[act]
        method = getattr(self._reservation, act.capitalize())
        request = kind(request_id=self._new_id(), reservation_id=reservation_id)
        answer = await self._insist(act, reservation_id, request, method, units)
        if answer is not None and act == "confirm":
            self._open.append((reservation_id, units, "confirmed"))
        return None

    async def _read(self) -> None:
        """One sku at all nodes, in one of the three ways."""
        sku = self._random.choice(self._recorder.skus)
        token = self._token
        consistency = self._random.choice([{}, {"authoritative": True}, {"at_least_token": token} if token else {}])
        request = av.GetAvailabilityRequest(sku=sku, node_ids=self._recorder.nodes, consistency=consistency)
        started = time.monotonic_ns()
        try:
            answer = await self._availability.GetAvailability(request, timeout=5)
        except grpc.aio.AioRpcError as error:
            if error.code() == grpc.StatusCode.FAILED_PRECONDITION:  # the store died: the token is of another epoch
                self._token = ""
                return
            assert error.code() in LOST, error.details()
            return
        ended = time.monotonic_ns()
        available = {self._recorder.cell(node.node_id, sku): node.available_quantity for node in answer.nodes}
        seen = dict(enumerate(answer.freshness.applied_sequences))
        name = self._new_id()
        after = positions(token) if consistency.get("at_least_token") else {}
        self._recorder.calls.append(
            Call(self._number, started, ended, "read", name, name, {}, "ok", {}, {**seen, **after}, available)
        )

    async def _adjust(self) -> None:
        node_id, sku = self._random.choice(self._recorder.nodes), self._random.choice(self._recorder.skus)
        units = self._random.randint(1, 4)
        delta = {"sku": sku, "node_id": node_id, "delta_quantity": units}
        request_id = self._new_id()
        request = iv.AdjustStockRequest(request_id=request_id, delta=delta, reason=request_id)
        wanted = {self._recorder.cell(node_id, sku): units}
        await self._insist("adjust", request.request_id, request, self._inventory.AdjustStock, wanted)

    async def _insist(
        self, kind: str, reference: str, request: Any, method: Callable[..., Awaitable[Any]], wanted: dict[Cell, int]
    ) -> Any:
        """The answer, asked for until there is one; None where the reservation had ended by itself."""
        while True:
            started = time.monotonic_ns()
            try:
                answer = await method(request, timeout=5)
            except grpc.aio.AioRpcError as error:
                if error.code() == grpc.StatusCode.FAILED_PRECONDITION:  # it ended by itself
                    assert kind != "reserve", error.details()
                    return None
                assert error.code() in LOST, error.details()
                self._note(kind, started, None, reference, request.request_id, wanted, "unknown")
                await self._channel.channel_ready()
                continue
            self._token = answer.token or self._token
            refused = kind == "reserve" and answer.outcome == rv.RESERVE_OUTCOME_REFUSED
            end = answer.reservation.expire_time if kind == "reserve" and not refused else None
            copy = type(answer)()
            copy.CopyFrom(answer)
            copy.ClearField("replayed")
            self._note(
                kind, started, time.monotonic_ns(), reference, request.request_id, wanted,
                "refused" if refused else "ok",
                effects={} if refused else wanted,
                positions=positions(answer.token),
                answer=copy.SerializeToString(deterministic=True),
                expires_ms=end.seconds * 1000 + end.nanos // 10**6 if end else 0,
            )  # fmt: skip
            return answer

    def _note(self, kind: str, started: int, ended: int | None, reference: str, *rest: Any, **more: Any) -> None:
        self._recorder.calls.append(Call(self._number, started, ended, kind, reference, *rest, **more))

    def _new_id(self) -> str:
        self._count += 1
        return f"client-{self._number:02d}-{self._count:06d}"


def positions(token: str) -> dict[int, int]:
    """Sequence by partition of a token."""
    _, _, pairs = token.partition(".")
    return {int(p): int(s) for p, s in (pair.split("-") for pair in pairs.split(",") if pair)}


async def run_clients(clients: list[Client], calls: int) -> None:
    """All of them at once."""
    await asyncio.gather(*[client.run(calls) for client in clients])
