"""A decision as a picture: one HTML file that needs nothing else, with a map of the nodes and what was decided beside it.

Everything that came from outside is escaped here, or is data that the page's script shows as text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from math import cos, hypot, radians
from typing import Any, NamedTuple

from promessa.cli.map_page import PAGE
from promessa.cli.outlines import OUTLINES
from promessa.cli.texts import Texts
from promessa.domain.regions import region_of

WIDTH, HEIGHT, MARGIN = 860.0, 900.0, 46.0
SPAN_MIN = 0.35
"""Degrees that a frame shows at least: some 40 km, so that a single place is not drawn as large as a town."""
INSET_SIZE = 330.0
RUNNERS_UP_MAX = 5
_KINDS = ("chosen", "runner", "dearer", "short", "out")
_RADIUS = {"chosen": 9.0, "runner": 7.0, "dearer": 4.2, "short": 3.4, "out": 3.8}
_COSTS_MORE, _CHOSEN, _NO_STOCK = 6, 1, 4
_MICROS = 1_000_000

_CAPITALS = {
    "AC": (-9.97, -67.81), "AL": (-9.67, -35.74), "AP": (0.03, -51.07), "AM": (-3.12, -60.02), "BA": (-12.97, -38.50),
    "CE": (-3.73, -38.53), "DF": (-15.79, -47.88), "ES": (-20.32, -40.34), "GO": (-16.69, -49.26), "MA": (-2.53, -44.30),
    "MT": (-15.60, -56.10), "MS": (-20.47, -54.62), "MG": (-19.92, -43.94), "PA": (-1.46, -48.50), "PB": (-7.12, -34.86),
    "PR": (-25.43, -49.27), "PE": (-8.05, -34.88), "PI": (-5.09, -42.80), "RJ": (-22.91, -43.17), "RN": (-5.79, -35.21),
    "RS": (-30.03, -51.23), "RO": (-8.76, -63.90), "RR": (2.82, -60.67), "SC": (-27.60, -48.55), "SP": (-23.55, -46.63),
    "SE": (-10.91, -37.07), "TO": (-10.18, -48.33),
}  # fmt: skip
"""Latitude and longitude of the capitals of Brazil's states: where an order goes if only its postal code is known."""


class Place(NamedTuple):
    """Degrees north and east."""

    latitude: float
    longitude: float


class Drawn(NamedTuple):
    """A node on the map: where, of which kind, and what its tooltip says."""

    node_id: str
    place: Place
    kind: str
    lines: tuple[str, ...]


class Picture(NamedTuple):
    """What is drawn. `plan`, `candidates` and `explanation` are messages of the API, `nodes` the nodes by id."""

    order: Any
    plan: Any
    candidates: Sequence[Any]
    explanation: Any
    nodes: dict[str, Any]


def decision_map(picture: Picture, texts: Texts) -> str:
    """The page."""
    drawn, nowhere = _drawn(picture, texts)
    goal, about = _goal(picture.order)
    whole = _Frame([each.place for each in drawn] + ([goal] if goal else []), _Box(0, 0, WIDTH, HEIGHT))
    near = [each.place for each in drawn if each.kind in ("chosen", "runner")] + ([goal] if goal else [])
    inset = _inset(whole, near, drawn)
    svg = _scene(whole, drawn, goal, texts, named=inset is None)
    if inset:
        svg += _framed(whole, inset, near, _scene(inset, drawn, goal, texts, named=True))
    title = texts("map_title", order=picture.order.order_id or picture.order.destination.postal_code)
    return PAGE.substitute(
        lang=escape(texts.lang),
        title=escape(title),
        subtitle=escape(_subtitle(picture, texts)),
        width=f"{WIDTH:.0f}",
        height=f"{HEIGHT:.0f}",
        svg="\n".join(svg),
        panel=_panel(picture, texts),
        legend=_legend(drawn, texts),
        note=escape(" ".join(_notes(nowhere, goal, about, texts))),
        data=_as_data({each.node_id: each.lines for each in drawn}),
    )


def _drawn(picture: Picture, texts: Texts) -> tuple[list[Drawn], int]:
    """The nodes that say where they are, and how many do not."""
    nearest = sorted(
        (each for each in picture.candidates if each.reason == _COSTS_MORE),
        key=lambda each: (each.at_least_more_micros, each.node_id),
    )
    runners = {each.node_id for each in nearest[:RUNNERS_UP_MAX]}
    found, nowhere = [], 0
    for each in picture.candidates:
        node = picture.nodes.get(each.node_id)
        if node is None or not (node.latitude_e6 or node.longitude_e6):
            nowhere += 1
            continue
        place = Place(node.latitude_e6 / 1e6, node.longitude_e6 / 1e6)
        kind = _kind(each, runners)
        found.append(Drawn(each.node_id, place, kind, tuple(_told(each, node, picture, texts))))
    return found, nowhere


def _kind(candidate: Any, runners: set[str]) -> str:
    if candidate.reason == _CHOSEN:
        return "chosen"
    if candidate.reason == _COSTS_MORE:
        return "runner" if candidate.node_id in runners else "dearer"
    return "short" if candidate.reason == _NO_STOCK else "out"


def _told(candidate: Any, node: Any, picture: Picture, texts: Texts) -> Iterable[str]:
    """The lines of a tooltip: who, why, how much."""
    yield f"{candidate.node_id} · {node.name}" if node.name else candidate.node_id
    yield fate_text(candidate, picture.plan.cost.currency_code, [line.sku for line in picture.order.lines], texts)
    for shipment in picture.plan.shipments:
        if shipment.node_id == candidate.node_id:
            yield ", ".join(f"{line.quantity:,} × {line.sku}" for line in shipment.lines)
            cost = texts.money(shipment.cost.total_micros, picture.plan.cost.currency_code)
            yield f"{shipment.carrier_service or shipment.lane_id} · {cost}"


def fate_text(candidate: Any, currency: str, skus: Sequence[str], texts: Texts) -> str:
    """Why a node is or is not in the plan, in a few words."""
    from promessa.v1.constraint_pb2 import ConstraintKind
    from promessa.v1.sourcing_pb2 import CandidateReason

    if candidate.reason == _COSTS_MORE:
        more = texts.money(candidate.at_least_more_micros, currency)
        return texts("fate_exactly_more" if candidate.is_exact else "fate_costs_more", more=more)
    if candidate.HasField("removed_by"):
        removed_by = candidate.removed_by
        name = ConstraintKind.Name(removed_by.kind).removeprefix("CONSTRAINT_KIND_").lower()
        return texts(f"fate_by_{name}", text=removed_by.text, rule=removed_by.rule)
    if candidate.reason == _NO_STOCK and candidate.short_lines:
        missing = ", ".join(skus[line] for line in candidate.short_lines if line < len(skus))
        return texts("fate_short", skus=missing)
    return texts(f"fate_{CandidateReason.Name(candidate.reason).removeprefix('CANDIDATE_REASON_').lower()}")


# The map --------------------------------------------------------------------------------------------------------------


class _Box(NamedTuple):
    """A part of the picture."""

    left: float
    top: float
    width: float
    height: float

    def has(self, x: float, y: float) -> bool:
        return self.left <= x <= self.left + self.width and self.top <= y <= self.top + self.height


class _Frame:
    """Puts places into a box: as wide as they need, an equal scale in both directions at its middle."""

    def __init__(self, places: Sequence[Place], box: _Box) -> None:
        shown = places or [Place(-33.0, -73.0), Place(5.0, -35.0)]
        south, north = min(p.latitude for p in shown), max(p.latitude for p in shown)
        west, east = min(p.longitude for p in shown), max(p.longitude for p in shown)
        self.box = box
        self._middle, self._centre = (south + north) / 2, (west + east) / 2
        self._narrow = max(0.2, cos(radians(self._middle)))
        high, wide = max(north - south, SPAN_MIN), max((east - west) * self._narrow, SPAN_MIN)
        margin = MARGIN * min(1.0, box.width / WIDTH + 0.35)
        self._scale = min((box.width - 2 * margin) / wide, (box.height - 2 * margin) / high)

    def at(self, place: Place) -> tuple[float, float]:
        x = self.box.left + self.box.width / 2 + (place.longitude - self._centre) * self._narrow * self._scale
        return x, self.box.top + self.box.height / 2 - (place.latitude - self._middle) * self._scale

    def shows(self, place: Place) -> bool:
        return self.box.has(*self.at(place))


def _scene(frame: _Frame, drawn: Sequence[Drawn], goal: Place | None, texts: Texts, *, named: bool) -> list[str]:
    """What is seen in a frame, the most important on top."""
    shown = [each for each in drawn if frame.shows(each.place)]
    chosen = [each for each in shown if each.kind == "chosen"]
    runners = [each for each in shown if each.kind == "runner"]
    scene = [_outlines(frame)]
    scene += [_arc(frame, each.place, goal, "runner") for each in runners if goal]
    scene += [_arc(frame, each.place, goal, "chosen") for each in chosen if goal]
    scene += [_node(frame, each) for kind in reversed(_KINDS) for each in shown if each.kind == kind]
    scene += [_destination(frame, goal, texts)] if goal else []
    return [*scene, *_labels(frame, [*chosen, *runners])] if named else scene


def _inset(whole: _Frame, near: Sequence[Place], drawn: Sequence[Drawn]) -> _Frame | None:
    """A closer look at what was chosen and nearly chosen, where that is small on the map: in the emptiest corner."""
    points = [whole.at(place) for place in near]
    if len(points) < 2:
        return None
    wide = max(x for x, _ in points) - min(x for x, _ in points)
    high = max(y for _, y in points) - min(y for _, y in points)
    if max(wide, high) > INSET_SIZE / 3:
        return None
    corners = [
        _Box(left, top, INSET_SIZE, INSET_SIZE)
        for left, top in ((WIDTH - INSET_SIZE - 16, HEIGHT - INSET_SIZE - 16), (WIDTH - INSET_SIZE - 16, 16), (16, 16))
    ]
    placed = [*points, *(whole.at(each.place) for each in drawn)]
    free = [box for box in corners if not any(box.has(x, y) for x, y in points)]
    box = min(free, key=lambda each: sum(each.has(x, y) for x, y in placed), default=None)
    return _Frame(near, box) if box else None


def _framed(whole: _Frame, inset: _Frame, near: Sequence[Place], scene: Sequence[str]) -> list[str]:
    """The inset with its frame, and on the map the place it shows."""
    points = [whole.at(place) for place in near]
    left, top = min(x for x, _ in points) - 12, min(y for _, y in points) - 12
    wide, high = max(x for x, _ in points) + 12 - left, max(y for _, y in points) + 12 - top
    box = inset.box
    place = f'x="{box.left:.1f}" y="{box.top:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="12"'
    return [
        f'<rect class="lens" x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{high:.1f}" rx="6"/>',
        f'<clipPath id="inset"><rect {place}/></clipPath><rect class="sea" {place}/>',
        '<g clip-path="url(#inset)">',
        *scene,
        f'</g><rect class="lens" {place}/>',
    ]


def _outlines(frame: _Frame) -> str:
    parts = []
    for country, rings in OUTLINES.items():
        path = []
        for ring in rings:
            points = [pair.split(",") for pair in ring.split()]
            placed = [frame.at(Place(int(y) / 100, int(x) / 100)) for x, y in points]
            path.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in placed) + "Z")
        parts.append(f'<path class="land{" home" if country == "BR" else ""}" d="{"".join(path)}"/>')
    return "\n".join(parts)


def _arc(frame: _Frame, start: Place, goal: Place, kind: str) -> str:
    (x1, y1), (x2, y2) = frame.at(start), frame.at(goal)
    bend = min(0.22, 60 / max(hypot(x2 - x1, y2 - y1), 1.0))
    cx, cy = (x1 + x2) / 2 - (y2 - y1) * bend, (y1 + y2) / 2 + (x2 - x1) * bend
    return f'<path class="arc {kind}" d="M{x1:.1f} {y1:.1f}Q{cx:.1f} {cy:.1f} {x2:.1f} {y2:.1f}"/>'


def _node(frame: _Frame, drawn: Drawn) -> str:
    x, y = frame.at(drawn.place)
    title = f"<title>{escape(chr(10).join(drawn.lines))}</title>"
    name = escape(drawn.node_id, quote=True)
    r = _RADIUS[drawn.kind]
    if drawn.kind == "out":
        shape = f'<path d="M{x - r:.1f} {y - r:.1f}l{2 * r:.1f} {2 * r:.1f}m0 {-2 * r:.1f}l{-2 * r:.1f} {2 * r:.1f}"/>'
    else:
        shape = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r}"/>'
    return f'<g class="node {drawn.kind}" tabindex="0" data-node="{name}">{title}{shape}</g>'


def _destination(frame: _Frame, goal: Place, texts: Texts) -> str:
    x, y = frame.at(goal)
    pin = f"M{x:.1f} {y:.1f}c-4 -9 -11 -13 -11 -21a11 11 0 0 1 22 0c0 8 -7 12 -11 21z"
    return (
        f'<g class="goal"><title>{escape(texts("map_destination"))}</title><path d="{pin}"/>'
        f'<circle cx="{x:.1f}" cy="{y - 21:.1f}" r="4"/></g>'
    )


def _labels(frame: _Frame, named: Sequence[Drawn]) -> Iterable[str]:
    """Names beside nodes, where there is room for them."""
    taken: list[tuple[float, float, float, float]] = []
    for each in named:
        x, y = frame.at(each.place)
        text = each.node_id if len(each.node_id) <= 26 else f"{each.node_id[:25]}…"
        wide = 7.0 * len(text) + 6
        for left, top, anchor in (
            (x + 13, y - 8, "start"),
            (x - 13 - wide, y - 8, "end"),
            (x - wide / 2, y + 12, "middle"),
            (x - wide / 2, y - 28, "middle"),
        ):
            box = (left, top, left + wide, top + 16)
            inside = frame.box.has(box[0], box[1]) and frame.box.has(box[2], box[3])
            if inside and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                at = {"start": left, "end": left + wide, "middle": left + wide / 2}[anchor]
                place = f'x="{at:.1f}" y="{top + 12:.1f}" text-anchor="{anchor}"'
                yield f'<text class="label {each.kind}" {place}>{escape(text)}</text>'
                break


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _goal(order: Any) -> tuple[Place | None, str]:
    """Where the order goes, and the region if it is only known so far."""
    destination = order.destination
    if destination.HasField("position"):
        return Place(destination.position.latitude_e6 / 1e6, destination.position.longitude_e6 / 1e6), ""
    region = destination.region_code or region_of(destination.country_code or "BR", destination.postal_code)
    at = _CAPITALS.get(region.removeprefix("BR-")) if region.startswith("BR-") else None
    return (Place(*at), region) if at else (None, "")


# What stands beside it ------------------------------------------------------------------------------------------------


def _subtitle(picture: Picture, texts: Texts) -> str:
    lines = ", ".join(f"{line.quantity:,} × {line.sku}" for line in picture.order.lines[:6])
    more = ", …" if len(picture.order.lines) > 6 else ""
    destination = picture.order.destination
    return texts(
        "map_subtitle",
        lines=lines + more,
        postal_code=destination.postal_code,
        country=destination.country_code or "BR",
    )


def _panel(picture: Picture, texts: Texts) -> str:
    parts = [f"<p>{escape(each)}</p>" for each in picture.explanation.sentences]
    if picture.plan.shipments:
        parts.append(f"<h2>{escape(texts('map_cost'))}</h2>{_cost_bars(picture.plan.cost, texts)}")
        parts.append(f"<h2>{escape(texts('map_shipments'))}</h2>{_shipments(picture.plan, texts)}")
    relaxations = picture.explanation.relaxations
    if relaxations:
        parts.append(f"<h2>{escape(texts('map_relaxations'))}</h2>{_relaxations(relaxations, texts)}")
    return "\n".join(parts)


def _cost_bars(cost: Any, texts: Texts) -> str:
    """The terms of a cost, the largest first."""
    terms = [
        (field.name.removesuffix("_micros"), getattr(cost, field.name))
        for field in cost.DESCRIPTOR.fields
        if field.name.endswith("_micros") and field.name != "total_micros" and getattr(cost, field.name)
    ]
    most = max((abs(micros) for _, micros in terms), default=1)
    rows = [
        f'<tr><th>{escape(texts(f"term_{name}"))}</th><td><span class="bar{" saved" if micros < 0 else ""}" '
        f'style="width:{100 * abs(micros) / most:.1f}%"></span></td>'
        f"<td>{escape(texts.money(micros, cost.currency_code))}</td></tr>"
        for name, micros in sorted(terms, key=lambda term: -abs(term[1]))
    ]
    total = escape(texts.money(cost.total_micros, cost.currency_code))
    rows.append(f"<tr class='sum'><th>{escape(texts('map_total'))}</th><td></td><td>{total}</td></tr>")
    return f'<table class="cost">{"".join(rows)}</table>'


def _shipments(plan: Any, texts: Texts) -> str:
    rows = []
    for each in plan.shipments:
        lines = ", ".join(f"{line.quantity:,} × {line.sku}" for line in each.lines)
        arrives = each.promise_time.ToJsonString()[:10] if each.promise_time.seconds else ""
        money = texts.money(each.cost.total_micros, plan.cost.currency_code)
        cells = "".join(
            f"<td>{escape(text)}</td>" for text in (lines, each.carrier_service or each.lane_id, arrives, money)
        )
        rows.append(f"<tr><th>{escape(each.node_id)}</th>{cells}</tr>")
    return f'<table class="ships">{"".join(rows)}</table>'


def _relaxations(relaxations: Sequence[Any], texts: Texts) -> str:
    rows = []
    for each in relaxations[:6]:
        named = " + ".join(relaxed_text(constraint, texts) for constraint in each.constraints)
        cost = texts.money(each.plan.cost.total_micros, each.plan.cost.currency_code)
        count = f"{len(each.plan.shipments)}"
        rows.append(
            f"<tr><th>{escape(named)}</th><td>{escape(texts('map_in_shipments', count=count))}</td><td>{escape(cost)}</td></tr>"
        )
    return f'<table class="ships">{"".join(rows)}</table>'


def relaxed_text(constraint: Any, texts: Texts) -> str:
    """A constraint by name, for people."""
    from promessa.v1.constraint_pb2 import ConstraintKind

    name = ConstraintKind.Name(constraint.kind).removeprefix("CONSTRAINT_KIND_").lower()
    nodes = ", ".join(constraint.node_ids)
    return texts(f"constraint_{name}", text=constraint.text, rule=constraint.rule, nodes=nodes).rstrip()


def _legend(drawn: Sequence[Drawn], texts: Texts) -> str:
    rows = []
    for kind in _KINDS:
        count = sum(each.kind == kind for each in drawn)
        if not count:
            continue
        mark = '<path d="M4 4l8 8m0 -8l-8 8"/>' if kind == "out" else '<circle cx="8" cy="8" r="5.5"/>'
        rows.append(
            f'<li><svg width="16" height="16" class="node {kind}">{mark}</svg>'
            f"{escape(texts(f'map_{kind}'))} <b>{count:,}</b></li>"
        )
    return f"<ul>{''.join(rows)}</ul>"


def _notes(nowhere: int, goal: Place | None, about: str, texts: Texts) -> Iterable[str]:
    if about:
        yield texts("map_about", region=about)
    elif goal is None:
        yield texts("map_no_destination")
    if nowhere:
        yield texts("map_nowhere", count=f"{nowhere:,}")


def _as_data(value: object) -> str:
    """JSON that can stand in a script element whatever is in it."""
    text = json.dumps(value, ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
