/* A plain SourceAndReserveRequest, read without Python: known fields once each, in ASCII, keeping the rules written next
 * to them in protos/promessa/v1. Anything else is left to protobuf and Protovalidate, which say what is wrong with it.
 */
#ifndef PROMESSA_REQUESTS_H
#define PROMESSA_REQUESTS_H

#include <stddef.h>

#include "wire.h"

#define PS_NOTE_MAX 128u
#define PS_LINE_QUANTITY_MAX 1000000ull
#define PS_TTL_SECONDS_MAX 2592000ull

typedef struct {
    pw_text request_id, owner_id, order_id, country_code, postal_code;
    pw_text sku[PW_LINES_MAX];
    int64_t quantity[PW_LINES_MAX];
    int lines, allow_partial;
    int64_t ttl_ms; /* 0: none was given */
} ps_request;

static inline int ps_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static inline int ps_good_request_id(pw_text id) {
    if (id.n < 8 || id.n > 64) return 0;
    for (uint32_t i = 0; i < id.n; i++) {
        char c = id.s[i];
        if (!ps_letter_or_digit(c) && c != '.' && c != '_' && c != ':' && c != '-') return 0;
    }
    return 1;
}

/* Somebody's name for a thing: printable ASCII. */
static inline int ps_good_note(pw_text note) {
    if (note.n > PS_NOTE_MAX) return 0;
    for (uint32_t i = 0; i < note.n; i++)
        if (note.s[i] < 0x20 || note.s[i] > 0x7e) return 0;
    return 1;
}

static inline int ps_good_country(pw_text code) {
    return !code.n || (code.n == 2 && code.s[0] >= 'A' && code.s[0] <= 'Z' && code.s[1] >= 'A' && code.s[1] <= 'Z');
}

static inline int ps_good_postal_code(pw_text code) {
    if (code.n < 1 || code.n > 12) return 0;
    for (uint32_t i = 0; i < code.n; i++)
        if (!ps_letter_or_digit(code.s[i])) return 0;
    return 1;
}

static inline pw_in ps_inside(pw_text message) {
    return (pw_in){(const unsigned char *)message.s, (const unsigned char *)message.s + message.n};
}

/* The next field of a message that has each field in `once` at most once; 0 at the end, -1 if it is not plain. */
static inline int ps_next(pw_in *in, uint32_t *field, int *type, uint32_t once, uint32_t *seen) {
    int found = pw_next(in, field, type);
    if (found <= 0) return found;
    if (*field > 31 || *seen & 1u << *field & once) return -1;
    *seen |= 1u << *field;
    return 1;
}

static inline int ps_read_line(pw_text message, ps_request *r) {
    pw_in in = ps_inside(message);
    pw_text sku = {0};
    uint64_t quantity = 0;
    uint32_t field, seen = 0;
    int type, more;
    while ((more = ps_next(&in, &field, &type, ~0u, &seen)) > 0) {
        if (field == 1 && type == 2 ? !pw_get_bytes(&in, &sku) : field == 2 && type == 0 ? !pw_get_varint(&in, &quantity) : 1)
            return 0;
    }
    if (more < 0 || r->lines == PW_LINES_MAX || !pw_good_id(sku) || quantity < 1 || quantity > PS_LINE_QUANTITY_MAX) return 0;
    r->sku[r->lines] = sku;
    r->quantity[r->lines++] = (int64_t)quantity;
    return 1;
}

static inline int ps_read_destination(pw_text message, ps_request *r) {
    pw_in in = ps_inside(message);
    uint32_t field, seen = 0;
    int type, more;
    while ((more = ps_next(&in, &field, &type, ~0u, &seen)) > 0) {
        if (type != 2 || field > 2 || !pw_get_bytes(&in, field == 1 ? &r->country_code : &r->postal_code)) return 0;
    }
    return more == 0 && ps_good_country(r->country_code) && ps_good_postal_code(r->postal_code);
}

static inline int ps_read_order(pw_text message, ps_request *r) {
    pw_in in = ps_inside(message);
    pw_text inner;
    uint32_t field, seen = 0;
    int type, more, destinations = 0;
    while ((more = ps_next(&in, &field, &type, ~(1u << 2), &seen)) > 0) {
        if (type != 2 || !pw_get_bytes(&in, &inner)) return 0;
        if (field == 1) r->order_id = inner;
        else if (field == 2 && ps_read_line(inner, r)) continue;
        else if (field == 3 && ps_read_destination(inner, r)) destinations = 1;
        else return 0;
    }
    return more == 0 && r->lines && destinations && ps_good_note(r->order_id);
}

static inline int ps_read_ttl(pw_text message, ps_request *r) {
    pw_in in = ps_inside(message);
    uint64_t seconds = 0, nanos = 0;
    uint32_t field, seen = 0;
    int type, more;
    while ((more = ps_next(&in, &field, &type, ~0u, &seen)) > 0) {
        if (type != 0 || field > 2 || !pw_get_varint(&in, field == 1 ? &seconds : &nanos)) return 0;
    }
    if (more < 0 || seconds < 1 || seconds >= PS_TTL_SECONDS_MAX || nanos > 999999999) return 0;
    r->ttl_ms = (int64_t)(seconds * 1000 + nanos / 1000000);
    return 1;
}

/* Whether a SourceAndReserveRequest is plain; `r` holds it then, as long as the bytes live. */
static inline int ps_read(const char *request, size_t n, ps_request *r) {
    pw_in in = ps_inside((pw_text){request, (uint32_t)n});
    pw_text inner;
    uint64_t number;
    uint32_t field, seen = 0;
    int type, more, orders = 0;
    memset(r, 0, offsetof(ps_request, sku));
    r->lines = r->allow_partial = 0;
    r->ttl_ms = 0;
    while ((more = ps_next(&in, &field, &type, ~0u, &seen)) > 0) {
        if (field == 5 && type == 0) {
            if (!pw_get_varint(&in, &number)) return 0;
            r->allow_partial = number != 0;
            continue;
        }
        if (type != 2 || !pw_get_bytes(&in, &inner)) return 0;
        if (field == 1) r->request_id = inner;
        else if (field == 2 && ps_read_order(inner, r)) orders = 1;
        else if (field == 3 && ps_read_ttl(inner, r)) continue;
        else if (field == 4) r->owner_id = inner;
        else return 0;
    }
    return more == 0 && orders && ps_good_request_id(r->request_id) && ps_good_note(r->owner_id);
}

#endif
