/* What waits for one watcher, and the bytes it is told: see src/promessa/service/_mailbox.pyi.
 *
 * A change is a cell and the units it promised before and promises after. The first MB_UNMERGED that wait are kept one by
 * one, in order; then a change of a cell that waits already goes into the last one of that cell. So what waits is bounded by
 * what is watched, and nobody allocates for a change: it is 24 bytes in an array. The levels and the kinds are those of
 * src/promessa/domain/watching.py; tests/service/test_watch_mailbox.py holds the two together.
 */
#ifndef PROMESSA_MAILBOX_H
#define PROMESSA_MAILBOX_H

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MB_UNKNOWN (-1ll)                /* units before that nobody knows */
#define MB_INFINITE INT64_MAX            /* units that are not counted; as in domain/stock.py */
#define MB_MADE_TO_ORDER (INT64_MAX - 1)
#define MB_KEPT 4096                     /* places that an empty mailbox keeps */
#define MB_NUMBERS 40                    /* bytes of an event beside its label, at most, and of its head */

enum { MB_CHANGED = 1, MB_OUT_OF_STOCK, MB_LOW, MB_MEDIUM, MB_HIGH, MB_ABOVE_LEVELS, MB_BACK_IN_STOCK };
enum { MB_IS_AVAILABLE = 1, MB_IS_OUT_OF_STOCK, MB_IS_INFINITE = 20, MB_IS_MADE_TO_ORDER };

typedef struct {
    void *cell;
    int64_t before, after;
} mb_change;

typedef struct {
    int has_levels, open;
    int64_t low, medium, high;
    mb_change *change;
    size_t count, room, unmerged;
    uint64_t offered;
    uint32_t *last; /* open addressing: 1 + place of the last change of a cell; 0: none. Only while changes are merged. */
    size_t last_room, cells;
} mb_box;

/* ---- kinds ------------------------------------------------------------------------------------------------------- */

static inline int mb_level(const mb_box *b, int64_t units) {
    if (units <= 0) return MB_OUT_OF_STOCK;
    if (units <= b->low) return MB_LOW;
    if (units <= b->medium) return MB_MEDIUM;
    return units <= b->high ? MB_HIGH : MB_ABOVE_LEVELS;
}

/* The event that a change is; 0: none. */
static inline int mb_kind(const mb_box *b, int64_t before, int64_t after) {
    if (!b->has_levels) return before == after ? 0 : MB_CHANGED;
    int level = mb_level(b, after);
    if (before == MB_UNKNOWN) return level;
    int came_from = mb_level(b, before);
    if (level == came_from) return 0;
    return came_from == MB_OUT_OF_STOCK ? MB_BACK_IN_STOCK : level;
}

/* ---- what waits -------------------------------------------------------------------------------------------------- */

static inline size_t mb_slot(const mb_box *b, const void *cell) {
    size_t mask = b->last_room - 1, at = (size_t)(((uintptr_t)cell >> 4) * 0x9e3779b97f4a7c15ull >> 20) & mask;
    while (b->last[at] && b->change[b->last[at] - 1].cell != cell) at = (at + 1) & mask;
    return at;
}

/* Know the last change of every cell that waits, with room for another one. 0: no memory. */
static int mb_index(mb_box *b) {
    size_t room = 1024;
    while (room < (b->count + 1) * 3) room *= 2;
    uint32_t *fresh = calloc(room, sizeof *fresh);
    if (!fresh) return 0;
    free(b->last);
    b->last = fresh, b->last_room = room, b->cells = 0;
    for (size_t i = 0; i < b->count; i++) {
        size_t at = mb_slot(b, b->change[i].cell);
        b->cells += !b->last[at];
        b->last[at] = (uint32_t)i + 1;
    }
    return 1;
}

/* Keep a change if it is an event. 1: the cell is kept, too; 0: it need not be; -1: no memory. */
static int mb_offer(mb_box *b, void *cell, int64_t before, int64_t after) {
    if (!mb_kind(b, before, after)) return 0;
    int merges = b->count >= b->unmerged;
    if (merges) {
        if ((!b->last || (b->cells + 1) * 2 > b->last_room) && !mb_index(b)) return -1;
        size_t at = mb_slot(b, cell);
        if (b->last[at]) {
            b->change[b->last[at] - 1].after = after;
            b->offered++;
            return 0;
        }
    }
    if (b->count == b->room) {
        size_t room = b->room ? b->room * 2 : 16;
        mb_change *grown = realloc(b->change, room * sizeof *grown);
        if (!grown) return -1;
        b->change = grown, b->room = room;
    }
    if (merges) {
        b->last[mb_slot(b, cell)] = (uint32_t)b->count + 1;
        b->cells++;
    }
    b->change[b->count++] = (mb_change){cell, before, after};
    b->offered++;
    return 1;
}

static void mb_clear(mb_box *b) {
    free(b->last);
    b->last = NULL, b->last_room = b->cells = 0;
    b->count = 0, b->offered = 0;
    if (b->room > MB_KEPT) free(b->change), b->change = NULL, b->room = 0;
}

static inline size_t mb_bytes(const mb_box *b) {
    return sizeof *b + b->room * sizeof *b->change + b->last_room * sizeof *b->last;
}

/* ---- bytes ------------------------------------------------------------------------------------------------------- */

static inline unsigned char *mb_varint(unsigned char *at, uint64_t v) {
    while (v >= 0x80) *at++ = (unsigned char)(v | 0x80), v >>= 7;
    *at++ = (unsigned char)v;
    return at;
}

static inline unsigned char *mb_field(unsigned char *at, int field, uint64_t v) {
    return mb_varint(mb_varint(at, (uint64_t)field << 3), v);
}

static inline int mb_status(int64_t units) {
    if (units >= MB_MADE_TO_ORDER) return units == MB_INFINITE ? MB_IS_INFINITE : MB_IS_MADE_TO_ORDER;
    return units > 0 ? MB_IS_AVAILABLE : MB_IS_OUT_OF_STOCK;
}

/* One event as a field `events` of WatchAvailabilityResponse: kind, the label (fields sku and node_id, ready made),
 * available_quantity, available_quantity_before, status, status_before. Room for MB_NUMBERS and the label is there. */
static unsigned char *mb_event(unsigned char *at, int kind, const char *label, size_t n, int64_t before, int64_t after) {
    unsigned char numbers[MB_NUMBERS], *end = numbers;
    int64_t shown = after >= MB_MADE_TO_ORDER ? 0 : after;
    if (shown) end = mb_field(end, 4, (uint64_t)shown);
    if (before != MB_UNKNOWN) end = mb_field(end, 5, before >= MB_MADE_TO_ORDER ? 0 : (uint64_t)before);
    end = mb_field(end, 6, (uint64_t)mb_status(after));
    if (before != MB_UNKNOWN) end = mb_field(end, 7, (uint64_t)mb_status(before));
    size_t length = (size_t)(end - numbers);
    *at++ = 1 << 3 | 2;
    at = mb_varint(at, 2 + n + length);
    at = mb_field(at, 1, (uint64_t)kind);
    memcpy(at, label, n);
    memcpy(at + n, numbers, length);
    return at + n + length;
}

#endif
