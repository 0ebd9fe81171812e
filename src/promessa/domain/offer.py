"""Offers of a shipment to several nodes: the first one to accept it has it. What steps make of them: `order_offers.py`."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class OfferState(IntEnum):
    """What became of an offer; the numbers are those of the API."""

    OPEN = 1
    ACCEPTED = 2
    REFUSED = 3
    TAKEN = 4
    WITHDRAWN = 5


class Offer(NamedTuple):
    """A shipment as a node would send it. `reason` is why the node refused it (a RejectReason), 0 if it did not; `slip_days` is
    by how many days its work may be later than planned."""

    node_ix: int
    kind: int = 0
    lane_id: str = ""
    carrier_service: str = ""
    ship_ms: int = 0
    cost_micros: int = 0
    slip_days: int = 0
    reason: int = 0
