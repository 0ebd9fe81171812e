"""Page tokens at the edge: a token goes on with the listing that gave it, and with no other."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from promessa.domain.errors import InvalidRequest


def page_position(request: Any) -> str:
    """Where the page of a List request begins, as its service knows it; empty: at the beginning.

    Raises InvalidRequest (INVALID_PAGE_TOKEN) for a token of another method or of other filters.
    """
    listing, _, position = request.page_token.partition(".")
    if request.page_token and listing != _listing(request):
        raise InvalidRequest(
            "INVALID_PAGE_TOKEN",
            "The page_token is none that this method gave for these filters. "
            "Send the filters of the page before, or start again without a page_token.",
        )
    return str(position)


def page_token(request: Any, position: str) -> str:
    """The next_page_token of a List request that ended at a position; empty on the last page."""
    return f"{_listing(request)}.{position}" if position else ""


def _listing(request: Any) -> str:
    """What is listed: the method and its filters, but not how much of it a page has."""
    filters = type(request)()
    filters.CopyFrom(request)
    filters.ClearField("page_token")
    filters.ClearField("page_size")
    described = f"{request.DESCRIPTOR.full_name}\0".encode() + filters.SerializeToString(deterministic=True)
    return f"{crc32(described):08x}"
