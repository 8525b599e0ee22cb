// What layers that work in place do to the gradient of a value.
#ifndef TINYDIGITS_GATE_H
#define TINYDIGITS_GATE_H

#include "vector.h"

// How a gradient passes back through in-place layers: times `slope` where the value is not positive, and times the
// scale of a dropout (dropped values are 0).
typedef struct {
    float slope, scale;
} Gate;

INLINE V gated(V gradient, const V *x, Gate gate) {
    if (gate.slope == 1) return gradient;
    return choose(*x > 0.0f, gradient, gate.slope == 0 ? (V){0} : gradient * gate.slope) * gate.scale;
}

#endif
