/* The search against every plan there is, on random small instances. Usage: exact_driver <instances> <seed>.
 *
 * Asserts for each: a plan that is called proven is the very plan that comes first, with its nodes, units, lanes, levels and
 * cost; any other plan is one of those there are, so that it comes no earlier, and its bound is no more than the best cost.
 * Prints how many were proven. Built by kernel_driver.py.
 */
#include <assert.h>

#include "exact_search.h"

/* The plan of the search in the words of the other. */
static exact_plan told(const pk_workspace *w, const instance *it) {
    const pk_plan *p = &w->best;
    exact_plan plan = {.unfilled = p->unfilled, .cost = p->cost, .shipments = p->shipments};
    for (int64_t s = 0; s < it->rules.levels; s++) plan.level[s] = p->level[s];
    for (int32_t k = 0; k < p->shipments; k++) {
        plan.node[k] = p->shipment[k].node;
        plan.lane[k] = it->rules.levels ? p->shipment[k].lane : 0;
        for (int64_t i = 0; i < it->basket.lines; i++) {
            if (p->shipment[k].lines >> i & 1) plan.given[i][plan.node[k]] = it->basket.quantity[i];
        }
    }
    for (int32_t e = 0; e < p->splits; e++) plan.given[p->split[e].line][p->split[e].node] = p->split[e].units;
    return plan;
}

/* Whether the plan is one that the rules let be, and costs what it says: the exact search of its units alone finds it. */
static void check_possible(const instance *it, const exact_plan *plan) {
    exact x = {.it = it};
    exact_read(&x);
    int64_t left = 0;
    for (int64_t i = 0; i < it->basket.lines; i++) {
        int64_t given = 0, last = 0;
        for (int64_t at = 0; at < x.held[i]; at++) {
            int64_t units = plan->given[i][x.order[i][at]];
            assert(units <= x.usable[i][x.order[i][at]]);
            if (units) assert(last == 0), last = units < x.usable[i][x.order[i][at]];
            given += units;
        }
        int64_t all = 0;
        for (int64_t j = 0; j < it->network.nodes; j++) all += plan->given[i][j];
        assert(all == given && given <= it->basket.quantity[i]);
        assert(given == 0 || given == it->basket.quantity[i] || (!x.whole[i] && it->rules.allow_line_split));
        left += it->basket.quantity[i] - given;
    }
    assert(left == plan->unfilled);
    memcpy(x.now.given, plan->given, sizeof(plan->given));
    x.now.unfilled = left;
    if (plan->shipments) {
        exact_priced(&x);
        assert(x.found && x.best.cost == plan->cost && x.best.shipments == plan->shipments);
        assert(memcmp(x.best.level, plan->level, sizeof(plan->level)) == 0);
    }
}

static bool one_instance(uint64_t *state) {
    instance_size size = {1 + draw(state, 5), 1 + draw(state, 4), false};
    instance it = draw_instance(state, size);
    pk_workspace *w = make_workspace(&it);
    assert(pk_solve(w, &it.network, &it.basket, &it.rules) == PK_OK);
    exact_plan found = told(w, &it), best = exact_search(&it);
    if (!it.rules.levels) memset(best.lane, 0, sizeof(best.lane));
    exact x = {.it = &it};
    check_possible(&it, &found);
    if (w->proven) assert(memcmp(&found, &best, sizeof(best)) == 0);
    else assert(it.rules.ship_complete || found.shipments == 0 || !exact_before(&x, &found, &best));
    if (found.unfilled == best.unfilled && !it.rules.levels) assert(pk_lower_bound(w) <= best.cost);
    bool proven = w->proven;
    free_workspace(w, w->line);
    free_instance(&it);
    return proven;
}

int main(int count, char **arguments) {
    int instances = count > 1 ? atoi(arguments[1]) : 1000, proven = 0;
    uint64_t state = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
    for (int at = 0; at < instances; at++) proven += one_instance(&state);
    printf("%d\n", proven);
    return 0;
}
