/* The hot reads: protobuf request bytes in, response bytes out, over the replica. No Python objects.
 *
 * The messages are those of protos/promessa/v1/availability_service.proto. A request is taken over only if it is plain
 * and keeps its rules; for anything else the answer is a code, and Python goes on with ordinary messages.
 */
#ifndef PROMESSA_WIRE_H
#define PROMESSA_WIRE_H

#include "replica.h"

enum pw_code {
    PW_OK = 0,
    PW_MALFORMED = 1,
    PW_INVALID = 2,
    PW_NEEDS_STORE = 3,
    PW_NEEDS_WAIT = 4,
    PW_NEEDS_GROUP = 5,
    PW_STALE_FAIL = 6,
    PW_STALE_READ_THROUGH = 7,
    PW_NOT_READY = 8,
    PW_INVALID_TOKEN = 9,
    PW_EPOCH_CHANGED = 10,
    PW_NO_MEMORY = 11,
    PW_SUBSTITUTES = 12,
};

enum { PW_AVAILABLE = 1, PW_OUT_OF_STOCK, PW_NOT_STOCKED, PW_NODE_PAUSED, PW_UNKNOWN_SKU, PW_UNKNOWN_NODE };
enum { PW_NODE_FULL = 11, PW_INFINITE = 20, PW_MADE_TO_ORDER = 21 };
enum { PW_MODE_ALL = 1, PW_MODE_PARTIAL, PW_MODE_ANY };
enum { PW_SHORT = 1, PW_REJECTED_PAUSED, PW_REJECTED_UNKNOWN, PW_REJECTED_FULL = 11 };

#define PW_LINES_MAX 64
#define PW_NODES_MAX 1000
#define PW_PAIRS_MAX 1000
#define PW_QUANTITY_MAX 1000000000ll
#define PW_STALENESS_MS_MAX 3600000ll
#define PW_TOKEN_MAX 2000
#define PW_DEPTH 100 /* of messages and groups in each other, as protobuf counts them */

/* ---- bytes out --------------------------------------------------------------------------------------------------- */

typedef struct {
    unsigned char *data;
    size_t length, room;
    int failed;
} pw_out;

static inline int pw_reserve(pw_out *o, size_t more) {
    if (o->room - o->length >= more) return 1;
    size_t room = o->room ? o->room : 4096;
    while (room - o->length < more) room *= 2;
    unsigned char *grown = realloc(o->data, room);
    if (!grown) return o->failed = 1, 0;
    o->data = grown;
    o->room = room;
    return 1;
}

static inline int pw_varint_size(uint64_t v) {
    int n = 1;
    while (v >= 0x80) v >>= 7, n++;
    return n;
}

/* The put functions assume room; every caller reserves the most it may write. */
static inline void pw_put_varint(pw_out *o, uint64_t v) {
    while (v >= 0x80) o->data[o->length++] = (unsigned char)(v | 0x80), v >>= 7;
    o->data[o->length++] = (unsigned char)v;
}

static inline void pw_put_field(pw_out *o, int field, uint64_t v) {
    if (!v) return; /* proto3 leaves defaults out */
    pw_put_varint(o, (uint64_t)field << 3);
    pw_put_varint(o, v);
}

static inline void pw_put_bytes(pw_out *o, int field, const char *s, size_t n) {
    pw_put_varint(o, (uint64_t)field << 3 | 2);
    pw_put_varint(o, n);
    memcpy(o->data + o->length, s, n);
    o->length += n;
}

static inline int pw_field_size(uint64_t v) { return v ? 1 + pw_varint_size(v) : 0; }

static inline size_t pw_bytes_size(size_t n) { return 1 + (size_t)pw_varint_size(n) + n; }

/* ---- bytes in ---------------------------------------------------------------------------------------------------- */

typedef struct {
    const unsigned char *at, *end;
} pw_in;

typedef struct {
    const char *s;
    uint32_t n;
} pw_text;

static inline int pw_get_varint(pw_in *in, uint64_t *v) {
    *v = 0;
    for (int shift = 0; shift < 70; shift += 7) {
        if (in->at >= in->end) return 0;
        unsigned char byte = *in->at++;
        if (shift < 64) *v |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) return 1;
    }
    return 0;
}

/* The next field: its number and wire type. 0 at the end, -1 if malformed. A tag has at most five bytes. */
static inline int pw_next(pw_in *in, uint32_t *field, int *type) {
    if (in->at >= in->end) return 0;
    uint64_t tag;
    const unsigned char *start = in->at;
    if (!pw_get_varint(in, &tag) || in->at - start > 5 || tag > UINT32_MAX || !(tag >> 3)) return -1;
    *field = (uint32_t)(tag >> 3);
    *type = (int)(tag & 7);
    return 1;
}

/* Bytes with their length before them: a message, or what nobody here knows. */
static inline int pw_get_bytes(pw_in *in, pw_text *text) {
    uint64_t n;
    if (!pw_get_varint(in, &n) || n > (uint64_t)(in->end - in->at)) return 0;
    text->s = (const char *)in->at;
    text->n = (uint32_t)n;
    in->at += n;
    return 1;
}

/* Whether bytes are UTF-8 as protobuf demands of every string: shortest forms, no surrogates, at most U+10FFFF. */
static inline int pw_utf8(const char *bytes, uint32_t n) {
    const unsigned char *p = (const unsigned char *)bytes, *end = p + n;
    while (p < end) {
        unsigned char lead = *p++;
        if (lead < 0x80) continue;
        int more = lead < 0xc2 || lead > 0xf4 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
        if (!more || end - p < more) return 0;
        unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        if (*p < low || *p > high) return 0;
        for (p++; more > 1; more--, p++)
            if ((*p & 0xc0) != 0x80) return 0;
    }
    return 1;
}

static inline int pw_get_text(pw_in *in, pw_text *text) { return pw_get_bytes(in, text) && pw_utf8(text->s, text->n); }

/* Skips a field nobody here knows; groups may nest `depth` deep. */
static inline int pw_skip(pw_in *in, uint32_t field, int type, int depth) {
    uint64_t v;
    pw_text bytes;
    uint32_t inner;
    int inner_type;
    switch (type) {
    case 0: return pw_get_varint(in, &v);
    case 1: if (in->end - in->at < 8) return 0; in->at += 8; return 1;
    case 2: return pw_get_bytes(in, &bytes);
    case 3:
        if (depth <= 0) return 0;
        while (pw_next(in, &inner, &inner_type) > 0) {
            if (inner_type == 4) return inner == field;
            if (!pw_skip(in, inner, inner_type, depth - 1)) return 0;
        }
        return 0;
    case 5: if (in->end - in->at < 4) return 0; in->at += 4; return 1;
    default: return 0;
    }
}

static inline int pw_good_id(pw_text id) {
    if (id.n < 1 || id.n > PR_ID_MAX) return 0;
    for (uint32_t i = 0; i < id.n; i++) {
        char c = id.s[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '_' ||
              c == ':' || c == '/' || c == '-'))
            return 0;
    }
    return 1;
}

/* A channel: up to 8 names with / between them. Empty is none. */
static inline int pw_good_channel(pw_text channel) {
    int levels = 1;
    if (!channel.n) return 1;
    if (!pw_good_id(channel) || channel.s[0] == '/' || channel.s[channel.n - 1] == '/') return 0;
    for (uint32_t i = 1; i < channel.n; i++)
        if (channel.s[i] == '/' && (channel.s[i - 1] == '/' || ++levels > PR_LEVELS_MAX)) return 0;
    return 1;
}

/* ---- freshness --------------------------------------------------------------------------------------------------- */

typedef struct {
    int64_t max_staleness_ms;
    int64_t policy;
    pw_text token;
    int authoritative;
    int by_method; /* a fulfilment method is named: what it is withheld is known to the store alone */
} pw_consistency;

static inline int pw_read_consistency(pw_text bytes, pw_consistency *c) {
    pw_in in = {(const unsigned char *)bytes.s, (const unsigned char *)bytes.s + bytes.n};
    uint32_t field;
    int type, more;
    uint64_t v;
    while ((more = pw_next(&in, &field, &type)) > 0) {
        if (field == 1 && type == 0) { if (!pw_get_varint(&in, &v)) return 0; c->max_staleness_ms = (int64_t)v; }
        else if (field == 2 && type == 0) { if (!pw_get_varint(&in, &v)) return 0; c->policy = (int32_t)v; }
        else if (field == 3 && type == 2) { if (!pw_get_text(&in, &c->token)) return 0; }
        else if (field == 4 && type == 0) { if (!pw_get_varint(&in, &v)) return 0; c->authoritative = v != 0; }
        else if (!pw_skip(&in, field, type, PW_DEPTH - 1)) return 0;
    }
    return more == 0;
}

static inline int pw_number(const char **s, const char *end, uint64_t *v) {
    const char *start = *s;
    *v = 0;
    while (*s < end && **s >= '0' && **s <= '9' && *s - start < 18) *v = *v * 10 + (uint64_t)(*(*s)++ - '0');
    return *s > start;
}

/* How fresh the replica is, taken before the first cell is read: an answer contains at least what this says. */
typedef struct {
    uint32_t load;
    uint64_t epoch, caught_up_ns;
    uint64_t applied[PR_PARTITIONS_MAX];
} pw_fresh;

static inline void pw_look(const pr_map *m, pw_fresh *f) {
    f->load = atomic_load_explicit(&m->header->ready, memory_order_acquire);
    f->epoch = atomic_load_explicit(&m->header->epoch, memory_order_acquire);
    f->caught_up_ns = pr_caught_up_ns(m);
    for (uint32_t p = 0; p < m->header->partitions; p++)
        f->applied[p] = atomic_load_explicit(&m->header->partition[p].applied, memory_order_acquire);
}

/* Whether the replica has seen what a token `<epoch>.<partition>-<sequence>,...` stands for. */
static inline int pw_reached(const pr_map *m, const pw_fresh *f, pw_text token) {
    const char *s = token.s, *end = token.s + token.n;
    uint64_t epoch, partition, sequence;
    int behind = 0;
    if (!pw_number(&s, end, &epoch) || s >= end || *s++ != '.') return PW_INVALID_TOKEN;
    for (;;) {
        if (!pw_number(&s, end, &partition) || partition >= m->header->partitions || s >= end || *s++ != '-')
            return PW_INVALID_TOKEN;
        if (!pw_number(&s, end, &sequence)) return PW_INVALID_TOKEN;
        if (f->applied[partition] < sequence) behind = 1;
        if (s == end) break;
        if (*s++ != ',') return PW_INVALID_TOKEN;
    }
    if (epoch != f->epoch) return PW_EPOCH_CHANGED;
    return behind ? PW_NEEDS_WAIT : PW_OK;
}

static inline int64_t pw_age_ns(const pw_fresh *f, uint64_t now_ns) {
    return f->caught_up_ns >= now_ns ? 0 : (int64_t)(now_ns - f->caught_up_ns);
}

static inline int pw_too_old(const pw_consistency *c, int64_t age_ns) {
    if (!c->max_staleness_ms || age_ns <= c->max_staleness_ms * 1000000ll) return PW_OK;
    return c->policy == 3 ? PW_STALE_FAIL : c->policy == 2 ? PW_STALE_READ_THROUGH : PW_OK;
}

static inline uint32_t pw_characters(pw_text text) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < text.n; i++) n += ((unsigned char)text.s[i] & 0xc0) != 0x80;
    return n;
}

/* Whether the replica may answer; the order of the checks is their precedence. Called before the first cell is read. */
static inline int pw_admit(const pr_map *m, pw_fresh *f, const pw_consistency *c, int group) {
    if (c->max_staleness_ms < 0 || c->max_staleness_ms > PW_STALENESS_MS_MAX || c->policy < 0 || c->policy > 3 ||
        pw_characters(c->token) > PW_TOKEN_MAX)
        return PW_INVALID;
    if (group) return PW_NEEDS_GROUP;
    if (c->authoritative || c->by_method) return PW_NEEDS_STORE;
    pw_look(m, f);
    if (!f->load) return PW_NOT_READY;
    if (c->token.n) {
        int code = pw_reached(m, f, c->token);
        if (code) return code;
    }
    return pw_too_old(c, pw_age_ns(f, pr_now_ns()));
}

/* The Freshness message as a field, the last step of every answer. A replica that was emptied meanwhile spoils it, and
 * so does a pause in which it grew too old. */
static inline int pw_finish(const pr_map *m, pw_fresh *f, const pw_consistency *c, pw_out *o, int field) {
    atomic_thread_fence(memory_order_acquire);
    if (atomic_load_explicit(&m->header->ready, memory_order_relaxed) != f->load) return PW_NOT_READY;
    int64_t age_ns = pw_age_ns(f, pr_now_ns());
    int code = pw_too_old(c, age_ns);
    if (code) return code;
    uint32_t partitions = m->header->partitions;
    size_t packed = 0;
    for (uint32_t p = 0; p < partitions; p++) packed += (size_t)pw_varint_size(f->applied[p]);
    uint64_t staleness = (uint64_t)(age_ns / 1000000);
    struct timespec wall;
    clock_gettime(CLOCK_REALTIME, &wall);
    uint64_t observed_ns = (uint64_t)wall.tv_sec * 1000000000u + (uint64_t)wall.tv_nsec - (uint64_t)age_ns;
    uint64_t seconds = observed_ns / 1000000000u, nanos = observed_ns % 1000000000u;
    size_t instant = (size_t)pw_field_size(seconds) + (size_t)pw_field_size(nanos);
    size_t size = 2 + (size_t)pw_field_size(staleness) + (size_t)pw_field_size(f->epoch) + pw_bytes_size(packed) +
                  pw_bytes_size(instant);
    if (!pw_reserve(o, size + 16)) return PW_NO_MEMORY;
    pw_put_varint(o, (uint64_t)field << 3 | 2);
    pw_put_varint(o, size);
    pw_put_field(o, 1, 1);
    pw_put_field(o, 2, staleness);
    pw_put_field(o, 3, f->epoch);
    pw_put_varint(o, 4u << 3 | 2);
    pw_put_varint(o, packed);
    for (uint32_t p = 0; p < partitions; p++) pw_put_varint(o, f->applied[p]);
    pw_put_varint(o, 5u << 3 | 2);
    pw_put_varint(o, instant);
    pw_put_field(o, 1, seconds);
    pw_put_field(o, 2, nanos);
    return PW_OK;
}

/* ---- the three reads --------------------------------------------------------------------------------------------- */

typedef struct {
    pw_out out;
    pw_fresh fresh;
    pw_text node_id[PW_NODES_MAX]; /* as asked; of pairs, too */
    pw_text sku_id[PW_PAIRS_MAX];
    uint32_t *row_node; /* one row, copied */
    int64_t *row_atp;
    uint32_t row_room;
    uint32_t *over_node; /* and that of a channel */
    int64_t *over_atp;
    uint32_t over_room;
    int64_t *served;    /* by node */
    uint64_t *whole;    /* by node, one bit per distinct sku */
    struct pw_able *able;
    struct pw_rejected *rejected;
    uint32_t node_room;
} pw_reader;

/* Nodes are ordered by age, which is their index; the unknown ones (PW_NO_NODE) come last, as they were asked about. */
#define PW_NO_NODE UINT32_MAX

struct pw_able {
    int64_t served;
    uint32_t position, node;
    int whole_lines;
};

struct pw_rejected {
    uint32_t position, node;
    int reason;
};

/* Copies a row; its length, -1 without memory, PR_STUCK if its writer stopped in the middle. */
static inline int64_t pw_copy_row(const pr_map *m, uint32_t sku, uint32_t **node, int64_t **atp, uint32_t *have) {
    for (;;) {
        uint32_t wanted = pr_length(m, sku);
        if (wanted > *have || !*have) {
            uint32_t room = wanted + wanted / 4 + 64;
            uint32_t *nodes = realloc(*node, (size_t)room * 4u);
            if (nodes) *node = nodes;
            int64_t *atps = realloc(*atp, (size_t)room * 8u);
            if (atps) *atp = atps;
            if (!nodes || !atps) return -1;
            *have = room;
        }
        int64_t length = pr_copy(m, sku, *node, *atp, *have, 1);
        if (length >= 0 || length == PR_STUCK) return length;
    }
}

/* The rows that say what a channel has of a sku: those of the pools on its path, the deepest first, then the sku's own. */
typedef struct {
    uint32_t ix[PR_LEVELS_MAX + 1];
    int count;
} pw_rows;

static inline void pw_find_rows(const pr_map *m, uint32_t sku, pw_text channel, pw_rows *rows) {
    rows->count = 0;
    if (channel.n && atomic_load_explicit(&m->header->pool_count, memory_order_acquire)) {
        pr_row *row = pr_row_at(m, sku);
        char name[2 * PR_ID_MAX + 1];
        for (uint32_t n = channel.n; n; n--) {
            if (n < channel.n && channel.s[n] != '/') continue;
            uint32_t length = pr_channel_name(name, m->base + row->id, row->id_length, channel.s, n);
            int64_t ix = pr_find(m, 1, name, length);
            if (ix >= 0 && rows->count < PR_LEVELS_MAX) rows->ix[rows->count++] = (uint32_t)ix;
        }
    }
    rows->ix[rows->count++] = sku;
}

/* ATP of a cell by the first of the rows that says it; as pr_get. */
static inline int64_t pw_get(const pr_map *m, const pw_rows *rows, uint32_t node, int *known) {
    for (int i = 0; i < rows->count - 1; i++) {
        int64_t atp = pr_get(m, rows->ix[i], node, known);
        if (atp == PR_STUCK || (*known && atp != PR_NO_POOL)) return atp;
    }
    return pr_get(m, rows->ix[rows->count - 1], node, known);
}

/* Takes the row of a sku as a channel has it: its own, overlaid by those of pools, the deepest last. As pw_copy_row. */
static inline int64_t pw_take_row(const pr_map *m, pw_reader *r, uint32_t sku, pw_text channel) {
    pw_rows rows;
    pw_find_rows(m, sku, channel, &rows);
    int64_t length = pw_copy_row(m, sku, &r->row_node, &r->row_atp, &r->row_room);
    for (int row = rows.count - 2; row >= 0 && length >= 0; row--) {
        int64_t over = pw_copy_row(m, rows.ix[row], &r->over_node, &r->over_atp, &r->over_room);
        if (over < 0) return over;
        for (int64_t i = 0, j = 0; i < length && j < over;) {
            if (r->row_node[i] < r->over_node[j]) i++;
            else if (r->row_node[i] > r->over_node[j]) j++;
            else {
                if (r->over_atp[j] != PR_NO_POOL) r->row_atp[i] = r->over_atp[j];
                i++, j++;
            }
        }
    }
    return length;
}

static inline int pw_failure(int64_t length) { return length == PR_STUCK ? PW_NOT_READY : PW_NO_MEMORY; }

/* Why a cell's units are what they are, 0 if the row cannot be read. */
static inline int pw_status(const pr_map *m, int64_t sku, const pw_rows *rows, int64_t node, int64_t *atp) {
    int known;
    *atp = 0;
    if (sku < 0) return PW_UNKNOWN_SKU;
    uint32_t state = node < 0 ? PR_DELETED : pr_state(m, (uint32_t)node);
    if (state == PR_DELETED) return PW_UNKNOWN_NODE;
    if (state == PR_FULL) return PW_NODE_FULL;
    if (state != PR_ACTIVE) return PW_NODE_PAUSED;
    int64_t units = pw_get(m, rows, (uint32_t)node, &known);
    if (units == PR_STUCK) return 0;
    if (!known) return PW_NOT_STOCKED;
    if (units >= PR_MADE_TO_ORDER) return units == PR_INFINITE ? PW_INFINITE : PW_MADE_TO_ORDER;
    *atp = units;
    return units > 0 ? PW_AVAILABLE : PW_OUT_OF_STOCK;
}

/* Sums stop at the largest number there is. */
static inline int64_t pw_add(int64_t a, int64_t b) {
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static inline int pw_put_node(pw_out *o, const char *id, uint32_t n, int64_t atp, int status) {
    size_t size = pw_bytes_size(n) + (size_t)pw_field_size((uint64_t)atp) + 2;
    if (!pw_reserve(o, size + 8)) return 0;
    pw_put_varint(o, 3u << 3 | 2);
    pw_put_varint(o, size);
    pw_put_bytes(o, 1, id, n);
    pw_put_field(o, 2, (uint64_t)atp);
    pw_put_field(o, 3, (uint64_t)status);
    return 1;
}

static inline int pw_get_availability(const pr_map *m, pw_reader *r, const char *request, size_t n) {
    pw_in in = {(const unsigned char *)request, (const unsigned char *)request + n};
    pw_consistency c = {0};
    pw_text sku = {0}, channel = {0}, text;
    pw_rows rows;
    uint32_t field, nodes = 0;
    int type, more, group = 0, valid = 1;
    int64_t wanted = 0;
    uint64_t v, substitutes = 0;
    while ((more = pw_next(&in, &field, &type)) > 0) {
        if (field == 1 && type == 2) { if (!pw_get_text(&in, &sku)) return PW_MALFORMED; }
        else if (field == 2 && type == 2) {
            if (!pw_get_text(&in, &text)) return PW_MALFORMED;
            if (nodes == PW_NODES_MAX || !pw_good_id(text)) valid = 0;
            else r->node_id[nodes++] = text;
        } else if (field == 3 && type == 2) { if (!pw_get_text(&in, &text)) return PW_MALFORMED; group = text.n > 0; }
        else if (field == 4 && type == 2) {
            if (!pw_get_bytes(&in, &text) || !pw_read_consistency(text, &c)) return PW_MALFORMED;
        } else if (field == 20 && type == 0) { if (!pw_get_varint(&in, &substitutes)) return PW_MALFORMED; }
        else if (field == 21 && type == 0) { if (!pw_get_varint(&in, &v)) return PW_MALFORMED; wanted = (int64_t)v; }
        else if (field == 40 && type == 2) { if (!pw_get_text(&in, &channel)) return PW_MALFORMED; }
        else if (field == 41 && type == 2) { if (!pw_get_text(&in, &text)) return PW_MALFORMED; c.by_method = text.n > 0; }
        else if (!pw_skip(&in, field, type, PW_DEPTH)) return PW_MALFORMED;
    }
    if (more < 0) return PW_MALFORMED;
    if (!valid || !pw_good_id(sku) || !pw_good_channel(channel) || wanted < 0 || wanted > PW_QUANTITY_MAX) return PW_INVALID;
    if (substitutes) return PW_SUBSTITUTES;
    int code = pw_admit(m, &r->fresh, &c, group);
    if (code) return code;

    pw_out *o = &r->out;
    o->length = 0;
    if (!pw_reserve(o, 512)) return PW_NO_MEMORY;
    int64_t ix = pr_find_sku(m, sku.s, sku.n), total = 0, atp;
    int same = 0, endless = 0; /* the one status of all nodes, -1 if they differ; that of one without end */
    if (ix >= 0) pw_find_rows(m, (uint32_t)ix, channel, &rows);
    pw_put_bytes(o, 1, sku.s, sku.n);
    size_t start = o->length; /* the sum goes here once it is known: its room is the longest varint */
    o->length += 11;
    if (nodes) {
        for (uint32_t i = 0; i < nodes; i++) {
            int64_t node = pr_find(m, 0, r->node_id[i].s, r->node_id[i].n);
            int status = pw_status(m, ix, &rows, node, &atp);
            if (!status) return PW_NOT_READY;
            total = pw_add(total, atp);
            same = same == 0 || same == status ? status : -1;
            if (status >= PW_INFINITE) endless = status;
            if (!pw_put_node(o, r->node_id[i].s, r->node_id[i].n, atp, status)) return PW_NO_MEMORY;
        }
    } else if (ix >= 0) {
        int64_t length = pw_take_row(m, r, (uint32_t)ix, channel);
        if (length < 0) return pw_failure(length);
        for (int64_t i = 0; i < length; i++) {
            if (r->row_atp[i] <= 0 || pr_state(m, r->row_node[i]) != PR_ACTIVE) continue;
            pr_node *node = pr_node_at(m, r->row_node[i]);
            int64_t units = r->row_atp[i];
            int status = PW_AVAILABLE;
            if (units >= PR_MADE_TO_ORDER) {
                status = endless = units == PR_INFINITE ? PW_INFINITE : PW_MADE_TO_ORDER;
                units = 0;
            }
            total = pw_add(total, units);
            if (!pw_put_node(o, m->base + node->id, node->id_length, units, status)) return PW_NO_MEMORY;
        }
    } else same = PW_UNKNOWN_SKU;
    pw_out sum = {o->data + start, 0, 11, 0};
    pw_put_field(&sum, 2, (uint64_t)total);
    memmove(o->data + start + sum.length, o->data + start + 11, o->length - start - 11);
    o->length -= 11 - sum.length;
    if (!pw_reserve(o, 16)) return PW_NO_MEMORY;
    pw_put_field(o, 4, total > 0 ? PW_AVAILABLE : endless ? (uint64_t)endless : same > 0 ? (uint64_t)same : PW_OUT_OF_STOCK);
    return pw_finish(m, &r->fresh, &c, o, 5);
}

static inline int pw_batch_get_availability(const pr_map *m, pw_reader *r, const char *request, size_t n) {
    pw_in in = {(const unsigned char *)request, (const unsigned char *)request + n};
    pw_consistency c = {0};
    pw_text channel = {0}, text;
    pw_rows rows;
    uint32_t field, pairs = 0;
    int type, more, valid = 1;
    while ((more = pw_next(&in, &field, &type)) > 0) {
        if (field == 1 && type == 2) {
            if (!pw_get_bytes(&in, &text)) return PW_MALFORMED;
            pw_in pair = {(const unsigned char *)text.s, (const unsigned char *)text.s + text.n};
            pw_text sku = {0}, node = {0};
            int inner;
            while ((inner = pw_next(&pair, &field, &type)) > 0) {
                if (field == 1 && type == 2) { if (!pw_get_text(&pair, &sku)) return PW_MALFORMED; }
                else if (field == 2 && type == 2) { if (!pw_get_text(&pair, &node)) return PW_MALFORMED; }
                else if (!pw_skip(&pair, field, type, PW_DEPTH - 1)) return PW_MALFORMED;
            }
            if (inner < 0) return PW_MALFORMED;
            if (pairs == PW_PAIRS_MAX || !pw_good_id(sku) || !pw_good_id(node)) valid = 0;
            if (!valid) continue;
            r->sku_id[pairs] = sku;
            r->node_id[pairs++] = node;
        } else if (field == 2 && type == 2) {
            if (!pw_get_bytes(&in, &text) || !pw_read_consistency(text, &c)) return PW_MALFORMED;
        } else if (field == 40 && type == 2) { if (!pw_get_text(&in, &channel)) return PW_MALFORMED; }
        else if (field == 41 && type == 2) { if (!pw_get_text(&in, &text)) return PW_MALFORMED; c.by_method = text.n > 0; }
        else if (!pw_skip(&in, field, type, PW_DEPTH)) return PW_MALFORMED;
    }
    if (more < 0) return PW_MALFORMED;
    if (!valid || !pairs || !pw_good_channel(channel)) return PW_INVALID;
    int code = pw_admit(m, &r->fresh, &c, 0);
    if (code) return code;

    pw_out *o = &r->out;
    o->length = 0;
    for (uint32_t i = 0; i < pairs; i++) {
        pw_text sku = r->sku_id[i], node = r->node_id[i];
        int64_t atp;
        int64_t ix = pr_find_sku(m, sku.s, sku.n);
        if (ix >= 0) pw_find_rows(m, (uint32_t)ix, channel, &rows);
        int status = pw_status(m, ix, &rows, pr_find(m, 0, node.s, node.n), &atp);
        if (!status) return PW_NOT_READY;
        size_t size = pw_bytes_size(sku.n) + pw_bytes_size(node.n) + (size_t)pw_field_size((uint64_t)atp) + 2;
        if (!pw_reserve(o, size + 8)) return PW_NO_MEMORY;
        pw_put_varint(o, 1u << 3 | 2);
        pw_put_varint(o, size);
        pw_put_bytes(o, 1, sku.s, sku.n);
        pw_put_bytes(o, 2, node.s, node.n);
        pw_put_field(o, 3, (uint64_t)atp);
        pw_put_field(o, 4, (uint64_t)status);
    }
    return pw_finish(m, &r->fresh, &c, o, 2);
}

static int pw_better(const void *a, const void *b) {
    const struct pw_able *x = a, *y = b;
    if (x->whole_lines != y->whole_lines) return x->whole_lines > y->whole_lines ? -1 : 1;
    if (x->served != y->served) return x->served > y->served ? -1 : 1;
    if (x->node != y->node) return x->node < y->node ? -1 : 1;
    return x->position < y->position ? -1 : 1;
}

static int pw_older(const void *a, const void *b) {
    const struct pw_rejected *x = a, *y = b;
    if (x->node != y->node) return x->node < y->node ? -1 : 1;
    return x->position < y->position ? -1 : 1;
}

static inline int pw_node_room(pw_reader *r, uint32_t nodes) {
    if (nodes <= r->node_room && r->node_room) return 1;
    uint32_t room = nodes + nodes / 4 + 64;
    int64_t *served = realloc(r->served, room * sizeof *served);
    if (served) r->served = served;
    uint64_t *whole = realloc(r->whole, room * sizeof *whole);
    if (whole) r->whole = whole;
    struct pw_able *able = realloc(r->able, (room + PW_NODES_MAX) * sizeof *able);
    if (able) r->able = able;
    struct pw_rejected *rejected = realloc(r->rejected, (room + PW_NODES_MAX) * sizeof *rejected);
    if (rejected) r->rejected = rejected;
    if (!served || !whole || !able || !rejected) return 0;
    r->node_room = room;
    return 1;
}

/* A packed field of the positions of lines whose bit of `mask` is `set`. */
static inline void pw_put_lines(pw_out *o, int field, const unsigned char *distinct, uint32_t lines, uint64_t mask,
                                int set) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < lines; i++) count += (mask >> distinct[i] & 1u) == (unsigned)set;
    if (!count) return;
    pw_put_varint(o, (uint64_t)field << 3 | 2);
    pw_put_varint(o, count); /* positions are below 64: one byte each */
    for (uint32_t i = 0; i < lines; i++)
        if ((mask >> distinct[i] & 1u) == (unsigned)set) o->data[o->length++] = (unsigned char)i;
}

static inline int pw_check_basket(const pr_map *m, pw_reader *r, const char *request, size_t n) {
    pw_in in = {(const unsigned char *)request, (const unsigned char *)request + n};
    pw_consistency c = {0};
    pw_text channel = {0}, text, sku_of[PW_LINES_MAX];
    int64_t wanted[PW_LINES_MAX];
    unsigned char distinct[PW_LINES_MAX]; /* line -> distinct sku */
    uint32_t field, lines = 0, skus = 0, asked = 0;
    int64_t mode = 0;
    int type, more, group = 0, valid = 1, omit = 0, substitutes = 0;
    uint64_t v;
    while ((more = pw_next(&in, &field, &type)) > 0) {
        if (field == 1 && type == 2) {
            if (!pw_get_bytes(&in, &text)) return PW_MALFORMED;
            pw_in line = {(const unsigned char *)text.s, (const unsigned char *)text.s + text.n};
            pw_text sku = {0};
            int64_t quantity = 0;
            int inner;
            while ((inner = pw_next(&line, &field, &type)) > 0) {
                if (field == 1 && type == 2) { if (!pw_get_text(&line, &sku)) return PW_MALFORMED; }
                else if (field == 2 && type == 0) {
                    if (!pw_get_varint(&line, &v)) return PW_MALFORMED;
                    quantity = (int64_t)v;
                }
                else if (!pw_skip(&line, field, type, PW_DEPTH - 1)) return PW_MALFORMED;
            }
            if (inner < 0) return PW_MALFORMED;
            if (lines == PW_LINES_MAX || !pw_good_id(sku) || quantity < 1 || quantity > PW_QUANTITY_MAX) valid = 0;
            if (!valid) continue;
            uint32_t d = 0;
            while (d < skus && !(sku_of[d].n == sku.n && memcmp(sku_of[d].s, sku.s, sku.n) == 0)) d++;
            if (d == skus) sku_of[skus] = sku, wanted[skus++] = 0;
            wanted[d] += quantity;
            distinct[lines++] = (unsigned char)d;
        } else if (field == 2 && type == 0) { if (!pw_get_varint(&in, &v)) return PW_MALFORMED; mode = (int32_t)v; }
        else if (field == 3 && type == 2) {
            if (!pw_get_text(&in, &text)) return PW_MALFORMED;
            if (asked == PW_NODES_MAX || !pw_good_id(text)) valid = 0;
            else r->node_id[asked++] = text;
        } else if (field == 4 && type == 2) { if (!pw_get_text(&in, &text)) return PW_MALFORMED; group = text.n > 0; }
        else if (field == 5 && type == 2) {
            if (!pw_get_bytes(&in, &text) || !pw_read_consistency(text, &c)) return PW_MALFORMED;
        } else if (field == 6 && type == 0) { if (!pw_get_varint(&in, &v)) return PW_MALFORMED; omit = v != 0; }
        else if (field == 20 && type == 0) { if (!pw_get_varint(&in, &v)) return PW_MALFORMED; substitutes = v != 0; }
        else if (field == 40 && type == 2) { if (!pw_get_text(&in, &channel)) return PW_MALFORMED; }
        else if (field == 41 && type == 2) { if (!pw_get_text(&in, &text)) return PW_MALFORMED; c.by_method = text.n > 0; }
        else if (!pw_skip(&in, field, type, PW_DEPTH)) return PW_MALFORMED;
    }
    if (more < 0) return PW_MALFORMED;
    if (!valid || !lines || mode < 0 || mode > PW_MODE_ANY || !pw_good_channel(channel)) return PW_INVALID;
    if (substitutes) return PW_SUBSTITUTES;
    int code = pw_admit(m, &r->fresh, &c, group);
    if (code) return code;
    if (!mode) mode = PW_MODE_ALL;

    uint32_t nodes = pr_node_count(m);
    if (!pw_node_room(r, nodes)) return PW_NO_MEMORY;
    memset(r->served, 0, nodes * sizeof *r->served);
    memset(r->whole, 0, nodes * sizeof *r->whole);
    uint64_t unknown = 0;
    for (uint32_t d = 0; d < skus; d++) {
        int64_t sku = pr_find_sku(m, sku_of[d].s, sku_of[d].n), length = 0;
        if (sku < 0) unknown |= 1ull << d;
        else if ((length = pw_take_row(m, r, (uint32_t)sku, channel)) < 0) return pw_failure(length);
        for (int64_t i = 0; i < length; i++) {
            uint32_t node = r->row_node[i];
            int64_t atp = r->row_atp[i];
            if (node >= nodes) continue; /* learnt of a moment ago */
            r->served[node] += atp < wanted[d] ? atp : wanted[d];
            if (atp >= wanted[d]) r->whole[node] |= 1ull << d;
        }
    }

    uint32_t ables = 0, rejects = 0, count = asked ? asked : nodes;
    uint32_t lines_of[PW_LINES_MAX] = {0};
    for (uint32_t i = 0; i < lines; i++) lines_of[distinct[i]]++;
    uint64_t all = skus == 64 ? ~0ull : (1ull << skus) - 1;
    for (uint32_t i = 0; i < count; i++) {
        int64_t node = asked ? pr_find(m, 0, r->node_id[i].s, r->node_id[i].n) : (int64_t)i;
        if (node >= nodes) node = -1;
        uint32_t state = node < 0 ? PR_DELETED : pr_state(m, (uint32_t)node);
        if (!asked && state == PR_DELETED) continue;
        int able = 0, whole_lines = 0;
        if (state == PR_ACTIVE) {
            uint64_t whole = r->whole[node];
            for (uint64_t rest = whole; rest; rest &= rest - 1) whole_lines += (int)lines_of[__builtin_ctzll(rest)];
            able = mode == PW_MODE_ALL ? whole == all : mode == PW_MODE_PARTIAL ? whole != 0 : r->served[node] > 0;
        }
        if (able) r->able[ables++] = (struct pw_able){r->served[node], i, (uint32_t)node, whole_lines};
        else if (!omit) {
            int reason = state == PR_ACTIVE    ? PW_SHORT
                         : state == PR_DELETED ? PW_REJECTED_UNKNOWN
                         : state == PR_FULL    ? PW_REJECTED_FULL
                                               : PW_REJECTED_PAUSED;
            uint32_t age = reason == PW_REJECTED_UNKNOWN ? PW_NO_NODE : (uint32_t)node;
            r->rejected[rejects++] = (struct pw_rejected){i, age, reason};
        }
    }
    if (asked) qsort(r->rejected, rejects, sizeof *r->rejected, pw_older);
    qsort(r->able, ables, sizeof *r->able, pw_better);

    pw_out *o = &r->out;
    o->length = 0;
    for (uint32_t i = 0; i < ables; i++) {
        struct pw_able *a = &r->able[i];
        pr_node *node = pr_node_at(m, a->node);
        size_t packed = a->whole_lines ? 2 + (size_t)a->whole_lines : 0;
        size_t size = pw_bytes_size(node->id_length) + packed + (size_t)pw_field_size((uint64_t)a->served);
        if (!pw_reserve(o, size + 8)) return PW_NO_MEMORY;
        pw_put_varint(o, 1u << 3 | 2);
        pw_put_varint(o, size);
        pw_put_bytes(o, 1, m->base + node->id, node->id_length);
        pw_put_lines(o, 2, distinct, lines, r->whole[a->node], 1);
        pw_put_field(o, 3, (uint64_t)a->served);
    }
    for (uint32_t i = 0; i < rejects; i++) {
        struct pw_rejected *x = &r->rejected[i];
        int reason = x->reason;
        pr_node *known = asked ? NULL : pr_node_at(m, x->node);
        const char *id = asked ? r->node_id[x->position].s : m->base + known->id;
        uint32_t id_length = asked ? r->node_id[x->position].n : known->id_length;
        uint64_t whole = reason == PW_SHORT ? r->whole[x->node] : 0;
        uint32_t short_lines = 0;
        for (uint32_t l = 0; reason == PW_SHORT && l < lines; l++) short_lines += !(whole >> distinct[l] & 1u);
        size_t size = pw_bytes_size(id_length) + 2 + (short_lines ? 2 + (size_t)short_lines : 0);
        if (!pw_reserve(o, size + 8)) return PW_NO_MEMORY;
        pw_put_varint(o, 2u << 3 | 2);
        pw_put_varint(o, size);
        pw_put_bytes(o, 1, id, id_length);
        pw_put_field(o, 2, (uint64_t)reason);
        if (reason == PW_SHORT) pw_put_lines(o, 3, distinct, lines, whole, 0);
    }
    if (!pw_reserve(o, 80)) return PW_NO_MEMORY;
    pw_put_lines(o, 3, distinct, lines, unknown, 1);
    return pw_finish(m, &r->fresh, &c, o, 4);
}

static inline void pw_free(pw_reader *r) {
    free(r->out.data);
    free(r->row_node);
    free(r->row_atp);
    free(r->over_node);
    free(r->over_atp);
    free(r->served);
    free(r->whole);
    free(r->able);
    free(r->rejected);
}

#endif
