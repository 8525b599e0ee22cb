// Computes means and variances of a batch from the sums of its strips, in order and in double precision.
#ifndef TINYDIGITS_MOMENTS_H
#define TINYDIGITS_MOMENTS_H

#include "strips.h"

// Mean and variance of each channel, over `n` numbers per channel.
static inline void set_moments(Norm s, const Values *strips, int count, double n, const float *w, Moments *m) {
    for (int c = s.first; c < s.first + s.channels; c++) {
        double plain = 0, square = 0;
        for (int strip = 0; strip < count; strip++) {
            plain += strips[strip].inputs.plain[c];
            square += strips[strip].inputs.product[c];
        }
        double variance = square / n - plain / n * (plain / n);
        m->mean[c] = (float)(w[s.mean + c - s.first] + plain / n);
        m->variance[c] = variance < 0 ? 0 : (float)variance;
        m->inverse[c] = (float)(1 / sqrt(m->variance[c] + (double)s.epsilon));
    }
}

// The means of dy and of dy · x̂.
static inline void set_gradient_moments(Norm s, const Values *strips, int count, double n, Moments *m) {
    for (int c = s.first; c < s.first + s.channels; c++) {
        double plain = 0, product = 0;
        for (int strip = 0; strip < count; strip++) {
            plain += strips[strip].gradients.plain[c];
            product += strips[strip].gradients.product[c];
        }
        m->plain[c] = (float)(plain / n);
        m->product[c] = (float)(product / n);
    }
}

#endif
