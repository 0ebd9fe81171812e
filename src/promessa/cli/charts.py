"""Charts as inline SVG: bars beside and behind one another, and lines. Everything that is drawn is escaped here.

One way for all pages: a chart is `WIDTH` wide, names stand left of it, values beside their bars, and a tooltip says all of it.
Colours are the style sheet's, so that they follow light and dark.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

WIDTH, NAME, ROW = 920, 210, 30
_LABEL = 130
_LINE_HEIGHT, _FOOT = 180, 26
_NAME_CHARACTERS_MAX = 28

PALETTE = (
    "#2563eb", "#0891b2", "#059669", "#ca8a04", "#ea580c", "#db2777", "#7c3aed", "#64748b",
    "#1d4ed8", "#0e7490", "#047857", "#a16207", "#be123c", "#6d28d9", "#334155",
)  # fmt: skip

STYLE = """
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
"""What all pages with charts look like, in light and dark."""


class Bar(NamedTuple):
    """A value with how it is told beside the bar, and in the tooltip."""

    value: float
    label: str
    tip: str


def bars(rows: Sequence[tuple[str, Sequence[Bar]]], title: str) -> str:
    """Horizontal bars by name; where names have several, these stand below one another: the first one counts most."""
    most = max([bar.value for _, each in rows for bar in each] + [0]) or 1
    several = max([len(each) for _, each in rows] + [1])
    scale, step = (WIDTH - NAME - _LABEL) / most, ROW if several == 1 else 16 * several + 8
    marks = []
    for i, (name, each) in enumerate(rows):
        y = i * step + 4
        marks.append(_name(name, y + 17))
        for k, bar in enumerate(each):
            top, width = y + k * 16, max(0.0, bar.value) * scale
            marks.append(
                f'<rect x="{NAME}" y="{top}" width="{width:.1f}" height="14" rx="3" fill="{SIDES[k % len(SIDES)]}">'
                f"<title>{escape(bar.tip)}</title></rect>"
                f'<text class="soft" x="{NAME + width + 6:.1f}" y="{top + 12}">{escape(bar.label)}</text>'
            )
    return svg(len(rows) * step + 4, marks, title)


SIDES = ("var(--one)", "var(--two)")
"""Colours of the bars of one name."""


def stacked(rows: Sequence[tuple[str, Sequence[Bar], str]], title: str) -> str:
    """One bar of its parts for each name, and what it comes to; what is below zero is left of it."""
    most = max([sum(bar.value for bar in each if bar.value > 0) for _, each, _ in rows] + [0.01])
    least = min([sum(bar.value for bar in each if bar.value < 0) for _, each, _ in rows] + [0.0])
    scale = (WIDTH - NAME - 110) / (most - least)
    marks = []
    for i, (name, each, total) in enumerate(rows):
        y = i * 44 + 6
        marks.append(_name(name, y + 21))
        right = left = NAME - least * scale
        for k, bar in enumerate(each):
            width = abs(bar.value) * scale
            x = right if bar.value > 0 else left - width
            right, left = (right + width, left) if bar.value > 0 else (right, left - width)
            marks.append(
                f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="32" fill="{PALETTE[k % len(PALETTE)]}">'
                f"<title>{escape(bar.tip)}</title></rect>"
            )
        marks.append(f'<text x="{right + 8:.1f}" y="{y + 21}">{escape(total)}</text>')
    return svg(len(rows) * 44 + 6, marks, title)


def line(points: Sequence[tuple[str, Bar | None]], title: str, shown: Callable[[float], str]) -> str:
    """A line over consecutive names, from zero up; it breaks where a name has no value. The first, the middle and the last name
    stand below it.
    """
    most = max([bar.value for _, bar in points if bar] + [0]) or 1
    across = (WIDTH - 110) / max(1, len(points) - 1)

    def at(i: int, value: float) -> tuple[float, float]:
        return 80 + i * across, 10 + (_LINE_HEIGHT - 20) * (1 - value / most)

    marks = []
    for value in (0, most / 2, most):
        _, y = at(0, value)
        marks.append(
            f'<line x1="80" y1="{y:.1f}" x2="{WIDTH - 30}" y2="{y:.1f}" stroke="var(--line)"/>'
            f'<text class="soft end" x="72" y="{y + 4:.1f}">{escape(shown(value))}</text>'
        )
    path, dots = "", []
    for i, (_, bar) in enumerate(points):
        if bar:
            x, y = at(i, bar.value)
            path += f"{'L' if i and points[i - 1][1] else 'M'}{x:.1f},{y:.1f}"
            dots.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="var(--one)"><title>{escape(bar.tip)}</title></circle>'
            )
    marks.append(f'<path d="{path}" fill="none" stroke="var(--one)" stroke-width="2.5" stroke-linejoin="round"/>')
    marks += dots
    for i in sorted({0, len(points) // 2, len(points) - 1} if len(points) > 2 else set(range(len(points)))):
        x, _ = at(i, 0)
        marks.append(f'<text class="soft mid" x="{x:.1f}" y="{_LINE_HEIGHT + 12}">{escape(points[i][0])}</text>')
    return svg(_LINE_HEIGHT + _FOOT, marks, title)


def keys(names: Sequence[str], colours: Sequence[str] = PALETTE) -> str:
    """What each colour stands for."""
    inner = "".join(
        f'<span class="key" style="background:{colours[k % len(colours)]}"></span>{escape(name)}'
        for k, name in enumerate(names)
    )
    return f'<p class="keys">{inner}</p>'


def svg(height: float, marks: Sequence[str], title: str) -> str:
    """A chart of marks that are escaped already."""
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(title)}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(marks)}</svg>'
    )


def _name(name: str, y: float) -> str:
    short = name if len(name) <= _NAME_CHARACTERS_MAX else f"{name[: _NAME_CHARACTERS_MAX - 1]}…"
    return f'<text x="0" y="{y}">{escape(short)}<title>{escape(name)}</title></text>'
