/* Random instances through the search, stand-alone: for AddressSanitizer and UndefinedBehaviorSanitizer, and to compare
 * builds of the search that must agree.
 *
 * Usage: search_driver <instances>. Also checks what must hold of every plan. Prints a line for each instance, with the plan
 * and up to three runner-ups: whether it is proven, unfilled units, cost, and a number made of its shipments. Built by
 * kernel_driver.py.
 */
#include <assert.h>

#include "random_instance.h"

static void print_plan(const pk_workspace *w) {
    if (!w->best.found) printf("%d none;", w->proven);
    else printf("%d %lld %lld %llx;", w->proven, (long long)w->best.unfilled, (long long)w->best.cost,
                (unsigned long long)fingerprint(&w->best));
}

static void check_plan(const pk_workspace *w, const instance *it) {
    const pk_basket *b = &it->basket;
    assert(w->best.found);
    assert(w->best.shipments <= it->rules.max_shipments);
    assert(pk_lower_bound(w) <= w->best.cost);
    int64_t units = w->best.unfilled;
    for (int32_t k = 0; k < w->best.shipments; k++) {
        for (int64_t i = 0; i < b->lines; i++) units += w->best.shipment[k].lines >> i & 1 ? b->quantity[i] : 0;
    }
    for (int32_t e = 0; e < w->best.splits; e++) units += w->best.split[e].units;
    for (int64_t i = 0; i < b->lines; i++) units -= b->quantity[i];
    assert(units == 0);
}

static void explain(pk_workspace *w, int64_t nodes) {
    uint8_t *reason = malloc((size_t)nodes);
    int64_t *more = malloc((size_t)nodes * sizeof(*more));
    pk_explain(w, reason, more);
    for (int64_t j = 0; j < nodes; j++) assert(reason[j] <= PK_COSTS_MORE && more[j] >= 0);
    free(reason);
    free(more);
}

static void one_instance(uint64_t *state) {
    bool large = draw(state, 20) == 0;
    instance_size size = {1 + draw(state, large ? 1500 : 12), 1 + draw(state, draw(state, 10) == 0 ? 64 : 6), true};
    instance it = draw_instance(state, size);
    pk_workspace *w = make_workspace(&it);
    double *line = w->line;
    if (pk_solve(w, &it.network, &it.basket, &it.rules) == PK_OK) {
        print_plan(w);
        check_plan(w, &it);
        explain(w, size.nodes);
        while (w->best.found && w->best.shipments && w->forbidden_count < 3) {
            int32_t at = w->forbidden_count++;
            w->forbidden_size[at] = w->best.shipments;
            for (int32_t k = 0; k < w->best.shipments; k++) w->forbidden[at][k] = w->best.shipment[k].node;
            pk_solve(w, &it.network, &it.basket, &it.rules);
            print_plan(w);
        }
        printf("\n");
    }
    free_workspace(w, line);
    free_instance(&it);
}

int main(int count, char **arguments) {
    int instances = count > 1 ? atoi(arguments[1]) : 1000;
    uint64_t state = 1;
    for (int at = 0; at < instances; at++) one_instance(&state);
    return 0;
}
