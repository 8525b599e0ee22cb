// Training: slices of an epoch, step by step, on several threads.
//
// A batch is cut into groups of 16 images, and the groups are distributed to lots. The thread that updates a weight
// adds up the lots.
//
// A step has PARTS, and all threads wait between two parts: each batch normalisation needs sums over the whole batch,
// once in the forward and once in the backward pass. Without normalisation, a strip has one part. With it, every strip
// of the batch has its own Values, which it continues with in the next part.
#ifndef TINYDIGITS_TRAINING_H
#define TINYDIGITS_TRAINING_H

#include "moments.h"

// `augment_image` of augment.h, which is compiled separately.
typedef void (*Augment)(const void *amplitudes, uint64_t seed, uint64_t epoch, int64_t image, const void *from,
                        uint8_t *to);

// Steps `first` to `last` of an epoch.
typedef struct {
    Source source;
    int64_t batch, first, last;
    float *weights[2];      // [WEIGHTS] each: every step reads weights[current] and writes the other
    float *slots[2];        // [TRAINED] each
    float *averages;        // [TRAINED], moving averages of the weights; null: none
    Rule rule;
    const float *rates;     // the learning rate of each step of the epoch
    uint64_t seed, epoch;
    int64_t iterations;     // steps taken before this epoch
    int32_t dropout, threads;
    int32_t current;
    int32_t failed;         // whether step `first` (after this call) gave a loss or weight that is not finite
    double loss;            // summed over images
    int64_t hits;
    void *workspace;        // `workspace` bytes, zeroed for each size of batch, not changed between calls
    float *gradients;       // if not null: steps write their gradients here, [TRAINED], and update nothing
    Augment augment;        // if not null: varies every image, which must be uint8
    const void *amplitudes; // the amplitudes for `augment`
    int32_t still;          // whether weights do not change; moving statistics become the means over these steps
} Training;

enum { PARTS = 2 * NORMS + 1 };

// One step: its number, its number of images, the array of weights that it reads, and its number of lots.
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

// Like load_strip, but augments each image.
ONCE void load_augmented(const Training *t, Values *v, int64_t from, int count, int64_t *which) {
    const void *rows[LANES];
    uint8_t pictures[LANES][PIXELS];
    find_strip(v, &t->source, from, count, which, rows);
    for (int n = 0; n < count; n++) {
        t->augment(t->amplitudes, t->seed, t->epoch, which[n], rows[n], pictures[n]);
        rows[n] = pictures[n];
    }
    gather_strip(v, &t->source, rows);
}

// Loads images, and makes the keys of their random numbers.
static inline void begin_strip(const Training *t, Step step, int64_t from, int count, Values *v) {
    int64_t which[LANES];
    if (t->augment) load_augmented(t, v, step.index * t->batch + from, count, which);
    else load_strip(v, &t->source, step.index * t->batch + from, count, which);
    for (int layer = 0; t->dropout && layer < DROPOUTS; layer++)
        for (int n = 0; n < LANES; n++) v->keys[layer][n] = draw_key(t->seed, t->epoch, which[n], layer);
}

// From the last part of the forward pass, through the loss, to the first part of the backward pass.
static inline void turn_round(Step step, Values *v, Scratch *s, Sums *sums) {
    add_sums(sums, v, answer_of(v, s));
    loss_gradient(v, s, keep(v->real, v->share / (float)step.size));
}

// Runs one part of a step for one strip; adds gradients to g.
static inline void strip_part(const Training *t, Step step, int part, const Moments *m, Values *v, Scratch *s,
                              float *g, Sums *sums) {
    const float *w = t->weights[step.current];
    if (part <= NORMS) forward(part, v, s, w, m, t->dropout);
    if (part < NORMS) measure(part, v, w);
    if (part == NORMS) turn_round(step, v, s, sums);
    if (part >= NORMS) backward(part - NORMS, v, s, w, m, g, t->dropout);
    if (part >= NORMS && part < 2 * NORMS) measure_gradient(2 * NORMS - 1 - part, v, m, g);
}

typedef struct {
    Training *training;
    Values *values;    // one per thread, or with normalisation one per strip of a batch
    float *gradients;  // [lots][TRAINED]
    Scratch *scratch;  // one per thread
    Sums sums[MOST_LOTS];
    int lots;
    atomic_bool bad;
} Steps;

// Runs one part of a step for every group of a lot.
static inline void lot_part(Steps *s, Step step, int lot, int part, int thread, const Moments *m) {
    float *g = s->gradients + lot * TRAINED;
    if (part == 0) {
        memset(g, 0, TRAINED * sizeof(float));
        s->sums[lot] = (Sums){0};
    }
    for (int64_t from = lot * GROUP; from < step.size; from += step.lots * GROUP)
        for (int64_t strip = from; strip < from + GROUP && strip < step.size; strip += LANES) {
            Values *v = s->values + (NORMS ? strip / LANES : thread);
            if (part == 0) begin_strip(s->training, step, strip, least(LANES, step.size - strip), v);
            strip_part(s->training, step, part, m, v, s->scratch + thread, g, &s->sums[lot]);
        }
}

// Computes what part `part` needs from the whole batch. Every thread computes it from the same numbers.
static inline void learn_moments(const Steps *s, Step step, int part, Moments *m) {
    Norm norm = *norms[part <= NORMS ? part - 1 : 2 * NORMS - part];
    int strips = (int)((step.size + LANES - 1) / LANES);
    double numbers = (double)step.size * norm.rows * norm.columns;
    const float *w = s->training->weights[step.current];
    if (part <= NORMS) set_moments(norm, s->values, strips, numbers, w, m);
    else set_gradient_moments(norm, s->values, strips, numbers, m);
}

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

// Updates this worker's share of the weights, cut at multiples of GROUP. Reads one array and writes the other.
static inline bool update_share(Steps *s, Step step, const Moments *m, int id, int threads) {
    Training *t = s->training;
    int first = TRAINED / GROUP * id / threads * GROUP, last = TRAINED / GROUP * (id + 1) / threads * GROUP;
    Gradients g = {s->gradients, s->lots, TRAINED};
    const float *from = t->weights[step.current];
    float *to = t->weights[1 - step.current];
    if (t->gradients) {
        for (int i = first; i < last; i += LANES) store(t->gradients + i, summed(g, i));
        return true;
    }
    for (int norm = 0; id == 0 && norm < NORMS; norm++) {
        float momentum = t->still ? step.index / (step.index + 1.0f) : norms[norm]->momentum;
        move_statistics(*norms[norm], momentum, m, from, to);
    }
    if (t->still) {
        memcpy(to + first, from + first, (last - first) * sizeof(float));
        return true;
    }
    int64_t number = t->iterations + step.index + 1;
    Rule rule = t->rule;
    rule.learning_rate = t->rates[step.index];
    bool finite = update(rule, g, from, to, t->slots, number, first, last);
    if (t->averages) average(rule, to, t->averages, number, first, last);
    return finite;
}

// Takes one step; returns whether everything is still finite. Barriers stand before every part except the first, before
// any update, and before the next step. All workers decide from the same numbers.
static inline bool take_step(Steps *s, Worker *me, Step step, Sums *sum) {
    int threads = me->barrier->threads;
    Moments moments;
    for (int part = 0; part < (s->training->still ? NORMS + 1 : PARTS); part++) {
        if (part > 0) learn_moments(s, step, part, &moments);
        for (int lot = me->id; lot < s->lots; lot += threads) lot_part(s, step, lot, part, me->id, &moments);
        barrier_wait(me->barrier);
    }
    *sum = total(s);
    if (!isfinite(sum->loss) || !update_share(s, step, &moments, me->id, threads)) atomic_store(&s->bad, true);
    barrier_wait(me->barrier);
    return !atomic_load(&s->bad);
}

// Every worker takes the same steps. The first one records the result.
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
    barrier_wait(me->barrier); // every worker has read where to begin
    if (me->id == 0) close_slice(t, step, current, finite, all);
}

static inline int threads_for(const Training *t) { return least(least(t->threads, step_at(t, 0, 0).lots), MOST_THREADS); }

static inline int values_for(const Training *t) {
    return NORMS ? (int)groups_of(least(t->batch, t->source.count)) * STRIPS : threads_for(t);
}

// Size of the memory that `train` needs, in bytes, for at most `t->threads` threads. The number of threads may change
// from call to call. The positions of arrays depend only on the size of a batch, because borders must stay zero.
int64_t workspace(const Training *t) {
    int64_t gradients = step_at(t, 0, 0).lots * TRAINED * (int64_t)sizeof(float);
    return values_for(t) * (int64_t)sizeof(Values) + gradients + threads_for(t) * (int64_t)sizeof(Scratch);
}

// Takes the steps. `first` is increased by the number of steps taken.
void train(Training *t) {
    Steps s = {.training = t, .gradients = t->workspace, .lots = step_at(t, 0, 0).lots};
    int values = values_for(t);
    s.values = (Values *)(s.gradients + s.lots * TRAINED);
    s.scratch = (Scratch *)(s.values + values);
    for (int i = 0; i < values; i++) prepare(s.values + i);
    run_workers(threads_for(t), train_steps, &s);
}

#endif
