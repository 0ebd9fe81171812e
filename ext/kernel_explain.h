/* After a decision: its bound, and why each node is or is not in the plan. */
#ifndef PROMESSA_KERNEL_EXPLAIN_H
#define PROMESSA_KERNEL_EXPLAIN_H

#include "kernel_survivors.h"

/* The lower bound in micros: the plan's own cost when it is proven. */
static int64_t pk_lower_bound(const pk_workspace *w) {
    if (w->proven) return w->best.cost;
    if (w->rules->levels) return 0;  /* plans that come after by their levels may cost less */
    double bound = w->lower_bound - (double)w->split_cost;
    bound = ceil(bound - 0.5 - fabs(bound) * 0x1p-42);
    if (!(bound > 0)) return 0;
    return bound < (double)w->best.cost ? (int64_t)bound : w->best.cost;
}

/* After pk_solve: prices over the whole network, for the sentence "any plan with this node costs at least X more". */
static void pk_explain(pk_workspace *w) {
    if (w->whole + w->split == 0 || w->rules->levels) return;
    pk_start_dual(w);
    for (int pass = 0; pass < 4; pass++) pk_ascend(w);
}

/* The units of a line at a node, by its row, which ascends; 0 where it is not in it. */
static int64_t pk_units_at(const pk_basket *b, int64_t line, int64_t node) {
    int64_t low = b->row_start[line], high = b->row_start[line + 1], end = high;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if ((int64_t)b->row_node[middle] < node) low = middle + 1;
        else high = middle;
    }
    return low < end && (int64_t)b->row_node[low] == node ? b->row_atp[low] : 0;
}

/* Whether a node that the rules let serve has a line, or a part of one that is split. */
static bool pk_serves(const pk_workspace *w, int64_t node) {
    const pk_basket *b = w->basket;
    int64_t most = pk_max_grams(w->network, w->rules->lane_allowed, node);
    for (int64_t i = 0; i < b->lines; i++) {
        int64_t units = pk_units_at(b, i, node);
        bool split = false;
        for (int64_t p = 0; p < w->split; p++) split |= w->split_line[p] == i;
        if (split ? units > 0 : units >= b->quantity[i] && b->quantity[i] * b->unit_grams[i] <= most) return true;
    }
    return false;
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
    if (w->rules->levels ? pk_serves(w, node) : pk_is_candidate(w, node)) {
        double bound = pk_dual_value(w) + w->slack[node] - (double)w->split_cost;
        bound = w->rules->levels ? 0 : ceil(bound - 0.5 - fabs(bound) * 0x1p-42) - (double)w->best.cost;
        if (w->best.unfilled == w->forced_unfilled && bound > 0) *more = bound < 0x1p62 ? (int64_t)bound : PK_NEVER;
        return PK_COSTS_MORE;
    }
    for (int64_t i = 0; i < b->lines; i++) {  /* stock it has, but no lane for the weight */
        if (pk_units_at(b, i, node) >= b->quantity[i]) return PK_TOO_HEAVY;
    }
    return PK_NO_STOCK;
}

#endif
