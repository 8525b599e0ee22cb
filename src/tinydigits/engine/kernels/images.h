// Converts images, which lie one after another in memory, to batch-last vectors.
//
// uint8 and float32 are both transposed in squares of LANES pixels × LANES images. Pixel p goes to x[place[p]].
#ifndef TINYDIGITS_IMAGES_H
#define TINYDIGITS_IMAGES_H

#include "vector.h"

// x / 255 for integers x from 0 to 255, rounded like a division, in a third of its time: a product with one correction.
INLINE float over_255(uint8_t x) {
    float near = x * (1 / 255.0f);
    return near + (x - near * 255.0f) * (1 / 255.0f);
}

typedef Bytes LooseBytes __attribute__((aligned(1), may_alias));

// Loads `count` of LANES bytes; the others are 0.
INLINE Bytes some_bytes(const uint8_t *from, int count) {
    if (count == LANES) return *(const LooseBytes *)from;
    Bytes some = {0};
    for (int k = 0; k < count; k++) some[k] = from[k];
    return some;
}

// Converts `count` pixels of each image, beginning with pixel p.
INLINE void gather_byte_tile(const void *const *images, int p, int count, const int32_t *place, V *x) {
    Bytes rows[LANES];
    uint8_t tile[LANES][LANES];
    UNROLL for (int n = 0; n < LANES; n++) rows[n] = some_bytes((const uint8_t *)images[n] + p, count);
    transpose_bytes(rows);
    UNROLL for (int k = 0; k < LANES; k++) memcpy(tile[k], &rows[k], sizeof tile[k]);
    for (int k = 0; k < count; k++) {
        float *to = (float *)&x[place[p + k]];
        for (int n = 0; n < LANES; n++) to[n] = over_255(tile[k][n]); // GCC 12 widens plain loops, not vectors
    }
}

// Converts uint8, 0 to 255, to 0 to 1. `images` points to the first pixels of LANES images.
INLINE void gather_bytes(const void *const *images, int pixels, const int32_t *place, V *x) {
    int p = 0;
    for (; p + LANES <= pixels; p += LANES) gather_byte_tile(images, p, LANES, place, x);
    if (pixels % LANES) gather_byte_tile(images, p, pixels % LANES, place, x);
}

INLINE void gather_float_tile(const void *const *images, int p, int count, const int32_t *place, V *x) {
    V rows[LANES] = {{0}};
    UNROLL for (int n = 0; n < LANES; n++) memcpy(&rows[n], (const float *)images[n] + p, count * sizeof(float));
    transpose_floats(rows);
    UNROLL for (int k = 0; k < count; k++) x[place[p + k]] = rows[k];
}

// Converts float32, without scaling.
INLINE void gather_floats(const void *const *images, int pixels, const int32_t *place, V *x) {
    int p = 0;
    for (; p + LANES <= pixels; p += LANES) gather_float_tile(images, p, LANES, place, x);
    if (pixels % LANES) gather_float_tile(images, p, pixels % LANES, place, x);
}

#endif
