// Training: slices of an epoch, step by step, on several threads.
//
// A batch is cut into groups of 16 images and its groups are dealt to lots; whoever updates a weight adds up the lots.
#ifndef TINYDIGITS_TRAINING_H
#define TINYDIGITS_TRAINING_H

#include "strips.h"

// Steps `first` to `last` of an epoch.
typedef struct {
    Source source;
    int64_t batch, first, last;
    float *weights[2];      // [WEIGHTS] each: every step reads weights[current] and writes the other
    float *slots[2];        // [WEIGHTS] each
    float *averages;        // [WEIGHTS], of the weights; null: none are kept
    Rule rule;
    const float *rates;     // the learning rate of each step of the epoch
    uint64_t seed, epoch;
    int64_t iterations;     // steps taken before this epoch
    int32_t dropout, threads;
    int32_t current;
    int32_t failed;         // whether step `first`, as advanced, gave a loss or weight that is not finite
    double loss;            // summed over images
    int64_t hits;
    float *gradients;       // where not null: steps leave their gradients here, [WEIGHTS], and update nothing
} Training;

// One step: which, how many images it has, which array of weights it reads, how many lots its groups are dealt to.
typedef struct {
    int64_t index, size;
    int current, lots;
} Step;

static inline Step step_at(const Training *t, int64_t index, int current) {
    int largest = least(t->batch, t->source.count);
    return (Step){
        .index = index,
        .size = least(t->batch, t->source.count - index * t->batch),
        .current = current,
        .lots = least(groups_of(largest), MOST_LOTS),
    };
}

// Adds the gradients of the `count` images from image `from` of the batch to g.
static inline void strip_gradient(const Training *t, Step step, int64_t from, int count, Values *v, float *g,
                                  Sums *sums) {
    int64_t which[LANES];
    load_strip(v, &t->source, step.index * t->batch + from, count, which);
    for (int layer = 0; t->dropout && layer < DROPOUTS; layer++)
        for (int n = 0; n < LANES; n++) v->keys[layer][n] = draw_key(t->seed, t->epoch, which[n], layer);
    const float *w = t->weights[step.current];
    Ints real = real_lanes(count);
    forward(v, w, t->dropout);
    add_sums(sums, v, answer_of(v), real);
    loss_gradient(v, keep(real, fill(1.0f / step.size)));
    backward(v, w, g, t->dropout);
}

// The gradients of every group of a lot, to g.
static inline Sums lot_gradient(const Training *t, Step step, int lot, Values *v, float *g) {
    Sums sums = {0};
    memset(g, 0, WEIGHTS * sizeof(float));
    for (int64_t from = lot * GROUP; from < step.size; from += step.lots * GROUP)
        for (int64_t strip = from; strip < from + GROUP && strip < step.size; strip += LANES)
            strip_gradient(t, step, strip, least(LANES, step.size - strip), v, g, &sums);
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

// This worker's share of the weights, cut at multiples of GROUP; from the array that the step reads to the other.
static inline bool update_share(Steps *s, Step step, int id, int threads) {
    Training *t = s->training;
    int first = WEIGHTS / GROUP * id / threads * GROUP, last = WEIGHTS / GROUP * (id + 1) / threads * GROUP;
    Gradients g = {s->gradients, s->lots, WEIGHTS};
    if (t->gradients) {
        for (int i = first; i < last; i += LANES) store(t->gradients + i, summed(g, i));
        return true;
    }
    int64_t number = t->iterations + step.index + 1;
    float *to = t->weights[1 - step.current];
    Rule rule = t->rule;
    rule.learning_rate = t->rates[step.index];
    bool finite = update(rule, g, t->weights[step.current], to, t->slots, number, first, last);
    if (t->averages) average(rule, to, t->averages, number, first, last);
    return finite;
}

// One step; whether everything is still finite. Two barriers: all gradients before any update, all updates before the
// next step. What all workers decide on, they decide from the same numbers.
static inline bool take_step(Steps *s, Worker *me, Step step, Sums *sum) {
    int threads = me->barrier->threads;
    for (int lot = me->id; lot < s->lots; lot += threads)
        s->sums[lot] = lot_gradient(s->training, step, lot, s->values[me->id], s->gradients + lot * WEIGHTS);
    barrier_wait(me->barrier);
    *sum = total(s);
    if (!isfinite(sum->loss) || !update_share(s, step, me->id, threads)) atomic_store(&s->bad, true);
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
    for (; step < last && (finite = take_step(s, me, step_at(t, step, current), &sum)); step++) {
        all.loss += sum.loss;
        all.hits += sum.hits;
        current ^= turn;
    }
    barrier_wait(me->barrier); // all have read where to begin
    if (me->id == 0) close_slice(t, step, current, finite, all);
}

// Takes the steps; 0 where it could, 1 where memory ran out. `first` is advanced past every step taken.
int train(Training *t) {
    Steps s = {.training = t, .lots = step_at(t, 0, 0).lots};
    int threads = least(least(t->threads, s.lots), MOST_THREADS), got = 0;
    s.gradients = aligned_alloc(sizeof(V) * STRIPS, s.lots * WEIGHTS * sizeof(float));
    while (got < threads && (s.values[got] = new_values())) got++;
    bool enough = s.gradients && got == threads;
    if (enough) run_workers(threads, train_steps, &s);
    for (int i = 0; i < got; i++) free(s.values[i]);
    free(s.gradients);
    return enough ? 0 : 1;
}

#endif
