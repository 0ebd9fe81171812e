"""Fingerprints of orders: of a request to source and reserve, and of the order that a plan token is for."""

from __future__ import annotations

from promessa.domain.claim import claim_of
from promessa.domain.fingerprint import Fingerprint, fingerprint
from promessa.domain.kinds import NO_WAYS
from promessa.domain.plan_token import Redemption
from promessa.domain.sourcing import NO_CONSTRAINTS, NO_TRAITS, Constraints, Order
from promessa.service.terms import Terms

_FIELDS = (
    "method", "order", "destination", "constraints", "ttl", "owner_id", "allow_partial", "hold_rule_id", "channel",
    "fulfillment_method", "region_code", "seller_code", "traits", "policy_id",
)  # fmt: skip
_WAYS = (
    "pickup_node_id", "together", "allow_ship_to_store", "allowed_kinds", "sold_at_node_id", "own_stock",
    "allow_future_supply", "allow_backorder",
)  # fmt: skip
"""The fields of Ways as the API calls them."""
_REDEMPTION = ("plan_token", "accept_changes", "max_extra_cost_micros", "latest_promise_time")
_QUOTED = (
    "method", "order.lines", "order.destination", "order.constraints", "order.channel", "order.fulfillment_method",
    "order.destination.region_code", "order.seller_code", "order.traits", "order.policy_id", *(f"order.{x}" for x in _WAYS),
)  # fmt: skip
_NOT_SAID = ("",) * len(_WAYS)


def request_fingerprint(
    order: Order, terms: Terms, allow_partial: bool, redemption: Redemption | None = None
) -> Fingerprint:
    """Of a request to source and reserve, before HoldRules sets anything."""
    channel, method = claim_of(order.channel)
    ways: tuple[object, ...] = () if order.ways is NO_WAYS else tuple(order.ways)
    fields: tuple[str, ...] = (*_FIELDS, *_WAYS) if ways else _FIELDS
    if redemption is not None:
        fields = (*_FIELDS, *_WAYS, *_REDEMPTION)
        ways = (*(ways or _NOT_SAID), *redemption_values(redemption))
    return fingerprint(
        fields,
        "SourceAndReserve",
        (order.order_id, order.lines),
        (order.country_code, order.postal_code),
        _constraint_values(order.constraints),
        terms.ttl_ms,
        terms.owner_id,
        allow_partial,
        terms.hold_rule_id,
        channel,
        method,
        order.region_code,
        order.seller_code,
        "" if order.traits is NO_TRAITS else tuple(order.traits),
        (order.policy_id, order.policy_version) if order.policy_id else "",
        *ways,
    )


def redemption_values(redemption: Redemption) -> tuple[object, ...]:
    """How a plan token is to be redeemed."""
    extra = redemption.extra_micros_max
    return redemption.token, redemption.accept_changes, "" if extra is None else extra, redemption.latest_promise_ms


def quote_fingerprint(order: Order, key: bytes) -> Fingerprint:
    """Of all of an order that decides which plan serves it, so not of its id; by the key of the token that it is for."""
    channel, method = claim_of(order.channel)
    return fingerprint(
        _QUOTED,
        "Quote",
        order.lines,
        (order.country_code, order.postal_code),
        _constraint_values(order.constraints),
        channel,
        method,
        order.region_code,
        order.seller_code,
        "" if order.traits == NO_TRAITS else tuple(order.traits),
        (order.policy_id, order.policy_version) if order.policy_id else "",
        *(way or "" for way in order.ways),
        key=key,
    )


def _constraint_values(c: Constraints) -> tuple[object, ...]:
    if c is NO_CONSTRAINTS:  # as most orders have it
        return _UNCONSTRAINED
    return _values(c)


def _values(c: Constraints) -> tuple[object, ...]:
    said = (
        c.max_shipments, c.ship_complete, c.keep_lines_whole, c.latest_delivery_ms, c.excluded_node_ids, c.node_group_id
    )  # fmt: skip
    return (*said, c.min_shipment_value_micros) if c.min_shipment_value_micros else said


_UNCONSTRAINED = _values(NO_CONSTRAINTS)
