"""Reading SourceAndReserveRequest: plain ones in one native call, all others as every message is read."""

from __future__ import annotations

from typing import Any, NamedTuple

from promessa.domain.limits import TTL_MS_DEFAULT
from promessa.domain.plan_token import Redemption
from promessa.domain.sourcing import Order
from promessa.server import validate
from promessa.server._requests import source_request
from promessa.server.boundary import parser
from promessa.server.convert import instant_ms, ttl_ms
from promessa.server.convert_sourcing import DEFAULT_COUNTRY, order_of
from promessa.server.validate import InvalidFields
from promessa.service.terms import Terms
from promessa.v1 import sourcing_service_pb2 as messages


class SourceRequest(NamedTuple):
    """An order to source and hold."""

    request_id: str
    order: Order
    terms: Terms
    allow_partial: bool
    explain_refusal: bool = False
    redemption: Redemption | None = None
    """How its plan token is to be redeemed, if it has one."""


_parse = parser(messages.SourceAndReserveRequest)


def read(body: bytes) -> Any:
    """The deserializer of the method: a SourceRequest if the bytes are plain, else what a parser gives."""
    plain = source_request(body)
    if plain is None:
        return _parse(body)
    request_id, order_id, lines, country_code, postal_code, ttl, owner_id, allow_partial = plain
    order = Order(order_id, lines, country_code or DEFAULT_COUNTRY, postal_code)
    return SourceRequest(request_id, order, Terms(True, ttl or TTL_MS_DEFAULT, owner_id, order_id), allow_partial)


def checked(message: messages.SourceAndReserveRequest) -> SourceRequest:
    """The same of a message. Raises InvalidFields."""
    validate.check(message)
    return SourceRequest(
        message.request_id,
        order_of(message.order),
        Terms(True, ttl_ms(message), message.owner_id, message.order.order_id, message.hold_rule_id),
        message.allow_partial,
        message.explain_refusal,
        _redemption(message),
    )


def _redemption(message: messages.SourceAndReserveRequest) -> Redemption | None:
    """How its plan token is to be redeemed. Raises InvalidFields for what only counts with another field."""
    bounds = [name for name in ("max_extra_cost_micros", "latest_promise_time") if message.HasField(name)]
    if bounds and not message.accept_changes:
        raise InvalidFields([(name, "is for a request with accept_changes") for name in bounds])
    if message.accept_changes and not message.plan_token:
        raise InvalidFields([("accept_changes", "is for a request with a plan_token")])
    if not message.plan_token:
        return None
    latest_ms = instant_ms(message.latest_promise_time, "latest_promise_time")
    extra = message.max_extra_cost_micros if message.HasField("max_extra_cost_micros") else None
    return Redemption(message.plan_token, message.accept_changes, extra, latest_ms)
