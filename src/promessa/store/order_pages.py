"""Where a page of orders ends: by when an order was placed, and among those of one millisecond by its id."""

from __future__ import annotations

import re
from typing import NamedTuple

from promessa.domain.errors import InvalidRequest

_PLACE = re.compile(r"([0-9]{1,15})\.([0-9A-Za-z._:-]{1,48})", re.ASCII)


class Place(NamedTuple):
    """The place of an order in a listing; later ones come first."""

    placed_ms: int
    order_id: str

    @property
    def text(self) -> str:
        """As a page token has it."""
        return f"{self.placed_ms}.{self.order_id}"


def parse_place(token: str) -> Place | None:
    """The place a page token names, None for the beginning. Raises InvalidRequest (INVALID_PAGE_TOKEN)."""
    if not token:
        return None
    match = _PLACE.fullmatch(token)
    if match is None:
        raise InvalidRequest(
            "INVALID_PAGE_TOKEN", "The page_token is none that this method gave. Start again without one."
        )
    return Place(int(match[1]), match[2])
