"""A report of a simulation as one page: self-contained, offline, charts as inline SVG. Everything from outside is escaped.

what changes    a dot with its interval for each measure, in per cent of the baseline
cost by term    one bar for each scenario, of the terms
load, owners    bars of both, those with the most units first
all figures     the table of the terminal
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from promessa.cli import charts
from promessa.cli.charts import NAME, ROW, WIDTH
from promessa.cli.simulate_figures import Figure, difference_shown, figures, interval_shown, shown, terms
from promessa.cli.simulate_texts import Words

NODES_DRAWN = 24
_COLOURS = {"better": "var(--good)", "worse": "var(--bad)", "unsure": "var(--muted)", "": "var(--muted)"}
_SIGNS = {"better": "✓", "worse": "✕", "unsure": "≈", "": ""}


def page(report: Any, words: Words, names: tuple[str, str], about: Sequence[str]) -> str:
    """The whole page."""
    compared = report.HasField("baseline")
    title = words("compared", scenario=names[0], baseline=names[1]) if compared else names[0]
    found = figures(report)
    parts = [
        f"<h1>{escape(words('title'))}: {escape(title)}</h1>",
        *(f"<p>{escape(line)}</p>" for line in about),
        _cards(words, found),
    ]
    if compared:
        parts.append(_section(words("differences"), _legend_of_verdicts(words) + _differences(words, found)))
    parts.append(_section(words("terms"), _terms(words, terms(report), names)))
    parts.append(_section(words("nodes"), _shares(report, words, names, "nodes")))
    if any(each.name for each in [*report.scenario.owners, *report.baseline.owners]):
        parts.append(_section(words("owners"), _shares(report, words, names, "owners")))
    parts.append(_section("", _table(words, [*found, *terms(report)], names)))
    if compared:
        count, different = words.number(report.comparable_order_count), words.number(report.different_order_count)
        parts.append(f"<p>{escape(words('comparable', count=count, different=different))}</p>")
        parts.append(f"<p>{escape(words('method'))}</p>")
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="{words.lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{charts.STYLE}</style></head>\n<body><main>\n{body}\n</main></body></html>\n"
    )


def _section(title: str, inner: str) -> str:
    return f"<section>{f'<h2>{escape(title)}</h2>' if title else ''}{inner}</section>"


def _cards(words: Words, found: Sequence[Figure]) -> str:
    """The measures that people ask for first."""
    cards = []
    for figure in [each for each in found if each.key in ("cost", "arrival", "shipments", "whole")]:
        below = ""
        if figure.baseline is not None:
            verdict = figure.verdict
            below = (
                f'<i style="color:{_COLOURS[verdict]}">{_SIGNS[verdict]} {escape(difference_shown(words, figure))}'
                f" {escape(words(verdict)) if verdict else ''}</i>"
            )
        value = escape(shown(words, figure, figure.scenario))
        cards.append(f'<div class="card"><span>{escape(words(figure.key))}</span><b>{value}</b>{below}</div>')
    return f'<div class="cards">{"".join(cards)}</div>'


def _differences(words: Words, found: Sequence[Figure]) -> str:
    """A dot with its interval for each measure that is compared order by order."""
    rows = []
    for figure in found:
        if figure.differs and figure.baseline:
            scale = 100 / abs(figure.baseline)
            low, high = figure.differs.low, figure.differs.high
            mean = figure.differs.mean * scale
            span = (mean, mean) if low is None or high is None else (low * scale, high * scale)
            rows.append((figure, mean, span))
    reach = max([abs(x) for _, _, span in rows for x in span] + [1.0]) * 1.1
    middle, half = NAME + (WIDTH - NAME - 190) / 2, (WIDTH - NAME - 190) / 2
    height = len(rows) * ROW + 34

    def at(percent: float) -> float:
        return middle + percent / reach * half

    marks = [
        f'<line x1="{middle}" y1="0" x2="{middle}" y2="{height - 30}" stroke="var(--muted)" stroke-dasharray="3 3"/>'
    ]
    for percent in (-reach / 1.1, -reach / 2.2, 0, reach / 2.2, reach / 1.1):
        label = f"{words.signed(percent, 1)} %"
        marks.append(f'<text class="soft mid" x="{at(percent):.1f}" y="{height - 10}">{label}</text>')
    for i, (figure, mean, (low, high)) in enumerate(rows):
        y, colour = i * ROW + 18, _COLOURS[figure.verdict]
        tip = f"{words(figure.key)}: {difference_shown(words, figure)} ({interval_shown(words, figure)})"
        marks.append(
            f'<g><title>{escape(tip)}</title><text x="0" y="{y + 4}">{escape(words(figure.key))}</text>'
            f'<line x1="{at(low):.1f}" y1="{y}" x2="{at(high):.1f}" y2="{y}" stroke="{colour}" stroke-width="4" '
            f'stroke-linecap="round" opacity=".45"/><circle cx="{at(mean):.1f}" cy="{y}" r="5.5" fill="{colour}"/>'
            f'<text class="end" x="{WIDTH}" y="{y + 4}">{escape(difference_shown(words, figure))} '
            f"{_SIGNS[figure.verdict]}</text></g>"
        )
    return charts.svg(height, marks, words("differences"))


def _legend_of_verdicts(words: Words) -> str:
    keys = [(words(each), _COLOURS[each], _SIGNS[each]) for each in ("better", "worse", "unsure")]
    inner = "".join(
        f'<span class="key" style="background:{colour}"></span>{escape(f"{sign} {name}")}'
        for name, colour, sign in keys
    )
    return f'<p class="keys">{inner}</p>'


def _terms(words: Words, found: Sequence[Figure], names: tuple[str, str]) -> str:
    """One bar of its terms for each scenario."""
    sides = [[each.scenario for each in found], [each.baseline for each in found if each.baseline is not None]]
    rows = [
        (
            name,
            [
                charts.Bar(value, "", f"{words(figure.key)}: {shown(words, figure, value)}")
                for figure, value in zip(found, values, strict=True)
            ],
            words.number(sum(values), 2),
        )
        for name, values in zip(names, sides, strict=True)
        if values
    ]
    unit = found[0].unit if found else ""
    note = f"<p>{escape(unit)} {escape(words('per_order'))}</p>"
    return charts.keys([words(each.key) for each in found]) + note + charts.stacked(rows, words("terms"))


def _shares(report: Any, words: Words, names: tuple[str, str], what: str) -> str:
    """Units of nodes or owners, in both."""
    mine = {each.name: each for each in getattr(report.scenario, what)}
    others = {each.name: each for each in getattr(report.baseline, what)}
    order = [*mine, *(name for name in others if name not in mine)]
    sides = [mine, others] if report.HasField("baseline") else [mine]
    rows = []
    for name in order[:NODES_DRAWN]:
        known = name or words("chain")
        bars = []
        for side, whose in zip(sides, names, strict=False):
            share = side.get(name)
            units, points = (share.quantity, share.quantity_basis_points) if share else (0, 0)
            label = f"{words.number(units)} · {words.number(points / 100, 1)} %"
            bars.append(charts.Bar(units, label, f"{known}, {whose}: {label}"))
        rows.append((known, bars))
    rest = len(order) - len(rows)
    more = f"<p>{escape(words('more', count=rest))}</p>" if rest else ""
    return charts.keys(names[: len(sides)], charts.SIDES) + charts.bars(rows, words(what)) + more


def _table(words: Words, found: Sequence[Figure], names: tuple[str, str]) -> str:
    compared = any(each.baseline is not None for each in found)
    heads = [words("measure"), names[0], *([names[1], words("difference"), words("interval")] if compared else [])]
    rows = []
    for each in found:
        cells = [words(each.key), shown(words, each, each.scenario)]
        if compared:
            cells += [shown(words, each, each.baseline), difference_shown(words, each), interval_shown(words, each)]
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
