"""Messages to domain values and back, nothing else. Indices become ids here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from promessa.domain.catalogue import Catalogue
from promessa.domain.claim import Claim, claim_of
from promessa.domain.explanation import sentence, sentence_of_kit
from promessa.domain.limits import TTL_MS_DEFAULT
from promessa.domain.reservation import NO_NODE, Reservation, ReserveOutcome
from promessa.domain.stock import FeedPlace, FeedPosition, FeedResult, StockCell, SupplyDeficit
from promessa.domain.supply import InboundState, text_of_day
from promessa.domain.token import make_token
from promessa.domain.unavailable import Reasons, with_unspecified
from promessa.server.validate import InvalidFields
from promessa.service.availability import Explanation
from promessa.service.group_reservations import PlacedLine
from promessa.service.inventory import Count, Delta, Difference
from promessa.service.promises import Waits
from promessa.service.reservations import Line, Move
from promessa.store.pool_store import AllocatedPool
from promessa.store.store import AS_BEFORE, Reserved, Short
from promessa.v1 import (
    allocation_pb2,
    availability_pb2,
    inventory_pb2,
    inventory_service_pb2,
    reservation_pb2,
    reservation_service_pb2,
    sourcing_service_pb2,
)

_YEAR_9999 = 253_402_300_799


def timestamp(ms: int) -> Timestamp:
    """An instant of ms since the epoch."""
    return Timestamp(seconds=ms // 1000, nanos=ms % 1000 * 1_000_000)


def from_store(epoch: int, now_ms: int) -> availability_pb2.Freshness:
    """The freshness of an answer that was read from the store just now."""
    return availability_pb2.Freshness(
        source=availability_pb2.READ_SOURCE_STORE, epoch=epoch, observed_time=timestamp(now_ms)
    )


def set_instant(message: Timestamp, ms: int) -> None:
    """Write an instant of ms since the epoch into a message."""
    message.seconds = ms // 1000
    message.nanos = ms % 1000 * 1_000_000


def instant_ms(message: Timestamp, field: str) -> int:
    """Ms since the epoch; 0 for an absent one. Raises InvalidFields for years before 1970 and after 9999."""
    if not 0 <= message.seconds <= _YEAR_9999:
        raise InvalidFields([(field, "must be an instant from 1970 to 9999")])
    return message.seconds * 1000 + message.nanos // 1_000_000


def as_of_ms(message: inventory_service_pb2.SetOnHandRequest) -> int:
    """When stock was counted; 0 if it is not said. Raises InvalidFields as instant_ms."""
    return max(1, instant_ms(message.as_of, "as_of")) if message.HasField("as_of") else 0


def occurred_ms(message: inventory_pb2.StockDelta) -> int:
    """When a delta happened; 0 if it is not said. What is before the epoch is long ago, and after 9999 is the future."""
    if not message.HasField("occurred_at"):
        return 0
    return min(max(message.occurred_at.seconds * 1000 + message.occurred_at.nanos // 1_000_000, 1), _YEAR_9999 * 1000)


def duration_ms(message: Duration) -> int:
    """A span in ms."""
    return message.seconds * 1000 + message.nanos // 1_000_000


def stock_lines(lines: Sequence[reservation_pb2.StockLine | reservation_pb2.ReserveLine]) -> list[Line]:
    """Sku, node, units of every line."""
    return [(line.sku, line.node_id, line.quantity) for line in lines]


def ttl_ms(request: reservation_service_pb2.ReserveRequest | sourcing_service_pb2.SourceAndReserveRequest) -> int:
    """The time to live asked for, or the default. Raises InvalidFields if there is a hold rule, too."""
    if not request.HasField("ttl"):
        return TTL_MS_DEFAULT
    if request.hold_rule_id:
        raise InvalidFields([("hold_rule_id", "is one of two: give either ttl or hold_rule_id")])
    return duration_ms(request.ttl)


class Asking(Protocol):
    """A request that may say who asks."""

    channel: str
    fulfillment_method: str


def claim(request: Asking) -> Claim:
    """Who asks: the channel and the fulfilment method of a request."""
    return Claim(request.channel, request.fulfillment_method)


def reservation_message(
    reservation: Reservation, catalogue: Catalogue, waits: Waits | None = None
) -> reservation_pb2.Reservation:
    """A reservation with ids for indices; lines nothing was granted of are left out."""
    message = reservation_pb2.Reservation()
    fill_reservation(message, reservation, catalogue, waits)
    skus, nodes = catalogue.skus.ids, catalogue.nodes.ids
    for node_ix, sku_ix, channel, units in reservation.drawn:
        message.drawn.add(sku=skus[sku_ix], node_id=nodes[node_ix], channel=channel, quantity=units)
    return message


def fill_reservation(
    message: reservation_pb2.Reservation, reservation: Reservation, catalogue: Catalogue, waits: Waits | None = None
) -> None:
    """Write a reservation into an empty message: where it is part of an answer, nothing is copied."""
    skus, nodes = catalogue.skus.ids, catalogue.nodes.ids
    message.reservation_id = reservation.reservation_id
    message.state = reservation.state
    message.owner_id = reservation.owner_id
    message.order_id = reservation.order_id
    add = message.lines.add
    for line in reservation.lines:
        if line.granted or line.fulfilled:
            added = add()
            added.sku = skus[line.sku_ix]
            added.node_id = nodes[line.node_ix]
            added.quantity = line.granted
            added.open_quantity = line.open
            added.fulfilled_quantity = line.fulfilled
            for sku_ix, quantity in line.components:
                added.components.add(sku=skus[sku_ix], quantity=quantity)
            if waits and line in waits:
                _fill_wait(added, line.inbound_id or "", waits[line])
    for node_ix, date, slip_days in reservation.last_days():
        message.work_days.add(node_id=nodes[node_ix], date=date, slip_days=slip_days)
    set_instant(message.create_time, reservation.created_ms)
    set_instant(message.update_time, reservation.updated_ms)
    if reservation.expires_ms:
        set_instant(message.expire_time, reservation.expires_ms)
    message.channel, message.fulfillment_method = claim_of(reservation.channel)


def _fill_wait(
    message: reservation_pb2.ReservationLine, inbound_id: str, wait: tuple[InboundState, int | None]
) -> None:
    """Say what a bound line waits for."""
    state, day = wait
    overdue = state == InboundState.OVERDUE
    message.state = reservation_pb2.LINE_STATE_OVERDUE if overdue else reservation_pb2.LINE_STATE_EXPECTED
    message.inbound_id = inbound_id
    if not inbound_id:
        message.state = reservation_pb2.LINE_STATE_BACKORDERED
    elif day is not None:
        message.expected_date = text_of_day(day)


def reserve_message(
    reserved: Reserved, catalogue: Catalogue, epoch: int, waits: Waits | None = None
) -> reservation_service_pb2.ReserveResponse:
    """The answer to Reserve."""
    reservation = reserved.reservation
    message = reservation_service_pb2.ReserveResponse(
        outcome=reservation.outcome, token=make_token(epoch, reserved.positions), replayed=reserved.replayed
    )
    if reservation.outcome != ReserveOutcome.REFUSED:
        fill_reservation(message.reservation, reservation, catalogue, waits)
    if reservation.outcome != ReserveOutcome.RESERVED:
        message.shortfalls.extend(shortfalls(reservation, catalogue))
    return message


def shortfalls(reservation: Reservation, catalogue: Catalogue) -> list[reservation_pb2.Shortfall]:
    """The lines not met in full."""
    return [
        reservation_pb2.Shortfall(
            sku=catalogue.skus.ids[line.sku_ix],
            node_id="" if line.node_ix == NO_NODE else catalogue.nodes.ids[line.node_ix],
            requested_quantity=line.requested,
            available_quantity=line.available,
            reason=line.reason,
        )
        for line in reservation.lines
        if line.reason
    ]


def short_message(short: Short, catalogue: Catalogue) -> reservation_pb2.Shortfall:
    """A cell that has too few units for a transfer."""
    return reservation_pb2.Shortfall(
        sku=catalogue.skus.ids[short.sku_ix],
        node_id=catalogue.nodes.ids[short.node_ix],
        requested_quantity=short.requested,
        available_quantity=short.available,
        reason=short.reason,
    )


def moves_of(request: reservation_service_pb2.TransferRequest) -> list[Move]:
    """Sku, node from, node to, units of every move."""
    return [(move.sku, move.from_node_id, move.to_node_id, move.quantity) for move in request.moves]


def placed_lines(lines: Sequence[reservation_pb2.ReserveLine]) -> list[PlacedLine]:
    """The lines of a request that names a group."""
    return [PlacedLine(line.sku, line.node_id, line.quantity, line.node_group_id) for line in lines]


def delta_of(message: inventory_pb2.StockDelta, problem: str = "") -> Delta:
    """A change of a feed."""
    return Delta(message.sku, message.node_id, message.delta_quantity, occurred_ms(message), problem)


def position_of(message: inventory_pb2.FeedPosition) -> FeedPosition:
    """Where a message stands in the feed of its source."""
    return FeedPosition(message.source_id, message.epoch, message.sequence)


def fill_place(
    message: inventory_service_pb2.ApplyStockDeltasResponse, place: FeedPlace, *, received_sequence: int
) -> None:
    """Write what became of a message's position into its answer."""
    message.sequence_outcome = int(place.outcome)
    message.received_sequence = received_sequence
    message.expected_sequence = place.expected_sequence
    message.epoch = place.epoch
    for released in place.released:
        message.released.add(
            request_id=released.request_id,
            sequence=released.sequence,
            results=[feed_result(result) for result in released.results],
        )


def count_of(message: inventory_pb2.StockCount, problem: str = "") -> Count:
    """A count of a feed."""
    return Count(
        message.sku,
        message.node_id,
        message.on_hand_quantity,
        message.unavailable_quantity if message.HasField("unavailable_quantity") else AS_BEFORE,
        message.safety_stock_quantity if message.HasField("safety_stock_quantity") else AS_BEFORE,
        problem,
    )


def difference_message(found: Difference) -> inventory_service_pb2.StockDifference:
    """A cell that a snapshot would change."""
    return inventory_service_pb2.StockDifference(
        position=found.position,
        sku=found.sku,
        node_id=found.node_id,
        on_hand_quantity=found.found.on_hand,
        on_hand_quantity_after=found.found.on_hand_after,
        available_quantity=found.found.available,
        available_quantity_after=found.found.available_after,
    )


def feed_result(result: FeedResult) -> inventory_pb2.FeedResult:
    """What became of one item."""
    return inventory_pb2.FeedResult(
        outcome=result.outcome, on_hand_quantity=result.on_hand, available_quantity=result.available
    )


def deficit_message(found: SupplyDeficit, catalogue: Catalogue) -> inventory_service_pb2.SupplyDeficit:
    """A cell that promises more than it has."""
    return inventory_service_pb2.SupplyDeficit(
        sku=catalogue.skus.ids[found.sku_ix],
        node_id=catalogue.nodes.ids[found.node_ix],
        deficit_quantity=found.units,
        since=timestamp(found.since_ms),
    )


def explanation_message(found: Explanation, sku: str, language: str) -> availability_pb2.NodeExplanation:
    """Why so many units can be promised at one node."""
    promise, steps, cell = found.promise, found.steps, found.cell
    message = availability_pb2.NodeExplanation(
        node_id=found.node_id,
        status=int(promise.status),
        steps=[
            availability_pb2.AvailabilityStep(kind=int(step.kind), quantity=step.units, left_quantity=step.left)
            for step in steps
        ],
        available_quantity=promise.available,
        sentence=sentence(sku, found.node_id, cell, steps, language) if steps else "",
    )
    for each in found.pools:
        message.pools.append(pool_message(each, sku=sku, node_id=found.node_id))
    if found.reasons and cell is not None:
        message.unavailable.extend(unavailable_messages(found.reasons, cell.unavailable))
    if found.components and found.state is not None:
        _fill_components(message, found, sku, language)
    if cell is not None:
        message.deficit_quantity, message.version = cell.deficit, cell.version
        if cell.counted_at_ms:
            set_instant(message.count_time, cell.counted_at_ms)
        message.count_source_id = cell.count_source
    return message


def unavailable_messages(reasons: Reasons, unavailable: int | None = None) -> list[inventory_pb2.UnavailableQuantity]:
    """Units by reason; with what has none, if all unavailable units are given."""
    shown = reasons if unavailable is None else with_unspecified(reasons, unavailable)
    return [inventory_pb2.UnavailableQuantity(reason=reason, quantity=units) for reason, units in shown]


def pool_message(found: AllocatedPool, *, sku: str, node_id: str) -> allocation_pb2.AllocationPool:
    """A pool with ids for indices."""
    pool = found.pool
    message = allocation_pb2.AllocationPool(
        sku=sku,
        node_id=node_id,
        channel=pool.channel,
        strategy=pool.strategy,
        drawn_quantity=pool.drawn,
        unused_quantity=found.unused,
    )
    if pool.permille:
        message.share_permille = pool.permille
    else:
        message.quantity = pool.units
    if pool.gives_back_ms:
        set_instant(message.give_back_time, pool.gives_back_ms)
    return message


def _fill_components(message: availability_pb2.NodeExplanation, found: Explanation, sku: str, language: str) -> None:
    """What each component allows of a kit."""
    fewest = found.components[0]
    for part in found.components:
        message.components.add(
            sku=part.sku,
            quantity=part.units,
            available_quantity=part.promise.available,
            status=int(part.promise.status),
            kit_quantity=0 if part.promise.endless else part.kits,
            limiting=part.kits == fewest.kits and not part.promise.endless,
        )
    limit = fewest.promise.available
    message.sentence = sentence_of_kit(sku, found.node_id, fewest.sku, limit, found.promise, language)


def cell_message(cell: StockCell, *, sku: str, node_id: str) -> inventory_pb2.StockCell:
    """A cell's counts."""
    message = inventory_pb2.StockCell(
        sku=sku,
        node_id=node_id,
        on_hand_quantity=cell.on_hand,
        unavailable_quantity=cell.unavailable,
        safety_stock_quantity=cell.safety_stock,
        held_quantity=cell.held,
        committed_quantity=cell.committed,
        available_quantity=cell.available,
        version=cell.version,
        count_source_id=cell.count_source,
    )
    if cell.counted_at_ms:
        message.count_time.CopyFrom(timestamp(cell.counted_at_ms))
    return message
