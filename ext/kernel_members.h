/* Members: one set of open nodes, solved exactly, and which of its plans of one cost comes first. */
#ifndef PROMESSA_KERNEL_MEMBERS_H
#define PROMESSA_KERNEL_MEMBERS_H

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
