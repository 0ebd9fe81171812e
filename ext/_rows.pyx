"""Stock rows in a compact form: the native half of promessa.service.decision_rows, which says what the bytes are."""

from array import array

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport int64_t, uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

cdef enum:
    WHOLE = 0
    PARTS = 1
    COUNTS = 2
    AS_LIST = 4
    VARINT_BYTES = 10


cdef unsigned char *put(unsigned char *at, int64_t value) noexcept nogil:
    """A number that is not negative, seven bits a byte, the lowest first."""
    while value >= 128:
        at[0] = <unsigned char>(value & 127 | 128)
        value >>= 7
        at += 1
    at[0] = <unsigned char>value
    return at + 1


cdef unsigned char *put_entries(
    unsigned char *at, const uint32_t *node, const int64_t *atp, int64_t entries, int64_t least, int64_t below, bint counts
) noexcept nogil:
    """How many nodes there are with `least` units and fewer than `below`, and each: how much further, and the units."""
    cdef int64_t i, found = 0
    cdef int64_t before = -1
    for i in range(entries):
        found += least <= atp[i] < below
    at = put(at, found)
    for i in range(entries):
        if least <= atp[i] < below:
            at = put(at, node[i] - before - 1)
            before = node[i]
            if counts:
                at = put(at, atp[i])
    return at


cdef unsigned char *put_whole(
    unsigned char *at, const uint32_t *node, const int64_t *atp, int64_t entries, int64_t quantity, int form
) noexcept nogil:
    """The form, and the nodes that have the quantity: as a map of bits, or as a list where that is shorter."""
    cdef int64_t i, found = 0, first, length
    cdef unsigned char *bits
    cdef unsigned char enough
    if not entries:
        at[0] = <unsigned char>(form | AS_LIST)
        return put(at + 1, 0)
    first = node[0] >> 3  # nodes ascend
    length = (node[entries - 1] >> 3) - first + 1
    bits = put(put(at + 1, first), length)
    memset(bits, 0, length)
    for i in range(entries):
        enough = atp[i] >= quantity
        bits[(node[i] >> 3) - first] |= <unsigned char>(enough << (node[i] & 7))
        found += enough
    if found < length:
        at[0] = <unsigned char>(form | AS_LIST)
        return put_entries(at + 1, node, atp, entries, quantity, (<int64_t>1 << 62), False)
    at[0] = <unsigned char>form
    return bits + length


def pack_rows(list quantities, const int[::1] row_start, const uint32_t[::1] row_node, const int64_t[::1] row_atp, list forms):
    cdef Py_ssize_t lines = len(quantities), line
    cdef int64_t entries = row_node.shape[0], first, count, quantity
    cdef int form
    cdef const uint32_t *node
    cdef const int64_t *atp
    cdef size_t room = 2 * VARINT_BYTES * entries + 1
    for line in range(lines):
        room += 4 * VARINT_BYTES
        if row_start[line + 1] > row_start[line]:
            room += row_node[row_start[line + 1] - 1] // 8 + 1
    cdef unsigned char *start = <unsigned char *>malloc(room)
    if start == NULL:
        raise MemoryError
    cdef unsigned char *at = start
    try:
        for line in range(lines):
            first, quantity, form = row_start[line], quantities[line], forms[line]
            count = row_start[line + 1] - first
            node = &row_node[0] + first if count else NULL
            atp = &row_atp[0] + first if count else NULL
            if form == COUNTS:
                at[0] = COUNTS
                at = put_entries(at + 1, node, atp, count, 1, (<int64_t>1 << 62), True)
                continue
            at = put_whole(at, node, atp, count, quantity, form)
            if form == PARTS:
                at = put_entries(at, node, atp, count, 1, quantity, True)
        return PyBytes_FromStringAndSize(<char *>start, at - start)
    finally:
        free(start)
