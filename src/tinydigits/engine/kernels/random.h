// Random numbers without state. A draw depends only on its key and counter, so neither the number of threads nor the
// order of work changes it.
#ifndef TINYDIGITS_RANDOM_H
#define TINYDIGITS_RANDOM_H

#include "vector.h"

// Mixes 64 bits: a bijection in which every input bit affects every output bit (the finaliser of SplitMix64: Steele,
// Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
INLINE uint64_t mixed(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

// The key of each use: from the seed of the training, the steps taken before the epoch, the image and the layer.
INLINE uint32_t draw_key(uint64_t seed, uint64_t epoch, uint64_t image, uint64_t layer) {
    uint64_t golden = 0x9e3779b97f4a7c15u; // 2⁶⁴ / golden ratio, odd: spreads neighbouring numbers
    return mixed(mixed(mixed(mixed(seed + golden) + epoch * golden) + image * golden) + layer * golden) >> 32;
}

// 32 random bits per lane, for the `counter`-th draw of each lane's key (MurmurHash3's 32-bit finaliser, by A.
// Appleby).
INLINE Words draw(Words keys, uint32_t counter) {
    Words z = keys ^ (counter * 0x9e3779b9u);
    z = (z ^ (z >> 16)) * 0x85ebca6bu;
    z = (z ^ (z >> 13)) * 0xc2b2ae35u;
    return z ^ (z >> 16);
}

#endif
