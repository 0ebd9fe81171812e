"""Requests against the rules written next to their fields (Protovalidate), and the few rules no field can state."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import protovalidate
from google.protobuf.message import DecodeError, Message

from promessa.domain.errors import InvalidRequest

_validator = protovalidate.Validator()


class InvalidFields(InvalidRequest):
    """A request that breaks rules; `violations` are pairs of field path and rule."""

    def __init__(self, violations: list[tuple[str, str]]) -> None:
        field, rule = violations[0]
        more = f" {len(violations) - 1} more fields are wrong." if len(violations) > 1 else ""
        super().__init__("INVALID_FIELD", f"{field}: {rule}.{more}", field=field, rule=rule)
        self.violations = violations


def check(message: Message) -> None:
    """Raises InvalidFields if the message breaks a rule."""
    violations = violations_of(message)
    if violations:
        raise InvalidFields(violations)


def parsed(message: type[Message], raw: bytes) -> Any:
    """The request as a message that keeps its rules. Raises InvalidRequest (MALFORMED_REQUEST, INVALID_FIELD)."""
    try:
        request = message.FromString(raw)
    except DecodeError as error:
        raise InvalidRequest(
            "MALFORMED_REQUEST", "The request cannot be read as the message this method takes."
        ) from error
    check(request)
    return request


def violations_of(message: Message) -> list[tuple[str, str]]:
    """Field paths and rules broken, in field order; empty for a message that keeps them all."""
    try:
        _validator.validate(message)
    except protovalidate.ValidationError as error:
        return [(_path(x.proto.field.elements), x.proto.message) for x in error.violations]
    return []


def item_problems(message: Message, items: str) -> dict[int, str]:
    """What is wrong with the items of a message, by position. Raises InvalidFields for the message itself."""
    problems: dict[int, str] = {}
    of_message: list[tuple[str, str]] = []
    for path, rule in violations_of(message):
        if path.startswith(f"{items}["):
            position, _, field = path[len(items) + 1 :].partition("].")
            problems.setdefault(int(position), f"{field}: {rule}")
        else:
            of_message.append((path, rule))
    if of_message:
        raise InvalidFields(of_message)
    return problems


def _path(elements: Iterable[object]) -> str:
    """A field path as the caller would write it: lines[0].quantity."""
    parts = []
    for element in elements:
        subscript = getattr(element, "subscript", None)
        index = "" if subscript is None else f"[{subscript.value}]"
        parts.append(f"{element.field_name}{index}")  # type: ignore[attr-defined]
    return ".".join(parts)
