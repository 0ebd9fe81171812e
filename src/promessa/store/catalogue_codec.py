"""Catalogue records: JSON of the domain's resources, and the names under which they are stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgpack
import msgspec

from promessa.domain.calendar import Calendar
from promessa.domain.catalogue import Lane, Node, NodeGroup, Resource, Sku
from promessa.domain.hold_rules import HoldRule
from promessa.domain.pair_rules import CommissionRule, TaxRule
from promessa.domain.policy import Policy, PolicyHead, PolicyState, PolicyVersion
from promessa.domain.rate_cards import RateCard
from promessa.domain.refusal import Cooling, NodeCooling
from promessa.domain.safety_stock import SafetyStockRule
from promessa.domain.unavailable import UnavailableReason

TYPES: dict[str, type[Resource]] = {
    "calendar": Calendar,
    "node": Node,
    "node_group": NodeGroup,
    "sku": Sku,
    "rate_card": RateCard,
    "lane": Lane,
    "tax_rule": TaxRule,
    "commission_rule": CommissionRule,
    "hold_rule": HoldRule,
    "safety_rule": SafetyStockRule,
    "unavailable_reason": UnavailableReason,
}
_DECODERS: dict[str, Any] = {kind: msgspec.json.Decoder(type_) for kind, type_ in TYPES.items()}
_encoder = msgspec.json.Encoder()

Parts = tuple[tuple[bytes, int], ...]

_POLICY_KINDS = ("policy", "policy_version")

Record = tuple[str, str, int, Resource | None, int]
"""Kind, id, index, the resource (None once deleted), and a node's state."""


def encode(resource: Resource) -> bytes:
    """The JSON of a resource."""
    return _encoder.encode(resource)


def recipe(sku: Sku) -> bytes:
    """What a kit consists of, as the store compares it; empty for any other sku."""
    return ",".join(f"{part.sku}*{part.quantity}" for part in sku.kit).encode()


def parts_of(recipe_of_kit: bytes) -> Parts:
    """What recipe made: ids of the components, and units of each in one kit."""
    pairs = [part.rpartition(b"*") for part in recipe_of_kit.split(b",")]
    return tuple((sku, int(units)) for sku, _, units in pairs)


def decode(kind: str, value: bytes) -> Resource:
    """The resource of a kind from its JSON."""
    return _DECODERS[kind].decode(value)  # type: ignore[no-any-return]


def decode_field(field: bytes, value: bytes) -> Record | None:
    """A field of the catalogue's hash or log; None if it is no record."""
    kind, _, resource_id = field.decode().partition(":")
    if kind in _POLICY_KINDS:
        return _policy_record(kind, resource_id, value)
    if kind == "cooling":
        return _cooling_record(resource_id, value)
    if kind not in TYPES:
        return None
    index, json, state, _, *fifth = msgpack.unpackb(value, raw=True)
    resource = decode(kind, json) if json else None
    if isinstance(resource, Node):
        resource = paused_until(resource, fifth[0] if fifth else 0)
    return kind, resource_id, index, resource, state


class FiledPolicy(msgspec.Struct, omit_defaults=True):
    """What the JSON of a version has. Number, state and instant are kept beside it."""

    policy: Policy
    comment: str = ""
    document: str = ""


_encode_policy = msgspec.json.Encoder().encode
_decode_policy = msgspec.json.Decoder(FiledPolicy).decode


def encode_version(filed: FiledPolicy) -> bytes:
    """The JSON of a version of a policy."""
    return _encode_policy(filed)


def version_name(policy_id: str, version: int) -> str:
    """The id of a version's record. No id of a policy has an @."""
    return f"{policy_id}@{version}"


def decode_version(
    policy_id: str, version: int, value: bytes, state: int, created_ms: int, shadow_percent: int = 0
) -> PolicyVersion:
    """A version from its JSON and what is kept beside it."""
    filed = _decode_policy(value)
    return PolicyVersion(
        policy_id, version, filed.comment, created_ms, filed.policy, PolicyState(state), filed.document, shadow_percent
    )


def version_of_record(name: str, value: bytes) -> PolicyVersion:
    """A version from its record."""
    policy_id, _, version = name.rpartition("@")
    _, json, state, _, created_ms, *shadow = msgpack.unpackb(value, raw=True)
    return decode_version(policy_id, int(version), json, state, created_ms, *shadow)


def head_of_record(policy_id: str, value: bytes) -> PolicyHead:
    """How many versions a policy has, from its record."""
    _, shadow, active, _, versions = msgpack.unpackb(value, raw=True)
    number, _, percent = shadow.partition(b":")
    return PolicyHead(policy_id, versions, active, int(number or 0), int(percent or 0))


def _policy_record(kind: str, resource_id: str, value: bytes) -> Record:
    """A policy; or a version of one, None unless it is active or in the shadow: no others decide anything."""
    index, _, state, _, _, *shadow = msgpack.unpackb(value, raw=True)
    if kind == "policy":
        return kind, resource_id, index, head_of_record(resource_id, value), 0
    decides = state == PolicyState.ACTIVE or any(shadow)
    return kind, resource_id, index, version_of_record(resource_id, value) if decides else None, 0


def _cooling_record(node_id: str, value: bytes) -> Record:
    """The cool-downs of a node, see `lua/cooling.lua`."""
    index, _, _, _, flat = msgpack.unpackb(value)
    coolings = tuple([Cooling(*flat[i : i + 5]) for i in range(0, len(flat), 5)])
    return "cooling", node_id, index, NodeCooling(node_id, coolings), 0


def paused_until(node: Node, until_ms: int) -> Node:
    """A node with the end of its pause, which the store keeps beside its JSON."""
    return replace(node, paused_until_ms=until_ms) if until_ms else node
