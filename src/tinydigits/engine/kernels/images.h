// Images as they lie in memory, one after another, → batch-last vectors.
//
// Both formats are transposed in squares of LANES pixels × LANES images. Pixel p of an image goes to x[place[p]].
#ifndef TINYDIGITS_IMAGES_H
#define TINYDIGITS_IMAGES_H

#include "vector.h"

// x / 255 for whole x from 0 to 255, rounded as a division would be, for a third of its price: a product, mended once.
INLINE float over_255(uint8_t x) {
    float near = x * (1 / 255.0f);
    return near + (x - near * 255.0f) * (1 / 255.0f);
}

typedef Bytes LooseBytes __attribute__((aligned(1), may_alias));

// The first `count` of LANES bytes; the others are 0.
INLINE Bytes some_bytes(const uint8_t *from, int count) {
    if (count == LANES) return *(const LooseBytes *)from;
    Bytes some = {0};
    for (int k = 0; k < count; k++) some[k] = from[k];
    return some;
}

// `count` pixels from pixel p of each image on.
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

// uint8, 0 to 255 → 0 to 1. `images` holds the first pixels of LANES images.
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

// float32, used as they are.
INLINE void gather_floats(const void *const *images, int pixels, const int32_t *place, V *x) {
    int p = 0;
    for (; p + LANES <= pixels; p += LANES) gather_float_tile(images, p, LANES, place, x);
    if (pixels % LANES) gather_float_tile(images, p, pixels % LANES, place, x);
}

#endif
