"""A small world for replica tests: nodes, skus, cells, and what the readable rules say about them."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgpack

from promessa.domain.availability import AvailabilityStatus, Promise, check_basket, promise
from promessa.domain.catalogue import NodeState
from promessa.domain.stock import StockCell
from promessa.replica import Reader, Writer
from promessa.v1 import availability_pb2 as nouns
from promessa.v1 import availability_service_pb2 as messages

PARTITIONS = 5
SHARED = Path("/dev/shm") if os.path.isdir("/dev/shm") else Path(tempfile.gettempdir())


def cell_value(on_hand: int, *taken: int) -> bytes:
    numbers = (on_hand, *taken, *[0] * (4 - len(taken)), 1, 1_700_000_000_000)
    return b"".join(msgpack.packb(number) for number in numbers)


@dataclass
class World:
    """Node ids with states, sku ids, and cells by (sku, node id)."""

    nodes: dict[str, NodeState]
    skus: list[str]
    cells: dict[tuple[str, str], int]
    applied: list[int] = field(default_factory=lambda: [0] * PARTITIONS)

    def write(self, writer: Writer) -> None:
        node_ids = list(self.nodes)
        for ix, node_id in enumerate(node_ids):
            writer.put_node(ix, node_id.encode(), int(self.nodes[node_id]))
        for ix, sku in enumerate(self.skus):
            writer.put_sku(ix, sku.encode())
        for (sku, node_id), units in self.cells.items():
            name = b"%d:%d" % (node_ids.index(node_id), self.skus.index(sku))
            writer.load_cells([name, cell_value(units)])
        for partition, sequence in enumerate(self.applied):
            writer.set_position(partition, sequence)
            writer.caught_up(partition, time.monotonic_ns())
        writer.set_epoch(7)
        writer.set_ready(True)

    def promise(self, sku: str, node_id: str) -> Promise:
        if sku not in self.skus:
            return Promise(0, AvailabilityStatus.UNKNOWN_SKU)
        state = self.nodes.get(node_id, NodeState.DELETED)
        if state == NodeState.DELETED:
            return Promise(0, AvailabilityStatus.UNKNOWN_NODE)
        units = self.cells.get((sku, node_id))
        return promise(None if units is None else StockCell(units, 0, 0, 0, 0, 1, 0), state)

    def get(self, request: messages.GetAvailabilityRequest) -> messages.GetAvailabilityResponse:
        asked = list(request.node_ids) or list(self.nodes)
        found = [(node_id, self.promise(request.sku, node_id)) for node_id in asked]
        if not request.node_ids:
            found = [entry for entry in found if entry[1].available]
        total = sum(entry.available for _, entry in found)
        statuses = {entry.status for _, entry in found}
        if not request.node_ids and request.sku not in self.skus:
            statuses = {AvailabilityStatus.UNKNOWN_SKU}
        overall = AvailabilityStatus.OUT_OF_STOCK
        if total:
            overall = AvailabilityStatus.AVAILABLE
        elif len(statuses) == 1:
            (overall,) = statuses
        return messages.GetAvailabilityResponse(
            sku=request.sku,
            available_quantity=total,
            nodes=[
                nouns.NodeAvailability(node_id=node_id, available_quantity=p.available, status=int(p.status))
                for node_id, p in found
            ],
            status=int(overall),
        )

    def batch(self, request: messages.BatchGetAvailabilityRequest) -> messages.BatchGetAvailabilityResponse:
        answers = []
        for pair in request.pairs:
            p = self.promise(pair.sku, pair.node_id)
            answers.append(
                messages.SkuAvailability(
                    sku=pair.sku, node_id=pair.node_id, available_quantity=p.available, status=int(p.status)
                )
            )
        return messages.BatchGetAvailabilityResponse(availabilities=answers)

    def basket(self, request: messages.CheckBasketRequest) -> messages.CheckBasketResponse:
        lines = [(line.sku, line.quantity) for line in request.lines]
        live = [node_id for node_id, state in self.nodes.items() if state != NodeState.DELETED]
        age = {node_id: ix for ix, node_id in enumerate(self.nodes) if self.nodes[node_id] != NodeState.DELETED}
        oldest_first = sorted(request.node_ids, key=lambda node_id: age.get(node_id, len(age) + 1_000))
        asked = [(node_id, self.nodes.get(node_id)) for node_id in (oldest_first or live)]
        able, rejected = check_basket(lines, request.mode or 1, asked, self.cells)
        return messages.CheckBasketResponse(
            nodes=[
                messages.NodeCoverage(node_id=x.node_id, whole_lines=x.whole_lines, served_quantity=x.served_quantity)
                for x in able
            ],
            rejected_nodes=[
                messages.RejectedNode(node_id=x.node_id, reason=int(x.reason), short_lines=x.short_lines)
                for x in ([] if request.omit_rejected else rejected)
            ],
            unknown_sku_lines=[i for i, (sku, _) in enumerate(lines) if sku not in self.skus],
        )


@contextmanager
def replica(max_bytes: int = 1 << 28) -> Iterator[tuple[Writer, str]]:
    """A writer on a file of its own."""
    path = SHARED / f"promessa-test-{os.getpid()}-{time.monotonic_ns()}"
    writer = Writer(path, PARTITIONS, max_bytes=max_bytes)
    try:
        yield writer, str(path)
    finally:
        writer.close()


@contextmanager
def reading(world: World) -> Iterator[Reader]:
    """A reader of a replica that shows the world."""
    with replica() as (writer, path):
        world.write(writer)
        yield Reader(path)
