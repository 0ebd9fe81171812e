# Protobuf written from its end, see back.h: what modules that write answers include.

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memcpy

cdef extern from "back.h" nogil:
    ctypedef struct pb_back:
        unsigned char *data
        size_t room
        size_t length
        int failed
    unsigned char *pb_take(pb_back *b, size_t n)
    void pb_character(pb_back *b, char c)
    void pb_decimal(pb_back *b, int64_t v)
    void pb_varint(pb_back *b, uint64_t v)
    void pb_number(pb_back *b, int field, int64_t v)
    void pb_close(pb_back *b, int field, size_t mark)
    void pb_text(pb_back *b, int field, const char *s, size_t n)
    void pb_instant(pb_back *b, int field, int64_t ms)

# One buffer for all answers of a module: they are written under the interpreter's lock, and copied out.
cdef pb_back out


cdef int start() except -1:
    out.length = 0
    out.failed = 0
    return 0


cdef bytes written():
    if out.failed:
        raise MemoryError
    return PyBytes_FromStringAndSize(<char *>(out.data + out.room - out.length), out.length)


cdef int put_text(int field, str text) except -1:
    cdef Py_ssize_t n
    cdef const char *s = PyUnicode_AsUTF8AndSize(text, &n)
    pb_text(&out, field, s, n)
    return 0


cdef int put_bytes(bytes raw) except -1:
    cdef unsigned char *at = pb_take(&out, len(raw))
    if at == NULL:
        raise MemoryError
    memcpy(at, PyBytes_AS_STRING(raw), len(raw))
    return 0


cdef int put_token(int field, int64_t epoch, positions) except -1:
    """As make_token in domain/token.py."""
    cdef Py_ssize_t i
    cdef size_t mark = out.length
    for i in range(len(positions) - 2, -1, -2):
        pb_decimal(&out, positions[i + 1])
        pb_character(&out, c'-')
        pb_decimal(&out, positions[i])
        if i:
            pb_character(&out, c',')
    if positions:
        pb_character(&out, c'.')
        pb_decimal(&out, epoch)
        pb_close(&out, field, mark)
    return 0
