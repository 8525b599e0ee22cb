// Strips of images: where their images come from, and sums over them.
#ifndef TINYDIGITS_STRIPS_H
#define TINYDIGITS_STRIPS_H

#include <stdlib.h>

#include "threads.h"

// Largest number of lots. One thread adds up the gradients, losses and hits of a lot in order; then the lots are added
// in order. So the sums are the same for any number of threads.
enum { MOST_LOTS = 8 };

// Images in memory. structures.py mirrors this, and the structures of training.h and inference.h.
typedef struct {
    const void *images;     // [..][PIXELS] of float32 or, scaled by 1 / 255, uint8
    const float *targets;   // [..][CLASSES]
    const float *weights;   // [..], how much each image counts; null: 1
    const int32_t *order;   // the numbers of the images, in order of use; null: 0, 1, 2 …
    int64_t count;          // number of images
    int32_t floats;         // whether the images are float32
} Source;

typedef struct {
    double loss;
    int64_t hits;
} Sums;

// Allocates zeroed memory that is aligned for vectors; null if there is none.
static inline void *zeros(size_t bytes) {
    size_t whole = (bytes + sizeof(V) - 1) / sizeof(V) * sizeof(V);
    void *memory = aligned_alloc(sizeof(V), whole);
    return memory ? memset(memory, 0, whole) : 0;
}

// -1 in the first `count` lanes, else 0.
static inline Ints real_lanes(int count) {
    Ints lanes;
    for (int n = 0; n < LANES; n++) lanes[n] = n < count ? -1 : 0;
    return lanes;
}

// Finds the image of each lane and its address: `count` images from `from`; other lanes are black. Fills t, `real` and `share`.
static inline void find_strip(Values *v, const Source *s, int64_t from, int count, int64_t *which, const void **rows) {
    static const float black[PIXELS];
    v->real = real_lanes(count);
    v->share = fill(1);
    size_t bytes = PIXELS * (s->floats ? sizeof(float) : 1);
    for (int n = 0; n < LANES; n++) {
        which[n] = n >= count ? 0 : s->order ? s->order[from + n] : from + n;
        rows[n] = n < count ? (const char *)s->images + which[n] * bytes : (const char *)black;
        if (s->weights) v->share[n] = s->weights[which[n]];
        for (int k = 0; s->targets && k < CLASSES; k++) v->t[k][n] = s->targets[which[n] * CLASSES + k];
    }
}

// Fills x0 with the images that begin at `rows`.
ONCE void gather_strip(Values *v, const Source *s, const void *const *rows) {
    if (s->floats) gather_floats(rows, PIXELS, v->place, v->x0);
    else gather_bytes(rows, PIXELS, v->place, v->x0);
}

// Fills x0, t and `real` with the `count` images from `from`; other lanes are black. Returns the image of each lane.
static inline void load_strip(Values *v, const Source *s, int64_t from, int count, int64_t *which) {
    const void *rows[LANES];
    find_strip(v, s, from, count, which, rows);
    gather_strip(v, s, rows);
}

static inline void add_sums(Sums *sums, const Values *v, V losses) {
    sums->loss += lane_sum(keep(v->real, losses * v->share));
    sums->hits += (int64_t)lane_sum(keep(v->real, hits(CLASSES, v->p, v->t)));
}

static inline int least(int64_t a, int64_t b) { return (int)(a < b ? a : b); }

static inline int64_t groups_of(int64_t images) { return (images + GROUP - 1) / GROUP; }

#endif
