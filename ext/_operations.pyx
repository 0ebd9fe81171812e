"""What `reserve` asks of the store, in MessagePack: the native module of promessa.store.store; types and docstrings are in
_operations.pyi, what the values mean in lua/header.lua."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint64_t
from libc.stddef cimport ptrdiff_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

cdef enum:
    CELL = 3  # values of a cell: node, sku, quantity
    SHORT = 4  # values of what is known to be missing: sku, requested, available, reason
    HEAD = 5  # values of a record before its lines
    LINE = 8  # values of a line of a record
    NO_NODE = -1
    FIELD_BYTES = 43
    LINE_BYTES = 128  # more than the values of a line take, and than those of where a cell is
    ARRAY_BYTES = 5


cdef unsigned char *put(unsigned char *at, int64_t value) noexcept nogil:
    """A number in as few bytes as there are for it."""
    cdef int bytes_ = 0, i
    if -32 <= value < 128:
        at[0] = <unsigned char>value
        return at + 1
    if value > 0:
        bytes_ = 1 if value < 1 << 8 else 2 if value < 1 << 16 else 4 if value < <int64_t>1 << 32 else 8
        at[0] = <unsigned char>(0xcc if bytes_ == 1 else 0xcd if bytes_ == 2 else 0xce if bytes_ == 4 else 0xcf)
    else:
        bytes_ = 1 if value >= -(1 << 7) else 2 if value >= -(1 << 15) else 4 if value >= -(<int64_t>1 << 31) else 8
        at[0] = <unsigned char>(0xd0 if bytes_ == 1 else 0xd1 if bytes_ == 2 else 0xd2 if bytes_ == 4 else 0xd3)
    for i in range(bytes_):
        at[bytes_ - i] = <unsigned char>(<uint64_t>value >> (8 * i))
    return at + bytes_ + 1


cdef unsigned char *put_field(unsigned char *at, int64_t node_ix, int64_t sku_ix) noexcept nogil:
    """The field of a cell, as keys.cell_field."""
    cdef char field[FIELD_BYTES]
    cdef char *first = decimal(field + FIELD_BYTES, sku_ix) - 1
    first[0] = c':'
    first = decimal(first, node_ix)
    cdef ptrdiff_t length = field + FIELD_BYTES - first
    if length < 32:
        at[0] = <unsigned char>(0xa0 | length)
        at += 1
    else:
        at[0], at[1], at[2] = 0xda, 0, <unsigned char>length
        at += 3
    memcpy(at, first, length)
    return at + length


cdef char *decimal(char *end, int64_t value) noexcept nogil:
    """Writes a number so that it ends there; returns its first character."""
    cdef uint64_t left = <uint64_t>value if value >= 0 else 0 - <uint64_t>value
    while True:
        end -= 1
        end[0] = <char>(c'0' + left % 10)
        left //= 10
        if not left:
            break
    if value < 0:
        end -= 1
        end[0] = c'-'
    return end


def reserve_lines(bytes head, cells, missing, int partitions):
    cdef Py_ssize_t i, count = len(cells) // CELL + len(missing) // SHORT
    cdef int64_t node_ix, sku_ix, units, requested, available, reason
    cdef bint in_part = len(missing) > 0
    cdef Py_ssize_t head_bytes = PyBytes_GET_SIZE(head) - 1  # without the header of an array of five
    cdef unsigned char *body = <unsigned char *>malloc(ARRAY_BYTES + head_bytes + count * LINE_BYTES)
    cdef unsigned char *located = <unsigned char *>malloc(count * LINE_BYTES + 1)
    cdef unsigned char *at = body
    cdef unsigned char *there = located
    cdef unsigned char *line
    try:
        if body == NULL or located == NULL:
            raise MemoryError
        at = put_array(at, HEAD + count * LINE)
        memcpy(at, PyBytes_AS_STRING(head) + 1, head_bytes)
        at += head_bytes
        for i in range(0, len(cells), CELL):
            node_ix, sku_ix, units = cells[i], cells[i + 1], cells[i + 2]
            line = there
            there = put(put_field(put(there, node_ix % partitions), node_ix, sku_ix), units)
            memcpy(at, line, there - line)
            at = put(put(put(put(put(at + (there - line), units), units), 0), units if in_part else 0), 0)
        for i in range(0, len(missing), SHORT):
            sku_ix, requested, available, reason = missing[i], missing[i + 1], missing[i + 2], missing[i + 3]
            at = put(put_field(put(at, 0), NO_NODE, sku_ix), requested)
            at = put(put(put(put(put(at, 0), 0), 0), available), reason)
        return PyBytes_FromStringAndSize(<char *>body, at - body), PyBytes_FromStringAndSize(<char *>located, there - located)
    finally:
        free(body)
        free(located)


cdef unsigned char *put_array(unsigned char *at, Py_ssize_t values) noexcept nogil:
    if values < 16:
        at[0] = <unsigned char>(0x90 | values)
        return at + 1
    if values < 1 << 16:
        at[0], at[1], at[2] = 0xdc, <unsigned char>(values >> 8), <unsigned char>values
        return at + 3
    at[0], at[1], at[2] = 0xdd, <unsigned char>(values >> 24), <unsigned char>(values >> 16)
    at[3], at[4] = <unsigned char>(values >> 8), <unsigned char>values
    return at + 5


def granted_lines(cells, make):
    cdef Py_ssize_t i
    cdef list found = []
    for i in range(0, len(cells), CELL):
        units = cells[i + 2]
        found.append(make((cells[i], cells[i + 1], units, units, units, 0, 0, 0, None, ())))
    return tuple(found)
