// Steps that change grey levels and do not move pixels: the pen, the paper and the camera.
#ifndef TINYDIGITS_RETOUCH_H
#define TINYDIGITS_RETOUCH_H

#include "planes.h"

// ---- pen ----

// Blends each pixel with the darkest (thinner strokes) or brightest (thicker) of itself and its four neighbours.
static inline void change_stroke(uint8_t *restrict plane, uint8_t *restrict copy, int amount) {
    memcpy(copy, plane, PLANE);
    const uint8_t *p = copy + TOP;
    if (amount > 0)
        for (int k = 0; k < INSIDE; k++) {
            uint8_t most = larger(larger(p[k - 1], p[k + 1]), larger(p[k - STRIDE], p[k + STRIDE]));
            plane[TOP + k] = blend(p[k], larger(p[k], most), amount);
        }
    else
        for (int k = 0; k < INSIDE; k++) {
            uint8_t least = smaller(smaller(p[k - 1], p[k + 1]), smaller(p[k - STRIDE], p[k + STRIDE]));
            plane[TOP + k] = blend(p[k], smaller(p[k], least), -amount);
        }
    clear_margins(plane);
}

// ---- paper ----

// Changes `depth` rows or columns that begin `from` pixels from a side (0 above, 1 below, 2 left, 3 right): each pixel
// becomes pixel & mask, but at least `ink`.
static inline void paint(uint8_t *plane, int side, int from, int depth, uint8_t mask, uint8_t ink) {
    int length = side < 2 ? ROWS : COLUMNS;
    int first = between(0, side % 2 ? length - from - depth : from, length);
    int last = between(0, side % 2 ? length - from : from + depth, length);
    int top = side < 2 ? first : 0, bottom = side < 2 ? last : ROWS;
    int left = side < 2 ? 0 : first, right = side < 2 ? COLUMNS : last;
    for (int i = top; i < bottom; i++)
        for (int j = left; j < right; j++) {
            uint8_t *pixel = plane + TOP + i * STRIDE + MARGIN + j;
            *pixel = larger(*pixel & mask, ink);
        }
}

static inline void cut_edge(const Amplitudes *a, uint32_t key, uint8_t *plane) {
    int depth = (up_to(a->cut, key, CUT_DEPTH) + ONE - 1) >> ONE_BITS;
    if (happens(a->cut_chance, key, CUT)) paint(plane, drawn(key, CUT_SIDE) >> 30, 0, depth, 0, 0);
}

// Draws up to four lines, one per side, 1 or 2 pixels thick, within 4 pixels of the side; a quarter to full ink.
static inline void draw_lines(const Amplitudes *a, uint32_t key, uint8_t *plane) {
    for (int side = 0; side < 4; side++) {
        uint32_t chosen = drawn(key, LINES + 2 * side + 1);
        int from = chosen >> 30 & 3, thick = 1 + (chosen >> 29 & 1), from_edge = thick == 2 && from == 3 ? 2 : from;
        uint8_t ink = 64 + ((chosen & 0xffff) * 192 >> 16);
        if (happens(a->line_chance, key, LINES + 2 * side)) paint(plane, side, from_edge, thick, 255, ink);
    }
}

// ---- camera ----

// Blends with the image blurred by [1 4 6 4 1] / 16 along both axes (standard deviation: one pixel).
static inline void soften(uint8_t *plane, int amount) {
    uint16_t down[INSIDE + 2 * MARGIN];
    memset(down, 0, sizeof down);
    repeat_edges(plane);
    const uint8_t *p = plane + TOP;
    for (int k = 0; k < INSIDE; k++)
        down[k + MARGIN] =
            p[k - 2 * STRIDE] + p[k + 2 * STRIDE] + 4 * (p[k - STRIDE] + p[k + STRIDE]) + 6 * p[k];
    for (int k = 0; k < INSIDE; k++) {
        uint16_t sum = down[k] + down[k + 4] + 4 * (down[k + 1] + down[k + 3]) + 6 * down[k + 2];
        plane[TOP + k] = blend(p[k], (uint16_t)(sum + 128) >> 8, amount);
    }
}

// Changes mid-tones (like a gamma, but without powers), multiplies by a gain, and brightens the background.
typedef struct {
    int32_t gain, curve, ground;
} Tones;

static inline void change_tones(uint8_t *plane, Tones t) {
    for (int k = TOP; k < TOP + INSIDE; k++) {
        int32_t x = plane[k];
        x += (t.curve * x * (255 - x) + (1 << 14)) >> (BLEND_BITS + 8);
        x = (x * t.gain + 64) >> BLEND_BITS;
        x = x > 255 ? 255 : x;
        plane[k] = t.ground + ((x * (255 - t.ground) * 257 + (1 << 15)) >> 16); // 257 / 65,536 is nearly 1 / 255
    }
}

static inline void change_camera(const Amplitudes *a, uint32_t key, uint8_t *plane) {
    int amount = up_to(a->blur, key, BLUR) >> (ONE_BITS - BLEND_BITS);
    if (amount) soften(plane, amount);
    if (!(a->contrast | a->background)) return;
    change_tones(plane, (Tones){
        .gain = (1 << BLEND_BITS) + (either_way(a->contrast, key, GAIN) >> (ONE_BITS - BLEND_BITS)),
        .curve = either_way(a->contrast, key, CURVE) >> (ONE_BITS - BLEND_BITS),
        .ground = up_to(a->background, key, BACKGROUND) >> (ONE_BITS - 8),
    });
}

// Adds independent noise to each pixel: the sum of two uniform draws, so that small amounts are more likely.
static inline void add_grain(int32_t amount, uint32_t key, int channel, uint8_t *plane) {
    int32_t strength = amount >> (ONE_BITS - 8);
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < COLUMNS; j++) {
            uint32_t bits = drawn(key, PIXEL_DRAWS + (channel * ROWS + i) * COLUMNS + j);
            int32_t noise = (int32_t)(bits >> 16) + (int32_t)(bits & 0xffff) - 0xffff;
            uint8_t *pixel = plane + TOP + i * STRIDE + MARGIN + j;
            *pixel = between(0, *pixel + ((noise * strength) >> 16), 255);
        }
}

#endif
