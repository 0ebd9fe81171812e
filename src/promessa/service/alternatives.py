"""What other rules would have made of orders that were sourced: a simulation of the same orders by the rules that are active,
and by some that promessa brings along.

All decide the same orders on the same stock and network, those of now: what an order was decided on is gone by the time
that anybody asks, and is not kept for all of them. So they compare rules, and do not say what was saved on the day.
"""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field

from promessa.domain.paired import Difference, PairedDifferences
from promessa.domain.sourcing import PLAN_TERMS, costs_by_term
from promessa.service.policies import draft_of_document
from promessa.service.policy_documents import ready_made_text
from promessa.service.simulation import LEAST_COST, OrderDecisions, Scenario, SimulatedPolicy, Simulations
from promessa.service.simulation_tally import Decided

LEAST = "least-cost"
READY_MADE = ("nearest-first", "fewest-shipments", "fastest")


@dataclass(slots=True)
class Side:
    """What orders cost one way, by term, and their shipments."""

    costs: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PLAN_TERMS, 0))
    shipments: int = 0

    def add(self, decided: Decided) -> None:
        for term, micros in costs_by_term(decided.plan).items():
            self.costs[term] += micros
        self.shipments += len(decided.plan.shipments)


@dataclass(slots=True)
class Alternative:
    """Orders that these rules serve whole, as those of now do: what both cost, and how they differ per order."""

    name: str
    theirs: Side = field(default_factory=Side)
    now: Side = field(default_factory=Side)
    differences: PairedDifferences = field(default_factory=PairedDifferences)
    currency_code: str = ""

    @property
    def difference(self) -> Difference:
        """Of the cost, these rules less those of now."""
        return self.differences.of("cost")

    def add(self, theirs: Decided, now: Decided) -> None:
        """One more order, if both serve it whole."""
        if any(not each.held or each.plan.unserved for each in (theirs, now)):
            return
        self.currency_code = now.plan.currency_code
        self.theirs.add(theirs)
        self.now.add(now)
        self.differences.add({"cost": theirs.plan.total_micros - now.plan.total_micros})


class Alternatives:
    """Compares rules over recorded orders."""

    def __init__(self, simulations: Simulations) -> None:
        self._simulations = simulations

    async def of_period(self, start_ms: int, end_ms: int, orders_max: int, now_ms: int) -> list[Alternative]:
        """The rules, over the earliest orders of a period that are still kept.

        Raises Exhausted (TOO_MANY_SIMULATIONS), Unavailable.
        """
        found = [Alternative(name) for name in (LEAST, *READY_MADE)]
        made = [self._simulations.inline(draft_of_document(ready_made_text(name)), now_ms) for name in READY_MADE]
        policies = [SimulatedPolicy(as_now=True), LEAST_COST, *[SimulatedPolicy(version) for version in made]]
        with self._simulations.admit():
            orders = await self._simulations.recorded(start_ms, end_ms, orders_max)
            run = self._simulations.run(orders, [Scenario(policy) for policy in policies], deplete=False)
            async with aclosing(run) as events:
                async for told in events:
                    if isinstance(told, OrderDecisions):
                        now, *others = told.decisions
                        for alternative, theirs in zip(found, others, strict=True):
                            alternative.add(theirs, now)
        return found
