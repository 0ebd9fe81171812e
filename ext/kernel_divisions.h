/* Divisions: how the grams of lines that are left could go to the members, whatever line goes where.
 *
 * Prices of parcels rise in steps. A division gives each member the weight at the end of a step, so that all of them
 * together have room for what is left; lines are whole, so not every division can be filled, but where the cheapest one is
 * beyond the limit no way of giving out the lines is within it. The search keeps one that is within the limit: it holds for
 * as long as no member gets heavier than it says, and for whatever the search comes back to. So most lines are given at the
 * price of two comparisons, and only where it fails another is looked for.
 */
#ifndef PROMESSA_KERNEL_DIVISIONS_H
#define PROMESSA_KERNEL_DIVISIONS_H

#include "kernel_plans.h"

/* What a parcel of so many grams adds to what is minimised, but for its lines by the unit; INFINITY when it is too heavy.
 * `end`: the heaviest that comes to the same. */
static double pk_parcel_step(const pk_workspace *w, int64_t node, int64_t grams, int64_t *end) {
    const pk_network *n = w->network;
    const pk_level *level = &w->rules->level[w->stage];
    int64_t least = PK_NEVER;
    for (int64_t l = n->lane_start[node]; l < n->lane_start[node + 1]; l++) {
        int64_t until, price;
        if (w->allowed && !w->allowed[l]) continue;
        price = pk_rate_step(n, n->lane_rate[l], grams, &until);
        if (price == PK_NEVER) continue;
        price += n->lane_surcharge[l];
        if (!w->by_cost) {
            price = level->kind == PK_SUM ? level->value[l] : level->kind == PK_SHIPMENTS;
            int64_t r = n->lane_rate[l];
            until = n->over_step_grams[r] ? grams + PK_HEAVY : n->bracket_grams[n->bracket_start[r + 1] - 1];
        }
        if (price > least || (price == least && until <= *end)) continue;
        least = price;
        *end = until;
    }
    if (least == PK_NEVER) return INFINITY;
    return (double)(w->by_cost ? least + n->fixed_cost[node] + w->split_cost : least);
}

/* Adds steps to the parcels of members from m on until `left` more grams have room, for no more than `most` in sum. Where
 * steps are so small that it takes too many of them, it says that there is room. */
static bool pk_add_steps(pk_workspace *w, pk_division *d, int32_t m, int64_t left, double most) {
    if (left <= 0) return true;
    if (m == w->depth) return false;
    const pk_member *member = &w->member[m];
    const int64_t room = d->room[m];
    const double price = d->price[m];
    bool last = m + 1 == w->depth;
    for (;;) {
        if (!last && pk_add_steps(w, d, m + 1, left, most - (d->price[m] - price))) return true;
        int64_t end, next = d->room[m] + (last ? left : 1);
        if (w->tries++ == PK_DIVISIONS) return true;
        if (next > member->most || !pk_spend(w, 1)) break;
        double dearer = pk_parcel_step(w, w->s_node[member->survivor], next, &end);
        if (dearer - price > most) break;
        left -= end - d->room[m];
        d->room[m] = end;
        d->price[m] = dearer;
        if (left <= 0) return true;
    }
    d->room[m] = room;
    d->price[m] = price;
    return false;
}

/* Looks for a division of `left` grams beside what the members have, for no more than `most` in sum; keeps it. */
static bool pk_divide(pk_workspace *w, int64_t left, double most) {
    pk_division *d = &w->tried;
    double sum = 0;
    w->tries = 0;
    for (int32_t m = 0; m < w->depth; m++) {
        const pk_member *member = &w->member[m];
        d->price[m] = pk_parcel_step(w, w->s_node[member->survivor], member->grams, &d->room[m]);
        sum += d->price[m];
        left -= d->room[m] - member->grams;
    }
    if (!(sum <= most) || !pk_add_steps(w, d, 0, left, most - sum)) return false;
    w->division.sum = 0;
    for (int32_t m = 0; m < w->depth; m++) {
        w->division.room[m] = d->room[m];
        w->division.sum += d->price[m];
    }
    return true;
}

#endif
