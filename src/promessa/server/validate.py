"""Requests against the rules written next to their fields (Protovalidate), and the few rules no field can state."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import protovalidate
from google.protobuf.message import DecodeError, Message

from promessa.domain.errors import InvalidRequest

_validator = protovalidate.Validator()

FORMS = {
    r"^([0-9A-Za-z._:-]{8,48})?$": "must be 8 to 48 letters, digits and . _ : -",
    r"^([0-9]{8}|[0-9]{12,14})?$": "must be a GTIN of 8, 12, 13 or 14 digits",
    r"^([A-Z]{2})?$": "must be two capital letters",
    r"^(en|pt-BR)?$": "must be en or pt-BR",
    r"^[0-9A-Za-z._-]{0,32}$": "must be at most 32 letters, digits and . _ -",
    r"^[0-9A-Za-z]{0,12}$": "must be at most 12 letters and digits",
    r"^[0-9A-Za-z]{1,12}$": "must be 1 to 12 letters and digits",
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "must be a date like 2026-11-30",
    r"^([A-Z]{2}-[0-9A-Za-z]{1,3})?$": "must be a region like BR-SP",
    r"^[A-Z]{2}$": "must be two capital letters",
    r"^[A-Z]{3}$": "must be three capital letters",
    r"^([A-Z]{3})?$": "must be three capital letters",
    r"^[0-9A-Za-z._:-]*$": "must consist of letters, digits and . _ : -",
    r"^([0-9A-Za-z._:-]+(/[0-9A-Za-z._:-]+){0,7})?$": "must be up to 8 names of letters, digits and . _ : - joined by /",
    r"^[0-9A-Za-z._:-]+$": "must consist of letters, digits and . _ : -",
    r"^[0-9A-Za-z._:-]+(/[0-9A-Za-z._:-]+){0,7}$": "must be up to 8 names of letters, digits and . _ : - joined by /",
    r"^[0-9A-Za-z_-]*$": "must consist of letters, digits and _ -, as it was answered",
    r"^[0-9A-Za-z._:/-]*$": "must consist of letters, digits and . _ : / -",
    r"^[0-9A-Za-z._:/-]+$": "must consist of letters, digits and . _ : / -",
    r"^[0-9A-Za-z._:/ -]*$": "must consist of letters, digits, spaces and . _ : / -",
    r"^[0-9A-Za-z._:/ -]+$": "must consist of letters, digits, spaces and . _ : / -",
    r"^[A-Z]{2}-[0-9A-Za-z]{1,3}$": "must be a region as BR-SP",
    r"^[^\x00-\x1f\x7f]*$": "must not have control characters",
}  # fmt: skip
"""What the patterns of the contract ask for, in words."""


class InvalidFields(InvalidRequest):
    """A request that breaks rules; `violations` are pairs of field path and rule."""

    def __init__(self, violations: list[tuple[str, str]]) -> None:
        field, rule = violations[0]
        others = len(violations) - 1
        more = f" {others} more {'field is' if others == 1 else 'fields are'} wrong." if others else ""
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
            "MALFORMED_REQUEST",
            "The request cannot be read as the message this method takes. Use the protos of this version.",
        ) from error
    check(request)
    return request


def violations_of(message: Message) -> list[tuple[str, str]]:
    """Field paths and rules broken, in field order; empty for a message that keeps them all."""
    try:
        _validator.validate(message)
    except protovalidate.ValidationError as error:
        return [(_path(x.proto.field.elements), _rule(x.proto)) for x in error.violations]
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


def _rule(violation: Any) -> str:
    """The rule broken, as a sentence without its subject."""
    if violation.rule_id == "enum.not_in":
        return "must be given"
    if violation.rule_id == "string.pattern":
        pattern = violation.message.partition("`")[2].rpartition("`")[0]
        return FORMS.get(pattern, str(violation.message))
    return str(violation.message)


def _path(elements: Iterable[object]) -> str:
    """A field path as the caller would write it: lines[0].quantity."""
    parts = []
    for element in elements:
        subscript = getattr(element, "subscript", None)
        index = "" if subscript is None else f"[{subscript.value}]"
        parts.append(f"{element.field_name}{index}")  # type: ignore[attr-defined]
    return ".".join(parts)
