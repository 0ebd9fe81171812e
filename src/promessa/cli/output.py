"""Printing: JSON for machines, rich tables for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.protobuf.message import Message
    from rich.console import Console
    from rich.table import Table

MICROS = 1_000_000


def emit(message: Message, *, as_json: bool, render: Callable[[Console], None], **more: Any) -> None:
    """Print an answer of the API, one way or the other; `more` are further JSON fields."""
    if as_json:
        print_json({**as_dict(message), **more})
    else:
        render(console())


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def console(*, error: bool = False) -> Console:
    """Standard output (or error) for people; plain text when it is no terminal."""
    from rich.console import Console

    stream = sys.stderr if error else sys.stdout
    width = None if stream.isatty() else 120
    return Console(file=stream, width=width, highlight=False, soft_wrap=False)


def table(*columns: str, title: str | None = None, right: Iterable[str] = ()) -> Table:
    """An empty table; the columns in `right` are aligned to the right."""
    from rich import box
    from rich.table import Table

    made = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in set(right) else "left", overflow="fold")
    return made


def tables(
    names: Sequence[str], rows: Sequence[Sequence[str]], width: int, *, keys: int, last: Sequence[str] = ()
) -> list[Table]:
    """A table in as many parts as it takes to show every column whole on lines of `width` characters. The first `keys` columns
    say what a row is of and stand in each part; all others are aligned to the right. `last` is a row below a line.
    """
    from textwrap import wrap

    from rich.cells import cell_len

    heads, widths = [], []
    for i, name in enumerate(names):
        least = max([len(word) for word in name.split()] + [cell_len(row[i]) for row in (*rows, last) if row])
        heads.append("\n".join(wrap(name, least)))
        widths.append(least + _GAP)
    parts: list[list[int]] = [[]]
    room = left = width - sum(widths[:keys])
    for i in range(keys, len(names)):
        if parts[-1] and widths[i] > left:
            parts.append([])
            left = room
        parts[-1].append(i)
        left -= widths[i]
    return [_part([*range(keys), *part], heads, rows, last, keys) for part in parts]


_GAP = 3
"""Characters between the columns of a table, and around them."""


def _part(
    shown: Sequence[int], heads: Sequence[str], rows: Sequence[Sequence[str]], last: Sequence[str], keys: int
) -> Table:
    made = table()
    for i in shown:
        made.add_column(heads[i], justify="left" if i < keys else "right", overflow="fold")
    for row in rows:
        made.add_row(*[row[i] for i in shown])
    if last:
        made.add_section()
        made.add_row(*[last[i] for i in shown])
    return made


def as_dict(message: Message) -> dict[str, Any]:
    """A message as JSON values, by its field names. 64-bit integers are numbers here: all ours fit into 53 bits."""
    from google.protobuf.json_format import MessageToDict

    found: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        if field.message_type is None:
            if not field.has_presence or message.HasField(field.name):
                found[field.name] = [_scalar(field, x) for x in value] if _many(field) else _scalar(field, value)
        elif _many(field):
            found[field.name] = [as_dict(each) for each in value]
        elif message.HasField(field.name):
            known = field.message_type.file.package == "google.protobuf"
            found[field.name] = MessageToDict(value) if known else as_dict(value)
    return found


def _many(field: Any) -> bool:
    return bool(field.is_repeated)


def _scalar(field: Any, value: Any) -> Any:
    if field.enum_type is None:
        return value
    known = field.enum_type.values_by_number.get(value)
    return known.name if known is not None else value


def word(enum: Any, value: int) -> str:
    """An enum value as people write it: AVAILABILITY_STATUS_NODE_PAUSED -> node paused."""
    known = enum.DESCRIPTOR.values_by_number.get(value)
    if known is None:
        return f"unknown ({value})"
    common = enum.DESCRIPTOR.values[0].name.removesuffix("UNSPECIFIED")
    return str(known.name).removeprefix(common).replace("_", " ").lower()


def short_table(shortfalls: Any) -> Any:
    """What there was too little of."""
    from promessa.v1.reservation_pb2 import ShortfallReason

    rows = table("short of", "at", "wanted", "there were", "why", right=["wanted", "there were"])
    for entry in shortfalls:
        rows.add_row(
            entry.sku,
            entry.node_id or "any node",
            f"{entry.requested_quantity:,}",
            f"{entry.available_quantity:,}",
            word(ShortfallReason, entry.reason),
        )
    return rows


_UNITS = {"KGM": "kg", "GRM": "g", "MGM": "mg", "LTR": "l", "MLT": "ml", "MTR": "m", "CMT": "cm", "MTK": "m²"}
"""UN/ECE Rec 20 codes as people write them."""


def quantity(units: int, sku: Any = None) -> str:
    """Smallest units of a Sku message as whole ones with its unit: 1.250 kg. Without a sku a bare number."""
    if sku is None or not (sku.decimals or sku.unit_code in _UNITS):
        return f"{units:,}"
    whole, part = divmod(abs(units), 10**sku.decimals)
    digits = f"{whole:,}" + (f".{part:0{sku.decimals}d}" if sku.decimals else "")
    return f"{'-' if units < 0 else ''}{digits} {unit_of(sku)}".rstrip()


def unit_of(sku: Any) -> str:
    """The unit of a Sku message as people write it."""
    return _UNITS.get(sku.unit_code, str(sku.unit_code))


def counted(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def money(micros: int, currency: str = "") -> str:
    """Micros as an amount with two places."""
    return f"{micros / MICROS:,.2f} {currency}".rstrip()


def local_time(timestamp: Any) -> str:
    """A protobuf timestamp in the local time zone, to the minute; "-" for none."""
    if not timestamp.seconds:
        return "-"
    from datetime import UTC

    return str(timestamp.ToDatetime(tzinfo=UTC).astimezone().strftime("%Y-%m-%d %H:%M"))


def age(freshness: Any) -> str:
    """How fresh an answer is, in words."""
    return "from the store" if freshness.source == 2 else f"from the replica, {freshness.staleness_ms} ms old"
