/* Dual: prices of lines that no node can undercut, whose sum is a lower bound. */
#ifndef PROMESSA_KERNEL_DUAL_H
#define PROMESSA_KERNEL_DUAL_H

#include "kernel_prices.h"

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

#endif
