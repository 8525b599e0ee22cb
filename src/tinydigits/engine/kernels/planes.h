// One channel of one image, which augmentation works on, and random numbers for it.
#ifndef TINYDIGITS_PLANES_H
#define TINYDIGITS_PLANES_H

#include "random.h"

// Amplitudes in units of 1 / ONE. structures.py mirrors this; augmentation/settings.py explains each amplitude.
typedef struct {
    int32_t rotation, scale, shear, shift, elastic, stroke, blur, contrast, background, grain;
    int32_t cut, cut_chance, line_chance;
} Amplitudes;

// One channel is a plane with a margin around it, so that one loop covers the whole plane, edges included.
enum { MARGIN = 2, STRIDE = (COLUMNS + 2 * MARGIN + 15) / 16 * 16, TOP = MARGIN * STRIDE, INSIDE = ROWS * STRIDE };
enum { PLANE = INSIDE + 2 * TOP + 16 };
enum { PURPOSE = 0x617567 }; // used as the `layer` of a key: differs from every dropout's
enum { ONE_BITS = 24, ONE = 1 << ONE_BITS, PIXEL = 1 << 16 };
enum { PART_BITS = 11, PART = 1 << PART_BITS, BLEND_BITS = 7 };

// The counter of each draw. Each purpose has its own, so that no setting changes the draws of another.
enum { ROTATION, SCALE, SHEAR = 3, SHIFT, STROKE = 6, BLUR, GAIN, CURVE, BACKGROUND, CUT, CUT_SIDE, CUT_DEPTH, GRAIN };
enum { LINES = 16, NODE_DRAWS = 32, PIXEL_DRAWS = 256 };

INLINE uint32_t drawn(uint32_t key, uint32_t counter) {
    uint32_t z = key ^ (counter * 0x9e3779b9u); // the same function as `draw` of random.h
    z = (z ^ (z >> 16)) * 0x85ebca6bu;
    z = (z ^ (z >> 13)) * 0xc2b2ae35u;
    return z ^ (z >> 16);
}

// A uniform random number from -amplitude to amplitude.
INLINE int32_t either_way(int32_t amplitude, uint32_t key, uint32_t counter) {
    return (int64_t)amplitude * (int32_t)drawn(key, counter) >> 31;
}

// A uniform random number from 0 to amplitude.
INLINE int32_t up_to(int32_t amplitude, uint32_t key, uint32_t counter) {
    return (int64_t)amplitude * (drawn(key, counter) >> 8) >> 24;
}

INLINE bool happens(int32_t chance, uint32_t key, uint32_t counter) {
    return (int32_t)(drawn(key, counter) >> 8) < chance;
}

// ---- grey levels and margins ----

INLINE int blend(int from, int to, int amount) { return from + (((to - from) * amount + 64) >> BLEND_BITS); }

INLINE uint8_t larger(uint8_t a, uint8_t b) { return a > b ? a : b; }

INLINE uint8_t smaller(uint8_t a, uint8_t b) { return a < b ? a : b; }

INLINE int32_t between(int32_t least, int32_t x, int32_t most) { return x < least ? least : x > most ? most : x; }

static inline void clear_margins(uint8_t *plane) {
    for (int i = 0; i < ROWS; i++) {
        memset(plane + TOP + i * STRIDE, 0, MARGIN);
        memset(plane + TOP + i * STRIDE + MARGIN + COLUMNS, 0, STRIDE - MARGIN - COLUMNS);
    }
}

// Fills the margin with the nearest pixel, so that blurring does not darken edges.
static inline void repeat_edges(uint8_t *plane) {
    for (int i = 0; i < ROWS; i++) {
        uint8_t *row = plane + TOP + i * STRIDE;
        memset(row, row[MARGIN], MARGIN);
        memset(row + MARGIN + COLUMNS, row[MARGIN + COLUMNS - 1], STRIDE - MARGIN - COLUMNS);
    }
    for (int i = 0; i < MARGIN; i++) {
        memcpy(plane + i * STRIDE, plane + TOP, STRIDE);
        memcpy(plane + TOP + INSIDE + i * STRIDE, plane + TOP + INSIDE - STRIDE, STRIDE);
    }
}

#endif
