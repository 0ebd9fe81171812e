/* ext/replica.h and ext/wire.h alone, to be built with sanitizers: random histories, and requests that no client sends.
 *
 *     gcc -std=c11 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -Iext tests/replica/fuzz_native.c
 *     ./a.out 200000
 *
 * Every request lies in memory of just its size, so that one byte read too many is found. Cells are compared with a
 * plain table. Ends with 0 if all is well.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#undef NDEBUG
#include "wire.h"

#define NODES 300
#define SKUS 40

static uint64_t seed = 0x9e3779b97f4a7c15ull;

static uint32_t next_random(uint32_t below) {
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return (uint32_t)(seed >> 11) % below;
}

static int64_t table[SKUS][NODES]; /* -1 = never set */
static pr_writer writer;
static pw_reader reader;

static void begin(uint64_t bytes) {
    writer.file = memfd_create("replica", 0);
    assert(writer.file >= 0 && ftruncate(writer.file, (off_t)bytes) == 0);
    writer.map.base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, writer.file, 0);
    assert(writer.map.base != MAP_FAILED);
    writer.map.header = (pr_header *)writer.map.base;
    writer.map.size = bytes;
    assert(pr_back(&writer, sizeof(pr_header)) && pr_writer_begin(&writer));
    writer.map.header->partitions = 5;
    writer.map.header->epoch = 7;
    atomic_store(&writer.map.header->used, sizeof(pr_header));
    for (uint32_t s = 0; s < SKUS; s++)
        for (uint32_t n = 0; n < NODES; n++) table[s][n] = -1;
}

static void name(int skus, uint32_t ix, uint32_t state) {
    char id[32];
    int n = snprintf(id, sizeof id, "%c%u", skus ? 's' : 'n', ix);
    assert(pr_name(&writer, skus, ix, id, (uint32_t)n, state) == 1);
}

static uint64_t check_rows(void) {
    uint32_t nodes[NODES];
    int64_t atps[NODES];
    uint64_t cells = 0;
    for (uint32_t s = 0; s < SKUS; s++) {
        int64_t length = pr_copy(&writer.map, s, nodes, atps, NODES, 1), at = 0;
        for (uint32_t n = 0; n < NODES; n++) {
            if (table[s][n] < 0) continue;
            assert(at < length && nodes[at] == n && atps[at] == table[s][n]);
            at++;
        }
        assert(at == length);
        cells += (uint64_t)length;
    }
    return cells;
}

static size_t put_varint(unsigned char *p, uint64_t v) {
    size_t n = 0;
    for (; v >= 0x80; v >>= 7) p[n++] = (unsigned char)(v | 0x80);
    p[n++] = (unsigned char)v;
    return n;
}

/* Fields of any kind, often plausible. At most `room` bytes. */
static size_t soup(unsigned char *p, size_t room, int depth) {
    static const uint64_t numbers[] = {0, 1, 2, 3, 5, 127, 300, 3600000, 1000000000, 1ull << 32, ~0ull};
    static const char *texts[] = {"7.0-1", "7.1-99", "7.", "a b", "\xff", "\xc3\xa9", "", "7.0-123456789012345678901"};
    size_t n = 0;
    for (uint32_t fields = 1 + next_random(6); fields && n + 40 < room; fields--) {
        uint32_t field = next_random(40) ? 1 + next_random(7) : next_random(1u << 29);
        int type = next_random(3) ? 2 : (int)next_random(8);
        n += put_varint(p + n, (uint64_t)field << 3 | (uint32_t)type);
        if (type == 0) n += put_varint(p + n, numbers[next_random(11)]);
        else if (type == 1 || type == 5)
            for (int i = 0; i < (type == 1 ? 8 : 4); i++) p[n++] = (unsigned char)next_random(256);
        else if (type == 3 && depth < 3) {
            n += soup(p + n, room - n - 10, depth + 1);
            n += put_varint(p + n, (uint64_t)field << 3 | 4);
        } else if (type == 2) {
            unsigned char body[512];
            size_t length;
            char letter = next_random(2) ? 's' : 'n';
            if (depth < 3 && next_random(2)) length = soup(body, room - n - 10 < 500 ? room - n - 10 : 500, depth + 1);
            else if (next_random(3)) length = (size_t)snprintf((char *)body, 32, "%c%u", letter, next_random(60));
            else length = strlen(strcpy((char *)body, texts[next_random(8)]));
            if (n + length + 10 > room) break;
            n += put_varint(p + n, next_random(100) ? length : length + next_random(5));
            memcpy(p + n, body, length);
            n += length;
        }
    }
    for (uint32_t flips = next_random(8) ? 0 : 1 + next_random(3); flips && n; flips--)
        p[next_random((uint32_t)n)] = (unsigned char)next_random(256);
    return n && !next_random(20) ? next_random((uint32_t)n) : n;
}

static size_t put_id(unsigned char *p, int field, int skus) {
    int n = snprintf((char *)p + 2, 16, "%c%u", skus ? 's' : 'n', next_random(skus ? SKUS + 2 : NODES + 9));
    p[0] = (unsigned char)(field << 3 | 2), p[1] = (unsigned char)n;
    return 2 + (size_t)n;
}

/* A request that keeps the rules: of the kind 0, 1 or 2, in the order of the calls in ask. */
static size_t plausible(unsigned char *p, int kind) {
    size_t n = 0;
    if (kind == 0) n += put_id(p, 1, 1);
    for (uint32_t i = 1 + next_random(kind == 2 ? 64 : 20); kind && i; i--) {
        unsigned char inner[64];
        size_t length = put_id(inner, 1, 1);
        if (kind == 1) length += put_id(inner + length, 2, 0);
        else inner[length++] = 2 << 3, inner[length++] = (unsigned char)(1 + next_random(90));
        p[n++] = 1 << 3 | 2, p[n++] = (unsigned char)length;
        memcpy(p + n, inner, length);
        n += length;
    }
    for (uint32_t i = kind != 1 && next_random(2) ? next_random(12) : 0; i; i--) n += put_id(p + n, kind ? 3 : 2, 0);
    if (kind < 2) return n;
    p[n++] = 2 << 3, p[n++] = (unsigned char)next_random(4);
    p[n++] = 6 << 3, p[n++] = next_random(3) == 0;
    return n;
}

static void ask(long *answered) {
    unsigned char body[2048];
    uint32_t kind = next_random(5);
    size_t n = kind < 3 ? plausible(body, (int)kind) : soup(body, sizeof body, 0);
    char *request = malloc(n ? n : 1);
    memcpy(request, body, n);
    int codes[] = {pw_get_availability(&writer.map, &reader, request, n),
                   pw_batch_get_availability(&writer.map, &reader, request, n),
                   pw_check_basket(&writer.map, &reader, request, n)};
    for (int i = 0; i < 3; i++) {
        assert(codes[i] >= PW_OK && codes[i] <= PW_EPOCH_CHANGED);
        answered[i] += codes[i] == PW_OK;
    }
    int64_t atp;
    uint32_t node, sku;
    pr_cell_atp(request, n, &atp);
    pr_cell_name(request, n, &node, &sku);
    free(request);
}

int main(int argc, char **argv) {
    long rounds = argc > 1 ? atol(argv[1]) : 20000, answered[3] = {0};
    begin(64ull << 20);
    for (uint32_t n = 0; n < NODES; n++) name(0, n, 1 + (n % 7 == 0) + (n % 11 == 0));
    for (uint32_t s = 0; s < SKUS; s++) name(1, s, s % 9 == 8 ? PR_DELETED : PR_ACTIVE);
    pr_allow(&writer, 1);
    for (long round = 0; round < rounds; round++) {
        if (round % 5000 == 4999) {
            pr_allow(&writer, 0);
            pr_clear(&writer);
            for (uint32_t s = 0; s < SKUS; s++)
                for (uint32_t n = 0; n < NODES; n++) table[s][n] = -1;
            pr_allow(&writer, 1);
        }
        uint32_t s = next_random(SKUS), n = next_random(NODES);
        int64_t atp = next_random(4) ? next_random(50) : INT64_MAX - next_random(3);
        assert(pr_put(&writer, s, n, table[s][n] = atp) == 1);
        ask(answered);
        if (round % 2500 == 0) assert(check_rows() == atomic_load(&writer.map.header->cells));
    }
    uint64_t cells = check_rows();
    assert(cells == atomic_load(&writer.map.header->cells));
    uint32_t more = SKUS; /* until the file is full, which is said and harms nothing */
    char id[32];
    while (pr_name(&writer, 1, more, id, (uint32_t)snprintf(id, sizeof id, "s%u", more), 1) == 1) {
        uint32_t stop = 0;
        while (stop < 64 && pr_put(&writer, more, stop, 1) == 1) stop++;
        more++;
    }
    assert(check_rows() == cells);
    assert(pr_find(&writer.map, 1, "s0", 2) == 0 && more > 10000);
    pw_free(&reader);
    pr_writer_end(&writer);
    printf("%ld rounds; answered: %ld, %ld, %ld; ", rounds, answered[0], answered[1], answered[2]);
    printf("%u skus until full\n", more);
    return answered[0] && answered[1] && answered[2] ? 0 : 1;
}
