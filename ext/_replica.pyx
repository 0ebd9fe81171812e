"""The native module of promessa.replica; types and docstrings are in _replica.pyi, the layout in replica.h."""

import mmap
import os
from array import array

from cpython cimport array as carray
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from promessa.replica.channels import ChannelRows

cdef extern from "wire.h" nogil:
    enum:
        PR_MAGIC
        PR_LAYOUT
        PR_PARTITIONS_MAX
        PR_ID_MAX
        PR_ACTIVE
        PR_CHUNK
        PR_CHUNKS
        PR_POOL_FIRST
        PW_NO_MEMORY
    int64_t PR_STUCK
    ctypedef struct pr_partition:
        pass
    ctypedef struct pr_header:
        uint64_t magic
        uint32_t layout
        uint32_t partitions
        uint64_t size
        uint64_t generation
    ctypedef struct pr_map:
        char *base
        pr_header *header
        uint64_t size
    ctypedef struct pr_writer:
        pr_map map
        int file
        int error
    ctypedef struct pw_out:
        unsigned char *data
        size_t length
    ctypedef struct pw_fresh:
        pass
    ctypedef struct pw_reader:
        pw_out out
        pw_fresh fresh
        uint32_t *row_node
        int64_t *row_atp
    ctypedef struct pw_text:
        const char *s
        uint32_t n
    ctypedef struct pr_node:
        uint64_t id
        uint32_t id_length
    ctypedef struct pr_row:
        uint64_t id
        uint32_t id_length

    uint64_t pr_now_ns()
    uint32_t pr_sku_count(const pr_map *m)
    uint32_t pr_node_count(const pr_map *m)
    uint32_t pr_state(const pr_map *m, uint32_t node)
    pr_node *pr_node_at(const pr_map *m, uint32_t ix)
    pr_row *pr_row_at(const pr_map *m, uint32_t ix)
    int64_t pr_find(const pr_map *m, int skus, const char *s, uint32_t n)
    int64_t pr_find_sku(const pr_map *m, const char *s, uint32_t n)
    int64_t pr_get(const pr_map *m, uint32_t sku, uint32_t node, int *known)
    uint32_t pr_length(const pr_map *m, uint32_t sku)
    int64_t pr_copy(const pr_map *m, uint32_t sku, uint32_t *nodes, int64_t *atps, uint32_t room, int checked)
    int64_t pr_keep_orderable(const pr_map *m, uint32_t *nodes, int64_t *atps, int64_t length, int64_t endless)
    int64_t pr_staleness_ns(const pr_map *m, uint64_t now_ns)
    int pr_writer_begin(pr_writer *w)
    void pr_writer_end(pr_writer *w)
    int pr_put_channel(pr_writer *w, uint32_t sku, uint32_t node, const char *channel, uint32_t n, int64_t atp)
    int64_t PR_INFINITE
    int64_t PR_MADE_TO_ORDER
    ctypedef struct pr_part:
        uint32_t sku
        int64_t units
    int pr_put_cell(pr_writer *w, uint32_t sku, uint32_t node, int64_t atp)
    int pr_put_kit(pr_writer *w, uint32_t kit, const pr_part *parts, uint32_t count)
    int pr_name(pr_writer *w, int skus, uint32_t ix, const char *s, uint32_t n, uint32_t state)
    void pr_clear(pr_writer *w)
    void pr_allow(pr_writer *w, int ready)
    int pr_back(pr_writer *w, uint64_t end)
    int pr_cell_atp(const char *bytes, size_t n, int64_t *atp)
    int pr_cell_name(const char *s, size_t n, uint32_t *node, uint32_t *sku)
    int pw_get_availability(const pr_map *m, pw_reader *r, const char *request, size_t n)
    int pw_batch_get_availability(const pr_map *m, pw_reader *r, const char *request, size_t n)
    int pw_check_basket(const pr_map *m, pw_reader *r, const char *request, size_t n)
    int64_t pw_take_row(const pr_map *m, pw_reader *r, uint32_t sku, pw_text channel)
    void pw_look(const pr_map *m, pw_fresh *f)
    int pw_reached(const pr_map *m, const pw_fresh *f, pw_text token)
    void pw_free(pw_reader *r)

cdef extern from *:
    """
    #define pr_load(x) atomic_load_explicit(&(x), memory_order_acquire)
    #define pr_store(x, v) atomic_store_explicit(&(x), (v), memory_order_release)
    static inline uint64_t pr_used(const pr_map *m) { return pr_load(m->header->used); }
    static inline void pr_set_used(const pr_map *m, uint64_t v) { pr_store(m->header->used, v); }
    static inline uint64_t pr_cells(const pr_map *m) { return pr_load(m->header->cells); }
    static inline uint64_t pr_epoch(const pr_map *m) { return pr_load(m->header->epoch); }
    static inline void pr_set_epoch(const pr_map *m, uint64_t v) { pr_store(m->header->epoch, v); }
    static inline uint32_t pr_ready(const pr_map *m) { return pr_load(m->header->ready); }
    static inline uint32_t pr_superseded(const pr_map *m) { return pr_load(m->header->superseded); }
    static inline void pr_set_superseded(const pr_map *m) { pr_store(m->header->superseded, 1u); }
    static inline uint64_t pr_heartbeat(const pr_map *m) { return pr_load(m->header->heartbeat_ns); }
    static inline void pr_set_heartbeat(const pr_map *m, uint64_t v) { pr_store(m->header->heartbeat_ns, v); }
    static inline uint64_t pr_applied(const pr_map *m, uint32_t p) { return pr_load(m->header->partition[p].applied); }
    static inline void pr_set_applied(const pr_map *m, uint32_t p, uint64_t v) {
        pr_store(m->header->partition[p].applied, v);
    }
    static inline void pr_set_caught_up(const pr_map *m, uint32_t p, uint64_t v) {
        pr_store(m->header->partition[p].caught_up_ns, v);
    }
    static inline uint64_t pr_header_bytes(void) { return sizeof(pr_header); }
    """
    uint64_t pr_used(const pr_map *m)
    void pr_set_used(const pr_map *m, uint64_t v)
    uint64_t pr_cells(const pr_map *m)
    uint64_t pr_epoch(const pr_map *m)
    void pr_set_epoch(const pr_map *m, uint64_t v)
    uint32_t pr_ready(const pr_map *m)
    uint32_t pr_superseded(const pr_map *m)
    void pr_set_superseded(const pr_map *m)
    uint64_t pr_heartbeat(const pr_map *m)
    void pr_set_heartbeat(const pr_map *m, uint64_t v)
    uint64_t pr_applied(const pr_map *m, uint32_t p)
    void pr_set_applied(const pr_map *m, uint32_t p, uint64_t v)
    void pr_set_caught_up(const pr_map *m, uint32_t p, uint64_t v)
    uint64_t pr_header_bytes()


cdef enum:
    KIT_PARTS_MAX = 64

cdef carray.array _STARTS = array("i")

cdef int64_t ENDLESS = 1000000000000  # what a cell can hold: enough for any order, and sums of it stay exact


class Gap(Exception):
    def __init__(self, partition: int, expected: int, found: int) -> None:
        super().__init__(f"The log of partition {partition} goes on with {found}, and {expected} was due.")
        self.partition, self.expected, self.found = partition, expected, found


class Renamed(ValueError):
    pass


cdef class _Mapped:
    """A mapped file. The buffer is kept as long as the object."""

    cdef pr_map map
    cdef object _mmap
    cdef object _view

    cdef _open(self, int descriptor, uint64_t size, bint writable):
        prot = mmap.PROT_READ | mmap.PROT_WRITE if writable else mmap.PROT_READ
        self._mmap = mmap.mmap(descriptor, size, mmap.MAP_SHARED, prot)
        self._view = memoryview(self._mmap)
        cdef const unsigned char[::1] bytes_ = self._view
        self.map.base = <char *>&bytes_[0]
        self.map.header = <pr_header *>self.map.base
        self.map.size = size

    @property
    def partitions(self):
        return self.map.header.partitions

    @property
    def epoch(self):
        return pr_epoch(&self.map)

    @property
    def ready(self):
        return pr_ready(&self.map) != 0

    def applied(self, uint32_t partition):
        if partition >= self.map.header.partitions:
            raise IndexError(f"There is no partition {partition}.")
        return pr_applied(&self.map, partition)

    @property
    def node_count(self):
        return pr_node_count(&self.map)

    @property
    def sku_count(self):
        return pr_sku_count(&self.map)

    def node_id(self, uint32_t ix):
        cdef pr_node *node = pr_node_at(&self.map, ix) if ix < pr_node_count(&self.map) else NULL
        if node == NULL or not node.id_length:
            raise IndexError(f"There is no node with index {ix}.")
        return self.map.base[node.id:node.id + node.id_length].decode()

    def sku_id(self, uint32_t ix):
        cdef pr_row *row = pr_row_at(&self.map, ix) if ix < pr_sku_count(&self.map) else NULL
        if row == NULL or not row.id_length:
            raise IndexError(f"There is no sku with index {ix}.")
        return self.map.base[row.id:row.id + row.id_length].decode()

    def stats(self):
        return {
            "cells": pr_cells(&self.map),
            "skus": pr_sku_count(&self.map),
            "nodes": pr_node_count(&self.map),
            "bytes": pr_used(&self.map),
            "heartbeat_ns": pr_heartbeat(&self.map),
        }


cdef class Writer(_Mapped):
    cdef pr_writer writer
    cdef object path
    cdef object channels
    cdef bint pooled  # whether any cell has had pools: only then is there something for `channels` to do

    def __cinit__(self):
        memset(&self.writer, 0, sizeof(self.writer))
        self.writer.file = -1

    def __init__(self, path, int partitions, *, uint64_t max_bytes=64 << 30):
        if not 1 <= partitions < PR_PARTITIONS_MAX + 1:
            raise ValueError(f"A replica has 1 to {PR_PARTITIONS_MAX} partitions, not {partitions}.")
        if max_bytes < pr_header_bytes():
            raise ValueError(f"A replica takes at least {pr_header_bytes()} bytes, and max_bytes is {max_bytes}.")
        self.path = os.fspath(path)
        self.channels = ChannelRows()
        self._begin(partitions, max_bytes)

    cdef _begin(self, int partitions, uint64_t max_bytes):
        """A new file in place of whatever is there; its readers are told."""
        _supersede(self.path)
        self._release()
        fresh = f"{self.path}.{os.getpid()}.new"
        self.writer.file = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.ftruncate(self.writer.file, max_bytes)
            self._open(self.writer.file, max_bytes, True)
            self.writer.map = self.map
            if not pr_back(&self.writer, pr_header_bytes()):
                raise self._full()
            if not pr_writer_begin(&self.writer):
                raise MemoryError("There is no memory for the replica's writer.")
            self._head(partitions, max_bytes)
            os.replace(fresh, self.path)
        except BaseException:
            os.unlink(fresh)
            raise

    cdef _head(self, int partitions, uint64_t max_bytes):
        cdef pr_header *header = self.map.header
        header.layout = PR_LAYOUT
        header.partitions = partitions
        header.size = max_bytes
        header.generation = pr_now_ns()
        pr_set_used(&self.map, pr_header_bytes())
        header.magic = PR_MAGIC

    cdef _release(self):
        pr_writer_end(&self.writer)
        if self.writer.file >= 0:
            os.close(self.writer.file)
        memset(&self.writer, 0, sizeof(self.writer))
        self.writer.file = -1

    cdef _full(self):
        if self.writer.error:
            return MemoryError(
                f"There is no room left where {self.path} lies: {os.strerror(self.writer.error)}. Make the file system "
                "larger, or set replica_path to another one."
            )
        return MemoryError("The replica's file is full. Give it more with replica_max_bytes.")

    def __dealloc__(self):
        self._release()

    def reset(self):
        self.channels.clear()
        self.pooled = False
        self._begin(self.map.header.partitions, self.map.size)

    def put_node(self, uint32_t ix, bytes id, uint32_t state):
        self._name(0, ix, id, state)

    def put_sku(self, uint32_t ix, bytes id, uint32_t state=PR_ACTIVE):
        self._name(1, ix, id, state)

    cdef _name(self, int skus, uint32_t ix, bytes id, uint32_t state):
        if not 1 <= len(id) <= PR_ID_MAX:
            raise ValueError(f"An id has 1 to {PR_ID_MAX} bytes; this one has {len(id)}.")
        if ix >= (PR_POOL_FIRST if skus else PR_CHUNK * PR_CHUNKS):
            raise ValueError(f"Indices end before {PR_POOL_FIRST if skus else PR_CHUNK * PR_CHUNKS}; this one is {ix}.")
        cdef int done = pr_name(&self.writer, skus, ix, PyBytes_AS_STRING(id), <uint32_t>len(id), state)
        if done < 0:
            has = self.sku_id(ix) if skus else self.node_id(ix)
            raise Renamed(f"The {'sku' if skus else 'node'} with index {ix} is {has!r} and cannot become {id!r}.")
        if not done:
            raise self._full()

    def put_kit(self, uint32_t ix, parts):
        cdef pr_part part[KIT_PARTS_MAX]
        cdef uint32_t count = 0
        cdef int64_t found
        if len(parts) > KIT_PARTS_MAX:
            raise ValueError(f"A kit has at most {KIT_PARTS_MAX} components, not {len(parts)}.")
        for sku, units in parts:
            found = pr_find(&self.map, 1, PyBytes_AS_STRING(sku), <uint32_t>len(sku))
            if found < 0 or units < 1:
                raise KeyError(f"The component {sku!r} is not in the catalogue.")
            part[count].sku, part[count].units = <uint32_t>found, units
            count += 1
        cdef int done = pr_put_kit(&self.writer, ix, part, count)
        if done == -1:
            raise KeyError(f"The sku with index {ix} is not in the catalogue.")
        if done == -2:
            raise MemoryError("There is no memory for the kits.")
        if done == 0:
            raise self._full()
        nodes = self.channels.nodes_of_kit(ix)
        self.channels.put_kit(ix, tuple([(part[i].sku, part[i].units) for i in range(count)]))
        for node in nodes | self.channels.nodes_of_kit(ix):
            self._put_kit_row(ix, node)

    def load_cells(self, cells):
        return self._put_pairs(cells if type(cells) is list else [x for pair in cells.items() for x in pair])

    def apply(self, uint32_t partition, list entries):
        cdef int64_t cells = 0
        cdef uint64_t applied = self.applied(partition)
        cdef uint64_t sequence
        cdef object entry, fields
        for entry in entries:
            sequence = _sequence(entry[0])
            if sequence <= applied:
                continue
            if sequence != applied + 1:
                pr_set_applied(&self.map, partition, applied)
                raise Gap(partition, applied + 1, sequence)
            fields = entry[1]
            cells += self._put_pairs(fields if type(fields) is list else [x for pair in fields.items() for x in pair])
            applied = sequence
        pr_set_applied(&self.map, partition, applied)
        return cells

    cdef int64_t _put_pairs(self, list flat) except -1:
        cdef int64_t cells = 0
        cdef Py_ssize_t i
        cdef bytes field, value
        cdef uint32_t node, sku
        cdef int64_t atp
        cdef int done, kind
        for i in range(0, len(flat) - 1, 2):
            field = flat[i]
            if not pr_cell_name(PyBytes_AS_STRING(field), PyBytes_GET_SIZE(field), &node, &sku):
                if field.startswith(b"a:"):
                    self.channels.learn(field, flat[i + 1])
                continue
            value = flat[i + 1]
            kind = pr_cell_atp(PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value), &atp)
            if not kind:
                raise ValueError(f"The cell {field!r} has a value that is none: {value!r}.")
            done = pr_put_cell(&self.writer, sku, node, atp)
            if done == 0:
                raise self._full()
            if done < 0:
                raise KeyError(f"The sku with index {sku} is not in the catalogue.")
            self.pooled = self.pooled or kind == 2
            if self.pooled:
                self._put_channels(sku, node, field, value, kind == 2)
            cells += 1
        return cells

    cdef _put_channels(self, uint32_t sku, uint32_t node, bytes field, bytes value, bint has_pools):
        if self.channels.parts(sku):
            return
        if has_pools or self.channels.shows(sku, node):
            self._put_row(sku, node, self.channels.units(sku, node, field, value))
        for kit in self.channels.kits_with(sku):
            self._put_kit_row(kit, node)

    cdef _put_kit_row(self, uint32_t kit, uint32_t node):
        cdef int known
        cdef list common = []
        for sku, _ in self.channels.parts(kit):
            common.append(pr_get(&self.map, sku, node, &known))
            if not known:
                common = None
                break
        self._put_row(kit, node, self.channels.units_of_kit(kit, node, common))

    cdef _put_row(self, uint32_t sku, uint32_t node, list units):
        cdef bytes channel
        cdef int64_t atp
        for channel, atp in units:
            if not pr_put_channel(&self.writer, sku, node, PyBytes_AS_STRING(channel), <uint32_t>len(channel), atp):
                raise self._full()

    def set_position(self, uint32_t partition, uint64_t sequence):
        self.applied(partition)
        pr_set_applied(&self.map, partition, sequence)

    def caught_up(self, uint32_t partition, uint64_t at_ns):
        self.applied(partition)
        pr_set_caught_up(&self.map, partition, at_ns)

    def clear(self):
        self.channels.clear()
        self.pooled = False
        pr_clear(&self.writer)

    def set_epoch(self, uint64_t epoch):
        pr_set_epoch(&self.map, epoch)

    def set_ready(self, bint ready):
        pr_allow(&self.writer, ready)

    def heartbeat(self, uint64_t at_ns):
        pr_set_heartbeat(&self.map, at_ns)

    def close(self):
        pr_set_superseded(&self.map)
        try:
            os.unlink(self.path)
        except FileNotFoundError:
            pass


cdef class Reader(_Mapped):
    cdef pw_reader reader

    def __cinit__(self):
        memset(&self.reader, 0, sizeof(self.reader))

    def __init__(self, path):
        descriptor = os.open(os.fspath(path), os.O_RDONLY)
        try:
            size = os.fstat(descriptor).st_size
            if size < pr_header_bytes():
                raise ValueError(f"{path} is no replica: it is too short. Start promessa serve again.")
            self._open(descriptor, size, False)
        finally:
            os.close(descriptor)
        cdef pr_header *header = self.map.header
        if header.magic != PR_MAGIC or header.size != self.map.size:
            raise ValueError(f"{path} is no replica, or was cut short. Start promessa serve again.")
        if header.layout != PR_LAYOUT:
            raise ValueError(
                f"{path} has layout {header.layout}, and this version reads layout {PR_LAYOUT}. "
                "Start promessa serve again."
            )

    def __dealloc__(self):
        pw_free(&self.reader)

    def get_availability(self, bytes request):
        cdef int code = pw_get_availability(
            &self.map, &self.reader, PyBytes_AS_STRING(request), PyBytes_GET_SIZE(request))
        return self._answer(code)

    def batch_get_availability(self, bytes request):
        cdef int code = pw_batch_get_availability(
            &self.map, &self.reader, PyBytes_AS_STRING(request), PyBytes_GET_SIZE(request))
        return self._answer(code)

    def check_basket(self, bytes request):
        cdef int code = pw_check_basket(
            &self.map, &self.reader, PyBytes_AS_STRING(request), PyBytes_GET_SIZE(request))
        return self._answer(code)

    cdef _answer(self, int code):
        if code == 0:
            return PyBytes_FromStringAndSize(<char *>self.reader.out.data, self.reader.out.length)
        if code == PW_NO_MEMORY:
            raise MemoryError("There is no memory for the answer.")
        return code

    def reached(self, str token):
        raw = token.encode()
        cdef pw_text text
        text.s = PyBytes_AS_STRING(raw)
        text.n = <uint32_t>len(raw)
        pw_look(&self.map, &self.reader.fresh)
        return pw_reached(&self.map, &self.reader.fresh, text)

    def sku_index(self, str sku):
        raw = sku.encode()
        return pr_find_sku(&self.map, PyBytes_AS_STRING(raw), <uint32_t>len(raw))

    def node_index(self, str node_id):
        raw = node_id.encode()
        return pr_find(&self.map, 0, PyBytes_AS_STRING(raw), <uint32_t>len(raw))

    def get(self, uint32_t sku_ix, uint32_t node_ix):
        cdef int known
        if pr_state(&self.map, node_ix) != PR_ACTIVE:
            return 0
        cdef int64_t atp = pr_get(&self.map, sku_ix, node_ix, &known)
        if atp == PR_STUCK:
            raise _stuck()
        return atp

    def atps(self, const uint64_t[::1] cells):
        cdef carray.array found = array("q", bytes(8 * cells.shape[0]))
        cdef int64_t *atps = <int64_t *>found.data.as_longlongs
        cdef Py_ssize_t i
        cdef uint32_t node
        cdef int known
        for i in range(cells.shape[0]):
            node = <uint32_t>(cells[i] >> 32)
            if pr_state(&self.map, node) != PR_ACTIVE:
                continue
            atps[i] = pr_get(&self.map, <uint32_t>cells[i], node, &known)
            if atps[i] == PR_STUCK:
                raise _stuck()
        return found

    def rows(self, sku_indices, str channel=""):
        cdef carray.array start = carray.clone(_STARTS, len(sku_indices) + 1, False)
        cdef carray.array nodes = array("I")
        cdef carray.array atps = array("q")
        cdef Py_ssize_t used = 0, room = 0, at = 0
        cdef int64_t length
        cdef uint32_t sku
        cdef bytes raw = channel.encode()
        cdef pw_text text
        text.s, text.n = PyBytes_AS_STRING(raw), <uint32_t>len(raw)
        for sku in sku_indices:
            room += pr_length(&self.map, sku) + 16
        self._make_room(nodes, atps, room)
        start.data.as_ints[0] = 0
        for sku in sku_indices:
            length = -1
            if text.n and sku < pr_sku_count(&self.map):
                length = pw_take_row(&self.map, &self.reader, sku, text)
                if length < 0:
                    raise _stuck() if length == PR_STUCK else MemoryError()
                if used + length > room:
                    room = 2 * (used + length)
                    self._make_room(nodes, atps, room)
                memcpy(nodes.data.as_uints + used, self.reader.row_node, length * 4)
                memcpy(atps.data.as_longlongs + used, self.reader.row_atp, length * 8)
            while length < 0:
                length = pr_copy(&self.map, sku, nodes.data.as_uints + used, <int64_t *>atps.data.as_longlongs + used,
                                 <uint32_t>(room - used), 1)
                if length == PR_STUCK:
                    raise _stuck()
                if length < 0:  # the row has grown meanwhile
                    room = 2 * (used - length)
                    self._make_room(nodes, atps, room)
            used += pr_keep_orderable(&self.map, nodes.data.as_uints + used, <int64_t *>atps.data.as_longlongs + used,
                                      length, ENDLESS)
            at += 1
            start.data.as_ints[at] = <int>used
        self._make_room(nodes, atps, used)
        return start, nodes, atps

    cdef int _make_room(self, carray.array nodes, carray.array atps, Py_ssize_t room) except -1:
        carray.resize(nodes, room)
        carray.resize(atps, room)
        return 0

    def row(self, uint32_t sku_ix, *, bint unsafe_no_seqlock=False):
        cdef uint32_t room = pr_length(&self.map, sku_ix) + 1024
        cdef carray.array nodes = carray.clone(array("I"), room, False)
        cdef carray.array atps = carray.clone(array("q"), room, False)
        cdef int64_t length = pr_copy(&self.map, sku_ix, nodes.data.as_uints, <int64_t *>atps.data.as_longlongs, room,
                                      not unsafe_no_seqlock)
        if length == PR_STUCK:
            raise _stuck()
        if length < 0:
            return self.row(sku_ix, unsafe_no_seqlock=unsafe_no_seqlock)
        carray.resize(nodes, length)
        carray.resize(atps, length)
        return nodes, atps

    def staleness_ns(self, uint64_t now_ns):
        return pr_staleness_ns(&self.map, now_ns)

    @property
    def superseded(self):
        return pr_superseded(&self.map) != 0


cdef _stuck():
    return TimeoutError("The replica's writer stopped in the middle of a row. Ask the store until it is loaded again.")


cdef uint64_t _sequence(bytes id) except? 0:
    cdef const char *s = PyBytes_AS_STRING(id)
    cdef Py_ssize_t i
    cdef uint64_t value = 0
    for i in range(PyBytes_GET_SIZE(id)):
        if s[i] == c'-':
            return value
        if not c'0' <= s[i] <= c'9':
            break
        value = value * 10 + (s[i] - c'0')
    raise ValueError(f"{id!r} is no id of a log entry.")


def _supersede(path):
    """Tell the readers of an earlier file that another one takes its place."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return
    cdef _Mapped old = _Mapped.__new__(_Mapped)
    try:
        size = os.fstat(descriptor).st_size
        if size >= pr_header_bytes():
            old._open(descriptor, size, True)
            if old.map.header.magic == PR_MAGIC and old.map.header.layout == PR_LAYOUT:
                pr_set_superseded(&old.map)
    finally:
        os.close(descriptor)
