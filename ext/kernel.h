/* The sourcing search: which node serves which line of one basket, at the least exact cost.
 *
 * Pure C11, header only, no allocation: the caller binds one block of memory (pk_workspace_bytes, pk_workspace_bind).
 * src/promessa/kernel/reference.py states the same problem by exhaustive enumeration and is its specification; README.md
 * beside this file holds the formulas. Called by _kernel.pyx, which has checked shapes and ranges; the stock rows may be
 * shared memory that changes underneath, so their node numbers are checked here again.
 *
 * Order of work: gather -> price -> dual -> fix -> sets or columns. A later RULES mode (lexicographic tiers) belongs in
 * pk_before, pk_limit and the prices of pk_price_nodes: one tier vector in place of the cost.
 * Money is int64 micros; doubles carry bounds only, and each
 * comparison of a bound with a cost leaves room for their rounding, so rounding can cost time and never an answer.
 */
#ifndef PROMESSA_KERNEL_H
#define PROMESSA_KERNEL_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PK_MAX_LINES 64          /* one bit per line */
#define PK_MAX_SHIPMENTS 64      /* a plan never opens more nodes, whatever the rules say */
#define PK_MAX_SURVIVORS 1024    /* nodes the search can hold; more than that is never called proven */
#define PK_MAX_ENTRIES (PK_MAX_LINES * PK_MAX_SHIPMENTS)
#define PK_MAX_FORBIDDEN 16      /* node sets that runner-up plans must differ from */
#define PK_LOOKS 16              /* survivors that the search passes over in the time of one step */
#define PK_SEEDS 2               /* first nodes of the seeded greedy covers */
#define PK_SEEDED_LINES 6        /* below this the search is quick enough without them */
#ifndef PK_SET_SHIPMENTS         /* up to as many in the first plan (or allowed), the search goes by sets */
#define PK_SET_SHIPMENTS 4
#endif
#define PK_ASCENTS 8             /* passes of price rises over the survivors */
#define PK_TANGENT 0.5           /* where between the lightest and the heaviest shipment the minorants touch */
#define PK_NEVER INT64_MAX       /* the price of what no lane accepts */

/* Wide loops: AVX2 where the machine has it. Both clones do the same IEEE operations in the same order. */
#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GLIBC__) && defined(__OPTIMIZE__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
#define PK_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define PK_WIDE
#endif

typedef double pk_lanes __attribute__((vector_size(32), may_alias));   /* four nodes at a time */
typedef int64_t pk_masks __attribute__((vector_size(32), may_alias));
#define PK_LOAD(array, at) (*(const pk_lanes *)((array) + (at)))
#define PK_SELECT(mask, yes, no) ((pk_lanes)(((mask) & (pk_masks)(yes)) | (~(mask) & (pk_masks)(no))))

typedef struct {
    int64_t nodes, lanes, rates, brackets;
    const int64_t *fixed_cost, *unit_cost;                         /* [nodes] micros */
    const int64_t *lane_start, *lane_rate, *lane_surcharge;        /* [nodes + 1], [lanes], [lanes] */
    const int64_t *bracket_start, *bracket_grams, *bracket_price;  /* [rates + 1], [brackets], [brackets] */
    const int64_t *over_step_grams, *over_step_price;              /* [rates] */
    const int64_t *max_grams;   /* [nodes] derived: heaviest shipment any lane accepts; -1 without lanes */
    const int64_t *only_rate;   /* [nodes] derived: the rate of a node with exactly one lane, else -1 */
    const uint8_t *has_lane;    /* [nodes] derived */
    int64_t least_max_grams;    /* derived: minimum of max_grams over nodes with lanes */
} pk_network;

typedef struct {
    int64_t lines;
    const int64_t *quantity, *unit_grams;  /* [lines] */
    const int64_t *row_start;              /* [lines + 1] */
    const uint32_t *row_node;
    const int64_t *row_atp;
    const int64_t *row_cost;               /* like row_atp: micros for each unit there; NULL: nothing */
} pk_basket;

typedef struct {
    int64_t max_shipments;         /* 1..PK_MAX_SHIPMENTS */
    bool ship_complete, allow_line_split;
    int64_t split_cost;            /* micros for each shipment beyond the first */
    const uint8_t *node_eligible;  /* [nodes] or NULL: all */
    const uint8_t *lane_allowed;   /* [lanes] or NULL: all */
    const uint32_t *excluded;      /* node numbers */
    int64_t excluded_count;
    int64_t budget_steps;
} pk_rules;

typedef struct {
    int32_t node;
    uint64_t lines;  /* whole lines, one bit each */
} pk_shipment;

typedef struct {
    int32_t line, node;
    int64_t units;
} pk_entry;

/* A plan: nodes in ascending order; split lines apart, ascending by (line, node). */
typedef struct {
    bool found;
    int64_t unfilled, cost;
    int32_t shipments, splits;
    pk_shipment shipment[PK_MAX_SHIPMENTS];
    pk_entry split[PK_MAX_ENTRIES];
} pk_plan;

/* An open node of the search: the lines given to it, with what split lines have put there. */
typedef struct {
    int32_t survivor;
    uint64_t lines;
    int64_t grams, units, most;  /* most: the heaviest parcel a lane accepts */
} pk_member;

/* A line that more than one member can serve: the cheapest member, its cost there, and how much dearer the next is. */
typedef struct {
    int32_t line, member;
    double least, regret;
} pk_choice;

typedef enum { PK_OK = 0, PK_BAD_ROW = 1 } pk_status;

typedef enum {
    PK_IN_PLAN = 0,
    PK_INELIGIBLE = 1,
    PK_NO_LANE = 2,
    PK_NO_STOCK = 3,
    PK_TOO_HEAVY = 4,
    PK_COSTS_MORE = 5
} pk_reason;

typedef struct {
    /* [nodes], padded: the network seen by this basket */
    uint64_t *cover;       /* whole lines the node can serve */
    double *open, *unit, *gram, *slack, *share;
    uint8_t *usable;
    int64_t padded;
    /* [rates] */
    double *rate_base, *rate_gram;
    int64_t *rate_total;
    double *hull_x, *hull_y;
    /* survivors of the fixing, ascending by slack */
    int64_t count;
    bool truncated;
    uint64_t *s_cover;
    double *s_open, *s_unit, *s_gram, *s_slack;
    int32_t *s_node;
    uint8_t *s_used;
    int64_t *s_weight, *s_units;               /* what split lines have put there */
    int64_t *split_units;                      /* [split line][survivor] usable units */
    uint16_t *split_order;                     /* [split line][rank] survivors with units, most first */
    int32_t split_count[PK_MAX_LINES];
    /* the lines: whole lines first by difficulty, then split lines */
    int64_t whole, split;
    int32_t line_of[PK_MAX_LINES], line_at[PK_MAX_LINES], split_line[PK_MAX_LINES];
    int64_t quantity[PK_MAX_LINES], weight[PK_MAX_LINES];
    int64_t split_target[PK_MAX_LINES], split_grams[PK_MAX_LINES];
    double price[PK_MAX_LINES], split_price[PK_MAX_LINES];   /* dual prices */
    /* the search */
    double floor_cost[PK_MAX_LINES];   /* least unit and gram cost of a line at any survivor */
    double floor_open[PK_MAX_LINES];   /* least cost of any shipment that serves the line, less floor_cost */
    double floor, floor_least;         /* the sum of floor_cost; the least floor_open */
    double open_least;                 /* the least opening of any survivor */
    int64_t steps, budget, max_shipments, split_cost, unfilled, forced_unfilled;
    bool stopped, may_skip, proven;
    double lower_bound;
    int32_t depth;
    struct { int32_t survivor; uint64_t lines; } column[PK_MAX_SHIPMENTS];
    int32_t pending[PK_MAX_SHIPMENTS], pending_count, pending_next;
    bool by_sets;
    uint64_t dropped;                                 /* whole lines left out */
    pk_member member[PK_MAX_SHIPMENTS];
    double cap[PK_MAX_SHIPMENTS + 1][PK_MAX_LINES];   /* [members] the most that a line needs to cost */
    int32_t choices;
    pk_choice choice[PK_MAX_LINES];
    pk_entry split_stack[PK_MAX_ENTRIES];
    int32_t split_depth;
    pk_plan best, trial;
    pk_entry sequence[2][PK_MAX_ENTRIES];  /* scratch of the tie rule */
    int32_t forbidden_count;
    int32_t forbidden_size[PK_MAX_FORBIDDEN];
    int32_t forbidden[PK_MAX_FORBIDDEN][PK_MAX_SHIPMENTS];
    int64_t top[PK_MAX_SHIPMENTS];
    const pk_network *network;
    const pk_rules *rules;
    const pk_basket *basket;
    double *line;   /* [lines][padded] what a whole line costs there; room given by the caller with row_cost, else NULL */
    double *s_line; /* [survivors] of the line that is looked at */
} pk_workspace;

/* ---- memory -------------------------------------------------------------------------------------------------- */

static inline size_t pk_take(size_t *at, size_t bytes) {
    size_t start = *at;
    *at = (start + bytes + 63) & ~(size_t)63;
    return start;
}

/* Lays the arrays of w out in a block that starts at base; with base NULL it only measures. Returns the bytes used. */
static inline size_t pk_workspace_bind(pk_workspace *w, char *base, int64_t nodes, int64_t rates, int64_t brackets) {
    size_t at = 0, n = ((size_t)nodes + 15) & ~(size_t)7, s = PK_MAX_SURVIVORS + 8;
#define PK_ARRAY(field, count) \
    do { \
        size_t start = pk_take(&at, (count) * sizeof(*w->field)); \
        if (base) w->field = (void *)(base + start); \
    } while (0)
    PK_ARRAY(cover, n);
    PK_ARRAY(open, n);
    PK_ARRAY(unit, n);
    PK_ARRAY(gram, n);
    PK_ARRAY(slack, n);
    PK_ARRAY(share, n);
    PK_ARRAY(usable, n);
    PK_ARRAY(rate_base, (size_t)rates + 1);
    PK_ARRAY(rate_gram, (size_t)rates + 1);
    PK_ARRAY(rate_total, (size_t)rates + 1);
    PK_ARRAY(hull_x, (size_t)brackets + 8);
    PK_ARRAY(hull_y, (size_t)brackets + 8);
    PK_ARRAY(s_cover, s);
    PK_ARRAY(s_open, s);
    PK_ARRAY(s_unit, s);
    PK_ARRAY(s_gram, s);
    PK_ARRAY(s_slack, s);
    PK_ARRAY(s_node, s);
    PK_ARRAY(s_used, s);
    PK_ARRAY(s_line, s);
    PK_ARRAY(s_weight, s);
    PK_ARRAY(s_units, s);
    PK_ARRAY(split_units, s * PK_MAX_LINES);
    PK_ARRAY(split_order, s * PK_MAX_LINES);
#undef PK_ARRAY
    if (base) w->padded = (int64_t)((((size_t)nodes + 7) & ~(size_t)7));
    return at;
}

static inline size_t pk_workspace_bytes(int64_t nodes, int64_t rates, int64_t brackets) {
    pk_workspace w;
    return pk_workspace_bind(&w, NULL, nodes, rates, brackets);
}

static inline double pk_max(double a, double b) { return a > b ? a : b; }

static inline double pk_min(double a, double b) { return a < b ? a : b; }

/* ---- what lines cost by themselves --------------------------------------------------------------------------------
 * Tax, commission, the price of stock: micros for each unit of a line at a node, whatever else leaves it. Whole numbers
 * below 2^53, so the doubles are exact.
 */

/* What a whole line costs at a node. */
static inline double pk_line_cost(const pk_workspace *w, int64_t node, int64_t line) {
    return w->line ? w->line[line * w->padded + node] : 0;
}

/* The column of a line for the sweeps over all nodes, NULL where lines cost nothing. */
static inline const double *pk_line_column(const pk_workspace *w, int64_t line) {
    return w->line ? w->line + line * w->padded : NULL;
}

/* What whole lines (one bit each) cost at a node, in micros. */
static inline int64_t pk_lines_cost(const pk_workspace *w, int64_t node, uint64_t lines) {
    int64_t sum = 0;
    if (!w->line) return 0;
    for (; lines; lines &= lines - 1) sum += (int64_t)pk_line_cost(w, node, __builtin_ctzll(lines));
    return sum;
}

/* What the units of split lines cost where they are, in micros. */
static inline int64_t pk_splits_cost(const pk_workspace *w, const pk_entry *split, int32_t count) {
    int64_t sum = 0;
    for (int32_t e = 0; w->line && e < count; e++)
        sum += (int64_t)pk_line_cost(w, split[e].node, split[e].line) / w->basket->quantity[split[e].line] * split[e].units;
    return sum;
}

/* What line t costs at survivor k by the minorants, without the opening. */
static inline double pk_own(const pk_workspace *w, int32_t k, int t) {
    double own = w->s_unit[k] * (double)w->quantity[t] + w->s_gram[k] * (double)w->weight[t];
    return w->line ? own + pk_line_cost(w, w->s_node[k], w->line_of[t]) : own;
}

/* ---- exact prices -------------------------------------------------------------------------------------------- */

/* The price of a shipment of some grams on rate card column r; PK_NEVER when it is too heavy. */
static int64_t pk_rate_price(const pk_network *n, int64_t r, int64_t grams) {
    int64_t low = n->bracket_start[r], last = n->bracket_start[r + 1] - 1;
    if (grams > n->bracket_grams[last]) {
        int64_t step = n->over_step_grams[r];
        if (step == 0) return PK_NEVER;
        int64_t extra = grams - n->bracket_grams[last];
        return n->bracket_price[last] + ((extra + step - 1) / step) * n->over_step_price[r];
    }
    while (low < last) {
        int64_t middle = (low + last) >> 1;
        if (n->bracket_grams[middle] >= grams) last = middle;
        else low = middle + 1;
    }
    return n->bracket_price[low];
}

/* The cheapest lane (ties: the lowest lane) for a shipment from a node; PK_NEVER when no allowed lane accepts it. */
static int64_t pk_ship(const pk_network *n, const uint8_t *allowed, int64_t node, int64_t grams, int64_t *lane) {
    int64_t best = PK_NEVER;
    for (int64_t l = n->lane_start[node]; l < n->lane_start[node + 1]; l++) {
        if (allowed && !allowed[l]) continue;
        int64_t price = pk_rate_price(n, n->lane_rate[l], grams);
        if (price == PK_NEVER) continue;
        price += n->lane_surcharge[l];
        if (price < best) {
            best = price;
            if (lane) *lane = l;
        }
    }
    return best;
}

/* The heaviest shipment that any allowed lane of a node accepts; -1 without an allowed lane. */
static int64_t pk_max_grams(const pk_network *n, const uint8_t *allowed, int64_t node) {
    if (!allowed) return n->max_grams[node];
    int64_t heaviest = -1;
    for (int64_t l = n->lane_start[node]; l < n->lane_start[node + 1]; l++) {
        if (!allowed[l]) continue;
        int64_t r = n->lane_rate[l];
        int64_t limit = n->over_step_grams[r] ? INT64_MAX : n->bracket_grams[n->bracket_start[r + 1] - 1];
        if (limit > heaviest) heaviest = limit;
    }
    return heaviest;
}

/* Units of a line that a node could send: its stock, as far as its lanes accept the weight. */
static inline int64_t pk_usable_units(int64_t atp, int64_t unit_grams, int64_t max_grams) {
    if (atp <= 0) return 0;
    if (unit_grams == 0) return atp;
    int64_t most = max_grams / unit_grams;
    return atp < most ? atp : most;
}

/* ---- the total order on plans -------------------------------------------------------------------------------- */

/* Writes the (line, node) pairs of a plan in ascending order; returns how many. */
static int32_t pk_assignments(const pk_plan *p, int64_t lines, pk_entry *out) {
    int32_t count = 0, at = 0;
    for (int32_t line = 0; line < lines; line++) {
        for (int32_t k = 0; k < p->shipments; k++) {
            if (p->shipment[k].lines >> line & 1) out[count++] = (pk_entry){line, p->shipment[k].node, 0};
        }
        for (; at < p->splits && p->split[at].line == line; at++) out[count++] = p->split[at];
    }
    return count;
}

/* Whether a comes before b among plans of equal unfilled units, cost and number of shipments. */
static bool pk_tie_before(pk_workspace *w, const pk_plan *a, const pk_plan *b) {
    for (int32_t k = 0; k < a->shipments; k++) {
        if (a->shipment[k].node != b->shipment[k].node) return a->shipment[k].node < b->shipment[k].node;
    }
    int32_t m = pk_assignments(a, w->basket->lines, w->sequence[0]);
    int32_t n = pk_assignments(b, w->basket->lines, w->sequence[1]);
    for (int32_t k = 0; k < m && k < n; k++) {
        const pk_entry *x = &w->sequence[0][k], *y = &w->sequence[1][k];
        if (x->line != y->line) return x->line < y->line;
        if (x->node != y->node) return x->node < y->node;
    }
    return m < n;
}

static bool pk_before(pk_workspace *w, const pk_plan *a, const pk_plan *b) {
    if (!b->found) return true;
    if (a->unfilled != b->unfilled) return a->unfilled < b->unfilled;
    if (a->cost != b->cost) return a->cost < b->cost;
    if (a->shipments != b->shipments) return a->shipments < b->shipments;
    return pk_tie_before(w, a, b);
}

static void pk_plan_copy(pk_plan *to, const pk_plan *from) {
    memcpy(to, from, offsetof(pk_plan, split) + (size_t)from->splits * sizeof(pk_entry));
}

static bool pk_is_forbidden(const pk_workspace *w, const pk_plan *p) {
    for (int32_t s = 0; s < w->forbidden_count; s++) {
        if (w->forbidden_size[s] != p->shipments) continue;
        bool same = true;
        for (int32_t k = 0; k < p->shipments && same; k++) same = w->forbidden[s][k] == p->shipment[k].node;
        if (same) return true;
    }
    return false;
}

/* Takes w->trial as the best plan when it comes first; sorts it, and refuses the forbidden node sets. */
static void pk_offer(pk_workspace *w) {
    pk_plan *p = &w->trial;
    p->found = true;
    if (w->best.found && (p->unfilled > w->best.unfilled ||
                          (p->unfilled == w->best.unfilled && p->cost > w->best.cost))) return;
    for (int32_t i = 1; i < p->shipments; i++) {
        pk_shipment x = p->shipment[i];
        int32_t k = i;
        for (; k > 0 && p->shipment[k - 1].node > x.node; k--) p->shipment[k] = p->shipment[k - 1];
        p->shipment[k] = x;
    }
    for (int32_t i = 1; i < p->splits; i++) {
        pk_entry x = p->split[i];
        int32_t k = i;
        for (; k > 0 && (p->split[k - 1].line > x.line ||
                         (p->split[k - 1].line == x.line && p->split[k - 1].node > x.node)); k--)
            p->split[k] = p->split[k - 1];
        p->split[k] = x;
    }
    if (pk_is_forbidden(w, p)) return;
    if (pk_before(w, p, &w->best)) pk_plan_copy(&w->best, p);
}

/* The cost that a bound must exceed before it prunes: never lower than the best cost, by more than any rounding. */
static inline double pk_limit(const pk_workspace *w) {
    if (!w->best.found || w->unfilled < w->best.unfilled) return INFINITY;
    if (w->unfilled > w->best.unfilled) return -INFINITY;
    double cost = (double)(w->best.cost + w->split_cost);
    return cost + 0.5 + cost * 0x1p-42;
}

/* ---- gather: which lines each node can serve ------------------------------------------------------------------ */

static pk_status pk_gather_rows(pk_workspace *w) {
    const pk_basket *b = w->basket;
    int64_t nodes = w->network->nodes;
    uint64_t *restrict cover = w->cover;
    memset(cover, 0, (size_t)w->padded * sizeof(*cover));
    for (int64_t i = 0; i < b->lines; i++) {
        int64_t need = b->quantity[i], previous = -1;
        for (int64_t e = b->row_start[i]; e < b->row_start[i + 1]; e++) {
            int64_t node = b->row_node[e];
            if (node >= nodes || node <= previous) return PK_BAD_ROW;
            previous = node;
            cover[node] |= (uint64_t)(b->row_atp[e] >= need) << i;
        }
    }
    return PK_OK;
}

/* What each whole line costs at each node of its row; the rows were checked. */
static void pk_gather_costs(pk_workspace *w) {
    const pk_basket *b = w->basket;
    memset(w->line, 0, (size_t)(b->lines * w->padded) * sizeof(*w->line));
    for (int64_t i = 0; i < b->lines; i++) {
        for (int64_t e = b->row_start[i]; e < b->row_start[i + 1]; e++) {
            int64_t node = b->row_node[e];  /* shared memory: it may have changed since it was checked */
            if (node < w->network->nodes) w->line[i * w->padded + node] = (double)(b->row_cost[e] * b->quantity[i]);
        }
    }
}

static void pk_mark_usable(pk_workspace *w) {
    const pk_network *n = w->network;
    const pk_rules *r = w->rules;
    uint8_t *restrict usable = w->usable;
    memcpy(usable, n->has_lane, (size_t)n->nodes);
    if (r->node_eligible) {
        for (int64_t j = 0; j < n->nodes; j++) usable[j] = usable[j] && r->node_eligible[j];
    }
    for (int64_t e = 0; e < r->excluded_count; e++) usable[r->excluded[e]] = 0;
    if (r->lane_allowed) {
        for (int64_t j = 0; j < n->nodes; j++) usable[j] = usable[j] && pk_max_grams(n, r->lane_allowed, j) >= 0;
    }
}

/* Drops what rules and weight limits forbid; returns the lines that some node can serve whole. */
static uint64_t pk_filter_cover(pk_workspace *w) {
    const pk_network *n = w->network;
    const pk_basket *b = w->basket;
    int64_t heaviest = 0;
    for (int64_t i = 0; i < b->lines; i++) {
        int64_t grams = b->quantity[i] * b->unit_grams[i];
        if (grams > heaviest) heaviest = grams;
    }
    uint64_t served = 0;
    bool check = w->rules->lane_allowed || n->least_max_grams < heaviest;
    for (int64_t j = 0; j < n->nodes; j++) {
        uint64_t cover = w->usable[j] ? w->cover[j] : 0;
        if (check && cover) {
            int64_t most = pk_max_grams(n, w->rules->lane_allowed, j);
            for (int64_t i = 0; i < b->lines; i++) {
                if (b->quantity[i] * b->unit_grams[i] > most) cover &= ~((uint64_t)1 << i);
            }
        }
        w->cover[j] = cover;
        served |= cover;
    }
    return served;
}

/* The most units of a line that max_shipments nodes can send together, at most its quantity. */
static int64_t pk_split_target_units(pk_workspace *w, int64_t line) {
    const pk_basket *b = w->basket;
    int64_t held = 0, most = w->max_shipments;
    int64_t *top = w->top;  /* a heap, the least on top */
    for (int64_t e = b->row_start[line]; e < b->row_start[line + 1]; e++) {
        int64_t node = b->row_node[e];
        if (node >= w->network->nodes || !w->usable[node]) continue;
        int64_t units = pk_usable_units(b->row_atp[e], b->unit_grams[line],
                                        pk_max_grams(w->network, w->rules->lane_allowed, node));
        if (units > b->quantity[line]) units = b->quantity[line];
        if (units == 0 || (held == most && units <= top[0])) continue;
        int64_t at;
        if (held < most) {
            at = held++;
            for (; at > 0 && top[(at - 1) / 2] > units; at = (at - 1) / 2) top[at] = top[(at - 1) / 2];
        } else {
            at = 0;
            for (;;) {
                int64_t child = 2 * at + 1;
                if (child >= held) break;
                if (child + 1 < held && top[child + 1] < top[child]) child++;
                if (top[child] >= units) break;
                top[at] = top[child];
                at = child;
            }
        }
        top[at] = units;
    }
    int64_t sum = 0;
    for (int64_t k = 0; k < held && sum < b->quantity[line]; k++) sum += top[k];
    return sum < b->quantity[line] ? sum : b->quantity[line];
}

/* ---- price: affine minorants of the rate cards ---------------------------------------------------------------- */

static int64_t pk_hull_push(pk_workspace *w, int64_t held, double x, double y) {
    double *px = w->hull_x, *py = w->hull_y;
    if (held && px[held - 1] >= x) return held;
    while (held >= 2 && (py[held - 1] - py[held - 2]) * (x - px[held - 2]) >=
                            (y - py[held - 2]) * (px[held - 1] - px[held - 2])) held--;
    px[held] = x;
    py[held] = y;
    return held + 1;
}

/* base + gram * W <= price(W) for every W in [low, high], touching the convex hull of the prices at weight `at`. */
static void pk_rate_minorant(pk_workspace *w, int64_t r, int64_t low, int64_t high, double at, double *base,
                             double *gram) {
    const pk_network *n = w->network;
    int64_t first = n->bracket_start[r], last = n->bracket_start[r + 1] - 1, end = n->bracket_grams[last];
    int64_t step = n->over_step_grams[r], held = 0;
    *base = INFINITY;
    *gram = 0;
    if (step == 0 && high > end) high = end;
    if (low > high) return;
    held = pk_hull_push(w, held, (double)low, (double)pk_rate_price(n, r, low));
    for (int64_t k = first; k <= last && n->bracket_grams[k] < high; k++) {
        if (n->bracket_grams[k] > low)
            held = pk_hull_push(w, held, (double)n->bracket_grams[k], (double)n->bracket_price[k]);
    }
    if (high > end) {
        int64_t start = low > end ? end + (low - end + step - 1) / step * step : end + step;
        int64_t stop = end + (high - end) / step * step;
        if (start > low && start < high) held = pk_hull_push(w, held, (double)start, (double)pk_rate_price(n, r, start));
        if (stop > start && stop < high) held = pk_hull_push(w, held, (double)stop, (double)pk_rate_price(n, r, stop));
    }
    held = pk_hull_push(w, held, (double)high, (double)pk_rate_price(n, r, high));
    int64_t k = 1;
    while (k < held - 1 && w->hull_x[k] < at) k++;
    if (held > 1) *gram = (w->hull_y[k] - w->hull_y[k - 1]) / (w->hull_x[k] - w->hull_x[k - 1]);
    *base = w->hull_y[held > 1 ? k - 1 : 0] - *gram * w->hull_x[held > 1 ? k - 1 : 0];
    if (*base >= 0) return;
    *base = 0;  /* the duals need an opening cost of at least 0: the steepest line through the origin instead */
    *gram = INFINITY;
    for (k = 0; k < held; k++) *gram = pk_min(w->hull_x[k] > 0 ? w->hull_y[k] / w->hull_x[k] : INFINITY, *gram);
}

/* Costs of opening a node, per unit and per gram, that no shipment in [low, high] grams can undercut. */
static void pk_price_nodes(pk_workspace *w, int64_t low, int64_t high, double at) {
    const pk_network *n = w->network;
    const uint8_t *allowed = w->rules->lane_allowed;
    for (int64_t r = 0; r < n->rates; r++) {
        pk_rate_minorant(w, r, low, high, at, &w->rate_base[r], &w->rate_gram[r]);
        w->rate_total[r] = pk_rate_price(n, r, high);
    }
    double split_cost = (double)w->split_cost;
    for (int64_t j = 0; j < n->nodes; j++) {
        double fixed = (double)n->fixed_cost[j] + split_cost;
        w->unit[j] = (double)n->unit_cost[j];
        if (n->only_rate[j] >= 0) {
            w->open[j] = fixed + (double)n->lane_surcharge[n->lane_start[j]] + w->rate_base[n->only_rate[j]];
            w->gram[j] = w->rate_gram[n->only_rate[j]];
            continue;
        }
        /* The least of affine functions is concave, so its chord over [low, high] stays below it. */
        double left = INFINITY, right = INFINITY;
        for (int64_t l = n->lane_start[j]; l < n->lane_start[j + 1]; l++) {
            if (allowed && !allowed[l]) continue;
            double base = w->rate_base[n->lane_rate[l]] + (double)n->lane_surcharge[l];
            double slope = w->rate_gram[n->lane_rate[l]];
            double a = base + slope * (double)low, b = base + slope * (double)high;
            if (a < left) left = a;
            if (b < right) right = b;
        }
        double slope = high > low && left < INFINITY ? (right - left) / (double)(high - low) : 0;
        if (slope < 0) slope = 0;
        if (left < slope * (double)low) slope = pk_min(left / (double)low, right / (double)high);
        w->gram[j] = slope;
        w->open[j] = fixed + pk_max(0, left - slope * (double)low);
    }
    for (int64_t j = n->nodes; j < w->padded; j++) w->open[j] = w->unit[j] = w->gram[j] = 0;
}

static void pk_offer_one(pk_workspace *w, int64_t node, uint64_t lines, int64_t cost) {
    pk_plan *p = &w->trial;
    p->unfilled = w->unfilled;
    p->cost = cost;
    p->shipments = 1;
    p->splits = 0;
    p->shipment[0] = (pk_shipment){(int32_t)node, lines};
    pk_offer(w);
}

/* The cheapest node that serves every line by itself, at its exact cost. */
static void pk_offer_single(pk_workspace *w, uint64_t lines, int64_t grams, int64_t units) {
    const pk_network *n = w->network;
    const uint8_t *allowed = w->rules->lane_allowed;
    const bool with_lines = w->line;
    int64_t chosen = -1, least = PK_NEVER;
    for (int64_t j = 0; j < n->nodes; j++) {
        if (w->cover[j] != lines) continue;
        int64_t ship = PK_NEVER;
        if (n->only_rate[j] >= 0) {
            ship = w->rate_total[n->only_rate[j]];
            if (ship != PK_NEVER) ship += n->lane_surcharge[n->lane_start[j]];
        } else {
            ship = pk_ship(n, allowed, j, grams, NULL);
        }
        if (ship == PK_NEVER) continue;
        int64_t cost = n->fixed_cost[j] + n->unit_cost[j] * units + ship;
        if (with_lines) cost += pk_lines_cost(w, j, lines);
        if (cost > least || (cost == least && w->forbidden_count == 0)) continue;
        if (w->forbidden_count) {  /* a runner-up: pk_offer knows which node sets are taken */
            pk_offer_one(w, j, lines, cost);
            continue;
        }
        least = cost;
        chosen = j;
    }
    if (chosen >= 0) pk_offer_one(w, chosen, lines, least);
}

/* ---- a first plan: greedy cover ------------------------------------------------------------------------------- */

typedef struct {
    int32_t count;
    int32_t node[PK_MAX_SHIPMENTS];
    uint64_t lines[PK_MAX_SHIPMENTS];
    int64_t weight[PK_MAX_SHIPMENTS], units[PK_MAX_SHIPMENTS];
} pk_draft;

static int32_t pk_draft_node(pk_draft *d, int64_t node) {
    for (int32_t k = 0; k < d->count; k++) {
        if (d->node[k] == node) return k;
    }
    d->node[d->count] = (int32_t)node;
    d->lines[d->count] = 0;
    d->weight[d->count] = d->units[d->count] = 0;
    return d->count++;
}

/* Takes the split lines from the nodes with the most units; false when that opens too many nodes. */
static bool pk_draft_splits(pk_workspace *w, pk_draft *d) {
    const pk_basket *b = w->basket;
    w->trial.splits = 0;
    for (int64_t p = 0; p < w->split; p++) {
        int64_t line = w->split_line[p], left = w->split_target[p], before_units = INT64_MAX, before_node = -1;
        while (left > 0) {
            int64_t most = 0, chosen = -1;  /* the next in the order (most units, lowest node) */
            for (int64_t e = b->row_start[line]; e < b->row_start[line + 1]; e++) {
                int64_t node = b->row_node[e];
                if (node >= w->network->nodes || !w->usable[node]) continue;
                int64_t units = pk_usable_units(b->row_atp[e], b->unit_grams[line],
                                                pk_max_grams(w->network, w->rules->lane_allowed, node));
                if (units > b->quantity[line]) units = b->quantity[line];
                bool later = units < before_units || (units == before_units && node > before_node);
                if (later && units > most) {
                    most = units;
                    chosen = node;
                }
            }
            if (chosen < 0) return false;
            bool known = false;
            for (int32_t k = 0; k < d->count; k++) known |= d->node[k] == chosen;
            if (!known && d->count == w->max_shipments) return false;
            int32_t k = pk_draft_node(d, chosen);
            int64_t units = most < left ? most : left;
            d->units[k] += units;
            d->weight[k] += units * b->unit_grams[line];
            w->trial.split[w->trial.splits++] = (pk_entry){(int32_t)line, (int32_t)chosen, units};
            left -= units;
            before_units = most;
            before_node = chosen;
        }
    }
    return true;
}

/* The node with the least (opening + handling) cost for each line it adds; -1 when none adds a line. */
PK_WIDE static int64_t pk_greedy_pick(pk_workspace *w, uint64_t rest, bool last) {
    int64_t lines = __builtin_popcountll(rest), units = 0, grams = 0, chosen = -1;
    for (uint64_t bits = rest; bits; bits &= bits - 1) {
        int64_t i = __builtin_ctzll(bits);
        units += w->basket->quantity[i];
        grams += w->basket->quantity[i] * w->basket->unit_grams[i];
    }
    double each_unit = (double)units / (double)lines, each_gram = (double)grams / (double)lines, least = INFINITY;
    for (int64_t j = 0; j < w->network->nodes; j++) {
        uint64_t adds = w->cover[j] & rest;
        if (!adds || (last && adds != rest)) continue;
        double score = w->open[j] / (double)__builtin_popcountll(adds) + w->unit[j] * each_unit + w->gram[j] * each_gram;
        if (score < least) {
            least = score;
            chosen = j;
        }
    }
    return chosen;
}

/* Gives each line to the drafted node where it adds the least exact cost; offers the plan when it is feasible. */
static void pk_offer_draft(pk_workspace *w, pk_draft *d, uint64_t lines) {
    const pk_network *n = w->network;
    const pk_basket *b = w->basket;
    const uint8_t *allowed = w->rules->lane_allowed;
    for (uint64_t bits = lines; bits; bits &= bits - 1) {
        int64_t i = __builtin_ctzll(bits), grams = b->quantity[i] * b->unit_grams[i], least = PK_NEVER;
        int32_t chosen = -1;
        for (int32_t k = 0; k < d->count; k++) {
            if (!(w->cover[d->node[k]] >> i & 1)) continue;
            int64_t price = pk_ship(n, allowed, d->node[k], d->weight[k] + grams, NULL);
            if (price == PK_NEVER) continue;
            if (d->lines[k] || d->units[k]) price -= pk_ship(n, allowed, d->node[k], d->weight[k], NULL);
            else price += n->fixed_cost[d->node[k]] + w->split_cost;
            price += n->unit_cost[d->node[k]] * b->quantity[i] + (int64_t)pk_line_cost(w, d->node[k], i);
            if (price < least) {
                least = price;
                chosen = k;
            }
        }
        if (chosen < 0) return;
        d->lines[chosen] |= (uint64_t)1 << i;
        d->weight[chosen] += grams;
        d->units[chosen] += b->quantity[i];
    }
    pk_plan *p = &w->trial;
    p->shipments = 0;
    p->cost = pk_splits_cost(w, p->split, p->splits);
    p->unfilled = w->unfilled;
    for (int32_t k = 0; k < d->count; k++) {
        if (!d->units[k]) continue;
        int64_t price = pk_ship(n, allowed, d->node[k], d->weight[k], NULL);
        if (price == PK_NEVER) return;
        p->cost += price + n->fixed_cost[d->node[k]] + n->unit_cost[d->node[k]] * d->units[k];
        p->cost += pk_lines_cost(w, d->node[k], d->lines[k]);
        p->cost += p->shipments ? w->split_cost : 0;
        p->shipment[p->shipments++] = (pk_shipment){d->node[k], d->lines[k]};
    }
    if (p->shipments <= w->max_shipments) pk_offer(w);
}

static void pk_greedy(pk_workspace *w, uint64_t lines) {
    pk_draft d;
    d.count = 0;
    if (!pk_draft_splits(w, &d)) return;
    uint64_t rest = lines;
    for (int32_t k = 0; k < d.count; k++) rest &= ~w->cover[d.node[k]];
    while (rest) {
        if (d.count == w->max_shipments) return;
        int64_t node = pk_greedy_pick(w, rest, d.count + 1 == w->max_shipments);
        if (node < 0) return;
        pk_draft_node(&d, node);
        rest &= ~w->cover[node];
    }
    pk_offer_draft(w, &d, lines);
}

/* ---- dual: prices of lines that no node can undercut ------------------------------------------------------------ */

/* min over nodes covering the line of slack + max(0, cost - price): how far the price of the line may rise. */
static inline __attribute__((always_inline)) double pk_sweep_least_of(
    const uint64_t *cover, const double *unit, const double *gram, const double *line, bool with_line, const double *slack,
    int64_t padded, double quantity, double weight, double price, uint64_t bit) {
    const pk_lanes none = {0, 0, 0, 0}, never = {INFINITY, INFINITY, INFINITY, INFINITY};
    pk_lanes least[2] = {never, never};
    for (int64_t j = 0; j < padded; j += 8) {
        for (int k = 0; k < 2; k++) {
            int64_t at = j + 4 * k;
            pk_lanes over = PK_LOAD(unit, at) * quantity + PK_LOAD(gram, at) * weight - price;
            if (with_line) over += PK_LOAD(line, at);
            over = (pk_lanes)((pk_masks)over & (over > none)) + PK_LOAD(slack, at);
            pk_masks covered = (*(const pk_masks *)(cover + at) & (int64_t)bit) != 0;
            over = PK_SELECT(covered, over, never);
            least[k] = PK_SELECT(over < least[k], over, least[k]);
        }
    }
    double answer = INFINITY;
    for (int k = 0; k < 8; k++) answer = least[k >> 2][k & 3] < answer ? least[k >> 2][k & 3] : answer;
    return answer;
}

/* `line` is what the line costs by itself, NULL where that is nothing: one loop for each, as the second reads less. */
PK_WIDE static double pk_sweep_least(const uint64_t *cover, const double *unit, const double *gram, const double *line,
                                     const double *slack, int64_t padded, double quantity, double weight, double price,
                                     uint64_t bit) {
    if (line) return pk_sweep_least_of(cover, unit, gram, line, true, slack, padded, quantity, weight, price, bit);
    return pk_sweep_least_of(cover, unit, gram, line, false, slack, padded, quantity, weight, price, bit);
}

/* slack -= what the line pays for above its cost at the new price, less what it paid at the old one. */
static inline __attribute__((always_inline)) void pk_sweep_pay_of(
    const uint64_t *cover, const double *unit, const double *gram, const double *line, bool with_line, double *slack,
    int64_t padded, double quantity, double weight, double old_price, double new_price, uint64_t bit) {
    const pk_lanes none = {0, 0, 0, 0};
    for (int64_t at = 0; at < padded; at += 4) {
        pk_lanes cost = PK_LOAD(unit, at) * quantity + PK_LOAD(gram, at) * weight;
        if (with_line) cost += PK_LOAD(line, at);
        pk_lanes before = old_price - cost, after = new_price - cost;
        before = (pk_lanes)((pk_masks)before & (before > none));
        after = (pk_lanes)((pk_masks)after & (after > none));
        pk_masks covered = (*(const pk_masks *)(cover + at) & (int64_t)bit) != 0;
        *(pk_lanes *)(slack + at) -= (pk_lanes)((pk_masks)(after - before) & covered);
    }
}

PK_WIDE static void pk_sweep_pay(const uint64_t *cover, const double *unit, const double *gram, const double *line,
                                 double *slack, int64_t padded, double quantity, double weight, double old_price,
                                 double new_price, uint64_t bit) {
    if (line) pk_sweep_pay_of(cover, unit, gram, line, true, slack, padded, quantity, weight, old_price, new_price, bit);
    else pk_sweep_pay_of(cover, unit, gram, line, false, slack, padded, quantity, weight, old_price, new_price, bit);
}

/* share = open / number of lines covered: each line's part when every line of a node pays the same. */
PK_WIDE static void pk_sweep_share(const uint64_t *restrict cover, const double *restrict open, double *restrict share,
                                   double *restrict slack, int64_t padded) {
    for (int64_t j = 0; j < padded; j++) {
        uint64_t x = cover[j];
        x = x - ((x >> 1) & 0x5555555555555555u);
        x = (x & 0x3333333333333333u) + ((x >> 2) & 0x3333333333333333u);
        x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
        x = x + (x >> 8);
        x = x + (x >> 16);
        x = (x + (x >> 32)) & 127;
        share[j] = open[j] / (double)(int32_t)(x | (x == 0));
        slack[j] = open[j];
    }
}

/* One split line over its stock row: raises its price as far as every slack allows. */
static void pk_raise_split(pk_workspace *w, int64_t p) {
    const pk_basket *b = w->basket;
    int64_t line = w->split_line[p];
    double target = (double)w->split_target[p], grams = target * (double)w->split_grams[p];
    double old_price = w->split_price[p], least = INFINITY;
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t e = b->row_start[line]; e < b->row_start[line + 1]; e++) {
            int64_t j = b->row_node[e];
            if (j >= w->network->nodes || !w->usable[j] || b->row_atp[e] <= 0) continue;
            double part = (double)b->row_atp[e] / target;  /* at least the usable part: the bound stays valid */
            part = part < 1 ? part : 1;
            double cost = w->unit[j] * target + w->gram[j] * grams;
            if (w->line) cost += pk_line_cost(w, j, line) / (double)b->quantity[line] * target;
            double before = old_price > cost ? part * (old_price - cost) : 0;
            if (pass == 0) {
                double top = cost + (w->slack[j] + before) / part;
                if (top < least) least = top;
            } else {
                double after = least > cost ? part * (least - cost) : 0;
                w->slack[j] -= after - before;
            }
        }
        if (pass == 0 && !(least > old_price && least < INFINITY)) return;
    }
    w->split_price[p] = least;
}

static double pk_dual_value(const pk_workspace *w) {
    double sum = 0;
    for (int64_t t = 0; t < w->whole; t++) sum += w->price[t];
    for (int64_t p = 0; p < w->split; p++) sum += w->split_price[p];
    return sum;
}

/* One ascent over all nodes: raises each price in turn by the least slack around it. */
static void pk_ascend(pk_workspace *w) {
    for (int64_t t = 0; t < w->whole; t++) {
        uint64_t bit = (uint64_t)1 << w->line_of[t];
        double q = (double)w->quantity[t], g = (double)w->weight[t];
        const double *line = pk_line_column(w, w->line_of[t]);
        double rise = pk_sweep_least(w->cover, w->unit, w->gram, line, w->slack, w->padded, q, g, w->price[t], bit);
        if (!(rise > 0 && rise < INFINITY)) continue;
        pk_sweep_pay(w->cover, w->unit, w->gram, line, w->slack, w->padded, q, g, w->price[t], w->price[t] + rise, bit);
        w->price[t] += rise;
    }
    for (int64_t p = 0; p < w->split; p++) pk_raise_split(w, p);
}

static void pk_start_dual(pk_workspace *w) {
    pk_sweep_share(w->cover, w->open, w->share, w->slack, w->padded);
    for (int64_t t = 0; t < w->whole; t++) {
        uint64_t bit = (uint64_t)1 << w->line_of[t];
        double q = (double)w->quantity[t], g = (double)w->weight[t];
        const double *line = pk_line_column(w, w->line_of[t]);
        double price = pk_sweep_least(w->cover, w->unit, w->gram, line, w->share, w->padded, q, g, 0, bit);
        w->price[t] = price < INFINITY ? price : 0;
        pk_sweep_pay(w->cover, w->unit, w->gram, line, w->slack, w->padded, q, g, 0, w->price[t], bit);
    }
    for (int64_t p = 0; p < w->split; p++) w->split_price[p] = 0;
    for (int64_t p = 0; p < w->split; p++) pk_raise_split(w, p);
}

/* ---- fix: only nodes that a plan within the limit could open ----------------------------------------------------- */

static inline bool pk_is_candidate(const pk_workspace *w, int64_t j) { return w->cover[j] || w->usable[j] == 2; }

static int64_t pk_count_within(const pk_workspace *w, double most_slack) {
    int64_t count = 0;
    for (int64_t j = 0; j < w->network->nodes; j++) count += pk_is_candidate(w, j) && w->slack[j] <= most_slack;
    return count;
}

/* Collects the candidates within a slack; false when they are too many. */
static bool pk_collect(pk_workspace *w, double most_slack) {
    w->count = 0;
    for (int64_t j = 0; j < w->network->nodes; j++) {
        if (!(w->slack[j] <= most_slack) || !pk_is_candidate(w, j) || w->open[j] == INFINITY) continue;
        if (w->count == PK_MAX_SURVIVORS) return false;
        int64_t k = w->count++;
        w->s_cover[k] = w->cover[j];
        w->s_open[k] = w->open[j];
        w->s_unit[k] = w->unit[j];
        w->s_gram[k] = w->gram[j];
        w->s_slack[k] = w->slack[j];
        w->s_node[k] = (int32_t)j;
    }
    return true;
}

/* Collects the nodes within the limit; when they are too many, those of least slack (and then nothing is proven). */
static void pk_fix(pk_workspace *w) {
    w->lower_bound = pk_dual_value(w);
    if (pk_collect(w, pk_limit(w) - w->lower_bound)) return;
    pk_ascend(w);
    w->lower_bound = pk_dual_value(w);
    double most = pk_limit(w) - w->lower_bound;
    if (pk_collect(w, most)) return;
    double low = -1, high = most < 0x1p60 ? most : 0x1p60;
    for (int step = 0; step < 80; step++) {
        double middle = (low + high) / 2;
        if (pk_count_within(w, middle) > PK_MAX_SURVIVORS) high = middle;
        else low = middle;
    }
    w->truncated = true;
    pk_collect(w, low);
    if (w->count == 0) pk_collect(w, high);  /* all slacks equal: the lowest nodes */
}

/* ---- survivors: the small problem --------------------------------------------------------------------------------- */

static void pk_swap_out(pk_workspace *w, int64_t to, int64_t from) {
    w->s_cover[to] = w->s_cover[from];
    w->s_open[to] = w->s_open[from];
    w->s_unit[to] = w->s_unit[from];
    w->s_gram[to] = w->s_gram[from];
    w->s_slack[to] = w->s_slack[from];
    w->s_node[to] = w->s_node[from];
}

/* Raises the prices over the survivors alone (valid: no other node is in a plan within the limit) and fixes again. */
static void pk_ascend_survivors(pk_workspace *w, int passes) {
    for (int pass = 0; pass < passes && !w->truncated; pass++) {
        double before = pk_dual_value(w);
        int64_t padded = (w->count + 7) & ~(int64_t)7;
        for (int64_t k = w->count; k < padded; k++) {
            w->s_cover[k] = 0;
            w->s_unit[k] = w->s_gram[k] = w->s_slack[k] = w->s_line[k] = 0;
        }
        for (int64_t at = 0; at < w->whole; at++) {
            int64_t t = pass & 1 ? w->whole - 1 - at : at;
            uint64_t bit = (uint64_t)1 << w->line_of[t];
            double q = (double)w->quantity[t], g = (double)w->weight[t], old = w->price[t];
            const double *all = pk_line_column(w, w->line_of[t]), *line = all ? w->s_line : NULL;
            for (int64_t k = 0; all && k < w->count; k++) w->s_line[k] = all[w->s_node[k]];
            double rise = pk_sweep_least(w->s_cover, w->s_unit, w->s_gram, line, w->s_slack, padded, q, g, old, bit);
            if (!(rise > 0 && rise < INFINITY)) continue;
            pk_sweep_pay(w->s_cover, w->s_unit, w->s_gram, line, w->s_slack, padded, q, g, old, old + rise, bit);
            w->price[t] = old + rise;
        }
        double after = pk_dual_value(w), most = pk_limit(w) - after;
        if (after > w->lower_bound) w->lower_bound = after;
        int64_t kept = 0;
        for (int64_t k = 0; k < w->count; k++) {
            if (!(w->s_slack[k] <= most)) continue;
            pk_swap_out(w, kept++, k);
        }
        w->count = kept;
        if (after - before < 1e-4 * after) break;
    }
}

static void pk_sort_survivors(pk_workspace *w) {
    static const int64_t gaps[] = {301, 132, 57, 23, 10, 4, 1};  /* of Shell's sort */
    for (int g = 0; g < 7; g++) {
        int64_t gap = gaps[g];
        for (int64_t i = gap; i < w->count; i++) {
            int64_t spare = PK_MAX_SURVIVORS, k = i;
            pk_swap_out(w, spare, i);
            for (; k >= gap && (w->s_slack[k - gap] > w->s_slack[spare] ||
                                (w->s_slack[k - gap] == w->s_slack[spare] && w->s_node[k - gap] > w->s_node[spare]));
                 k -= gap)
                pk_swap_out(w, k, k - gap);
            pk_swap_out(w, k, spare);
        }
    }
}

/* Greedy covers among the survivors, each from another promising first node: a closer limit for large baskets. */
static void pk_offer_seeded(pk_workspace *w, uint64_t lines) {
    for (int64_t seed = 0; seed < w->count && seed < PK_SEEDS; seed++) {
        pk_draft d;
        d.count = 0;
        int64_t next = seed;
        uint64_t rest = lines;
        while (next >= 0 && d.count < w->max_shipments) {
            pk_draft_node(&d, w->s_node[next]);
            rest &= ~w->s_cover[next];
            next = -1;
            double least = INFINITY;
            for (int64_t k = 0; rest && k < w->count; k++) {
                uint64_t adds = w->s_cover[k] & rest;
                if (!adds) continue;
                double cost = w->s_open[k];
                for (uint64_t bits = rest; bits; bits &= bits - 1) {  /* a line not added costs its price elsewhere */
                    int64_t i = __builtin_ctzll(bits), t = w->line_at[i];
                    double own = pk_own(w, (int32_t)k, (int)t);
                    cost += adds >> i & 1 ? pk_min(own, 2 * w->price[t]) : 2 * w->price[t];
                }
                if (cost < least) {
                    least = cost;
                    next = k;
                }
            }
        }
        w->trial.splits = 0;
        if (rest == 0) pk_offer_draft(w, &d, lines);
    }
}

/* Renumbers the whole lines, the dearest first: what is hardest to serve prunes the search soonest. */
static void pk_order_lines(pk_workspace *w) {
    for (int64_t i = 1; i < w->whole; i++) {
        int64_t k = i, q = w->quantity[i], g = w->weight[i];
        int32_t line = w->line_of[i];
        double price = w->price[i];
        for (; k > 0 && w->price[k - 1] < price; k--) {
            w->quantity[k] = w->quantity[k - 1];
            w->weight[k] = w->weight[k - 1];
            w->line_of[k] = w->line_of[k - 1];
            w->price[k] = w->price[k - 1];
        }
        w->quantity[k] = q;
        w->weight[k] = g;
        w->line_of[k] = line;
        w->price[k] = price;
    }
    w->floor = 0;
    w->floor_least = w->open_least = INFINITY;
    for (int64_t k = 0; k < w->count; k++) {
        uint64_t cover = 0;
        for (int64_t t = 0; t < w->whole; t++) cover |= (w->s_cover[k] >> w->line_of[t] & 1) << t;
        w->s_cover[k] = cover;
        w->s_used[k] = 0;
        w->s_weight[k] = w->s_units[k] = 0;
        w->open_least = pk_min(w->open_least, w->s_open[k]);
    }
    for (int64_t t = 0; t < w->whole; t++) {
        double least = INFINITY, least_open = INFINITY;
        for (int64_t k = 0; k < w->count; k++) {
            if (!(w->s_cover[k] >> t & 1)) continue;
            double cost = pk_own(w, (int32_t)k, (int)t);
            if (cost < least) least = cost;
            if (cost + w->s_open[k] < least_open) least_open = cost + w->s_open[k];
        }
        w->floor_cost[t] = least < INFINITY ? least : 0;
        w->floor_open[t] = least < INFINITY && !w->may_skip ? least_open - least : 0;
        if (w->may_skip) w->floor_cost[t] = 0;
        w->floor += w->floor_cost[t];
        w->floor_least = pk_min(w->floor_least, w->floor_open[t]);
    }
}

/* For each split line, the survivors that hold units of it, most units first. */
static void pk_order_splits(pk_workspace *w) {
    const pk_basket *b = w->basket;
    for (int64_t p = 0; p < w->split; p++) {
        int64_t line = w->split_line[p];
        int64_t *held = w->split_units + p * PK_MAX_SURVIVORS;
        uint16_t *order = w->split_order + p * PK_MAX_SURVIVORS;
        int32_t count = 0;
        for (int64_t k = 0; k < w->count; k++) {
            int64_t node = w->s_node[k], low = b->row_start[line], high = b->row_start[line + 1], end = high;
            while (low < high) {
                int64_t middle = (low + high) >> 1;
                if ((int64_t)b->row_node[middle] < node) low = middle + 1;
                else high = middle;
            }
            held[k] = 0;
            if (low >= end || (int64_t)b->row_node[low] != node) continue;
            int64_t most = pk_max_grams(w->network, w->rules->lane_allowed, node);
            int64_t units = pk_usable_units(b->row_atp[low], w->split_grams[p], most);
            held[k] = units < b->quantity[line] ? units : b->quantity[line];
            if (held[k] == 0) continue;
            int32_t at = count++;
            for (; at > 0 && (held[order[at - 1]] < held[k] ||
                              (held[order[at - 1]] == held[k] && w->s_node[order[at - 1]] > node)); at--)
                order[at] = order[at - 1];
            order[at] = (uint16_t)k;
        }
        w->split_count[p] = count;
    }
}

/* ---- columns: the exact search for plans of many shipments --------------------------------------------------------
 * A plan is a set of columns (node, lines). Each column costs at least the prices of its lines, so a part plan costs
 * at least its exact cost so far plus the prices of the lines that are left. Costs here include split_cost per node.
 */

static void pk_search(pk_workspace *w, uint64_t rest, int64_t cost);
static void pk_next_pending(pk_workspace *w, uint64_t rest, int64_t cost);

/* Uses up steps of the budget; false, and the search is over, when there are not so many left. */
static inline bool pk_spend(pk_workspace *w, int64_t steps) {
    if (w->steps + steps > w->budget) w->stopped = true;
    else w->steps += steps;
    return !w->stopped;
}

static inline double pk_prices(const pk_workspace *w, uint64_t lines) {
    double sum = 0;
    for (; lines; lines &= lines - 1) sum += w->price[__builtin_ctzll(lines)];
    return sum;
}

static void pk_offer_columns(pk_workspace *w, int64_t cost) {
    int64_t plan_cost = w->depth ? cost - w->split_cost : 0;
    pk_plan *p = &w->trial;
    if (w->best.found && (w->unfilled > w->best.unfilled ||
                          (w->unfilled == w->best.unfilled && plan_cost > w->best.cost))) return;
    p->unfilled = w->unfilled;
    p->cost = plan_cost;
    p->shipments = w->depth;
    for (int32_t k = 0; k < w->depth; k++) {
        uint64_t lines = 0;
        for (uint64_t bits = w->column[k].lines; bits; bits &= bits - 1)
            lines |= (uint64_t)1 << w->line_of[__builtin_ctzll(bits)];
        p->shipment[k] = (pk_shipment){w->s_node[w->column[k].survivor], lines};
    }
    p->splits = w->split_depth;
    memcpy(p->split, w->split_stack, (size_t)w->split_depth * sizeof(pk_entry));
    pk_offer(w);
}

/* Whether the lines that are left may still be served within the limit. */
static inline bool pk_may_finish(const pk_workspace *w, uint64_t rest, int64_t cost) {
    double prices = 0, floor = 0, opening = 0;
    for (uint64_t bits = rest; bits; bits &= bits - 1) {
        int t = __builtin_ctzll(bits);
        prices += w->price[t];
        floor += w->floor_cost[t];
        if (w->floor_open[t] > opening) opening = w->floor_open[t];
    }
    return (double)cost + pk_max(prices, floor + opening) <= pk_limit(w);
}

/* A column is complete: price it exactly and go on with the lines that are left. */
static void pk_close_column(pk_workspace *w, int32_t k, uint64_t rest, uint64_t taken, int64_t cost) {
    const pk_network *n = w->network;
    int64_t node = w->s_node[k], grams = w->s_weight[k], units = w->s_units[k];
    for (uint64_t bits = taken; bits; bits &= bits - 1) {
        int t = __builtin_ctzll(bits);
        grams += w->weight[t];
        units += w->quantity[t];
        if (w->line) cost += (int64_t)pk_line_cost(w, node, w->line_of[t]);
    }
    int64_t price = pk_ship(n, w->rules->lane_allowed, node, grams, NULL);
    if (price == PK_NEVER) return;
    cost += price + n->fixed_cost[node] + n->unit_cost[node] * units + w->split_cost;
    rest &= ~taken;
    if (!pk_may_finish(w, rest, cost)) return;
    w->column[w->depth].survivor = k;
    w->column[w->depth].lines = taken;
    w->depth++;
    if (w->pending_next < w->pending_count) pk_next_pending(w, rest, cost);
    else pk_search(w, rest, cost);
    w->depth--;
}

/* Decides the undecided lines of one column, the cheaper choice first. Two bounds of the whole plan, whatever is chosen
 * later: `bound` by the prices; `floor + opening` by the least cost of each line that is not taken, and one more shipment
 * as soon as a line is left to another column. */
static void pk_subsets(pk_workspace *w, int32_t k, uint64_t rest, uint64_t undecided, uint64_t taken, double bound,
                       double floor, double opening, int64_t cost) {
    while (undecided) {
        double limit = pk_limit(w);
        if (bound > limit || floor + opening > limit) return;
        int t = __builtin_ctzll(undecided);
        uint64_t bit = (uint64_t)1 << t;
        undecided ^= bit;
        double own = pk_own(w, k, t), gain = w->price[t] - own;
        double take_bound = gain > 0 ? bound : bound - gain, take_floor = floor + own - w->floor_cost[t];
        double leave_bound = gain > 0 ? bound + gain : bound, leave_opening = pk_max(opening, w->floor_open[t]);
        bool may_take = take_bound <= limit && take_floor + opening <= limit;
        bool may_leave = leave_bound <= limit && floor + leave_opening <= limit;
        bool take = may_take && (!may_leave || gain > 0 || w->may_skip);
        if (may_take && may_leave) {
            if (!pk_spend(w, 1)) return;
            if (take) pk_subsets(w, k, rest, undecided, taken | bit, take_bound, take_floor, opening, cost);
            else pk_subsets(w, k, rest, undecided, taken, leave_bound, floor, leave_opening, cost);
            if (w->stopped) return;
            take = !take;
        } else if (!may_take && !may_leave) {
            return;
        }
        if (take) {
            taken |= bit;
            bound = take_bound;
            floor = take_floor;
        } else {
            bound = leave_bound;
            opening = leave_opening;
        }
    }
    if (pk_max(bound, floor + opening) > pk_limit(w)) return;
    pk_close_column(w, k, rest, taken, cost);
}

/* What a column of survivor k costs at least beyond the prices of its lines, whatever it takes of `rest`. */
static double pk_column_bound(const pk_workspace *w, int32_t k, uint64_t rest) {
    double bound = w->s_open[k] + w->s_gram[k] * (double)w->s_weight[k] + w->s_unit[k] * (double)w->s_units[k];
    for (uint64_t bits = w->s_cover[k] & rest; bits; bits &= bits - 1) {
        int t = __builtin_ctzll(bits);
        double gain = w->price[t] - pk_own(w, k, t);
        if (gain > 0) bound -= gain;
    }
    return bound;
}

/* Nodes that a split line has opened take their whole lines first. */
static void pk_next_pending(pk_workspace *w, uint64_t rest, int64_t cost) {
    if (!pk_spend(w, 1)) return;
    int32_t k = w->pending[w->pending_next++];
    double bound = (double)cost + pk_prices(w, rest) + pk_column_bound(w, k, rest);
    for (int32_t p = w->pending_next; p < w->pending_count; p++) {
        double later = pk_column_bound(w, w->pending[p], rest);
        bound += later;
    }
    pk_subsets(w, k, rest, w->s_cover[k] & rest, 0, bound, -INFINITY, 0, cost);
    w->pending_next--;
}

/* Tries every node, and with it every set of lines, for the first line that is left. */
static void pk_branch(pk_workspace *w, uint64_t rest, int64_t cost) {
    int t = __builtin_ctzll(rest);
    uint64_t bit = (uint64_t)1 << t;
    double prices = (double)cost, floors = (double)cost - w->floor_cost[t];
    for (uint64_t bits = rest; bits; bits &= bits - 1) {
        prices += w->price[__builtin_ctzll(bits)];
        floors += w->floor_cost[__builtin_ctzll(bits)];
    }
    for (int32_t k = 0; k < w->count; k++) {
        double limit = pk_limit(w);
        if (prices + w->s_slack[k] > limit) break;  /* survivors ascend by slack */
        uint64_t others = rest & ~w->s_cover[k];
        if ((others & bit) || w->s_used[k]) continue;
        if (!w->may_skip && others && w->depth + 1 == w->max_shipments) continue;
        double own = pk_own(w, k, t), opening = 0;
        double floor = floors + w->s_open[k] + own;
        for (uint64_t bits = others; bits; bits &= bits - 1)
            opening = pk_max(opening, w->floor_open[__builtin_ctzll(bits)]);
        if (floor + opening > limit) continue;
        double bound = prices + pk_column_bound(w, k, rest & ~bit) - w->price[t] + own;
        if (bound > limit) continue;
        if (!pk_spend(w, 1)) return;
        w->s_used[k] = 1;
        pk_subsets(w, k, rest, w->s_cover[k] & rest & ~bit, bit, bound, floor, opening, cost);
        w->s_used[k] = 0;
        if (w->stopped) return;
    }
}

/* Serves the lines that are left by further columns, or (where that is allowed) leaves the first of them out. */
static void pk_search(pk_workspace *w, uint64_t rest, int64_t cost) {
    if (rest == 0) {
        pk_offer_columns(w, cost);
        return;
    }
    if (!pk_spend(w, 1)) return;
    if (w->depth < w->max_shipments) pk_branch(w, rest, cost);
    if (!w->may_skip || w->stopped) return;
    int t = __builtin_ctzll(rest);
    w->unfilled += w->quantity[t];
    if (pk_limit(w) >= (double)cost) pk_search(w, rest & (rest - 1), cost);
    w->unfilled -= w->quantity[t];
}

/* ---- sets: the exact search for plans of few shipments ------------------------------------------------------------
 * Large baskets have very many columns, but few sets of two or three nodes that cover every line and are cheap enough.
 * This search enumerates those sets (members: the nodes of the set so far), each set once, and solves each exactly.
 */

static inline uint64_t pk_all_lines(const pk_workspace *w) {
    return w->whole == 64 ? ~(uint64_t)0 : ((uint64_t)1 << w->whole) - 1;
}

/* The members at their exact cost; one without units stays closed. */
static void pk_offer_members(pk_workspace *w) {
    const pk_network *n = w->network;
    pk_plan *p = &w->trial;
    p->unfilled = w->unfilled;
    p->shipments = 0;
    p->cost = pk_splits_cost(w, w->split_stack, w->split_depth);
    for (int32_t m = 0; m < w->depth; m++) {
        const pk_member *member = &w->member[m];
        if (member->units == 0) continue;
        int64_t node = w->s_node[member->survivor];
        int64_t price = pk_ship(n, w->rules->lane_allowed, node, member->grams, NULL);
        if (price == PK_NEVER) return;
        p->cost += price + n->fixed_cost[node] + n->unit_cost[node] * member->units;
        p->cost += p->shipments ? w->split_cost : 0;
        uint64_t lines = 0;
        for (uint64_t bits = member->lines; bits; bits &= bits - 1)
            lines |= (uint64_t)1 << w->line_of[__builtin_ctzll(bits)];
        p->cost += pk_lines_cost(w, node, lines);
        p->shipment[p->shipments++] = (pk_shipment){(int32_t)node, lines};
    }
    p->splits = w->split_depth;
    memcpy(p->split, w->split_stack, (size_t)w->split_depth * sizeof(pk_entry));
    pk_offer(w);
}

/* Gives line t to a member; false when the parcel gets too heavy for it. */
static inline bool pk_give(const pk_workspace *w, pk_member *member, int t) {
    member->lines |= (uint64_t)1 << t;
    member->grams += w->weight[t];
    member->units += w->quantity[t];
    return member->grams <= member->most;
}

/* Gives the lines with a choice, from w->choice[at] on, to each member that can serve them, the cheapest first; or (where
 * that is allowed) leaves them out. `bound`: the openings, what the lines given cost at their members, and the least that
 * each other line costs at any member (nothing when it may be left out). */
static void pk_assign(pk_workspace *w, int32_t at, double bound) {
    if (at == w->choices) {
        pk_offer_members(w);
        return;
    }
    const pk_choice *x = &w->choice[at];
    for (int32_t i = 0; i < w->depth; i++) {
        pk_member *member = &w->member[(x->member + i) % w->depth];
        if (!(w->s_cover[member->survivor] >> x->line & 1)) continue;
        double next = bound + pk_own(w, member->survivor, x->line) - (w->may_skip ? 0 : x->least);
        if (next > pk_limit(w)) continue;
        if (!pk_spend(w, 1)) return;
        pk_member before = *member;
        if (pk_give(w, member, x->line)) pk_assign(w, at + 1, next);
        *member = before;
        if (w->stopped) return;
    }
    if (!w->may_skip || !pk_spend(w, 1)) return;
    w->unfilled += w->quantity[x->line];
    if (bound <= pk_limit(w)) pk_assign(w, at + 1, bound);
    w->unfilled -= w->quantity[x->line];
}

/* The best plans that open these members and no other node: lines that one member alone can serve go to it, the others
 * are tried, the one that loses most by its second choice first. Plans that leave a member closed are those of a smaller
 * set, which has its own turn: counting every opening here loses none. */
static void pk_solve_members(pk_workspace *w, double opened) {
    double bound = opened;
    w->choices = 0;
    for (int32_t m = 0; m < w->depth; m++) {
        pk_member *member = &w->member[m];
        member->lines = 0;
        member->grams = w->s_weight[member->survivor];
        member->units = w->s_units[member->survivor];
        member->most = pk_max_grams(w->network, w->rules->lane_allowed, w->s_node[member->survivor]);
        if (member->grams > member->most) return;
    }
    for (uint64_t bits = pk_all_lines(w) & ~w->dropped; bits; bits &= bits - 1) {
        int t = __builtin_ctzll(bits);
        pk_choice x = {t, 0, INFINITY, INFINITY};
        for (int32_t m = 0; m < w->depth; m++) {
            if (!(w->s_cover[w->member[m].survivor] >> t & 1)) continue;
            double own = pk_own(w, w->member[m].survivor, t);
            if (own < x.least) {
                x.regret = x.least - own;
                x.least = own;
                x.member = m;
            } else {
                x.regret = pk_min(own - x.least, x.regret);
            }
        }
        if (!w->may_skip) bound += x.least;
        if (!w->may_skip && x.regret == INFINITY) {
            if (!pk_give(w, &w->member[x.member], t)) return;
            continue;
        }
        int32_t at = w->choices++;
        for (; at > 0 && w->choice[at - 1].regret < x.regret; at--) w->choice[at] = w->choice[at - 1];
        w->choice[at] = x;
    }
    if (bound <= pk_limit(w)) pk_assign(w, 0, bound);
}

/* Opens survivor k: from here on no line needs to cost more than it does there. */
static void pk_push_member(pk_workspace *w, int32_t k) {
    const double *cap = w->cap[w->depth];
    double *next = w->cap[w->depth + 1];
    memcpy(next, cap, (size_t)w->whole * sizeof(*cap));
    for (uint64_t bits = w->s_cover[k]; bits; bits &= bits - 1) {
        int t = __builtin_ctzll(bits);
        next[t] = pk_min(cap[t], pk_own(w, k, t));
    }
    w->member[w->depth++].survivor = k;
}

/* What survivor k adds to `opened + all caps`: its slack with the caps for prices. */
static double pk_capped_slack(const pk_workspace *w, int32_t k) {
    const double *cap = w->cap[w->depth];
    double slack = w->s_open[k];
    for (uint64_t bits = w->s_cover[k]; bits; bits &= bits - 1) {
        int t = __builtin_ctzll(bits);
        slack -= pk_max(0, cap[t] - pk_own(w, k, t));
    }
    return slack;
}

/* The opening that lines `others` cost at least when none of the members serves them. */
static double pk_floor_opening(const pk_workspace *w, uint64_t others) {
    double opening = 0;
    for (; others; others &= others - 1) opening = pk_max(opening, w->floor_open[__builtin_ctzll(others)]);
    return opening;
}

static void pk_search_sets(pk_workspace *w, uint64_t rest, double bound, double opened);

/* Leaves out the first line of `rest`. The sets with a node that serves it have had their turn. */
static void pk_drop_line(pk_workspace *w, uint64_t rest, double bound, double opened) {
    int t = __builtin_ctzll(rest);
    if (!pk_spend(w, 1)) return;
    w->unfilled += w->quantity[t];
    w->dropped |= (uint64_t)1 << t;
    if (bound <= pk_limit(w)) pk_search_sets(w, rest & (rest - 1), bound, opened);
    w->dropped &= ~((uint64_t)1 << t);
    w->unfilled -= w->quantity[t];
}

/* All sets that consist of the members and of survivors not yet used, each set once: every survivor that serves the first
 * line of `rest` (the lines that no member serves), and when none is left, every one that serves any line.
 *
 * `opened` is what the members cost before whole lines. Two bounds of all sets that contain the members and k:
 *
 * By caps. The cap of a line is the least of its dual price and of its costs at the members; `bound` is opened + all
 * caps. Prices that fall stay feasible, so the caps are dual prices (Erlenkotter 1978) of what is still to be opened, with
 * what the members offer for nothing: all these sets cost at least bound + slack of k by the caps. That slack is not below
 * the one by the prices, by which the survivors ascend.
 *
 * By floors. Each line costs at least its least cost at any survivor; when k leaves a line of `rest`, there is one more
 * shipment, and it costs at least floor_open of that line. When the cheapest opening and the least such shipment are too
 * dear together, only a k that serves all of `rest` can do. */
static void pk_search_sets(pk_workspace *w, uint64_t rest, double bound, double opened) {
    if (rest == 0) pk_solve_members(w, opened);
    if (w->stopped) return;
    uint64_t wanted = rest ? rest : pk_all_lines(w) & ~w->dropped, need = rest & (~rest + 1);
    uint8_t mark = (uint8_t)(w->depth + 1);
    double limit = pk_limit(w);
    bool last = !w->may_skip && w->depth + 1 == w->max_shipments;
    if (last || opened + w->open_least + w->floor + w->floor_least > limit) need = rest;
    int32_t k = 0, end = w->depth < w->max_shipments ? (int32_t)w->count : 0;
    for (; k < end && bound + w->s_slack[k] <= limit; k++) {
        uint64_t cover = w->s_cover[k], others = rest & ~cover;
        if ((cover & need) != need || w->s_used[k] || !(cover & wanted)) continue;
        double open = opened + w->s_open[k];
        if (open + w->floor + (others ? w->floor_least : 0) > limit) continue;
        if (!pk_spend(w, 1)) return;
        double next = bound + pk_capped_slack(w, k);
        if (next > limit || open + w->floor + pk_floor_opening(w, others) > limit) continue;
        if (!pk_spend(w, 1)) return;
        w->s_used[k] = mark;  /* for the rest of this loop too: its sets are those without k */
        pk_push_member(w, k);
        pk_search_sets(w, others, next, open);
        w->depth--;
        if (w->stopped) return;
        limit = pk_limit(w);
    }
    for (int32_t j = 0; j < k; j++) {
        if (w->s_used[j] == mark) w->s_used[j] = 0;
    }
    if (pk_spend(w, k / PK_LOOKS) && w->may_skip && rest) pk_drop_line(w, rest, bound, opened);
}

/* Starts with the nodes that split lines have opened as members. */
static void pk_start_sets(pk_workspace *w) {
    uint64_t rest = pk_all_lines(w);
    double opened = (double)pk_splits_cost(w, w->split_stack, w->split_depth), bound = 0;
    w->dropped = 0;
    memcpy(w->cap[0], w->price, (size_t)w->whole * sizeof(*w->price));
    for (int32_t p = 0; p < w->pending_count; p++) {
        int32_t k = w->pending[p];
        pk_push_member(w, k);
        rest &= ~w->s_cover[k];
        opened += w->s_open[k] + w->s_gram[k] * (double)w->s_weight[k] + w->s_unit[k] * (double)w->s_units[k];
    }
    for (int64_t t = 0; t < w->whole; t++) bound += w->cap[w->depth][t];
    if (bound + opened <= pk_limit(w)) pk_search_sets(w, rest, bound + opened, opened);
    w->depth = 0;
}

/* Chooses the nodes of one split line in stock order: each gives all it has, the last one what is still needed. */
static void pk_search_split(pk_workspace *w, int64_t p, int32_t from, int64_t left) {
    if (p == w->split) {
        uint64_t all = w->whole == 64 ? ~(uint64_t)0 : ((uint64_t)1 << w->whole) - 1;
        int64_t cost = pk_splits_cost(w, w->split_stack, w->split_depth);
        w->pending_next = 0;
        if (w->by_sets) pk_start_sets(w);
        else if (w->pending_count) pk_next_pending(w, all, cost);
        else pk_search(w, all, cost);
        return;
    }
    if (left == 0) {
        pk_search_split(w, p + 1, 0, p + 1 < w->split ? w->split_target[p + 1] : 0);
        return;
    }
    const int64_t *held = w->split_units + p * PK_MAX_SURVIVORS;
    const uint16_t *order = w->split_order + p * PK_MAX_SURVIVORS;
    uint64_t all = w->whole == 64 ? ~(uint64_t)0 : ((uint64_t)1 << w->whole) - 1;
    for (int32_t at = from; at < w->split_count[p]; at++) {
        int32_t k = order[at];
        int64_t units = held[k] < left ? held[k] : left;
        /* The later nodes hold no more than this one each: stop when even all they may open cannot fill the line. */
        if (!w->may_skip && held[k] * (w->split_count[p] - at) < left) break;
        if (!w->s_used[k] && w->pending_count == w->max_shipments) continue;
        if (!pk_spend(w, 1)) return;
        bool opens = !w->s_used[k];
        w->s_weight[k] += units * w->split_grams[p];
        w->s_units[k] += units;
        if (opens) {
            w->s_used[k] = 1;
            w->pending[w->pending_count++] = k;
        }
        double bound = pk_prices(w, all);
        for (int32_t e = 0; e < w->pending_count; e++) bound += pk_column_bound(w, w->pending[e], all);
        if (bound <= pk_limit(w)) {
            w->split_stack[w->split_depth++] = (pk_entry){w->split_line[p], w->s_node[k], units};
            pk_search_split(w, p, at + 1, left - units);
            w->split_depth--;
        }
        if (opens) {
            w->s_used[k] = 0;
            w->pending_count--;
        }
        w->s_weight[k] -= units * w->split_grams[p];
        w->s_units[k] -= units;
        if (w->stopped) return;
    }
    if (w->may_skip) {
        if (!pk_spend(w, 1)) return;
        w->unfilled += left;
        if (pk_limit(w) > 0) pk_search_split(w, p + 1, 0, p + 1 < w->split ? w->split_target[p + 1] : 0);
        w->unfilled -= left;
    }
}

static void pk_run_search(pk_workspace *w) {
    w->depth = w->pending_count = w->pending_next = w->split_depth = 0;
    w->stopped = false;
    /* Sets multiply with the shipments of a plan, columns with the lines of a node. */
    w->by_sets = (w->best.found ? w->best.shipments : w->max_shipments) <= PK_SET_SHIPMENTS;
    pk_search_split(w, 0, 0, w->split ? w->split_target[0] : 0);
}

/* ---- the whole decision -------------------------------------------------------------------------------------------- */

/* Sorts the lines into whole, split and unfilled ones. */
static void pk_sort_lines(pk_workspace *w, uint64_t served) {
    const pk_basket *b = w->basket;
    w->whole = w->split = 0;
    w->forced_unfilled = 0;
    for (int64_t i = 0; i < b->lines; i++) {
        if (served >> i & 1) {
            int64_t t = w->whole++;
            w->line_of[t] = (int32_t)i;
            w->line_at[i] = (int32_t)t;  /* until pk_order_lines */
            w->quantity[t] = b->quantity[i];
            w->weight[t] = b->quantity[i] * b->unit_grams[i];
            continue;
        }
        int64_t target = w->rules->allow_line_split ? pk_split_target_units(w, i) : 0;
        w->forced_unfilled += b->quantity[i] - target;
        if (target == 0) continue;
        int64_t p = w->split++;
        w->split_line[p] = (int32_t)i;
        w->split_target[p] = target;
        w->split_grams[p] = b->unit_grams[i];
        for (int64_t e = b->row_start[i]; e < b->row_start[i + 1]; e++) {
            int64_t node = b->row_node[e];
            if (node < w->network->nodes && w->usable[node] && b->row_atp[e] > 0) w->usable[node] = 2;
        }
    }
}

static void pk_empty_plan(pk_workspace *w) {
    pk_plan *p = &w->best;
    p->found = true;
    p->cost = 0;
    p->shipments = p->splits = 0;
    p->unfilled = 0;
    for (int64_t i = 0; i < w->basket->lines; i++) p->unfilled += w->basket->quantity[i];
}

/* Plans that fill every line that can be filled: the usual case. */
static void pk_solve_filled(pk_workspace *w, uint64_t served, int64_t high, int64_t units) {
    w->unfilled = w->forced_unfilled;
    w->may_skip = false;
    if (w->split == 0) {
        pk_offer_single(w, served, high, units);
        if (w->whole == 1) return;
    }
    pk_start_dual(w);
    pk_greedy(w, served);
    pk_fix(w);
    if (w->truncated && w->split == 0) {  /* a closer limit may leave few enough */
        pk_sort_survivors(w);
        pk_offer_seeded(w, served);
        w->truncated = false;
        pk_fix(w);
    }
    pk_ascend_survivors(w, PK_ASCENTS);
    pk_sort_survivors(w);
    if (w->split == 0 && w->whole >= PK_SEEDED_LINES && w->count > PK_SEEDS) {
        pk_offer_seeded(w, served);
        pk_ascend_survivors(w, PK_ASCENTS);
        pk_sort_survivors(w);
    }
    pk_order_lines(w);
    pk_order_splits(w);
    pk_run_search(w);
}

/* No plan fills every line (too few shipments allowed, or too heavy together): search plans that leave units out. */
static void pk_solve_unfilled(pk_workspace *w) {
    w->unfilled = w->forced_unfilled;
    w->may_skip = true;
    w->truncated = false;
    w->budget += w->steps;
    memcpy(w->slack, w->open, (size_t)w->padded * sizeof(double));
    for (int64_t t = 0; t < w->whole; t++) w->price[t] = 0;
    for (int64_t p = 0; p < w->split; p++) w->split_price[p] = 0;
    pk_fix(w);
    w->lower_bound = 0;
    for (int64_t t = 0; t < w->whole; t++) w->price[t] = 0;  /* pk_fix may have raised them */
    for (int64_t k = 0; k < w->count; k++) w->s_slack[k] = w->s_open[k];
    pk_sort_survivors(w);
    pk_order_lines(w);
    pk_order_splits(w);
    pk_run_search(w);
}

/* Decides one basket. The plan is in w->best (found false only for a runner-up that does not exist), with
 * w->proven, w->lower_bound and w->steps. w->forbidden_count node sets in w->forbidden are refused. */
static pk_status pk_solve(pk_workspace *w, const pk_network *network, const pk_basket *basket, const pk_rules *rules) {
    w->network = network;
    w->basket = basket;
    w->rules = rules;
    w->max_shipments = rules->max_shipments;
    w->split_cost = rules->split_cost;
    w->budget = rules->budget_steps;
    w->steps = 0;
    w->stopped = w->truncated = false;
    w->proven = true;
    w->best.found = false;
    w->lower_bound = 0;
    w->whole = w->split = w->count = 0;
    pk_status status = pk_gather_rows(w);
    if (status != PK_OK) return status;
    if (w->line) pk_gather_costs(w);
    pk_mark_usable(w);
    uint64_t served = pk_filter_cover(w);
    pk_sort_lines(w, served);
    if (w->whole + w->split == 0 || (rules->ship_complete && w->forced_unfilled > 0)) {
        pk_empty_plan(w);
        return PK_OK;
    }
    int64_t low = INT64_MAX, high = 0, units = 0;
    for (int64_t t = 0; t < w->whole; t++) {
        high += w->weight[t];
        units += w->quantity[t];
        if (w->weight[t] < low) low = w->weight[t];
    }
    for (int64_t p = 0; p < w->split; p++) {
        high += w->split_target[p] * w->split_grams[p];
        if (w->split_grams[p] < low) low = w->split_grams[p];
    }
    pk_price_nodes(w, low, high, (double)low + PK_TANGENT * (double)(high - low));
    pk_solve_filled(w, served, high, units);
    w->proven = !w->stopped && !w->truncated;
    if (!w->best.found && w->forbidden_count == 0) {
        if (rules->ship_complete) {
            pk_empty_plan(w);
        } else {
            pk_solve_unfilled(w);
            w->proven = !w->stopped && !w->truncated;
            if (!w->best.found) pk_empty_plan(w);
        }
        if (!w->proven) w->lower_bound = 0;
    }
    return PK_OK;
}

/* The lower bound in micros: the plan's own cost when it is proven. */
static int64_t pk_lower_bound(const pk_workspace *w) {
    if (w->proven) return w->best.cost;
    double bound = w->lower_bound - (double)w->split_cost;
    bound = ceil(bound - 0.5 - fabs(bound) * 0x1p-42);
    if (!(bound > 0)) return 0;
    return bound < (double)w->best.cost ? (int64_t)bound : w->best.cost;
}

/* After pk_solve: prices over the whole network, for the sentence "any plan with this node costs at least X more". */
static void pk_explain(pk_workspace *w) {
    if (w->whole + w->split == 0) return;
    pk_start_dual(w);
    for (int pass = 0; pass < 4; pass++) pk_ascend(w);
}

/* After pk_explain: why a node is or is not in the plan; *more is the X of PK_COSTS_MORE, in micros. */
static pk_reason pk_reason_of(const pk_workspace *w, int64_t node, int64_t *more) {
    const pk_network *n = w->network;
    const pk_basket *b = w->basket;
    *more = 0;
    for (int32_t k = 0; k < w->best.shipments; k++) {
        if (w->best.shipment[k].node == node) return PK_IN_PLAN;
    }
    if (w->rules->node_eligible && !w->rules->node_eligible[node]) return PK_INELIGIBLE;
    for (int64_t e = 0; e < w->rules->excluded_count; e++) {
        if (w->rules->excluded[e] == node) return PK_INELIGIBLE;
    }
    int64_t most = pk_max_grams(n, w->rules->lane_allowed, node);
    if (most < 0) return PK_NO_LANE;
    if (pk_is_candidate(w, node)) {
        double bound = pk_dual_value(w) + w->slack[node] - (double)w->split_cost;
        bound = ceil(bound - 0.5 - fabs(bound) * 0x1p-42) - (double)w->best.cost;
        if (w->best.unfilled == w->forced_unfilled && bound > 0) *more = bound < 0x1p62 ? (int64_t)bound : PK_NEVER;
        return PK_COSTS_MORE;
    }
    for (int64_t i = 0; i < b->lines; i++) {  /* stock it has, but no lane for the weight */
        for (int64_t e = b->row_start[i]; e < b->row_start[i + 1]; e++) {
            if ((int64_t)b->row_node[e] == node && b->row_atp[e] >= b->quantity[i]) return PK_TOO_HEAVY;
        }
    }
    return PK_NO_STOCK;
}

#endif
