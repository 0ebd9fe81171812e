/* Columns: the exact search for plans of many shipments.
 *
 * A plan is a set of columns (node, lines). Each column costs at least the prices of its lines, so a part plan costs
 * at least its exact cost so far plus the prices of the lines that are left. Costs here include split_cost per node.
 */
#ifndef PROMESSA_KERNEL_COLUMNS_H
#define PROMESSA_KERNEL_COLUMNS_H

#include "kernel_plans.h"

static void pk_search(pk_workspace *w, uint64_t rest, int64_t cost);
static void pk_next_pending(pk_workspace *w, uint64_t rest, int64_t cost);

static void pk_offer_columns(pk_workspace *w, int64_t cost) {
    int64_t plan_cost = w->depth ? cost - w->split_cost : 0;
    pk_plan *p = &w->trial;
    if (w->best.found && (w->unfilled > w->best.unfilled ||
                          (w->by_cost && w->unfilled == w->best.unfilled && plan_cost > w->best.cost))) return;
    p->unfilled = w->unfilled;
    p->cost = plan_cost;
    p->shipments = w->depth;
    for (int32_t k = 0; k < w->depth; k++) {
        uint64_t lines = 0;
        for (uint64_t bits = w->column[k].lines; bits; bits &= bits - 1)
            lines |= (uint64_t)1 << w->line_of[__builtin_ctzll(bits)];
        p->shipment[k] = (pk_shipment){w->s_node[w->column[k].survivor], lines, -1};
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
    int64_t node = w->s_node[k], grams = w->s_weight[k], units = w->s_units[k];
    for (uint64_t bits = taken; bits; bits &= bits - 1) {
        int t = __builtin_ctzll(bits);
        grams += w->weight[t];
        units += w->quantity[t];
        if (w->line) cost += (int64_t)pk_line_cost(w, node, w->line_of[t]);
    }
    if (!taken && !units) return;  /* the node that is required, with nothing */
    int64_t price = pk_shipment_price(w, node, grams, units);
    if (price == PK_NEVER) return;
    cost += price;
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
        if (floor + opening > limit || !pk_has_room(w, k)) continue;
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

#endif
