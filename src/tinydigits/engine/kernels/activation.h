// Layers that change values in place: rectifiers and dropout.
#ifndef TINYDIGITS_ACTIVATION_H
#define TINYDIGITS_ACTIVATION_H

#include "random.h"

// x ← x if x is positive, else slope · x.
INLINE void rectify_forward(Size s, Map x, float slope) {
    for (int c = 0; c < s.channels; c++)
        for (int i = 0; i < s.rows; i++)
            for (int j = 0; j < s.columns; j++) *value(x, c, i, j) = rectified(*value(x, c, i, j), slope);
}

// x ← x · scale, or 0 with probability threshold / 2^bits. `kept` [channels][rows][columns], or null, records which.
// One draw of 32 bits serves 32 / bits values of a lane.
INLINE void dropout_forward(Size s, Map x, Words keys, int bits, uint32_t threshold, float scale, Marks *kept) {
    Words word = keys;
    uint32_t mask = bits == 32 ? ~0u : (1u << bits) - 1, each = 32 / bits, index = 0;
    for (int c = 0; c < s.channels; c++)
        for (int i = 0; i < s.rows; i++)
            for (int j = 0; j < s.columns; j++, index++) {
                word = index % each ? word >> bits : draw(keys, index / each);
                Ints lives = (word & mask) >= threshold;
                V *v = value(x, c, i, j);
                *v = keep(lives, *v) * scale;
                if (kept) kept[index] = __builtin_convertvector(lives, Marks);
            }
}

// dx ← dx · scale if `kept`, else 0.
INLINE void dropout_gradient(Size s, Map dx, float scale, const Marks *kept) {
    int index = 0;
    for (int c = 0; c < s.channels; c++)
        for (int i = 0; i < s.rows; i++)
            for (int j = 0; j < s.columns; j++, index++) {
                V *v = value(dx, c, i, j);
                *v = keep(__builtin_convertvector(kept[index], Ints) != 0, *v) * scale;
            }
}

#endif
