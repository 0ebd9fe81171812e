/* The sourcing search: which node serves which line of one basket, at the least exact cost, or by levels before the cost.
 *
 * Pure C11, header only, no allocation: the caller binds one block of memory (pk_workspace_bytes, pk_workspace_bind).
 * src/promessa/kernel/reference.py states the same problem by exhaustive enumeration and is its specification; README.md
 * beside this file holds the formulas. Called by _kernel.pyx, which has checked shapes and ranges; the stock rows may be
 * shared memory that changes underneath, so their node numbers are checked here again.
 *
 * Order of work: gather -> price -> dual -> fix -> sets or columns; with levels from price on once for each. Money is int64
 * micros; doubles carry bounds only, and each comparison of a bound with a cost leaves room for their rounding, so rounding
 * can cost time and never an answer.
 */
#ifndef PROMESSA_KERNEL_H
#define PROMESSA_KERNEL_H

#include "kernel_explain.h"
#include "kernel_gather.h"
#include "kernel_stages.h"

static void pk_empty_plan(pk_workspace *w) {
    pk_plan *p = &w->best;
    p->found = true;
    p->cost = 0;
    p->shipments = p->splits = 0;
    memset(p->level, 0, sizeof(p->level));
    p->unfilled = 0;
    for (int64_t i = 0; i < w->basket->lines; i++) p->unfilled += w->basket->quantity[i];
}

/* Plans that fill every line that can be filled: the usual case. */
static void pk_solve_filled(pk_workspace *w, uint64_t served, int64_t low, int64_t high, int64_t units) {
    w->may_skip = false;
    if (w->split == 0) {
        if (w->rules->levels) pk_offer_singles_by_level(w, served);
        else pk_offer_single(w, served, high, units);
        if (pk_singles_decide(w)) return;
    }
    pk_run_stages(w, served, low, high);
}

/* No plan fills every line: plans that leave units out. */
static void pk_solve_unfilled(pk_workspace *w, uint64_t served, int64_t low, int64_t high) {
    w->may_skip = true;
    w->max_shipments = w->rules->max_shipments;
    pk_run_stages(w, served, low, high);
    w->lower_bound = 0;
}

/* Decides one basket. The plan is in w->best (found false only for a runner-up that does not exist), with
 * w->proven, w->lower_bound and w->steps. w->forbidden_count node sets in w->forbidden are refused. */
static pk_status pk_solve(pk_workspace *w, const pk_network *network, const pk_basket *basket, const pk_rules *rules) {
    w->network = network;
    w->basket = basket;
    w->rules = rules;
    w->max_shipments = rules->max_shipments;
    w->split_cost = rules->split_cost;
    w->budget = rules->budget_steps;
    w->steps = w->better = 0;
    w->stopped = w->truncated = w->worst = false;
    w->by_cost = rules->levels == 0;
    w->stage = 0;
    w->allowed = rules->lane_allowed;
    w->line_kept = w->line;
    w->proven = true;
    w->best.found = false;
    w->lower_bound = 0;
    w->whole = w->split = w->count = 0;
    pk_status status = pk_gather_rows(w);
    if (status != PK_OK) return status;
    if (w->line) pk_gather_costs(w);
    pk_mark_usable(w);
    uint64_t served = pk_filter_cover(w);
    pk_sort_lines(w, served);
    if (w->whole + w->split == 0 || (rules->ship_complete && w->forced_unfilled > 0)) {
        pk_empty_plan(w);
        return PK_OK;
    }
    int64_t low = INT64_MAX, high = 0, units = 0;
    for (int64_t t = 0; t < w->whole; t++) {
        high += w->weight[t];
        units += w->quantity[t];
        if (w->weight[t] < low) low = w->weight[t];
    }
    for (int64_t p = 0; p < w->split; p++) {
        high += w->split_target[p] * w->split_grams[p];
        if (w->split_grams[p] < low) low = w->split_grams[p];
    }
    w->unfilled = w->forced_unfilled;
    if (rules->levels) pk_drop_lanes(w);
    else pk_price_nodes(w, low, high);
    pk_solve_filled(w, served, low, high, units);
    if (!w->best.found && w->forbidden_count == 0) {
        if (rules->ship_complete) {
            pk_empty_plan(w);
        } else {
            pk_solve_unfilled(w, served, low, high);
            if (!w->best.found) pk_empty_plan(w);
        }
        if (!w->proven) w->lower_bound = 0;
    }
    w->line = (double *)w->line_kept;  /* stages have had their own */
    w->split_cost = rules->split_cost;
    return PK_OK;
}

#endif
