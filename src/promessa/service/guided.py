"""Decisions by a policy: its rules in turn, each as what the kernel takes.

    for each rule that is for the order:
        decide with all that is soft; where that leaves units out, give up as little of it as serves the order whole,
        the last first
        it serves the order whole, or may serve it in part   -> it decides
        it says stop                                         -> no rule decides

A filter is a byte for each node or lane, a limit a rule of the kernel, a sort a level of it; a weight changes the prices of
the network, which then are not money any more: plans are priced anew.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from promessa.domain.policy import OF_LANES, WORDS, Fact, Limits, Mode, NodeFilter, Otherwise, PolicyVersion, Rule
from promessa.domain.policy_lint import hard_limits
from promessa.domain.promise_dates import DAY_MS
from promessa.domain.sourcing import PolicyDecision
from promessa.kernel import Basket, Network, Rules
from promessa.service.line_costs import ROW_TERMS, LineCosts
from promessa.service.node_facts import Facts, Rows, both
from promessa.service.side_rules import SideRules, basket_of, best, each_by_itself
from promessa.service.side_search import Work
from promessa.service.sort_columns import sort_levels
from promessa.service.weighted_network import weighted

if TYPE_CHECKING:
    from promessa.kernel._kernel import Plan as Found

WEIGHTED_MAX = 64
"""Networks of a destination that are kept as rules weigh them; each is as large as the plain one."""


@dataclass(frozen=True, slots=True)
class Guide:
    """The policy that decides about an order, and its rules that are for such orders, with their positions."""

    version: PolicyVersion
    rules: list[tuple[int, Rule]]


class Posed(NamedTuple):
    """An order in the kernel's terms, with what it says itself; `side` is what the kernel does not know of it, `values` the
    worth of a lot of each line, in micros."""

    rows: Rows
    grams: Sequence[int]
    rules: Rules
    costs: LineCosts | None
    values: Callable[[], Sequence[int]]
    latest_ms: int
    lead_ms: int
    now_ms: int
    side: SideRules | None
    work: Work
    """What all trials may do together for what the kernel does not know."""


class Trial(NamedTuple):
    """What the kernel is asked: one rule, with what of it is kept to. `plain`: its prices are money. No shipment beside others
    is worth less than `least_worth` micros."""

    network: Network
    basket: Basket
    rules: Rules
    latest_ms: int
    costs: LineCosts | None
    plain: bool
    side: SideRules | None = None


class Guided(NamedTuple):
    """A decision of the kernel, what it was asked, and by which rule; without a name if no rule decides."""

    found: Found
    trial: Trial
    decision: PolicyDecision
    posed: Posed
    facts: Facts
    rule_ix: int = -1
    rule: Rule | None = None


class Priced(NamedTuple):
    """A plan of the kernel in money: shipments as it gives them, and the total. `bound` stays one of the objective."""

    shipments: tuple[tuple[int, int, int, int, int, int], ...]
    total: int
    bound: int
    objective: int


def decide_by_policy(guide: Guide, posed: Posed, facts: Facts) -> Guided:
    """The decision of the first rule that serves the order whole, or may serve it in part."""
    best: tuple[Found, Trial] | None = None
    for index, rule in guide.rules:
        found, trial, given_up = _RuleTrials(guide, index, rule, posed, facts).best()
        unfilled = found[0]
        if not unfilled or (rule.allow_partial and found[6]):
            return Guided(found, trial, _decision(guide, rule, given_up), posed, facts, index, rule)
        if best is None or unfilled < best[0][0]:
            best = found, trial
        if rule.otherwise == Otherwise.STOP:
            break
    if best is None:
        best = _nothing(posed, facts)
    return Guided(*best, _decision(guide, None, ()), posed, facts)


def decide_again(guided: Guided, rules: Rules) -> Found:
    """What the rule that decided finds under stricter rules of the kernel."""
    return _plan(guided.trial._replace(rules=rules), Work())


def priced(guided: Guided, found: Found) -> Priced:
    """A plan of a trial in money. What a unit costs has the credit of the order's plain costs, as if the kernel had said so."""
    _, total, bound, _, _, assignments, shipments = found
    trial, posed = guided.trial, guided.posed
    costs = posed.costs
    if trial.side:
        assignments = tuple(trial.side.expand(assignments))
    units_taken = sum(units for _, _, units in assignments)
    objective = total - (trial.costs.credit * units_taken if trial.costs else 0)
    if trial.plain:
        return Priced(shipments, total, bound, objective)
    columns, rows = guided.facts.destination.columns, posed.rows
    column = costs.column(rows.start, rows.node, rows.atp) if costs else None
    handling: dict[int, int] = {}
    for line, node, units in assignments:
        at = bisect_left(rows.node, node, rows.start[line], rows.start[line + 1])
        each = columns.unit_cost[node] + (column[at] if column is not None else 0)
        handling[node] = handling.get(node, 0) + units * each
    told = []
    for node, lane, grams, *_ in shipments:
        shipping = columns.price(lane, grams)
        assert shipping is not None, "the kernel chose a lane that takes the weight"
        told.append((node, lane, grams, shipping, handling[node], columns.fixed_cost[node]))
    split = trial.rules.split_cost * max(0, len(told) - 1)
    money = split + sum(shipping + own + fixed for _, _, _, shipping, own, fixed in told)
    credits = costs.credit * units_taken if costs else 0
    return Priced(tuple(told), money, bound - (total - objective) + credits, objective)


class _RuleTrials:
    """One rule, tried with all that is soft and with less of it."""

    def __init__(self, guide: Guide, index: int, rule: Rule, posed: Posed, facts: Facts) -> None:
        self._guide = guide
        self._index = index
        self._rule = rule
        self._posed = posed
        self._facts = facts
        self._soft = [f"filters[{k}]" for k, each in enumerate(rule.filters) if each.soft]
        self._soft += [f"limits.{each.name.lower()}" for each in rule.limits.soft]

    def best(self) -> tuple[Found, Trial, tuple[str, ...]]:
        """The decision that gives up least of what serves the order whole, or else leaves the fewest units out."""
        found = self._try(0)
        if not found[0][0] or not self._soft:
            return (*found, ())
        most = len(self._soft)
        without = self._try(most)
        if without[0][0]:
            return (*without, tuple(self._soft)) if without[0][0] < found[0][0] else (*found, ())
        low, high, best = 1, most, without  # giving up more never serves less
        while low < high:
            middle = (low + high) // 2
            tried = self._try(middle)
            if tried[0][0]:
                low = middle + 1
            else:
                high, best = middle, tried
        return (*best, tuple(self._soft[most - high :]))

    def _try(self, given_up: int) -> tuple[Found, Trial]:
        """Decide without the last so many soft filters and limits."""
        off_limits = min(given_up, len(self._rule.limits.soft))
        off_filters = given_up - off_limits
        limits = hard_limits(self._rule.limits, off_limits)
        soft = [k for k, each in enumerate(self._rule.filters) if each.soft]
        off = set(soft[len(soft) - off_filters :]) if off_filters else set()
        kept = [each for k, each in enumerate(self._rule.filters) if k not in off]
        latest_ms = self._latest_ms(limits)
        rules = self._kernel_rules(limits, latest_ms, [each for each in kept if each.where != Fact.UNITS_LEFT])
        keep = max((each.min or 0 for each in kept if each.where == Fact.UNITS_LEFT), default=0)
        network, costs = self._weighted()
        plain = network is self._facts.destination.network and costs is self._posed.costs
        rows = self._rows(keep)
        side = self._side(rows, limits.min_shipment_value_micros or 0)
        trial = Trial(network, self._basket(rows, costs, side, network), rules, latest_ms, costs, plain, side)
        return _plan(trial, self._posed.work), trial

    def _kernel_rules(self, limits: Limits, latest_ms: int, filters: Sequence[NodeFilter]) -> Rules:
        """The order's own rules, the limits and the filters."""
        posed, own, costs = self._posed, self._posed.rules, self._rule.costs
        shipments = [n for n in (own.max_shipments, limits.max_shipments) if n]
        nodes, lanes = _bytes(own.node_eligible), _bytes(own.lane_allowed)
        if limits.arrives_within_days is not None:
            lanes = both(lanes, self._facts.destination.lanes_in_time(posed.now_ms, latest_ms, posed.lead_ms))
        for each in filters:
            if each.where in OF_LANES:
                lanes = both(lanes, self._facts.mask(each))
            else:
                nodes = both(nodes, self._facts.mask(each))
        by_sorts = self._guide.version.policy.mode == Mode.RULES
        return Rules(
            max_shipments=min(shipments, default=0),
            ship_complete=own.ship_complete or limits.ship_complete,
            allow_line_split=own.allow_line_split and not limits.keep_lines_whole,
            split_cost=own.split_cost if costs.split_micros is None else costs.split_micros,
            excluded_nodes=own.excluded_nodes,
            node_eligible=nodes,
            lane_allowed=lanes,
            budget_steps=own.budget_steps,
            levels=sort_levels(self._rule.sorts, self._facts) if by_sorts else (),
        )

    def _latest_ms(self, limits: Limits) -> int:
        """When everything must have arrived, by the order and the limits; 0 for whenever."""
        days, own = limits.arrives_within_days, self._posed.latest_ms
        if days is None:
            return own
        latest = self._posed.now_ms + days * DAY_MS
        return min(latest, own) if own else latest

    def _rows(self, keep: int) -> Rows:
        """The order's rows, with so many units less of each line at every node."""
        rows = self._posed.rows
        if not keep:
            return rows
        atp = array("q", rows.atp)
        for line in range(len(rows.quantities)):
            lots = -(-keep // rows.steps[line]) if rows.steps else keep
            for at in range(rows.start[line], rows.start[line + 1]):
                atp[at] -= lots
        return rows._replace(atp=atp)

    def _side(self, rows: Rows, least: int) -> SideRules | None:
        """What the kernel does not know: of the order, and the least value of a shipment by the rule."""
        side = self._posed.side
        if side is None and least:
            groups = each_by_itself(len(rows.quantities))
            side = SideRules(*groups, rows, False, 0, self._posed.values, self._facts.destination.joint)
        return side and side._replace(rows=rows, least_micros=max(least, side.least_micros))

    def _basket(self, rows: Rows, costs: LineCosts | None, side: SideRules | None, network: Network) -> Basket:
        """The order's lines. What units cost by themselves goes by all that is there."""
        own = self._posed.rows
        row_cost = costs.column(own.start, own.node, own.atp) if costs else None
        unit_cost = network.unit_cost if side else ()
        return basket_of(side, rows, self._posed.grams, row_cost, unit_cost)

    def _weighted(self) -> tuple[Network, LineCosts | None]:
        """The network and the costs of units as the rule weighs them; as they are, where it does not."""
        destination, wanted = self._facts.destination, self._rule.costs
        percents = {each.term: each.percent for each in wanted.weights if each.percent != 100}
        costs = self._posed.costs
        if costs and any(term.name in _ROW_WEIGHTS for term in percents):
            by_name = {term.name: percent for term, percent in percents.items()}
            costs = costs.weighted(tuple([by_name.get(name, 100) for name in _ROW_WEIGHTS]))
        per_day, per_km = wanted.arrival_day_micros or 0, wanted.distance_km_micros or 0
        by_distance = [each for each in wanted.preferences if each.nodes.where not in WORDS]
        if not (percents or per_day or per_km or wanted.preferences):
            return destination.network, costs
        lasting = not (per_day or per_km or by_distance)  # what goes by the order or the hour is made for it
        network = destination.weighted.get(wanted) if lasting else None
        if network is None:
            network = weighted(
                destination.columns,
                percents,
                destination.openings,
                more_of_nodes=self._more_of_nodes(per_km) if per_km or wanted.preferences else None,
                more_of_lanes=[days * per_day for days in self._facts.arrival_days()] if per_day else None,
            )
            if lasting:
                if len(destination.weighted) >= WEIGHTED_MAX:
                    destination.weighted.clear()
                destination.weighted[wanted] = network
        return network, costs

    def _more_of_nodes(self, per_km: int) -> list[int]:
        """What a shipment of each node costs more: by distance, which is as far as can be where it is not known; and by
        preference."""
        facts = self._facts
        more = [0] * facts.node_count
        if per_km:
            more = [per_km * (_FARTHEST_KM if km is None else km) for km in facts.nodes(Fact.DISTANCE_KM)]
        for each in self._rule.costs.preferences:
            mask = facts.mask(each.nodes)
            more = [cost + each.add_micros if chosen else cost for cost, chosen in zip(more, mask, strict=True)]
        return more


_ROW_WEIGHTS = tuple(term.name for term in ROW_TERMS)
_FARTHEST_KM = 20_015
"""Half the girth of the Earth."""


def _plan(trial: Trial, work: Work) -> Found:
    return best(trial.network, trial.basket, trial.rules, trial.side, work)


def _nothing(posed: Posed, facts: Facts) -> tuple[Found, Trial]:
    """Of an order that no rule is for: no node may serve it."""
    rows = posed.rows
    network = facts.destination.network
    basket = basket_of(posed.side, rows, posed.grams, None, network.unit_cost if posed.side else ())
    rules = replace(posed.rules, node_eligible=bytes(facts.node_count))
    trial = Trial(network, basket, rules, posed.latest_ms, None, True, posed.side)
    return _plan(trial, posed.work), trial


def _decision(guide: Guide, rule: Rule | None, given_up: tuple[str, ...]) -> PolicyDecision:
    version, unserved = guide.version, guide.version.policy.unserved
    offer = rule.offer if rule else None
    return PolicyDecision(
        version.policy_id,
        version.version,
        rule.name if rule else "",
        given_up,
        action=int(unserved.action),
        queue=unserved.queue,
        days=unserved.days or 0,
        offer_nodes=offer.nodes if offer else 0,
        offer_minutes=offer.minutes if offer else 0,
    )


def _bytes(mask: Any) -> bytes | None:
    return None if mask is None else bytes(mask)
