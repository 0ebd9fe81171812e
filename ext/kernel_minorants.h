/* Prices of nodes for the bounds: affine minorants of the rate cards. */
#ifndef PROMESSA_KERNEL_MINORANTS_H
#define PROMESSA_KERNEL_MINORANTS_H

#include "kernel_prices.h"

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
static void pk_price_nodes(pk_workspace *w, int64_t low, int64_t high) {
    const pk_network *n = w->network;
    double at = (double)low + PK_TANGENT * (double)(high - low);
    const uint8_t *allowed = w->allowed;
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

#endif
