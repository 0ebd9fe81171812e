"""The native module of promessa.server.requests; types and docstrings are in _requests.pyi, the bytes in requests.h."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint32_t, UINT32_MAX

cdef extern from "Python.h":
    str PyUnicode_FromStringAndSize(const char *s, Py_ssize_t n)

cdef extern from "requests.h" nogil:
    ctypedef struct pw_text:
        const char *s
        uint32_t n
    ctypedef struct ps_request:
        pw_text request_id
        pw_text owner_id
        pw_text order_id
        pw_text country_code
        pw_text postal_code
        pw_text *sku
        int64_t *quantity
        int lines
        int allow_partial
        int64_t ttl_ms
    int ps_read(const char *request, size_t n, ps_request *r)
    ctypedef struct ps_place:
        pw_text order_id
        pw_text actor
        pw_text said
        ps_request sourcing
    int ps_read_place(const char *request, size_t n, ps_place *place)
    enum:
        PS_COUNTS_MAX
    ctypedef struct ps_count:
        pw_text sku
        pw_text node_id
        int64_t quantity[3]
    ctypedef struct ps_page:
        pw_text request_id
        pw_text source_id
        int64_t as_of_ns
        int dry_run
        int counts
        ps_count *count
    int ps_read_page(const char *request, size_t n, ps_page *page)


def source_request(bytes request):
    cdef ps_request r
    if PyBytes_GET_SIZE(request) > UINT32_MAX or not ps_read(PyBytes_AS_STRING(request), PyBytes_GET_SIZE(request), &r):
        return None
    return (
        text(r.request_id), text(r.order_id), lines_of(&r), text(r.country_code), text(r.postal_code), r.ttl_ms,
        text(r.owner_id), r.allow_partial != 0,
    )


def place_request(bytes request):
    cdef ps_place place
    cdef ps_request *r = &place.sourcing
    if PyBytes_GET_SIZE(request) > UINT32_MAX:
        return None
    if not ps_read_place(PyBytes_AS_STRING(request), PyBytes_GET_SIZE(request), &place):
        return None
    return (
        text(r.request_id), text(place.order_id), lines_of(r), text(r.country_code), text(r.postal_code),
        place.said.s[:place.said.n], r.allow_partial != 0, text(r.owner_id), text(place.actor),
    )


cdef inline tuple lines_of(const ps_request *r):
    cdef int i
    return tuple([(text(r.sku[i]), r.quantity[i]) for i in range(r.lines)])


cdef ps_count counts_read[PS_COUNTS_MAX]  # one page is read at a time: the GIL is held


def snapshot_page(bytes request, make):
    cdef ps_page page
    cdef ps_count *count
    cdef int i
    page.count = counts_read
    if PyBytes_GET_SIZE(request) > UINT32_MAX:
        return None
    if not ps_read_page(PyBytes_AS_STRING(request), PyBytes_GET_SIZE(request), &page):
        return None
    counts = []
    for i in range(page.counts):
        count = &page.count[i]
        row = (text(count.sku), text(count.node_id), count.quantity[0], count.quantity[1], count.quantity[2], "")
        counts.append(make(row))
    return text(page.request_id), page.as_of_ns if page.as_of_ns >= 0 else None, page.dry_run != 0, counts, text(page.source_id)


cdef inline str text(pw_text t):
    return PyUnicode_FromStringAndSize(t.s, t.n)
