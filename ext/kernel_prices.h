/* What plans cost: lines by themselves, and shipments by the rate cards of their lanes. */
#ifndef PROMESSA_KERNEL_PRICES_H
#define PROMESSA_KERNEL_PRICES_H

#include "kernel_model.h"

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

/* What line t costs at survivor k by the unit, exactly. */
static inline double pk_by_unit(const pk_workspace *w, int32_t k, int t) {
    double own = w->s_unit[k] * (double)w->quantity[t];
    return w->line ? own + pk_line_cost(w, w->s_node[k], w->line_of[t]) : own;
}

/* What line t costs at survivor k by the minorants, without the opening. */
static inline double pk_own(const pk_workspace *w, int32_t k, int t) {
    double own = w->s_unit[k] * (double)w->quantity[t] + w->s_gram[k] * (double)w->weight[t];
    return w->line ? own + pk_line_cost(w, w->s_node[k], w->line_of[t]) : own;
}

/* ---- exact prices -------------------------------------------------------------------------------------------- */

/* The price of a shipment of some grams on rate card column r; PK_NEVER when it is too heavy. `end`: the heaviest that costs
 * the same. */
static inline int64_t pk_rate_step(const pk_network *n, int64_t r, int64_t grams, int64_t *end) {
    int64_t low = n->bracket_start[r], last = n->bracket_start[r + 1] - 1;
    if (grams > n->bracket_grams[last]) {
        int64_t step = n->over_step_grams[r];
        if (step == 0) return PK_NEVER;
        int64_t steps = (grams - n->bracket_grams[last] + step - 1) / step;
        *end = n->bracket_grams[last] + steps * step;
        return n->bracket_price[last] + steps * n->over_step_price[r];
    }
    while (low < last) {
        int64_t middle = (low + last) >> 1;
        if (n->bracket_grams[middle] >= grams) last = middle;
        else low = middle + 1;
    }
    *end = n->bracket_grams[low];
    return n->bracket_price[low];
}

static int64_t pk_rate_price(const pk_network *n, int64_t r, int64_t grams) {
    int64_t end;
    return pk_rate_step(n, r, grams, &end);
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

#endif
