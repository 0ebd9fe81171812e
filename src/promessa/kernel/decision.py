"""The façade of the kernel: one decision, as plain tuples for the hot path or as a Decision for everyone else."""

from typing import TYPE_CHECKING

from promessa.kernel._kernel import Basket, Network, solve, solve_explained
from promessa.kernel.problem import Assignment, Decision, Level, LevelKind, Reasons, Rules, Shipment

if TYPE_CHECKING:
    from promessa.kernel._kernel import Plan

DEFAULT_RULES = Rules()
NO_REASONS = Reasons()


def plan(network: Network, basket: Basket, rules: Rules = DEFAULT_RULES) -> "Plan":
    """The best plan as plain tuples: the hot path's entry, with the fewest Python objects.

    (unfilled_units, total_cost, lower_bound, proven_optimal, steps, assignments, shipments), where an assignment is
    (line, node, units) and a shipment is (node, lane, weight_grams, shipping_cost, handling_cost, fixed_cost).
    """
    return solve(network, basket, rules)


def decide(
    network: Network, basket: Basket, rules: Rules = DEFAULT_RULES, *, explain: bool = False, alternatives: int = 0
) -> Decision:
    """The best plan for a basket, with its certificate; reference.py defines "best" and every rule.

    explain adds a reason for each node of the network. alternatives asks for that many runner-up plans, each with a
    node set of its own, that leave as few units out as stock allows; fewer come back when there are no more. Neither
    option changes the plan. Raises ValueError, with a sentence, for numbers out of range.
    """
    best, reasons, runners_up = solve_explained(network, basket, rules, explain, alternatives)
    return _decision(
        basket,
        rules,
        best,
        reasons=Reasons(*reasons),
        alternatives=tuple(_decision(basket, rules, runner_up) for runner_up in runners_up),
    )


def _decision(
    basket: Basket,
    rules: Rules,
    found: "Plan",
    *,
    reasons: Reasons = NO_REASONS,
    alternatives: tuple[Decision, ...] = (),
) -> Decision:
    _, total_cost, lower_bound, proven_optimal, steps, assignments, shipments = found
    unfilled = list(basket.quantities)
    for line, _, units in assignments:
        unfilled[line] -= units
    return Decision(
        assignments=tuple(Assignment(*assignment) for assignment in assignments),
        shipments=tuple(Shipment(*shipment) for shipment in shipments),
        unfilled=tuple(unfilled),
        split_cost=rules.split_cost * max(0, len(shipments) - 1),
        total_cost=total_cost,
        lower_bound=lower_bound,
        proven_optimal=proven_optimal,
        steps=steps,
        levels=tuple(_reached(level, shipments, total_cost) for level in rules.levels),
        reasons=reasons,
        alternatives=alternatives,
    )


def _reached(level: Level, shipments: tuple[tuple[int, int, int, int, int, int], ...], total_cost: int) -> int:
    """What a plan comes to in a level."""
    if level.values is None:
        return total_cost if level.kind == LevelKind.COST else len(shipments)
    values = [level.values[lane] for _, lane, *_ in shipments]
    return max(values, default=0) if level.kind == LevelKind.WORST else sum(values)
