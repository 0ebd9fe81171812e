/* The search: split lines first, as sets of nodes in stock order, then whole lines by sets or by columns. */
#ifndef PROMESSA_KERNEL_SEARCH_H
#define PROMESSA_KERNEL_SEARCH_H

#include "kernel_columns.h"
#include "kernel_sets.h"

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

/* Opens the node that is required before all others; false when no plan within the limit has it. */
static bool pk_open_required(pk_workspace *w) {
    if (w->rules->required < 0) return true;
    int32_t k = 0;
    while (k < w->count && w->s_node[k] != w->rules->required) k++;
    if (k == w->count) return false;
    w->s_used[k] = 1;
    w->pending[w->pending_count++] = k;
    return true;
}

static void pk_run_search(pk_workspace *w) {
    w->depth = w->pending_count = w->pending_next = w->split_depth = 0;
    w->stopped = false;
    /* Sets multiply with the shipments of a plan, columns with the lines of a node. */
    w->by_sets = (w->best.found ? w->best.shipments : w->max_shipments) <= PK_SET_SHIPMENTS;
    if (!pk_open_required(w)) return;
    int64_t most = w->max_shipments;
    if (w->by_sets && !w->may_skip && w->split == 0 && most > PK_PAIR && w->whole >= PK_SEEDED_LINES) {
        w->max_shipments = PK_PAIR;  /* first the pairs: there are few, and a good one spares many larger sets */
        w->patience = PK_PATIENCE;
        pk_start_sets(w);
        w->max_shipments = most;
        if (w->stopped) return;
    }
    w->patience = 1;
    do {
        w->hasty = false;
        w->patience *= PK_PATIENCE;
        pk_search_split(w, 0, 0, w->split ? w->split_target[0] : 0);
    } while (w->hasty && !w->stopped);
    if (w->by_sets && !w->stopped && w->best.found && pk_orders_ties(w)) pk_first_of_ties(w);
}

#endif
