"""The native module of promessa.server.answers; types and docstrings are in _answers.pyi, the bytes in back.h."""

from promessa.domain.claim import claim_of
from promessa.domain.supply import text_of_day

include "back.pxi"

# ReserveOutcome, and where things are in a Reservation, a ReservationLine and a PlannedShipment.
cdef enum:
    RESERVED = 1
    REFUSED = 3
    NO_NODE = -1
    OUTCOME = 8
    LINES = 9
    WORK_DAYS = 12
    CHANNEL = 14
    NODE = 0
    SKU = 1
    REQUESTED = 2
    GRANTED = 3
    OPEN = 4
    FULFILLED = 5
    AVAILABLE = 6
    REASON = 7
    COMPONENTS = 9
    SHIPPING = 4
    HANDLING = 5
    SHIPMENT = 6
    PROMISE = 8
    READY = 10
    WINDOW = 11
    TERMS = 13
    KIND = 14
    COLLECTED = 15
    SUPPLY_DAY = 16
    DELIVERED = -1
    NO_DAY = 0
    UNKNOWN_DAY = 1073741824
    UNSERVED = 1
    POLICY = 7

# As in domain/kinds.py: what nothing is known to bring arrives then.
cdef int64_t NEVER_MS = 253370764800000


def reserve_response(reserved, epoch, list skus, list nodes):
    start()
    put_reserve_response(<tuple>reserved, epoch, skus, nodes)
    return written()


def reserve_stream_response(list results, epoch, list skus, list nodes):
    cdef size_t mark
    start()
    for result in reversed(results):
        mark = out.length
        if type(result) is bytes:
            put_bytes(<bytes>result)
        else:
            put_reserve_response(<tuple>result, epoch, skus, nodes)
            pb_close(&out, 1, mark)
        pb_close(&out, 1, mark)
    return written()


def source_response(sourced, epoch, list skus, list nodes):
    outcome, plan, reservation, shortfalls, attempts, positions, replayed, _ = <tuple>sourced  # its token is told by convert_sourcing
    start()
    if not plan[0] and plan[POLICY] is not None:
        put_policy(100, <tuple>plan[POLICY], len(plan[UNSERVED]) > 0)
    pb_number(&out, 7, replayed)
    put_token(6, epoch, positions)
    pb_number(&out, 5, attempts)
    for sku_ix, requested, available, reason in reversed(<tuple>shortfalls):
        put_shortfall(4, skus[sku_ix], '', requested, available, reason)
    if plan[0]:
        put_reservation(3, <tuple>reservation, skus, nodes)
        put_plan(2, <tuple>plan, skus, nodes)
    pb_number(&out, 1, outcome)
    return written()


def candidates(int field, found, list constraints, list nodes):
    cdef const unsigned int[::1] node_ixs = found.nodes, removed = found.removed
    cdef const unsigned char[::1] reasons = found.reasons
    cdef const int64_t[::1] costs_more = found.costs_more
    cdef const uint64_t[::1] short = found.short
    cdef tuple positions = found.positions
    cdef frozenset exact = found.exact
    cdef bint any_removed = removed.shape[0] > 0, any_short = short.shape[0] > 0, any_exact = len(exact) > 0
    cdef Py_ssize_t at
    cdef unsigned int node_ix
    cdef size_t whole, mark
    start()
    for at in range(node_ixs.shape[0] - 1, -1, -1):
        node_ix, whole = node_ixs[at], out.length
        if any_short and short[node_ix]:
            put_short_lines(142, short[node_ix], positions)
        if any_removed and removed[node_ix]:
            mark = out.length
            put_bytes(<bytes>constraints[removed[node_ix]])
            pb_close(&out, 141, mark)
        if any_exact and node_ix in exact:
            pb_number(&out, 140, 1)
        pb_number(&out, 3, costs_more[node_ix])
        pb_number(&out, 2, reasons[node_ix])
        put_text(1, nodes[node_ix])
        pb_close(&out, field, whole)
    return written()


cdef int put_short_lines(int field, uint64_t short, tuple positions) except -1:
    cdef size_t mark = out.length
    cdef Py_ssize_t line
    for line in range(len(positions) - 1, -1, -1):
        if short >> line & 1:
            pb_varint(&out, <uint64_t><int64_t>positions[line])
    pb_close(&out, field, mark)
    return 0


cdef int put_reserve_response(tuple reserved, epoch, list skus, list nodes) except -1:
    reservation, positions, replayed = reserved
    outcome, lines = (<tuple>reservation)[OUTCOME], (<tuple>reservation)[LINES]
    pb_number(&out, 5, replayed)
    put_token(4, epoch, positions)
    if outcome != RESERVED:
        for line in reversed(<tuple>lines):
            if (<tuple>line)[REASON]:
                node_id = '' if (<tuple>line)[NODE] == NO_NODE else nodes[(<tuple>line)[NODE]]
                put_shortfall(3, skus[(<tuple>line)[SKU]], node_id, (<tuple>line)[REQUESTED], (<tuple>line)[AVAILABLE], (<tuple>line)[REASON])
    if outcome != REFUSED:
        put_reservation(2, <tuple>reservation, skus, nodes)
    pb_number(&out, 1, outcome)
    return 0


cdef int put_shortfall(int field, str sku, str node_id, int64_t requested, int64_t available, int64_t reason) except -1:
    cdef size_t mark = out.length
    pb_number(&out, 5, reason)
    pb_number(&out, 4, available)
    pb_number(&out, 3, requested)
    put_text(2, node_id)
    put_text(1, sku)
    pb_close(&out, field, mark)
    return 0


cdef int put_reservation(int field, tuple reservation, list skus, list nodes) except -1:
    cdef size_t whole = out.length, mark
    if reservation[CHANNEL]:
        channel, method = claim_of(reservation[CHANNEL])
        put_text(42, method)
        put_text(40, channel)
    cdef object made = reservation  # of a plain tuple, Cython would look last_days up in the type tuple
    reservation_id, state, created, updated, expires, _, owner_id, order_id, _, lines = reservation[:LINES + 1]
    if reservation[WORK_DAYS]:
        for node_ix, date, slip_days in reversed(made.last_days()):
            mark = out.length
            pb_number(&out, 3, slip_days)
            put_text(2, date)
            put_text(1, nodes[node_ix])
            pb_close(&out, 30, mark)
    pb_instant(&out, 8, updated)
    if expires:
        pb_instant(&out, 7, expires)
    pb_instant(&out, 6, created)
    for line in reversed(<tuple>lines):
        if (<tuple>line)[GRANTED] or (<tuple>line)[FULFILLED]:
            mark = out.length
            if (<tuple>line)[COMPONENTS]:
                put_components(30, <tuple>(<tuple>line)[COMPONENTS], skus)
            pb_number(&out, 5, (<tuple>line)[FULFILLED])
            pb_number(&out, 4, (<tuple>line)[OPEN])
            pb_number(&out, 3, (<tuple>line)[GRANTED])
            put_text(2, nodes[(<tuple>line)[NODE]])
            put_text(1, skus[(<tuple>line)[SKU]])
            pb_close(&out, 5, mark)
    put_text(4, order_id)
    put_text(3, owner_id)
    pb_number(&out, 2, state)
    put_text(1, reservation_id)
    pb_close(&out, field, whole)
    return 0


cdef int put_components(int field, tuple components, list skus) except -1:
    """The KitComponents of a kit's line."""
    cdef size_t mark
    for sku_ix, quantity in reversed(components):
        mark = out.length
        pb_number(&out, 2, quantity)
        put_text(1, skus[sku_ix])
        pb_close(&out, field, mark)
    return 0


cdef int put_plan(int field, tuple plan, list skus, list nodes) except -1:
    cdef size_t whole = out.length, cost
    cdef int64_t shipping = 0, handling = 0, opening = 0, latest = 0
    cdef dict sums = None
    shipments, unserved, currency_code, total, split, bound, proven, policy = plan
    if policy is not None:
        put_policy(100, <tuple>policy, len(unserved) > 0)
    for shipment in <tuple>shipments:
        shipping += (<tuple>shipment)[SHIPPING]
        handling += (<tuple>shipment)[HANDLING]
        opening += (<tuple>shipment)[SHIPMENT]
        latest = max(latest, <int64_t>(<tuple>shipment)[PROMISE])
        if (<tuple>shipment)[TERMS]:
            sums = {} if sums is None else sums
            for term, micros in (<tuple>shipment)[TERMS]:
                sums[term] = sums.get(term, 0) + micros
    if shipments and latest < NEVER_MS:
        pb_instant(&out, 6, latest)
    pb_number(&out, 5, bound)
    pb_number(&out, 4, proven)
    cost = out.length
    if sums is not None:
        put_terms(tuple(sorted(sums.items())))
    pb_number(&out, 6, split)
    put_cost(3, cost, currency_code, total, shipping, handling, opening)
    put_lines(2, <tuple>unserved, skus)
    for shipment in reversed(<tuple>shipments):
        put_shipment(1, <tuple>shipment, currency_code, skus, nodes)
    pb_close(&out, field, whole)
    return 0


cdef int put_policy(int field, tuple decision, bint any_unserved) except -1:
    """A PolicyDecision."""
    cdef size_t whole = out.length, mark
    policy_id, version, rule, given_up, objective, action, queue, days, offer_nodes, offer_minutes = decision
    if offer_nodes:
        mark = out.length
        pb_number(&out, 2, offer_minutes)
        pb_number(&out, 1, offer_nodes)
        pb_close(&out, 7, mark)
    if any_unserved:
        mark = out.length
        pb_number(&out, 3, days)
        put_text(2, queue)
        pb_number(&out, 1, action)
        pb_close(&out, 6, mark)
    pb_number(&out, 5, objective)
    for name in reversed(<tuple>given_up):
        put_text(4, name)
    put_text(3, rule)
    pb_number(&out, 2, version)
    put_text(1, policy_id)
    pb_close(&out, field, whole)
    return 0


cdef int put_shipment(int field, tuple shipment, str currency_code, list skus, list nodes) except -1:
    cdef size_t whole = out.length, cost
    cdef int64_t shipping, handling, opening, total
    cdef int64_t ship_ms, promise_ms
    cdef int collected = shipment[COLLECTED], day = shipment[SUPPLY_DAY]
    node_ix, lane_id, carrier_service, grams, shipping, handling, opening, ship_ms, promise_ms, lines = shipment[:10]
    if day != NO_DAY and day != UNKNOWN_DAY:
        put_text(182, text_of_day(day))
    if collected != DELIVERED:
        put_text(181, nodes[collected])
    pb_number(&out, 180, shipment[KIND])
    if promise_ms < NEVER_MS:
        if shipment[READY]:
            if shipment[WINDOW] and shipment[WINDOW] != promise_ms:
                pb_instant(&out, 61, shipment[WINDOW])
            pb_instant(&out, 60, shipment[READY])
        pb_instant(&out, 8, promise_ms)
        pb_instant(&out, 7, ship_ms)
    cost = out.length
    total = shipping + handling + opening
    if shipment[TERMS]:
        total += put_terms(<tuple>shipment[TERMS])
    put_cost(6, cost, currency_code, total, shipping, handling, opening)
    pb_number(&out, 5, grams)
    put_lines(4, <tuple>lines, skus)
    put_text(3, carrier_service)
    put_text(2, lane_id)
    put_text(1, nodes[node_ix])
    pb_close(&out, field, whole)
    return 0


cdef int64_t put_terms(tuple terms) except? -1:
    """The terms of a PlanCost that have no place in the tuple of a shipment, ascending; returns their sum."""
    cdef int64_t total = 0, micros
    cdef int number
    for term, amount in reversed(terms):
        number, micros = term, amount
        pb_number(&out, number, micros)
        total += micros
    return total


cdef int put_cost(
    int field, size_t mark, str currency_code, int64_t total, int64_t shipping, int64_t handling, int64_t opening
) except -1:
    """The terms of a PlanCost below those put since `mark`."""
    pb_number(&out, 5, opening)
    pb_number(&out, 4, handling)
    pb_number(&out, 3, shipping)
    pb_number(&out, 2, total)
    put_text(1, currency_code)
    pb_close(&out, field, mark)
    return 0


cdef int put_lines(int field, tuple lines, list skus) except -1:
    """PlannedLine or UnservedLine, which have the same fields."""
    cdef size_t mark
    for position, sku_ix, units in reversed(lines):
        mark = out.length
        pb_number(&out, 3, units)
        put_text(2, skus[sku_ix])
        pb_number(&out, 1, position)
        pb_close(&out, field, mark)
    return 0
