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
from promessa.cli.short_forms import SHORT_FORMS, minute_of

Convert = Callable[[str, Any], Any]

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_DECIMAL = re.compile(r"\s*([+-]?)([0-9]{1,15})(?:\.([0-9]{1,15}))?\s*")
_NOT_PARTS = {
    "RateBracket": "not_brackets",
    "KitComponent": "not_components",
    "WorkingHours": "not_hours",
    "CalendarDay": "not_days",
    "RemoteArea": "not_areas",
}
_INT_TYPES = (3, 5)  # int64, int32
_BOOL_TYPE, _TEXT_TYPE, _ENUM_TYPE = 8, 9, 14
_TRUTH = {"true": True, "yes": True, "sim": True, "1": True, "false": False, "no": False, "não": False, "0": False}


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
        return _instant if field.message_type.name == "Timestamp" else _parts_of(field.message_type)
    if field.is_repeated:
        return _texts if field.type == _TEXT_TYPE else _minutes
    if field.type == _ENUM_TYPE:
        return _choice(field.enum_type)
    if field.type == _BOOL_TYPE:
        return _truth
    if field.type in _INT_TYPES:
        return _integer32 if field.type == 5 else _integer
    return _text


def _truth(name: str, value: Any) -> bool:
    found = _TRUTH.get(str(value).strip().lower())
    if found is None:
        raise Wrong(problem("not_a_choice", field=name, value=value, choices="true, false"))
    return found


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


def _minutes(name: str, value: Any) -> list[int]:
    """Minutes of the day, as numbers or as 17:30."""
    if isinstance(value, str):
        value = _json_list(name, value) if value.lstrip().startswith("[") else value.split("|")
    if not isinstance(value, list):
        raise Wrong(problem("not_a_list", field=name, value=value))
    found = [minute_of(each) if isinstance(each, str) else None for each in value]
    return [_integer32(name, each) if at is None else at for each, at in zip(value, found, strict=True)]


def _parts_of(part: Any) -> Convert:
    """Parts with fields of their own: in the short form of their kind, or a JSON list of objects."""
    short = SHORT_FORMS.get(part.name)
    fields = {field.name: field for field in part.fields}

    def convert(name: str, value: Any) -> list[dict[str, Any]]:
        if isinstance(value, str) and not value.lstrip().startswith("["):
            found = short(value) if short else None
        else:
            found = _json_list(name, value) if isinstance(value, str) else value
        if not isinstance(found, list) or not all(
            isinstance(each, dict) and set(each) <= set(fields) for each in found
        ):
            raise Wrong(problem(_NOT_PARTS.get(part.name, "not_objects"), field=name, value=value))
        return [{key: _convert_of(fields[key])(key, inner) for key, inner in each.items()} for each in found]

    return convert


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
