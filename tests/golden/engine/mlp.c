// Trains and runs a net for images of 28×28×1 with 10 classes.
// Written by tinydigits/engine/compiler/emit.py; the headers document the kernels.

enum { PIXELS = 784, CLASSES = 10, WEIGHTS = 10016, TRAINED = 10016, DROPOUTS = 0,
       NORMS = 0, NORMALIZED = 0 };

#include "activation.h"
#include "dense.h"
#include "depthwise.h"
#include "images.h"
#include "loss.h"
#include "normalization.h"
#include "optimizer.h"
#include "pooling.h"

typedef struct {
    int32_t place[PIXELS];
    Ints real;
    V share;
    Words keys[DROPOUTS + 1];
    ChannelSums inputs, gradients;
    V t[CLASSES], p[CLASSES];
    V x0[784];
    V x1[12];
    V x2[12];
    V x3[12];
    V x4[10];
    V d1[12];
    V d2[12];
    V d3[12];
    V d4[10];
} Values;

typedef struct {
    char nothing;
} Scratch;

static const Dense f1 = {.features = 784, .units = 12, .stride = 784};
static const Dense f2 = {.features = 12, .units = 12, .stride = 16};
static const Dense f3 = {.features = 12, .units = 12, .stride = 16};
static const Dense f4 = {.features = 12, .units = 10, .stride = 16};
static const Norm *const norms[NORMS + 1] = {0};

static inline void prepare(Values *v) {
    for (int p = 0; p < PIXELS; p++) {
        int c = p % 1, j = p / 1 % 28, i = p / 28;
        v->place[p] = 0 + c * 784 + i * 28 + j;
    }
}

ONCE void forward(int part, Values *v, Scratch *s, const float *w, const Moments *m, bool dropout) {
    (void)part;
    (void)s;
    (void)m;
    (void)dropout;
    dense_forward(f1, v->x0, w + 0, w + 9408, 0.0f, v->x1);
    dense_forward(f2, v->x1, w + 9424, w + 9616, 0.0f, v->x2);
    dense_forward(f3, v->x2, w + 9632, w + 9824, 0.0f, v->x3);
    dense_forward(f4, v->x3, w + 9840, w + 10000, 1.0f, v->x4);
}

ONCE void measure(int norm, Values *v, const float *w) {
    (void)norm;
    (void)v;
    (void)w;
}

ONCE void measure_gradient(int norm, Values *v, const Moments *m, float *g) {
    (void)norm;
    (void)v;
    (void)m;
    (void)g;
}

ONCE V answer_of(Values *v, Scratch *s) {
    (void)s;
    softmax(CLASSES, v->x4, v->p);
    return squared_error(CLASSES, v->p, v->t);
}

ONCE void loss_gradient(Values *v, Scratch *s, V weight) {
    (void)s;
    V dp[CLASSES];
    squared_error_gradient(CLASSES, v->p, v->t, weight, dp);
    softmax_gradient(CLASSES, v->p, dp, v->d4);
}

ONCE void backward(int part, Values *v, Scratch *s, const float *w, const Moments *m, float *g, bool dropout) {
    (void)part;
    (void)s;
    (void)m;
    (void)dropout;
    dense_weight_gradient(f4, v->x3, v->d4, g + 9840, g + 10000);
    dense_input_gradient(f4, v->d4, w + 9840, v->x3, (Gate){0.0f, 1}, (Map){v->d3, 1, 1}, (Size){12, 1, 1});
    dense_weight_gradient(f3, v->x2, v->d3, g + 9632, g + 9824);
    dense_input_gradient(f3, v->d3, w + 9632, v->x2, (Gate){0.0f, 1}, (Map){v->d2, 1, 1}, (Size){12, 1, 1});
    dense_weight_gradient(f2, v->x1, v->d2, g + 9424, g + 9616);
    dense_input_gradient(f2, v->d2, w + 9424, v->x1, (Gate){0.0f, 1}, (Map){v->d1, 1, 1}, (Size){12, 1, 1});
    dense_weight_gradient(f1, v->x0, v->d1, g + 0, g + 9408);
}

#define update sgd

#include "program.h"
