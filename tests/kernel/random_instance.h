/* Random sourcing instances with every feature, for the drivers. Each array is allocated at its exact size, so that a
 * sanitizer finds any read beyond it. */
#ifndef RANDOM_INSTANCE_H
#define RANDOM_INSTANCE_H

#include <stdio.h>
#include <stdlib.h>

#include "kernel.h"

typedef struct {
    pk_network network;
    pk_basket basket;
    pk_rules rules;
    void *owned[40];
    int count;
} instance;

typedef struct {
    int64_t nodes, lines;
    bool malformed;  /* a stock row may name a node that is not there */
} instance_size;

static int64_t draw(uint64_t *state, int64_t below) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)((*state >> 33) % (uint64_t)below);
}

static void *own(instance *it, int64_t count, size_t size) {
    return it->owned[it->count++] = calloc(count > 0 ? (size_t)count : 1, size);
}

static int64_t *column(instance *it, int64_t count) { return own(it, count, sizeof(int64_t)); }

static void draw_network(instance *it, uint64_t *state, int64_t nodes) {
    int64_t rates = 1 + draw(state, 3), brackets = 0, lanes = 0, counts[3];
    for (int64_t r = 0; r < rates; r++) brackets += counts[r] = 1 + draw(state, 4);
    int64_t *lane_start = column(it, nodes + 1);
    for (int64_t j = 0; j < nodes; j++) lane_start[j + 1] = lanes += draw(state, 4);
    int64_t *fixed = column(it, nodes), *unit = column(it, nodes), *max_grams = column(it, nodes);
    int64_t *only_rate = column(it, nodes), *lane_rate = column(it, lanes), *surcharge = column(it, lanes);
    int64_t *bracket_start = column(it, rates + 1), *grams = column(it, brackets), *price = column(it, brackets);
    int64_t *step_grams = column(it, rates), *step_price = column(it, rates);
    uint8_t *has_lane = own(it, nodes, 1);
    pk_network n = {.nodes = nodes, .lanes = lanes, .rates = rates, .brackets = brackets, .least_max_grams = INT64_MAX};
    for (int64_t r = 0, at = 0; r < rates; r++) {
        int64_t g = 0, p = draw(state, 2) * draw(state, 100);
        for (int64_t k = 0; k < counts[r]; k++, at++) {
            grams[at] = g += 1 + draw(state, 10);
            price[at] = p += draw(state, 3) * draw(state, 30);
        }
        bracket_start[r + 1] = at;
        step_grams[r] = draw(state, 2) * draw(state, 6);
        step_price[r] = draw(state, 30);
    }
    for (int64_t j = 0; j < nodes; j++) {
        fixed[j] = draw(state, 2) * draw(state, 40);
        unit[j] = draw(state, 3);
        max_grams[j] = only_rate[j] = -1;
        for (int64_t l = lane_start[j]; l < lane_start[j + 1]; l++) {
            int64_t r = lane_rate[l] = draw(state, rates);
            surcharge[l] = draw(state, 2) * draw(state, 20);
            int64_t most = step_grams[r] ? INT64_MAX : grams[bracket_start[r + 1] - 1];
            if (most > max_grams[j]) max_grams[j] = most;
            only_rate[j] = lane_start[j + 1] - lane_start[j] == 1 ? r : -1;
        }
        has_lane[j] = lane_start[j + 1] > lane_start[j];
        if (has_lane[j] && max_grams[j] < n.least_max_grams) n.least_max_grams = max_grams[j];
    }
    n.fixed_cost = fixed, n.unit_cost = unit, n.lane_start = lane_start, n.lane_rate = lane_rate;
    n.lane_surcharge = surcharge, n.bracket_start = bracket_start, n.bracket_grams = grams, n.bracket_price = price;
    n.over_step_grams = step_grams, n.over_step_price = step_price, n.max_grams = max_grams, n.only_rate = only_rate;
    n.has_lane = has_lane;
    it->network = n;
}

static void draw_basket(instance *it, uint64_t *state, int64_t lines, int64_t most, bool malformed) {
    int64_t nodes = it->network.nodes, entries = 0;
    bool *held = calloc((size_t)(lines * nodes), sizeof(bool)), costs = draw(state, 2);
    for (int64_t at = 0; at < lines * nodes; at++) entries += held[at] = draw(state, 3) > 0;
    int64_t *quantity = column(it, lines), *unit_grams = column(it, lines), *row_start = column(it, lines + 1);
    int64_t *row_atp = column(it, entries), *row_cost = column(it, entries), e = 0;
    uint32_t *row_node = own(it, entries, sizeof(uint32_t));
    for (int64_t i = 0; i < lines; i++) {
        quantity[i] = 1 + draw(state, most);
        unit_grams[i] = draw(state, 4);
        for (int64_t j = 0; j < nodes; j++) {
            if (!held[i * nodes + j]) continue;
            row_node[e] = (uint32_t)j;
            row_cost[e] = costs ? draw(state, 2) * draw(state, 30) : 0;
            row_atp[e++] = draw(state, 9) - 1;
        }
        row_start[i + 1] = e;
    }
    if (malformed && entries && draw(state, 50) == 0) row_node[draw(state, entries)] = (uint32_t)(nodes + draw(state, 3));
    it->basket = (pk_basket){lines, quantity, unit_grams, row_start, row_node, row_atp, costs ? row_cost : NULL};
    free(held);
}

static void draw_rules(instance *it, uint64_t *state) {
    const pk_network *n = &it->network;
    uint8_t *eligible = own(it, n->nodes, 1), *allowed = own(it, n->lanes, 1);
    uint32_t *excluded = own(it, 1, sizeof(uint32_t));
    for (int64_t j = 0; j < n->nodes; j++) eligible[j] = draw(state, 10) > 0;
    for (int64_t l = 0; l < n->lanes; l++) allowed[l] = draw(state, 5) > 0;
    excluded[0] = (uint32_t)draw(state, n->nodes);
    it->rules = (pk_rules){
        .max_shipments = draw(state, 2) ? PK_MAX_SHIPMENTS : 1 + draw(state, 4),
        .ship_complete = draw(state, 5) == 0,
        .allow_line_split = draw(state, 3) > 0,
        .split_cost = draw(state, 2) * draw(state, 50),
        .node_eligible = draw(state, 2) ? eligible : NULL,
        .lane_allowed = draw(state, 3) == 0 ? allowed : NULL,
        .excluded = excluded,
        .excluded_count = draw(state, 2),
        .budget_steps = draw(state, 3) ? 3000 : draw(state, 20),
        .levels = draw(state, 2) * draw(state, 5),
        .required = draw(state, 6) ? -1 : draw(state, n->nodes),
    };
    int64_t most = 1 + draw(state, 8);
    for (int64_t s = 0; s < it->rules.levels; s++) {
        pk_level_kind kind = draw(state, 3) ? PK_SUM + draw(state, 2) : PK_SHIPMENTS + draw(state, 2);
        int64_t *value = kind == PK_SUM || kind == PK_WORST ? column(it, n->lanes) : NULL;
        for (int64_t l = 0; value && l < n->lanes; l++) value[l] = draw(state, most);
        it->rules.level[s] = (pk_level){kind, value};
    }
}

static instance draw_instance(uint64_t *state, instance_size size) {
    instance it = {.count = 0};
    draw_network(&it, state, size.nodes);
    draw_basket(&it, state, size.lines, size.nodes > 100 ? 30 : 6, size.malformed);
    draw_rules(&it, state);
    return it;
}

static void free_instance(instance *it) {
    for (int k = 0; k < it->count; k++) free(it->owned[k]);
}

/* Memory for one search, full of rubbish, at its exact size. */
static pk_workspace *make_workspace(const instance *it) {
    const pk_network *n = &it->network;
    pk_workspace *w = malloc(sizeof(*w));
    memset(w, 0xa5, sizeof(*w));
    size_t bytes = (pk_workspace_bytes(n->nodes, n->lanes, n->rates, n->brackets) + 63) & ~(size_t)63;
    char *block = aligned_alloc(64, bytes);
    memset(block, 0xa5, bytes);
    pk_workspace_bind(w, block, n->nodes, n->lanes, n->rates, n->brackets);
    w->forbidden_count = 0;
    size_t line_bytes = (size_t)(it->basket.lines * w->padded) * sizeof(double);
    w->line = it->basket.row_cost ? aligned_alloc(64, line_bytes) : NULL;
    if (w->line) memset(w->line, 0xa5, line_bytes);
    return w;
}

static void free_workspace(pk_workspace *w, double *line) {
    free(line);
    free(w->cover);  /* the first array of the block */
    free(w);
}

/* A number made of all that a plan says. */
static uint64_t fingerprint(const pk_plan *p) {
    uint64_t sum = 0;
    for (int32_t k = 0; k < p->shipments; k++)
        sum = (sum * 31 + (uint64_t)p->shipment[k].node) * 0x9e3779b97f4a7c15u + p->shipment[k].lines;
    for (int32_t e = 0; e < p->splits; e++)
        sum = (sum * 31 + (uint64_t)p->split[e].line) * 0x9e3779b97f4a7c15u + (uint64_t)(p->split[e].node * 64) +
              (uint64_t)p->split[e].units;
    return sum;
}

#endif
