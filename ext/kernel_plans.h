/* Which of two plans comes first, which is best so far, and how far the search may still look. */
#ifndef PROMESSA_KERNEL_PLANS_H
#define PROMESSA_KERNEL_PLANS_H

#include "kernel_levels.h"

/* Writes the (line, node) pairs of a plan in ascending order; returns how many. */
static int32_t pk_assignments(const pk_plan *p, int64_t lines, pk_entry *out) {
    int32_t count = 0, at = 0;
    for (int32_t line = 0; line < lines; line++) {
        for (int32_t k = 0; k < p->shipments; k++) {
            if (p->shipment[k].lines >> line & 1) out[count++] = (pk_entry){line, p->shipment[k].node, 0};
        }
        for (; at < p->splits && p->split[at].line == line; at++) out[count++] = p->split[at];
    }
    return count;
}

/* Whether a comes before b among plans of equal unfilled units, levels, cost and number of shipments. */
static bool pk_tie_before(pk_workspace *w, const pk_plan *a, const pk_plan *b) {
    for (int32_t k = 0; k < a->shipments; k++) {
        if (a->shipment[k].node != b->shipment[k].node) return a->shipment[k].node < b->shipment[k].node;
    }
    int32_t m = pk_assignments(a, w->basket->lines, w->sequence[0]);
    int32_t n = pk_assignments(b, w->basket->lines, w->sequence[1]);
    for (int32_t k = 0; k < m && k < n; k++) {
        const pk_entry *x = &w->sequence[0][k], *y = &w->sequence[1][k];
        if (x->line != y->line) return x->line < y->line;
        if (x->node != y->node) return x->node < y->node;
    }
    return m < n;
}

static bool pk_before(pk_workspace *w, const pk_plan *a, const pk_plan *b) {
    if (!b->found) return true;
    if (a->unfilled != b->unfilled) return a->unfilled < b->unfilled;
    int by_level = pk_compare_levels(w->rules, a, b);
    if (by_level) return by_level < 0;
    if (a->cost != b->cost) return a->cost < b->cost;
    if (a->shipments != b->shipments) return a->shipments < b->shipments;
    return pk_tie_before(w, a, b);
}

static void pk_plan_copy(pk_plan *to, const pk_plan *from) {
    memcpy(to, from, offsetof(pk_plan, split) + (size_t)from->splits * sizeof(pk_entry));
}

/* Whether a plan has the nodes of a runner-up that is known, or has not the node it must have. */
static bool pk_is_forbidden(const pk_workspace *w, const pk_plan *p) {
    bool without = w->rules->required >= 0;
    for (int32_t k = 0; k < p->shipments && without; k++) without = p->shipment[k].node != w->rules->required;
    if (without) return true;
    for (int32_t s = 0; s < w->forbidden_count; s++) {
        if (w->forbidden_size[s] != p->shipments) continue;
        bool same = true;
        for (int32_t k = 0; k < p->shipments && same; k++) same = w->forbidden[s][k] == p->shipment[k].node;
        if (same) return true;
    }
    return false;
}

/* Takes w->trial as the best plan when it comes first, and says so; sorts it, and refuses the forbidden node sets. */
static bool pk_offer(pk_workspace *w) {
    pk_plan *p = &w->trial;
    p->found = true;
    if (w->best.found && (p->unfilled > w->best.unfilled ||
                          (w->by_cost && p->unfilled == w->best.unfilled && p->cost > w->best.cost))) return false;
    for (int32_t i = 1; i < p->shipments; i++) {
        pk_shipment x = p->shipment[i];
        int32_t k = i;
        for (; k > 0 && p->shipment[k - 1].node > x.node; k--) p->shipment[k] = p->shipment[k - 1];
        p->shipment[k] = x;
    }
    for (int32_t i = 1; i < p->splits; i++) {
        pk_entry x = p->split[i];
        int32_t k = i;
        for (; k > 0 && (p->split[k - 1].line > x.line ||
                         (p->split[k - 1].line == x.line && p->split[k - 1].node > x.node)); k--)
            p->split[k] = p->split[k - 1];
        p->split[k] = x;
    }
    if (pk_is_forbidden(w, p)) return false;
    if (w->rules->levels && !pk_weigh_plan(w, p)) return false;
    if (!pk_before(w, p, &w->best)) return false;
    pk_plan_copy(&w->best, p);
    if (w->worst) w->stopped = w->satisfied = true;
    return true;
}

/* What a bound must exceed before it prunes. By cost, never lower than the best cost by more than any rounding, so that
 * ties are seen where they may come first; in a level, what a plan that is better in it comes to at most. */
static inline double pk_limit(const pk_workspace *w) {
    if (!w->best.found || w->unfilled < w->best.unfilled) return INFINITY;
    if (w->unfilled > w->best.unfilled) return -INFINITY;
    if (!w->by_cost) return pk_room_above(w->best.level[w->stage] - 1);
    double cost = (double)(w->best.cost + w->split_cost - w->better);
    return cost + 0.5 + cost * 0x1p-42;
}

/* Uses up steps of the budget; false, and the search is over, when there are not so many left. */
static inline bool pk_spend(pk_workspace *w, int64_t steps) {
    if (w->steps + steps > w->budget) w->stopped = true;
    else w->steps += steps;
    return !w->stopped;
}

static inline uint64_t pk_all_lines(const pk_workspace *w) {
    return w->whole == 64 ? ~(uint64_t)0 : ((uint64_t)1 << w->whole) - 1;
}

static inline double pk_prices(const pk_workspace *w, uint64_t lines) {
    double sum = 0;
    for (; lines; lines &= lines - 1) sum += w->price[__builtin_ctzll(lines)];
    return sum;
}

#endif
