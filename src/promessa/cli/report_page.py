"""All reports of a period as one page: self-contained, offline, for screen and print. Everything from outside is escaped.

headlines       the numbers that people ask for first
each report     what it is of, its chart, over the days where it has them, and its rows as a table that can be sorted
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from promessa.cli import charts
from promessa.cli.report_asking import Asked, Period
from promessa.cli.report_cells import Column, days, instant, shown_columns, written
from promessa.cli.report_charts import daily_chart, main_chart
from promessa.cli.report_shapes import currency_of
from promessa.cli.report_table import alternative_cells
from promessa.cli.report_texts import heading
from promessa.cli.simulate_texts import Words

_STYLE = """
.table{max-height:460px;overflow:auto}thead th{position:sticky;top:0;background:var(--paper);vertical-align:bottom}
th[scope=row]{font-weight:400;color:var(--ink)}td.text,th.text{text-align:left}
tfoot td{font-weight:650;border-bottom:0}
th button{all:unset;cursor:pointer}th button:focus-visible{outline:2px solid var(--one)}
th[aria-sort=ascending] button::after{content:" ▲"}th[aria-sort=descending] button::after{content:" ▼"}
nav a{color:var(--one);margin-right:14px}code{overflow-wrap:anywhere}h3{font-size:14px;margin:18px 0 8px;color:var(--soft)}
@media print{body{background:#fff}main{max-width:none;padding:0}section{break-inside:avoid-page;border:0;padding:0}
.table{max-height:none;overflow:visible}nav{display:none}svg{min-width:0}tr{break-inside:avoid}}
"""

_SCRIPT = """
"use strict";
for (const table of document.querySelectorAll("table[data-sorts]")) {
  table.addEventListener("click", event => {
    const button = event.target.closest("thead button");
    if (!button) return;
    const cell = button.parentElement, at = cell.cellIndex, body = table.tBodies[0];
    const up = cell.getAttribute("aria-sort") === "descending", text = cell.classList.contains("text");
    for (const other of cell.parentElement.cells) other.removeAttribute("aria-sort");
    cell.setAttribute("aria-sort", up ? "ascending" : "descending");
    const key = row => row.cells[at].dataset.v;
    const rows = [...body.rows].sort((a, b) => text ? key(a).localeCompare(key(b)) : key(a) - key(b));
    body.append(...(up ? rows : rows.reverse()));
  });
}
"""

_CONTENT = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
"""Nothing is loaded from anywhere, whatever is in the page."""


def made(found: Sequence[Asked], period: Period, words: Words) -> str:
    """The whole page."""
    basis = found[0].answer.basis
    title = f"{words('page_title')}: {days(basis, words)}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(words('period', days=days(basis, words), zone=basis.time_zone))}. "
        f"{escape(words('basis', time=instant(basis.archived_until_time, basis.time_zone, words)))}</p>",
        _dead_letters(basis, words),
        f'<nav aria-label="{escape(words("page_title"))}">'
        + "".join(f'<a href="#{escape(each.shape.name)}">{escape(words(each.shape.name))}</a>' for each in found)
        + "</nav>",
        _headlines(found, words),
        *[_section(each, period, words) for each in found],
    ]
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="{words.lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_CONTENT}">'
        f"<title>{escape(title)}</title><style>{charts.STYLE}{_STYLE}</style></head>\n"
        f"<body><main>\n{body}\n</main><script>{_SCRIPT}</script></body></html>\n"
    )


def _dead_letters(basis: Any, words: Words) -> str:
    count = basis.dead_letter_count
    return f"<p>{escape(words('dead_letters', count=words.number(count)))}</p>" if count else ""


def _headlines(found: Sequence[Asked], words: Words) -> str:
    cards = []
    for each in found:
        currency = currency_of(each.answer)
        for headline in each.shape.headlines:
            value = headline.value(each.answer)
            told = words("none") if value is None else written(value, headline.kind, words, currency)
            cards.append(f'<div class="card"><span>{escape(words(headline.key))}</span><b>{escape(told)}</b></div>')
    return f'<div class="cards">{"".join(cards)}</div>'


def _section(asked: Asked, period: Period, words: Words) -> str:
    shape, answer = asked.shape, asked.answer
    parts = [f"<h2>{escape(words(shape.name))}</h2><p>{escape(words(f'{shape.name}_intro'))}</p>"]
    if not answer.rows:
        parts.append(f"<p>{escape(words('empty'))}</p>")
    else:
        columns, currency = shown_columns(answer), currency_of(answer)
        parts += [main_chart(shape, answer, columns, words, currency), daily_chart(asked, words, currency)]
        parts += [_table(answer, columns, words, currency), _alternatives(answer, words, currency)]
        count = words("rows", shown=words.number(len(answer.rows)), count=words.number(answer.row_count))
        parts.append(f"<p>{escape(count)}. {_behind(shape.name, period, words) if shape.groups else ''}</p>")
    return f'<section id="{escape(shape.name)}">{"".join(parts)}</section>'


def _behind(name: str, period: Period, words: Words) -> str:
    zone = f" --zone {period.zone}" if period.zone else ""
    days_ = f"--from {period.message.first_day} --to {period.message.last_day}{zone}"
    command = f"promessa report orders --report {name} {days_} --channel …"
    before, after = words("behind", command="\0").split("\0")
    return f"{escape(before)}<code>{escape(command)}</code>{escape(after)}"


def _table(answer: Any, columns: Sequence[Column], words: Words, currency: str) -> str:
    """The rows, and the one of all below them; a value that is sorted by is beside the one that is read."""
    head = "".join(
        f'<th scope="col" class="{_class(each)}"><button type="button" title="{escape(words("sort", column=name))}">'
        f"{escape(name)}</button></th>"
        for each in columns
        for name in [heading(each.field, each.part, words)]
    )
    body = "".join(f"<tr>{_cells(row, columns, words, currency)}</tr>" for row in answer.rows)
    foot = ""
    if answer.DESCRIPTOR.fields_by_name.get("total"):
        texts = [
            "" if each.kind == "text" else written(each.of(answer.total), each.kind, words, currency)
            for each in columns
        ]
        texts[0] = words("total") if columns[0].kind == "text" else texts[0]
        foot = f"<tfoot><tr>{''.join(f'<td>{escape(text)}</td>' for text in texts)}</tr></tfoot>"
    return (
        f'<div class="table" tabindex="0"><table data-sorts><thead><tr>{head}</tr></thead><tbody>{body}</tbody>{foot}'
        "</table></div>"
    )


def _cells(row: Any, columns: Sequence[Column], words: Words, currency: str) -> str:
    cells = []
    for i, each in enumerate(columns):
        value = each.of(row)
        tag = 'th scope="row"' if i == 0 else "td"
        cells.append(
            f'<{tag} class="{_class(each)}" data-v="{escape(str(value))}">'
            f"{escape(each.told(row, words, currency))}</{tag[:2]}>"
        )
    return "".join(cells)


def _class(column: Column) -> str:
    return "text" if column.kind == "text" else "number"


def _alternatives(answer: Any, words: Words, currency: str) -> str:
    """What other rules would have made of it, where that was asked for: a bar for both, and the difference."""
    if not getattr(answer, "alternatives", None):
        return ""
    names = ["rules", "compared", "cost_of_theirs", "now", "difference", "interval", "shipments_permille", "now"]
    rows, bars = [], []
    for each in answer.alternatives:
        cells = alternative_cells(each, words, currency)
        first, *rest = [escape(cell) for cell in cells]
        rows.append(f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>')
        orders = max(1, each.compared_count)
        both = ((each.cost, cells[2], words(each.name)), (each.cost_now, cells[3], words("now")))
        drawn = [
            charts.Bar(cost.total_micros / orders, told, f"{words(each.name)}, {side}: {told}")
            for cost, told, side in both
        ]
        bars.append((words(each.name), drawn))
    head = "".join(f'<th scope="col">{escape(words(name))}</th>' for name in names)
    return (
        f"<h3>{escape(words('alternatives'))}</h3><p>{escape(words('alternatives_intro'))}</p>"
        + charts.keys([words("rules"), words("now")], charts.SIDES)
        + charts.bars(bars, words("alternatives"))
        + f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )
