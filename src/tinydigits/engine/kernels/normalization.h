// BatchNormalization, and its gradients.
//
// x and y [channels][rows][columns]; n numbers of a channel: every pixel of every image of the batch.
//
//     mean = Σ x / n        variance = Σ (x - mean)² / n        x̂ = (x - mean) / √(variance + ε)
//     y = γ · x̂ + β
//     dβ = Σ dy             dγ = Σ dy · x̂
//     dx = γ / √(variance + ε) · (dy - dβ / n - x̂ · dγ / n)                 (Ioffe and Szegedy, 2015, section 3)
//
// The sums are over the whole batch. Each strip stores its own sums; training.h waits for all strips and adds them up.
#ifndef TINYDIGITS_NORMALIZATION_H
#define TINYDIGITS_NORMALIZATION_H

#include <math.h>

#include "pooling.h"

typedef struct {
    int first;                        // position of its first channel in ChannelSums and Moments
    int channels, rows, columns;
    int gamma, beta, mean, variance;  // their positions in the array of weights
    float epsilon, momentum;
} Norm;

// The sums of a strip: Σ (x - s) and Σ (x - s)², where s is the moving mean; or Σ dy and Σ dy · x̂. The two pairs are
// stored apart, because one thread may write the second while another still reads the first.
typedef struct {
    float plain[NORMALIZED + 1], product[NORMALIZED + 1];
} ChannelSums;

// Values of the whole batch. `inverse` is 1 / √(variance + ε); `plain` and `product` are dβ / n and dγ / n.
typedef struct {
    float mean[NORMALIZED + 1], variance[NORMALIZED + 1], inverse[NORMALIZED + 1];
    float plain[NORMALIZED + 1], product[NORMALIZED + 1];
} Moments;

// Sums are relative to a number near the mean, so that the variance is not a small difference of large numbers.
INLINE void norm_sums(Norm s, Map x, const float *w, Ints real, ChannelSums *sums) {
    for (int c = 0; c < s.channels; c++) {
        float shift = w[s.mean + c];
        V plain = {0}, square = {0};
        for (int i = 0; i < s.rows; i++)
            for (int j = 0; j < s.columns; j++) {
                V from_shift = *value(x, c, i, j) - shift;
                plain += from_shift;
                square += from_shift * from_shift;
            }
        sums->plain[s.first + c] = lane_sum(keep(real, plain));
        sums->product[s.first + c] = lane_sum(keep(real, square));
    }
}

// Computes y from x.
INLINE void norm_forward(Norm s, Map x, const float *w, const Moments *m, float slope, Map y) {
    for (int c = 0; c < s.channels; c++) {
        float scale = w[s.gamma + c] * m->inverse[s.first + c];
        float offset = w[s.beta + c] - m->mean[s.first + c] * scale;
        for (int i = 0; i < s.rows; i++)
            for (int j = 0; j < s.columns; j++) *value(y, c, i, j) = rectified(*value(x, c, i, j) * scale + offset, slope);
    }
}

// Σ dy and Σ dy · x̂ of channel c over this strip. They are also its part of the gradients of β and γ.
INLINE void leave_sums(Norm s, int c, float plain, float product, ChannelSums *sums, float *g) {
    sums->plain[s.first + c] = plain;
    sums->product[s.first + c] = product;
    g[s.beta + c] += plain;
    g[s.gamma + c] += product;
}

// Stores the sums of one strip. Empty lanes of dy are 0.
INLINE void norm_gradient_sums(Norm s, Map x, Map dy, const Moments *m, ChannelSums *sums, float *g) {
    for (int c = 0; c < s.channels; c++) {
        float mean = m->mean[s.first + c], inverse = m->inverse[s.first + c];
        V plain = {0}, product = {0};
        for (int i = 0; i < s.rows; i++)
            for (int j = 0; j < s.columns; j++) {
                V gradient = *value(dy, c, i, j);
                plain += gradient;
                product += gradient * (*value(x, c, i, j) - mean);
            }
        leave_sums(s, c, lane_sum(plain), lane_sum(product) * inverse, sums, g);
    }
}

// The gradient of a channel: dx = dy · scale + x · slope + offset.
typedef struct {
    float scale, slope, offset;
} Line;

INLINE Line gradient_line(Norm s, int c, const float *w, const Moments *m) {
    float inverse = m->inverse[s.first + c], scale = w[s.gamma + c] * inverse;
    float slope = -scale * m->product[s.first + c] * inverse;
    return (Line){scale, slope, -scale * m->plain[s.first + c] - slope * m->mean[s.first + c]};
}

// Computes dx from dy, in the lanes that hold an image.
INLINE void norm_input_gradient(Norm s, Map x, Map dy, const float *w, const Moments *m, Ints real, Gate gate, Map dx) {
    for (int c = 0; c < s.channels; c++) {
        Line line = gradient_line(s, c, w, m);
        for (int i = 0; i < s.rows; i++)
            for (int j = 0; j < s.columns; j++) {
                const V *from = value(x, c, i, j);
                V gradient = *value(dy, c, i, j) * line.scale + (*from * line.slope + line.offset);
                *value(dx, c, i, j) = gated(keep(real, gradient), from, gate);
            }
    }
}

// Normalisation, ReLU and max pooling of windows side by side. Only the maxima and their positions are stored.
INLINE void norm_pool_forward(Norm s, Pool p, Map x, const float *w, const Moments *m, Map y, Marks *marks) {
    for (int c = 0; c < s.channels; c++) {
        float scale = w[s.gamma + c] * m->inverse[s.first + c];
        float offset = w[s.beta + c] - m->mean[s.first + c] * scale;
        for (int i = 0; i < p.rows; i++)
            for (int j = 0; j < p.columns; j++) {
                V best = {0};
                Ints mark = NOTHING_LIVES - (Ints){0};
                UNROLL for (int q = 0; q < p.height * p.width; q++) {
                    V from = *value(x, c, i * p.height + q / p.width, j * p.width + q % p.width);
                    take_larger(from * scale + offset, q, &best, &mark);
                }
                *value(y, c, i, j) = best;
                marks[(c * p.rows + i) * p.columns + j] = __builtin_convertvector(mark, Marks);
            }
    }
}

// Like norm_gradient_sums, from the gradient dy after pooling. Only the maxima have a gradient.
INLINE void norm_pool_gradient_sums(Norm s, Pool p, Map x, Map dy, const Marks *marks, const Moments *m,
                                    ChannelSums *sums, float *g) {
    for (int c = 0; c < s.channels; c++) {
        float mean = m->mean[s.first + c], inverse = m->inverse[s.first + c];
        V plain = {0}, product = {0};
        for (int i = 0; i < p.rows; i++)
            for (int j = 0; j < p.columns; j++) {
                V gradient = *value(dy, c, i, j), from = {0};
                Ints mark = __builtin_convertvector(marks[(c * p.rows + i) * p.columns + j], Ints);
                UNROLL for (int q = 0; q < p.height * p.width; q++)
                    from += keep(mark == q, *value(x, c, i * p.height + q / p.width, j * p.width + q % p.width));
                plain += gradient;
                product += gradient * (from - mean);
            }
        leave_sums(s, c, lane_sum(plain), lane_sum(product) * inverse, sums, g);
    }
}

// Like norm_input_gradient, from the gradient dy after pooling.
INLINE void norm_pool_input_gradient(Norm s, Pool p, Map x, Map dy, const Marks *marks, const float *w,
                                     const Moments *m, Ints real, Gate gate, Map dx) {
    for (int c = 0; c < s.channels; c++) {
        Line line = gradient_line(s, c, w, m);
        for (int i = 0; i < p.rows; i++)
            for (int j = 0; j < p.columns; j++) {
                V gradient = *value(dy, c, i, j) * line.scale;
                Ints mark = __builtin_convertvector(marks[(c * p.rows + i) * p.columns + j], Ints);
                UNROLL for (int q = 0; q < p.height * p.width; q++) {
                    int row = i * p.height + q / p.width, column = j * p.width + q % p.width;
                    const V *from = value(x, c, row, column);
                    V sum = keep(mark == q, gradient) + (*from * line.slope + line.offset);
                    *value(dx, c, row, column) = gated(keep(real, sum), from, gate);
                }
            }
        for (int i = 0; i < s.rows; i++) // pixels that no window covers
            for (int j = i < p.rows * p.height ? p.columns * p.width : 0; j < s.columns; j++) {
                const V *from = value(x, c, i, j);
                *value(dx, c, i, j) = gated(keep(real, *from * line.slope + line.offset), from, gate);
            }
    }
}

// Mean and variance for inference: the moving ones.
INLINE void set_moving_moments(Norm s, const float *w, Moments *m) {
    for (int c = 0; c < s.channels; c++) {
        m->mean[s.first + c] = w[s.mean + c];
        m->inverse[s.first + c] = (float)(1 / sqrt(w[s.variance + c] + (double)s.epsilon));
    }
}

// Updates the moving statistics after a step: the old value and that of the batch, weighted by `momentum`.
INLINE void move_statistics(Norm s, float momentum, const Moments *m, const float *from, float *to) {
    for (int c = 0; c < s.channels; c++) {
        to[s.mean + c] = from[s.mean + c] * momentum + m->mean[s.first + c] * (1 - momentum);
        to[s.variance + c] = from[s.variance + c] * momentum + m->variance[s.first + c] * (1 - momentum);
    }
}

#endif
