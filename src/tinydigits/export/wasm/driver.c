// What the page calls of a net that trains as WebAssembly. NET is the file that engine/compiler/emit.py wrote, as it
// trains natively; AMPLITUDES is the number of amplitudes of augment.h, which is compiled separately.
//
// One training at a time. Weights and the arrays of the optimiser lie here; images, targets and the order of an epoch
// lie in memory that the page reserves and fills. learn/engine.js is the other side.
#include NET

// Exported as `name`; in C it has another name, because the kernels have functions of these names.
#define EXPORT(name) __attribute__((export_name(#name))) page_##name

void augment_image(const void *amplitudes, uint64_t seed, uint64_t epoch, int64_t image, const void *from, uint8_t *to);

static _Alignas(64) float weights[2][WEIGHTS], slots[2][TRAINED];
static int32_t amplitudes[AMPLITUDES];
static int64_t room; // number of images in the batches that the workspace is for
static Training training = {
    .weights = {weights[0], weights[1]}, .slots = {slots[0], slots[1]}, .amplitudes = amplitudes, .threads = 1};

// Zeroed memory of `bytes`, which is never given back; 0 if there is none.
void *EXPORT(reserve)(int32_t bytes) { return zeros(bytes); }

// The weights that the next step reads, [WEIGHTS]. They change their place with every step.
float *EXPORT(weights_at)(void) { return weights[training.current]; }

// An array of the optimiser, [TRAINED].
float *EXPORT(slots_at)(int32_t which) { return slots[which]; }

int32_t *EXPORT(amplitudes_at)(void) { return amplitudes; }

int32_t EXPORT(size_of_weights)(void) { return WEIGHTS; }

int32_t EXPORT(size_of_trained)(void) { return TRAINED; }

int32_t EXPORT(classes)(void) { return CLASSES; }

int32_t EXPORT(pixels)(void) { return PIXELS; }

// Sets where images, uint8 [..][PIXELS], and targets, [..][CLASSES], lie.
void EXPORT(read_from)(const uint8_t *images, const float *targets) {
    training.source.images = images;
    training.source.targets = targets;
}

// Sets the numbers of the optimiser.
void EXPORT(follow)(double momentum, double beta_1, double beta_2, double epsilon, double weight_decay) {
    training.rule = (Rule){
        .momentum = (float)momentum, .beta_1 = (float)beta_1, .beta_2 = (float)beta_2,
        .one_minus_beta_1 = (float)(1 - beta_1), .one_minus_beta_2 = (float)(1 - beta_2),
        .epsilon = (float)epsilon, .weight_decay = (float)weight_decay,
    };
}

// Makes the workspace; its arrays lie elsewhere for each size of batch. Returns 0, or 1 if there is no memory.
static int32_t make_room(void) {
    int64_t size = least(training.batch, training.source.count);
    if (size == room) return 0;
    free(training.workspace);
    training.workspace = zeros(workspace(&training));
    room = training.workspace ? size : 0;
    return !training.workspace;
}

// Begins an epoch of `count` images in `order`, with a learning rate for each step. `iterations` steps were taken
// before; random numbers depend on it and on `seed`. With `augmented`, the amplitudes apply. Returns 0, or 1 if there
// is no memory.
int32_t EXPORT(begin)(const int32_t *order, int32_t count, int32_t batch, const float *rates, uint32_t seed,
                      int32_t iterations, int32_t augmented) {
    training.source.order = order;
    training.source.count = count;
    training.batch = batch;
    training.rates = rates;
    training.seed = seed;
    training.epoch = training.iterations = iterations;
    training.augment = augmented ? augment_image : 0;
    training.dropout = 1;
    training.first = training.loss = training.hits = 0;
    return make_room();
}

// Takes steps up to `last` of the epoch. Returns the number of steps that the epoch has now taken: fewer if a loss or
// weight is not finite; the weights are then the last finite ones.
int32_t EXPORT(steps_to)(int32_t last) {
    training.last = last;
    train(&training);
    return training.first;
}

// Loss and right answers, summed over the images of the epoch so far.
double EXPORT(loss)(void) { return training.loss; }

int32_t EXPORT(hits)(void) { return training.hits; }

static Inference inference;

// Answers images `first`, a multiple of 16, to `last`, and counts loss and right answers. Image n is answered to
// answers[n]; null: nowhere. Returns 0, or 1 if there is no memory.
int32_t EXPORT(answer)(int32_t first, int32_t last, float *answers) {
    Source source = training.source;
    source.order = 0;
    inference = (Inference){.source = source, .first = first, .last = last, .weights = page_weights_at(),
                            .answers = answers, .threads = 1};
    return infer(&inference);
}

double EXPORT(answered_loss)(void) { return inference.loss; }

int32_t EXPORT(answered_hits)(void) { return inference.hits; }
