"""Types and meaning of the native module (ext/_kernel.pyx). Its search is specified by reference.py."""

from array import array
from collections.abc import Sequence

from promessa.kernel.problem import Rules

Column = Sequence[int] | array[int] | memoryview

Plan = tuple[
    int, int, int, bool, int, tuple[tuple[int, int, int], ...], tuple[tuple[int, int, int, int, int, int], ...]
]
"""(unfilled_units, total_cost, lower_bound, proven_optimal, steps, assignments, shipments): see decision.plan."""

MAX_LINES: int
"""Lines of a basket: the search keeps a set of lines in one 64-bit word."""
MAX_SHIPMENTS: int
"""Nodes one plan may open, whatever the rules say."""
MAX_ALTERNATIVES: int
"""Runner-up plans of one decision."""
MAX_NODES: int
"""Nodes of a network."""
MAX_QUANTITY: int
"""Units of one line."""
MAX_UNIT_GRAMS: int
"""Weight of one unit: 10 tonnes."""
MAX_MICROS: int
"""Any single cost or price: 10^15 micros are 10^9 currency units."""
MAX_BASKET_MICROS: int
"""The dearest thinkable plan of a basket: 2^52 micros, so that doubles in bounds stay exact to the micro."""
MAX_LEVELS: int
"""Levels that plans are compared by."""
MAX_LEVEL: int
"""A number of a lane in a level: 2^56, so that the sum over all shipments of a plan stays an int64."""

class Network:
    """Costs and lanes of every node towards one destination. Immutable; it keeps private copies of its columns.

    fixed_cost[node]: micros for opening a shipment. unit_cost[node]: micros of handling for each unit.
    Lanes of a node are lane_start[node] .. lane_start[node + 1]; without lanes it cannot serve the destination.
    A lane uses the rate card column lane_rate[lane] and adds lane_surcharge[lane] micros.
    Brackets of a rate are bracket_start[rate] .. bracket_start[rate + 1]: bracket_grams is the inclusive upper bound,
    ascending; bracket_price the price in micros, never descending. Above the last bracket each begun
    over_step_grams[rate] adds over_step_price[rate]; over_step_grams 0 means that heavier shipments are not accepted.

    Columns are sequences of integers; buffers with typecode "q" are copied without Python integers.
    Raises ValueError for a shape or number out of range, with a sentence that names the column and the position.
    """

    def __init__(
        self,
        *,
        fixed_cost: Column,
        unit_cost: Column,
        lane_start: Column,
        lane_rate: Column,
        lane_surcharge: Column,
        bracket_start: Column,
        bracket_grams: Column,
        bracket_price: Column,
        over_step_grams: Column,
        over_step_price: Column,
    ) -> None: ...
    @property
    def nodes(self) -> int: ...
    @property
    def lanes(self) -> int: ...
    @property
    def fixed_cost(self) -> tuple[int, ...]: ...
    @property
    def unit_cost(self) -> tuple[int, ...]: ...
    @property
    def lane_start(self) -> tuple[int, ...]: ...
    @property
    def lane_rate(self) -> tuple[int, ...]: ...
    @property
    def lane_surcharge(self) -> tuple[int, ...]: ...
    @property
    def bracket_start(self) -> tuple[int, ...]: ...
    @property
    def bracket_grams(self) -> tuple[int, ...]: ...
    @property
    def bracket_price(self) -> tuple[int, ...]: ...
    @property
    def over_step_grams(self) -> tuple[int, ...]: ...
    @property
    def over_step_price(self) -> tuple[int, ...]: ...

class Basket:
    """The lines of one order and their stock rows. Immutable; the stock rows are borrowed, not copied.

    quantities[line]: units wanted, at least 1. unit_grams[line]: weight of one unit, at least 0.
    The stock row of a line is row_start[line] .. row_start[line + 1] of row_node (typecode "I", strictly ascending)
    and row_atp (typecode "q"; 0 or less means none). Buffers with these typecodes are used where they are and must not
    change while a decision runs: a change can spoil that decision, but no memory.
    row_cost, like row_atp and at least 0: micros for each unit of the line from that node, beside the node's unit_cost
    and whatever else leaves it (tax, commission, the price of stock). It counts as handling. None: nothing.

    Raises ValueError for a shape or number out of range. Each decision checks the node numbers against its network.
    """

    def __init__(
        self,
        *,
        quantities: Column,
        unit_grams: Column,
        row_start: Column,
        row_node: Column,
        row_atp: Column,
        row_cost: Column | None = None,
    ) -> None: ...
    @property
    def lines(self) -> int: ...
    @property
    def units(self) -> int: ...
    @property
    def grams(self) -> int: ...
    @property
    def quantities(self) -> tuple[int, ...]: ...
    @property
    def unit_grams(self) -> tuple[int, ...]: ...
    @property
    def row_start(self) -> tuple[int, ...]: ...
    @property
    def row_node(self) -> tuple[int, ...]: ...
    @property
    def row_atp(self) -> tuple[int, ...]: ...
    @property
    def row_cost(self) -> tuple[int, ...]: ...

def solve(network: Network, basket: Basket, rules: Rules) -> Plan: ...
def solve_explained(
    network: Network, basket: Basket, rules: Rules, explain: bool, alternatives: int
) -> tuple[Plan, tuple[bytes, array[int]], tuple[Plan, ...]]:
    """The plan; the Reason of each node and micros more (typecode "q"), empty if not asked for; and the runner-up plans."""
