"""The native module: requests of the busiest changes, from bytes to plain values. See ext/requests.h."""

def source_request(request: bytes) -> tuple[str, str, tuple[tuple[str, int], ...], str, str, int, str, bool] | None:
    """A SourceAndReserveRequest that keeps its rules, or None if it is anything but plain.

    (request_id, order_id, ((sku, quantity), ...), country_code, postal_code, ttl_ms or 0, owner_id, allow_partial). Not
    plain are constraints, hold rules, text beyond ASCII, fields unknown or given twice, and whatever breaks a rule.
    """
