/* The replica in shared memory: one row of (node, ATP) per sku, one writer, many readers.
 *
 * The file is sparse and mapped whole, so it grows without ever being mapped anew. Everything in it is an offset.
 * A row is guarded by a seqlock: the writer makes its sequence odd, changes the row, and makes it even again; a reader
 * copies and accepts the copy only if the sequence was even and did not move. The writer never waits; readers retry,
 * and give up after PR_STUCK_NS without any move, for then the writer died or was stopped in the middle. Tables of ids
 * and chunks of rows are published with one atomic store and stay valid for ever once published.
 */
#ifndef PROMESSA_REPLICA_H
#define PROMESSA_REPLICA_H

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <time.h>

#define PR_MAGIC 0x31617373656d6f72ull /* "romessa1" */
#define PR_LAYOUT 3u
#define PR_PARTITIONS_MAX 257 /* 256 and the catalogue */
#define PR_CHUNK 1024u
#define PR_CHUNKS 4096u
#define PR_ID_MAX 64u
#define PR_POOL_FIRST (PR_CHUNK * PR_CHUNKS / 4u * 3u) /* rows from here on are those of channels, see below */
#define PR_LEVELS_MAX 8
#define PR_NO_POOL (-1ll) /* in the row of a channel: the cell has no pool of it */
#define PR_SPINS 1000
#define PR_STUCK_NS 100000000ull /* a writer without a core for so long is as good as dead */
#define PR_STUCK INT64_MIN
#define PR_INFINITE INT64_MAX                /* the ATP of a cell whose units are not counted; as in domain/stock.py */
#define PR_MADE_TO_ORDER (PR_INFINITE - 1ll) /* so is this: any ATP from here on has no end */
#define PR_STEP (1ull << 20) /* the file takes memory in steps of this size */

enum { PR_ACTIVE = 1, PR_PAUSED = 2, PR_DELETED = 3, PR_FULL = 4 }; /* full: active, its day's capacity taken */

typedef struct {
    _Atomic uint32_t sequence; /* odd while the writer is at work */
    uint32_t length;           /* entries in use */
    uint32_t capacity;         /* entries of the block */
    uint32_t id_length;
    uint64_t block; /* offset of node[capacity], then atp[capacity] */
    uint64_t id;    /* offset of the id's characters */
    _Atomic uint32_t state;
} pr_row;

typedef struct {
    uint64_t id;
    uint32_t id_length;
    _Atomic uint32_t state;
} pr_node;

typedef struct {
    _Atomic uint64_t applied;      /* sequence of the last log entry applied */
    _Atomic uint64_t caught_up_ns; /* CLOCK_MONOTONIC when the replica last equalled the store's head */
} pr_partition;

/* An open-addressing table: slot = index + 1, 0 = empty. */
typedef struct {
    uint64_t mask;
    _Atomic uint32_t slot[];
} pr_table;

typedef struct {
    uint64_t magic;
    uint32_t layout;
    uint32_t partitions;
    uint64_t size;
    uint64_t generation;
    _Atomic uint32_t ready; /* number of the load that readers may see, 0 = none: it never comes back once withdrawn */
    _Atomic uint32_t loads;
    _Atomic uint32_t superseded;
    _Atomic uint64_t epoch;
    _Atomic uint64_t heartbeat_ns;
    _Atomic uint64_t used;
    _Atomic uint64_t cells;
    _Atomic uint32_t sku_count;
    _Atomic uint32_t node_count;
    _Atomic uint32_t pool_count;
    _Atomic uint64_t sku_table;
    _Atomic uint64_t node_table;
    pr_partition partition[PR_PARTITIONS_MAX];
    _Atomic uint64_t sku_chunk[PR_CHUNKS];
    _Atomic uint64_t node_chunk[PR_CHUNKS];
} pr_header;

typedef struct {
    char *base;
    pr_header *header;
    uint64_t size;
} pr_map;

static inline uint64_t pr_now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static inline uint32_t pr_sku_count(const pr_map *m) {
    return atomic_load_explicit(&m->header->sku_count, memory_order_acquire);
}

static inline uint32_t pr_node_count(const pr_map *m) {
    return atomic_load_explicit(&m->header->node_count, memory_order_acquire);
}

static inline pr_row *pr_row_at(const pr_map *m, uint32_t ix) {
    uint64_t chunk = atomic_load_explicit(&m->header->sku_chunk[ix / PR_CHUNK], memory_order_acquire);
    return chunk ? (pr_row *)(m->base + chunk) + ix % PR_CHUNK : NULL;
}

/* The row of a sku or of a channel, NULL if there is none. */
static inline pr_row *pr_known_row(const pr_map *m, uint32_t ix) {
    if (ix < pr_sku_count(m)) return pr_row_at(m, ix);
    uint32_t pools = atomic_load_explicit(&m->header->pool_count, memory_order_acquire);
    return ix - PR_POOL_FIRST < pools ? pr_row_at(m, ix) : NULL;
}

static inline pr_node *pr_node_at(const pr_map *m, uint32_t ix) {
    uint64_t chunk = atomic_load_explicit(&m->header->node_chunk[ix / PR_CHUNK], memory_order_acquire);
    return chunk ? (pr_node *)(m->base + chunk) + ix % PR_CHUNK : NULL;
}

static inline uint32_t pr_state(const pr_map *m, uint32_t node) {
    pr_node *n = node < pr_node_count(m) ? pr_node_at(m, node) : NULL;
    return n && n->id_length ? atomic_load_explicit(&n->state, memory_order_acquire) : PR_DELETED;
}

static inline uint64_t pr_hash(const char *s, uint32_t n) {
    uint64_t h = 0xcbf29ce484222325ull;
    for (uint32_t i = 0; i < n; i++) h = (h ^ (unsigned char)s[i]) * 0x100000001b3ull;
    return h ^ (h >> 29);
}

static inline int pr_same(const pr_map *m, uint64_t id, uint32_t id_length, const char *s, uint32_t n) {
    return id_length == n && memcmp(m->base + id, s, n) == 0;
}

/* The index of an id, or -1. `skus` chooses the table. */
static inline int64_t pr_find(const pr_map *m, int skus, const char *s, uint32_t n) {
    uint64_t at = atomic_load_explicit(skus ? &m->header->sku_table : &m->header->node_table, memory_order_acquire);
    if (!at) return -1;
    pr_table *t = (pr_table *)(m->base + at);
    for (uint64_t i = pr_hash(s, n);; i++) {
        uint32_t slot = atomic_load_explicit(&t->slot[i & t->mask], memory_order_acquire);
        if (!slot) return -1;
        if (skus) {
            pr_row *row = pr_row_at(m, slot - 1);
            if (pr_same(m, row->id, row->id_length, s, n)) return slot - 1;
        } else {
            pr_node *node = pr_node_at(m, slot - 1);
            if (pr_same(m, node->id, node->id_length, s, n)) return slot - 1;
        }
    }
}

/* The index of a sku that is not deleted, or -1. */
static inline int64_t pr_find_sku(const pr_map *m, const char *s, uint32_t n) {
    int64_t ix = pr_find(m, 1, s, n);
    if (ix < 0) return -1;
    return atomic_load_explicit(&pr_row_at(m, (uint32_t)ix)->state, memory_order_acquire) == PR_DELETED ? -1 : ix;
}

static inline uint64_t pr_block_bytes(uint32_t capacity) { return (uint64_t)capacity * 12u; }

static inline uint32_t *pr_nodes(const pr_map *m, uint64_t block) { return (uint32_t *)(m->base + block); }

static inline int64_t *pr_atps(const pr_map *m, uint64_t block, uint32_t capacity) {
    return (int64_t *)(m->base + block + (uint64_t)capacity * 4u);
}

/* Fields that the other side may be changing are read and written whole, each by one relaxed access. */
#define PR_LOOK(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define PR_SET(x, v) __atomic_store_n(&(x), (v), __ATOMIC_RELAXED)

/* Position of a node in ascending nodes, or of the first greater one. No node stands further right than its own number,
 * nor further left than that by more than the numbers the whole row leaves out: a full row is not searched at all. */
static inline uint32_t pr_seek(const uint32_t *nodes, uint32_t length, uint32_t node) {
    if (!length) return 0;
    uint32_t missing = PR_LOOK(nodes[length - 1]) - (length - 1);
    uint32_t low = node > missing ? node - missing : 0, high = node < length ? node + 1 : length;
    if (low > length) low = length;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (PR_LOOK(nodes[middle]) < node) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* A reader's patience with one row. */
typedef struct {
    uint32_t spins, sequence;
    uint64_t began_ns, moved_ns;
} pr_wait;

/* Called before every try. 0 once the row has not moved for PR_STUCK_NS, or has moved too fast for PR_STUCK_NS * 10. */
static inline int pr_pause(pr_wait *wait, const pr_row *row) {
    if (++wait->spins % PR_SPINS) return 1;
    uint64_t now = pr_now_ns();
    uint32_t sequence = atomic_load_explicit(&row->sequence, memory_order_relaxed);
    if (!wait->began_ns) wait->began_ns = now;
    if (!wait->moved_ns || sequence != wait->sequence) wait->moved_ns = now;
    wait->sequence = sequence;
    if (now - wait->moved_ns < 1000000ull) sched_yield();
    else nanosleep(&(struct timespec){0, 50000}, NULL); /* a writer that lost its core gets one */
    return now - wait->moved_ns < PR_STUCK_NS && now - wait->began_ns < PR_STUCK_NS * 10;
}

/* A row's place, taken under its seqlock; 0 if the writer was at work. A reader keeps `sequence` for pr_unchanged. */
static inline int pr_begin(const pr_map *m, pr_row *row, uint32_t *sequence, uint64_t *block, uint32_t *length,
                           uint32_t *capacity) {
    *sequence = atomic_load_explicit(&row->sequence, memory_order_acquire);
    if (*sequence & 1u) return 0;
    *block = PR_LOOK(row->block);
    *length = PR_LOOK(row->length);
    *capacity = PR_LOOK(row->capacity);
    /* Numbers of different moments must not lead outside the file; pr_unchanged throws the answer away afterwards. */
    return *length <= *capacity && *block <= m->size && pr_block_bytes(*capacity) <= m->size - *block;
}

static inline int pr_unchanged(pr_row *row, uint32_t sequence) {
    atomic_thread_fence(memory_order_acquire);
    return atomic_load_explicit(&row->sequence, memory_order_relaxed) == sequence;
}

/* ATP of a cell; *known says whether the row has the node. PR_STUCK if its writer stopped in the middle. */
static inline int64_t pr_get(const pr_map *m, uint32_t sku, uint32_t node, int *known) {
    *known = 0;
    pr_row *row = pr_known_row(m, sku);
    if (!row) return 0;
    for (pr_wait wait = {0};;) {
        uint32_t sequence = 0, length = 0, capacity = 0;
        uint64_t block = 0;
        if (!pr_pause(&wait, row)) return PR_STUCK;
        if (!pr_begin(m, row, &sequence, &block, &length, &capacity)) continue;
        uint32_t at = pr_seek(pr_nodes(m, block), length, node);
        int found = at < length && PR_LOOK(pr_nodes(m, block)[at]) == node;
        int64_t atp = found ? PR_LOOK(pr_atps(m, block, capacity)[at]) : 0;
        if (!pr_unchanged(row, sequence)) continue;
        *known = found;
        return atp;
    }
}

/* Number of entries of a row now: room for a copy, which may need more by then. */
static inline uint32_t pr_length(const pr_map *m, uint32_t sku) {
    pr_row *row = pr_known_row(m, sku);
    return row ? PR_LOOK(row->length) : 0;
}

/* Copies a whole row of one moment. Returns its length, -1 - length if `room` is too small, or PR_STUCK. `checked` 0
 * leaves the seqlock out, for the test that shows what it is for. */
static inline int64_t pr_copy(const pr_map *m, uint32_t sku, uint32_t *nodes, int64_t *atps, uint32_t room,
                              int checked) {
    pr_row *row = pr_known_row(m, sku);
    if (!row) return 0;
    for (pr_wait wait = {0};;) {
        uint32_t sequence = 0, length = 0, capacity = 0;
        uint64_t block = 0;
        if (!pr_pause(&wait, row)) return PR_STUCK;
        if (!pr_begin(m, row, &sequence, &block, &length, &capacity) && checked) continue;
        if (length > capacity || block > m->size || pr_block_bytes(capacity) > m->size - block) continue;
        if (length <= room) {
            memcpy(nodes, pr_nodes(m, block), (size_t)length * 4u);
            memcpy(atps, pr_atps(m, block, capacity), (size_t)length * 8u);
        }
        if (checked && !pr_unchanged(row, sequence)) continue;
        return length <= room ? (int64_t)length : -1 - (int64_t)length;
    }
}

/* Of a copied row, the entries that orders can have: units at nodes that take orders. They move to the front; returns how many.
 * What has no end becomes `endless`. */
static inline int64_t pr_keep_orderable(const pr_map *m, uint32_t *nodes, int64_t *atps, int64_t length, int64_t endless) {
    uint32_t known = pr_node_count(m), first = 0;
    const pr_node *chunk = NULL; /* of nodes `first` and up: a row ascends, so few chunks are looked up */
    int64_t kept = 0;
    for (int64_t i = 0; i < length; i++) {
        uint32_t node = nodes[i];
        int64_t atp = atps[i];
        if (atp <= 0 || node >= known) continue;
        if (!chunk || node - first >= PR_CHUNK) {
            first = node - node % PR_CHUNK;
            chunk = pr_node_at(m, first);
            if (!chunk) continue;
        }
        const pr_node *n = chunk + (node - first);
        if (!n->id_length || atomic_load_explicit(&n->state, memory_order_acquire) != PR_ACTIVE) continue;
        nodes[kept] = node;
        atps[kept++] = atp >= PR_MADE_TO_ORDER ? endless : atp;
    }
    return kept;
}

/* The last moment at which the whole replica is known to have equalled the store. */
static inline uint64_t pr_caught_up_ns(const pr_map *m) {
    uint64_t oldest = UINT64_MAX;
    for (uint32_t p = 0; p < m->header->partitions; p++) {
        uint64_t at = atomic_load_explicit(&m->header->partition[p].caught_up_ns, memory_order_acquire);
        if (at < oldest) oldest = at;
    }
    return oldest;
}

static inline int64_t pr_staleness_ns(const pr_map *m, uint64_t now_ns) {
    uint64_t oldest = pr_caught_up_ns(m);
    return oldest >= now_ns ? 0 : (int64_t)(now_ns - oldest);
}

/* ---- writing (one process, one thread) --------------------------------------------------------------------------- */

/* Row blocks come from a buddy allocator: sizes are powers of two, and a block given up joins its free neighbour, so
 * that rows which all grow together leave no waste behind. Small things that are never given up come from the end of
 * the file. The links of a free block lie in the block: a reader that still looks there finds its row's sequence moved. */
#define PR_ORDER_MIN 6
#define PR_ORDER_MAX 30
#define PR_ORDER_CHUNK 20

typedef struct {
    uint64_t next, previous; /* offsets, 0 = none */
} pr_free;

/* What the writer knows of a sku besides its row: what it consists of, if it is a kit, and the kits that it is in. */
typedef struct {
    uint32_t sku;
    int64_t units; /* in one kit */
} pr_part;

typedef struct {
    pr_part *part;
    uint32_t *kit;
    uint32_t parts, kits;
} pr_shape;

typedef struct {
    pr_map map;
    int file;          /* descriptor of the map's file */
    int error;         /* errno of the memory that was refused, 0 if the file is as large as it may be */
    uint64_t reserved; /* the file has memory up to here */
    uint64_t free_head[PR_ORDER_MAX + 1];
    unsigned char *free_bit[PR_ORDER_MAX + 1]; /* one bit per possible block: free at just this order */
    uint32_t skus_in_table, nodes_in_table;
    pr_shape *shape; /* by sku, up to the greatest that is or ever was a kit or in one */
    uint32_t shapes;
} pr_writer;

static inline uint32_t pr_capacity_of(int order) { return (uint32_t)((1ull << order) / 12u) & ~1u; }

static inline int pr_order_of(uint32_t length) {
    int order = PR_ORDER_MIN;
    while (pr_capacity_of(order) < length) order++;
    return order;
}

/* Takes memory for the file up to an offset. A page without memory behind it would kill the process on first touch. */
static inline int pr_back(pr_writer *w, uint64_t end) {
    if (end <= w->reserved) return 1;
    uint64_t goal = (end + PR_STEP - 1) & ~(PR_STEP - 1);
    if (goal > w->map.size) goal = w->map.size;
    do w->error = posix_fallocate(w->file, (off_t)w->reserved, (off_t)(goal - w->reserved));
    while (w->error == EINTR);
    if (w->error) return 0;
    w->reserved = goal;
    return 1;
}

/* Offset of new room, aligned, or 0 if the file is full. */
static inline uint64_t pr_allocate_aligned(pr_writer *w, uint64_t bytes, uint64_t alignment) {
    uint64_t used = atomic_load_explicit(&w->map.header->used, memory_order_relaxed);
    uint64_t at = (used + alignment - 1) & ~(alignment - 1);
    if (bytes > w->map.size || at > w->map.size - bytes) return w->error = 0, 0;
    if (!pr_back(w, at + bytes)) return 0;
    atomic_store_explicit(&w->map.header->used, at + bytes, memory_order_relaxed);
    return at;
}

static inline uint64_t pr_allocate(pr_writer *w, uint64_t bytes) { return pr_allocate_aligned(w, bytes, 8); }

static inline int pr_writer_begin(pr_writer *w) {
    for (int order = PR_ORDER_MIN; order <= PR_ORDER_MAX; order++) {
        w->free_bit[order] = calloc((w->map.size >> order) / 8 + 1, 1); /* untouched pages cost nothing */
        if (!w->free_bit[order]) return 0;
    }
    return 1;
}

static inline void pr_writer_end(pr_writer *w) {
    for (int order = PR_ORDER_MIN; order <= PR_ORDER_MAX; order++) free(w->free_bit[order]);
    for (uint32_t i = 0; i < w->shapes; i++) free(w->shape[i].part), free(w->shape[i].kit);
    free(w->shape);
}

static inline pr_free *pr_free_at(pr_writer *w, uint64_t block) { return (pr_free *)(w->map.base + block); }

static inline int pr_is_free(pr_writer *w, uint64_t block, int order) {
    return w->free_bit[order][(block >> order) / 8] >> ((block >> order) % 8) & 1;
}

static inline void pr_push(pr_writer *w, uint64_t block, int order) {
    uint64_t head = w->free_head[order];
    *pr_free_at(w, block) = (pr_free){head, 0};
    if (head) pr_free_at(w, head)->previous = block;
    w->free_head[order] = block;
    w->free_bit[order][(block >> order) / 8] |= (unsigned char)(1 << ((block >> order) % 8));
}

static inline void pr_unlink(pr_writer *w, uint64_t block, int order) {
    pr_free links = *pr_free_at(w, block);
    if (links.previous) pr_free_at(w, links.previous)->next = links.next;
    else w->free_head[order] = links.next;
    if (links.next) pr_free_at(w, links.next)->previous = links.previous;
    w->free_bit[order][(block >> order) / 8] &= (unsigned char)~(1 << ((block >> order) % 8));
}

/* A block of 2^order bytes, 0 if the file is full. */
static inline uint64_t pr_take_block(pr_writer *w, int order) {
    int from = order;
    while (from <= PR_ORDER_MAX && !w->free_head[from]) from++;
    uint64_t block;
    if (from > PR_ORDER_MAX) {
        from = order > PR_ORDER_CHUNK ? order : PR_ORDER_CHUNK;
        block = pr_allocate_aligned(w, 1ull << from, 1ull << from);
        if (!block) return 0;
    } else {
        block = w->free_head[from];
        pr_unlink(w, block, from);
    }
    while (from > order) {
        from--;
        pr_push(w, block + (1ull << from), from);
    }
    return block;
}

static inline void pr_give_block(pr_writer *w, uint64_t block, int order) {
    while (order < PR_ORDER_CHUNK && pr_is_free(w, block ^ (1ull << order), order)) {
        pr_unlink(w, block ^ (1ull << order), order);
        block &= ~(1ull << order++);
    }
    pr_push(w, block, order);
}

static inline void pr_row_open(pr_row *row) {
    uint32_t s = atomic_load_explicit(&row->sequence, memory_order_relaxed);
    atomic_store_explicit(&row->sequence, s + 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
}

static inline void pr_row_close(pr_row *row) {
    uint32_t s = atomic_load_explicit(&row->sequence, memory_order_relaxed);
    atomic_store_explicit(&row->sequence, s + 1, memory_order_release);
}

/* Sets one cell. 0 if the file is full, -1 if the sku is not known. */
static inline int pr_put(pr_writer *w, uint32_t sku, uint32_t node, int64_t atp) {
    pr_map *m = &w->map;
    pr_row *row = pr_known_row(m, sku);
    if (!row) return -1;
    uint32_t length = row->length, at = length ? pr_seek(pr_nodes(m, row->block), length, node) : 0;
    if (at < length && pr_nodes(m, row->block)[at] == node) {
        pr_row_open(row);
        PR_SET(pr_atps(m, row->block, row->capacity)[at], atp);
        pr_row_close(row);
        return 1;
    }
    uint64_t old = row->block, block = old;
    uint32_t capacity = row->capacity;
    if (length == capacity) {
        int order = pr_order_of(length + 1);
        block = order > PR_ORDER_MAX ? 0 : pr_take_block(w, order);
        if (!block) return 0;
        uint32_t grown = pr_capacity_of(order);
        if (length) {
            memcpy(pr_nodes(m, block), pr_nodes(m, old), (size_t)length * 4u);
            memcpy(pr_atps(m, block, grown), pr_atps(m, old, capacity), (size_t)length * 8u);
        }
        capacity = grown;
    }
    uint32_t *nodes = pr_nodes(m, block);
    int64_t *atps = pr_atps(m, block, capacity);
    uint32_t old_capacity = row->capacity;
    pr_row_open(row);
    memmove(nodes + at + 1, nodes + at, (size_t)(length - at) * 4u);
    memmove(atps + at + 1, atps + at, (size_t)(length - at) * 8u);
    nodes[at] = node;
    atps[at] = atp;
    PR_SET(row->block, block);
    PR_SET(row->capacity, capacity);
    PR_SET(row->length, length + 1);
    pr_row_close(row);
    atomic_fetch_add_explicit(&m->header->cells, 1, memory_order_relaxed);
    if (block != old && old) pr_give_block(w, old, pr_order_of(old_capacity));
    return 1;
}

/* Takes the place of a whole row at once. 0 if the file is full, -1 if the sku is not known. */
static inline int pr_replace(pr_writer *w, uint32_t sku, const uint32_t *nodes, const int64_t *atps, uint32_t length) {
    pr_map *m = &w->map;
    pr_row *row = sku < pr_sku_count(m) ? pr_row_at(m, sku) : NULL;
    if (!row) return -1;
    if (!length && !row->length) return 1;
    int order = pr_order_of(length ? length : 1);
    uint64_t block = order > PR_ORDER_MAX ? 0 : pr_take_block(w, order), old = row->block;
    if (!block) return 0;
    uint32_t capacity = pr_capacity_of(order), old_capacity = row->capacity;
    uint64_t before = row->length;
    memcpy(pr_nodes(m, block), nodes, (size_t)length * 4u);
    memcpy(pr_atps(m, block, capacity), atps, (size_t)length * 8u);
    pr_row_open(row);
    PR_SET(row->block, block);
    PR_SET(row->capacity, capacity);
    PR_SET(row->length, length);
    pr_row_close(row);
    atomic_fetch_add_explicit(&m->header->cells, length - before, memory_order_relaxed);
    if (old) pr_give_block(w, old, pr_order_of(old_capacity));
    return 1;
}

/* ---- kits -------------------------------------------------------------------------------------------------------- */

/* A kit's row is what the rows of its components allow: it has a node that all of them have, with as many kits as the
 * scarcest is enough for. It follows each of them, and takes no cells of its own. */

static inline pr_shape *pr_shape_of(pr_writer *w, uint32_t sku) { return sku < w->shapes ? &w->shape[sku] : NULL; }

static inline int pr_shape_room(pr_writer *w, uint32_t sku) {
    if (sku < w->shapes) return 1;
    uint32_t shapes = (sku | 1023u) + 1u;
    pr_shape *grown = realloc(w->shape, shapes * sizeof *grown);
    if (!grown) return 0;
    memset(grown + w->shapes, 0, (shapes - w->shapes) * sizeof *grown);
    w->shape = grown;
    w->shapes = shapes;
    return 1;
}

/* Kits that a node has the components of; *known says whether it has them all. What has no end limits nothing. */
static inline int64_t pr_kits_at(const pr_writer *w, const pr_shape *kit, uint32_t node, int *known) {
    int64_t least = PR_INFINITE;
    *known = kit->parts > 0;
    for (uint32_t i = 0; i < kit->parts && *known; i++) {
        int64_t atp = pr_get(&w->map, kit->part[i].sku, node, known);
        if (atp < PR_MADE_TO_ORDER) atp /= kit->part[i].units;
        if (atp < least) least = atp;
    }
    return least;
}

/* Sets one cell, and what it means to the kits that its sku is in. As pr_put. */
static inline int pr_put_cell(pr_writer *w, uint32_t sku, uint32_t node, int64_t atp) {
    pr_shape *shape = pr_shape_of(w, sku);
    if (shape && shape->parts) return 1;
    int done = pr_put(w, sku, node, atp), known;
    for (uint32_t i = 0; shape && done == 1 && i < shape->kits; i++) {
        int64_t kits = pr_kits_at(w, &w->shape[shape->kit[i]], node, &known);
        if (known) done = pr_put(w, shape->kit[i], node, kits);
    }
    return done;
}

static inline void pr_leave_kit(pr_shape *component, uint32_t kit) {
    for (uint32_t i = 0; i < component->kits; i++)
        if (component->kit[i] == kit) component->kit[i] = component->kit[--component->kits];
}

/* Says what a sku consists of: nothing, if it is no kit (any more). Its row is made anew. As pr_put; -2 without memory. */
static inline int pr_put_kit(pr_writer *w, uint32_t kit, const pr_part *parts, uint32_t count) {
    pr_shape *shape = pr_shape_of(w, kit);
    if (!count && !(shape && shape->parts)) return 1;
    uint32_t most = kit;
    for (uint32_t i = 0; i < count; i++) most = parts[i].sku > most ? parts[i].sku : most;
    if (!pr_shape_room(w, most)) return -2;
    shape = &w->shape[kit];
    for (uint32_t i = 0; i < shape->parts; i++) pr_leave_kit(&w->shape[shape->part[i].sku], kit);
    shape->parts = 0;
    pr_part *own = realloc(shape->part, (count ? count : 1u) * sizeof *own);
    if (!own) return -2;
    shape->part = own;
    for (uint32_t i = 0; i < count; i++) {
        pr_shape *component = &w->shape[parts[i].sku];
        uint32_t *kits = realloc(component->kit, (component->kits + 1u) * sizeof *kits);
        if (!kits) return -2;
        component->kit = kits;
        kits[component->kits++] = kit;
        own[shape->parts++] = parts[i];
    }
    uint32_t room = count ? pr_length(&w->map, parts[0].sku) : 0, length = 0;
    uint32_t *nodes = malloc((room + 1u) * sizeof *nodes);
    int64_t *atps = malloc((room + 1u) * sizeof *atps);
    int done = -2;
    if (nodes && atps) {
        int64_t found = room ? pr_copy(&w->map, parts[0].sku, nodes, atps, room, 1) : 0;
        for (int64_t i = 0; i < found; i++) {
            int known;
            int64_t kits = pr_kits_at(w, shape, nodes[i], &known);
            if (known) nodes[length] = nodes[i], atps[length++] = kits;
        }
        done = pr_replace(w, kit, nodes, atps, length);
    }
    free(nodes);
    free(atps);
    return done;
}

/* A new table with twice the room, filled and then published. */
static inline int pr_grow_table(pr_writer *w, int skus, uint32_t count) {
    pr_map *m = &w->map;
    uint64_t slots = 1024;
    while (slots < (uint64_t)(count + 1) * 2u) slots *= 2;
    _Atomic uint64_t *where = skus ? &m->header->sku_table : &m->header->node_table;
    uint64_t old_at = atomic_load_explicit(where, memory_order_relaxed);
    pr_table *old = old_at ? (pr_table *)(m->base + old_at) : NULL;
    if (old && old->mask + 1 >= slots) return 1;
    uint64_t at = pr_allocate(w, sizeof(pr_table) + (slots * 2) * 4u);
    if (!at) return 0;
    pr_table *table = (pr_table *)(m->base + at);
    table->mask = slots * 2 - 1;
    for (uint64_t i = 0; old && i <= old->mask; i++) {
        uint32_t slot = atomic_load_explicit(&old->slot[i], memory_order_relaxed);
        if (!slot) continue;
        uint64_t id = skus ? pr_row_at(m, slot - 1)->id : pr_node_at(m, slot - 1)->id;
        uint32_t n = skus ? pr_row_at(m, slot - 1)->id_length : pr_node_at(m, slot - 1)->id_length;
        uint64_t h = pr_hash(m->base + id, n);
        while (atomic_load_explicit(&table->slot[h & table->mask], memory_order_relaxed)) h++;
        atomic_store_explicit(&table->slot[h & table->mask], slot, memory_order_relaxed);
    }
    atomic_store_explicit(where, at, memory_order_release);
    return 1;
}

static inline void pr_enter(pr_writer *w, int skus, const char *s, uint32_t n, uint32_t ix) {
    pr_map *m = &w->map;
    uint64_t at = atomic_load_explicit(skus ? &m->header->sku_table : &m->header->node_table, memory_order_relaxed);
    pr_table *table = (pr_table *)(m->base + at);
    uint64_t h = pr_hash(s, n);
    while (atomic_load_explicit(&table->slot[h & table->mask], memory_order_relaxed)) h++;
    atomic_store_explicit(&table->slot[h & table->mask], ix + 1, memory_order_release);
}

static inline uint64_t pr_chunk_for(pr_writer *w, _Atomic uint64_t *chunks, uint32_t ix, size_t record) {
    if (ix / PR_CHUNK >= PR_CHUNKS) return 0;
    uint64_t at = atomic_load_explicit(&chunks[ix / PR_CHUNK], memory_order_relaxed);
    if (at) return at;
    at = pr_allocate(w, PR_CHUNK * record);
    if (at) atomic_store_explicit(&chunks[ix / PR_CHUNK], at, memory_order_release);
    return at;
}

/* Gives an index its id and its state. 1, 0 if the file is full, -1 if the index has another id, which stays. */
static inline int pr_name(pr_writer *w, int skus, uint32_t ix, const char *s, uint32_t n, uint32_t state) {
    pr_map *m = &w->map;
    pr_header *h = m->header;
    uint64_t chunk = skus ? pr_chunk_for(w, h->sku_chunk, ix, sizeof(pr_row))
                          : pr_chunk_for(w, h->node_chunk, ix, sizeof(pr_node));
    if (!chunk) return 0;
    pr_row *row = skus ? pr_row_at(m, ix) : NULL;
    pr_node *node = skus ? NULL : pr_node_at(m, ix);
    uint32_t length = skus ? row->id_length : node->id_length;
    if (length && !pr_same(m, skus ? row->id : node->id, length, s, n)) return -1;
    if (!length) {
        uint32_t in_table = skus ? ++w->skus_in_table : ++w->nodes_in_table;
        uint64_t id = pr_allocate(w, n);
        if (!id || !pr_grow_table(w, skus, in_table)) return 0;
        memcpy(m->base + id, s, n);
        if (skus) row->id = id, row->id_length = n;
        else node->id = id, node->id_length = n;
        pr_enter(w, skus, s, n, ix);
    }
    atomic_store_explicit(node ? &node->state : &row->state, state, memory_order_release);
    int pool = skus && ix >= PR_POOL_FIRST;
    _Atomic uint32_t *count = pool ? &h->pool_count : skus ? &h->sku_count : &h->node_count;
    if (pool) ix -= PR_POOL_FIRST;
    if (ix >= atomic_load_explicit(count, memory_order_relaxed))
        atomic_store_explicit(count, ix + 1, memory_order_release);
    return 1;
}

static inline void pr_empty(pr_writer *w, uint32_t first, uint32_t end) {
    for (uint32_t ix = first; ix < end; ix++) {
        pr_row *row = pr_row_at(&w->map, ix);
        if (!row || !row->length) continue;
        pr_row_open(row);
        PR_SET(row->length, 0);
        pr_row_close(row);
    }
}

/* ---- channels ---------------------------------------------------------------------------------------------------- */

/* A sku has a row for each channel that a pool of it is for, named `<sku>\x1f<channel>`, with the nodes where there is such
 * a pool and what the channel can be promised there; where there is none any more, PR_NO_POOL. A channel has what the
 * deepest pool on its path has, cell by cell, and where there is none what the sku's own row has. */
static inline uint32_t pr_channel_name(char *name, const char *sku, uint32_t sku_n, const char *channel, uint32_t n) {
    memcpy(name, sku, sku_n);
    name[sku_n] = 0x1f;
    memcpy(name + sku_n + 1, channel, n);
    return sku_n + 1 + n;
}

/* Sets what a channel can be promised of a cell. As pr_put. */
static inline int pr_put_channel(pr_writer *w, uint32_t sku, uint32_t node, const char *channel, uint32_t n, int64_t atp) {
    pr_map *m = &w->map;
    pr_row *row = pr_known_row(m, sku);
    if (!row || n > PR_ID_MAX) return -1;
    char name[2 * PR_ID_MAX + 1];
    uint32_t length = pr_channel_name(name, m->base + row->id, row->id_length, channel, n);
    int64_t ix = pr_find(m, 1, name, length);
    if (ix < 0) {
        if (atp == PR_NO_POOL) return 1;
        ix = PR_POOL_FIRST + atomic_load_explicit(&m->header->pool_count, memory_order_relaxed);
        if (pr_name(w, 1, (uint32_t)ix, name, length, PR_ACTIVE) != 1) return 0;
    }
    return pr_put(w, (uint32_t)ix, node, atp);
}

/* Empties every row; ids stay. For reading everything again. */
static inline void pr_clear(pr_writer *w) {
    uint32_t pools = atomic_load_explicit(&w->map.header->pool_count, memory_order_relaxed);
    pr_empty(w, 0, pr_sku_count(&w->map));
    pr_empty(w, PR_POOL_FIRST, PR_POOL_FIRST + pools);
    atomic_store_explicit(&w->map.header->cells, 0, memory_order_relaxed);
}

/* Readers may use what is loaded, or may no longer. Every load has a number of its own, so that an answer which was
 * under way while the replica was emptied and filled again is told from one that was not. */
static inline void pr_allow(pr_writer *w, int ready) {
    pr_header *h = w->map.header;
    uint32_t load = atomic_load_explicit(&h->ready, memory_order_relaxed);
    if (ready && load) return;
    if (ready && !(load = atomic_load_explicit(&h->loads, memory_order_relaxed) + 1)) load = 1;
    if (ready) atomic_store_explicit(&h->loads, load, memory_order_relaxed);
    atomic_store_explicit(&h->ready, ready ? load : 0, memory_order_seq_cst);
    atomic_thread_fence(memory_order_seq_cst); /* withdrawn before the first row is emptied */
}

/* ATP from a cell of the store: MessagePack integers on_hand, unavailable, safety_stock, held, committed, version,
 * counted_at_ms, where units are not counted the supply mode (2 infinite, 3 made to order), and with allocation pools the
 * units they keep. Returns 0 if the bytes are no such thing, 2 for a cell with pools: its ATP is then what is common. */
static inline const unsigned char *pr_integer(const unsigned char *p, const unsigned char *end, int64_t *value) {
    if (p >= end) return NULL;
    unsigned char tag = *p++;
    if (tag < 0x80) return *value = tag, p;
    if (tag >= 0xe0) return *value = (int8_t)tag, p;
    int bytes = tag >= 0xcc && tag <= 0xcf ? 1 << (tag - 0xcc) : tag >= 0xd0 && tag <= 0xd3 ? 1 << (tag - 0xd0) : 0;
    if (tag == 0xcb) bytes = 8;
    if (!bytes || end - p < bytes) return NULL;
    uint64_t raw = 0;
    for (int i = 0; i < bytes; i++) raw = raw << 8 | *p++;
    if (tag == 0xcb) {
        double d;
        memcpy(&d, &raw, 8);
        if (!(d >= -0x1p63 && d < 0x1p63) || d != (double)(int64_t)d) return NULL;
        return *value = (int64_t)d, p;
    }
    if (tag >= 0xd0 && bytes < 8) {
        int shift = 64 - 8 * bytes;
        *value = (int64_t)(raw << shift) >> shift;
    } else if (tag == 0xcf && raw > INT64_MAX) return NULL;
    else *value = (int64_t)raw;
    return p;
}

static inline int pr_cell_atp(const char *bytes, size_t n, int64_t *atp) {
    const unsigned char *p = (const unsigned char *)bytes, *end = p + n;
    int64_t on_hand, taken;
    if (!(p = pr_integer(p, end, &on_hand))) return 0;
    __int128 units = on_hand;
    for (int i = 0; i < 4; i++) {
        if (!(p = pr_integer(p, end, &taken))) return 0;
        units -= taken;
    }
    int64_t mode = 0;
    int fenced = 0;
    if ((p = pr_integer(p, end, &taken)) && (p = pr_integer(p, end, &taken)) && p < end) {
        p = *p == 0xc2 ? p + 1 : pr_integer(p, end, &mode); /* false: units are counted */
        if (p && p < end && pr_integer(p, end, &taken)) fenced = 1, units -= taken;
    }
    *atp = units <= 0 ? 0 : units >= PR_MADE_TO_ORDER ? PR_MADE_TO_ORDER - 1 : (int64_t)units;
    *atp = mode == 2 ? PR_INFINITE : mode == 3 ? PR_MADE_TO_ORDER : *atp;
    return 1 + fenced;
}

/* `<node>:<sku>` in decimal; 0 if it is none. */
static inline int pr_cell_name(const char *s, size_t n, uint32_t *node, uint32_t *sku) {
    uint64_t value[2] = {0, 0};
    int part = 0, digits = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == ':' && part == 0 && digits) part = 1, digits = 0;
        else if (s[i] < '0' || s[i] > '9' || digits == 10) return 0;
        else value[part] = value[part] * 10 + (uint64_t)(s[i] - '0'), digits++;
    }
    if (part != 1 || !digits || value[0] >= UINT32_MAX || value[1] >= UINT32_MAX) return 0;
    *node = (uint32_t)value[0];
    *sku = (uint32_t)value[1];
    return 1;
}

#endif
