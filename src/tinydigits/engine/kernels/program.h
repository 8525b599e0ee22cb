// The loops that train and run one net. An emitted file includes this last. Before, it defines
//
//     PIXELS, CLASSES, WEIGHTS, TRAINED    sizes of an image, the output, the weights and the trained weights
//     DROPOUTS, NORMS, NORMALIZED          number of dropouts, batch normalisations, and channels of all of these
//     Values                               arrays of a strip: x0, t, p, real, keys, place, inputs, gradients and more
//     Scratch                              temporary arrays of a thread
//     norms                                pointers to the Norm of each normalisation
//     prepare(values)                      fills `place`
//     forward(part, values, scratch, w, moments, dropout)       x0 → z, in NORMS + 1 parts
//     measure(norm, values, w)                         a normalisation's sums over its input
//     answer_of(values, scratch)           z → p, and the loss of each lane against t
//     loss_gradient(values, scratch, weight)   p, t → dz
//     backward(part, values, scratch, w, moments, g, dropout)   dz → every gradient, added to g, in NORMS + 1 parts
//     measure_gradient(norm, values, moments, g)       a normalisation's sums over its output's gradient, and dγ, dβ
//     update                               the rule of the optimiser, from optimizer.h
#ifndef TINYDIGITS_PROGRAM_H
#define TINYDIGITS_PROGRAM_H

#include "inference.h"
#include "training.h"

#endif
