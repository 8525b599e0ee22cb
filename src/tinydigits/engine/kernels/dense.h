// Dense, and its gradients.
//
// x [features], y [units] of V; the kernel w [units][stride], each row padded with zeros from `features` to `stride`, a
// multiple of GROUP. Keras stores the kernel transposed; the plan knows the position of each number.
//
//     y[u] = b[u] + Σ_f w[u][f] · x[f]
#ifndef TINYDIGITS_DENSE_H
#define TINYDIGITS_DENSE_H

#include "convolution.h"

typedef struct {
    int features, units, stride;
} Dense;

enum { UNITS_AT_ONCE = REGISTERS / 2, GRADIENT_UNITS_AT_ONCE = REGISTERS == 32 && LANES == 16 ? 6 : 4 };

// y[first …] for `units` units, whose sums stay in registers.
INLINE void dense_units(Dense s, const V *x, const float *w, const float *bias, float slope, V *y, int first,
                        int units) {
    V sums[UNITS_AT_ONCE];
    start_sums(sums, bias, 1, first, units);
    for (int f = 0; f < s.features; f++)
        UNROLL for (int u = 0; u < units; u++) sums[u] += x[f] * w[(first + u) * s.stride + f];
    UNROLL for (int u = 0; u < units; u++) y[first + u] = rectified(sums[u], slope);
}

// Computes y from x.
INLINE void dense_forward(Dense s, const V *x, const float *w, const float *bias, float slope, V *y) {
    int block = even_block(s.units, UNITS_AT_ONCE), first = 0;
    for (; first + block <= s.units; first += block) dense_units(s, x, w, bias, slope, y, first, block);
    if (s.units % block) dense_units(s, x, w, bias, slope, y, first, s.units % block);
}

// dx[f] = Σ_u w[u][f] · dy[u] over `units` units from `first`, whose dy stay in registers. The sum is added to dx
// unless `first` is 0. After the last unit the gate is applied. Features are in the order channel, row, column.
INLINE void dense_input_units(Dense s, const V *dy, const float *w, const V *x, Gate gate, Map dx, Size size, int first,
                              int units) {
    V held[UNITS_AT_ONCE];
    UNROLL for (int u = 0; u < units; u++) held[u] = dy[first + u];
    int f = 0;
    for (int c = 0; c < size.channels; c++)
        for (int i = 0; i < size.rows; i++)
            for (int j = 0; j < size.columns; j++, f++) {
                V *to = value(dx, c, i, j), even = first ? *to : (V){0}, odd = {0};
                UNROLL for (int u = 0; u + 1 < units; u += 2) {
                    even += held[u] * w[(first + u) * s.stride + f];
                    odd += held[u + 1] * w[(first + u + 1) * s.stride + f];
                }
                if (units % 2) even += held[units - 1] * w[(first + units - 1) * s.stride + f];
                *to = first + units == s.units ? gated(even + odd, &x[f], gate) : even + odd;
            }
}

// Computes dx, a Map of the `size` of x, from dy.
INLINE void dense_input_gradient(Dense s, const V *dy, const float *w, const V *x, Gate gate, Map dx, Size size) {
    int block = even_block(s.units, UNITS_AT_ONCE), first = 0;
    for (; first + block <= s.units; first += block) dense_input_units(s, dy, w, x, gate, dx, size, first, block);
    if (s.units % block) dense_input_units(s, dy, w, x, gate, dx, size, first, s.units % block);
}

// dw[u][f …] += Σ_n x[n][f …] · dy[u][n] for `units` units and LANES features, as `rows` x[n] along the features.
INLINE void weight_tile(Dense s, const V *rows, const V *dy, float *dw, int first, int units) {
    V sums[GRADIENT_UNITS_AT_ONCE];
    UNROLL for (int u = 0; u < units; u++) sums[u] = (V){0};
    UNROLL for (int n = 0; n < LANES; n++)
        UNROLL for (int u = 0; u < units; u++) sums[u] += rows[n] * ((const float *)&dy[first + u])[n];
    UNROLL for (int u = 0; u < units; u++) {
        float *to = dw + (first + u) * s.stride;
        store(to, load(to) + sums[u]);
    }
}

// Adds to dw [units][stride] and, if there is a bias, to db [units]. Summing each weight over lanes would cost more
// than the products. Instead, LANES features at a time are transposed, so that lanes run along the features.
INLINE void dense_weight_gradient(Dense s, const V *x, const V *dy, float *dw, float *db) {
    int block = even_block(s.units, GRADIENT_UNITS_AT_ONCE);
    for (int f = 0; f < s.features; f += LANES) {
        V rows[LANES];
        UNROLL for (int n = 0; n < LANES; n++) rows[n] = f + n < s.features ? x[f + n] : (V){0};
        transpose_floats(rows);
        int first = 0;
        for (; first + block <= s.units; first += block) weight_tile(s, rows, dy, dw + f, first, block);
        if (s.units % block) weight_tile(s, rows, dy, dw + f, first, s.units % block);
    }
    for (int u = 0; db && u < s.units; u++) db[u] += lane_sum(dy[u]);
}

#endif
