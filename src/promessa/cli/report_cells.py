"""The rows of a report as columns: what each is called, what kind of number it has, and how that is written for people.

The kind follows from the end of a field's name, as everywhere in the API: _count, _quantity, _micros, _ms, _permille,
_basis_points. A message in a row becomes as many columns as it has fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from promessa.cli.simulate_texts import Words
from promessa.domain.why_sentences import SYMBOLS

KINDS = {"_micros": "money", "_ms": "duration", "_permille": "permille", "_basis_points": "basis_points"}
_CURRENCY = "currency_code"
"""What amounts of a row are in; a column by itself where rows have several."""

_OF_THE_CONTRACT = ("node_type", "part", "state", "reason")
"""Columns whose values are names of the contract, for which people have words."""

_TIMESTAMP = "google.protobuf.Timestamp"
_MINUTE_MS, _HOUR_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000


class Column(NamedTuple):
    """A column: the names of the field and of what is in it, if that is a message; `kind` is text, count, money, duration,
    permille, basis_points or share."""

    field: str
    part: str
    kind: str

    @property
    def name(self) -> str:
        """As machines have it."""
        return f"{self.field}_{self.part}" if self.part else self.field

    @property
    def always_shown(self) -> bool:
        """Whether it is worth seeing that it is nothing."""
        return not self.part and self.kind != "text"

    def of(self, row: Any) -> Any:
        """The value in a row."""
        found = getattr(row, self.field)
        return getattr(found, self.part) if self.part else found

    def told(self, row: Any, words: Words, currency: str = "") -> str:
        """The same for people; `currency` is that of amounts whose row does not say one."""
        value = self.word(row, words) if self.kind == "text" else self.of(row)
        return written(value, self.kind, words, currency_in(row, currency))

    def word(self, row: Any, words: Words) -> str:
        """A text, in the words of the language where it is a name of the contract."""
        value = str(self.of(row))
        return words.of(value) if value and self.field in _OF_THE_CONTRACT else value

    def machine(self, row: Any) -> Any:
        """The same for machines."""
        value = self.of(row)
        return value.ToJsonString() if hasattr(value, "ToJsonString") else value


def columns_of(answer: Any, rows: str = "rows") -> list[Column]:
    """All columns of a report, those for machines among them. An instant is one column."""
    found = []
    for field in answer.DESCRIPTOR.fields_by_name[rows].message_type.fields:
        message = field.message_type
        if message is None or message.full_name == _TIMESTAMP:
            found.append(Column(field.name, "", "text" if message else _kind_of(field)))
        else:
            found += [Column(field.name, part.name, _kind_of(part)) for part in message.fields]
    return found


def _kind_of(field: Any) -> str:
    if field.cpp_type == field.CPPTYPE_STRING:
        return "text"
    return next((kind for end, kind in KINDS.items() if field.name.endswith(end)), "count")


def shown_columns(answer: Any, rows: str = "rows") -> list[Column]:
    """Those that tell people something: of names and of what a message has, those that are not empty in all rows."""
    there = getattr(answer, rows)
    currencies = {getattr(row, _CURRENCY, "") for row in there}

    def tells(column: Column) -> bool:
        if _CURRENCY in (column.field, column.part):
            return len(currencies) > 1 and not column.part
        return column.always_shown or not there or any(column.of(row) for row in there)

    return [column for column in columns_of(answer, rows) if tells(column)]


def currency_in(row: Any, otherwise: str) -> str:
    """The currency of a row's amounts, where it says one."""
    return getattr(row, _CURRENCY, "") or otherwise


def label_of(row: Any, columns: Sequence[Column], words: Words) -> str:
    """What a row is of."""
    return " · ".join(column.told(row, words) for column in columns if column.kind == "text") or words("all")


def written(value: Any, kind: str, words: Words, currency: str = "") -> str:
    """A value for people, as the language writes it."""
    match kind:
        case "text":
            return _day(str(value), words) or words("none")
        case "money":
            return f"{SYMBOLS.get(currency, currency)} {words.number(value / 1_000_000, 2)}".lstrip()
        case "basis_points":
            return f"{words.number(value / 100, 2)} %"
        case "share":
            return f"{words.number(100 * value, 1)} %"
        case "permille":
            return words.number(value / 1_000, 3)
        case "duration":
            return _duration(value, words)
        case _:
            return words.number(value)


def _duration(ms: int, words: Words) -> str:
    """In the unit that fits: seconds, minutes, hours or days."""
    if ms < _MINUTE_MS:
        return f"{words.number(ms / 1_000, 1)} s"
    if ms < 2 * _HOUR_MS:
        return f"{words.number(ms / _MINUTE_MS, 1)} min"
    if ms < 2 * _DAY_MS:
        return f"{words.number(ms / _HOUR_MS, 1)} h"
    return f"{words.number(ms / _DAY_MS, 1)} {words('days')}"


def _day(text: str, words: Words) -> str:
    """A day as the language writes it; any other text as it is."""
    if words.lang == "pt-BR" and len(text) == 10 and text[4] == text[7] == "-" and text.replace("-", "").isdecimal():
        return "/".join(reversed(text.split("-")))
    return text


def instant(timestamp: Any, zone: str, words: Words) -> str:
    """An instant in a time zone, to the minute; "-" for none."""
    if not timestamp.seconds:
        return "-"
    when = timestamp.ToDatetime(tzinfo=UTC).astimezone(ZoneInfo(zone or "UTC"))
    return f"{_day(when.date().isoformat(), words)} {when:%H:%M}"


def days_of(basis: Any) -> list[date]:
    """The days of a report."""
    zone = ZoneInfo(basis.time_zone or "UTC")
    first = basis.start_time.ToDatetime(tzinfo=UTC).astimezone(zone).date()
    last = datetime.fromtimestamp(basis.end_time.seconds - 1, UTC).astimezone(zone).date()
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def days(basis: Any, words: Words) -> str:
    """The first day of a report and its last."""
    found = days_of(basis)
    return " – ".join(_day(each.isoformat(), words) for each in dict.fromkeys((found[0], found[-1])))
