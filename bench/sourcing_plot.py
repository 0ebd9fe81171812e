"""The plot of the comparison as an SVG file that needs nothing else: cost above the optimum over time for a decision."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

WIDTH, HEIGHT = 800, 460
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 64, 84
COLOURS = {
    "promessa": "#0072b2",
    "short list": "#009e73",
    "greedy cover": "#e69f00",
    "fewest nodes": "#cc79a7",
    "nearest first": "#d55e00",
    "HiGHS": "#777777",
}
RADII = {100: 4.0, 1_000: 6.0, 5_000: 8.5}
TIMES = ((10.0, "10 µs"), (1e2, "100 µs"), (1e3, "1 ms"), (1e4, "10 ms"), (1e5, "100 ms"), (1e6, "1 s"), (1e7, "10 s"))
STEPS = (0.5, 1, 2, 5, 10, 20, 50, 100)
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #222 } .faint { fill: #666; font-size: 12px }
  .title { font-size: 16px; font-weight: 600 } .grid { stroke: #8884; stroke-width: 1 }
  .path { fill: none; stroke-width: 1.5; opacity: .55 }
  @media (prefers-color-scheme: dark) { text { fill: #eee } .faint { fill: #aaa } .paper { fill: #16181c } }
"""


class Point(NamedTuple):
    """A method over a chain of so many nodes: median CPU of a decision, and mean cost above the optimum."""

    method: str
    nodes: int
    cpu_us: float
    above_percent: float


def svg(points: Sequence[Point], footnote: str) -> str:
    """The whole file."""
    top = _ceiling(max(point.above_percent for point in points))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="title">',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        _text(LEFT, 26, "Cost above the optimum, and the time a decision takes", css="title", more=' id="title"'),
        _text(LEFT, 46, "mean of all baskets, median CPU; the larger the dot, the larger the chain", css="faint"),
        *_sizes(),
        *_grid(top),
        *(
            part
            for method in dict.fromkeys(point.method for point in points)
            for part in _of_method(method, points, top)
        ),
        _text(WIDTH - RIGHT, HEIGHT - 42, "CPU of a decision (log)", css="faint", anchor="end"),
        _text(LEFT, HEIGHT - 14, footnote, css="faint"),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _of_method(method: str, points: Sequence[Point], top: float) -> list[str]:
    """Its dots from the smallest chain to the largest, and its name at the last."""
    own = sorted((point for point in points if point.method == method), key=lambda point: point.nodes)
    places = [(_x(point.cpu_us), _y(point.above_percent, top)) for point in own]
    colour = COLOURS[method]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    parts = [f'<polyline class="path" points="{path}" stroke="{colour}"/>']
    for point, (x, y) in zip(own, places, strict=True):
        told = f"{method}, {point.nodes:,} nodes: {point.above_percent:.2f} % above the optimum, {point.cpu_us:,.0f} µs"
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{RADII[point.nodes]}" fill="{colour}"><title>{escape(told)}</title></circle>'
        )
    x, y = places[-1]
    parts.append(_text(x + RADII[own[-1].nodes] + 5, y - 6, method, more=f' style="fill:{colour};font-weight:600"'))
    return parts


def _sizes() -> list[str]:
    parts, x = [], WIDTH - RIGHT - 230.0
    for nodes, radius in RADII.items():
        label = f"{nodes:,} nodes" if nodes == max(RADII) else f"{nodes:,}"
        parts.append(f'<circle cx="{x}" cy="42" r="{radius}" fill="#888"/>')
        parts.append(_text(x + radius + 5, 46, label, css="faint"))
        x += 70
    return parts


def _grid(top: float) -> list[str]:
    parts, step = [], _step(top)
    for number in range(round(top / step) + 1):
        y = _y(number * step, top)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(_text(LEFT - 8, y + 4, f"{number * step:g} %", css="faint", anchor="end"))
    for cpu_us, label in TIMES:
        x = _x(cpu_us)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        parts.append(_text(x, HEIGHT - BOTTOM + 20, label, css="faint", anchor="middle"))
    return parts


def _step(most: float) -> float:
    """The distance of lines, so that there are at most six."""
    return next((step for step in STEPS if most / step <= 6), STEPS[-1])


def _ceiling(most: float) -> float:
    """The top line, at least at one step."""
    step = _step(most)
    return step * max(1, math.ceil(most / step))


def _x(cpu_us: float) -> float:
    first, last = math.log10(TIMES[0][0]), math.log10(TIMES[-1][0])
    share = (math.log10(max(cpu_us, TIMES[0][0])) - first) / (last - first)
    return LEFT + min(1.0, share) * (WIDTH - LEFT - RIGHT)


def _y(above: float, top: float) -> float:
    return HEIGHT - BOTTOM - above / top * (HEIGHT - BOTTOM - TOP)


def _text(x: float, y: float, text: str, *, css: str = "", anchor: str = "", more: str = "") -> str:
    attributes = (f' class="{css}"' if css else "") + (f' text-anchor="{anchor}"' if anchor else "")
    return f'<text x="{x:.1f}" y="{y:.1f}"{attributes}{more}>{escape(text)}</text>'
