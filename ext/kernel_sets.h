/* Sets: the exact search for plans of few shipments.
 *
 * Large baskets have very many columns, but few sets of two or three nodes that cover every line and are cheap enough.
 * This search enumerates those sets (members: the nodes of the set so far), each set once, and solves each exactly.
 */
#ifndef PROMESSA_KERNEL_SETS_H
#define PROMESSA_KERNEL_SETS_H

#include "kernel_members.h"

/* Solves the members as a set, as far as its look goes: see PK_PATIENCE. */
static void pk_solve_set(pk_workspace *w, double opened) {
    int64_t budget = w->budget;
    w->budget = budget - w->steps < w->patience ? budget : w->steps + w->patience;
    w->better = pk_orders_ties(w) && !pk_would_come_first(w);
    pk_solve_members(w, opened, 0);
    w->better = 0;
    if (w->stopped && !w->satisfied && w->budget < budget) {
        w->stopped = false;
        w->hasty = true;
    }
    w->budget = budget;
}

/* Opens survivor k: from here on no line needs to cost more than it does there. */
static void pk_push_member(pk_workspace *w, int32_t k) {
    const double *cap = w->cap[w->depth];
    double *next = w->cap[w->depth + 1];
    memcpy(next, cap, (size_t)w->whole * sizeof(*cap));
    for (uint64_t bits = w->s_cover[k]; bits; bits &= bits - 1) {
        int t = __builtin_ctzll(bits);
        next[t] = pk_min(cap[t], pk_own(w, k, t));
    }
    w->member[w->depth++].survivor = k;
}

/* What survivor k adds to `opened + all caps`: its slack with the caps for prices. */
static double pk_capped_slack(const pk_workspace *w, int32_t k) {
    const double *cap = w->cap[w->depth];
    double slack = w->s_open[k];
    for (uint64_t bits = w->s_cover[k]; bits; bits &= bits - 1) {
        int t = __builtin_ctzll(bits);
        slack -= pk_max(0, cap[t] - pk_own(w, k, t));
    }
    return slack;
}

/* The opening that lines `others` cost at least when none of the members serves them. */
static double pk_floor_opening(const pk_workspace *w, uint64_t others) {
    double opening = 0;
    for (; others; others &= others - 1) opening = pk_max(opening, w->floor_open[__builtin_ctzll(others)]);
    return opening;
}

static void pk_search_sets(pk_workspace *w, uint64_t rest, double bound, double opened);
static void pk_open_each(pk_workspace *w, uint64_t rest, double bound, double opened);

/* Leaves out the first line of `rest`. The sets with a node that serves it have had their turn. */
static void pk_drop_line(pk_workspace *w, uint64_t rest, double bound, double opened) {
    int t = __builtin_ctzll(rest);
    if (!pk_spend(w, 1)) return;
    w->unfilled += w->quantity[t];
    w->dropped |= (uint64_t)1 << t;
    if (bound <= pk_limit(w)) pk_search_sets(w, rest & (rest - 1), bound, opened);
    w->dropped &= ~((uint64_t)1 << t);
    w->unfilled -= w->quantity[t];
}

/* All sets that consist of the members and of survivors not yet used, each set once: every survivor that serves the first
 * line of `rest` (the lines that no member serves), and when none is left, every one that serves any line.
 *
 * `opened` is what the members cost before whole lines. Two bounds of all sets that contain the members and k:
 *
 * By caps. The cap of a line is the least of its dual price and of its costs at the members; `bound` is opened + all
 * caps. Prices that fall stay feasible, so the caps are dual prices (Erlenkotter 1978) of what is still to be opened, with
 * what the members offer for nothing: all these sets cost at least bound + slack of k by the caps. That slack is not below
 * the one by the prices, by which the survivors ascend.
 *
 * By floors. Each line costs at least its least cost at any survivor; when k leaves a line of `rest`, there is one more
 * shipment, and it costs at least floor_open of that line. When the cheapest opening and the least such shipment are too
 * dear together, only a k that serves all of `rest` can do. */
static void pk_search_sets(pk_workspace *w, uint64_t rest, double bound, double opened) {
    if (rest == 0) pk_solve_set(w, opened);
    if (w->stopped || !pk_spend(w, 1)) return;
    if (w->depth < w->max_shipments) pk_open_each(w, rest, bound, opened);
    if (!w->stopped && w->may_skip && rest) pk_drop_line(w, rest, bound, opened);
}

/* The survivors not yet used that serve all lines of `need`, one bit each. */
static void pk_find_survivors(const pk_workspace *w, uint64_t need, uint64_t *found) {
    int64_t words = (w->count + 63) / 64;
    memcpy(found, w->unused, (size_t)words * sizeof(*found));
    for (; need; need &= need - 1) {
        const uint64_t *row = w->serves[__builtin_ctzll(need)];
        for (int64_t at = 0; at < words; at++) found[at] &= row[at];
    }
}

static void pk_open_each(pk_workspace *w, uint64_t rest, double bound, double opened) {
    uint64_t wanted = rest ? rest : pk_all_lines(w) & ~w->dropped, need = rest & (~rest + 1);
    uint64_t found[PK_SURVIVOR_WORDS], before[PK_SURVIVOR_WORDS];
    int64_t words = (w->count + 63) / 64, passed = 0;
    double limit = pk_limit(w);
    bool last = !w->may_skip && w->depth + 1 == w->max_shipments;
    if (last || opened + w->open_least + w->floor + w->floor_least > limit) need = rest;
    if (!pk_spend(w, words * __builtin_popcountll(need) / 64)) return;
    pk_find_survivors(w, need, found);
    memcpy(before, w->unused, (size_t)words * sizeof(*before));
    for (int64_t at = 0; at < words; at += found[at] == 0) {
        if (found[at] == 0) continue;
        int32_t k = (int32_t)(at * 64 + __builtin_ctzll(found[at]));
        found[at] &= found[at] - 1;
        if (bound + w->s_slack[k] > limit) break;
        uint64_t cover = w->s_cover[k], others = rest & ~cover;
        double open = opened + w->s_open[k];
        if (!(cover & wanted) || open + w->floor + (others ? w->floor_least : 0) > limit) {
            if (++passed % 16 == 0 && !pk_spend(w, 1)) break;
            continue;
        }
        if (!pk_spend(w, 1)) break;
        double next = bound + pk_capped_slack(w, k);
        if (next > limit || open + w->floor + pk_floor_opening(w, others) > limit || !pk_has_room(w, k)) continue;
        if (!pk_spend(w, 1)) break;
        w->unused[at] &= ~((uint64_t)1 << (k & 63));  /* for the rest of this loop too: its sets are those without k */
        pk_push_member(w, k);
        pk_search_sets(w, others, next, open);
        w->depth--;
        if (w->stopped) break;
        limit = pk_limit(w);
    }
    memcpy(w->unused, before, (size_t)words * sizeof(*before));
}

/* Starts with the nodes that split lines have opened as members. */
static void pk_start_sets(pk_workspace *w) {
    uint64_t rest = pk_all_lines(w);
    double opened = (double)pk_splits_cost(w, w->split_stack, w->split_depth), bound = 0;
    w->dropped = 0;
    memset(w->unused, 0, sizeof(w->unused));
    memset(w->serves, 0, (size_t)w->whole * sizeof(*w->serves));
    for (int64_t k = 0; k < w->count; k++) {
        uint64_t bit = (uint64_t)1 << (k & 63);
        if (!w->s_used[k]) w->unused[k / 64] |= bit;
        for (uint64_t bits = w->s_cover[k]; bits; bits &= bits - 1) w->serves[__builtin_ctzll(bits)][k / 64] |= bit;
    }
    memcpy(w->cap[0], w->price, (size_t)w->whole * sizeof(*w->price));
    for (int32_t p = 0; p < w->pending_count; p++) {
        int32_t k = w->pending[p];
        pk_push_member(w, k);
        rest &= ~w->s_cover[k];
        opened += w->s_open[k] + w->s_gram[k] * (double)w->s_weight[k] + w->s_unit[k] * (double)w->s_units[k];
    }
    for (int64_t t = 0; t < w->whole; t++) bound += w->cap[w->depth][t];
    if (bound + opened <= pk_limit(w)) pk_search_sets(w, rest, bound + opened, opened);
    w->depth = 0;
}

#endif
