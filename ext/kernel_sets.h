/* Sets: the exact search for plans of few shipments.
 *
 * Large baskets have very many columns, but few sets of two or three nodes that cover every line and are cheap enough.
 * This search enumerates those sets (members: the nodes of the set so far), each set once, and solves each exactly.
 */
#ifndef PROMESSA_KERNEL_SETS_H
#define PROMESSA_KERNEL_SETS_H

#include "kernel_divisions.h"

/* Whether plans that cost the same come in the order of their shipments, nodes and lines, so that of those of one set not
 * all have to be seen. Not where levels after the cost, lines left out or split lines count before lines do. */
static bool pk_orders_ties(const pk_workspace *w) {
    const pk_rules *r = w->rules;
    return w->by_cost && !w->may_skip && w->split == 0 && w->stage + 1 >= r->levels;
}

/* Whether a plan that opens all members, and no other node, would come before the best if it cost the same, whatever goes
 * where. */
static bool pk_would_come_first(const pk_workspace *w) {
    const pk_plan *best = &w->best;
    if (!best->found || w->depth != best->shipments) return !best->found || w->depth < best->shipments;
    uint64_t common = 0;  /* members that the best plan has, by where they are in it */
    int32_t least = INT32_MAX;
    for (int32_t m = 0; m < w->depth; m++) {
        int32_t node = w->s_node[w->member[m].survivor], k = 0;
        while (k < best->shipments && best->shipment[k].node != node) k++;
        if (k < best->shipments) common |= (uint64_t)1 << k;
        else if (node < least) least = node;
    }
    int32_t k = 0;  /* the first node of the best plan that is no member */
    while (k < best->shipments && common >> k & 1) k++;
    return k < best->shipments && least < best->shipment[k].node;
}

/* The members at their exact cost; one without units stays closed. */
static void pk_offer_members(pk_workspace *w) {
    const pk_network *n = w->network;
    pk_plan *p = &w->trial;
    p->unfilled = w->unfilled;
    p->shipments = 0;
    p->cost = pk_splits_cost(w, w->split_stack, w->split_depth);
    for (int32_t m = 0; m < w->depth; m++) {
        const pk_member *member = &w->member[m];
        if (member->units == 0) continue;
        int64_t node = w->s_node[member->survivor];
        int64_t price = pk_ship(n, w->allowed, node, member->grams, NULL);
        if (price == PK_NEVER) return;
        p->cost += price + n->fixed_cost[node] + n->unit_cost[node] * member->units;
        p->cost += p->shipments ? w->split_cost : 0;
        uint64_t lines = 0;
        for (uint64_t bits = member->lines; bits; bits &= bits - 1)
            lines |= (uint64_t)1 << w->line_of[__builtin_ctzll(bits)];
        p->cost += pk_lines_cost(w, node, lines);
        p->shipment[p->shipments++] = (pk_shipment){(int32_t)node, lines, -1};
    }
    p->splits = w->split_depth;
    memcpy(p->split, w->split_stack, (size_t)w->split_depth * sizeof(pk_entry));
    if (pk_offer(w) && pk_orders_ties(w)) w->better = 1;
}

/* Gives line t to a member; false when the parcel gets too heavy for it. */
static inline bool pk_give(const pk_workspace *w, pk_member *member, int t) {
    member->lines |= (uint64_t)1 << t;
    member->grams += w->weight[t];
    member->units += w->quantity[t];
    return member->grams <= member->most;
}

/* Gives the lines with a choice, from w->choice[at] on, to each member that can serve them, the cheapest first; or (where
 * that is allowed) leaves them out. `bound`: the openings, what the lines given cost at their members, and the least that
 * each other line costs at any member (nothing when it may be left out). `units`: what the lines given cost by the unit, and
 * the least that each other line does; with the parcels of a division, the other bound. */
static void pk_assign(pk_workspace *w, int32_t at, double bound, double units) {
    if (at == w->choices) {
        pk_offer_members(w);
        return;
    }
    const pk_choice *x = &w->choice[at];
    for (int32_t i = 0; i < w->depth; i++) {
        int32_t m = (x->member + i) % w->depth;
        pk_member *member = &w->member[m];
        if (!(w->s_cover[member->survivor] >> x->line & 1)) continue;
        double next = bound + pk_own(w, member->survivor, x->line) - (w->may_skip ? 0 : x->least);
        if (next > pk_limit(w)) continue;
        if (!pk_spend(w, 1)) return;
        uint64_t lines = member->lines;
        if (pk_give(w, member, x->line)) {
            double sum = units + pk_by_unit(w, member->survivor, x->line) - (w->may_skip ? 0 : x->least_units);
            double most = pk_limit(w) - sum;
            if ((member->grams <= w->division.room[m] && w->division.sum <= most) || pk_divide(w, x->after, most))
                pk_assign(w, at + 1, next, sum);
        }
        member->lines = lines;
        member->grams -= w->weight[x->line];
        member->units -= w->quantity[x->line];
        if (w->stopped) return;
    }
    if (!w->may_skip || !pk_spend(w, 1)) return;
    w->unfilled += w->quantity[x->line];
    if (pk_max(bound, units) <= pk_limit(w)) pk_assign(w, at + 1, bound, units);
    w->unfilled -= w->quantity[x->line];
}

/* The best plans that open these members and no other node: lines that one member alone can serve go to it, the others
 * are tried, the one that loses most by its second choice first. Plans that leave a member closed are those of a smaller
 * set, which has its own turn: counting every opening here loses none. */
static void pk_solve_members(pk_workspace *w, double opened, uint64_t held) {
    double bound = opened, units = (double)pk_splits_cost(w, w->split_stack, w->split_depth);
    w->choices = 0;
    if (!pk_spend(w, w->whole * w->depth / 16)) return;
    for (int32_t m = 0; m < w->depth; m++) {
        pk_member *member = &w->member[m];
        member->lines = 0;
        member->grams = w->s_weight[member->survivor];
        member->units = w->s_units[member->survivor];
        member->most = pk_max_grams(w->network, w->allowed, w->s_node[member->survivor]);
        if (member->grams > member->most) return;
        units += w->s_unit[member->survivor] * (double)member->units;
    }
    for (uint64_t bits = pk_all_lines(w) & ~w->dropped; bits; bits &= bits - 1) {
        int t = __builtin_ctzll(bits);
        if (held >> t & 1) {
            pk_member *member = &w->member[w->place[t]];
            bound += pk_own(w, member->survivor, t);
            units += pk_by_unit(w, member->survivor, t);
            if (!pk_give(w, member, t)) return;
            continue;
        }
        pk_choice x = {t, 0, INFINITY, INFINITY, INFINITY, 0};
        for (int32_t m = 0; m < w->depth; m++) {
            if (!(w->s_cover[w->member[m].survivor] >> t & 1)) continue;
            double own = pk_own(w, w->member[m].survivor, t);
            x.least_units = pk_min(pk_by_unit(w, w->member[m].survivor, t), x.least_units);
            if (own < x.least) {
                x.regret = x.least - own;
                x.least = own;
                x.member = m;
            } else {
                x.regret = pk_min(own - x.least, x.regret);
            }
        }
        if (!w->may_skip) {
            bound += x.least;
            units += x.least_units;
        }
        if (!w->may_skip && x.regret == INFINITY) {
            if (!pk_give(w, &w->member[x.member], t)) return;
            continue;
        }
        int32_t at = w->choices++;
        for (; at > 0 && w->weight[w->choice[at - 1].line] < w->weight[t]; at--) w->choice[at] = w->choice[at - 1];
        w->choice[at] = x;
    }
    if (bound > pk_limit(w)) return;
    int64_t left = 0;  /* grams that must go somewhere: none of those that may be left out */
    for (int32_t at = w->choices - 1; at >= 0; at--) {
        w->choice[at].after = left;
        if (!w->may_skip) left += w->weight[w->choice[at].line];
    }
    if (pk_divide(w, left, pk_limit(w) - units)) pk_assign(w, 0, bound, units);
}

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

/* Where line i goes in the best plan, as a member. */
static int32_t pk_place_of(const pk_workspace *w, int64_t i) {
    int32_t m = 0;
    while (!(w->best.shipment[m].lines >> i & 1)) m++;
    return m;
}

/* Of the plans of the best plan's nodes that cost the same, takes the first: line by line, each goes to the lowest node
 * with which there is such a plan at all. */
static void pk_first_of_ties(pk_workspace *w) {
    double opened = 0;
    uint64_t held = 0;
    int32_t at[PK_MAX_LINES];
    for (int64_t i = 0; i < w->basket->lines; i++) at[i] = -1;
    for (int64_t t = 0; t < w->whole; t++) at[w->line_of[t]] = (int32_t)t;
    for (int32_t m = 0; m < w->best.shipments; m++) {
        int32_t k = 0;
        while (k < w->count && w->s_node[k] != w->best.shipment[m].node) k++;
        if (k == w->count) return;  /* only where not all nodes had room */
        w->member[m].survivor = k;
        opened += w->s_open[k];
    }
    w->depth = w->best.shipments;
    for (int64_t i = 0; i < w->basket->lines && !w->stopped; i++) {
        if (at[i] < 0) continue;
        int32_t t = at[i], now = pk_place_of(w, i);
        held |= (uint64_t)1 << t;
        for (int32_t m = 0; m < now && !w->stopped; m++) {
            if (!(w->s_cover[w->member[m].survivor] >> t & 1) || !pk_spend(w, 1)) continue;
            w->place[t] = m;
            w->better = 0;
            pk_solve_members(w, opened, held);
            now = pk_place_of(w, i);
        }
        w->place[t] = now;
    }
    w->better = 0;
    w->depth = 0;
}

#endif
