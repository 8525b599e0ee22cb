// DepthwiseConv2D with one filter per channel, and its gradients.
//
// Like convolution.h, but each channel has its own kernel; w [height][width][channels]:
//
//     y[c][i][j] = b[c] + Σ_a Σ_b  x[c][i · down + a - top][j · across + b - left] · w[a][b][c]
#ifndef TINYDIGITS_DEPTHWISE_H
#define TINYDIGITS_DEPTHWISE_H

#include "convolution.h"

// Number of neighbouring outputs that are computed together. 4 sums, 9 weights and the inputs fill 16 registers.
enum { NEIGHBOURS = 4 };

// The outputs from (i, j), for `columns` columns of channel c. With `turned`, the kernel is rotated by 180°.
INLINE void depthwise_columns(Conv s, Map x, const float *w, bool turned, V start, float slope, Map y,
                              const Map *values, Gate gate, int c, int i, int j, int columns) {
    V sums[NEIGHBOURS];
    int taps = s.height * s.width;
    UNROLL for (int k = 0; k < columns; k++) sums[k] = start;
    UNROLL for (int t = 0; t < taps; t++) {
        float tap = w[(turned ? taps - 1 - t : t) * s.channels + c];
        UNROLL for (int k = 0; k < columns; k++)
            sums[k] += *value(x, c, i * s.down + t / s.width, (j + k) * s.across + t % s.width) * tap;
    }
    UNROLL for (int k = 0; k < columns; k++)
        *value(y, c, i, j + k) = rectified(gated(sums[k], value(*values, c, i, j + k), gate), slope);
}

INLINE void depthwise(Conv s, Map x, const float *w, bool turned, const float *bias, float slope, Map y,
                      const Map *values, Gate gate) {
    for (int c = 0; c < s.channels; c++)
        for (int i = 0; i < s.rows; i++) {
            V start = bias ? fill(bias[c]) : (V){0};
            int j = 0, rest = s.columns % NEIGHBOURS;
            for (; j + NEIGHBOURS <= s.columns; j += NEIGHBOURS)
                depthwise_columns(s, x, w, turned, start, slope, y, values, gate, c, i, j, NEIGHBOURS);
            if (rest) depthwise_columns(s, x, w, turned, start, slope, y, values, gate, c, i, j, rest);
        }
}

// Computes y from x. `x.at` is where the kernel of output (0, 0) begins, as for conv_forward.
INLINE void depthwise_forward(Conv s, Map x, const float *w, const float *bias, float slope, Map y) {
    depthwise(s, x, w, false, bias, slope, y, &y, (Gate){1, 1});
}

// Computes dx from dy, like conv_input_gradient.
INLINE void depthwise_input_gradient(Conv s, Map dy, const float *w, Map x, Gate gate, Map dx, int rows, int columns) {
    Conv back = {s.channels, s.filters, rows, columns, s.height, s.width, 1, 1};
    depthwise(back, dy, w, true, 0, 1, dx, &x, gate);
}

// sums[t] += x · dy over `columns` columns from (i, j), for `taps` taps from `first`.
INLINE void depthwise_products(V *sums, Conv s, Map x, Map dy, int c, int i, int j, int columns, int first, int taps) {
    UNROLL for (int k = 0; k < columns; k++) {
        V gradient = *value(dy, c, i, j + k);
        UNROLL for (int t = 0; t < taps; t++) {
            int a = (first + t) / s.width, b = (first + t) % s.width;
            sums[t] += *value(x, c, i * s.down + a, (j + k) * s.across + b) * gradient;
        }
    }
}

// dw[t][c] += Σ_i Σ_j Σ_lanes  x · dy for `taps` taps from `first`, whose sums stay in registers.
INLINE void depthwise_taps(Conv s, Map x, Map dy, float *dw, int c, int first, int taps) {
    V sums[SUMS_AT_ONCE];
    UNROLL for (int t = 0; t < taps; t++) sums[t] = (V){0};
    for (int i = 0; i < s.rows; i++) {
        int j = 0, rest = s.columns % NEIGHBOURS;
        for (; j + NEIGHBOURS <= s.columns; j += NEIGHBOURS)
            depthwise_products(sums, s, x, dy, c, i, j, NEIGHBOURS, first, taps);
        if (rest) depthwise_products(sums, s, x, dy, c, i, j, rest, first, taps);
    }
    UNROLL for (int t = 0; t < taps; t++) dw[(first + t) * s.channels + c] += lane_sum(sums[t]);
}

// Adds to dw and, if there is a bias, to db.
INLINE void depthwise_weight_gradient(Conv s, Map x, Map dy, float *dw, float *db) {
    int taps = s.height * s.width, block = even_block(taps, SUMS_AT_ONCE);
    for (int c = 0; c < s.channels; c++) {
        UNROLL for (int first = 0; first + block <= taps; first += block)
            depthwise_taps(s, x, dy, dw, c, first, block);
        if (taps % block) depthwise_taps(s, x, dy, dw, c, taps - taps % block, taps % block);
    }
    conv_bias_gradient(dy, s.filters, s.rows, s.columns, db);
}

#endif
