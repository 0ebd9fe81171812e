"""The true optimum of a published instance, by the kernel with a budget that it does not need to keep.

A proof of the kernel is a proof, whatever budget it took; tests/bench compares it with HiGHS. Where more nodes survive
than a search can hold, those that the prices alone rule out are taken away first: a plan with such a node costs more than
one that is already known, by the kernel's own reasons.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from sourcing_methods import View, priced, short_list
from sourcing_set import RULES

from promessa.kernel import Reason, decide, plan

STEPS = 20_000_000
"""About a second; published instances take up to a million."""


class Optimum(NamedTuple):
    """`cost`: of the cheapest plan known, and that of no plan at all is less if `proven`."""

    cost: int
    proven: bool


def optimum(view: View) -> Optimum:
    network, basket = view.instance.toward.network, view.instance.basket
    rules = replace(RULES, budget_steps=STEPS)
    _, cost, _, proven, *_ = plan(network, basket, rules)
    if proven:
        return Optimum(cost, True)
    best = min(cost, priced(view, short_list(view)).cost)
    reasons = decide(network, basket, rules, explain=True).reasons
    eligible = np.array([reason != Reason.COSTS_MORE or cost + more <= best for reason, more in reasons], np.uint8)
    _, least, _, proven, *_ = plan(network, basket, replace(rules, node_eligible=memoryview(eligible)))
    return Optimum(min(best, least), proven)
