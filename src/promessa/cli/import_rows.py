"""From a row's values to the message of the API, by the message's own field types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from google.protobuf.timestamp_pb2 import Timestamp

from promessa.cli.import_kinds import Kind
from promessa.cli.import_readers import Problem, problem
from promessa.v1 import network_pb2

Convert = Callable[[str, Any], Any]

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_BRACKET = re.compile(r"\s*([0-9]{1,12}):([0-9]{1,15})\s*")
_PART = re.compile(r"\s*([0-9A-Za-z._:/-]{1,64}):([0-9]{1,15})\s*")
_DECIMAL = re.compile(r"\s*([+-]?)([0-9]{1,15})(?:\.([0-9]{1,15}))?\s*")
_COMPONENT = network_pb2.KitComponent.DESCRIPTOR
_INT_TYPES = (3, 5)  # int64, int32
_ENUM_TYPE = 14


class Wrong(Exception):
    """A value that cannot be converted."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.key)
        self.problem = found


class Rows:
    """Converts the rows of one kind.

    With `decimals`, those of the skus that have some, quantities are in whole units: 1.250 kilograms, not 1,250 grams.
    """

    def __init__(self, kind: Kind, decimals: Mapping[str, int] | None = None) -> None:
        self._kind = kind
        self._decimals = decimals
        self._converts = {field.name: _convert_of(field) for field in kind.message.DESCRIPTOR.fields}

    def message(self, values: dict[str, Any]) -> Any:
        """The message of a row. Raises Wrong."""
        fields = {}
        for name, value in values.items():
            if value is None or value == "":
                continue
            convert = self._converts.get(name)
            if convert is None:
                raise Wrong(problem("unknown_field", field=name))
            if self._decimals is not None and name.endswith("_quantity"):
                fields[name] = _smallest_units(name, value, str(values.get("sku")), self._decimals)
            else:
                fields[name] = convert(name, value)
        for name in self._kind.required:
            if name not in fields:
                raise Wrong(problem("missing", field=name))
        return self._kind.message(**fields)


def _convert_of(field: Any) -> Convert:
    if field.message_type is not None:
        if field.message_type.name == "Timestamp":
            return _instant
        return _components if field.message_type is _COMPONENT else _brackets
    if field.is_repeated:
        return _texts
    if field.type == _ENUM_TYPE:
        return _choice(field.enum_type)
    if field.type in _INT_TYPES:
        return _integer32 if field.type == 5 else _integer
    return _text


def _integer(name: str, value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        number = int(value)
    else:
        raise Wrong(problem("not_a_number", field=name, value=value))
    if not -(2**63) <= number < 2**63:
        raise Wrong(problem("not_a_number", field=name, value=value))
    return number


def _smallest_units(name: str, value: Any, sku: str, decimals: Mapping[str, int]) -> int:
    """A quantity in whole units as one in the smallest: digits are moved, and nothing is ever rounded."""
    match = _DECIMAL.fullmatch(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
    if match is None:
        raise Wrong(problem("not_a_decimal", field=name, value=value))
    sign, whole, part = match[1], match[2], (match[3] or "").rstrip("0")
    places = decimals.get(sku, 0)
    if len(part) > places:
        raise Wrong(problem("too_fine", field=name, value=value, sku=sku, decimals=places))
    return _integer(name, sign + whole + part.ljust(places, "0"))


def _integer32(name: str, value: Any) -> int:
    number = _integer(name, value)
    if not -(2**31) <= number < 2**31:
        raise Wrong(problem("range", field=name, value=value, low=-(2**31), high=2**31 - 1))
    return number


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong(problem("not_text", field=name, value=value))
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can write
        raise Wrong(problem("encoding")) from None
    return value


def _instant(name: str, value: Any) -> Timestamp:
    try:
        found = datetime.fromisoformat(_text(name, value).strip())
    except ValueError:
        raise Wrong(problem("not_an_instant", field=name, value=value)) from None
    instant = Timestamp()
    instant.FromDatetime(found.astimezone(UTC))  # without a zone it is local time, as everywhere in the command
    return instant


def _texts(name: str, value: Any) -> list[str]:
    if isinstance(value, str):
        value = _json_list(name, value) if value.lstrip().startswith("[") else value.split("|")
    if not isinstance(value, list):
        raise Wrong(problem("not_a_list", field=name, value=value))
    return [_text(name, each).strip() for each in value]


def _brackets(name: str, value: Any) -> list[network_pb2.RateBracket]:
    if isinstance(value, str) and not value.lstrip().startswith("["):
        matches = [_BRACKET.fullmatch(part) for part in value.split("|")]
        if not all(matches):
            raise Wrong(problem("not_brackets", field=name, value=value))
        pairs: list[Any] = [{"max_weight_grams": m[1], "price_micros": m[2]} for m in matches if m]
    else:
        pairs = _json_list(name, value) if isinstance(value, str) else value
    allowed = {"max_weight_grams", "price_micros"}
    if not isinstance(pairs, list) or not all(isinstance(pair, dict) and set(pair) == allowed for pair in pairs):
        raise Wrong(problem("not_brackets", field=name, value=value))
    return [network_pb2.RateBracket(**{key: _integer(key, each) for key, each in pair.items()}) for pair in pairs]


def _components(name: str, value: Any) -> list[network_pb2.KitComponent]:
    if isinstance(value, str) and not value.lstrip().startswith("["):
        matches = [_PART.fullmatch(part) for part in value.split("|")]
        if not all(matches):
            raise Wrong(problem("not_components", field=name, value=value))
        pairs: list[Any] = [{"sku": m[1], "quantity": m[2]} for m in matches if m]
    else:
        pairs = _json_list(name, value) if isinstance(value, str) else value
    allowed = {"sku", "quantity"}
    if not isinstance(pairs, list) or not all(isinstance(pair, dict) and set(pair) == allowed for pair in pairs):
        raise Wrong(problem("not_components", field=name, value=value))
    return [
        network_pb2.KitComponent(sku=_text("sku", pair["sku"]), quantity=_integer("quantity", pair["quantity"]))
        for pair in pairs
    ]


def _json_list(name: str, value: str) -> list[Any]:
    try:
        found = msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        found = None
    if not isinstance(found, list):
        raise Wrong(problem("not_a_list", field=name, value=value))
    return found


def _choice(enum: Any) -> Convert:
    """A value of an enum by its number, its name, or its name without the common part, in any case."""
    common = enum.values[0].name.removesuffix("UNSPECIFIED")
    known: dict[str, int] = {}
    for value in enum.values[1:]:
        short = value.name.removeprefix(common)
        known |= {value.name: value.number, short: value.number, str(value.number): value.number}
    choices = ", ".join(value.name.removeprefix(common) for value in enum.values[1:])

    def convert(name: str, value: Any) -> int:
        word = str(value).strip().upper().replace(" ", "_").replace("-", "_")
        if word not in known:
            raise Wrong(problem("not_a_choice", field=name, value=value, choices=choices))
        return known[word]

    return convert
