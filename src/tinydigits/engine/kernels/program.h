// The loop around one net: batches, groups, threads, steps. An emitted file includes this last, after defining
//
//     PIXELS, CLASSES, WEIGHTS, DROPOUTS   sizes: of an image, of the answer, of the weights, how many dropout layers
//     Values                               everything one strip needs: x0, t, p, keys, place, and what the net adds
//     prepare(values)                      fills `place`
//     forward(values, w, dropout)          x0 → z
//     answer_of(values)                    z → p, and the loss of each lane against t
//     loss_gradient(values, weight)        p, t → dz
//     backward(values, w, g, dropout)      dz → every gradient, added to g
//     update(rule, …)                      one step of the optimiser over some of the weights
//
// A batch is cut into groups of 16 images and its groups dealt to at most eight lots. A lot's gradients are summed in
// order by one thread; the lots' in order by whoever updates a weight: the same sums for any number of threads.
#ifndef TINYDIGITS_PROGRAM_H
#define TINYDIGITS_PROGRAM_H

#include <stdlib.h>

#include "threads.h"

enum { MOST_LOTS = 8 };

// Images in memory. The fields of this and the next two are mirrored in program.py.
typedef struct {
    const void *images;     // [..][PIXELS] of float32 or, scaled by 1 / 255, uint8
    const float *targets;   // [..][CLASSES]
    const int32_t *order;   // which image comes when; null: as they lie
    int64_t count;          // how many come
    int32_t floats;         // whether the images are float32
} Source;

// Steps `first` to `last` of an epoch.
typedef struct {
    Source source;
    int64_t batch, first, last;
    float *weights[2];      // [WEIGHTS] each: every step reads weights[current] and writes the other
    float *slots[2];        // [WEIGHTS] each
    Rule rule;
    uint64_t seed, epoch;
    int64_t iterations;     // steps taken before this epoch
    int32_t dropout, threads;
    int32_t current;
    int32_t failed;         // whether step `first`, as advanced, gave a loss or weight that is not finite
    double loss;            // summed over images
    int64_t hits;
    float *gradients;       // where not null: steps leave their gradients here, [WEIGHTS], and update nothing
} Training;

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

typedef struct {
    double loss;
    int64_t hits;
} Sums;

static inline Values *new_values(void) {
    Values *values = aligned_alloc(sizeof(V), (sizeof(Values) + sizeof(V) - 1) / sizeof(V) * sizeof(V));
    if (values) {
        memset(values, 0, sizeof *values);
        prepare(values);
    }
    return values;
}

// Fills x0 and t with the `count` images from `from`, other lanes with black; returns which image is in which lane.
ONCE void load_strip(Values *v, const Source *s, int64_t from, int count, int64_t *which) {
    static const float black[PIXELS];
    const void *rows[LANES];
    size_t bytes = PIXELS * (s->floats ? sizeof(float) : 1);
    for (int n = 0; n < LANES; n++) {
        which[n] = n >= count ? 0 : s->order ? s->order[from + n] : from + n;
        rows[n] = n < count ? (const char *)s->images + which[n] * bytes : (const char *)black;
        for (int k = 0; s->targets && k < CLASSES; k++) v->t[k][n] = s->targets[which[n] * CLASSES + k];
    }
    if (s->floats) gather_floats(rows, PIXELS, v->place, v->x0);
    else gather_bytes(rows, PIXELS, v->place, v->x0);
}

static inline void add_sums(Sums *sums, const Values *v, V losses, Ints real) {
    sums->loss += lane_sum(keep(real, losses));
    sums->hits += (int64_t)lane_sum(keep(real, hits(CLASSES, v->p, v->t)));
}

// -1 in the first `count` lanes.
static inline Ints real_lanes(int count) {
    Ints lanes;
    for (int n = 0; n < LANES; n++) lanes[n] = n < count ? -1 : 0;
    return lanes;
}

static inline int least(int64_t a, int64_t b) { return (int)(a < b ? a : b); }

static inline int64_t groups_of(int64_t images) { return (images + GROUP - 1) / GROUP; }

// ---- training ----

static inline int64_t batch_size(const Training *t, int64_t step) {
    return least(t->batch, t->source.count - step * t->batch);
}

static inline int lots_of(const Training *t) { return least(groups_of(batch_size(t, 0)), MOST_LOTS); }

static inline void strip_gradient(const Training *t, int64_t step, int current, int from, int count, Values *v, float *g, Sums *sums) {
    int64_t which[LANES], size = batch_size(t, step);
    load_strip(v, &t->source, step * t->batch + from, count, which);
    for (int layer = 0; t->dropout && layer < DROPOUTS; layer++)
        for (int n = 0; n < LANES; n++) v->keys[layer][n] = draw_key(t->seed, t->epoch, which[n], layer);
    const float *w = t->weights[current];
    Ints real = real_lanes(count);
    forward(v, w, t->dropout);
    add_sums(sums, v, answer_of(v), real);
    loss_gradient(v, keep(real, fill(1.0f / size)));
    backward(v, w, g, t->dropout);
}

static inline Sums lot_gradient(const Training *t, int64_t step, int current, int lot, int lots, Values *v, float *g) {
    Sums sums = {0};
    int64_t size = batch_size(t, step);
    memset(g, 0, WEIGHTS * sizeof(float));
    for (int64_t from = lot * GROUP; from < size; from += lots * GROUP)
        for (int64_t strip = from; strip < from + GROUP && strip < size; strip += LANES)
            strip_gradient(t, step, current, strip, least(LANES, size - strip), v, g, &sums);
    return sums;
}

typedef struct {
    Training *training;
    Values *values[MOST_THREADS];
    float *gradients; // [lots][WEIGHTS]
    Sums sums[MOST_LOTS];
    int lots;
    atomic_bool bad;
} Steps;

static inline Sums total(const Steps *s) {
    Sums sum = {0};
    for (int lot = 0; lot < s->lots; lot++) {
        sum.loss += s->sums[lot].loss;
        sum.hits += s->sums[lot].hits;
    }
    return sum;
}

static inline void close_slice(Training *t, int64_t step, int current, bool finite, Sums all) {
    t->first = step;
    t->current = current;
    t->failed = !finite;
    t->loss += all.loss;
    t->hits += all.hits;
}

// This worker's share of the weights, from array `current` to the other; shares are cut at multiples of GROUP.
static inline bool update_share(Steps *s, int64_t step, int current, int id, int threads) {
    Training *t = s->training;
    int first = WEIGHTS / GROUP * id / threads * GROUP, last = WEIGHTS / GROUP * (id + 1) / threads * GROUP;
    Gradients g = {s->gradients, s->lots, WEIGHTS};
    if (t->gradients) {
        for (int i = first; i < last; i += LANES) store(t->gradients + i, summed(g, i));
        return true;
    }
    return update(t->rule, g, t->weights[current], t->weights[1 - current], t->slots, t->iterations + step + 1, first, last);
}

// One step; whether everything is still finite. Two barriers: all gradients before any update, all updates before the
// next step. What all workers decide on, they decide from the same numbers.
static inline bool take_step(Steps *s, Worker *me, int64_t step, int current, Sums *sum) {
    int threads = me->barrier->threads;
    for (int lot = me->id; lot < s->lots; lot += threads)
        s->sums[lot] = lot_gradient(s->training, step, current, lot, s->lots, s->values[me->id], s->gradients + lot * WEIGHTS);
    barrier_wait(me->barrier);
    *sum = total(s);
    if (!isfinite(sum->loss) || !update_share(s, step, current, me->id, threads)) atomic_store(&s->bad, true);
    barrier_wait(me->barrier);
    return !atomic_load(&s->bad);
}

// Every worker goes through the same steps; the first one keeps the books.
static inline void train_steps(Worker *me) {
    Steps *s = me->job;
    Training *t = s->training;
    int64_t step = t->first, last = t->last;
    int current = t->current, turn = t->gradients ? 0 : 1;
    Sums sum, all = {0};
    bool finite = true;
    for (; step < last && (finite = take_step(s, me, step, current, &sum)); step++) {
        all.loss += sum.loss;
        all.hits += sum.hits;
        current ^= turn;
    }
    barrier_wait(me->barrier); // all have read where to begin
    if (me->id == 0) close_slice(t, step, current, finite, all);
}

// Takes the steps; 0 where it could, 1 where memory ran out. `first` is advanced past every step taken.
int train(Training *t) {
    Steps s = {.training = t, .lots = lots_of(t)};
    int threads = least(least(t->threads, s.lots), MOST_THREADS), got = 0;
    s.gradients = aligned_alloc(sizeof(V) * STRIPS, s.lots * WEIGHTS * sizeof(float));
    while (got < threads && (s.values[got] = new_values())) got++;
    bool enough = s.gradients && got == threads;
    if (enough) run_workers(threads, train_steps, &s);
    for (int i = 0; i < got; i++) free(s.values[i]);
    free(s.gradients);
    return enough ? 0 : 1;
}

// ---- evaluation and prediction ----

static inline void write_answers(const Values *v, float *to, int count) {
    for (int n = 0; n < count; n++)
        for (int k = 0; k < CLASSES; k++) to[n * CLASSES + k] = v->p[k][n];
}

static inline void infer_strip(const Inference *f, int64_t from, int count, Values *v, Sums *sums) {
    int64_t which[LANES];
    load_strip(v, &f->source, from, count, which);
    forward(v, f->weights, false);
    V losses = answer_of(v);
    if (f->source.targets) add_sums(sums, v, losses, real_lanes(count));
    if (f->answers) write_answers(v, f->answers + from * CLASSES, count);
}

typedef struct {
    Inference *inference;
    Values *values[MOST_THREADS];
    Sums sums[MOST_LOTS];
} Readings;

static inline Sums lot_inference(const Inference *f, int lot, Values *v) {
    Sums sums = {0};
    for (int64_t group = f->first + lot * GROUP; group < f->last; group += MOST_LOTS * GROUP)
        for (int64_t from = group; from < group + GROUP && from < f->last; from += LANES)
            infer_strip(f, from, least(LANES, f->last - from), v, &sums);
    return sums;
}

static inline void infer_lots(Worker *me) {
    Readings *r = me->job;
    for (int lot = me->id; lot < MOST_LOTS; lot += me->barrier->threads)
        r->sums[lot] = lot_inference(r->inference, lot, r->values[me->id]);
}

// Answers and, where there are targets, adds up loss and hits; 0 where it could, 1 where memory ran out.
int infer(Inference *f) {
    Readings r = {.inference = f};
    int threads = least(least(f->threads, groups_of(f->last - f->first)), MOST_THREADS), got = 0;
    while (got < threads && (r.values[got] = new_values())) got++;
    if (got == threads) run_workers(threads, infer_lots, &r);
    for (int i = 0; i < got; i++) free(r.values[i]);
    for (int lot = 0; lot < MOST_LOTS; lot++) {
        f->loss += r.sums[lot].loss;
        f->hits += r.sums[lot].hits;
    }
    return got == threads ? 0 : 1;
}

#endif
