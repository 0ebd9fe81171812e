/* Survivors: only nodes that a plan within the limit could open, with prices that are raised over them alone. */
#ifndef PROMESSA_KERNEL_SURVIVORS_H
#define PROMESSA_KERNEL_SURVIVORS_H

#include "kernel_dual.h"
#include "kernel_plans.h"

static inline bool pk_is_candidate(const pk_workspace *w, int64_t j) { return w->cover[j] || w->usable[j] == 2; }

static int64_t pk_count_within(const pk_workspace *w, double most_slack) {
    int64_t count = 0;
    for (int64_t j = 0; j < w->network->nodes; j++) count += pk_is_candidate(w, j) && w->slack[j] <= most_slack;
    return count;
}

/* Collects the candidates within a slack; false when they are too many. A node that every plan must have adds its slack
 * to that of each other. */
static bool pk_collect(pk_workspace *w, double most_slack) {
    int64_t required = w->rules->required;
    double others = required < 0 || w->worst ? most_slack : most_slack - pk_max(0, w->slack[required]);
    w->count = 0;
    for (int64_t j = 0; j < w->network->nodes; j++) {
        if (!(w->slack[j] <= others) && !(j == required && w->slack[j] <= most_slack)) continue;
        if (!pk_is_candidate(w, j) || w->open[j] == INFINITY) continue;
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

/* Collects the nodes within a slack; when they are too many, those of least slack (and then nothing is proven). */
static void pk_collect_least(pk_workspace *w, double most) {
    if (pk_collect(w, most)) return;
    double low = -1, high = most < 0x1p60 ? most : 0x1p60;
    for (int64_t step = 0, count = 0; step < 80 && count < PK_ENOUGH_SURVIVORS; step++) {
        double middle = (low + high) / 2;
        int64_t within = pk_count_within(w, middle);
        if (within > PK_MAX_SURVIVORS) {
            high = middle;
        } else {
            low = middle;
            count = within;
        }
    }
    w->truncated = true;
    pk_collect(w, low);
    if (w->count == 0) pk_collect(w, high);  /* all slacks equal: the lowest nodes */
}

/* Collects the nodes within the limit, as far as there is room for them. */
static void pk_fix(pk_workspace *w) {
    w->lower_bound = pk_dual_value(w);
    if (!pk_collect(w, pk_limit(w) - w->lower_bound)) {
        pk_ascend(w);
        w->lower_bound = pk_dual_value(w);
        pk_collect_least(w, pk_limit(w) - w->lower_bound);
    }
    w->settled_bound = w->lower_bound;
}

static void pk_swap_out(pk_workspace *w, int64_t to, int64_t from) {
    w->s_cover[to] = w->s_cover[from];
    w->s_open[to] = w->s_open[from];
    w->s_unit[to] = w->s_unit[from];
    w->s_gram[to] = w->s_gram[from];
    w->s_slack[to] = w->s_slack[from];
    w->s_node[to] = w->s_node[from];
}

/* Fills the survivors' arrays up to a whole number of loads; returns how many there are then. */
static int64_t pk_pad_survivors(pk_workspace *w) {
    int64_t padded = (w->count + 7) & ~(int64_t)7;
    for (int64_t k = w->count; k < padded; k++) {
        w->s_cover[k] = 0;
        w->s_open[k] = w->s_unit[k] = w->s_gram[k] = w->s_slack[k] = w->s_line[k] = 0;
    }
    return padded;
}

/* What line t costs by itself at the survivors, NULL where lines cost nothing. */
static const double *pk_survivor_column(pk_workspace *w, int64_t t) {
    const double *all = pk_line_column(w, w->line_of[t]);
    for (int64_t k = 0; all && k < w->count; k++) w->s_line[k] = all[w->s_node[k]];
    return all ? w->s_line : NULL;
}

/* First prices over the survivors alone, for a problem that is small from the start. */
static void pk_start_survivors(pk_workspace *w) {
    int64_t padded = pk_pad_survivors(w);
    pk_sweep_share(w->s_cover, w->s_open, w->s_share, w->s_slack, padded);
    for (int64_t t = 0; t < w->whole; t++) {
        uint64_t bit = (uint64_t)1 << w->line_of[t];
        double q = (double)w->quantity[t], g = (double)w->weight[t];
        const double *line = pk_survivor_column(w, t);
        double price = pk_sweep_least(w->s_cover, w->s_unit, w->s_gram, line, w->s_share, padded, q, g, 0, bit);
        w->price[t] = price < INFINITY ? price : 0;
        pk_sweep_pay(w->s_cover, w->s_unit, w->s_gram, line, w->s_slack, padded, q, g, 0, w->price[t], bit);
    }
    for (int64_t p = 0; p < w->split; p++) w->split_price[p] = 0;
}

/* Raises the prices over the survivors alone. With `fix`, it drops those that are then beyond the limit (valid: no other
 * node is in a plan within it). */
static void pk_ascend_survivors(pk_workspace *w, int passes, bool fix) {
    for (int pass = 0; pass < passes && !w->truncated; pass++) {
        double before = pk_dual_value(w);
        int64_t padded = pk_pad_survivors(w);
        for (int64_t at = 0; at < w->whole; at++) {
            int64_t t = pass & 1 ? w->whole - 1 - at : at;
            uint64_t bit = (uint64_t)1 << w->line_of[t];
            double q = (double)w->quantity[t], g = (double)w->weight[t], old = w->price[t];
            const double *line = pk_survivor_column(w, t);
            double rise = pk_sweep_least(w->s_cover, w->s_unit, w->s_gram, line, w->s_slack, padded, q, g, old, bit);
            if (!(rise > 0 && rise < INFINITY)) continue;
            pk_sweep_pay(w->s_cover, w->s_unit, w->s_gram, line, w->s_slack, padded, q, g, old, old + rise, bit);
            w->price[t] = old + rise;
        }
        double after = pk_dual_value(w), most = pk_limit(w) - after;
        if (after > w->lower_bound) w->lower_bound = after;
        int64_t kept = 0;
        for (int64_t k = 0; k < w->count; k++) {
            if (fix && !(w->s_slack[k] <= most)) continue;
            pk_swap_out(w, kept++, k);
        }
        w->count = kept;
        if (after - before < 1e-4 * after) break;
    }
}

/* Puts eight bytes of each survivor in the order of w->order. */
static void pk_reorder(const pk_workspace *w, void *array) {
    char *to = array, *from = (char *)w->s_line;
    memcpy(from, to, (size_t)w->count * 8);
    for (int64_t k = 0; k < w->count; k++) memcpy(to + 8 * k, from + 8 * (size_t)w->order[k].from, 8);
}

/* By slack, then by node: their order first, then each column once. */
static void pk_sort_survivors(pk_workspace *w) {
    static const int64_t gaps[] = {301, 132, 57, 23, 10, 4, 1};  /* of Shell's sort */
    pk_place *order = w->order;
    for (int64_t k = 0; k < w->count; k++) order[k] = (pk_place){w->s_slack[k], w->s_node[k], (int32_t)k};
    for (int g = 0; g < 7; g++) {
        int64_t gap = gaps[g];
        for (int64_t i = gap; i < w->count; i++) {
            pk_place x = order[i];
            int64_t k = i;
            for (; k >= gap && (order[k - gap].slack > x.slack ||
                                (order[k - gap].slack == x.slack && order[k - gap].node > x.node)); k -= gap)
                order[k] = order[k - gap];
            order[k] = x;
        }
    }
    for (int64_t k = 0; k < w->count; k++) w->s_node[k] = order[k].node;
    pk_reorder(w, w->s_cover);
    pk_reorder(w, w->s_open);
    pk_reorder(w, w->s_unit);
    pk_reorder(w, w->s_gram);
    pk_reorder(w, w->s_slack);
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

#endif
