// Conv2D, and its gradients.
//
// x [channels][rows + border][columns + border], w [height][width][channels][filters], y [filters][rows][columns]:
//
//     y[o][i][j] = b[o] + Σ_c Σ_a Σ_b  x[c][i · down + a - top][j · across + b - left] · w[a][b][c][o]
//
// The border of x is zero, so no kernel checks where an image ends. The gradient of x is also a convolution: of the
// output's gradient, with the kernel rotated by 180° and channels and filters exchanged. Weights are read one number at
// a time, so both use the same loops with other strides. For strides above 1, the output's gradient is first written
// with zeros between its values.
#ifndef TINYDIGITS_CONVOLUTION_H
#define TINYDIGITS_CONVOLUTION_H

#include "gate.h"

typedef struct {
    int channels, filters;  // of the input and of the output
    int rows, columns;      // of the output
    int height, width;      // of the kernel
    int down, across;       // from one window to the next
} Conv;

// w[a][b][c][o] is at[a · row + b · column + c · in + o · out].
typedef struct {
    const float *at;
    int row, column, in, out;
} Taps;

INLINE Taps taps(Conv s, const float *w) {
    return (Taps){w, s.width * s.channels * s.filters, s.channels * s.filters, s.filters, 1};
}

// `s` describes the forward convolution.
INLINE Taps turned_taps(Conv s, const float *w) {
    Taps t = taps(s, w);
    return (Taps){w + (s.height - 1) * t.row + (s.width - 1) * t.column, -t.row, -t.column, 1, s.filters};
}

enum { FILTERS_AT_ONCE = REGISTERS / 4, COLUMNS_AT_ONCE = 2, SUMS_AT_ONCE = REGISTERS * 5 / 8 };
// For a kernel of 1×1: number of channels and of filters whose weights are summed at once; REGISTERS · 3 / 4 sums.
enum { POINT_CHANNELS = 4, POINT_FILTERS = REGISTERS * 3 / 16 };

// sums[b][o] += the convolution at the `columns` outputs from (i, j), for `filters` filters from `first`.
// `columns` · `filters` sums stay in registers; every x is loaded once for all of them.
INLINE void convolve_at(V *sums, Conv s, Map x, Taps w, int i, int j, int columns, int first, int filters) {
    for (int c = 0; c < s.channels; c++)
        UNROLL for (int a = 0; a < s.height; a++)
            UNROLL for (int b = 0; b < s.width; b++) {
                const float *tap = w.at + a * w.row + b * w.column + c * w.in + first * w.out;
                UNROLL for (int k = 0; k < columns; k++) {
                    V v = *value(x, c, i * s.down + a, (j + k) * s.across + b);
                    UNROLL for (int o = 0; o < filters; o++) sums[k * filters + o] += v * tap[o * w.out];
                }
            }
}

INLINE void convolve_columns(Conv s, Map x, Taps w, const float *bias, float slope, Map y, const Map *values,
                             Gate gate, int i, int j, int columns, int first, int filters) {
    V sums[COLUMNS_AT_ONCE * FILTERS_AT_ONCE];
    start_sums(sums, bias, columns, first, filters);
    convolve_at(sums, s, x, w, i, j, columns, first, filters);
    UNROLL for (int k = 0; k < columns; k++)
        UNROLL for (int o = 0; o < filters; o++) {
            V sum = sums[k * filters + o];
            sum = gated(sum, value(*values, first + o, i, j + k), gate);
            *value(y, first + o, i, j + k) = rectified(sum, slope);
        }
}

INLINE void convolve_filters(Conv s, Map x, Taps w, const float *bias, float slope, Map y, const Map *values,
                             Gate gate, int first, int filters) {
    for (int i = 0; i < s.rows; i++) {
        int j = 0;
        for (; j + COLUMNS_AT_ONCE <= s.columns; j += COLUMNS_AT_ONCE)
            convolve_columns(s, x, w, bias, slope, y, values, gate, i, j, COLUMNS_AT_ONCE, first, filters);
        if (s.columns % COLUMNS_AT_ONCE)
            convolve_columns(s, x, w, bias, slope, y, values, gate, i, j, 1, first, filters);
    }
}

INLINE void convolve(Conv s, Map x, Taps w, const float *bias, float slope, Map y, const Map *values, Gate gate) {
    int block = even_block(s.filters, FILTERS_AT_ONCE), first = 0;
    for (; first + block <= s.filters; first += block)
        convolve_filters(s, x, w, bias, slope, y, values, gate, first, block);
    if (s.filters % block)
        convolve_filters(s, x, w, bias, slope, y, values, gate, first, s.filters % block);
}

// Computes y from x. `x.at` is where the kernel of output (0, 0) begins: (top, left) before the first pixel.
INLINE void conv_forward(Conv s, Map x, const float *w, const float *bias, float slope, Map y) {
    convolve(s, x, taps(s, w), bias, slope, y, &y, (Gate){1, 1});
}

// Computes the input gradient dx, `rows` × `columns`, from the output gradient dy. `dy.at` is where the rotated kernel
// of input (0, 0) begins: (height - 1 - top, width - 1 - left) before the first pixel.
INLINE void conv_input_gradient(Conv s, Map dy, const float *w, Map x, Gate gate, Map dx, int rows, int columns) {
    Conv back = {s.filters, s.channels, rows, columns, s.height, s.width, 1, 1};
    convolve(back, dy, turned_taps(s, w), 0, 1, dx, &x, gate);
}

// dw[a][b][c][o] += Σ_i Σ_j Σ_lanes  x[c][i · down + a][j · across + b] · dy[o][i][j], for `high` × `wide` taps and
// `filters` filters. All these sums stay in registers. Lanes are summed once, at the end.
INLINE void weight_sums(Conv s, Map x, Map dy, float *dw, int c, int a, int high, int b, int wide, int first,
                        int filters) {
    V sums[SUMS_AT_ONCE];
    UNROLL for (int k = 0; k < high * wide * filters; k++) sums[k] = (V){0};
    for (int i = 0; i < s.rows; i++)
        for (int j = 0; j < s.columns; j++)
            UNROLL for (int k = 0; k < high * wide; k++) {
                V v = *value(x, c, i * s.down + a + k / wide, j * s.across + b + k % wide);
                UNROLL for (int o = 0; o < filters; o++) sums[k * filters + o] += v * *value(dy, first + o, i, j);
            }
    float added[SUMS_AT_ONCE];
    lane_sums(sums, high * wide * filters, added);
    for (int k = 0; k < high * wide; k++)
        for (int o = 0; o < filters; o++)
            dw[(((a + k / wide) * s.width + b + k % wide) * s.channels + c) * s.filters + first + o] +=
                added[k * filters + o];
}

INLINE void weight_sums_of_taps(Conv s, Map x, Map dy, float *dw, int c, int a, int high, int b, int wide) {
    int block = even_block(s.filters, SUMS_AT_ONCE / (high * wide)), first = 0;
    for (; first + block <= s.filters; first += block)
        weight_sums(s, x, dy, dw, c, a, high, b, wide, first, block);
    if (s.filters % block) weight_sums(s, x, dy, dw, c, a, high, b, wide, first, s.filters % block);
}

// The same for a kernel of 1×1, for `channels` channels from c. Here channels share loaded values, as there is one tap.
INLINE void point_sums(Conv s, Map x, Map dy, float *dw, int c, int channels, int first, int filters) {
    V sums[POINT_CHANNELS * POINT_FILTERS];
    UNROLL for (int k = 0; k < channels * filters; k++) sums[k] = (V){0};
    for (int i = 0; i < s.rows; i++)
        for (int j = 0; j < s.columns; j++) {
            V v[POINT_CHANNELS];
            UNROLL for (int k = 0; k < channels; k++) v[k] = *value(x, c + k, i * s.down, j * s.across);
            UNROLL for (int o = 0; o < filters; o++) {
                V gradient = *value(dy, first + o, i, j);
                UNROLL for (int k = 0; k < channels; k++) sums[k * filters + o] += v[k] * gradient;
            }
        }
    float added[POINT_CHANNELS * POINT_FILTERS];
    lane_sums(sums, channels * filters, added);
    for (int k = 0; k < channels; k++)
        for (int o = 0; o < filters; o++) dw[(c + k) * s.filters + first + o] += added[k * filters + o];
}

INLINE void point_sums_of_channels(Conv s, Map x, Map dy, float *dw, int c, int channels) {
    int block = even_block(s.filters, POINT_FILTERS), first = 0;
    for (; first + block <= s.filters; first += block) point_sums(s, x, dy, dw, c, channels, first, block);
    if (s.filters % block) point_sums(s, x, dy, dw, c, channels, first, s.filters % block);
}

INLINE void point_gradient(Conv s, Map x, Map dy, float *dw) {
    int c = 0;
    for (; c + POINT_CHANNELS <= s.channels; c += POINT_CHANNELS)
        point_sums_of_channels(s, x, dy, dw, c, POINT_CHANNELS);
    if (s.channels % POINT_CHANNELS) point_sums_of_channels(s, x, dy, dw, c, s.channels % POINT_CHANNELS);
}

// Adds to dw [height][width][channels][filters]. A small kernel is summed at once, a larger one in pieces of its rows.
INLINE void conv_kernel_gradient(Conv s, Map x, Map dy, float *dw) {
    if (s.height * s.width == 1) {
        point_gradient(s, x, dy, dw);
        return;
    }
    bool whole = s.height * s.width <= 4;
    int high = whole ? s.height : 1, wide = whole ? s.width : even_block(s.width, 5);
    for (int c = 0; c < s.channels; c++)
        for (int a = 0; a < s.height; a += high) {
            int b = 0;
            for (; b + wide <= s.width; b += wide) weight_sums_of_taps(s, x, dy, dw, c, a, high, b, wide);
            if (s.width % wide) weight_sums_of_taps(s, x, dy, dw, c, a, high, b, s.width % wide);
        }
}

// db[o] += Σ_i Σ_j Σ_lanes  dy[o][i][j], for `filters` filters at once, so that sums do not wait for each other.
INLINE void bias_sums(Map dy, int rows, int columns, float *db, int first, int filters) {
    V sums[FILTERS_AT_ONCE];
    UNROLL for (int o = 0; o < filters; o++) sums[o] = (V){0};
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            UNROLL for (int o = 0; o < filters; o++) sums[o] += *value(dy, first + o, i, j);
    UNROLL for (int o = 0; o < filters; o++) db[first + o] += lane_sum(sums[o]);
}

// Adds the gradient dy [filters][rows][columns] of a convolution's output to db [filters]; null: there is no bias.
INLINE void conv_bias_gradient(Map dy, int filters, int rows, int columns, float *db) {
    int block = even_block(filters, FILTERS_AT_ONCE), first = 0;
    for (; db && first + block <= filters; first += block) bias_sums(dy, rows, columns, db, first, block);
    if (db && filters % block) bias_sums(dy, rows, columns, db, first, filters % block);
}

// Copies the output gradient dy with gaps between its values; the gaps already contain zeros.
INLINE void dilate_gradient(Conv s, Map dy, Map dilated) {
    for (int o = 0; o < s.filters; o++)
        for (int i = 0; i < s.rows; i++)
            for (int j = 0; j < s.columns; j++) *value(dilated, o, i * s.down, j * s.across) = *value(dy, o, i, j);
}

// Adds to dw and, if there is a bias, to db.
INLINE void conv_weight_gradient(Conv s, Map x, Map dy, float *dw, float *db) {
    conv_kernel_gradient(s, x, dy, dw);
    conv_bias_gradient(dy, s.filters, s.rows, s.columns, db);
}

#endif
