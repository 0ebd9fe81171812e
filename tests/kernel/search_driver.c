/* Random instances through the search, stand-alone: for AddressSanitizer and UndefinedBehaviorSanitizer, and to compare
 * builds of the search that must agree.
 *
 * Usage: search_driver <instances>. Each array is allocated at its exact size, so that any read beyond it is found.
 * Also checks what must hold of every plan. Prints a line for each instance, with the plan and up to three
 * runner-ups: whether it is proven, unfilled units, cost, and a number made of its shipments. Built by test_kernel_sanitizers.py and test_kernel_searches.py.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel.h"

static uint64_t state = 1;

static int64_t draw(int64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)((state >> 33) % (uint64_t)below);
}

static int64_t *column(int64_t count) { return calloc(count ? (size_t)count : 1, sizeof(int64_t)); }

static uint64_t fingerprint(const pk_plan *p) {
    uint64_t sum = 0;
    for (int32_t k = 0; k < p->shipments; k++)
        sum = (sum * 31 + (uint64_t)p->shipment[k].node) * 0x9e3779b97f4a7c15u + p->shipment[k].lines;
    for (int32_t e = 0; e < p->splits; e++)
        sum = (sum * 31 + (uint64_t)p->split[e].line) * 0x9e3779b97f4a7c15u + (uint64_t)(p->split[e].node * 64) +
              (uint64_t)p->split[e].units;
    return sum;
}

static void print_plan(const pk_workspace *w) {
    if (!w->best.found) printf("%d none;", w->proven);
    else printf("%d %lld %lld %llx;", w->proven, (long long)w->best.unfilled, (long long)w->best.cost,
                (unsigned long long)fingerprint(&w->best));
}

static void one_instance(void) {
    bool large = draw(20) == 0;
    int64_t nodes = 1 + draw(large ? 1500 : 12), rates = 1 + draw(3), lines = 1 + draw(draw(10) == 0 ? 64 : 6);
    pk_network n = {.nodes = nodes, .rates = rates, .brackets = 0, .lanes = 0, .least_max_grams = INT64_MAX};
    int64_t *fixed = column(nodes), *unit = column(nodes), *lane_start = column(nodes + 1), *lane_rate = column(3 * nodes);
    int64_t *surcharge = column(3 * nodes), *bracket_start = column(rates + 1), *grams = column(4 * rates);
    int64_t *price = column(4 * rates), *step_grams = column(rates), *step_price = column(rates);
    int64_t *max_grams = column(nodes), *only_rate = column(nodes);
    uint8_t *has_lane = calloc((size_t)nodes, 1), *eligible = calloc((size_t)nodes, 1);
    for (int64_t r = 0; r < rates; r++) {
        int64_t g = 0, p = draw(2) * draw(100);
        for (int64_t k = 1 + draw(4); k > 0; k--) {
            grams[n.brackets] = g += 1 + draw(10);
            price[n.brackets++] = p += draw(3) * draw(30);
        }
        bracket_start[r + 1] = n.brackets;
        step_grams[r] = draw(2) * draw(6);
        step_price[r] = draw(30);
    }
    for (int64_t j = 0; j < nodes; j++) {
        fixed[j] = draw(2) * draw(40);
        unit[j] = draw(3);
        eligible[j] = draw(10) > 0;
        max_grams[j] = only_rate[j] = -1;
        int64_t count = draw(4);
        for (int64_t l = 0; l < count; l++) {
            int64_t r = lane_rate[n.lanes] = draw(rates);
            surcharge[n.lanes++] = draw(2) * draw(20);
            int64_t most = step_grams[r] ? INT64_MAX : grams[bracket_start[r + 1] - 1];
            if (most > max_grams[j]) max_grams[j] = most;
            only_rate[j] = count == 1 ? r : -1;
        }
        has_lane[j] = count > 0;
        lane_start[j + 1] = n.lanes;
        if (count && max_grams[j] < n.least_max_grams) n.least_max_grams = max_grams[j];
    }
    uint8_t *allowed = calloc(n.lanes ? (size_t)n.lanes : 1, 1);
    for (int64_t l = 0; l < n.lanes; l++) allowed[l] = draw(5) > 0;
    n.fixed_cost = fixed, n.unit_cost = unit, n.lane_start = lane_start, n.lane_rate = lane_rate;
    n.lane_surcharge = surcharge, n.bracket_start = bracket_start, n.bracket_grams = grams, n.bracket_price = price;
    n.over_step_grams = step_grams, n.over_step_price = step_price, n.max_grams = max_grams, n.only_rate = only_rate;
    n.has_lane = has_lane;

    int64_t *quantity = column(lines), *unit_grams = column(lines), *row_start = column(lines + 1), entries = 0;
    uint32_t *row_node = calloc((size_t)(lines * nodes), sizeof(*row_node));
    int64_t *row_atp = column(lines * nodes), *row_cost = column(lines * nodes);
    bool costs = draw(2);
    for (int64_t i = 0; i < lines; i++) {
        quantity[i] = 1 + draw(large ? 30 : 6);
        unit_grams[i] = draw(4);
        for (int64_t j = 0; j < nodes; j++) {
            if (draw(3) == 0) continue;
            row_node[entries] = (uint32_t)j;
            if (costs) row_cost[entries] = draw(2) * draw(30);
            row_atp[entries++] = draw(9) - 1;
        }
        row_start[i + 1] = entries;
    }
    if (entries && draw(50) == 0) row_node[draw(entries)] = (uint32_t)(nodes + draw(3)); /* a row gone wrong */
    row_node = realloc(row_node, (entries ? (size_t)entries : 1) * sizeof(*row_node));
    row_atp = realloc(row_atp, (entries ? (size_t)entries : 1) * sizeof(*row_atp));
    row_cost = realloc(row_cost, (entries ? (size_t)entries : 1) * sizeof(*row_cost));
    pk_basket b = {lines, quantity, unit_grams, row_start, row_node, row_atp, costs ? row_cost : NULL};
    uint32_t excluded[1] = {(uint32_t)draw(nodes)};
    pk_rules rules = {
        .max_shipments = draw(2) ? PK_MAX_SHIPMENTS : 1 + draw(4),
        .ship_complete = draw(5) == 0,
        .allow_line_split = draw(3) > 0,
        .split_cost = draw(2) * draw(50),
        .node_eligible = draw(2) ? eligible : NULL,
        .lane_allowed = draw(3) == 0 ? allowed : NULL,
        .excluded = excluded,
        .excluded_count = draw(2),
        .budget_steps = draw(3) ? 3000 : draw(20),
        .required = -1,
    };
    pk_workspace *w = malloc(sizeof(*w));
    memset(w, 0xa5, sizeof(*w));
    size_t bytes = pk_workspace_bytes(nodes, n.lanes, rates, n.brackets);
    char *block = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
    memset(block, 0xa5, bytes);
    pk_workspace_bind(w, block, nodes, n.lanes, rates, n.brackets);
    w->forbidden_count = 0;
    size_t line_bytes = (size_t)(lines * w->padded) * sizeof(double);
    double *line = costs ? aligned_alloc(64, line_bytes) : NULL;
    if (line) memset(line, 0xa5, line_bytes);
    w->line = line;
    if (pk_solve(w, &n, &b, &rules) == PK_OK) {
        print_plan(w);
        assert(w->best.found);
        assert(w->best.shipments <= rules.max_shipments);
        assert(pk_lower_bound(w) <= w->best.cost);
        int64_t units = w->best.unfilled;
        for (int32_t k = 0; k < w->best.shipments; k++) {
            for (int64_t i = 0; i < lines; i++) units += w->best.shipment[k].lines >> i & 1 ? quantity[i] : 0;
        }
        for (int32_t e = 0; e < w->best.splits; e++) units += w->best.split[e].units;
        for (int64_t i = 0; i < lines; i++) units -= quantity[i];
        assert(units == 0);
        pk_explain(w);
        int64_t more;
        for (int64_t j = 0; j < nodes; j++) pk_reason_of(w, j, &more);
        while (w->best.found && w->best.shipments && w->forbidden_count < 3) {
            int32_t at = w->forbidden_count++;
            w->forbidden_size[at] = w->best.shipments;
            for (int32_t k = 0; k < w->best.shipments; k++) w->forbidden[at][k] = w->best.shipment[k].node;
            pk_solve(w, &n, &b, &rules);
            print_plan(w);
        }
        printf("\n");
    }
    free(fixed), free(unit), free(lane_start), free(lane_rate), free(surcharge), free(bracket_start), free(grams);
    free(price), free(step_grams), free(step_price), free(max_grams), free(only_rate), free(has_lane), free(eligible);
    free(allowed), free(quantity), free(unit_grams), free(row_start), free(row_node), free(row_atp), free(row_cost);
    free(line), free(w), free(block);
}

int main(int count, char **arguments) {
    int instances = count > 1 ? atoi(arguments[1]) : 1000;
    for (int at = 0; at < instances; at++) one_instance();
    return 0;
}
