"""The native module of promessa.server._order_answers; types and docstrings are in _order_answers.pyi, the bytes in back.h."""

include "back.pxi"

from promessa.domain.claim import claim_of
from promessa.domain.order_moves import legal_steps

cdef enum:
    DELIVERED = -1
    DEADLINE_OPEN = 1

# As in domain/kinds.py: what nothing is known to bring arrives then.
cdef int64_t NEVER_MS = 253370764800000


def place_response(int outcome, stored, positions, int replayed, int64_t epoch, list skus, list nodes, dict deadlines):
    start()
    pb_number(&out, 5, replayed)
    put_token(4, epoch, positions)
    put_order(2, <tuple>stored, skus, nodes, deadlines)
    pb_number(&out, 1, outcome)
    return written()


cdef int put_order(int field, tuple stored, list skus, list nodes, dict deadlines) except -1:
    """An Order that was just placed."""
    cdef size_t whole = out.length
    cdef Py_ssize_t number
    version, placed_ms, updated_ms, order, history = stored
    order_id, lines, shipments, _, asked, attempts, told, currency_code, customer_id, _, _, offer_count = (<tuple>order)[:12]
    pb_number(&out, 25, offer_count)
    put_numbers(20, order.stands.alerts)
    for entry in reversed(<tuple>history):
        put_step(17, <tuple>entry)
    pb_number(&out, 14, attempts)
    pb_number(&out, 13, version)
    pb_instant(&out, 12, updated_ms)
    pb_instant(&out, 11, placed_ms)
    put_text(10, currency_code)
    put_text(9, customer_id)
    if asked is not None:
        put_text(8, asked.seller_code)
    if told:
        channel, method = claim_of(told)
        put_text(7, method)
        put_text(6, channel)
    for number in range(len(<tuple>shipments), 0, -1):
        put_shipment(4, number, <tuple>(<tuple>shipments)[number - 1], skus, nodes, deadlines)
    put_lines(3, <tuple>lines, skus)
    pb_number(&out, 2, order.stands.state or order.state)
    put_text(1, order_id)
    pb_close(&out, field, whole)
    return 0


cdef int put_lines(int field, tuple lines, list skus) except -1:
    cdef size_t mark
    for sku_ix, quantity, to_source, _, price in reversed(lines):
        mark = out.length
        pb_number(&out, 7, price)
        pb_number(&out, 3, to_source)
        pb_number(&out, 2, quantity)
        put_text(1, skus[sku_ix])
        pb_close(&out, field, mark)
    return 0


cdef int put_shipment(int field, int number, tuple shipment, list skus, list nodes, dict deadlines) except -1:
    """An OrderShipment that was just offered, to its own node alone."""
    cdef size_t whole = out.length, mark
    cdef int64_t ship_ms, promise_ms
    cdef int collected_ix
    node_ix, reservation_id, way, lines, state, kind, collected_ix, lane_id, carrier_service, ship_ms, promise_ms = shipment[:11]
    cost_micros, _, _, owner_code, commission, _, due = shipment[17:24]
    pb_number(&out, 36, commission)
    put_text(35, owner_code)
    put_deadlines(20, <tuple>due, <tuple>deadlines[way])
    pb_number(&out, 18, cost_micros)
    put_numbers(16, legal_steps(way, state))
    put_text(11, reservation_id)
    if 0 < ship_ms < NEVER_MS:
        pb_instant(&out, 10, promise_ms)
        pb_instant(&out, 9, ship_ms)
    put_text(8, carrier_service)
    put_text(7, lane_id)
    if collected_ix != DELIVERED:
        put_text(6, nodes[collected_ix])
    pb_number(&out, 5, kind)
    for position, sku_ix, quantity, _, _ in reversed(<tuple>lines):
        mark = out.length
        pb_number(&out, 3, quantity)
        put_text(2, skus[sku_ix])
        pb_number(&out, 1, position)
        pb_close(&out, 4, mark)
    pb_number(&out, 3, state)
    put_text(2, nodes[node_ix])
    pb_number(&out, 1, number)
    pb_close(&out, field, whole)
    return 0


cdef int put_deadlines(int field, tuple due, tuple kinds) except -1:
    """All that is due of a shipment: of a new one nothing is met yet, and nothing at risk."""
    cdef size_t mark
    cdef Py_ssize_t at
    for at in range(len(due) - 1, -1, -1):
        mark = out.length
        pb_number(&out, 3, DEADLINE_OPEN)
        pb_instant(&out, 2, due[at])
        pb_number(&out, 1, kinds[at])
        pb_close(&out, field, mark)
    return 0


cdef int put_step(int field, tuple entry) except -1:
    cdef size_t mark = out.length
    at_ms, kind, actor, number, detail = entry[:5]
    put_text(5, detail)
    pb_number(&out, 4, number)
    put_text(3, actor)
    pb_number(&out, 2, kind)
    pb_instant(&out, 1, at_ms)
    pb_close(&out, field, mark)
    return 0


cdef int put_numbers(int field, tuple numbers) except -1:
    """A repeated enum."""
    cdef size_t mark = out.length
    cdef Py_ssize_t at
    if not numbers:
        return 0
    for at in range(len(numbers) - 1, -1, -1):
        pb_varint(&out, <uint64_t><int64_t>numbers[at])
    pb_close(&out, field, mark)
    return 0
