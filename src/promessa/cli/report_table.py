"""Reports in the terminal: a table for people, CSV for machines."""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING, Any

from promessa.cli.output import table, tables
from promessa.cli.report_cells import columns_of, instant, shown_columns, written
from promessa.cli.report_shapes import currency_of
from promessa.cli.report_texts import heading

if TYPE_CHECKING:
    from rich.console import Console

    from promessa.cli.simulate_texts import Words


def print_csv(answer: Any, rows: str = "rows") -> None:
    """All columns as the API has them."""
    columns = columns_of(answer, rows)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    writer.writerows([[column.machine(row) for column in columns] for row in getattr(answer, rows)])


def render(to: Console, answer: Any, words: Words) -> None:
    """The rows, in several tables where one is too wide; the one of all if there is one; and what the report was made of."""
    columns, currency = shown_columns(answer), currency_of(answer)
    headings = [heading(column.field, column.part, words) for column in columns]
    rows = [[column.told(row, words, currency) for column in columns] for row in answer.rows]
    last = []
    if len(rows) > 1 and answer.DESCRIPTOR.fields_by_name.get("total"):
        last = [
            "" if each.kind == "text" else written(each.of(answer.total), each.kind, words, currency)
            for each in columns
        ]
        last[0] = words("total")
    keys = next((i for i, each in enumerate(columns) if each.kind != "text"), len(columns))
    for part in tables(headings, rows, to.width, keys=keys, last=last):
        to.print(part)
    to.print(
        words("rows", shown=words.number(len(answer.rows)), count=words.number(answer.row_count)) + ".", markup=False
    )
    render_basis(to, answer.basis, words)
    if getattr(answer, "alternatives", None):
        _render_alternatives(to, answer, words, currency)


def render_basis(to: Console, basis: Any, words: Words) -> None:
    """Until when things are archived, and what could not be read."""
    to.print(words("basis", time=f"{instant(basis.archived_until_time, basis.time_zone, words)} {basis.time_zone}"))
    if basis.dead_letter_count:
        to.print(words("dead_letters", count=words.number(basis.dead_letter_count)))


def _render_alternatives(to: Console, answer: Any, words: Words, currency: str) -> None:
    names = ["rules", "compared", "cost_of_theirs", "now", "difference", "interval", "shipments_permille", "now"]
    shown = table(*[words(name) for name in names], right=[words(x) for x in names[1:]])
    for each in answer.alternatives:
        shown.add_row(*alternative_cells(each, words, currency))
    to.print()
    to.print(f"{words('alternatives')}. {words('alternatives_intro')}", markup=False)
    to.print(shown)


def alternative_cells(each: Any, words: Words, currency: str) -> list[str]:
    """What other rules would have made of it, as it is told: both ways per order, and the difference with its interval."""
    orders = max(1, each.compared_count)

    def money(micros: float) -> str:
        return written(micros, "money", words, currency)

    low, high = each.difference_low_micros, each.difference_high_micros
    return [
        words(each.name),
        words.number(each.compared_count),
        money(each.cost.total_micros / orders),
        money(each.cost_now.total_micros / orders),
        words.signed(each.difference_micros / 1_000_000, 2),
        f"{words.signed(low / 1e6, 2)} … {words.signed(high / 1e6, 2)}"
        if each.HasField("difference_low_micros")
        else "–",
        words.number(each.shipment_count / orders, 3),
        words.number(each.shipment_now_count / orders, 3),
    ]


def render_orders(to: Console, found: Any, words: Words) -> None:
    """Orders behind a report."""
    columns = [each for each in shown_columns(found, "orders") if each.field != "time"]
    shown = table(
        words("time"), *[heading(each.field, each.part, words) for each in columns], right=[words("quantity")]
    )
    for row in found.orders:
        when = instant(row.time, found.basis.time_zone, words)
        shown.add_row(when, *[each.told(row, words) for each in columns])
    to.print(shown)
    if found.next_page_token:
        to.print(words("more_orders"), markup=False)
    render_basis(to, found.basis, words)
