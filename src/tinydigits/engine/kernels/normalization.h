// BatchNormalization, and its gradients.
//
// x and y [channels][rows][columns]; n numbers of a channel: every pixel of every image of the batch.
//
//     mean = Σ x / n        variance = Σ (x - mean)² / n        x̂ = (x - mean) / √(variance + ε)
//     y = γ · x̂ + β
//     dβ = Σ dy             dγ = Σ dy · x̂
//     dx = γ / √(variance + ε) · (dy - dβ / n - x̂ · dγ / n)                 (Ioffe and Szegedy, 2015, section 3)
//
// The sums run over the whole batch. Each strip leaves its own; training.h waits until all are there and adds them up.
#ifndef TINYDIGITS_NORMALIZATION_H
#define TINYDIGITS_NORMALIZATION_H

#include <math.h>

#include "convolution.h"

typedef struct {
    int first;                        // where its channels begin in ChannelSums and Moments
    int channels, rows, columns;
    int gamma, beta, mean, variance;  // where these begin among the weights
    float epsilon, momentum;
} Norm;

// What a strip adds: Σ (x - s) and Σ (x - s)², with s the moving mean; later Σ dy and Σ dy · x̂.
typedef struct {
    float plain[NORMALIZED + 1], product[NORMALIZED + 1];
} ChannelSums;

// What holds for the whole batch. `inverse` is 1 / √(variance + ε); `plain` and `product` are dβ / n and dγ / n.
typedef struct {
    float mean[NORMALIZED + 1], variance[NORMALIZED + 1], inverse[NORMALIZED + 1];
    float plain[NORMALIZED + 1], product[NORMALIZED + 1];
} Moments;

// Sums run around a number near the mean, so that the variance is not a small difference of large numbers.
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

// x → y.
INLINE void norm_forward(Norm s, Map x, const float *w, const Moments *m, float slope, Map y) {
    for (int c = 0; c < s.channels; c++) {
        float scale = w[s.gamma + c] * m->inverse[s.first + c];
        float offset = w[s.beta + c] - m->mean[s.first + c] * scale;
        for (int i = 0; i < s.rows; i++)
            for (int j = 0; j < s.columns; j++) *value(y, c, i, j) = rectified(*value(x, c, i, j) * scale + offset, slope);
    }
}

// Leaves this strip's Σ dy and Σ dy · x̂, and adds them to the gradients of β and γ. Empty lanes of dy are 0.
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
        sums->plain[s.first + c] = lane_sum(plain);
        sums->product[s.first + c] = lane_sum(product) * inverse;
        g[s.beta + c] += sums->plain[s.first + c];
        g[s.gamma + c] += sums->product[s.first + c];
    }
}

// dy → dx, in the lanes that hold an image.
INLINE void norm_input_gradient(Norm s, Map x, Map dy, const float *w, const Moments *m, Ints real, Gate gate, Map dx) {
    for (int c = 0; c < s.channels; c++) {
        float inverse = m->inverse[s.first + c], scale = w[s.gamma + c] * inverse;
        float slope = -scale * m->product[s.first + c] * inverse;
        float offset = -scale * m->plain[s.first + c] - slope * m->mean[s.first + c];
        for (int i = 0; i < s.rows; i++)
            for (int j = 0; j < s.columns; j++) {
                const V *from = value(x, c, i, j);
                V gradient = *value(dy, c, i, j) * scale + (*from * slope + offset);
                *value(dx, c, i, j) = gated(keep(real, gradient), from, gate);
            }
    }
}

// Mean and variance from the strips' sums; `n` numbers a channel in all.
INLINE void set_moments(Norm s, const ChannelSums *const *strips, int count, double n, const float *w, Moments *m) {
    for (int c = s.first; c < s.first + s.channels; c++) {
        double plain = 0, square = 0;
        for (int strip = 0; strip < count; strip++) {
            plain += strips[strip]->plain[c];
            square += strips[strip]->product[c];
        }
        double variance = square / n - plain / n * (plain / n);
        m->mean[c] = (float)(w[s.mean + c - s.first] + plain / n);
        m->variance[c] = (float)(variance > 0 ? variance : variance * 0); // NaN stays NaN
        m->inverse[c] = (float)(1 / sqrt(m->variance[c] + (double)s.epsilon));
    }
}

// The means of dy and of dy · x̂ from the strips' sums.
INLINE void set_gradient_moments(Norm s, const ChannelSums *const *strips, int count, double n, Moments *m) {
    for (int c = s.first; c < s.first + s.channels; c++) {
        double plain = 0, product = 0;
        for (int strip = 0; strip < count; strip++) {
            plain += strips[strip]->plain[c];
            product += strips[strip]->product[c];
        }
        m->plain[c] = (float)(plain / n);
        m->product[c] = (float)(product / n);
    }
}

// Mean and variance as inference takes them: the moving ones.
INLINE void set_moving_moments(Norm s, const float *w, Moments *m) {
    for (int c = 0; c < s.channels; c++) {
        m->mean[s.first + c] = w[s.mean + c];
        m->inverse[s.first + c] = (float)(1 / sqrt(w[s.variance + c] + (double)s.epsilon));
    }
}

// The moving statistics after a step: their old value and the batch's, weighted by momentum.
INLINE void move_statistics(Norm s, const Moments *m, const float *from, float *to) {
    for (int c = 0; c < s.channels; c++) {
        to[s.mean + c] = from[s.mean + c] * s.momentum + m->mean[s.first + c] * (1 - s.momentum);
        to[s.variance + c] = from[s.variance + c] * s.momentum + m->variance[s.first + c] * (1 - s.momentum);
    }
}

#endif
