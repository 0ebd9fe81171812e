"""What a scenario works with: the chain, chance, the stubs, and the books of what was promised and how long it took.

A scenario calls `ask` for reads and `change` for changes; both measure, count failures, and tell locust.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

import grpc
from chain import Chain
from latencies import Latencies
from ledger import Ledger

from promessa.v1 import (
    availability_service_pb2_grpc,
    inventory_service_pb2_grpc,
    reservation_pb2,
    reservation_service_pb2_grpc,
    sourcing_service_pb2_grpc,
)

CALL_SECONDS_MAX = 10.0
Report = Callable[[str, float, Exception | None], None]
"""(name of the call, milliseconds, what went wrong)"""


class WrongAnswer(Exception):
    """A call was answered, but not as it must be."""


@dataclass(frozen=True)
class Shop:
    """One user's view of the system. `ledger` and `latencies` are those of the whole run."""

    channel: grpc.Channel
    chain: Chain
    random: Random
    ledger: Ledger
    latencies: Latencies
    report: Report

    @cached_property
    def availability(self) -> Any:
        return availability_service_pb2_grpc.AvailabilityServiceStub(self.channel)

    @cached_property
    def reservations(self) -> Any:
        return reservation_service_pb2_grpc.ReservationServiceStub(self.channel)

    @cached_property
    def sourcing(self) -> Any:
        return sourcing_service_pb2_grpc.SourcingServiceStub(self.channel)

    @cached_property
    def inventory(self) -> Any:
        return inventory_service_pb2_grpc.InventoryServiceStub(self.channel)

    def ask(self, name: str, call: Callable[..., Any], request: Any, *, check: Callable[[Any], bool]) -> Any | None:
        """The answer, or None after a failure (it is counted). `check` says whether the answer makes sense."""
        start = time.perf_counter()
        answer, trouble = None, None
        try:
            answer = call(request, timeout=CALL_SECONDS_MAX)
            if not check(answer):
                trouble, answer = WrongAnswer(f"{name}: {str(answer)[:500]}"), None
        except grpc.RpcError as error:
            trouble = error
        milliseconds = (time.perf_counter() - start) * 1_000
        self.latencies.add(name, milliseconds)
        if trouble is not None:
            self.latencies.fail(name)
        self.report(name, milliseconds, trouble)
        return answer

    def change(self, name: str, call: Callable[..., Any], request: Any, *, check: Callable[[Any], bool]) -> Any | None:
        """The same for a call that changes something: until it is answered, its outcome counts as unknown."""
        self.ledger.sending(request.request_id)
        answer = self.ask(name, call, request, check=check)
        if answer is not None:
            self.ledger.answered(request.request_id)
        return answer

    def note_granted(self, lines: Iterable[reservation_pb2.ReservationLine]) -> None:
        for line in lines:
            self.ledger.grant((line.sku, line.node_id), line.quantity)

    def note_released(self, lines: Iterable[reservation_pb2.ReservationLine]) -> None:
        for line in lines:
            self.ledger.release((line.sku, line.node_id), line.quantity)

    def new_id(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def some_skus(self, most: int) -> Sequence[str]:
        """1 to `most` different skus, some far more often than others, as in any shop."""
        count = self.random.randint(1, most)
        skus = self.chain.skus
        return list({skus[int(len(skus) * self.random.random() ** 3)] for _ in range(count)})

    def some_cell(self) -> tuple[str, str]:
        return self.random.choice(self.some_skus(1)), self.random.choice(self.chain.node_ids)
