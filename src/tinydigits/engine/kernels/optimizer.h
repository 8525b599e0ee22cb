// One optimiser step on a range of weights: sums the gradients of all lots in a fixed order, then applies Keras' rule.
//
// A step reads `from` and writes to another array, `to`. If a new weight is not finite, the old weights still exist.
// Every function returns whether all its new weights are finite.
#ifndef TINYDIGITS_OPTIMIZER_H
#define TINYDIGITS_OPTIMIZER_H

#include <math.h>

#include "vector.h"

typedef struct {
    float learning_rate;         // of this step
    float momentum;              // SGD
    float beta_1, beta_2;        // Adam
    float one_minus_beta_1, one_minus_beta_2, epsilon;
    float weight_decay;          // 0: none
    float averaging;             // share of the averages that a step keeps
} Rule;

// Gradients of `lots` lots, each with `size` numbers.
typedef struct {
    const float *at;
    int lots, size;
} Gradients;

INLINE V summed(Gradients g, int i) {
    V sum = load(g.at + i);
    for (int lot = 1; lot < g.lots; lot++) sum += load(g.at + lot * g.size + i);
    return sum;
}

INLINE V root(V x) {
    V y;
    for (int n = 0; n < LANES; n++) y[n] = sqrtf(x[n]);
    return y;
}

// x - x is 0 only if x is finite.
INLINE Ints not_finite(V x) { return x - x != 0.0f; }

// Loads the weights at i and applies weight decay, independent of the gradient (Loshchilov and Hutter, 2019; times the
// learning rate, like Keras): w ← w - w · λ · η.
INLINE V decayed(Rule rule, const float *from, int i) {
    V w = load(from + i);
    return w - w * rule.weight_decay * rule.learning_rate;
}

INLINE bool none(Ints mask) {
    int32_t any = 0;
    for (int n = 0; n < LANES; n++) any |= mask[n];
    return any == 0;
}

// w ← w - η · g.
INLINE bool sgd(Rule rule, Gradients g, const float *from, float *to, float *const *slots, int64_t step, int first,
                int last) {
    (void)slots, (void)step;
    Ints bad = {0};
    for (int i = first; i < last; i += LANES) {
        V w = decayed(rule, from, i) - summed(g, i) * rule.learning_rate;
        bad |= not_finite(w);
        store(to + i, w);
    }
    return none(bad);
}

// m ← μ · m - η · g;  w ← w + m, or with Nesterov's momentum w ← w + μ · m - η · g.
INLINE bool momentum_rule(Rule rule, Gradients g, const float *from, float *to, float *const *slots, int first,
                          int last, bool nesterov) {
    Ints bad = {0};
    for (int i = first; i < last; i += LANES) {
        V step = summed(g, i) * rule.learning_rate;
        V m = load(slots[0] + i) * rule.momentum - step;
        V w = decayed(rule, from, i) + (nesterov ? m * rule.momentum - step : m);
        bad |= not_finite(w);
        store(slots[0] + i, m);
        store(to + i, w);
    }
    return none(bad);
}

INLINE bool momentum(Rule rule, Gradients g, const float *from, float *to, float *const *slots, int64_t step, int first,
                     int last) {
    (void)step;
    return momentum_rule(rule, g, from, to, slots, first, last, false);
}

INLINE bool nesterov(Rule rule, Gradients g, const float *from, float *to, float *const *slots, int64_t step, int first,
                     int last) {
    (void)step;
    return momentum_rule(rule, g, from, to, slots, first, last, true);
}

// m ← m + (g - m) · (1 - β₁);  v ← v + (g² - v) · (1 - β₂);  w ← w - α · m / (√v + ε), where for the t-th step
// α = η · √(1 - β₂ᵗ) / (1 - β₁ᵗ), in float32 throughout (Kingma and Ba, 2015, section 2, last paragraph; ε as Keras).
INLINE bool adam(Rule rule, Gradients g, const float *from, float *to, float *const *slots, int64_t step, int first,
                 int last) {
    float t = (float)step;
    float alpha = rule.learning_rate * sqrtf(1 - powf(rule.beta_2, t)) / (1 - powf(rule.beta_1, t));
    Ints bad = {0};
    for (int i = first; i < last; i += LANES) {
        V gradient = summed(g, i), m = load(slots[0] + i), v = load(slots[1] + i);
        m += (gradient - m) * rule.one_minus_beta_1;
        v += (gradient * gradient - v) * rule.one_minus_beta_2;
        V w = decayed(rule, from, i) - m * alpha / (root(v) + rule.epsilon);
        bad |= not_finite(w);
        store(slots[0] + i, m);
        store(slots[1] + i, v);
        store(to + i, w);
    }
    return none(bad);
}

// a ← κ · a + (1 - κ) · w, the exponential moving average of the weights. It begins with the weights after step 1.
static inline void average(Rule rule, const float *weights, float *averages, int64_t step, int first, int last) {
    float kept = step == 1 ? 0 : rule.averaging;
    for (int i = first; i < last; i += LANES)
        store(averages + i, load(averages + i) * kept + load(weights + i) * (1 - kept));
}

#endif
