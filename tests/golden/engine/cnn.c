// Trains and runs a net for images of 28×28×1 with 10 classes.
// Written by tinydigits/engine/compiler/emit.py; the headers document the kernels.

enum { PIXELS = 784, CLASSES = 10, WEIGHTS = 10112, TRAINED = 10112, DROPOUTS = 1,
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
    V x0[841];
    V x1[1125];
    V x2[980];
    V x3[10];
    V d1[980];
    V d2[1125];
    V d3[10];
    Marks m1[980];
} Values;

typedef struct {
    char nothing;
} Scratch;

static const Conv c1 = {.channels = 1, .filters = 5, .rows = 28, .columns = 28, .height = 2, .width = 2, .down = 1, .across = 1};
static const Pool p1 = {.channels = 5, .rows = 14, .columns = 14, .height = 2, .width = 2, .down = 2, .across = 2, .top = 0, .left = 0, .in_rows = 28, .in_columns = 28};
static const Conv c2 = {.channels = 5, .filters = 5, .rows = 14, .columns = 14, .height = 2, .width = 2, .down = 1, .across = 1};
static const Dense f3 = {.features = 980, .units = 10, .stride = 992};
static const Norm *const norms[NORMS + 1] = {0};

static inline void prepare(Values *v) {
    for (int p = 0; p < PIXELS; p++) {
        int c = p % 1, j = p / 1 % 28, i = p / 28;
        v->place[p] = 0 + c * 841 + i * 29 + j;
    }
}

ONCE void forward(int part, Values *v, Scratch *s, const float *w, const Moments *m, bool dropout) {
    (void)part;
    (void)s;
    (void)m;
    conv_pool_forward(c1, p1, (Map){v->x0, 29, 841}, w + 0, w + 32, (Map){v->x1, 15, 225}, v->m1);
    conv_forward(c2, (Map){v->x1, 15, 225}, w + 48, w + 160, 0.0f, (Map){v->x2, 14, 196});
    if (dropout) dropout_forward((Size){5, 14, 14}, (Map){v->x2, 14, 196}, v->keys[0], 1, 1, 2.0f, 0);
    dense_forward(f3, v->x2, w + 176, w + 10096, 1.0f, v->x3);
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
    softmax(CLASSES, v->x3, v->p);
    return squared_error(CLASSES, v->p, v->t);
}

ONCE void loss_gradient(Values *v, Scratch *s, V weight) {
    (void)s;
    V dp[CLASSES];
    squared_error_gradient(CLASSES, v->p, v->t, weight, dp);
    softmax_gradient(CLASSES, v->p, dp, v->d3);
}

ONCE void backward(int part, Values *v, Scratch *s, const float *w, const Moments *m, float *g, bool dropout) {
    (void)part;
    (void)s;
    (void)m;
    dense_weight_gradient(f3, v->x2, v->d3, g + 176, g + 10096);
    dense_input_gradient(f3, v->d3, w + 176, v->x2, (Gate){0.0f, dropout ? 2.0f : 1}, (Map){v->d2 + 16, 15, 225}, (Size){5, 14, 14});
    conv_weight_gradient(c2, (Map){v->x1, 15, 225}, (Map){v->d2 + 16, 15, 225}, g + 48, g + 160);
    conv_input_gradient(c2, (Map){v->d2, 15, 225}, w + 48, (Map){v->x1, 15, 225}, (Gate){0.0f, 1}, (Map){v->d1, 14, 196}, 14, 14);
    conv_pool_weight_gradient(c1, p1, (Map){v->x0, 29, 841}, (Map){v->d1, 14, 196}, v->m1, g + 0, g + 32);
}

#define update adam

#include "program.h"
