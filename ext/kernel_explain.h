/* After a decision: its bound, and why each node is or is not in the plan. */
#ifndef PROMESSA_KERNEL_EXPLAIN_H
#define PROMESSA_KERNEL_EXPLAIN_H

#include "kernel_gather.h"
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

/* Whether more than "it costs more" can be said of nodes: what any plan with them costs at least. By levels it cannot, nor
 * where the plan leaves out units that others may serve. */
static bool pk_has_bounds(const pk_workspace *w) {
    return w->whole + w->split > 0 && !w->rules->levels && w->best.unfilled == w->forced_unfilled;
}

/* Prices over the whole network, for the sentence "any plan with this node costs at least X more". One ascent is all: prices
 * only rise, so no slack that has stopped one of them grows again. */
static void pk_price_network(pk_workspace *w) {
    pk_start_dual(w);
    pk_ascend(w);
}

/* The X of candidates, 0 for others. */
PK_WIDE static void pk_sweep_more(const uint64_t *cover, const uint8_t *usable, const double *slack, double dual,
                                  double split_cost, double cost, int64_t nodes, int64_t *more) {
    for (int64_t j = 0; j < nodes; j++) {
        double bound = dual + slack[j] - split_cost;
        bound = ceil(bound - 0.5 - fabs(bound) * 0x1p-42) - cost;
        bool candidate = cover[j] || usable[j] == 2;
        more[j] = candidate && bound > 0 ? bound < 0x1p62 ? (int64_t)bound : PK_NEVER : 0;
    }
}

/* What nodes could serve before stages left out of it what no plan as good in their levels uses. */
static void pk_gather_again(pk_workspace *w) {
    if (pk_gather_rows(w) != PK_OK) return;
    pk_mark_usable(w);
    pk_sort_lines(w, pk_filter_cover(w));
}

/* Whether a node has the units of a line, which then is too heavy for it if it does not serve it. */
static bool pk_has_line(const pk_basket *b, int64_t node) {
    for (int64_t i = 0; i < b->lines; i++) {
        int64_t low = b->row_start[i], high = b->row_start[i + 1], end = high;
        while (low < high) {
            int64_t middle = low + (high - low) / 2;
            if ((int64_t)b->row_node[middle] < node) low = middle + 1;
            else high = middle;
        }
        if (low < end && (int64_t)b->row_node[low] == node && b->row_atp[low] >= b->quantity[i]) return true;
    }
    return false;
}

/* After pk_solve: for each node why it is or is not in the plan (a pk_reason), and with PK_COSTS_MORE how much more any plan
 * with it costs at least, in micros. */
static void pk_explain(pk_workspace *w, uint8_t *reason, int64_t *more) {
    const pk_rules *r = w->rules;
    int64_t nodes = w->network->nodes;
    if (r->levels) pk_gather_again(w);
    if (pk_has_bounds(w)) {
        pk_price_network(w);
        pk_sweep_more(w->cover, w->usable, w->slack, pk_dual_value(w), (double)w->split_cost, (double)w->best.cost, nodes, more);
    } else {
        memset(more, 0, (size_t)nodes * sizeof(*more));
    }
    bool heavy = pk_may_be_too_heavy(w);
    for (int64_t j = 0; j < nodes; j++) {
        if (pk_is_candidate(w, j)) reason[j] = PK_COSTS_MORE;
        else if (!w->usable[j]) reason[j] = r->node_eligible && !r->node_eligible[j] ? PK_INELIGIBLE : PK_NO_LANE;
        else reason[j] = heavy && pk_has_line(w->basket, j) ? PK_TOO_HEAVY : PK_NO_STOCK;
    }
    for (int64_t e = 0; e < r->excluded_count; e++) reason[r->excluded[e]] = PK_INELIGIBLE;
    for (int32_t k = 0; k < w->best.shipments; k++) {
        reason[w->best.shipment[k].node] = PK_IN_PLAN;
        more[w->best.shipment[k].node] = 0;
    }
}

#endif
