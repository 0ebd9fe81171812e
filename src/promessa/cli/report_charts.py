"""The charts of a report: the rows that count most, and what matters most day by day."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from promessa.cli import charts
from promessa.cli.report_asking import Asked
from promessa.cli.report_cells import KINDS, Column, days_of, label_of, written
from promessa.cli.report_shapes import Shape
from promessa.cli.report_texts import heading
from promessa.cli.simulate_texts import Words

DRAWN = 12
"""Rows that a chart has."""


def main_chart(shape: Shape, answer: Any, columns: Sequence[Column], words: Words, currency: str) -> str:
    """Bars of the first rows: of one field, or stacked of several; a message of amounts is stacked by its terms."""
    wanted = [each for each in columns if each.name in shape.chart or each.field in shape.chart]
    drawn = [each for each in wanted if not each.part.startswith("total")]
    rows = [row for row in answer.rows if any(each.of(row) for each in drawn)][:DRAWN]
    if not rows:
        return ""
    names = [heading(each.field, each.part, words) for each in drawn]
    labels = [label_of(row, columns, words) for row in rows]

    def bars_of(row: Any, label: str) -> list[charts.Bar]:
        told = [each.told(row, words, currency) for each in drawn]
        return [
            charts.Bar(each.of(row), text, f"{label}, {name}: {text}")
            for each, name, text in zip(drawn, names, told, strict=True)
        ]

    title = names[0] if len(drawn) == 1 else words(shape.chart[0] if len(shape.chart) == 1 else shape.name)
    found = [(label, bars_of(row, label)) for row, label in zip(rows, labels, strict=True)]
    if len(drawn) == 1:
        return _titled(title, charts.bars(found, title))
    stacks = [
        (label, bars, written(sum(bar.value for bar in bars), drawn[0].kind, words, currency)) for label, bars in found
    ]
    return _titled(title, charts.keys(names) + charts.stacked(stacks, title))


def daily_chart(asked: Asked, words: Words, currency: str) -> str:
    """A line over all days of the period; a day of which there is no row has no point, for a mean of nothing is not 0."""
    if asked.daily is None:
        return ""
    name = asked.shape.daily
    kind = next((kind for end, kind in KINDS.items() if name.endswith(end)), "count")
    known = {row.day: getattr(row, name) for row in asked.daily.rows}
    points = []
    for day in [each.isoformat() for each in days_of(asked.daily.basis)]:
        shown = written(day, "text", words)
        text = written(known[day], kind, words, currency) if day in known else ""
        points.append((shown, charts.Bar(known[day], text, f"{shown}: {text}") if day in known else None))
    title = words("over_days", what=words(name))
    return _titled(title, charts.line(points, title, lambda value: written(value, kind, words, currency)))


def _titled(title: str, chart: str) -> str:
    return f"<h3>{escape(title)}</h3>{chart}"
