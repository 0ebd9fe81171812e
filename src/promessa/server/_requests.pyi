"""The native module: requests of the busiest changes, from bytes to plain values. See ext/requests.h."""

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

def snapshot_page(
    request: bytes, make: Callable[[tuple[Any, ...]], T]
) -> tuple[str, int | None, bool, list[T], str] | None:
    """An ImportSnapshotRequest that keeps its rules, or None if it is anything but plain.

    (request_id, as_of in ns or None, dry_run, counts, source_id). Each count is what `make` makes of (sku, node_id, on hand,
    unavailable, safety stock, ""), with -1 for what is as before. Not plain is what is not plain below.
    """

def source_request(request: bytes) -> tuple[str, str, tuple[tuple[str, int], ...], str, str, int, str, bool] | None:
    """A SourceAndReserveRequest that keeps its rules, or None if it is anything but plain.

    (request_id, order_id, ((sku, quantity), ...), country_code, postal_code, ttl_ms or 0, owner_id, allow_partial). Not
    plain are constraints, hold rules, text beyond ASCII, fields unknown or given twice, and whatever breaks a rule.
    """

def place_request(
    request: bytes,
) -> tuple[str, str, tuple[tuple[str, int], ...], str, str, bytes, bool, str, str] | None:
    """A PlaceOrderRequest of lines to source that keeps its rules, or None if it is anything but plain.

    (request_id, order_id, ((sku, quantity), ...), country_code, postal_code, the bytes of `order.sourcing` as protobuf writes
    them, allow_partial, customer_id, actor). Not plain are prices, and what is not plain above.
    """
