"""What a report of a simulation says, measure by measure: the same rows for the terminal and for the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from promessa.cli.output import MICROS
from promessa.cli.simulate_texts import Words

DAY_MS = 24 * 3600 * 1000
LESS, MORE, NEITHER = -1, 1, 0
"""Which way is better."""


class Differs(NamedTuple):
    """The mean difference per order, and between what it lies; None where orders are too few to say."""

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure, in units for people with so many places; a share is in per cent. `differs` is None where it is not compared
    order by order."""

    key: str
    scenario: float
    baseline: float | None
    places: int
    unit: str = ""
    better: int = LESS
    differs: Differs | None = None

    @property
    def verdict(self) -> str:
        """better, worse or unsure, by the interval; empty without one."""
        if self.differs is None or self.differs.low is None or self.differs.high is None:
            return ""
        if self.differs.low <= 0 <= self.differs.high:
            return "unsure"
        return "better" if (self.differs.low > 0) == (self.better == MORE) else "worse"


def figures(report: Any) -> list[Figure]:
    """All measures, in order; what units are worth only where that is known."""
    from promessa.v1 import simulation_pb2 as sm

    currency = report.scenario.cost.currency_code
    measures: list[tuple[str, Callable[[Any], float], int, str, int, int, float]] = [
        ("whole", lambda x: _percent(x.whole_order_count, x.order_count), 2, "%", MORE, 0, 1),
        ("partial", lambda x: _percent(x.partial_order_count, x.order_count), 2, "%", NEITHER, 0, 1),
        ("refused", lambda x: _percent(x.refused_order_count, x.order_count), 2, "%", LESS, 0, 1),
        ("unserved_units", lambda x: x.unserved_quantity / max(1, x.order_count), 3, "", LESS,
         sm.SIMULATION_MEASURE_UNSERVED_UNITS, 1),
        ("unserved_value", lambda x: x.unserved_value_micros / max(1, x.order_count) / MICROS, 2, currency, LESS,
         sm.SIMULATION_MEASURE_UNSERVED_VALUE, MICROS),
        ("cost", lambda x: x.cost.total_micros / served(x) / MICROS, 2, currency, LESS, sm.SIMULATION_MEASURE_COST, MICROS),
        ("shipments", lambda x: x.shipment_count / served(x), 3, "", LESS, sm.SIMULATION_MEASURE_SHIPMENTS, 1),
        ("split_orders", lambda x: _percent(x.split_order_count, served(x)), 2, "%", LESS, 0, 1),
        ("arrival", lambda x: x.arrival_mean_ms / DAY_MS, 2, "", LESS, sm.SIMULATION_MEASURE_ARRIVAL, DAY_MS),
        ("arrival_p90", lambda x: x.arrival_p90_ms / DAY_MS, 1, "", LESS, 0, 1),
        ("nodes_used", lambda x: len(x.nodes), 0, "", NEITHER, 0, 1),
        ("proven", lambda x: _percent(x.proven_order_count, x.order_count), 2, "%", MORE, 0, 1),
    ]  # fmt: skip
    if not report.scenario.wanted_value_micros:
        measures = [each for each in measures if each[0] != "unserved_value"]
    known = {each.measure: each for each in report.differences if not each.term}
    return [
        Figure(key, value(report.scenario), _of_baseline(report, value), places, unit, better,
               _scaled(known.get(measure), divisor))
        for key, value, places, unit, better, measure, divisor in measures
    ]  # fmt: skip


def terms(report: Any) -> list[Figure]:
    """The cost per order served, term by term, of those that cost something."""
    known = {each.term: each for each in report.differences if each.term}
    found = []
    for field in report.scenario.cost.DESCRIPTOR.fields:
        if field.name in ("currency_code", "total_micros"):
            continue

        def value(outcome: Any, name: str = field.name) -> float:
            return float(getattr(outcome.cost, name) / served(outcome) / MICROS)

        baseline, term = _of_baseline(report, value), field.name.removesuffix("_micros")
        if value(report.scenario) or baseline:
            differs = _scaled(known.get(term), MICROS)
            currency = report.scenario.cost.currency_code
            found.append(Figure(term, value(report.scenario), baseline, 2, currency, LESS, differs))
    return found


def served(outcome: Any) -> int:
    """Orders that are served, in full or in part; 1 if there are none, for it divides."""
    return max(1, int(outcome.whole_order_count + outcome.partial_order_count))


def _of_baseline(report: Any, value: Callable[[Any], float]) -> float | None:
    return value(report.baseline) if report.HasField("baseline") else None


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0


def _scaled(difference: Any, divisor: float) -> Differs | None:
    if difference is None:
        return None
    sure = difference.HasField("low")
    low, high = (difference.low / divisor, difference.high / divisor) if sure else (None, None)
    return Differs(difference.mean / divisor, low, high)


def shown(words: Words, figure: Figure, value: float | None) -> str:
    """A value of a figure for people."""
    if value is None:
        return "-"
    return f"{words.number(value, figure.places)} {figure.unit}".rstrip()


def difference_shown(words: Words, figure: Figure) -> str:
    """The difference per order for people, of shares in points; empty without a baseline."""
    if figure.baseline is None:
        return ""
    mean = figure.differs.mean if figure.differs else figure.scenario - figure.baseline
    unit = "pp" if figure.unit == "%" else figure.unit
    return f"{words.signed(mean, figure.places)} {unit}".rstrip()


def interval_shown(words: Words, figure: Figure) -> str:
    """Between what the difference lies, for people; empty where that is not known."""
    differs = figure.differs
    if differs is None or differs.low is None or differs.high is None:
        return ""
    return f"{words.signed(differs.low, figure.places)} … {words.signed(differs.high, figure.places)}"
