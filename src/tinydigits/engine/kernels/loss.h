// Softmax, losses with their gradients, and accuracy, for one strip: an array of classes, with images along lanes.
//
//     z [classes]   output of the last layer (logits, if a softmax follows)
//     p [classes]   the answer of the model: softmax(z), or z itself
//     t [classes]   the targets
//     dz [classes]  gradient of the batch's loss with respect to z
//     weight        1 / (images in the batch) in the lanes that hold an image, 0 in the others
#ifndef TINYDIGITS_LOSS_H
#define TINYDIGITS_LOSS_H

#include <math.h>

#include "vector.h"

INLINE V largest(int classes, const V *z) {
    V most = z[0];
    for (int k = 1; k < classes; k++) most = choose(z[k] > most, z[k], most);
    return most;
}

// Computes p from z; returns log Σ exp(z) of each lane, for the cross-entropy.
INLINE V softmax(int classes, const V *z, V *p) {
    V most = largest(classes, z), sum = {0}, logarithm;
    for (int k = 0; k < classes; k++) sum += p[k] = exp_of_negative(z[k] - most);
    for (int k = 0; k < classes; k++) p[k] /= sum;
    for (int n = 0; n < LANES; n++) logarithm[n] = logf(sum[n]);
    return most + logarithm;
}

// The mean over classes of (p - t)², of each lane.
INLINE V squared_error(int classes, const V *p, const V *t) {
    V sum = {0};
    for (int k = 0; k < classes; k++) sum += (p[k] - t[k]) * (p[k] - t[k]);
    return sum / (float)classes;
}

INLINE void squared_error_gradient(int classes, const V *p, const V *t, V weight, V *dp) {
    for (int k = 0; k < classes; k++) dp[k] = (p[k] - t[k]) * (2.0f / classes) * weight;
}

// dp → dz: dz_k = p_k · (dp_k - Σ_l p_l · dp_l).
INLINE void softmax_gradient(int classes, const V *p, const V *dp, V *dz) {
    V mean = {0};
    for (int k = 0; k < classes; k++) mean += p[k] * dp[k];
    for (int k = 0; k < classes; k++) dz[k] = p[k] * (dp[k] - mean);
}

// -Σ_k t_k · log p_k of each lane, from logits: log p_k = z_k - log Σ exp(z).
INLINE V cross_entropy(int classes, const V *z, const V *t, V log_sum) {
    V sum = {0};
    for (int k = 0; k < classes; k++) sum += t[k] * (log_sum - z[k]);
    return sum;
}

// Gradient through loss and softmax together: dz = (p - t) · weight.
INLINE void cross_entropy_gradient(int classes, const V *p, const V *t, V weight, V *dz) {
    for (int k = 0; k < classes; k++) dz[k] = (p[k] - t[k]) * weight;
}

// The first class with the largest number.
INLINE Ints answer(int classes, const V *p) {
    V most = p[0];
    Ints best = {0};
    for (int k = 1; k < classes; k++) {
        Ints larger = p[k] > most;
        most = choose(larger, p[k], most);
        best = (larger & k) | (~larger & best);
    }
    return best;
}

// 1 in the lanes whose answer is the target's class, else 0.
INLINE V hits(int classes, const V *p, const V *t) {
    return keep(answer(classes, p) == answer(classes, t), fill(1));
}

#endif
