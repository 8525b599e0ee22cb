// Batch-last vectors: one V holds the same value (one pixel of one channel, one feature) of LANES neighbouring images.
//
// Every layer is then a set of loops over V, without image-to-column copies or shuffles, at full width for any number
// of channels. LANES is the vector width of the machine in floats; REGISTERS is its number of vector registers.
#ifndef TINYDIGITS_VECTOR_H
#define TINYDIGITS_VECTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__)
#define LANES 16
#define LANES_LOG2 4
#define REGISTERS 32
#elif defined(__AVX__)
#define LANES 8
#define LANES_LOG2 3
#define REGISTERS 16
#else
#define LANES 4
#define LANES_LOG2 2
#if defined(__aarch64__)
#define REGISTERS 32
#else
#define REGISTERS 16
#endif
#endif

// A group is the unit that gradients are summed over, the same on every machine. A strip is the LANES images of one
// pass.
enum { GROUP = 16, STRIPS = GROUP / LANES };

typedef float V __attribute__((vector_size(4 * LANES)));
typedef int32_t Ints __attribute__((vector_size(4 * LANES)));    // also the result of comparing two V: 0 or -1 per lane
typedef uint32_t Words __attribute__((vector_size(4 * LANES)));
typedef uint8_t Bytes __attribute__((vector_size(LANES)));
typedef int8_t Marks __attribute__((vector_size(LANES)));        // a small number per lane that records a choice

// Sizes are literals in calls. Only in an inlined kernel can the compiler unroll loops and keep sums in registers.
#define INLINE static inline __attribute__((always_inline))
// A function of an emitted file is compiled once, even if it is called several times.
#define ONCE static __attribute__((noinline))
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 64")
#endif

// A three-dimensional array of V. Value (c, i, j) is at[c · channel + i · row + j]; `at` may point inside an array
// with a border; the border then has negative or larger i and j.
typedef struct {
    V *at;
    int row, channel;
} Map;

typedef struct {
    int channels, rows, columns;
} Size;

INLINE V *value(Map map, int c, int i, int j) { return map.at + c * map.channel + i * map.row + j; }

INLINE V fill(float x) { return x - (V){0}; }

INLINE V load(const float *from) { V v; memcpy(&v, from, sizeof v); return v; }

INLINE void store(float *to, V v) { memcpy(to, &v, sizeof v); }

// mask ? a : b, lane by lane (the operator itself exists for vectors in C++ only).
INLINE V choose(Ints mask, V a, V b) { return (V)((mask & (Ints)a) | (~mask & (Ints)b)); }

INLINE V keep(Ints mask, V a) { return (V)(mask & (Ints)a); }

// Multiplies negative values by `slope`: 0 is ReLU, 1 changes nothing.
INLINE V rectified(V x, float slope) {
    if (slope == 1) return x;
    return slope == 0 ? keep(x > 0.0f, x) : choose(x > 0.0f, x, x * slope);
}

// The size of the largest equal blocks, at most `most`, that `count` is split into: 12 in blocks of at most 8 gives 6.
INLINE int even_block(int count, int most) {
    int blocks = (count + most - 1) / most;
    return (count + blocks - 1) / blocks;
}

// The sum over lanes, always in the same order.
INLINE float lane_sum(V v) {
    float x[LANES];
    memcpy(x, &v, sizeof v);
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++) x[i] += x[i + half];
    return x[0];
}

// exp(x) for x ≤ 0, to about 1e-7 relative; below -87 it gives exp(-87), which is 1.6e-38.
// exp(x) = 2^n · exp(r), n = round(x / ln 2), |r| ≤ ln(2) / 2; the Taylor series of exp(r) up to r⁷ / 7!.
INLINE V exp_of_negative(V x) {
    x = choose(x > -87.0f, x, fill(-87.0f));
    V magic = fill(12582912.0f); // 1.5 · 2²³: adding and subtracting it rounds to a whole number
    V n = (x * 1.44269504f + magic) - magic;
    V r = (x - n * 0.693359375f) + n * 2.12194440e-4f; // ln 2 in two parts, the first exact
    V tail = 1.0f / 24 + r * (1.0f / 120 + r * (1.0f / 720 + r * (1.0f / 5040)));
    V e = 1 + r * (1 + r * (1.0f / 2 + r * (1.0f / 6 + r * tail)));
    Ints exponent = (__builtin_convertvector(n, Ints) + 127) << 23;
    return e * (V)exponent;
}

// Two vectors, interleaved: a0 b0 a1 b1 …; LOW takes the first halves of both, HIGH the second halves.
#if LANES == 16
#define LOW 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif LANES == 8
#define LOW 0, 8, 1, 9, 2, 10, 3, 11
#define HIGH 4, 12, 5, 13, 6, 14, 7, 15
#else
#define LOW 0, 4, 1, 5
#define HIGH 2, 6, 3, 7
#endif
#if defined(__clang__)
#define INTERLEAVE(a, b, Index, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define INTERLEAVE(a, b, Index, ...) __builtin_shuffle(a, b, (Index){__VA_ARGS__})
#endif

// LANES vectors as the rows of a square, transposed: interleaving row i with row i + LANES / 2, log2(LANES) times.
#define DEFINE_TRANSPOSE(name, Row, Index)                                        \
    INLINE void name(Row *rows) {                                                 \
        UNROLL for (int pass = 0; pass < LANES_LOG2; pass++) {                    \
            Row next[LANES];                                                      \
            UNROLL for (int i = 0; i < LANES / 2; i++) {                          \
                next[2 * i] = INTERLEAVE(rows[i], rows[i + LANES / 2], Index, LOW);      \
                next[2 * i + 1] = INTERLEAVE(rows[i], rows[i + LANES / 2], Index, HIGH); \
            }                                                                     \
            UNROLL for (int i = 0; i < LANES; i++) rows[i] = next[i];             \
        }                                                                         \
    }
DEFINE_TRANSPOSE(transpose_floats, V, Ints)
DEFINE_TRANSPOSE(transpose_bytes, Bytes, Bytes)

// lane_sum of `count` vectors: LANES at a time are transposed and summed side by side, in the same order as lane_sum.
ONCE void lane_sums(const V *v, int count, float *sums) {
    for (int first = 0; first < count; first += LANES) {
        int some = count - first < LANES ? count - first : LANES;
        V rows[LANES];
        for (int n = 0; n < LANES; n++) rows[n] = n < some ? v[first + n] : (V){0};
        transpose_floats(rows);
        for (int half = LANES / 2; half > 0; half /= 2)
            for (int n = 0; n < half; n++) rows[n] += rows[n + half];
        memcpy(sums + first, &rows[0], some * sizeof(float));
    }
}

// Starts `columns` · `filters` sums, each with its filter's bias, or 0 without biases.
INLINE void start_sums(V *sums, const float *bias, int columns, int first, int filters) {
    UNROLL for (int k = 0; k < columns; k++)
        UNROLL for (int o = 0; o < filters; o++) sums[k * filters + o] = bias ? fill(bias[first + o]) : (V){0};
}

#endif
