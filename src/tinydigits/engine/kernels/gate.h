// What layers that work in place do to the gradient of a value.
#ifndef TINYDIGITS_GATE_H
#define TINYDIGITS_GATE_H

#include "vector.h"

// What was done to a value in place decides how its gradient goes on: times `slope` where the value is not positive,
// and times the scale of a dropout that left zeros.
typedef struct {
    float slope, scale;
} Gate;

INLINE V gated(V gradient, const V *x, Gate gate) {
    if (gate.slope == 1) return gradient;
    return choose(*x > 0.0f, gradient, gate.slope == 0 ? (V){0} : gradient * gate.slope) * gate.scale;
}

#endif
