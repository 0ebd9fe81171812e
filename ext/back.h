/* Protobuf written from its end to its start: what is nested is finished, and so its length known, before the length is
 * written. The bytes are those of protobuf's own serializer if fields are put in descending order.
 */
#ifndef PROMESSA_BACK_H
#define PROMESSA_BACK_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    unsigned char *data;
    size_t room, length; /* the message so far is the last `length` bytes of `room` */
    int failed;
} pb_back;

/* Where `n` more bytes go, in front of all others; NULL without memory. */
static inline unsigned char *pb_take(pb_back *b, size_t n) {
    if (b->room - b->length < n) {
        size_t room = b->room ? b->room : 4096;
        while (room - b->length < n) room *= 2;
        unsigned char *grown = malloc(room);
        if (!grown) return b->failed = 1, NULL;
        if (b->length) memcpy(grown + room - b->length, b->data + b->room - b->length, b->length);
        free(b->data);
        b->data = grown;
        b->room = room;
    }
    b->length += n;
    return b->data + b->room - b->length;
}

static inline void pb_varint(pb_back *b, uint64_t v) {
    int n = 1;
    for (uint64_t rest = v; rest >= 0x80; rest >>= 7) n++;
    unsigned char *at = pb_take(b, (size_t)n);
    if (!at) return;
    for (; v >= 0x80; v >>= 7) *at++ = (unsigned char)(v | 0x80);
    *at = (unsigned char)v;
}

static inline void pb_character(pb_back *b, char c) {
    unsigned char *at = pb_take(b, 1);
    if (at) *at = (unsigned char)c;
}

/* A number that is not negative, as text. */
static inline void pb_decimal(pb_back *b, int64_t v) {
    do pb_character(b, (char)('0' + v % 10));
    while (v /= 10);
}

/* A number; proto3 leaves zeros out. */
static inline void pb_number(pb_back *b, int field, int64_t v) {
    if (!v) return;
    pb_varint(b, (uint64_t)v);
    pb_varint(b, (uint64_t)field << 3);
}

/* Closes what was put since the length was `mark` to a message (or a text): its length and its tag. */
static inline void pb_close(pb_back *b, int field, size_t mark) {
    pb_varint(b, b->length - mark);
    pb_varint(b, (uint64_t)field << 3 | 2);
}

static inline void pb_text(pb_back *b, int field, const char *s, size_t n) {
    if (!n) return;
    size_t mark = b->length;
    unsigned char *at = pb_take(b, n);
    if (!at) return;
    memcpy(at, s, n);
    pb_close(b, field, mark);
}

/* A google.protobuf.Timestamp. */
static inline void pb_instant(pb_back *b, int field, int64_t ms) {
    size_t mark = b->length;
    pb_number(b, 2, ms % 1000 * 1000000);
    pb_number(b, 1, ms / 1000);
    pb_close(b, field, mark);
}

#endif
