/* Levels: plans compared by numbers of their lanes before their cost, lexicographically, and the lanes that go with it.
 *
 * A plan says which lines go from which node; the lanes of its shipments are chosen here, so that the plan comes as far to
 * the front as it can. A sum, and the cost, is least when each shipment by itself takes the lane that comes first in them.
 * Of a PK_WORST only the largest of the plan counts: every shipment may take any lane up to it.
 */
#ifndef PROMESSA_KERNEL_LEVELS_H
#define PROMESSA_KERNEL_LEVELS_H

#include "kernel_prices.h"

/* What leaves a node together. */
typedef struct {
    int64_t node, grams, units, own;  /* own: what the lines cost by themselves */
} pk_parcel;

static pk_parcel pk_parcel_of(const pk_workspace *w, const pk_plan *p, int32_t k) {
    const pk_basket *b = w->basket;
    pk_parcel parcel = {p->shipment[k].node, 0, 0, 0};
    const double *line = w->line_kept;
    for (uint64_t bits = p->shipment[k].lines; bits; bits &= bits - 1) {
        int64_t i = __builtin_ctzll(bits);
        parcel.grams += b->quantity[i] * b->unit_grams[i];
        parcel.units += b->quantity[i];
        if (line) parcel.own += (int64_t)line[i * w->padded + parcel.node];
    }
    for (int32_t e = 0; e < p->splits; e++) {
        if (p->split[e].node != parcel.node) continue;
        int64_t i = p->split[e].line, units = p->split[e].units;
        parcel.grams += units * b->unit_grams[i];
        parcel.units += units;
        if (line) parcel.own += (int64_t)line[i * w->padded + parcel.node] / b->quantity[i] * units;
    }
    return parcel;
}

/* What a lane charges for a parcel; PK_NEVER when it does not take it. */
static int64_t pk_lane_price(const pk_network *n, int64_t lane, int64_t grams) {
    int64_t price = pk_rate_price(n, n->lane_rate[lane], grams);
    return price == PK_NEVER ? PK_NEVER : price + n->lane_surcharge[lane];
}

/* Whether lane a comes before lane b (ties: the lower lane) in the levels below `end`, and then, with `finally`, by price.
 * Up to `end` a PK_WORST says nothing, as lanes above the largest of the plan are out of the question already; at `end - 1`
 * it counts unless `finally`. */
static bool pk_lane_before(const pk_rules *r, int64_t a, int64_t price_a, int64_t b, int64_t price_b, int64_t end,
                           bool finally) {
    for (int64_t s = 0; s < end; s++) {
        const pk_level *level = &r->level[s];
        if (level->kind == PK_COST && price_a != price_b) return price_a < price_b;
        if (!level->value || (level->kind == PK_WORST && (finally || s + 1 < end))) continue;
        if (level->value[a] != level->value[b]) return level->value[a] < level->value[b];
    }
    if (finally && price_a != price_b) return price_a < price_b;
    return a < b;
}

/* The lane of a parcel that comes first, of those up to most[s] in each PK_WORST s below `end`; -1 when none takes it. */
static int64_t pk_first_lane(const pk_workspace *w, const pk_parcel *parcel, const int64_t *most, int64_t end, bool finally,
                             int64_t *price) {
    const pk_network *n = w->network;
    const pk_rules *r = w->rules;
    int64_t chosen = -1;
    for (int64_t l = n->lane_start[parcel->node]; l < n->lane_start[parcel->node + 1]; l++) {
        if (w->allowed && !w->allowed[l]) continue;
        bool within = true;
        for (int64_t s = 0; s < end && within; s++)
            within = r->level[s].kind != PK_WORST || r->level[s].value[l] <= most[s];
        int64_t own = within ? pk_lane_price(n, l, parcel->grams) : PK_NEVER;
        if (own == PK_NEVER || (chosen >= 0 && !pk_lane_before(r, l, own, chosen, *price, end, finally))) continue;
        chosen = l;
        *price = own;
    }
    return chosen;
}

/* Chooses the lanes of a plan, and says what it costs and comes to in each level; false when a parcel is too heavy. */
static bool pk_weigh_plan(const pk_workspace *w, pk_plan *p) {
    const pk_network *n = w->network;
    const pk_rules *r = w->rules;
    pk_parcel parcel[PK_MAX_SHIPMENTS];
    int64_t most[PK_MAX_LEVELS], price = 0;
    for (int32_t k = 0; k < p->shipments; k++) parcel[k] = pk_parcel_of(w, p, k);
    for (int64_t s = 0; s < r->levels; s++) {
        most[s] = INT64_MAX;
        if (r->level[s].kind != PK_WORST) continue;
        int64_t largest = 0;
        for (int32_t k = 0; k < p->shipments; k++) {
            int64_t lane = pk_first_lane(w, &parcel[k], most, s + 1, false, &price);
            if (lane < 0) return false;
            if (r->level[s].value[lane] > largest) largest = r->level[s].value[lane];
        }
        most[s] = largest;
    }
    p->cost = r->split_cost * (p->shipments > 1 ? p->shipments - 1 : 0);
    memset(p->level, 0, (size_t)r->levels * sizeof(*p->level));
    for (int32_t k = 0; k < p->shipments; k++) {
        const pk_parcel *from = &parcel[k];
        int64_t lane = pk_first_lane(w, from, most, r->levels, true, &price);
        if (lane < 0) return false;
        p->shipment[k].lane = lane;
        p->cost += price + n->fixed_cost[from->node] + n->unit_cost[from->node] * from->units + from->own;
        for (int64_t s = 0; s < r->levels; s++) {
            if (r->level[s].kind == PK_SUM) p->level[s] += r->level[s].value[lane];
        }
    }
    for (int64_t s = 0; s < r->levels; s++) {
        if (r->level[s].kind == PK_WORST) p->level[s] = p->shipments ? most[s] : 0;
        if (r->level[s].kind == PK_SHIPMENTS) p->level[s] = p->shipments;
        if (r->level[s].kind == PK_COST) p->level[s] = p->cost;
    }
    return true;
}

/* Less than 0 when a comes before b by its levels, more when after. */
static int pk_compare_levels(const pk_rules *r, const pk_plan *a, const pk_plan *b) {
    for (int64_t s = 0; s < r->levels; s++) {
        if (a->level[s] != b->level[s]) return a->level[s] < b->level[s] ? -1 : 1;
    }
    return 0;
}

/* What a shipment comes to in the level that is minimised, at least; PK_NEVER when no lane takes it. */
static int64_t pk_level_price(const pk_workspace *w, int64_t node, int64_t grams) {
    const pk_network *n = w->network;
    const pk_level *level = &w->rules->level[w->stage];
    int64_t least = PK_NEVER;
    for (int64_t l = n->lane_start[node]; l < n->lane_start[node + 1]; l++) {
        if ((w->allowed && !w->allowed[l]) || pk_rate_price(n, n->lane_rate[l], grams) == PK_NEVER) continue;
        int64_t value = level->kind == PK_SUM ? level->value[l] : level->kind == PK_SHIPMENTS;
        if (value < least) least = value;
    }
    return least;
}

/* What a shipment of whole lines adds to what the search minimises: the cost, or the level. */
static inline int64_t pk_shipment_price(const pk_workspace *w, int64_t node, int64_t grams, int64_t units) {
    const pk_network *n = w->network;
    if (!w->by_cost) return pk_level_price(w, node, grams);
    int64_t price = pk_ship(n, w->allowed, node, grams, NULL);
    return price == PK_NEVER ? PK_NEVER : price + n->fixed_cost[node] + n->unit_cost[node] * units + w->split_cost;
}

/* A number with room for the rounding of bounds that are compared with it. */
static inline double pk_room_above(int64_t value) { return (double)value + 0x1p-20 + fabs((double)value) * 0x1p-42; }

/* Whether a plan may open survivor k beside those that are open, by the levels that are settled: each plan as good in them
 * has nodes whose slacks together are no more than the room between bound and optimum. */
static bool pk_has_room(const pk_workspace *w, int32_t k) {
    for (int32_t s = 0; s < w->stage; s++) {
        if (w->rules->level[s].kind != PK_SUM) continue;
        const double *slack = w->level_slack + s * w->padded;
        double sum = slack[w->s_node[k]];
        for (int32_t m = 0; m < w->depth; m++)
            sum += slack[w->s_node[w->by_sets ? w->member[m].survivor : w->column[m].survivor]];
        if (sum > w->room[s]) return false;
    }
    return true;
}

#endif
