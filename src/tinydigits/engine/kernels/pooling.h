// MaxPooling2D, alone or fused with a convolution and ReLU; AveragePooling2D.
//
// y[c][i][j] = max over a < height, b < width of x[c][i · down + a - top][j · across + b - left]. A mark stores
// the position of the maximum in its window, a · width + b: the first one if there are several.
#ifndef TINYDIGITS_POOLING_H
#define TINYDIGITS_POOLING_H

#include "convolution.h"

typedef struct {
    int channels, rows, columns;  // of the output
    int height, width;            // of the window
    int down, across;             // from one window to the next
    int top, left;                // distance of the first window outside the input
    int in_rows, in_columns;      // of the input
} Pool;

enum { NOTHING_LIVES = -1 }; // the mark of a window whose maximum is zero after ReLU

// Where x is larger than best: best ← x, and mark ← its position.
INLINE void take_larger(V x, int position, V *best, Ints *mark) {
    Ints larger = x > *best;
    *best = choose(larger, x, *best);
    *mark = (larger & position) | (~larger & *mark);
}

INLINE bool inside(int i, int size) { return i >= 0 && i < size; }

INLINE void max_pool_at(Pool s, Map x, Map y, Marks *marks, int c, int i, int j) {
    V best = fill(-__builtin_inff());
    Ints mark = {0};
    for (int a = 0; a < s.height; a++)
        for (int b = 0; b < s.width; b++) {
            int row = i * s.down + a - s.top, column = j * s.across + b - s.left;
            if (inside(row, s.in_rows) && inside(column, s.in_columns))
                take_larger(*value(x, c, row, column), a * s.width + b, &best, &mark);
        }
    *value(y, c, i, j) = best;
    marks[(c * s.rows + i) * s.columns + j] = __builtin_convertvector(mark, Marks);
}

// Computes y from x, and a mark for every y, [channels][rows][columns].
INLINE void max_pool_forward(Pool s, Map x, Map y, Marks *marks) {
    for (int c = 0; c < s.channels; c++)
        for (int i = 0; i < s.rows; i++)
            for (int j = 0; j < s.columns; j++) max_pool_at(s, x, y, marks, c, i, j);
}

INLINE void max_pool_gradient_at(Pool s, Map dy, const Marks *marks, Map dx, int c, int i, int j) {
    V gradient = *value(dy, c, i, j);
    Ints mark = __builtin_convertvector(marks[(c * s.rows + i) * s.columns + j], Ints);
    for (int a = 0; a < s.height; a++)
        for (int b = 0; b < s.width; b++) {
            int row = i * s.down + a - s.top, column = j * s.across + b - s.left;
            if (inside(row, s.in_rows) && inside(column, s.in_columns))
                *value(dx, c, row, column) += keep(mark == a * s.width + b, gradient);
        }
}

// Computes dx [channels][in_rows][in_columns] from dy. A gradient goes to the position in its mark. Windows may
// overlap.
INLINE void max_pool_input_gradient(Pool s, Map dy, const Marks *marks, Map x, Gate gate, Map dx) {
    for (int c = 0; c < s.channels; c++) {
        for (int i = 0; i < s.in_rows; i++)
            for (int j = 0; j < s.in_columns; j++) *value(dx, c, i, j) = (V){0};
        for (int i = 0; i < s.rows; i++)
            for (int j = 0; j < s.columns; j++) max_pool_gradient_at(s, dy, marks, dx, c, i, j);
        for (int i = 0; gate.slope != 1 && i < s.in_rows; i++)
            for (int j = 0; j < s.in_columns; j++)
                *value(dx, c, i, j) = gated(*value(dx, c, i, j), value(x, c, i, j), gate);
    }
}

// Number of positions from `first` to `first + extent` that lie in an input of `size`.
INLINE int seen(int first, int extent, int size) {
    int last = first + extent < size ? first + extent : size;
    return last - (first > 0 ? first : 0);
}

// 1 / (number of inputs in the window of output (i, j)).
INLINE float share(Pool s, int i, int j) {
    int rows = seen(i * s.down - s.top, s.height, s.in_rows), columns = seen(j * s.across - s.left, s.width, s.in_columns);
    return 1.0f / (rows * columns);
}

// Computes y from x: the mean of each window, without places outside the input.
INLINE void average_forward(Pool s, Map x, Map y) {
    for (int c = 0; c < s.channels; c++)
        for (int i = 0; i < s.rows; i++)
            for (int j = 0; j < s.columns; j++) {
                V sum = {0};
                for (int a = 0; a < s.height; a++)
                    for (int b = 0; b < s.width; b++) {
                        int row = i * s.down + a - s.top, column = j * s.across + b - s.left;
                        if (inside(row, s.in_rows) && inside(column, s.in_columns)) sum += *value(x, c, row, column);
                    }
                *value(y, c, i, j) = sum * share(s, i, j);
            }
}

// Computes dx from dy: each input gets its share of every window that contains it.
INLINE void average_input_gradient(Pool s, Map dy, Map x, Gate gate, Map dx) {
    for (int c = 0; c < s.channels; c++) {
        for (int i = 0; i < s.in_rows; i++)
            for (int j = 0; j < s.in_columns; j++) *value(dx, c, i, j) = (V){0};
        for (int i = 0; i < s.rows; i++)
            for (int j = 0; j < s.columns; j++) {
                V part = *value(dy, c, i, j) * share(s, i, j);
                for (int a = 0; a < s.height; a++)
                    for (int b = 0; b < s.width; b++) {
                        int row = i * s.down + a - s.top, column = j * s.across + b - s.left;
                        if (inside(row, s.in_rows) && inside(column, s.in_columns))
                            *value(dx, c, row, column) += gated(part, value(x, c, row, column), gate);
                    }
            }
    }
}

// Convolution, ReLU and max pooling, for one output and `filters` filters. The output of the convolution stays in
// registers. Maximum and ReLU can be exchanged; a maximum of zero passes no gradient.
INLINE void conv_pool_at(Conv s, Pool p, Map x, Taps w, const float *bias, Map y, Marks *marks, int i, int j, int first,
                         int filters) {
    V best[FILTERS_AT_ONCE];
    Ints mark[FILTERS_AT_ONCE];
    UNROLL for (int o = 0; o < filters; o++) {
        best[o] = (V){0};
        mark[o] = NOTHING_LIVES - (Ints){0};
    }
    UNROLL for (int a = 0; a < p.height; a++)
        UNROLL for (int b = 0; b < p.width; b++) {
            V sums[FILTERS_AT_ONCE];
            start_sums(sums, bias, 1, first, filters);
            convolve_at(sums, s, x, w, i * p.height + a, j * p.width + b, 1, first, filters);
            UNROLL for (int o = 0; o < filters; o++) take_larger(sums[o], a * p.width + b, &best[o], &mark[o]);
        }
    UNROLL for (int o = 0; o < filters; o++) {
        *value(y, first + o, i, j) = best[o];
        marks[((first + o) * p.rows + i) * p.columns + j] = __builtin_convertvector(mark[o], Marks);
    }
}

// Computes y [filters][rows][columns] from x, with the windows of `p`, which lie side by side.
INLINE void conv_pool_forward(Conv s, Pool p, Map x, const float *w, const float *bias, Map y, Marks *marks) {
    int block = even_block(s.filters, FILTERS_AT_ONCE), first = 0;
    for (; first + block <= s.filters; first += block)
        for (int i = 0; i < p.rows; i++)
            for (int j = 0; j < p.columns; j++)
                conv_pool_at(s, p, x, taps(s, w), bias, y, marks, i, j, first, block);
    for (int i = 0; s.filters % block && i < p.rows; i++)
        for (int j = 0; j < p.columns; j++)
            conv_pool_at(s, p, x, taps(s, w), bias, y, marks, i, j, first, s.filters % block);
}

// Computes dx before pooling from dy after it, for windows side by side. Pixels outside every window are not written.
INLINE void spread_gradient(Pool p, Map dy, const Marks *marks, Map dx) {
    for (int c = 0; c < p.channels; c++)
        for (int i = 0; i < p.rows; i++)
            for (int j = 0; j < p.columns; j++) {
                V gradient = *value(dy, c, i, j);
                Ints mark = __builtin_convertvector(marks[(c * p.rows + i) * p.columns + j], Ints);
                UNROLL for (int a = 0; a < p.height; a++)
                    UNROLL for (int b = 0; b < p.width; b++)
                        *value(dx, c, i * p.height + a, j * p.width + b) = keep(mark == a * p.width + b, gradient);
            }
}

// Like weight_sums, from the gradient dy after pooling, which is spread over its window only in registers.
INLINE void pool_weight_sums(Conv s, Pool p, Map x, Map dy, const Marks *marks, float *dw, int c, int first,
                             int filters) {
    int taps = s.height * s.width;
    V sums[SUMS_AT_ONCE];
    UNROLL for (int k = 0; k < taps * filters; k++) sums[k] = (V){0};
    for (int i = 0; i < p.rows; i++)
        for (int j = 0; j < p.columns; j++)
            UNROLL for (int q = 0; q < p.height * p.width; q++)
                UNROLL for (int o = 0; o < filters; o++) {
                    Marks mark = marks[((first + o) * p.rows + i) * p.columns + j];
                    V gradient = keep(__builtin_convertvector(mark, Ints) == q, *value(dy, first + o, i, j));
                    int row = i * p.height + q / p.width, column = j * p.width + q % p.width;
                    UNROLL for (int k = 0; k < taps; k++)
                        sums[k * filters + o] += gradient * *value(x, c, row + k / s.width, column + k % s.width);
                }
    UNROLL for (int k = 0; k < taps; k++)
        UNROLL for (int o = 0; o < filters; o++)
            dw[(k * s.channels + c) * s.filters + first + o] += lane_sum(sums[k * filters + o]);
}

// Adds to dw and db, if the input of the convolution needs no gradient. The result is that of spread_gradient and
// conv_weight_gradient, but the spread gradient, four times as large as dy, is never in memory. For kernels of few
// taps.
INLINE void conv_pool_weight_gradient(Conv s, Pool p, Map x, Map dy, const Marks *marks, float *dw, float *db) {
    int block = even_block(s.filters, SUMS_AT_ONCE / (s.height * s.width));
    for (int c = 0; c < s.channels; c++) {
        int first = 0;
        for (; first + block <= s.filters; first += block) pool_weight_sums(s, p, x, dy, marks, dw, c, first, block);
        if (s.filters % block) pool_weight_sums(s, p, x, dy, marks, dw, c, first, s.filters % block);
    }
    conv_bias_gradient(dy, p.channels, p.rows, p.columns, db);
}

#endif
