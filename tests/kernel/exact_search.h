/* The sourcing problem by looking at every plan, as src/promessa/kernel/reference.py states it; it shares no code with the
 * search. For few lines and nodes. */
#ifndef EXACT_SEARCH_H
#define EXACT_SEARCH_H

#include "random_instance.h"

enum { EXACT_NODES = 6, EXACT_LINES = 5 };

typedef struct {
    int64_t unfilled, level[PK_MAX_LEVELS], cost, shipments, node[EXACT_NODES], lane[EXACT_NODES];
    int64_t given[EXACT_LINES][EXACT_NODES];  /* units of a line from a node */
} exact_plan;

typedef struct {
    const instance *it;
    bool serves[EXACT_NODES], whole[EXACT_LINES], found;
    int64_t usable[EXACT_LINES][EXACT_NODES], row_cost[EXACT_LINES][EXACT_NODES];
    int64_t order[EXACT_LINES][EXACT_NODES], held[EXACT_LINES];  /* stock order: who has units, most first */
    exact_plan now, best;
} exact;

/* What a lane charges; -1 when it does not take the weight. */
static int64_t exact_charge(const pk_network *n, int64_t lane, int64_t grams) {
    int64_t rate = n->lane_rate[lane], last = n->bracket_start[rate + 1] - 1;
    for (int64_t at = n->bracket_start[rate]; at <= last; at++) {
        if (grams <= n->bracket_grams[at]) return n->bracket_price[at] + n->lane_surcharge[lane];
    }
    int64_t over = grams - n->bracket_grams[last], step = n->over_step_grams[rate];
    if (step == 0) return -1;
    return n->bracket_price[last] + (over / step + (over % step > 0)) * n->over_step_price[rate] + n->lane_surcharge[lane];
}

static bool exact_may_take(const exact *x, int64_t lane) {
    return !x->it->rules.lane_allowed || x->it->rules.lane_allowed[lane];
}

static bool exact_takes(const exact *x, int64_t node, int64_t grams) {
    const pk_network *n = &x->it->network;
    for (int64_t lane = n->lane_start[node]; lane < n->lane_start[node + 1]; lane++) {
        if (exact_may_take(x, lane) && exact_charge(n, lane, grams) >= 0) return true;
    }
    return false;
}

static void exact_read(exact *x) {
    const pk_basket *b = &x->it->basket;
    const pk_rules *r = &x->it->rules;
    for (int64_t j = 0; j < x->it->network.nodes; j++) {
        x->serves[j] = !r->node_eligible || r->node_eligible[j];
        for (int64_t e = 0; e < r->excluded_count; e++) x->serves[j] = x->serves[j] && r->excluded[e] != j;
    }
    for (int64_t i = 0; i < b->lines; i++) {
        for (int64_t e = b->row_start[i]; e < b->row_start[i + 1]; e++) {
            int64_t j = b->row_node[e], units = b->row_atp[e] < b->quantity[i] ? b->row_atp[e] : b->quantity[i];
            while (units > 0 && !exact_takes(x, j, units * b->unit_grams[i])) units--;
            if (!x->serves[j] || units <= 0) continue;
            x->usable[i][j] = units;
            x->row_cost[i][j] = b->row_cost ? b->row_cost[e] : 0;
            if (units == b->quantity[i]) x->whole[i] = true;
            int64_t at = x->held[i]++;
            for (; at > 0 && x->usable[i][x->order[i][at - 1]] < units; at--) x->order[i][at] = x->order[i][at - 1];
            x->order[i][at] = j;
        }
    }
}

/* Whether a comes before b; the last thing compared are the lanes. */
static bool exact_before(const exact *x, const exact_plan *a, const exact_plan *b) {
    int64_t levels = x->it->rules.levels;
    if (a->unfilled != b->unfilled) return a->unfilled < b->unfilled;
    for (int64_t s = 0; s < levels; s++) {
        if (a->level[s] != b->level[s]) return a->level[s] < b->level[s];
    }
    if (a->cost != b->cost) return a->cost < b->cost;
    if (a->shipments != b->shipments) return a->shipments < b->shipments;
    for (int64_t k = 0; k < a->shipments; k++) {
        if (a->node[k] != b->node[k]) return a->node[k] < b->node[k];
    }
    /* (line, node) pairs in ascending order: who has the first pair that the other has not, unless the other has no more */
    for (int64_t at = 0; at < EXACT_LINES * EXACT_NODES; at++) {
        bool in_a = a->given[at / EXACT_NODES][at % EXACT_NODES], in_b = b->given[at / EXACT_NODES][at % EXACT_NODES];
        if (in_a == in_b) continue;
        const exact_plan *other = in_a ? b : a;
        bool more = false;
        for (int64_t later = at; later < EXACT_LINES * EXACT_NODES; later++)
            more = more || other->given[later / EXACT_NODES][later % EXACT_NODES];
        return in_a == more;
    }
    for (int64_t k = 0; k < a->shipments; k++) {
        if (a->lane[k] != b->lane[k]) return a->lane[k] < b->lane[k];
    }
    return false;
}

/* Every choice of lanes for the nodes from k on. */
static void exact_lanes(exact *x, int64_t k) {
    const pk_network *n = &x->it->network;
    const pk_basket *b = &x->it->basket;
    exact_plan *p = &x->now;
    if (k == p->shipments) {
        exact_plan whole = *p;
        for (k = p->shipments; k < EXACT_NODES; k++) whole.node[k] = whole.lane[k] = 0;
        for (int64_t s = 0; s < x->it->rules.levels; s++) {
            if (x->it->rules.level[s].kind == PK_COST) whole.level[s] = p->cost;
            if (x->it->rules.level[s].kind == PK_SHIPMENTS) whole.level[s] = p->shipments;
        }
        if (!x->found || exact_before(x, &whole, &x->best)) x->best = whole;
        x->found = true;
        return;
    }
    int64_t node = p->node[k], grams = 0, cost = n->fixed_cost[node] + (k > 0 ? x->it->rules.split_cost : 0);
    for (int64_t i = 0; i < b->lines; i++) {
        grams += p->given[i][node] * b->unit_grams[i];
        cost += p->given[i][node] * (n->unit_cost[node] + x->row_cost[i][node]);
    }
    exact_plan before = *p;
    for (int64_t lane = n->lane_start[node]; lane < n->lane_start[node + 1]; lane++) {
        int64_t charge = exact_charge(n, lane, grams);
        if (charge < 0 || !exact_may_take(x, lane)) continue;
        p->lane[k] = lane;
        p->cost += cost + charge;
        for (int64_t s = 0; s < x->it->rules.levels; s++) {
            const pk_level *level = &x->it->rules.level[s];
            if (level->kind == PK_SUM) p->level[s] += level->value[lane];
            if (level->kind == PK_WORST && level->value[lane] > p->level[s]) p->level[s] = level->value[lane];
        }
        exact_lanes(x, k + 1);
        *p = before;
    }
}

static void exact_priced(exact *x) {
    exact_plan *p = &x->now;
    bool required = x->it->rules.required < 0;
    p->shipments = 0;
    for (int64_t j = 0; j < x->it->network.nodes; j++) {
        int64_t units = 0;
        for (int64_t i = 0; i < x->it->basket.lines; i++) units += p->given[i][j];
        if (units == 0) continue;
        p->node[p->shipments++] = j;
        required = required || x->it->rules.required == j;
    }
    if (required && p->shipments <= x->it->rules.max_shipments) exact_lanes(x, 0);
}

static void exact_line(exact *x, int64_t line);

/* A line that no node has whole, from the nodes in stock order from `at` on: each gives all it has, the last what is left. */
static void exact_parts(exact *x, int64_t line, int64_t at, int64_t left) {
    exact_plan *p = &x->now;
    for (; at < x->held[line]; at++) {
        int64_t node = x->order[line][at], units = x->usable[line][node] < left ? x->usable[line][node] : left;
        p->given[line][node] = units;
        p->unfilled += left - units;
        exact_line(x, line + 1);
        p->unfilled -= left - units;
        if (units < left) exact_parts(x, line, at + 1, left - units);
        p->given[line][node] = 0;
    }
}

/* Every choice for the lines from this one on. */
static void exact_line(exact *x, int64_t line) {
    const pk_basket *b = &x->it->basket;
    exact_plan *p = &x->now;
    if (line == b->lines) {
        exact_priced(x);
        return;
    }
    p->unfilled += b->quantity[line];
    exact_line(x, line + 1);  /* left out */
    p->unfilled -= b->quantity[line];
    for (int64_t j = 0; x->whole[line] && j < x->it->network.nodes; j++) {
        if (x->usable[line][j] < b->quantity[line]) continue;
        p->given[line][j] = b->quantity[line];
        exact_line(x, line + 1);
        p->given[line][j] = 0;
    }
    if (!x->whole[line] && x->it->rules.allow_line_split) exact_parts(x, line, 0, b->quantity[line]);
}

/* The best plan; the empty one where rules leave no other. */
static exact_plan exact_search(const instance *it) {
    exact x = {.it = it};
    exact_read(&x);
    exact_line(&x, 0);
    if (x.found && !(it->rules.ship_complete && x.best.unfilled)) return x.best;
    exact_plan nothing = {0};
    for (int64_t i = 0; i < it->basket.lines; i++) nothing.unfilled += it->basket.quantity[i];
    return nothing;
}

#endif
