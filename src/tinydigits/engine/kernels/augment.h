// Augmentation: varies a uint8 image by random amounts; the result is uint8.
//
// All arithmetic is on integers, so the result is the same on every machine. augmentation/reference.py mirrors it in
// NumPy. Fixed-point numbers: amplitudes and draws have 24 fractional bits, coordinates 16, parts of a pixel 11, blends
// 7. The order is: pen (stroke), hand (one resampling), paper (cut, lines), camera (blur, contrast, grain).
//
// A file defines ROWS, COLUMNS, CHANNELS, NODES and two tables before it includes this (engine/runtime/augment.py).
#ifndef TINYDIGITS_AUGMENT_H
#define TINYDIGITS_AUGMENT_H

#include "retouch.h"
#include "threads.h"
#include "warp.h"

// structures.py mirrors this.
typedef struct {
    Amplitudes amplitudes;
    int32_t threads;
    uint64_t seed, epoch;
    const uint8_t *images;  // [..][ROWS][COLUMNS][CHANNELS]
    const int64_t *which;   // [count]; null: all images, in order
    int64_t count;
    uint8_t *to;            // [count][ROWS][COLUMNS][CHANNELS]
} Pictures;

static inline void augment_plane(const Amplitudes *a, uint32_t key, const Affine *map, const Field *field,
                                 int channel, uint8_t *plane) {
    uint8_t copy[PLANE];
    int stroke = either_way(a->stroke, key, STROKE) >> (ONE_BITS - BLEND_BITS);
    if (stroke) change_stroke(plane, copy, stroke);
    if (map) resample(map, field, plane);
    if (a->cut) cut_edge(a, key, plane);
    if (a->line_chance) draw_lines(a, key, plane);
    if (a->blur | a->contrast | a->background) change_camera(a, key, plane);
    if (a->grain) add_grain(up_to(a->grain, key, GRAIN), key, channel, plane);
}

// Varies image number `index`, which begins at `image`, for this epoch, and writes it to `to`. Training calls this.
void augment_image(const void *amplitudes, uint64_t seed, uint64_t epoch, int64_t index, const void *image,
                   uint8_t *to) {
    const Amplitudes *a = amplitudes;
    const uint8_t *from = image;
    uint8_t plane[PLANE];
    Field field;
    uint32_t key = draw_key(seed, epoch, index, PURPOSE);
    bool warps = a->rotation | a->scale | a->shear | a->shift | a->elastic;
    Affine map = {0};
    if (warps) map = map_of(a, key);
    if (a->elastic) fill_field(&field, a->elastic, key);
    memset(plane, 0, sizeof plane);
    for (int c = 0; c < CHANNELS; c++) {
        for (int i = 0; i < ROWS; i++)
            for (int j = 0; j < COLUMNS; j++)
                plane[TOP + i * STRIDE + MARGIN + j] = from[(i * COLUMNS + j) * CHANNELS + c];
        augment_plane(a, key, warps ? &map : 0, a->elastic ? &field : 0, c, plane);
        for (int i = 0; i < ROWS; i++)
            for (int j = 0; j < COLUMNS; j++)
                to[(i * COLUMNS + j) * CHANNELS + c] = plane[TOP + i * STRIDE + MARGIN + j];
        if (CHANNELS > 1) memset(plane, 0, sizeof plane);
    }
}

static inline void augment_share(Worker *me) {
    const Pictures *p = me->job;
    const int64_t size = ROWS * COLUMNS * CHANNELS;
    int64_t last = p->count * (me->id + 1) / me->barrier->threads;
    for (int64_t n = p->count * me->id / me->barrier->threads; n < last; n++) {
        int64_t index = p->which ? p->which[n] : n;
        augment_image(&p->amplitudes, p->seed, p->epoch, index, p->images + index * size, p->to + n * size);
    }
}

void augment_images(Pictures *p) {
    run_workers(p->threads < MOST_THREADS ? p->threads : MOST_THREADS, augment_share, p);
}

#endif
