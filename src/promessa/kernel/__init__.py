"""The decision kernel: which node serves which line of a basket, at the least exact cost, with a certificate.

    Network   costs and lanes of every node towards one destination; built once, kept by the service
    Basket    the lines of one order and their stock rows, borrowed from the replica without copying
    Rules     what the plan must respect
    decide    Network + Basket + Rules -> Decision
    plan      the same for the hot path: plain tuples, fewest objects

Numbers in, indices out. This package uses the standard library alone and knows nothing of stores, messages or policies.
`reference.py` is the specification, `ext/kernel.h` the implementation, and `ext/README.md` has the formulas.
"""

from promessa.kernel._kernel import MAX_MICROS, Basket, Network
from promessa.kernel.decision import decide, plan
from promessa.kernel.problem import (
    DEFAULT_BUDGET_STEPS,
    Assignment,
    Decision,
    Level,
    LevelKind,
    NodeReason,
    Reason,
    Reasons,
    Rules,
    Shipment,
)

__all__ = [
    "DEFAULT_BUDGET_STEPS",
    "MAX_MICROS",
    "Assignment",
    "Basket",
    "Decision",
    "Level",
    "LevelKind",
    "Network",
    "NodeReason",
    "Reason",
    "Reasons",
    "Rules",
    "Shipment",
    "decide",
    "plan",
]
