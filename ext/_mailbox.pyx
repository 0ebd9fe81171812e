"""The native module of watching; types and docstrings are in _mailbox.pyi, what waits and the bytes in mailbox.h."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdint cimport int64_t, uint64_t
from libc.stdlib cimport free, realloc

cdef extern from "mailbox.h" nogil:
    int64_t MB_UNKNOWN
    size_t MB_NUMBERS
    ctypedef struct mb_change:
        void *cell
        int64_t before
        int64_t after
    ctypedef struct mb_box:
        bint has_levels
        bint open
        int64_t low
        int64_t medium
        int64_t high
        mb_change *change
        size_t count
        size_t unmerged
        uint64_t offered
    int mb_kind(const mb_box *b, int64_t before, int64_t after)
    int mb_offer(mb_box *b, void *cell, int64_t before, int64_t after)
    void mb_clear(mb_box *b)
    size_t mb_bytes(const mb_box *b)
    unsigned char *mb_event(unsigned char *at, int kind, const char *label, size_t n, int64_t before, int64_t after)


cdef class Cell:
    cdef readonly bytes node
    cdef readonly bytes sku
    cdef public int64_t available
    cdef bytes label

    def __init__(self, bytes node not None, bytes sku not None, int64_t available):
        self.node = node
        self.sku = sku
        self.available = available

    def __repr__(self):
        return f"Cell({self.node!r}, {self.sku!r}, {self.available})"


cdef class Mailbox:
    cdef mb_box box
    cdef readonly object owner

    def __init__(self, levels, *, size_t unmerged, owner=None):
        self.owner = owner
        self.box.unmerged = unmerged
        self.box.has_levels = levels is not None
        if levels is not None:
            self.box.low, self.box.medium, self.box.high = levels.low, levels.medium, levels.high

    def __dealloc__(self):
        self._clear()
        free(self.box.change)

    def __len__(self):
        return self.box.count

    @property
    def memory(self):
        return mb_bytes(&self.box)

    def open(self):
        self.box.open = True

    def offer(self, Cell cell not None, int64_t before, int64_t after):
        self._offer(cell, before, after)

    def take(self, label):
        cdef size_t i, room = 1
        cdef mb_change *change
        for i in range(self.box.count):
            cell = <Cell>self.box.change[i].cell
            if cell.label is None:
                cell.label = label(cell.node, cell.sku)
            room += MB_NUMBERS + PyBytes_GET_SIZE(cell.label)
        cdef unsigned char *found = <unsigned char *>realloc(NULL, room)
        if found == NULL:
            raise MemoryError("There is no memory for what a watcher is told.")
        cdef unsigned char *at = found
        cdef uint64_t told = 0
        cdef int kind
        for i in range(self.box.count):
            change = &self.box.change[i]
            kind = mb_kind(&self.box, change.before, change.after)
            if kind:
                told += 1
                text = (<Cell>change.cell).label
                at = mb_event(at, kind, PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text), change.before, change.after)
        merged = self.box.offered - told
        self._clear()
        try:
            return PyBytes_FromStringAndSize(<char *>found, at - found), told, merged
        finally:
            free(found)

    cdef int _offer(self, Cell cell, int64_t before, int64_t after) except -1:
        cdef int kept = mb_offer(&self.box, <void *>cell, before, after)
        if kept < 0:
            raise MemoryError("There is no memory for what waits for a watcher.")
        if kept:
            Py_INCREF(cell)
        return 0

    cdef _clear(self):
        cdef size_t i
        for i in range(self.box.count):
            Py_DECREF(<object>self.box.change[i].cell)
        mb_clear(&self.box)


def offer(list mailboxes not None, Cell cell not None, int64_t before, int64_t after, list arrived not None):
    cdef Mailbox mailbox
    cdef size_t waited
    for item in mailboxes:
        mailbox = <Mailbox?>item
        if mailbox.box.open:
            waited = mailbox.box.count
            mailbox._offer(cell, before, after)
            if waited == 0 and mailbox.box.count:
                arrived.append(mailbox.owner)
