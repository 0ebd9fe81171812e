"""Policies as messages: both have the same fields, so one description of them (domain/policy_fields.py) converts both ways."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from promessa.domain.policy import Policy, PolicyHead, PolicyVersion
from promessa.domain.policy_fields import Field, fields_of
from promessa.domain.policy_lint import Doubt
from promessa.domain.sourcing import PLAN_TERMS
from promessa.server.convert import instant_ms, set_instant
from promessa.service import shadowing
from promessa.v1 import policy_pb2, shadow_pb2


def policy_of(message: policy_pb2.Policy) -> Policy:
    """The policy of a message, already validated. Raises InvalidFields for instants that are none."""
    found: Policy = _value_of(Policy, message)
    return found


def _value_of(owner: type, message: Any) -> Any:
    values: dict[str, Any] = {}
    for field in fields_of(owner):
        name = message_field(field)
        given = getattr(message, name)
        if field.many:
            values[field.name] = tuple([_one_of(field, each) for each in given])
        elif message.DESCRIPTOR.fields_by_name[name].has_presence:
            if message.HasField(name):
                values[field.name] = _one_of(field, given)
        elif given or field.required or not issubclass(field.type, IntEnum):
            values[field.name] = _one_of(field, given)
    return owner(**values)


def _one_of(field: Field, value: Any) -> Any:
    if field.nested:
        return _value_of(field.type, value)
    if field.rules.get("instant"):
        return instant_ms(value, f"policy.{message_field(field)}")
    return field.type(value)


def message_field(field: Field) -> str:
    """The name of a field in its message."""
    return f"{field.name.removesuffix('_ms')}_time" if field.rules.get("instant") else field.name


def fill(message: Any, value: Any) -> None:
    """Write a policy, or a part of one, into an empty message."""
    owner: type = type(value)
    for field in fields_of(owner):
        name, found = message_field(field), getattr(value, field.name)
        if found is None:
            continue
        if field.many:
            for each in found:
                if field.nested:
                    fill(getattr(message, name).add(), each)
                else:
                    getattr(message, name).append(each)
        elif field.nested:
            part = getattr(message, name)
            if field.required or field.optional or found != field.type():
                part.SetInParent()
                fill(part, found)
        elif field.rules.get("instant"):
            set_instant(getattr(message, name), found)
        else:
            setattr(message, name, found)


def policy_message(policy: Policy) -> policy_pb2.Policy:
    """The message of a policy."""
    message = policy_pb2.Policy()
    fill(message, policy)
    return message


def version_message(version: PolicyVersion, *, whole: bool = True) -> policy_pb2.PolicyVersion:
    """A version; without what it says unless whole."""
    message = policy_pb2.PolicyVersion(
        policy_id=version.policy_id,
        version=version.version,
        comment=version.comment,
        state=int(version.state),  # type: ignore[arg-type]
        shadow_percent=version.shadow_percent,
    )
    set_instant(message.create_time, version.created_ms)
    if whole:
        fill(message.policy, version.policy)
        message.document = version.document
    return message


def summary_message(head: PolicyHead, active: PolicyVersion | None) -> policy_pb2.PolicySummary:
    """A policy in a list."""
    message = policy_pb2.PolicySummary(
        policy_id=head.policy_id,
        version_count=head.versions,
        active_version=head.active_version,
        shadow_version=head.shadow_version,
        shadow_percent=head.shadow_percent,
    )
    if active:
        message.name, message.precedence = active.policy.name, active.policy.precedence
        message.applies_to.SetInParent()
        fill(message.applies_to, active.policy.applies_to)
    return message


def shadow_message(version: PolicyVersion, counts: Mapping[str, int]) -> shadow_pb2.ShadowResults:
    """What a version did in the shadow."""
    message = shadow_pb2.ShadowResults(
        version=version.version,
        percent=version.shadow_percent,
        order_count=counts.get(shadowing.ORDERS, 0),
        same_count=counts.get(shadowing.SAME, 0),
        comparable_count=counts.get(shadowing.COMPARABLE, 0),
        gained_count=counts.get(shadowing.GAINED, 0),
        lost_count=counts.get(shadowing.LOST, 0),
        failed_count=counts.get(shadowing.FAILED, 0),
        dropped_count=counts.get(shadowing.DROPPED, 0),
        shipment_difference=counts.get(shadowing.SHIPMENTS, 0),
        arrival_difference_ms=counts.get(shadowing.ARRIVAL, 0),
        unserved_difference_quantity=counts.get(shadowing.UNSERVED, 0),
    )
    cost = message.cost_difference
    cost.total_micros = counts.get(shadowing.COST, 0)
    for term in PLAN_TERMS:
        setattr(cost, f"{term}_micros", counts.get(term, 0))
    return message


def doubt_message(doubt: Doubt) -> policy_pb2.PolicyDoubt:
    """What is wrong or doubtful."""
    return policy_pb2.PolicyDoubt(
        finding=int(doubt.finding),  # type: ignore[arg-type]
        error=doubt.error,
        field=doubt.field,
        line=doubt.line,
        message=doubt.message,
    )
