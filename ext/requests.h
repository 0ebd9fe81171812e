/* Plain requests, read without Python: known fields once each, in ASCII, keeping the rules written next to them in
 * protos/promessa/v1. Anything else is left to protobuf and Protovalidate, which say what is wrong with it.
 */
#ifndef PROMESSA_REQUESTS_H
#define PROMESSA_REQUESTS_H

#include <stddef.h>

#include "wire.h"

#define PS_NOTE_MAX 128u
#define PS_ACTOR_MAX 64u
#define PS_LINE_QUANTITY_MAX 1000000ull
#define PS_TTL_SECONDS_MAX 2592000ull

typedef struct {
    pw_text request_id, owner_id, order_id, country_code, postal_code;
    pw_text sku[PW_LINES_MAX];
    int64_t quantity[PW_LINES_MAX];
    int lines, allow_partial;
    int64_t ttl_ms; /* 0: none was given */
} ps_request;

typedef struct {
    pw_text order_id, actor;
    pw_text said; /* what it is sourced by, as it was sent */
    ps_request sourcing; /* with the request's id, its customer as the owner, and allow_partial */
} ps_place;

#define PS_COUNTS_MAX 5000
#define PS_COUNT_QUANTITY_MAX 1000000000ull
#define PS_AS_BEFORE (-1)

typedef struct {
    pw_text sku, node_id;
    int64_t quantity[3]; /* on hand, unavailable, safety stock; PS_AS_BEFORE: not given */
} ps_count;

typedef struct {
    pw_text request_id;
    int64_t as_of_ns; /* PS_AS_BEFORE: none was given */
    int dry_run, counts;
    pw_text source_id;
    ps_count *count; /* room for PS_COUNTS_MAX */
} ps_page;

static inline int ps_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static inline int ps_good_id(pw_text id, uint32_t shortest, uint32_t longest) {
    if (id.n < shortest || id.n > longest) return 0;
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

/* The next field of a message that has each field in `once` at most once, and all in the order of their numbers; 0 at the end,
 * -1 if it is not plain. */
static inline int ps_next(pw_in *in, uint32_t *field, int *type, uint32_t once, uint32_t *seen) {
    int found = pw_next(in, field, type);
    if (found <= 0) return found;
    if (*field > 31 || *seen & 1u << *field & once || *seen >> *field > 1) return -1;
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

static inline void ps_clear(ps_request *r) {
    memset(r, 0, offsetof(ps_request, sku));
    r->lines = r->allow_partial = 0;
    r->ttl_ms = 0;
}

/* Whether a SourceAndReserveRequest is plain; `r` holds it then, as long as the bytes live. */
static inline int ps_read(const char *request, size_t n, ps_request *r) {
    pw_in in = ps_inside((pw_text){request, (uint32_t)n});
    pw_text inner;
    uint64_t number;
    uint32_t field, seen = 0;
    int type, more, orders = 0;
    ps_clear(r);
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
    return more == 0 && orders && ps_good_id(r->request_id, 8, 64) && ps_good_note(r->owner_id);
}

/* Whether an order that was read is in `n` bytes as protobuf writes it: nothing is there that it leaves out or writes shorter. */
static inline int ps_is_as_written(const ps_request *r, size_t n) {
    size_t size = r->order_id.n ? pw_bytes_size(r->order_id.n) : 0;
    for (int i = 0; i < r->lines; i++)
        size += pw_bytes_size(pw_bytes_size(r->sku[i].n) + (size_t)pw_field_size((uint64_t)r->quantity[i]));
    size_t country = r->country_code.n ? pw_bytes_size(r->country_code.n) : 0;
    return size + pw_bytes_size(country + pw_bytes_size(r->postal_code.n)) == n;
}

static inline int ps_read_new_order(pw_text message, ps_place *place) {
    pw_in in = ps_inside(message);
    pw_text inner;
    uint64_t number;
    uint32_t field, seen = 0;
    int type, more;
    while ((more = ps_next(&in, &field, &type, ~0u, &seen)) > 0) {
        if (field == 4 && type == 0) {
            if (!pw_get_varint(&in, &number)) return 0;
            place->sourcing.allow_partial = number != 0;
            continue;
        }
        if (type != 2 || !pw_get_bytes(&in, &inner)) return 0;
        if (field == 1) place->order_id = inner;
        else if (field == 3 && ps_read_order(inner, &place->sourcing)) place->said = inner;
        else if (field == 7) place->sourcing.owner_id = inner;
        else return 0;
    }
    return more == 0 && place->said.n && ps_good_id(place->order_id, 1, 48) && ps_good_note(place->sourcing.owner_id) &&
           ps_is_as_written(&place->sourcing, place->said.n);
}

/* Whether a PlaceOrderRequest is plain: of lines that are sourced, without prices. */
static inline int ps_read_place(const char *request, size_t n, ps_place *place) {
    pw_in in = ps_inside((pw_text){request, (uint32_t)n});
    pw_text inner;
    uint32_t field, seen = 0;
    int type, more, orders = 0;
    ps_clear(&place->sourcing);
    place->order_id = place->actor = place->said = (pw_text){0};
    while ((more = ps_next(&in, &field, &type, ~0u, &seen)) > 0) {
        if (type != 2 || !pw_get_bytes(&in, &inner)) return 0;
        if (field == 1) place->sourcing.request_id = inner;
        else if (field == 2 && ps_read_new_order(inner, place)) orders = 1;
        else if (field == 3) place->actor = inner;
        else return 0;
    }
    return more == 0 && orders && ps_good_id(place->sourcing.request_id, 8, 64) && place->actor.n <= PS_ACTOR_MAX &&
           ps_good_note(place->actor);
}

static inline int ps_read_count(pw_text message, ps_count *count) {
    pw_in in = ps_inside(message);
    uint64_t number;
    uint32_t field, seen = 0;
    int type, more;
    *count = (ps_count){.quantity = {0, PS_AS_BEFORE, PS_AS_BEFORE}};
    while ((more = ps_next(&in, &field, &type, ~0u, &seen)) > 0) {
        if (type == 2 && field <= 2) {
            if (!pw_get_bytes(&in, field == 1 ? &count->sku : &count->node_id)) return 0;
        } else if (type == 0 && field >= 3 && field <= 5) {
            if (!pw_get_varint(&in, &number) || number > PS_COUNT_QUANTITY_MAX) return 0;
            count->quantity[field - 3] = (int64_t)number;
        } else return 0;
    }
    return more == 0 && pw_good_id(count->sku) && pw_good_id(count->node_id);
}

static inline int ps_read_instant(pw_text message, int64_t *ns) {
    pw_in in = ps_inside(message);
    uint64_t part[2] = {0, 0}; /* seconds, nanoseconds */
    uint32_t field, seen = 0;
    int type, more;
    while ((more = ps_next(&in, &field, &type, ~0u, &seen)) > 0) {
        if (type != 0 || field < 1 || field > 2 || !pw_get_varint(&in, &part[field - 1])) return 0;
    }
    if (more < 0 || part[0] > INT64_MAX / 1000000000 - 1 || part[1] > 999999999) return 0;
    *ns = (int64_t)(part[0] * 1000000000 + part[1]);
    return 1;
}

/* A name of up to 32 letters, digits and . _ - */
static inline int ps_good_slug(pw_text name) {
    if (name.n > 32) return 0;
    for (uint32_t i = 0; i < name.n; i++) {
        char c = name.s[i];
        if (!ps_letter_or_digit(c) && c != '.' && c != '_' && c != '-') return 0;
    }
    return 1;
}

/* Whether an ImportSnapshotRequest is plain; `page` holds it then, as long as the bytes live. */
static inline int ps_read_page(const char *request, size_t n, ps_page *page) {
    pw_in in = ps_inside((pw_text){request, (uint32_t)n});
    pw_text inner;
    uint64_t number;
    uint32_t field, seen = 0;
    int type, more;
    page->request_id = page->source_id = (pw_text){0};
    page->as_of_ns = PS_AS_BEFORE;
    page->dry_run = page->counts = 0;
    while ((more = ps_next(&in, &field, &type, ~(1u << 3), &seen)) > 0) {
        if (field == 4 && type == 0) {
            if (!pw_get_varint(&in, &number)) return 0;
            page->dry_run = number != 0;
            continue;
        }
        if (type != 2 || !pw_get_bytes(&in, &inner)) return 0;
        if (field == 1) page->request_id = inner;
        else if (field == 5 && ps_good_slug(inner)) page->source_id = inner;
        else if (field == 2 && ps_read_instant(inner, &page->as_of_ns)) continue;
        else if (field == 3 && page->counts < PS_COUNTS_MAX && ps_read_count(inner, &page->count[page->counts])) page->counts++;
        else return 0;
    }
    return more == 0 && page->counts && (!page->request_id.n || ps_good_id(page->request_id, 8, 48));
}

#endif
