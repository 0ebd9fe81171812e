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

from promessa.cli.simulate_figures import Figure, difference_shown, figures, interval_shown, shown, terms
from promessa.cli.simulate_texts import Words

NODES_DRAWN = 24
WIDTH, NAME, ROW = 920, 210, 30
_PALETTE = (
    "#2563eb", "#0891b2", "#059669", "#ca8a04", "#ea580c", "#db2777", "#7c3aed", "#64748b",
    "#1d4ed8", "#0e7490", "#047857", "#a16207", "#be123c", "#6d28d9",
)  # fmt: skip
_COLOURS = {"better": "var(--good)", "worse": "var(--bad)", "unsure": "var(--muted)", "": "var(--muted)"}
_SIGNS = {"better": "✓", "worse": "✕", "unsure": "≈", "": ""}

_STYLE = """
:root{--ink:#0f172a;--soft:#475569;--muted:#94a3b8;--line:#e2e8f0;--paper:#fff;--back:#f8fafc;--one:#2563eb;--two:#cbd5e1;
--good:#059669;--bad:#dc2626}
@media (prefers-color-scheme:dark){:root{--ink:#f1f5f9;--soft:#cbd5e1;--muted:#64748b;--line:#334155;--paper:#1e293b;
--back:#0f172a;--one:#60a5fa;--two:#475569;--good:#34d399;--bad:#f87171}}
*{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1000px;margin:0 auto;padding:32px 20px 64px}h1{font-size:26px;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:17px;margin:0 0 12px}p{margin:2px 0;color:var(--soft)}section{background:var(--paper);border:1px solid var(--line);
border-radius:12px;padding:20px;margin-top:20px;overflow-x:auto}svg{width:100%;height:auto;display:block;min-width:640px}
text{fill:var(--ink);font:13px system-ui,sans-serif}.soft{fill:var(--soft)}.end{text-anchor:end}.mid{text-anchor:middle}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:12px;margin-top:20px}
.card{background:var(--paper);border:1px solid var(--line);border-radius:12px;padding:14px 16px}.card b{font-size:24px;
display:block;font-variant-numeric:tabular-nums}.card span{color:var(--soft)}.card i{font-style:normal}
.card span,.card i{font-size:13px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{padding:5px 10px;text-align:right;
border-bottom:1px solid var(--line)}th:first-child,td:first-child{text-align:left}th{color:var(--soft);font-weight:600}
.key{display:inline-block;width:11px;height:11px;border-radius:3px;margin:0 6px 0 14px;vertical-align:-1px}
.keys{margin:0 0 8px -14px;color:var(--soft);font-size:13px}
"""


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
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body><main>\n{body}\n</main></body></html>\n"
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
    return _svg(height, marks, words("differences"))


def _legend_of_verdicts(words: Words) -> str:
    keys = [(words(each), _COLOURS[each], _SIGNS[each]) for each in ("better", "worse", "unsure")]
    inner = "".join(
        f'<span class="key" style="background:{colour}"></span>{escape(f"{sign} {name}")}'
        for name, colour, sign in keys
    )
    return f'<p class="keys">{inner}</p>'


def _terms(words: Words, found: Sequence[Figure], names: tuple[str, str]) -> str:
    """One bar of its terms for each scenario; what is saved is left of zero."""
    sides = [[each.scenario for each in found], [each.baseline for each in found if each.baseline is not None]]
    bars = [(name, values) for name, values in zip(names, sides, strict=True) if values]
    most = max([sum(x for x in values if x > 0) for _, values in bars] + [0.01])
    least = min([sum(x for x in values if x < 0) for _, values in bars] + [0.0])
    scale = (WIDTH - NAME - 110) / (most - least)
    marks = []
    for i, (name, values) in enumerate(bars):
        y = i * 44 + 6
        marks.append(f'<text x="0" y="{y + 21}">{escape(_short(name))}</text>')
        right = left = NAME - least * scale
        for k, value in enumerate(values):
            width = abs(value) * scale
            x = right if value > 0 else left - width
            right, left = (right + width, left) if value > 0 else (right, left - width)
            tip = f"{words(found[k].key)}: {shown(words, found[k], value)}"
            marks.append(
                f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="32" fill="{_PALETTE[k % len(_PALETTE)]}">'
                f"<title>{escape(tip)}</title></rect>"
            )
        total = words.number(sum(values), 2)
        marks.append(f'<text x="{right + 8:.1f}" y="{y + 21}">{escape(total)}</text>')
    keys = "".join(
        f'<span class="key" style="background:{_PALETTE[k % len(_PALETTE)]}"></span>{escape(words(figure.key))}'
        for k, figure in enumerate(found)
    )
    unit = found[0].unit if found else ""
    note = f'<p class="keys">{keys}</p><p>{escape(unit)} {escape(words("per_order"))}</p>'
    return note + _svg(len(bars) * 44 + 6, marks, words("terms"))


def _shares(report: Any, words: Words, names: tuple[str, str], what: str) -> str:
    """Units of nodes or owners, in both."""
    mine = {each.name: each for each in getattr(report.scenario, what)}
    others = {each.name: each for each in getattr(report.baseline, what)}
    order = [*mine, *(name for name in others if name not in mine)]
    drawn = order[:NODES_DRAWN]
    compared = report.HasField("baseline")
    most = max([each.quantity for each in [*mine.values(), *others.values()]] + [1])
    scale, step = (WIDTH - NAME - 130) / most, 40 if compared else ROW
    marks = []
    for i, name in enumerate(drawn):
        y = i * step + 4
        marks.append(f'<text x="0" y="{y + 17}">{escape(_short(name or words("chain")))}</text>')
        for k, (side, colour) in enumerate(((mine, "var(--one)"), (others, "var(--two)"))[: 2 if compared else 1]):
            share = side.get(name)
            units, points = (share.quantity, share.quantity_basis_points) if share else (0, 0)
            top = y + k * 16
            label = f"{words.number(units)} · {words.number(points / 100, 1)} %"
            tip = f"{name or words('chain')}, {names[k]}: {label}"
            marks.append(
                f'<rect x="{NAME}" y="{top}" width="{units * scale:.1f}" height="14" rx="3" fill="{colour}">'
                f"<title>{escape(tip)}</title></rect>"
                f'<text class="soft" x="{NAME + units * scale + 6:.1f}" y="{top + 12}">{escape(label)}</text>'
            )
    rest = len(order) - len(drawn)
    more = f"<p>{escape(words('more', count=rest))}</p>" if rest else ""
    return _legend(names, compared) + _svg(len(drawn) * step + 4, marks, words(what)) + more


def _legend(names: tuple[str, str], compared: bool) -> str:
    keys = [(names[0], "var(--one)"), (names[1], "var(--two)")][: 2 if compared else 1]
    inner = "".join(f'<span class="key" style="background:{colour}"></span>{escape(name)}' for name, colour in keys)
    return f'<p class="keys">{inner}</p>'


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


def _svg(height: float, marks: Sequence[str], label: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(label)}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(marks)}</svg>'
    )


def _short(name: str) -> str:
    return name if len(name) <= 28 else f"{name[:27]}…"
