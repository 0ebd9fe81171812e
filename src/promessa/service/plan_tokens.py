"""Plan tokens: a quoted plan, signed, so that any server of the data set holds it as it was quoted until it expires.

    token = base64url( key id (4) · HMAC-SHA256 of the body (32) · body )
    body  = MessagePack [format, data set, expires_ms, fingerprint of the order by the same key, quoted plan]

A token holds no secret: who has it may read what was quoted. Nothing is kept of it on the server.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence

import msgspec

from promessa.domain.errors import FailedPrecondition, InvalidRequest, Unavailable
from promessa.domain.limits import PLAN_TOKEN_LENGTH_MAX
from promessa.domain.plan_token import NO_TOKEN, IssuedToken, QuotedPlan, quoted
from promessa.domain.sourcing import Order, Plan
from promessa.service.order_fingerprints import quote_fingerprint
from promessa.store.plan_keys import KEY_ID_BYTES, KeyRing, PlanKey, PlanKeys

FORMAT = 2
"""Rises when the meaning of a body changes; older tokens are then refused, not misread."""

DEFAULT_LIFETIME_MS = 15 * 60 * 1000
_MAC_BYTES = 32
_BODY_AT = KEY_ID_BYTES + _MAC_BYTES

Issue = Callable[[Order, Plan, int], IssuedToken]
"""The token of a plan for an order, quoted at an instant; NO_TOKEN where there is none."""


class _Body(msgspec.Struct, array_like=True):
    """What is signed."""

    format: int
    data_set: str
    expires_ms: int
    order: bytes
    plan: QuotedPlan


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Body).decode


class PlanTokens:
    """Makes and reads tokens. `node_ids` has the id of each node by index."""

    def __init__(self, keys: PlanKeys, node_ids: Sequence[str], *, lifetime_ms: int = DEFAULT_LIFETIME_MS) -> None:
        self._keys = keys
        self._node_ids = node_ids
        self._lifetime_ms = lifetime_ms

    async def issuer(self) -> Issue:
        """What makes tokens of plans, with the key of now; while there is none to be had, no plan has a token."""
        try:
            ring = await self._keys.signing()
        except Unavailable:
            return lambda order, plan, quoted_ms: NO_TOKEN

        key = ring.keys[0]
        for_orders = key.for_orders

        def issue(order: Order, plan: Plan, quoted_ms: int) -> IssuedToken:
            if not plan.shipments:
                return NO_TOKEN
            expires_ms = quoted_ms + self._lifetime_ms
            promised = quoted(plan, quoted_ms, self._node_ids)
            digest = quote_fingerprint(order, for_orders).digest
            text = _signed(key, _Body(FORMAT, ring.data_set, expires_ms, digest, promised))
            return IssuedToken(text, expires_ms) if len(text) <= PLAN_TOKEN_LENGTH_MAX else NO_TOKEN

        return issue

    async def read(self, text: str, order: Order, now_ms: int) -> QuotedPlan:
        """The plan of a token for an order.

        Raises InvalidRequest (PLAN_TOKEN_INVALID, PLAN_TOKEN_MISMATCH), FailedPrecondition (PLAN_TOKEN_EXPIRED), Unavailable
        (STORE_UNAVAILABLE).
        """
        raw = _bytes_of(text)
        key, body = _verified(await self._keys.naming(raw[:KEY_ID_BYTES]), raw)
        if now_ms >= body.expires_ms:
            raise FailedPrecondition(
                "PLAN_TOKEN_EXPIRED",
                "The plan token's time is over, and nothing is held. Quote again.",
                expire_time_ms=body.expires_ms,
            )
        request = quote_fingerprint(order, key.for_orders)
        if request.digest != body.order:
            field = request.first_difference(body.order)
            raise InvalidRequest(
                "PLAN_TOKEN_MISMATCH",
                f"The plan token is of another order: {field} differs. Send the order that was quoted, or quote this one.",
                field=field,
            )
        return body.plan


def _signed(key: PlanKey, content: _Body) -> str:
    body = _encode(content)
    return urlsafe_b64encode(key.key_id + hmac.digest(key.secret, body, "sha256") + body).rstrip(b"=").decode()


def _bytes_of(text: str) -> bytes:
    """What a text stands for. No two texts stand for the same."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise _invalid("FORM", "is none that a quote gave") from None
    if len(raw) <= _BODY_AT or urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise _invalid("FORM", "is none that a quote gave")
    return raw


def _verified(ring: KeyRing, raw: bytes) -> tuple[PlanKey, _Body]:
    """The body of a token that was signed here and not altered since, and the key that signed it."""
    key, body = ring.find(raw[:KEY_ID_BYTES]), raw[_BODY_AT:]
    if key is None or not hmac.compare_digest(hmac.digest(key.secret, body, "sha256"), raw[KEY_ID_BYTES:_BODY_AT]):
        raise _invalid("SIGNATURE", "was altered, is of other data, or its key is not kept any more")
    try:
        found = _decode(body)
    except msgspec.DecodeError:
        raise _invalid("FORM", "is of another version of promessa") from None
    if found.format != FORMAT:
        raise _invalid("FORM", "is of another version of promessa")
    if found.data_set != ring.data_set:
        raise _invalid("DATA_SET", "is of another data set")
    return key, found


def _invalid(why: str, text: str) -> InvalidRequest:
    return InvalidRequest("PLAN_TOKEN_INVALID", f"The plan token {text}. Quote again.", why=why)
