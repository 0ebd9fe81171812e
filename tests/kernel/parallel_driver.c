/* Threads that decide over one network at once, each in memory of its own, for ThreadSanitizer. Usage: parallel_driver
 * <instances>. Asserts that each thread finds what one thread alone finds. Built by kernel_driver.py. */
#include <assert.h>
#include <pthread.h>

#include "random_instance.h"

enum { THREADS = 4 };

typedef struct {
    const instance *it;
    uint64_t found;
} task;

static uint64_t decide(const instance *it) {
    pk_workspace *w = make_workspace(it);
    assert(pk_solve(w, &it->network, &it->basket, &it->rules) == PK_OK);
    uint64_t found = fingerprint(&w->best) * 31 + (uint64_t)w->best.cost + (uint64_t)w->steps + w->proven;
    uint8_t *reason = malloc((size_t)it->network.nodes);
    int64_t *more = malloc((size_t)it->network.nodes * sizeof(*more));
    pk_explain(w, reason, more);
    for (int64_t j = 0; j < it->network.nodes; j++) found = found * 31 + reason[j] + (uint64_t)more[j];
    free(reason);
    free(more);
    free_workspace(w, w->line);
    return found;
}

static void *run(void *given) {
    task *own = given;
    own->found = decide(own->it);
    return NULL;
}

int main(int count, char **arguments) {
    int instances = count > 1 ? atoi(arguments[1]) : 100;
    uint64_t state = 7;
    for (int at = 0; at < instances; at++) {
        instance_size size = {1 + draw(&state, at % 10 ? 30 : 400), 1 + draw(&state, 20), false};
        instance it = draw_instance(&state, size);
        pthread_t thread[THREADS];
        task tasks[THREADS];
        uint64_t alone = decide(&it);
        for (int k = 0; k < THREADS; k++) {
            tasks[k] = (task){&it, 0};
            assert(pthread_create(&thread[k], NULL, run, &tasks[k]) == 0);
        }
        for (int k = 0; k < THREADS; k++) {
            pthread_join(thread[k], NULL);
            assert(tasks[k].found == alone);
        }
        free_instance(&it);
    }
    printf("%d\n", instances);
    return 0;
}
