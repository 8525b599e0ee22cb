// The hand: rotates, scales, shears, shifts and bends images, with one resampling for all.
#ifndef TINYDIGITS_WARP_H
#define TINYDIGITS_WARP_H

#include "planes.h"

// The place in the input of output pixel (i, j), before any elastic warp: x = xx · j + xy · i + x, and y likewise.
typedef struct {
    int32_t xx, xy, x, yx, yy, y;
} Affine;

// 1 - z/(n(n - 1)) · (1 - z/((n + 2)(n + 1)) · (1 - …)), z = angle²: the cosine for n = 2, for n = 3 sine / angle
// (Taylor; at π, seven terms are off by 4e-6).
INLINE int64_t series(int64_t square, int n) {
    int64_t sum = ONE;
    UNROLL for (int m = 12; m >= 0; m -= 2) sum = ONE - (square * sum >> ONE_BITS) / ((n + m) * (n + m - 1));
    return sum;
}

INLINE int32_t as_pixels(int64_t x) { return (x + 128) >> 8; }

// Rotation, scale, shear and shift about the centre: [xx xy; yx yy] = [c s+h; -s c] / [scale of x; scale of y].
static inline Affine map_of(const Amplitudes *a, uint32_t key) {
    int64_t angle = either_way(a->rotation, key, ROTATION), square = angle * angle >> ONE_BITS;
    int64_t c = series(square, 2), s = angle * series(square, 3) >> ONE_BITS, h = either_way(a->shear, key, SHEAR);
    int64_t wide = ((int64_t)ONE << ONE_BITS) / (ONE + either_way(a->scale, key, SCALE));
    int64_t high = ((int64_t)ONE << ONE_BITS) / (ONE + either_way(a->scale, key, SCALE + 1));
    Affine m = {
        .xx = as_pixels(c * wide >> ONE_BITS), .xy = as_pixels((s + h) * wide >> ONE_BITS),
        .yx = as_pixels(-s * high >> ONE_BITS), .yy = as_pixels(c * high >> ONE_BITS),
    };
    int32_t right = COLUMNS - 1, low = ROWS - 1;
    m.x = ((right * PIXEL - right * m.xx - low * m.xy) >> 1) + as_pixels(either_way(a->shift, key, SHIFT));
    m.y = ((low * PIXEL - right * m.yx - low * m.yy) >> 1) + as_pixels(either_way(a->shift, key, SHIFT + 1));
    return m;
}

// The elastic warp: random vectors on NODES × NODES nodes, smoothed by cubic B-splines between them.
typedef struct {
    int32_t nodes[2][NODES][8];
} Field;

static inline void fill_field(Field *field, int32_t amplitude, uint32_t key) {
    for (int axis = 0; axis < 2; axis++)
        for (int i = 0; i < NODES; i++)
            for (int j = 0; j < 8; j++)
                field->nodes[axis][i][j] = either_way(amplitude, key, NODE_DRAWS + (axis * NODES + i) * 8 + j) >> 8;
}

// Adds the field along row i to coordinates of one axis.
INLINE void add_field(const int32_t (*nodes)[8], int i, int32_t *coordinates) {
    int32_t along[8] = {0}, sum[STRIDE] = {0};
    for (int m = 0; m < NODES; m++)
        for (int n = 0; n < 8; n++) along[n] += row_basis[i][m] * nodes[m][n];
    for (int n = 0; n < NODES; n++) {
        int32_t node = along[n] >> PART_BITS;
        for (int k = 0; k < STRIDE; k++) sum[k] += node * column_basis[n][k];
    }
    for (int k = 0; k < STRIDE; k++) coordinates[k] += sum[k] >> PART_BITS;
}

// Each pixel with its neighbours to the right, below, and both, as the four bytes of one word.
static inline void join_fours(const uint8_t *plane, uint32_t *fours) {
    for (int k = 0; k < INSIDE + 3 * STRIDE; k++)
        fours[k] = plane[k] | plane[k + 1] << 8 | plane[k + STRIDE] << 16 | (uint32_t)plane[k + STRIDE + 1] << 24;
}

// Samples one row, bilinearly; places outside the image are black.
INLINE void sample_row(const uint32_t *fours, const int32_t *xs, const int32_t *ys, uint8_t *to) {
    for (int k = 0; k < STRIDE; k++) {
        int32_t x = between(-PIXEL, xs[k], COLUMNS * PIXEL), y = between(-PIXEL, ys[k], ROWS * PIXEL);
        uint32_t four = fours[((y >> 16) + MARGIN) * STRIDE + (x >> 16) + MARGIN];
        int32_t across = (x >> (16 - PART_BITS)) & (PART - 1), down = (y >> (16 - PART_BITS)) & (PART - 1);
        int32_t a = four & 255, b = (four >> 8) & 255, c = (four >> 16) & 255, d = four >> 24;
        int32_t upper = a * PART + across * (b - a), lower = c * PART + across * (d - c);
        to[k] = (upper * PART + down * (lower - upper) + (1 << (2 * PART_BITS - 1))) >> (2 * PART_BITS);
    }
}

static inline void resample(const Affine *m, const Field *field, uint8_t *plane) {
    uint32_t fours[PLANE];
    int32_t xs[STRIDE], ys[STRIDE];
    join_fours(plane, fours);
    for (int i = 0; i < ROWS; i++) {
        for (int k = 0; k < STRIDE; k++) {
            xs[k] = m->x + i * m->xy + (k - MARGIN) * m->xx;
            ys[k] = m->y + i * m->yy + (k - MARGIN) * m->yx;
        }
        if (field) {
            add_field(field->nodes[0], i, xs);
            add_field(field->nodes[1], i, ys);
        }
        sample_row(fours, xs, ys, plane + TOP + i * STRIDE);
    }
}

#endif
