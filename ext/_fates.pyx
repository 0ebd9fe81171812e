"""Columns over the nodes of a network: the native half of promessa.service.fates, which says what they mean.

`fates` has a byte for each node. A mask has one for each node, or for each lane, too: 0 where it leaves something out.
"""

from array import array

from cpython cimport array as arrays
from libc.stdint cimport int64_t, uint32_t, uint64_t

cdef arrays.array _BITS = array("Q")


def left_out(const unsigned char[::1] fates, int fate, const unsigned char[::1] mask, unsigned int[::1] removed, unsigned int by):
    cdef Py_ssize_t node, nodes = fates.shape[0]
    if mask.shape[0] != nodes or removed.shape[0] != nodes:
        raise ValueError(f"Masks must have one byte for each of the {nodes} nodes.")
    for node in range(nodes):
        if fates[node] == fate and not mask[node]:
            removed[node] = by


def reached(list lane_nodes, const unsigned char[::1] mask, Py_ssize_t nodes):
    cdef bytearray found = bytearray(nodes)
    cdef unsigned char[::1] at = found
    cdef Py_ssize_t lane, node, lanes = len(lane_nodes)
    if mask.shape[0] != lanes:
        raise ValueError(f"A mask must have one byte for each of the {lanes} lanes.")
    for lane in range(lanes):
        if mask[lane]:
            node = lane_nodes[lane]
            if not 0 <= node < nodes:
                raise ValueError(f"Lane {lane} leaves node {node}; there are {nodes} nodes.")
            at[node] = 1
    return found


def short_lines(
    const unsigned char[::1] fates, int fate, list quantities, const int[::1] row_start, const uint32_t[::1] row_node,
    const int64_t[::1] row_atp,
):
    cdef Py_ssize_t lines = len(quantities), nodes = fates.shape[0], line, node
    cdef uint64_t bit, every = <uint64_t>-1 >> (64 - lines)
    cdef int64_t quantity
    cdef int e
    cdef arrays.array found = arrays.clone(_BITS, nodes, False)
    cdef uint64_t *short = <uint64_t *>found.data.as_ulonglongs
    for node in range(nodes):
        short[node] = every if fates[node] == fate else 0
    for line in range(lines):
        quantity, bit = quantities[line], <uint64_t>1 << line
        for e in range(row_start[line], row_start[line + 1]):
            if row_atp[e] >= quantity and row_node[e] < nodes:
                short[row_node[e]] &= ~bit
    return found
