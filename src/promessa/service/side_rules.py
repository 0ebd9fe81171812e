"""What a plan must keep to that the kernel does not know: lines together, cells that several lines share, least values.

Lines that leave together are one line of the kernel: one unit, which a node has if it has all of it. For the other two the
kernel is asked without them; where its plan breaks one, that plan is divided: every plan that keeps to it is in one of several
smaller questions, which are the same with fewer units in some stock rows. The question of the least bound is next (best first),
until the best plan that keeps to everything is as good as all bounds that are left, or the work that a decision may do is done;
then the least of these bounds is told.

    cell       lines i with u_i units of a cell that has s < sum of u_i   -> for each i: at most s - the others' units
    two days   lines of a cell that leave on different days               -> without the one, without the other
    value      the shipment of node j is worth too little                 -> without j; with one more line whole at j; j alone

With lines served whole these leave no plan out, so a plan found so is proven. Where lines are split over nodes they may, and
the plan is not said to be proven. It keeps to the rules in any case.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import replace
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

from promessa.domain.kinds import DELIVERED, NO_DAY
from promessa.kernel import Assignment, Basket, Decision, Network, Reason, Reasons, Rules, Shipment, decide, plan
from promessa.service.network_view import Joint
from promessa.service.node_facts import Rows
from promessa.service.side_divisions import Taken
from promessa.service.side_search import Search, Work

if TYPE_CHECKING:
    from promessa.kernel._kernel import Plan as Found


class SideRules(NamedTuple):
    """The rules of one order. Items are its lines as rows have them; lines are the kernel's.

    `groups` has the items of each line, `whole` whether they leave together. `shared`: several lines may take units of one
    cell. `values` tells the worth of a lot of each item, in micros; shipments are worth `least_micros` or more where several of
    them go to one place.
    """

    groups: tuple[tuple[int, ...], ...]
    whole: tuple[bool, ...]
    rows: Rows
    shared: bool
    least_micros: int
    values: Callable[[], Sequence[int]]
    joint: Joint | None

    @property
    def binds(self) -> bool:
        """Whether plans of the kernel may break them: lines that leave together are kept to by what it is asked."""
        return self.shared or bool(self.least_micros)

    def expand(self, taken: Taken) -> list[tuple[int, int, int]]:
        """What lines take, by items."""
        quantities = self.rows.quantities
        return [
            (item, node, units * quantities[item] if self.whole[line] else units)
            for line, node, units in taken
            for item in self.groups[line]
        ]

    def place(self, node: int) -> int:
        """Where the shipment of a node goes."""
        return self.joint.collected_at[node] if self.joint else DELIVERED

    def day(self, node: int) -> int:
        """When the supply of a node comes."""
        return self.joint.supply_days[node] if self.joint else NO_DAY

    def origin(self, node: int) -> int:
        """The node of the catalogue that a node is."""
        return self.joint.origins[node] if self.joint else node

    def available(self, item: int, node: int) -> int:
        """Lots of an item at a node."""
        rows = self.rows
        return rows.atp[bisect_left(rows.node, node, rows.start[item], rows.start[item + 1])]


def each_by_itself(items: int) -> tuple[tuple[tuple[int, ...], ...], tuple[bool, ...]]:
    """The groups of items that leave by themselves, and that none leaves together with others."""
    return tuple([(item,) for item in range(items)]), (False,) * items


def basket_of(
    side: SideRules | None, rows: Rows, grams: Sequence[int], row_cost: array[int] | None, unit_cost: Sequence[int]
) -> Basket:
    """The basket of an order. What leaves together is one unit, and costs at a node what its units do."""
    if side is None or not any(side.whole):
        return Basket(
            quantities=rows.quantities,
            unit_grams=grams,
            row_start=rows.start,
            row_node=rows.node,
            row_atp=rows.atp,
            row_cost=row_cost,
        )
    start, nodes, atp, costs = array("i", [0]), array("I"), array("q"), array("q")
    quantities, weights = [], []
    for items, whole in zip(side.groups, side.whole, strict=True):
        if not whole:
            first, end = rows.start[items[0]], rows.start[items[0] + 1]
            nodes.extend(rows.node[first:end])
            atp.extend(rows.atp[first:end])
            costs.extend(row_cost[first:end] if row_cost is not None else [0] * (end - first))
            quantities.append(rows.quantities[items[0]])
            weights.append(grams[items[0]])
        else:
            for node, cost in _whole_at(items, rows, row_cost, unit_cost):
                nodes.append(node)
                atp.append(1)
                costs.append(cost)
            quantities.append(1)
            weights.append(sum(rows.quantities[item] * grams[item] for item in items))
        start.append(len(nodes))
    return Basket(
        quantities=quantities, unit_grams=weights, row_start=start, row_node=nodes, row_atp=atp, row_cost=costs
    )


def _whole_at(
    items: Sequence[int], rows: Rows, row_cost: array[int] | None, unit_cost: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """The nodes that have all of the items, and what one unit of them together costs more there than one unit of anything."""
    lots = sum(rows.quantities[item] for item in items)
    having: list[dict[int, int]] = []
    for item in items:
        first, end, wanted = rows.start[item], rows.start[item + 1], rows.quantities[item]
        own = row_cost[first:end] if row_cost is not None else repeat(0)
        stock = zip(rows.node[first:end], rows.atp[first:end], own, strict=False)
        having.append({node: wanted * cost for node, there, cost in stock if there >= wanted})
    for node in sorted(set(having[0]).intersection(*having[1:])):
        yield node, sum(each[node] for each in having) + (lots - 1) * unit_cost[node]


def best(network: Network, basket: Basket, rules: Rules, side: SideRules | None, work: Work | None = None) -> Found:
    """The best plan that keeps to the side rules, with what is proven of it. It is looked for with what is left of `work`."""
    found = plan(network, basket, rules)
    if side is None or not side.binds:
        return found
    return Search(network, basket, rules, side, work or Work()).run(found)


def explained(
    network: Network,
    basket: Basket,
    rules: Rules,
    side: SideRules | None,
    found: Found | None = None,
    *,
    explain: bool = False,
    others: int = 0,
) -> Decision:
    """The same with the reasons of nodes, and with other plans that keep to the side rules. `found` is what was decided, if it
    was."""
    first = decide(network, basket, rules, explain=explain, alternatives=others)
    if side is None or not side.binds:
        return first
    search = Search(network, basket, rules, side, Work())
    found = found or best(network, basket, rules, side)
    chosen = frozenset(shipment[0] for shipment in found[6])
    kept = [each for each in first.alternatives if search.fits(each.assignments)]
    dearer = found[1] - first.total_cost if sum(first.unfilled) == found[0] else 1 << 62
    unfilled = list(basket.quantities)
    for line, _, units in found[5]:
        unfilled[line] -= units
    return replace(
        first,
        assignments=tuple([Assignment(*each) for each in found[5]]),
        shipments=tuple([Shipment(*each) for each in found[6]]),
        unfilled=tuple(unfilled),
        split_cost=rules.split_cost * max(0, len(found[6]) - 1),
        total_cost=found[1],
        lower_bound=found[2],
        proven_optimal=found[3],
        steps=found[4],
        reasons=_reasons(first.reasons, chosen, dearer),
        alternatives=tuple([each for each in kept if {ship.node for ship in each.shipments} != chosen]),
    )


def _reasons(first: Reasons, chosen: Set[int], dearer: int) -> Reasons:
    """Why nodes are in the plan found, from why they are in the one without side rules, which costs so much less."""
    codes, costs_more = bytearray(first.codes), array("q", first.costs_more)
    for node, reason in enumerate(first.codes):
        if node in chosen:
            codes[node], costs_more[node] = Reason.IN_PLAN, 0
        elif reason in (Reason.IN_PLAN, Reason.COSTS_MORE):
            codes[node], costs_more[node] = Reason.COSTS_MORE, max(0, costs_more[node] - dearer)
    return Reasons(bytes(codes), costs_more)
