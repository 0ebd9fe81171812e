"""Buying: an order is sourced and held; most are paid for, some of these leave the node at once, some are given up."""

from __future__ import annotations

from shop import Shop

from promessa.v1 import reservation_pb2 as nouns
from promessa.v1 import reservation_service_pb2 as reservations
from promessa.v1 import sourcing_pb2, sourcing_service_pb2

LINES_MAX = 5
PAID_SHARE, FULFILLED_SHARE, GIVEN_UP_SHARE = 0.6, 0.3, 0.2
"""Of the holds: paid for; of these: handed over; of the holds: given up. The others just stay held."""


class Checkout:
    """One order to somewhere in the country, and what becomes of it."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def run(self) -> None:
        reservation = self._source_and_reserve()
        if reservation is None:
            return
        fate = self._shop.random.random()
        if fate < PAID_SHARE:
            self._confirm(reservation)
        elif fate < PAID_SHARE + GIVEN_UP_SHARE:
            self._release(reservation)

    def _source_and_reserve(self) -> nouns.Reservation | None:
        """The hold, or None if stock was short (a right answer) or the call failed."""
        shop = self._shop
        lines = [
            sourcing_pb2.OrderLine(sku=sku, quantity=shop.random.randint(1, 3)) for sku in shop.some_skus(LINES_MAX)
        ]
        order = sourcing_pb2.SourcingOrder(
            lines=lines, destination=sourcing_pb2.Destination(postal_code=shop.chain.postal_code(shop.random))
        )
        answer = shop.change(
            "SourceAndReserve",
            shop.sourcing.SourceAndReserve,
            sourcing_service_pb2.SourceAndReserveRequest(request_id=shop.new_id(), order=order),
            check=lambda found: _is_whole(found, lines),
        )
        if answer is None:
            return None
        if answer.outcome == nouns.RESERVE_OUTCOME_REFUSED:
            shop.ledger.refused_count += 1
            return None
        shop.note_granted(answer.reservation.lines)
        return answer.reservation

    def _confirm(self, reservation: nouns.Reservation) -> None:
        shop = self._shop
        answer = shop.change(
            "Confirm",
            shop.reservations.Confirm,
            reservations.ConfirmRequest(
                request_id=shop.new_id(), reservation_id=reservation.reservation_id, order_id="paid"
            ),
            check=lambda found: found.reservation.state == nouns.RESERVATION_STATE_CONFIRMED,
        )
        if answer is not None and shop.random.random() < FULFILLED_SHARE:
            shop.change(
                "Fulfill",
                shop.reservations.Fulfill,
                reservations.FulfillRequest(request_id=shop.new_id(), reservation_id=reservation.reservation_id),
                check=lambda found: found.reservation.state == nouns.RESERVATION_STATE_FULFILLED,
            )

    def _release(self, reservation: nouns.Reservation) -> None:
        shop = self._shop
        answer = shop.change(
            "Release",
            shop.reservations.Release,
            reservations.ReleaseRequest(request_id=shop.new_id(), reservation_id=reservation.reservation_id),
            check=lambda found: found.reservation.state == nouns.RESERVATION_STATE_RELEASED,
        )
        if answer is not None:
            shop.note_released(reservation.lines)


def _is_whole(answer: sourcing_service_pb2.SourceAndReserveResponse, lines: list[sourcing_pb2.OrderLine]) -> bool:
    """Reserved means every unit; refused means nothing, with the reason."""
    if answer.outcome == nouns.RESERVE_OUTCOME_REFUSED:
        return bool(answer.shortfalls) and not answer.HasField("reservation")
    held = sum(line.quantity for line in answer.reservation.lines)
    return bool(answer.outcome == nouns.RESERVE_OUTCOME_RESERVED and held == sum(line.quantity for line in lines))
