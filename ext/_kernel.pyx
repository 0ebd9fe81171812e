"""The native decision kernel: checks numbers, releases the GIL, runs the search of kernel.h, returns plain tuples.

Numbers in, indices out: no domain objects, no callbacks. The specification is src/promessa/kernel/reference.py; types
and docstrings of what is here stand in src/promessa/kernel/_kernel.pyi, the formulas in ext/README.md.
"""

from array import array
from threading import local

from cpython cimport array as arrays
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc

cdef extern from "kernel.h" nogil:
    enum:
        PK_MAX_LINES
        PK_MAX_SHIPMENTS
        PK_MAX_SURVIVORS
        PK_MAX_FORBIDDEN
        PK_MAX_LEVELS

    ctypedef struct pk_network:
        int64_t nodes, lanes, rates, brackets
        const int64_t *fixed_cost
        const int64_t *unit_cost
        const int64_t *lane_start
        const int64_t *lane_rate
        const int64_t *lane_surcharge
        const int64_t *bracket_start
        const int64_t *bracket_grams
        const int64_t *bracket_price
        const int64_t *over_step_grams
        const int64_t *over_step_price
        const int64_t *max_grams
        const int64_t *only_rate
        const uint8_t *has_lane
        int64_t least_max_grams

    ctypedef struct pk_basket:
        int64_t lines
        const int64_t *quantity
        const int64_t *unit_grams
        const int64_t *row_start
        const uint32_t *row_node
        const int64_t *row_atp
        const int64_t *row_cost

    ctypedef enum pk_level_kind:
        PK_SUM
        PK_WORST
        PK_SHIPMENTS
        PK_COST

    ctypedef struct pk_level:
        pk_level_kind kind
        const int64_t *value

    ctypedef struct pk_rules:
        int64_t max_shipments
        bint ship_complete, allow_line_split
        int64_t split_cost
        const uint8_t *node_eligible
        const uint8_t *lane_allowed
        const uint32_t *excluded
        int64_t excluded_count
        int64_t budget_steps
        int64_t levels
        pk_level *level
        int64_t required

    ctypedef struct pk_shipment:
        int32_t node
        uint64_t lines
        int64_t lane

    ctypedef struct pk_entry:
        int32_t line, node
        int64_t units

    ctypedef struct pk_plan:
        bint found
        int64_t unfilled, cost
        int32_t shipments, splits
        pk_shipment *shipment
        pk_entry *split

    ctypedef struct pk_workspace:
        int64_t steps
        bint proven
        pk_plan best
        int32_t forbidden_count
        int32_t *forbidden_size
        int32_t (*forbidden)[64]
        int64_t padded
        double *line

    int PK_BAD_ROW
    size_t pk_workspace_bytes(int64_t nodes, int64_t lanes, int64_t rates, int64_t brackets)
    size_t pk_workspace_bind(pk_workspace *w, char *base, int64_t nodes, int64_t lanes, int64_t rates, int64_t brackets)
    int pk_solve(pk_workspace *w, const pk_network *n, const pk_basket *b, const pk_rules *r)
    int64_t pk_lower_bound(const pk_workspace *w)
    int64_t pk_rate_price(const pk_network *n, int64_t r, int64_t grams)
    int64_t pk_ship(const pk_network *n, const uint8_t *allowed, int64_t node, int64_t grams, int64_t *lane)
    int64_t pk_lane_price(const pk_network *n, int64_t lane, int64_t grams)
    void pk_explain(pk_workspace *w, uint8_t *reason, int64_t *more)

MAX_LINES = PK_MAX_LINES
MAX_SHIPMENTS = PK_MAX_SHIPMENTS
MAX_ALTERNATIVES = PK_MAX_FORBIDDEN
MAX_NODES = 1_000_000
MAX_QUANTITY = 1_000_000
MAX_UNIT_GRAMS = 10_000_000
MAX_MICROS = 10**15
MAX_BASKET_MICROS = 2**52
MAX_LEVELS = PK_MAX_LEVELS
MAX_LEVEL = 2**56

cdef int64_t _MAX_QUANTITY = MAX_QUANTITY
cdef int64_t _MAX_UNIT_GRAMS = MAX_UNIT_GRAMS
cdef int64_t _MAX_MICROS = MAX_MICROS
cdef int64_t _MAX_BASKET_MICROS = MAX_BASKET_MICROS
cdef int64_t _MAX_LEVEL = MAX_LEVEL


cdef arrays.array _NUMBERS = array("q")


cdef const int64_t[::1] _own(object values):
    """A private copy as int64: from a buffer of 'q' without Python integers, from any other sequence through them."""
    cdef object column
    cdef arrays.array listed
    cdef Py_ssize_t k
    if type(values) is list:  # what a basket has: a list is no buffer, and is not asked whether it is one
        listed = arrays.clone(_NUMBERS, len(<list>values), False)
        for k in range(len(<list>values)):
            listed.data.as_longlongs[k] = (<list>values)[k]
        return listed
    column = array("q")
    try:
        view = memoryview(values)
    except TypeError:
        return array("q", values)
    if view.format != "q" or view.ndim != 1:
        return array("q", values)
    column.frombytes(view.tobytes())
    return column


cdef const int64_t *_at(const int64_t[::1] column) noexcept:
    return &column[0] if column.shape[0] else NULL


cdef int _check_range(const int64_t[::1] column, str name, int64_t least, int64_t most) except -1:
    cdef Py_ssize_t k
    for k in range(column.shape[0]):
        if column[k] < least or column[k] > most:
            raise ValueError(f"{name}[{k}] is {column[k]}; it must be from {least} to {most}.")
    return 0


cdef int _check_starts(const int64_t[::1] starts, str name, int64_t groups, int64_t entries) except -1:
    cdef Py_ssize_t k
    if starts.shape[0] != groups + 1 or starts[0] != 0 or starts[groups] != entries:
        raise ValueError(f"{name} must have {groups + 1} values, from 0 to {entries}.")
    for k in range(groups):
        if starts[k] > starts[k + 1]:
            raise ValueError(f"{name} must not descend, as it does after position {k}.")
    return 0


cdef class Network:
    cdef pk_network c
    cdef readonly int64_t max_fixed_cost, max_unit_cost, max_surcharge
    cdef const int64_t[::1] _fixed_cost, _unit_cost, _lane_start, _lane_rate, _lane_surcharge
    cdef const int64_t[::1] _bracket_start, _bracket_grams, _bracket_price, _over_step_grams, _over_step_price
    cdef int64_t[::1] _max_grams, _only_rate
    cdef uint8_t[::1] _has_lane

    def __init__(self, *, fixed_cost, unit_cost, lane_start, lane_rate, lane_surcharge, bracket_start, bracket_grams,
                 bracket_price, over_step_grams, over_step_price):
        if self.c.nodes:
            raise TypeError("A Network is immutable: build another one.")
        self._fixed_cost = _own(fixed_cost)
        self._unit_cost = _own(unit_cost)
        self._lane_start = _own(lane_start)
        self._lane_rate = _own(lane_rate)
        self._lane_surcharge = _own(lane_surcharge)
        self._bracket_start = _own(bracket_start)
        self._bracket_grams = _own(bracket_grams)
        self._bracket_price = _own(bracket_price)
        self._over_step_grams = _own(over_step_grams)
        self._over_step_price = _own(over_step_price)
        self._check()
        self._derive()

    cdef int _check(self) except -1:
        cdef int64_t nodes = self._fixed_cost.shape[0], rates = self._over_step_grams.shape[0]
        cdef int64_t lanes = self._lane_rate.shape[0], brackets = self._bracket_grams.shape[0], r, k
        if not 1 <= nodes <= MAX_NODES:
            raise ValueError(f"A network has from 1 to {MAX_NODES} nodes, not {nodes}.")
        if self._unit_cost.shape[0] != nodes:
            raise ValueError("unit_cost must have one value for each node.")
        if self._lane_surcharge.shape[0] != lanes:
            raise ValueError("lane_surcharge must have one value for each lane.")
        if self._bracket_price.shape[0] != brackets or self._over_step_price.shape[0] != rates:
            raise ValueError("Each bracket needs a price, and each rate an over_step_price.")
        _check_starts(self._lane_start, "lane_start", nodes, lanes)
        _check_starts(self._bracket_start, "bracket_start", rates, brackets)
        _check_range(self._fixed_cost, "fixed_cost", 0, _MAX_MICROS)
        _check_range(self._unit_cost, "unit_cost", 0, _MAX_MICROS)
        _check_range(self._lane_rate, "lane_rate", 0, rates - 1)
        _check_range(self._lane_surcharge, "lane_surcharge", 0, _MAX_MICROS)
        _check_range(self._bracket_grams, "bracket_grams", 1, _MAX_MICROS)
        _check_range(self._bracket_price, "bracket_price", 0, _MAX_MICROS)
        _check_range(self._over_step_grams, "over_step_grams", 0, _MAX_MICROS)
        _check_range(self._over_step_price, "over_step_price", 0, _MAX_MICROS)
        for r in range(rates):
            if self._bracket_start[r] == self._bracket_start[r + 1]:
                raise ValueError(f"Rate {r} has no bracket; it needs at least one.")
            for k in range(self._bracket_start[r] + 1, self._bracket_start[r + 1]):
                if self._bracket_grams[k] <= self._bracket_grams[k - 1]:
                    raise ValueError(f"The bracket bounds of rate {r} must ascend, as they do not at position {k}.")
                if self._bracket_price[k] < self._bracket_price[k - 1]:
                    raise ValueError(f"Rate {r} must not get cheaper with weight, as it does at position {k}.")
        return 0

    cdef int _derive(self) except -1:
        cdef int64_t nodes = self._fixed_cost.shape[0], j, l, r, most
        self._max_grams = array("q", bytes(8 * nodes))
        self._only_rate = array("q", bytes(8 * nodes))
        self._has_lane = bytearray(nodes)
        self.c.least_max_grams = INT64_MAX
        for j in range(nodes):
            self.max_fixed_cost = max(self.max_fixed_cost, self._fixed_cost[j])
            self.max_unit_cost = max(self.max_unit_cost, self._unit_cost[j])
            most = -1
            for l in range(self._lane_start[j], self._lane_start[j + 1]):
                r = self._lane_rate[l]
                self.max_surcharge = max(self.max_surcharge, self._lane_surcharge[l])
                if self._over_step_grams[r]:
                    most = INT64_MAX
                else:
                    most = max(most, self._bracket_grams[self._bracket_start[r + 1] - 1])
            self._max_grams[j] = most
            self._has_lane[j] = most >= 0
            if most >= 0:
                self.c.least_max_grams = min(self.c.least_max_grams, most)
            l = self._lane_start[j]
            self._only_rate[j] = self._lane_rate[l] if self._lane_start[j + 1] - l == 1 else -1
        self.c.nodes = nodes
        self.c.lanes = self._lane_rate.shape[0]
        self.c.rates = self._over_step_grams.shape[0]
        self.c.brackets = self._bracket_grams.shape[0]
        self.c.fixed_cost = _at(self._fixed_cost)
        self.c.unit_cost = _at(self._unit_cost)
        self.c.lane_start = _at(self._lane_start)
        self.c.lane_rate = _at(self._lane_rate)
        self.c.lane_surcharge = _at(self._lane_surcharge)
        self.c.bracket_start = _at(self._bracket_start)
        self.c.bracket_grams = _at(self._bracket_grams)
        self.c.bracket_price = _at(self._bracket_price)
        self.c.over_step_grams = _at(self._over_step_grams)
        self.c.over_step_price = _at(self._over_step_price)
        self.c.max_grams = &self._max_grams[0]
        self.c.only_rate = &self._only_rate[0]
        self.c.has_lane = &self._has_lane[0]
        return 0

    @property
    def nodes(self):
        return self.c.nodes

    @property
    def lanes(self):
        return self.c.lanes

    @property
    def fixed_cost(self):
        return tuple(self._fixed_cost)

    @property
    def unit_cost(self):
        return tuple(self._unit_cost)

    @property
    def lane_start(self):
        return tuple(self._lane_start)

    @property
    def lane_rate(self):
        return tuple(self._lane_rate)

    @property
    def lane_surcharge(self):
        return tuple(self._lane_surcharge)

    @property
    def bracket_start(self):
        return tuple(self._bracket_start)

    @property
    def bracket_grams(self):
        return tuple(self._bracket_grams)

    @property
    def bracket_price(self):
        return tuple(self._bracket_price)

    @property
    def over_step_grams(self):
        return tuple(self._over_step_grams)

    @property
    def over_step_price(self):
        return tuple(self._over_step_price)


cdef class Basket:
    cdef pk_basket c
    cdef readonly int64_t units, grams
    cdef const int64_t[::1] _quantities, _unit_grams, _row_start, _row_atp, _row_cost
    cdef const uint32_t[::1] _row_node

    def __init__(self, *, quantities, unit_grams, row_start, row_node, row_atp, row_cost=None):
        if self.c.lines:
            raise TypeError("A Basket is immutable: build another one.")
        self._quantities = _own(quantities)
        self._unit_grams = _own(unit_grams)
        self._row_start = _own(row_start)
        self._row_node = _borrow(row_node, "I")
        self._row_atp = _borrow(row_atp, "q")
        cdef int64_t lines = self._quantities.shape[0], i
        if not 1 <= lines <= PK_MAX_LINES:
            raise ValueError(f"A basket has from 1 to {MAX_LINES} lines, not {lines}.")
        if self._unit_grams.shape[0] != lines:
            raise ValueError("unit_grams must have one value for each line.")
        if self._row_atp.shape[0] != self._row_node.shape[0]:
            raise ValueError("row_node and row_atp must have one value each for each stock entry.")
        _check_starts(self._row_start, "row_start", lines, self._row_node.shape[0])
        _check_range(self._quantities, "quantities", 1, _MAX_QUANTITY)
        _check_range(self._unit_grams, "unit_grams", 0, _MAX_UNIT_GRAMS)
        for i in range(lines):
            self.units += self._quantities[i]
            self.grams += self._quantities[i] * self._unit_grams[i]
        self.c.lines = lines
        self.c.quantity = _at(self._quantities)
        self.c.unit_grams = _at(self._unit_grams)
        self.c.row_start = _at(self._row_start)
        self.c.row_node = &self._row_node[0] if self._row_node.shape[0] else NULL
        self.c.row_atp = _at(self._row_atp)
        self.c.row_cost = NULL
        if row_cost is not None:
            self._row_cost = _own(row_cost)
            if self._row_cost.shape[0] != self._row_atp.shape[0]:
                raise ValueError("row_cost must have one value for each stock entry.")
            _check_range(self._row_cost, "row_cost", 0, _MAX_MICROS)
            self.c.row_cost = _at(self._row_cost)

    @property
    def lines(self):
        return self.c.lines

    @property
    def quantities(self):
        return tuple(self._quantities)

    @property
    def unit_grams(self):
        return tuple(self._unit_grams)

    @property
    def row_start(self):
        return tuple(self._row_start)

    @property
    def row_node(self):
        return tuple(self._row_node)

    @property
    def row_atp(self):
        return tuple(self._row_atp)

    @property
    def row_cost(self):
        return tuple(self._row_cost) if self.c.row_cost != NULL else (0,) * self._row_atp.shape[0]


cdef object _borrow(object values, str typecode):
    """A buffer as it is when it already has the typecode; anything else is copied into an array."""
    try:
        view = memoryview(values)
    except TypeError:
        return array(typecode, values)
    if view.format == typecode and view.ndim == 1 and view.c_contiguous:
        return values
    return array(typecode, view)


cdef class _Workspace:
    """The memory of one thread's searches; it grows to the largest network seen."""

    cdef pk_workspace *c
    cdef char *block
    cdef size_t bytes
    cdef char *line_block
    cdef size_t line_bytes

    def __cinit__(self):
        self.c = <pk_workspace *>malloc(sizeof(pk_workspace))
        if self.c == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.block)
        free(self.line_block)
        free(self.c)

    cdef int fit(self, const pk_network *network, const pk_basket *basket) except -1:
        cdef size_t needed = pk_workspace_bytes(network.nodes, network.lanes, network.rates, network.brackets) + 64
        if needed > self.bytes:
            free(self.block)
            self.bytes = 0
            self.block = <char *>malloc(needed)
            if self.block == NULL:
                raise MemoryError
            self.bytes = needed
        cdef size_t start = (<size_t>self.block + 63) & ~<size_t>63
        pk_workspace_bind(self.c, <char *>start, network.nodes, network.lanes, network.rates, network.brackets)
        self.c.line = NULL
        if basket.row_cost != NULL:
            self.fit_lines(basket.lines * self.c.padded)
        return 0

    cdef int fit_lines(self, int64_t cells) except -1:
        """Room for what lines cost by themselves."""
        cdef size_t needed = <size_t>cells * sizeof(double) + 64
        if needed > self.line_bytes:
            free(self.line_block)
            self.line_bytes = 0
            self.line_block = <char *>malloc(needed)
            if self.line_block == NULL:
                raise MemoryError
            self.line_bytes = needed
        self.c.line = <double *>((<size_t>self.line_block + 63) & ~<size_t>63)
        return 0


_threads = local()


cdef _Workspace _workspace():
    try:
        return <_Workspace>_threads.workspace
    except AttributeError:
        _threads.workspace = _Workspace()
        return <_Workspace>_threads.workspace


cdef int _check_money(Network network, Basket basket, int64_t split_cost) except -1:
    """Refuses a basket whose dearest thinkable plan would leave the range where doubles count micros exactly."""
    # A shipment of g grams pays its last bracket, one step for what is over it, and g / step steps more; over all
    # shipments the latter are no more than the whole basket's.
    cdef int64_t r, last, step, i, e, most, units = basket.units
    cdef double first = 0, gram = 0, price, dearest
    for r in range(network.c.rates):
        last = network.c.bracket_start[r + 1] - 1
        step = network.c.over_step_grams[r]
        price = network.c.bracket_price[last]
        if step:
            price += network.c.over_step_price[r]
            gram = max(gram, <double>network.c.over_step_price[r] / step)
        first = max(first, price)
    dearest = (first + network.max_fixed_cost + network.max_surcharge + split_cost) * min(units, PK_MAX_SHIPMENTS)
    dearest += <double>units * network.max_unit_cost + gram * basket.grams
    if basket.c.row_cost != NULL:
        for i in range(basket.c.lines):
            most = 0
            for e in range(basket.c.row_start[i], basket.c.row_start[i + 1]):
                most = max(most, basket.c.row_cost[e])
            dearest += <double>most * basket.c.quantity[i]
    if dearest > _MAX_BASKET_MICROS:
        raise OverflowError(f"A plan could cost up to {dearest:.3g} micros, above {MAX_BASKET_MICROS}.")
    return 0


cdef int64_t _row_cost(const pk_basket *b, int64_t line, int64_t node) noexcept:
    """What a unit of a line costs by itself at a node in its stock row."""
    cdef int64_t low, high, middle
    if b.row_cost == NULL:
        return 0
    low, high = b.row_start[line], b.row_start[line + 1]
    while low < high:
        middle = (low + high) >> 1
        if b.row_node[middle] < node:
            low = middle + 1
        else:
            high = middle
    return b.row_cost[low] if low < b.row_start[line + 1] and b.row_node[low] == node else 0


cdef int _check_levels(Network network, object given, pk_rules *rules) except -1:
    """Takes over the levels that plans are compared by; their columns stay where they are, and are held by `given`."""
    cdef const int64_t[::1] column
    cdef int64_t s
    rules.levels = len(given)
    if rules.levels > PK_MAX_LEVELS:
        raise ValueError(f"Plans are compared by at most {MAX_LEVELS} levels, not {rules.levels}.")
    for s in range(rules.levels):
        rules.level[s].kind = <pk_level_kind><int>given[s].kind
        rules.level[s].value = NULL
        if (rules.level[s].kind in (PK_SUM, PK_WORST)) != (given[s].values is not None):
            raise ValueError(f"levels[{s}] must have values if its kind is SUM or WORST, and none otherwise.")
        if given[s].values is None:
            continue
        column = given[s].values
        if column.shape[0] != network.c.lanes:
            raise ValueError(f"values of levels[{s}] must have one number for each of the {network.c.lanes} lanes.")
        _check_range(column, f"values of levels[{s}]", 0, _MAX_LEVEL)
        rules.level[s].value = _at(column)
    return 0


cdef tuple _plan(pk_workspace *w, Network network, Basket basket, const pk_rules *rules):
    """The plan in w.best as plain tuples: see solve() in _kernel.pyi."""
    cdef pk_plan *p = &w.best
    cdef int64_t lane, grams, units, ship, own, i
    cdef int32_t k, e = 0
    cdef list assignments = [], shipments = []
    for i in range(basket.c.lines):
        for k in range(p.shipments):
            if p.shipment[k].lines >> i & 1:
                assignments.append((i, p.shipment[k].node, basket.c.quantity[i]))
        while e < p.splits and p.split[e].line == i:
            assignments.append((i, p.split[e].node, p.split[e].units))
            e += 1
    for k in range(p.shipments):
        grams = units = lane = own = 0
        for i in range(basket.c.lines):
            if p.shipment[k].lines >> i & 1:
                units += basket.c.quantity[i]
                grams += basket.c.quantity[i] * basket.c.unit_grams[i]
                own += basket.c.quantity[i] * _row_cost(&basket.c, i, p.shipment[k].node)
        for e in range(p.splits):
            if p.split[e].node == p.shipment[k].node:
                units += p.split[e].units
                grams += p.split[e].units * basket.c.unit_grams[p.split[e].line]
                own += p.split[e].units * _row_cost(&basket.c, p.split[e].line, p.split[e].node)
        if rules.levels:
            lane = p.shipment[k].lane
            ship = pk_lane_price(&network.c, lane, grams)
        else:
            ship = pk_ship(&network.c, rules.lane_allowed, p.shipment[k].node, grams, &lane)
        shipments.append((p.shipment[k].node, lane, grams, ship, units * network.c.unit_cost[p.shipment[k].node] + own,
                          network.c.fixed_cost[p.shipment[k].node]))
    return (p.unfilled, p.cost, pk_lower_bound(w), w.proven != 0, w.steps, tuple(assignments), tuple(shipments))


cdef object _solve(Network network, Basket basket, object given, bint explain, int alternatives):
    cdef const uint32_t[::1] excluded
    cdef const uint8_t[::1] eligible, allowed
    cdef pk_rules rules
    cdef int status
    cdef const pk_network *n = &network.c
    cdef const pk_basket *b = &basket.c
    cdef int64_t max_shipments = given.max_shipments, j
    rules.max_shipments = min(max_shipments, <int64_t>PK_MAX_SHIPMENTS) if max_shipments else PK_MAX_SHIPMENTS
    rules.ship_complete = given.ship_complete
    rules.allow_line_split = given.allow_line_split
    rules.split_cost = given.split_cost
    rules.budget_steps = given.budget_steps
    if max_shipments < 0 or rules.budget_steps < 0 or not 0 <= rules.split_cost <= _MAX_MICROS:
        raise ValueError("max_shipments, split_cost and budget_steps must be neither negative nor out of range.")
    if not 0 <= alternatives <= PK_MAX_FORBIDDEN:
        raise ValueError(f"From 0 to {MAX_ALTERNATIVES} alternatives can be asked for, not {alternatives}.")
    rules.excluded = NULL
    rules.excluded_count = 0
    rules.node_eligible = rules.lane_allowed = NULL
    if len(given.excluded_nodes):
        excluded = _borrow(given.excluded_nodes, "I")
        for j in range(excluded.shape[0]):
            if excluded[j] >= n.nodes:
                raise ValueError(f"excluded_nodes names node {excluded[j]}; the network has {n.nodes} nodes.")
        rules.excluded = &excluded[0]
        rules.excluded_count = excluded.shape[0]
    if given.node_eligible is not None:
        eligible = given.node_eligible
        if eligible.shape[0] != n.nodes:
            raise ValueError(f"node_eligible must have one byte for each of the {n.nodes} nodes.")
        rules.node_eligible = &eligible[0]
    if given.lane_allowed is not None:
        allowed = given.lane_allowed
        if allowed.shape[0] != n.lanes:
            raise ValueError(f"lane_allowed must have one byte for each of the {n.lanes} lanes.")
        rules.lane_allowed = &allowed[0] if n.lanes else NULL
    rules.required = -1 if given.required_node is None else given.required_node
    if given.required_node is not None and not 0 <= rules.required < n.nodes:
        raise ValueError(f"required_node names node {rules.required}; the network has {n.nodes} nodes.")
    _check_levels(network, given.levels, &rules)
    _check_money(network, basket, rules.split_cost)
    cdef _Workspace workspace = _workspace()
    workspace.fit(n, b)
    cdef pk_workspace *w = workspace.c
    w.forbidden_count = 0
    with nogil:
        status = pk_solve(w, n, b, &rules)
    if status == PK_BAD_ROW:
        raise ValueError(f"Each stock row must name nodes below {n.nodes} in strictly ascending order.")
    cdef tuple answer = _plan(w, network, basket, &rules)
    if not (explain or alternatives):
        return answer
    return answer, _reasons(w, n.nodes) if explain else _UNEXPLAINED, _runners_up(w, network, basket, &rules, alternatives)


cdef tuple _UNEXPLAINED = (b"", array("q"))


cdef tuple _reasons(pk_workspace *w, int64_t nodes):
    """The pk_reason of each node, and the micros more."""
    cdef bytes reasons = PyBytes_FromStringAndSize(NULL, nodes)
    cdef arrays.array more = arrays.clone(_NUMBERS, nodes, False)
    cdef uint8_t *reason_at = <uint8_t *>PyBytes_AS_STRING(reasons)
    cdef int64_t *more_at = <int64_t *>more.data.as_longlongs
    with nogil:
        pk_explain(w, reason_at, more_at)
    return reasons, more


cdef tuple _runners_up(pk_workspace *w, Network network, Basket basket, const pk_rules *rules, int wanted):
    cdef int32_t k
    cdef int status
    cdef list found = []
    cdef const pk_network *n = &network.c
    cdef const pk_basket *b = &basket.c
    while w.best.shipments and w.forbidden_count < wanted:
        w.forbidden_size[w.forbidden_count] = w.best.shipments
        for k in range(w.best.shipments):
            w.forbidden[w.forbidden_count][k] = w.best.shipment[k].node
        w.forbidden_count += 1
        with nogil:
            status = pk_solve(w, n, b, rules)
        if status == PK_BAD_ROW or not w.best.found:
            break
        found.append(_plan(w, network, basket, rules))
    return tuple(found)


def solve(Network network not None, Basket basket not None, rules not None):
    return _solve(network, basket, rules, False, 0)


def solve_explained(Network network not None, Basket basket not None, rules not None, bint explain, int alternatives):
    answer = _solve(network, basket, rules, explain, alternatives)
    return answer if explain or alternatives else (answer, _UNEXPLAINED, ())
