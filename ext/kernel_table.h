/* The table: what sets of lines come to at least, for a level of few lines. Exact where parcels are light enough.
 *
 *     least[S] = min over nodes that cover S of open_j
 *     parts[S] = min over parts T of S with its lowest line of least[T] + parts[S \ T]      (within max_shipments parts)
 *
 * So every plan comes to at least parts[all], and every plan with node j to at least open_j + parts[all \ cover_j]. A level
 * says nothing of which lines go where, so 2^lines sets stand for all nodes; 3^lines steps fill the table.
 */
#ifndef PROMESSA_KERNEL_TABLE_H
#define PROMESSA_KERNEL_TABLE_H

#include "kernel_covers.h"
#include "kernel_survivors.h"

/* The whole lines of a node, numbered by t. */
static inline uint32_t pk_table_set(const pk_workspace *w, uint64_t cover) {
    uint32_t set = 0;
    for (int64_t t = 0; t < w->whole; t++) set |= (uint32_t)(cover >> w->line_of[t] & 1) << t;
    return set;
}

static void pk_table_fill_least(pk_workspace *w) {
    uint32_t sets = (uint32_t)1 << w->whole;
    for (uint32_t set = 0; set < sets; set++) w->table_least[set] = INFINITY;
    for (int64_t j = 0; j < w->network->nodes; j++) {
        if (!w->cover[j]) continue;
        uint32_t set = pk_table_set(w, w->cover[j]);
        if (!(w->open[j] < w->table_least[set])) continue;
        w->table_least[set] = w->open[j];
        w->table_node[set] = (int32_t)j;
    }
    for (int64_t t = 0; t < w->whole; t++) {
        uint32_t bit = (uint32_t)1 << t;
        for (uint32_t set = 0; set < sets; set++) {  /* a node that covers more covers this, too */
            if (set & bit || !(w->table_least[set | bit] < w->table_least[set])) continue;
            w->table_least[set] = w->table_least[set | bit];
            w->table_node[set] = w->table_node[set | bit];
        }
    }
}

/* The least of a set in one part more than `parts` allows, and which part that is. */
static double pk_table_divide(const pk_workspace *w, const double *parts, uint32_t set, uint16_t *part) {
    uint32_t rest = set & (set - 1);
    double least = INFINITY;
    for (uint32_t sub = rest;; sub = (sub - 1) & rest) {  /* what is left to the other parts */
        double value = w->table_least[set ^ sub] + parts[sub];
        if (value < least) {
            least = value;
            *part = (uint16_t)(set ^ sub);
        }
        if (sub == 0) return least;
    }
}

/* Fills parts (of as many shipments as are left beside one node), and returns what the best plan comes to. */
static double pk_table_fill_parts(pk_workspace *w) {
    uint32_t all = ((uint32_t)1 << w->whole) - 1;
    double *parts = w->table_parts;
    parts[0] = 0;
    if (w->max_shipments >= w->whole) {
        for (uint32_t set = 1; set <= all; set++) parts[set] = pk_table_divide(w, parts, set, &w->table_part[0][set]);
        return parts[all];
    }
    for (uint32_t set = 1; set <= all; set++) {  /* in one part; where there is one shipment alone, in none */
        parts[set] = w->max_shipments > 1 ? w->table_least[set] : INFINITY;
        w->table_part[1][set] = (uint16_t)set;
    }
    for (int64_t layer = 2; layer < w->max_shipments; layer++) {
        for (uint32_t set = all; set; set--)  /* smaller sets still have one part less */
            parts[set] = pk_table_divide(w, parts, set, &w->table_part[layer][set]);
    }
    return pk_table_divide(w, parts, all, &w->table_part[w->max_shipments][all]);
}

/* Offers the plan that the table speaks of. */
static void pk_table_offer(pk_workspace *w, uint64_t served) {
    bool limited = w->max_shipments < w->whole;
    int64_t layer = limited ? w->max_shipments : 0;
    pk_draft d;
    d.count = 0;
    for (uint32_t set = ((uint32_t)1 << w->whole) - 1; set; layer -= limited) {
        uint32_t part = w->table_part[layer][set];
        pk_draft_node(&d, w->table_node[part]);
        set ^= part;
    }
    w->trial.splits = 0;
    if (w->split == 0) pk_offer_draft(w, &d, served);
}

/* Bounds of a level by the table: settled_bound for all plans, slack beyond it for those with a node. */
static void pk_table_bounds(pk_workspace *w, uint64_t served) {
    uint32_t all = ((uint32_t)1 << w->whole) - 1;
    pk_table_fill_least(w);
    w->settled_bound = pk_table_fill_parts(w);
    for (int64_t j = 0; j < w->network->nodes; j++) {
        double least = w->open[j] + w->table_parts[all & ~pk_table_set(w, w->cover[j])];
        w->slack[j] = least < INFINITY ? pk_max(0, least - w->settled_bound) : INFINITY;
    }
    if (w->settled_bound < INFINITY) pk_table_offer(w, served);
}

#endif
