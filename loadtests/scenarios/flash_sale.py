"""Rushing: everybody wants the same thing at the same moment, and there are few of it."""

from __future__ import annotations

from chain import Chain
from shop import Shop

from promessa.v1 import reservation_pb2 as nouns
from promessa.v1 import reservation_service_pb2 as messages


def rushed_cells(chain: Chain) -> list[tuple[str, str]]:
    """The cells of a flash sale: the last sku of the chain, at the first nodes that have it."""
    return [cell for cell in chain.counts if cell[0] == chain.skus[-1]][:3]


class RushForOne:
    """One unit of the rushed sku at one of its nodes, kept or given up. Being refused when it is sold out is right."""

    GIVEN_UP_SHARE = 0.1

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._cells = rushed_cells(shop.chain)

    def run(self) -> None:
        shop = self._shop
        sku, node_id = shop.random.choice(self._cells)
        line = nouns.ReserveLine(sku=sku, node_id=node_id, quantity=1)
        answer = shop.change(
            "Reserve (rush)",
            shop.reservations.Reserve,
            messages.ReserveRequest(request_id=shop.new_id(), lines=[line], owner_id="rush"),
            check=lambda found: found.outcome in (nouns.RESERVE_OUTCOME_RESERVED, nouns.RESERVE_OUTCOME_REFUSED),
        )
        if answer is None:
            return
        if answer.outcome == nouns.RESERVE_OUTCOME_REFUSED:
            shop.ledger.refused_count += 1
            return
        shop.note_granted(answer.reservation.lines)
        if shop.random.random() < self.GIVEN_UP_SHARE:
            self._give_up(answer.reservation)

    def _give_up(self, reservation: nouns.Reservation) -> None:
        shop = self._shop
        answer = shop.change(
            "Release (rush)",
            shop.reservations.Release,
            messages.ReleaseRequest(request_id=shop.new_id(), reservation_id=reservation.reservation_id),
            check=lambda found: found.reservation.state == nouns.RESERVATION_STATE_RELEASED,
        )
        if answer is not None:
            shop.note_released(reservation.lines)
