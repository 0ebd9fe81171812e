/* First plans: the best single node, and greedy covers, at their exact cost. */
#ifndef PROMESSA_KERNEL_COVERS_H
#define PROMESSA_KERNEL_COVERS_H

#include "kernel_plans.h"

static void pk_offer_one(pk_workspace *w, int64_t node, uint64_t lines, int64_t cost) {
    pk_plan *p = &w->trial;
    p->unfilled = w->unfilled;
    p->cost = cost;
    p->shipments = 1;
    p->splits = 0;
    p->shipment[0] = (pk_shipment){(int32_t)node, lines, -1};
    pk_offer(w);
}

/* The cheapest node that serves every line by itself, at its exact cost. */
static void pk_offer_single(pk_workspace *w, uint64_t lines, int64_t grams, int64_t units) {
    const pk_network *n = w->network;
    const uint8_t *allowed = w->allowed;
    const bool with_lines = w->line, picky = w->forbidden_count || w->rules->required >= 0;
    int64_t chosen = -1, least = PK_NEVER;
    for (int64_t j = 0; j < n->nodes; j++) {
        if (w->cover[j] != lines) continue;
        int64_t ship = PK_NEVER;
        if (n->only_rate[j] >= 0) {
            ship = w->rate_total[n->only_rate[j]];
            if (ship != PK_NEVER) ship += n->lane_surcharge[n->lane_start[j]];
        } else {
            ship = pk_ship(n, allowed, j, grams, NULL);
        }
        if (ship == PK_NEVER) continue;
        int64_t cost = n->fixed_cost[j] + n->unit_cost[j] * units + ship;
        if (with_lines) cost += pk_lines_cost(w, j, lines);
        if (cost > least || (cost == least && !picky)) continue;
        if (picky) {  /* pk_offer knows which node sets are taken */
            pk_offer_one(w, j, lines, cost);
            continue;
        }
        least = cost;
        chosen = j;
    }
    if (chosen >= 0) pk_offer_one(w, chosen, lines, least);
}

typedef struct {
    int32_t count;
    int32_t node[PK_MAX_SHIPMENTS];
    uint64_t lines[PK_MAX_SHIPMENTS];
    int64_t weight[PK_MAX_SHIPMENTS], units[PK_MAX_SHIPMENTS];
} pk_draft;

static int32_t pk_draft_node(pk_draft *d, int64_t node) {
    for (int32_t k = 0; k < d->count; k++) {
        if (d->node[k] == node) return k;
    }
    d->node[d->count] = (int32_t)node;
    d->lines[d->count] = 0;
    d->weight[d->count] = d->units[d->count] = 0;
    return d->count++;
}

/* Takes the split lines from the nodes with the most units; false when that opens too many nodes. */
static bool pk_draft_splits(pk_workspace *w, pk_draft *d) {
    const pk_basket *b = w->basket;
    w->trial.splits = 0;
    for (int64_t p = 0; p < w->split; p++) {
        int64_t line = w->split_line[p], left = w->split_target[p], before_units = INT64_MAX, before_node = -1;
        while (left > 0) {
            int64_t most = 0, chosen = -1;  /* the next in the order (most units, lowest node) */
            for (int64_t e = b->row_start[line]; e < b->row_start[line + 1]; e++) {
                int64_t node = b->row_node[e];
                if (node >= w->network->nodes || !w->usable[node]) continue;
                int64_t units = pk_usable_units(b->row_atp[e], b->unit_grams[line],
                                                pk_max_grams(w->network, w->rules->lane_allowed, node));
                if (units > b->quantity[line]) units = b->quantity[line];
                bool later = units < before_units || (units == before_units && node > before_node);
                if (later && units > most) {
                    most = units;
                    chosen = node;
                }
            }
            if (chosen < 0) return false;
            bool known = false;
            for (int32_t k = 0; k < d->count; k++) known |= d->node[k] == chosen;
            if (!known && d->count == w->max_shipments) return false;
            int32_t k = pk_draft_node(d, chosen);
            int64_t units = most < left ? most : left;
            d->units[k] += units;
            d->weight[k] += units * b->unit_grams[line];
            w->trial.split[w->trial.splits++] = (pk_entry){(int32_t)line, (int32_t)chosen, units};
            left -= units;
            before_units = most;
            before_node = chosen;
        }
    }
    return true;
}

/* The node with the least (opening + handling) cost for each line it adds; -1 when none adds a line. */
PK_WIDE static int64_t pk_greedy_pick(pk_workspace *w, uint64_t rest, bool last) {
    int64_t lines = __builtin_popcountll(rest), units = 0, grams = 0, chosen = -1;
    for (uint64_t bits = rest; bits; bits &= bits - 1) {
        int64_t i = __builtin_ctzll(bits);
        units += w->basket->quantity[i];
        grams += w->basket->quantity[i] * w->basket->unit_grams[i];
    }
    double each_unit = (double)units / (double)lines, each_gram = (double)grams / (double)lines, least = INFINITY;
    for (int64_t j = 0; j < w->network->nodes; j++) {
        uint64_t adds = w->cover[j] & rest;
        if (!adds || (last && adds != rest)) continue;
        double score = w->open[j] / (double)__builtin_popcountll(adds) + w->unit[j] * each_unit + w->gram[j] * each_gram;
        if (score < least) {
            least = score;
            chosen = j;
        }
    }
    return chosen;
}

/* Gives each line to the drafted node where it adds the least exact cost; offers the plan when it is feasible. */
static void pk_offer_draft(pk_workspace *w, pk_draft *d, uint64_t lines) {
    const pk_network *n = w->network;
    const pk_basket *b = w->basket;
    const uint8_t *allowed = w->allowed;
    uint64_t reserved = w->rules->required >= 0 ? w->cover[w->rules->required] & lines : 0;
    reserved &= ~reserved + 1;  /* a line for the node that is required */
    for (uint64_t bits = lines; bits; bits &= bits - 1) {
        int64_t i = __builtin_ctzll(bits), grams = b->quantity[i] * b->unit_grams[i], least = PK_NEVER;
        int32_t chosen = -1;
        for (int32_t k = 0; k < d->count; k++) {
            if (!(w->cover[d->node[k]] >> i & 1) || (reserved >> i & 1 && d->node[k] != w->rules->required)) continue;
            int64_t price = pk_ship(n, allowed, d->node[k], d->weight[k] + grams, NULL);
            if (price == PK_NEVER) continue;
            if (d->lines[k] || d->units[k]) price -= pk_ship(n, allowed, d->node[k], d->weight[k], NULL);
            else price += n->fixed_cost[d->node[k]] + w->split_cost;
            price += n->unit_cost[d->node[k]] * b->quantity[i] + (int64_t)pk_line_cost(w, d->node[k], i);
            if (price < least) {
                least = price;
                chosen = k;
            }
        }
        if (chosen < 0) return;
        d->lines[chosen] |= (uint64_t)1 << i;
        d->weight[chosen] += grams;
        d->units[chosen] += b->quantity[i];
    }
    pk_plan *p = &w->trial;
    p->shipments = 0;
    p->cost = pk_splits_cost(w, p->split, p->splits);
    p->unfilled = w->unfilled;
    for (int32_t k = 0; k < d->count; k++) {
        if (!d->units[k]) continue;
        int64_t price = pk_ship(n, allowed, d->node[k], d->weight[k], NULL);
        if (price == PK_NEVER) return;
        p->cost += price + n->fixed_cost[d->node[k]] + n->unit_cost[d->node[k]] * d->units[k];
        p->cost += pk_lines_cost(w, d->node[k], d->lines[k]);
        p->cost += p->shipments ? w->split_cost : 0;
        p->shipment[p->shipments++] = (pk_shipment){d->node[k], d->lines[k], -1};
    }
    if (p->shipments <= w->max_shipments) pk_offer(w);
}

static void pk_greedy(pk_workspace *w, uint64_t lines) {
    pk_draft d;
    d.count = 0;
    if (w->rules->required >= 0) pk_draft_node(&d, w->rules->required);
    if (!pk_draft_splits(w, &d)) return;
    uint64_t rest = lines;
    for (int32_t k = 0; k < d.count; k++) rest &= ~w->cover[d.node[k]];
    while (rest) {
        if (d.count == w->max_shipments) return;
        int64_t node = pk_greedy_pick(w, rest, d.count + 1 == w->max_shipments);
        if (node < 0) return;
        pk_draft_node(&d, node);
        rest &= ~w->cover[node];
    }
    pk_offer_draft(w, &d, lines);
}

/* Greedy covers among the survivors, each from another promising first node: a closer limit for large baskets. */
static void pk_offer_seeded(pk_workspace *w, uint64_t lines) {
    for (int64_t seed = 0; seed < w->count && seed < PK_SEEDS; seed++) {
        pk_draft d;
        d.count = 0;
        int64_t next = seed;
        uint64_t rest = lines;
        while (next >= 0 && d.count < w->max_shipments) {
            pk_draft_node(&d, w->s_node[next]);
            rest &= ~w->s_cover[next];
            next = -1;
            double least = INFINITY;
            for (int64_t k = 0; rest && k < w->count; k++) {
                uint64_t adds = w->s_cover[k] & rest;
                if (!adds) continue;
                double cost = w->s_open[k];
                for (uint64_t bits = rest; bits && cost < least; bits &= bits - 1) {  /* not added: its price elsewhere */
                    int64_t i = __builtin_ctzll(bits), t = w->line_at[i];
                    double own = pk_own(w, (int32_t)k, (int)t);
                    cost += adds >> i & 1 ? pk_min(own, 2 * w->price[t]) : 2 * w->price[t];
                }
                if (cost < least) {
                    least = cost;
                    next = k;
                }
            }
        }
        w->trial.splits = 0;
        if (rest == 0) pk_offer_draft(w, &d, lines);
    }
}

#endif
