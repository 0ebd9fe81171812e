"""A network as a policy weighs it: the same lanes at other prices. And what shipments cost in money, without the kernel."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from promessa.domain.policy import WeightedTerm
from promessa.domain.sourcing import CostTerm
from promessa.kernel import MAX_MICROS, Network

_OPENINGS = {
    CostTerm.PACKAGING: WeightedTerm.PACKAGING,
    CostTerm.LOAD: WeightedTerm.LOAD,
    CostTerm.REJECTION: WeightedTerm.REJECTION,
}

ANY_WEIGHT = 1 << 62
"""Grams that a lane takes if it takes any weight."""


class Columns(NamedTuple):
    """The columns of a Network, see kernel/_kernel.pyi."""

    fixed_cost: array[int]
    unit_cost: array[int]
    lane_start: array[int]
    lane_rate: array[int]
    lane_surcharge: array[int]
    bracket_start: array[int]
    bracket_grams: array[int]
    bracket_price: array[int]
    over_step_grams: array[int]
    over_step_price: array[int]

    def price(self, lane: int, grams: int) -> int | None:
        """What a lane charges for a weight; None if it does not take it. As rate_price in kernel/reference.py."""
        rate = self.lane_rate[lane]
        first, end = self.bracket_start[rate], self.bracket_start[rate + 1]
        at = bisect_left(self.bracket_grams, grams, first, end)
        if at < end:
            return self.bracket_price[at] + self.lane_surcharge[lane]
        step = self.over_step_grams[rate]
        if step == 0:
            return None
        steps = -((self.bracket_grams[end - 1] - grams) // step)
        return self.bracket_price[end - 1] + steps * self.over_step_price[rate] + self.lane_surcharge[lane]

    def most_grams(self, lane: int) -> int:
        """The heaviest shipment that a lane takes."""
        rate = self.lane_rate[lane]
        return ANY_WEIGHT if self.over_step_grams[rate] else self.bracket_grams[self.bracket_start[rate + 1] - 1]


def columns_of(network: Network) -> Columns:
    """The columns of a network."""
    return Columns(*(array(_TYPECODES.get(name, "q"), getattr(network, name)) for name in Columns._fields))


_TYPECODES = {"lane_start": "i", "lane_rate": "i", "bracket_start": "i"}


def weighted(
    columns: Columns,
    percents: Mapping[WeightedTerm, int],
    openings: Sequence[Mapping[CostTerm, int]],
    *,
    more_of_nodes: Sequence[int] | None,
    more_of_lanes: Sequence[int] | None,
) -> Network:
    """The network with each term at so many per cent, and something added to each shipment of a node or a lane.

    Each price is rounded down to a micro. `openings` is Destination.openings.
    """
    shipping = percents.get(WeightedTerm.SHIPPING, 100)
    handling = percents.get(WeightedTerm.HANDLING, 100)
    fixed: Sequence[int] = columns.fixed_cost
    if openings or WeightedTerm.SHIPMENT in percents:
        fixed = [
            _opening(cost, openings[node] if openings else {}, percents) for node, cost in enumerate(columns.fixed_cost)
        ]
    if more_of_nodes is not None:
        fixed = [cost + more for cost, more in zip(fixed, more_of_nodes, strict=True)]
    surcharges = _part(columns.lane_surcharge, shipping)
    if more_of_lanes is not None:
        surcharges = [cost + more for cost, more in zip(surcharges, more_of_lanes, strict=True)]
    return Network(
        fixed_cost=_bounded(fixed),
        unit_cost=_bounded(_part(columns.unit_cost, handling)),
        lane_start=columns.lane_start,
        lane_rate=columns.lane_rate,
        lane_surcharge=_bounded(surcharges),
        bracket_start=columns.bracket_start,
        bracket_grams=columns.bracket_grams,
        bracket_price=_bounded(_part(columns.bracket_price, shipping)),
        over_step_grams=columns.over_step_grams,
        over_step_price=_bounded(_part(columns.over_step_price, shipping)),
    )


def _opening(cost: int, opening: Mapping[CostTerm, int], percents: Mapping[WeightedTerm, int]) -> int:
    """What a shipment costs at a node: opening it, packaging, load and the risk of refusal, each weighed for itself."""
    own = (cost - sum(opening.values())) * percents.get(WeightedTerm.SHIPMENT, 100) // 100
    return own + sum(micros * percents.get(_OPENINGS[term], 100) // 100 for term, micros in opening.items())


def _part(costs: Sequence[int], percent: int) -> Sequence[int]:
    return costs if percent == 100 else [cost * percent // 100 for cost in costs]


def _bounded(costs: Sequence[int]) -> array[int]:
    """No cost is more than the kernel counts: what costs so much is out of the question anyway."""
    if isinstance(costs, array):
        return costs
    if costs and max(costs) > MAX_MICROS:
        costs = [min(cost, MAX_MICROS) for cost in costs]
    return array("q", costs)
