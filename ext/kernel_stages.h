/* Stages: the search for one objective after the other, each among plans that are best in those before.
 *
 * A stage minimises a level (pk_limit then asks for plans that are better in it), and settles it: from then on nodes and
 * lanes that no plan as good in it can use are gone, and pk_has_room bounds what is left of it. The last stage minimises the
 * cost; levels after the cost break its ties, which the search by cost sees all. Without levels it is the only one.
 */
#ifndef PROMESSA_KERNEL_STAGES_H
#define PROMESSA_KERNEL_STAGES_H

#include "kernel_covers.h"
#include "kernel_minorants.h"
#include "kernel_search.h"
#include "kernel_survivors.h"
#include "kernel_table.h"

/* ---- one objective, whose prices of nodes stand in open, unit and gram ----------------------------------------------- */

/* Searches among the survivors. */
static void pk_search_survivors(pk_workspace *w, uint64_t served) {
    pk_ascend_survivors(w, PK_ASCENTS, true);
    pk_sort_survivors(w);
    if (w->split == 0 && w->whole >= PK_SEEDED_LINES && w->count > PK_SEEDS) {
        pk_offer_seeded(w, served);
        pk_ascend_survivors(w, PK_ASCENTS, true);
        pk_sort_survivors(w);
    }
    pk_order_lines(w);
    pk_order_splits(w);
    pk_run_search(w);
}

static void pk_minimise(pk_workspace *w, uint64_t served) {
    pk_start_dual(w);
    pk_greedy(w, served);
    pk_fix(w);
    if (w->truncated && w->split == 0) {  /* a closer limit may leave few enough */
        pk_sort_survivors(w);
        pk_offer_seeded(w, served);
        w->truncated = false;
        pk_fix(w);
    }
    bool again = w->truncated;
    pk_search_survivors(w, served);
    if (!again || w->stopped || !pk_collect(w, pk_limit(w) - w->settled_bound)) return;
    w->truncated = false;  /* so it has; and where nodes are left out, prices have not been raised over the rest alone */
    w->lower_bound = w->settled_bound;
    pk_search_survivors(w, served);
}

/* The same where few nodes are left and a plan is known. */
static void pk_minimise_few(pk_workspace *w, uint64_t served) {
    for (int64_t j = 0; j < w->network->nodes; j++) w->slack[j] = w->open[j];
    pk_collect(w, INFINITY);
    pk_start_survivors(w);
    pk_ascend_survivors(w, 2, false);
    for (int64_t k = 0; k < w->count; k++) w->slack[w->s_node[k]] = w->s_slack[k];
    w->settled_bound = pk_dual_value(w);
    pk_search_survivors(w, served);
}

/* Whether the best plan comes to no more than this in a level. */
static bool pk_reached(const pk_workspace *w, int32_t s, double bound) {
    return w->best.found && w->best.unfilled == w->unfilled && (double)w->best.level[s] <= bound;
}

/* A level of few lines: by the table, and by a search where its plan is too heavy, or taken, or worse in levels before. */
static void pk_minimise_by_table(pk_workspace *w, uint64_t served, int32_t s) {
    pk_table_bounds(w, served);
    if (w->settled_bound == INFINITY || pk_reached(w, s, w->settled_bound)) return;
    if (!w->best.found) pk_greedy(w, served);
    pk_collect_least(w, pk_limit(w) - w->settled_bound);
    pk_start_survivors(w);
    pk_search_survivors(w, served);
}

/* The same without prices of lines, which are a bound only where every line is filled and what is minimised is a sum. */
static void pk_minimise_plain(pk_workspace *w) {
    for (int64_t t = 0; t < w->whole; t++) w->price[t] = 0;
    for (int64_t p = 0; p < w->split; p++) w->split_price[p] = 0;
    if (!w->worst) memcpy(w->slack, w->open, (size_t)w->padded * sizeof(double));
    if (w->worst) pk_collect_least(w, pk_limit(w));
    else pk_fix(w);
    w->lower_bound = w->settled_bound = 0;
    for (int64_t t = 0; t < w->whole; t++) w->price[t] = 0;  /* pk_fix may have raised them */
    for (int64_t k = 0; k < w->count && !w->worst; k++) w->s_slack[k] = w->s_open[k];
    pk_sort_survivors(w);
    pk_order_lines(w);
    pk_order_splits(w);
    pk_run_search(w);
}

/* ---- levels ---------------------------------------------------------------------------------------------------------- */

/* What a shipment from a node comes to at least in a level; INFINITY without a lane. */
static double pk_level_open(const pk_workspace *w, int64_t s, int64_t node) {
    const pk_network *n = w->network;
    const pk_level *level = &w->rules->level[s];
    int64_t least = INT64_MAX;
    for (int64_t l = n->lane_start[node]; l < n->lane_start[node + 1]; l++) {
        if (w->allowed && !w->allowed[l]) continue;
        int64_t value = level->value ? level->value[l] : 1;
        if (value < least) least = value;
    }
    return least < INT64_MAX ? (double)least : INFINITY;
}

/* Prices the nodes for a level; returns how many may be in a plan. */
static int64_t pk_price_level(pk_workspace *w, int32_t s) {
    int64_t many = 0;
    for (int64_t j = 0; j < w->padded; j++) {
        bool candidate = j < w->network->nodes && pk_is_candidate(w, j);
        w->unit[j] = w->gram[j] = 0;
        w->open[j] = candidate ? pk_level_open(w, s, j) : 0;
        many += candidate;
    }
    return many;
}

/* Lets the search take lanes of its own choice. */
static uint8_t *pk_own_lanes(pk_workspace *w) {
    if (w->allowed == w->lanes_left) return w->lanes_left;
    if (w->allowed) memcpy(w->lanes_left, w->allowed, (size_t)w->network->lanes);
    else memset(w->lanes_left, 1, (size_t)w->network->lanes);
    w->allowed = w->lanes_left;
    return w->lanes_left;
}

static int64_t pk_lane_most(const pk_network *n, int64_t lane) {
    int64_t r = n->lane_rate[lane];
    return n->over_step_grams[r] ? INT64_MAX : n->bracket_grams[n->bracket_start[r + 1] - 1];
}

/* Whether lane a takes all that lane b takes, and comes before it whatever the parcel: in a sum before the cost. */
static bool pk_lane_dominates(const pk_workspace *w, int64_t a, int64_t b) {
    if (pk_lane_most(w->network, a) < pk_lane_most(w->network, b)) return false;
    for (int64_t s = 0; s < w->rules->levels; s++) {
        const pk_level *level = &w->rules->level[s];
        if (level->kind == PK_COST) return false;
        if (!level->value || level->value[a] == level->value[b]) continue;
        return level->kind == PK_SUM && level->value[a] < level->value[b];
    }
    return false;
}

/* Leaves out lanes that no plan takes because another of the same node comes before them. */
static void pk_drop_lanes(pk_workspace *w) {
    const pk_network *n = w->network;
    for (int64_t j = 0; j < n->nodes; j++) {
        if (n->only_rate[j] >= 0 || !pk_is_candidate(w, j)) continue;
        for (int64_t b = n->lane_start[j]; b < n->lane_start[j + 1]; b++) {
            for (int64_t a = n->lane_start[j]; a < n->lane_start[j + 1]; a++) {
                if ((w->allowed && !w->allowed[a]) || !pk_lane_dominates(w, a, b)) continue;
                pk_own_lanes(w)[b] = 0;
                break;
            }
        }
    }
}

static void pk_drop_node(pk_workspace *w, int64_t j) { w->cover[j] = w->usable[j] = 0; }

/* A sum is as small as can be: nodes that no such plan has are gone. Of the others is kept what their slacks may add up to;
 * slacks by the table do not add up, but their openings do. */
static void pk_settle_sum(pk_workspace *w, int32_t s, bool by_table) {
    double *slack = w->level_slack + s * w->padded;
    double most = pk_room_above(w->best.level[s]) - w->settled_bound;
    for (int64_t j = 0; j < w->network->nodes; j++) {
        if (!pk_is_candidate(w, j)) continue;
        slack[j] = by_table ? w->open[j] : pk_max(0, w->slack[j]);
        if (!(w->slack[j] <= most)) pk_drop_node(w, j);
    }
    w->room[s] = by_table ? pk_room_above(w->best.level[s]) : most;
}

/* The largest number of a plan is as small as can be: lanes above it are gone. */
static void pk_settle_worst(pk_workspace *w, int32_t s) {
    const pk_network *n = w->network;
    const int64_t *value = w->rules->level[s].value, most = w->best.level[s];
    for (int64_t j = 0; j < n->nodes; j++) {
        if (!pk_is_candidate(w, j)) continue;
        bool any = false;
        for (int64_t l = n->lane_start[j]; l < n->lane_start[j + 1]; l++) {
            if (w->allowed && !w->allowed[l]) continue;
            if (value[l] <= most) any = true;
            else if (n->only_rate[j] < 0) pk_own_lanes(w)[l] = 0;
        }
        if (!any) pk_drop_node(w, j);
    }
}

/* No plan has a smaller largest number than this: some line has no node below it. */
static double pk_least_worst(const pk_workspace *w) {
    double most = 0;
    for (int64_t t = 0; t < w->whole; t++) {
        uint64_t bit = (uint64_t)1 << w->line_of[t];
        double least = pk_sweep_least(w->cover, w->unit, w->gram, NULL, w->open, w->padded, 0, 0, 0, bit);
        if (least < INFINITY) most = pk_max(most, least);
    }
    return most;
}

/* Minimises a PK_WORST: asks for any plan of nodes below what is known, until there is none. */
static void pk_minimise_worst(pk_workspace *w, uint64_t served, int32_t s) {
    double bound = w->may_skip ? 0 : pk_least_worst(w);
    memcpy(w->slack, w->open, (size_t)w->padded * sizeof(double));
    w->worst = true;
    if (!w->may_skip && !pk_reached(w, s, bound)) {  /* a cover of nodes within the bound, as few as can be */
        for (int64_t j = 0; j < w->network->nodes; j++) w->open[j] = w->slack[j] <= bound ? 1 : INFINITY;
        pk_greedy(w, served);
    }
    for (int64_t j = 0; j < w->network->nodes; j++) w->open[j] = w->slack[j] < INFINITY ? 0 : INFINITY;
    do {
        w->satisfied = w->stopped = w->truncated = false;
        if (pk_reached(w, s, bound)) break;
        pk_minimise_plain(w);
    } while (w->satisfied);
    w->worst = false;
}

/* Minimises one level among the plans that are best in those before, and settles it. */
static void pk_stage_level(pk_workspace *w, uint64_t served, int32_t s) {
    pk_level_kind kind = w->rules->level[s].kind;
    int64_t many = pk_price_level(w, s);
    bool by_table = false;
    w->settled_bound = 0;
    if (kind == PK_WORST) {
        pk_minimise_worst(w, served, s);
    } else if (pk_reached(w, s, kind == PK_SHIPMENTS)) {  /* no plan can come to less */
        memcpy(w->slack, w->open, (size_t)w->padded * sizeof(double));
    } else if (w->may_skip) {
        pk_minimise_plain(w);
    } else if (w->whole && w->whole <= PK_TABLE_LINES) {
        pk_minimise_by_table(w, served, s);
        by_table = true;
    } else if (s == 0 || !w->best.found || many > PK_MAX_SURVIVORS) {
        pk_minimise(w, served);
    } else {
        pk_minimise_few(w, served);
    }
    if (!w->best.found) return;
    if (w->may_skip) memcpy(w->slack, w->open, (size_t)w->padded * sizeof(double));
    if (kind == PK_WORST) pk_settle_worst(w, s);
    else pk_settle_sum(w, s, by_table);
    if (kind == PK_SHIPMENTS && w->best.shipments < w->max_shipments) w->max_shipments = w->best.shipments;
}

/* Before a stage: its objective, half of the steps that are left unless it is the last, and nothing found out yet. */
static void pk_start_stage(pk_workspace *w, int32_t stage, bool by_cost, int64_t budget) {
    w->stage = stage;
    w->by_cost = by_cost;
    w->line = by_cost ? (double *)w->line_kept : NULL;
    w->split_cost = by_cost ? w->rules->split_cost : 0;
    w->budget = by_cost ? budget : w->steps + (budget - w->steps) / 2;
    w->unfilled = w->forced_unfilled;
    w->stopped = w->truncated = w->satisfied = w->worst = false;
    for (int64_t t = 0; t < w->whole; t++) w->line_at[w->line_of[t]] = (int32_t)t;
}

/* Whether the plans of one shipment, which have all been offered, are all there are. */
static bool pk_singles_decide(const pk_workspace *w) {
    return w->split == 0 && !w->may_skip && (w->whole == 1 || w->max_shipments == 1);
}

/* Stage after stage up to the cost; w->proven when each of them is closed. */
static void pk_run_stages(pk_workspace *w, uint64_t served, int64_t low, int64_t high) {
    const pk_rules *r = w->rules;
    int64_t budget = w->steps + r->budget_steps;
    int32_t s = 0;
    w->proven = true;
    for (; s < r->levels && r->level[s].kind != PK_COST; s++) {
        pk_start_stage(w, s, false, budget);
        pk_stage_level(w, served, s);
        w->proven = w->proven && !w->stopped && !w->truncated;
        if (!w->best.found || pk_singles_decide(w)) return;
    }
    pk_start_stage(w, s, true, budget);
    if (r->levels) pk_price_nodes(w, low, high);
    int64_t many = 0;
    for (int64_t j = 0; j < w->network->nodes; j++) many += pk_is_candidate(w, j);
    if (w->may_skip) pk_minimise_plain(w);
    else if (s == 0 || !w->best.found || many > PK_MAX_SURVIVORS) pk_minimise(w, served);
    else pk_minimise_few(w, served);
    w->proven = w->proven && !w->stopped && !w->truncated;
}

/* Offers the plans of one shipment, but for those that come after the best by the levels before the cost. */
static void pk_offer_singles_by_level(pk_workspace *w, uint64_t lines) {
    const pk_rules *r = w->rules;
    for (int64_t j = 0; j < w->network->nodes; j++) {
        if (w->cover[j] != lines) continue;
        int after = 0;
        for (int64_t s = 0; w->best.found && s < r->levels && r->level[s].kind != PK_COST && after == 0; s++) {
            double least = pk_level_open(w, s, j), best = (double)w->best.level[s];
            after = (least > best) - (least < best);
        }
        if (after <= 0) pk_offer_one(w, j, lines, 0);
    }
}

#endif
