"""Reading a policy from a tree of what a document says, each part with its line. What it cannot read it tells, all at once.

Scalars come as the document spells them, so that a country may be NO and a version 1.10: the field says what a text means.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import IntEnum
from typing import Any, NamedTuple

from promessa.domain.policy import Policy
from promessa.domain.policy_checks import MICROS, Problem, problems_of, with_line
from promessa.domain.policy_fields import Field, fields_of, in_micros


class Located(NamedTuple):
    """A part of a document: a text, a list of parts, a mapping of keys to parts, or None for nothing."""

    value: str | list[Located] | dict[str, Located] | None
    line: int


class Read(NamedTuple):
    """A policy, None where there are problems; and the line of each field."""

    policy: Policy | None
    problems: list[Problem]
    lines: dict[str, int]


def read_policy(tree: Located) -> Read:
    """The policy that a document says."""
    reader = _Reader()
    found = reader.nested(Policy, tree, "")
    problems = reader.problems
    if not problems:
        problems = [with_line(each, reader.lines) for each in problems_of(found)]
    return Read(None if problems else found, sorted(problems, key=lambda each: each.line), reader.lines)


class _Reader:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.lines: dict[str, int] = {}

    def _wrong(self, path: str, message: str, part: Located) -> None:
        self.problems.append(Problem(path or "the document", message, part.line))

    def nested(self, owner: type, part: Located, path: str) -> Any:
        """An instance of a class, None if the part is no mapping or lacks something."""
        if not isinstance(part.value, dict):
            expected = ", ".join(each.key for each in fields_of(owner))
            self._wrong(path, f"must have fields. Allowed: {expected}.", part)
            return None
        known = {each.key: each for each in fields_of(owner)}
        values: dict[str, Any] = {}
        for key, value in part.value.items():
            self.lines[f"{path}.{key}" if path else key] = value.line
            if key not in known:
                near = get_close_matches(key, known, 1)
                hint = f" Did you mean {near[0]}?" if near else ""
                at = f"{path}.{key}" if path else key
                self._wrong(at, f"is no field here.{hint} Allowed: {', '.join(known)}.", value)
        for field in known.values():  # in this order: what a number counts depends on the fact before it
            given = part.value.get(field.key)
            if given is not None and given.value is not None:
                at = f"{path}.{field.key}" if path else field.key
                values[field.name] = self._value(field, given, at, values)
        for field in known.values():
            if field.required and field.name not in values:
                at = f"{path}.{field.key}" if path else field.key
                allowed = f" Allowed: {', '.join(field.words)}." if field.words else ""
                self._wrong(at, f"is missing.{allowed}", part)
        return None if self.problems else owner(**values)

    def _value(self, field: Field, part: Located, path: str, around: Mapping[str, Any]) -> Any:
        if not field.many:
            return self._one(field, part, path, around)
        if not isinstance(part.value, list):
            self._wrong(path, "must be a list.", part)
            return ()
        found = []
        for i, item in enumerate(part.value):
            self.lines[f"{path}[{i}]"] = item.line
            found.append(self._one(field, item, f"{path}[{i}]", around))
        return tuple(found)

    def _one(self, field: Field, part: Located, path: str, around: Mapping[str, Any]) -> Any:
        if field.nested:
            return self.nested(field.type, part, path)
        if not isinstance(part.value, str):
            self._wrong(path, "must be one value.", part)
            return None
        if issubclass(field.type, IntEnum):
            return self._word(field, part, path)
        if field.type is bool:
            if part.value not in ("true", "false"):
                self._wrong(path, f"is {part.value!r}. Allowed: true, false.", part)
            return part.value == "true"
        if field.rules.get("instant"):
            return self._instant(part, path)
        if field.type is int:
            return self._number(part, path, MICROS if in_micros(field, around) else 1)
        return part.value

    def _word(self, field: Field, part: Located, path: str) -> Any:
        word = str(part.value)
        if word not in field.words:
            near = get_close_matches(word, field.words, 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            self._wrong(path, f"is {word!r}.{hint} Allowed: {', '.join(field.words)}.", part)
            return None
        return field.type[word.upper()]  # type: ignore[index]

    def _number(self, part: Located, path: str, unit: int) -> int:
        try:
            found = Decimal(str(part.value)) * unit
            if not found.is_finite() or abs(found) > 1 << 62 or found != int(found):
                raise InvalidOperation
        except InvalidOperation:
            kind = "a number with at most 6 decimals" if unit > 1 else "a whole number"
            self._wrong(path, f"is {part.value!r}; it must be {kind}.", part)
            return 0
        return int(found)

    def _instant(self, part: Located, path: str) -> int:
        try:
            found = datetime.fromisoformat(str(part.value))
            if found.tzinfo is None:
                raise ValueError
        except ValueError:
            self._wrong(path, f"is {part.value!r}; it must be an instant, as 2026-11-20T00:00:00-03:00.", part)
            return 0
        return round(found.timestamp() * 1000)
