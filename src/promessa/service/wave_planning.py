"""Planning a wave: orders that want the same stock and the same nodes' days, decided together.

    decide each order as if it were alone; and all of them one after another, which is the plan to beat   (wave_decisions.py)
    while something is wanted by more than there is for, in rounds:                                         (wave_search.py)
        price what is scarce; decide each order alone at these prices
        make a plan of it: who lost most before chooses first, and what is not left is decided again at these prices
        raise the prices of what is wanted too much, lower those of what is left over
    decide the orders of the best plan once more, without prices, on what the others leave                  (wave_repair.py)
    say what no plan can cost less than                                                                      (wave_bound.py)

Better is: fewer units not served, then less cost. The outcome is never worse than one after another, and each plan of it is
what the kernel finds the cheapest for that order on what the others leave. All numbers are integers, and nothing is drawn: the
same orders and stock give the same plans.
"""

from __future__ import annotations

from dataclasses import dataclass

from promessa.service.wave_bound import least_cost
from promessa.service.wave_decisions import Standing, Value, WaveDecisions, value_of
from promessa.service.wave_ledger import Resource
from promessa.service.wave_prices import WavePrices
from promessa.service.wave_repair import Repair
from promessa.service.wave_search import Search


@dataclass(slots=True)
class WavePlan:
    """The plans of a wave, in the order of its orders, beside those one after another. `prices` are those of the best bound,
    `scarce` what is wanted by more than there is for. No plan that leaves as few units unserved costs less than `bound`."""

    standings: list[Standing]
    value: Value
    one_by_one: Value
    bound: int
    prices: WavePrices
    scarce: list[Resource]
    rounds: int


async def plan_wave(decisions: WaveDecisions, one_by_one: list[Standing], *, rounds_max: int) -> WavePlan:
    """The best joint plan found, at least as good as one after another. Raises Unavailable (STOCK_CONTENDED)."""
    unserved_price = 4 * max(
        [1, *[each.cost for each in (*decisions.alone, *one_by_one)]]
    )  # far above any order's cost
    search = Search(decisions, one_by_one, unserved_price)
    await search.run(rounds_max)
    best = one_by_one
    if search.scarce:
        best = min(best, await Repair(decisions, search.best).run(), key=value_of)
    value = value_of(best)
    bound = await least_cost(decisions, search.best_prices, value, unserved_price)
    if search.best_prices is not decisions.no_prices:
        bound = max(bound, await least_cost(decisions, decisions.no_prices, value, unserved_price))
    return WavePlan(best, value, value_of(one_by_one), bound, search.best_prices, search.scarce, search.rounds)
