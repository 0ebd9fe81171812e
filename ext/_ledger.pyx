"""The native module of promessa.store.books; types and docstrings are in _ledger.pyi."""

from array import array

from cpython cimport array as arrays
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp, memcpy

cdef extern from "replica.h" nogil:
    const int64_t PR_INFINITE
    const int64_t PR_MADE_TO_ORDER
    const unsigned char *pr_integer(const unsigned char *p, const unsigned char *end, int64_t *value)
    int pr_cell_name(const char *s, size_t n, uint32_t *node, uint32_t *sku)

cdef enum:
    ON_HAND, UNAVAILABLE, SAFETY_STOCK, HELD, COMMITTED, VERSION, COUNTED_AT, MODE, RING_FENCED, COLUMNS

cdef enum:
    STOCKED = 1, INFINITE = 2, MADE_TO_ORDER = 3  # modes: as in domain/stock.py

cdef enum:
    USED = 1  # the slot has a cell
    READ = 2  # its counts are those read from the store
    NAMED = 4  # an entry named it, last with the version `said`
    AGREED = 8  # an entry named it with these counts

cdef struct Slot:
    uint64_t key  # node << 32 | sku
    int64_t counts[COLUMNS]
    int64_t said
    uint64_t state


cdef class Ledger:
    cdef Slot *slots
    cdef size_t room, used
    cdef readonly size_t count

    def __cinit__(self):
        self.room, self.used, self.count = 1 << 10, 0, 0
        self.slots = <Slot *>calloc(self.room, sizeof(Slot))
        if self.slots is NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.slots)

    def take(self, list flat):
        cdef Py_ssize_t i
        cdef int64_t counts[COLUMNS]
        cdef uint64_t key
        cdef Slot *slot
        for i in range(0, len(flat) - 1, 2):
            if not is_cell(flat[i]):
                continue
            key = key_of(flat[i])
            read(flat[i + 1], counts)
            slot = self.slot(key)
            self.count += not slot.state & READ
            memcpy(slot.counts, counts, sizeof(counts))
            slot.state |= READ

    def add(self, list flat):
        cdef list problems = None
        cdef Py_ssize_t i
        cdef bytes field, kind = b"", reference = b""
        cdef int64_t counts[COLUMNS]
        cdef Slot *slot
        cdef uint64_t key
        for i in range(2, len(flat) - 1, 2):  # the first pair is the instant
            field = flat[i]
            if not is_cell(field):
                if b":" not in field:
                    kind, reference = field, flat[i + 1]
                continue
            key = key_of(field)
            read(flat[i + 1], counts)
            slot = self.slot(key)
            if slot.state & NAMED and counts[VERSION] != slot.said + 1:
                problems = problems or []
                problems.append(("LOG_VERSION", pair(key), counts[VERSION], slot.said, b""))
            if counts[MODE] == STOCKED and available(counts) < 0 and kind == b"hold":
                problems = problems or []
                problems.append(("OVERSOLD", pair(key), -available(counts), 0, reference))
            slot.said = counts[VERSION]
            slot.state |= NAMED
            if slot.state & READ and memcmp(slot.counts, counts, sizeof(counts)) == 0:
                slot.state |= AGREED
        return problems

    def named(self):
        cdef size_t i
        return [field_of(self.slots[i].key) for i in range(self.room) if self.slots[i].state & NAMED]

    def unsaid(self, bint whole, size_t at, size_t most):
        cdef size_t end = min(self.room, at + most)
        cdef uint64_t state
        cdef list found = []
        for at in range(at, end):
            state = self.slots[at].state
            if state & READ and not state & AGREED and (whole or state & NAMED):
                found.append((pair(self.slots[at].key), tuple([self.slots[at].counts[i] for i in range(COLUMNS)])))
        return found, -1 if end == self.room else end

    def __contains__(self, tuple cell):
        return (self.find(key_of_pair(cell)).state & READ) != 0

    def counts(self, tuple cell):
        cdef Slot *slot = self.find(key_of_pair(cell))
        return tuple([slot.counts[i] for i in range(COLUMNS)]) if slot.state & READ else None

    def ring_fenced(self):
        cdef size_t i
        return [
            pair(self.slots[i].key)
            for i in range(self.room)
            if self.slots[i].state & READ and self.slots[i].counts[RING_FENCED] >= 0
        ]

    @property
    def deficits(self):
        cdef size_t i, found = 0
        cdef int64_t *counts
        for i in range(self.room):
            counts = self.slots[i].counts
            if counts[MODE] != STOCKED:
                continue
            found += self.slots[i].state & READ and counts[HELD] + counts[COMMITTED] > max(counts[ON_HAND] - counts[UNAVAILABLE], 0)
        return found

    cdef Slot *find(self, uint64_t key) noexcept:
        """The slot of a cell, or the free one where it belongs."""
        cdef uint64_t at = key * 0x9E3779B97F4A7C15u
        at ^= at >> 32
        while self.slots[at & (self.room - 1)].state and self.slots[at & (self.room - 1)].key != key:
            at += 1
        return &self.slots[at & (self.room - 1)]

    cdef Slot *slot(self, uint64_t key) except NULL:
        """The slot of a cell, taken if it was free. Valid until the next one is taken."""
        cdef Slot *slot = self.find(key)
        if slot.state:
            return slot
        if 2 * self.used >= self.room:
            self.grow()
            slot = self.find(key)
        self.used += 1
        slot.key, slot.state = key, USED
        return slot

    cdef int grow(self) except -1:
        cdef Slot *old = self.slots
        cdef size_t room = self.room, i
        cdef Slot *slots = <Slot *>calloc(2 * room, sizeof(Slot))
        if slots is NULL:
            raise MemoryError
        self.slots, self.room = slots, 2 * room
        for i in range(room):
            if old[i].state:
                self.find(old[i].key)[0] = old[i]
        free(old)
        return 0


def doubts(list flat, dict held, dict committed):
    cdef Py_ssize_t i
    cdef int64_t counts[COLUMNS]
    cdef list found = []
    cdef bint any_open = bool(held) or bool(committed)
    for i in range(0, len(flat) - 1, 2):
        if not is_cell(flat[i]):
            continue
        read(flat[i + 1], counts)
        if any_open or counts[HELD] or counts[COMMITTED]:
            cell = pair(key_of(flat[i]))
            if counts[HELD] != held.get(cell, 0) or counts[COMMITTED] != committed.get(cell, 0):
                found.append(cell)
    return found


def apart(list flat, const unsigned char[::1] active, shown):
    cdef Py_ssize_t i, count = 0, most = len(flat) // 2
    cdef int64_t counts[COLUMNS]
    cdef arrays.array keys = array("Q", bytes(8 * most)), expected = array("q", bytes(8 * most))
    cdef uint64_t *key = <uint64_t *>keys.data.as_ulonglongs
    cdef int64_t *units = <int64_t *>expected.data.as_longlongs
    for i in range(0, len(flat) - 1, 2):
        if not is_cell(flat[i]):
            continue
        key[count] = key_of(flat[i])
        read(flat[i + 1], counts)
        if <Py_ssize_t>(key[count] >> 32) < active.shape[0] and active[key[count] >> 32]:
            units[count] = promised(counts)
        count += 1
    cdef const int64_t[::1] found = shown(keys[:count])
    return [pair(key[i]) for i in range(count) if found[i] != units[i]]


cdef inline bint is_cell(bytes field) noexcept:
    cdef unsigned char first = PyBytes_AS_STRING(field)[0]  # 0 where it is empty
    return b"0" <= first <= b"9"


cdef inline int64_t available(const int64_t *counts) noexcept:
    return counts[ON_HAND] - counts[UNAVAILABLE] - counts[SAFETY_STOCK] - counts[HELD] - counts[COMMITTED]


cdef inline int64_t promised(const int64_t *counts) noexcept:
    """What the replica has of a cell."""
    if counts[MODE] == STOCKED:
        return max(available(counts) - max(counts[RING_FENCED], 0), 0)
    return PR_INFINITE if counts[MODE] == INFINITE else PR_MADE_TO_ORDER


cdef inline int read(bytes value, int64_t *counts) except -1:
    cdef const unsigned char *p = <const unsigned char *>PyBytes_AS_STRING(value)
    cdef const unsigned char *end = p + PyBytes_GET_SIZE(value)
    cdef int column
    counts[MODE], counts[RING_FENCED] = STOCKED, -1
    for column in range(COLUMNS):
        if column >= MODE and p == end:
            break
        if column >= MODE and p[0] == 0xC2:  # false: units are counted, or the cell has no pools
            p += 1
            continue
        p = pr_integer(p, end, &counts[column])
        if p is NULL:
            raise ValueError(f"A cell has a value that is none: {value!r}.")
    return 0


cdef inline uint64_t key_of(bytes field) except? 0:
    cdef uint32_t node = 0, sku = 0
    if not pr_cell_name(PyBytes_AS_STRING(field), PyBytes_GET_SIZE(field), &node, &sku):
        raise ValueError(f"A cell has a name that is none: {field!r}.")
    return <uint64_t>node << 32 | sku


cdef inline uint64_t key_of_pair(tuple cell) except? 0:
    cdef uint32_t node = cell[0], sku = cell[1]
    return <uint64_t>node << 32 | sku


cdef inline tuple pair(uint64_t key):
    return key >> 32, key & 0xFFFFFFFFu


cdef inline bytes field_of(uint64_t key):
    return b"%d:%d" % (key >> 32, key & 0xFFFFFFFFu)
