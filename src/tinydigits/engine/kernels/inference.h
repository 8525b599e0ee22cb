// Evaluation and prediction: only the forward pass, without barriers.
#ifndef TINYDIGITS_INFERENCE_H
#define TINYDIGITS_INFERENCE_H

#include "strips.h"

// Images `first` to `last`, `first` a multiple of GROUP.
typedef struct {
    Source source;
    int64_t first, last;
    const float *weights;
    float *answers;         // [..][CLASSES], or null
    int32_t threads;
    double loss;
    int64_t hits;
} Inference;

static inline void write_answers(const Values *v, float *to, int count) {
    for (int n = 0; n < count; n++)
        for (int k = 0; k < CLASSES; k++) to[n * CLASSES + k] = v->p[k][n];
}

static inline void infer_strip(const Inference *f, const Moments *m, int64_t from, int count, Values *v, Scratch *s,
                               Sums *sums) {
    int64_t which[LANES];
    load_strip(v, &f->source, from, count, which);
    for (int part = 0; part <= NORMS; part++) forward(part, v, s, f->weights, m, false);
    V losses = answer_of(v, s);
    if (f->source.targets) add_sums(sums, v, losses);
    if (f->answers) write_answers(v, f->answers + from * CLASSES, count);
}

typedef struct {
    Inference *inference;
    Moments moments;
    Values *values[MOST_THREADS];
    Scratch *scratch[MOST_THREADS];
    Sums sums[MOST_LOTS];
} Readings;

static inline Sums lot_inference(const Readings *r, int lot, int thread) {
    const Inference *f = r->inference;
    Sums sums = {0};
    for (int64_t group = f->first + lot * GROUP; group < f->last; group += MOST_LOTS * GROUP)
        for (int64_t from = group; from < group + GROUP && from < f->last; from += LANES)
            infer_strip(f, &r->moments, from, least(LANES, f->last - from), r->values[thread], r->scratch[thread], &sums);
    return sums;
}

static inline void infer_lots(Worker *me) {
    Readings *r = me->job;
    for (int lot = me->id; lot < MOST_LOTS; lot += me->barrier->threads)
        r->sums[lot] = lot_inference(r, lot, me->id);
}

static inline bool prepare_thread(Readings *r, int thread) {
    r->values[thread] = zeros(sizeof(Values));
    r->scratch[thread] = zeros(sizeof(Scratch));
    if (!r->values[thread] || !r->scratch[thread]) return false;
    prepare(r->values[thread]);
    return true;
}

// Predicts and, if there are targets, adds up loss and hits. Returns 0, or 1 if there was no memory.
int infer(Inference *f) {
    Readings r = {.inference = f};
    int threads = least(least(f->threads, groups_of(f->last - f->first)), MOST_THREADS), got = 0;
    for (int norm = 0; norm < NORMS; norm++) set_moving_moments(*norms[norm], f->weights, &r.moments);
    while (got < threads && prepare_thread(&r, got)) got++;
    if (got == threads) run_workers(threads, infer_lots, &r);
    for (int i = 0; i < threads; i++) free(r.values[i]), free(r.scratch[i]);
    for (int lot = 0; lot < MOST_LOTS; lot++) {
        f->loss += r.sums[lot].loss;
        f->hits += r.sums[lot].hits;
    }
    return got == threads ? 0 : 1;
}

#endif
