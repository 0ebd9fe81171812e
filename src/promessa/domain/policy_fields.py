"""What the fields of a policy are, told once from its classes: for reading, checking, the schema and the messages."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import IntEnum
from functools import cache
from typing import Any

from promessa.domain import policy
from promessa.domain.policy import Fact


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in the classes, its key in documents, and what it may be.

    `type` is str, int, bool, an IntEnum or a dataclass; `many` says that there is a list of it.
    """

    name: str
    key: str
    type: type
    many: bool
    optional: bool
    required: bool
    rules: Mapping[str, Any]

    @property
    def nested(self) -> bool:
        """Whether its values have fields themselves."""
        return is_dataclass(self.type)

    @property
    def words(self) -> tuple[str, ...]:
        """What a document may say, of a field with fixed words."""
        if not issubclass(self.type, IntEnum):
            return ()
        allowed = self.rules.get("facts", self.type)
        return tuple(each.name.lower() for each in self.type if each in allowed)


@cache
def fields_of(owner: type) -> tuple[Field, ...]:
    """The fields of a class of a policy."""
    hints = typing.get_type_hints(owner, vars(policy))
    found = []
    for each in fields(owner):
        kind, many, optional = _kind(hints[each.name])
        key = each.metadata.get("key") or each.name.removesuffix("_micros").removesuffix("_ms")
        required = each.default is MISSING and each.default_factory is MISSING
        found.append(Field(each.name, key, kind, many, optional, required, each.metadata))
    return tuple(found)


def in_micros(field: Field, owner: Mapping[str, Any]) -> bool:
    """Whether a number is money; `owner` has the values of the fields around it."""
    if field.rules.get("money"):
        return True
    fact = owner.get(field.rules.get("of_fact", ""))
    return isinstance(fact, Fact) and fact in policy.MONEY


def _kind(hint: Any) -> tuple[type, bool, bool]:
    """The type of a hint, whether it is a list, and whether it may be None."""
    if isinstance(hint, types.UnionType):
        (inner,) = [each for each in typing.get_args(hint) if each is not type(None)]
        return inner, False, True
    if typing.get_origin(hint) is tuple:
        return typing.get_args(hint)[0], True, False
    return hint, False, False
