// Images as they lie in memory, one after another, → batch-last vectors.
//
// Both formats are transposed in squares of LANES pixels × LANES images. Pixel p of an image goes to x[place[p]].
#ifndef TINYDIGITS_IMAGES_H
#define TINYDIGITS_IMAGES_H

#include "vector.h"

// x / 255 for whole x from 0 to 255, rounded as a division would be, at a third of its price: a product, corrected once.
INLINE V over_255(V x) {
    V near = x * (1 / 255.0f);
    return near + (x - near * 255.0f) * (1 / 255.0f);
}

// uint8, 0 to 255 → 0 to 1. `images` holds the LANES images' first pixels, or null: those lanes become 0.
INLINE void gather_bytes(const void *const *images, int pixels, const int32_t *place, V *x) {
    for (int p = 0; p < pixels; p += LANES) {
        int count = pixels - p < LANES ? pixels - p : LANES;
        Bytes rows[LANES] = {{0}};
        UNROLL for (int n = 0; n < LANES; n++)
            if (images[n]) memcpy(&rows[n], (const uint8_t *)images[n] + p, count);
        transpose_bytes(rows);
        UNROLL for (int k = 0; k < LANES; k++)
            if (k < count) {
                Ints whole = __builtin_convertvector(rows[k], Ints);
                x[place[p + k]] = over_255(__builtin_convertvector(whole, V));
            }
    }
}

// float32, used as they are.
INLINE void gather_floats(const void *const *images, int pixels, const int32_t *place, V *x) {
    for (int p = 0; p < pixels; p += LANES) {
        int count = pixels - p < LANES ? pixels - p : LANES;
        V rows[LANES] = {{0}};
        UNROLL for (int n = 0; n < LANES; n++)
            if (images[n]) memcpy(&rows[n], (const float *)images[n] + p, count * sizeof(float));
        transpose_floats(rows);
        UNROLL for (int k = 0; k < LANES; k++)
            if (k < count) x[place[p + k]] = rows[k];
    }
}

#endif
