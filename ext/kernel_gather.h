/* Gather: which lines each node can serve, and which lines are served whole, split, or not at all. */
#ifndef PROMESSA_KERNEL_GATHER_H
#define PROMESSA_KERNEL_GATHER_H

#include "kernel_prices.h"

static pk_status pk_gather_rows(pk_workspace *w) {
    const pk_basket *b = w->basket;
    int64_t nodes = w->network->nodes;
    uint64_t *restrict cover = w->cover;
    memset(cover, 0, (size_t)w->padded * sizeof(*cover));
    for (int64_t i = 0; i < b->lines; i++) {
        int64_t need = b->quantity[i], previous = -1;
        for (int64_t e = b->row_start[i]; e < b->row_start[i + 1]; e++) {
            int64_t node = b->row_node[e];
            if (node >= nodes || node <= previous) return PK_BAD_ROW;
            previous = node;
            cover[node] |= (uint64_t)(b->row_atp[e] >= need) << i;
        }
    }
    return PK_OK;
}

/* What each whole line costs at each node of its row; the rows were checked. */
static void pk_gather_costs(pk_workspace *w) {
    const pk_basket *b = w->basket;
    memset(w->line, 0, (size_t)(b->lines * w->padded) * sizeof(*w->line));
    for (int64_t i = 0; i < b->lines; i++) {
        for (int64_t e = b->row_start[i]; e < b->row_start[i + 1]; e++) {
            int64_t node = b->row_node[e];  /* shared memory: it may have changed since it was checked */
            if (node < w->network->nodes) w->line[i * w->padded + node] = (double)(b->row_cost[e] * b->quantity[i]);
        }
    }
}

static void pk_mark_usable(pk_workspace *w) {
    const pk_network *n = w->network;
    const pk_rules *r = w->rules;
    uint8_t *restrict usable = w->usable;
    memcpy(usable, n->has_lane, (size_t)n->nodes);
    if (r->node_eligible) {
        for (int64_t j = 0; j < n->nodes; j++) usable[j] = usable[j] && r->node_eligible[j];
    }
    for (int64_t e = 0; e < r->excluded_count; e++) usable[r->excluded[e]] = 0;
    if (r->lane_allowed) {
        for (int64_t j = 0; j < n->nodes; j++) usable[j] = usable[j] && pk_max_grams(n, r->lane_allowed, j) >= 0;
    }
}

/* The weight of the heaviest line. */
static int64_t pk_heaviest(const pk_basket *b) {
    int64_t heaviest = 0;
    for (int64_t i = 0; i < b->lines; i++) {
        int64_t grams = b->quantity[i] * b->unit_grams[i];
        if (grams > heaviest) heaviest = grams;
    }
    return heaviest;
}

/* Whether there may be a line that is too heavy for a node. */
static bool pk_may_be_too_heavy(const pk_workspace *w) {
    return w->rules->lane_allowed || w->network->least_max_grams < pk_heaviest(w->basket);
}

/* Drops what rules and weight limits forbid; returns the lines that some node can serve whole. */
static uint64_t pk_filter_cover(pk_workspace *w) {
    const pk_network *n = w->network;
    const pk_basket *b = w->basket;
    int64_t heaviest = pk_heaviest(b);
    uint64_t served = 0;
    bool check = pk_may_be_too_heavy(w);
    for (int64_t j = 0; j < n->nodes; j++) {
        uint64_t cover = w->usable[j] ? w->cover[j] : 0;
        if (check && cover) {
            int64_t most = pk_max_grams(n, w->rules->lane_allowed, j);
            for (int64_t i = 0; most < heaviest && i < b->lines; i++) {
                if (b->quantity[i] * b->unit_grams[i] > most) cover &= ~((uint64_t)1 << i);
            }
        }
        w->cover[j] = cover;
        served |= cover;
    }
    return served;
}

/* The most units of a line that max_shipments nodes can send together, at most its quantity. */
static int64_t pk_split_target_units(pk_workspace *w, int64_t line) {
    const pk_basket *b = w->basket;
    int64_t held = 0, most = w->max_shipments;
    int64_t *top = w->top;  /* a heap, the least on top */
    for (int64_t e = b->row_start[line]; e < b->row_start[line + 1]; e++) {
        int64_t node = b->row_node[e];
        if (node >= w->network->nodes || !w->usable[node]) continue;
        int64_t units = pk_usable_units(b->row_atp[e], b->unit_grams[line],
                                        pk_max_grams(w->network, w->rules->lane_allowed, node));
        if (units > b->quantity[line]) units = b->quantity[line];
        if (units == 0 || (held == most && units <= top[0])) continue;
        int64_t at;
        if (held < most) {
            at = held++;
            for (; at > 0 && top[(at - 1) / 2] > units; at = (at - 1) / 2) top[at] = top[(at - 1) / 2];
        } else {
            at = 0;
            for (;;) {
                int64_t child = 2 * at + 1;
                if (child >= held) break;
                if (child + 1 < held && top[child + 1] < top[child]) child++;
                if (top[child] >= units) break;
                top[at] = top[child];
                at = child;
            }
        }
        top[at] = units;
    }
    int64_t sum = 0;
    for (int64_t k = 0; k < held && sum < b->quantity[line]; k++) sum += top[k];
    return sum < b->quantity[line] ? sum : b->quantity[line];
}

/* Sorts the lines into whole, split and unfilled ones. */
static void pk_sort_lines(pk_workspace *w, uint64_t served) {
    const pk_basket *b = w->basket;
    w->whole = w->split = 0;
    w->forced_unfilled = 0;
    for (int64_t i = 0; i < b->lines; i++) {
        if (served >> i & 1) {
            int64_t t = w->whole++;
            w->line_of[t] = (int32_t)i;
            w->line_at[i] = (int32_t)t;  /* until pk_order_lines */
            w->quantity[t] = b->quantity[i];
            w->weight[t] = b->quantity[i] * b->unit_grams[i];
            continue;
        }
        int64_t target = w->rules->allow_line_split ? pk_split_target_units(w, i) : 0;
        w->forced_unfilled += b->quantity[i] - target;
        if (target == 0) continue;
        int64_t p = w->split++;
        w->split_line[p] = (int32_t)i;
        w->split_target[p] = target;
        w->split_grams[p] = b->unit_grams[i];
        for (int64_t e = b->row_start[i]; e < b->row_start[i + 1]; e++) {
            int64_t node = b->row_node[e];
            if (node < w->network->nodes && w->usable[node] && b->row_atp[e] > 0) w->usable[node] = 2;
        }
    }
}

#endif
