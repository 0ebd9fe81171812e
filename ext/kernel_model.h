/* What the sourcing search is asked, what it answers, and the memory it works in. */
#ifndef PROMESSA_KERNEL_MODEL_H
#define PROMESSA_KERNEL_MODEL_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PK_MAX_LINES 64          /* one bit per line */
#define PK_MAX_SHIPMENTS 64      /* a plan never opens more nodes, whatever the rules say */
#define PK_MAX_SURVIVORS 1024    /* nodes the search can hold; more than that is never called proven */
#define PK_MAX_ENTRIES (PK_MAX_LINES * PK_MAX_SHIPMENTS)
#define PK_MAX_LEVELS 8          /* levels that plans are compared by, before the cost */
#ifndef PK_TABLE_LINES           /* up to as many, levels are bounded by all sets of lines */
#define PK_TABLE_LINES 10
#endif
#define PK_MAX_FORBIDDEN 16      /* node sets that runner-up plans must differ from */
#define PK_SURVIVOR_WORDS (PK_MAX_SURVIVORS / 64)
#define PK_ENOUGH_SURVIVORS 960  /* of too many nodes, those of least slack: so many will do */
#define PK_SEEDS 2               /* first nodes of the seeded greedy covers */
#define PK_PAIR 2                 /* shipments of the sets that are searched first */
#define PK_SEEDED_LINES 6        /* below this the search is quick enough without them */
#ifndef PK_SET_SHIPMENTS         /* up to as many in the first plan (or allowed), the search goes by sets */
#define PK_SET_SHIPMENTS 8
#endif
#ifndef PK_PATIENCE              /* steps of the first look at a set, and how many times longer the next one is */
#define PK_PATIENCE 256
#endif
#ifndef PK_DIVISIONS             /* brackets looked up for one division of what is left of a set */
#define PK_DIVISIONS 256
#endif
#define PK_HEAVY ((int64_t)1 << 56) /* grams that no basket comes to */
#define PK_ASCENTS 8             /* passes of price rises over the survivors */
#define PK_TANGENT 0.5           /* where between the lightest and the heaviest shipment the minorants touch */
#define PK_NEVER INT64_MAX       /* the price of what no lane accepts */

/* Wide loops: AVX2 where the machine has it. Both clones do the same IEEE operations in the same order. */
#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GLIBC__) && defined(__OPTIMIZE__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)
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

/* What plans are compared by, less first, before the cost: a number of each lane, of all shipments of a plan the sum or the
 * largest; or the number of shipments; or the cost. */
typedef enum { PK_SUM = 0, PK_WORST = 1, PK_SHIPMENTS = 2, PK_COST = 3 } pk_level_kind;

typedef struct {
    pk_level_kind kind;
    const int64_t *value;  /* [lanes], never negative; NULL for PK_SHIPMENTS and PK_COST */
} pk_level;

typedef struct {
    int64_t max_shipments;         /* 1..PK_MAX_SHIPMENTS */
    bool ship_complete, allow_line_split;
    int64_t split_cost;            /* micros for each shipment beyond the first */
    const uint8_t *node_eligible;  /* [nodes] or NULL: all */
    const uint8_t *lane_allowed;   /* [lanes] or NULL: all */
    const uint32_t *excluded;      /* node numbers */
    int64_t excluded_count;
    int64_t budget_steps;
    int64_t levels;                /* 0..PK_MAX_LEVELS; 0: plans are compared by cost alone */
    pk_level level[PK_MAX_LEVELS];
    int64_t required;              /* a node that must be in the plan, or -1 */
} pk_rules;

typedef struct {
    int32_t node;
    uint64_t lines;  /* whole lines, one bit each */
    int64_t lane;    /* chosen by the levels; without levels it is the cheapest, and not kept here */
} pk_shipment;

typedef struct {
    int32_t line, node;
    int64_t units;
} pk_entry;

/* A plan: nodes in ascending order; split lines apart, ascending by (line, node). */
typedef struct {
    bool found;
    int64_t unfilled, cost;
    int64_t level[PK_MAX_LEVELS];
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

/* For each member the weight that its parcel may come to, the price of that, but for lines by the unit, and their sum. */
typedef struct {
    int64_t room[PK_MAX_SHIPMENTS];
    double price[PK_MAX_SHIPMENTS], sum;
} pk_division;

/* Where a survivor stood before it was sorted. */
typedef struct {
    double slack;
    int32_t node, from;
} pk_place;

/* A line that more than one member can serve: the cheapest member, its cost there, and how much dearer the next is; the
 * least it costs by the unit at any; and the grams of all choices after it. */
typedef struct {
    int32_t line, member;
    double least, regret, least_units;
    int64_t after;
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
    double *level_slack;   /* [level][nodes] what a node costs beyond the bound of a level that is settled */
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
    double *s_share;
    pk_place *order;  /* scratch of the sort */
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
    uint64_t unused[PK_SURVIVOR_WORDS];               /* survivors that may still be opened, one bit each */
    uint64_t serves[PK_MAX_LINES][PK_SURVIVOR_WORDS]; /* survivors that serve a line */
    uint64_t dropped;                                 /* whole lines left out */
    pk_member member[PK_MAX_SHIPMENTS];
    double cap[PK_MAX_SHIPMENTS + 1][PK_MAX_LINES];   /* [members] the most that a line needs to cost */
    int32_t tries;
    pk_division division, tried;  /* of what is left of a set: see kernel_divisions.h */
    int32_t choices;
    pk_choice choice[PK_MAX_LINES];
    int64_t better;                   /* micros that a plan must cost less than the best: 1 where a tie comes after it */
    int64_t patience;                 /* steps for the lines of one set, before the others are looked at */
    bool hasty;                       /* some set took more */
    int32_t place[PK_MAX_LINES];      /* the member that a line is held at */
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
    const uint8_t *allowed;  /* [lanes] that a best plan may take, or NULL: all */
    uint8_t *lanes_left;     /* [lanes] room for it */
    bool by_cost;           /* the search minimises the cost, else level `stage` */
    bool worst, satisfied;  /* that is a PK_WORST; a better plan is found, so that the search may end */
    int32_t stage;          /* levels before this one are settled */
    double settled_bound;   /* of the level that is minimised, by `slack`: over all plans, not only better ones */
    double table_least[1 << PK_TABLE_LINES], table_parts[1 << PK_TABLE_LINES];
    int32_t table_node[1 << PK_TABLE_LINES];
    uint16_t table_part[PK_TABLE_LINES + 1][1 << PK_TABLE_LINES];
    double room[PK_MAX_LEVELS];  /* of a settled PK_SUM: what the slacks of a plan's nodes may add up to */
    double *line;   /* [lines][padded] what a whole line costs there; room given by the caller with row_cost, else NULL */
    double *s_line; /* [survivors] of the line that is looked at */
    const double *line_kept;  /* `line`, also while a level is minimised, for which lines cost nothing */
} pk_workspace;

/* ---- memory -------------------------------------------------------------------------------------------------- */

static inline size_t pk_take(size_t *at, size_t bytes) {
    size_t start = *at;
    *at = (start + bytes + 63) & ~(size_t)63;
    return start;
}

/* Lays the arrays of w out in a block that starts at base; with base NULL it only measures. Returns the bytes used. */
static inline size_t pk_workspace_bind(pk_workspace *w, char *base, int64_t nodes, int64_t lanes, int64_t rates,
                                       int64_t brackets) {
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
    PK_ARRAY(level_slack, n * PK_MAX_LEVELS);
    PK_ARRAY(usable, n);
    PK_ARRAY(lanes_left, (size_t)lanes + 1);
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
    PK_ARRAY(s_share, s);
    PK_ARRAY(order, s);
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

static inline size_t pk_workspace_bytes(int64_t nodes, int64_t lanes, int64_t rates, int64_t brackets) {
    pk_workspace w;
    return pk_workspace_bind(&w, NULL, nodes, lanes, rates, brackets);
}

static inline double pk_max(double a, double b) { return a > b ? a : b; }

static inline double pk_min(double a, double b) { return a < b ? a : b; }

#endif
