// The loops around one net, to train it and to run it. An emitted file includes this last, after defining
//
//     PIXELS, CLASSES, WEIGHTS, TRAINED    sizes: of an image, of the answer, of the weights, of those that are trained
//     DROPOUTS, NORMS, NORMALIZED          how many dropouts, batch normalisations, channels that these have in all
//     Values                               what stays with a strip: x0, t, p, real, keys, place, inputs, gradients, and more
//     Scratch                              what a thread needs for the time being
//     norms                                a pointer to each normalisation's Norm
//     prepare(values)                      fills `place`
//     forward(part, values, scratch, w, moments, dropout)       x0 → z, in NORMS + 1 parts
//     measure(norm, values, w)                         a normalisation's sums over its input
//     answer_of(values, scratch)           z → p, and the loss of each lane against t
//     loss_gradient(values, scratch, weight)   p, t → dz
//     backward(part, values, scratch, w, moments, g, dropout)   dz → every gradient, added to g, in NORMS + 1 parts
//     measure_gradient(norm, values, moments, g)       a normalisation's sums over its output's gradient, and dγ, dβ
//     update                               the optimiser's rule, one of those in optimizer.h
#ifndef TINYDIGITS_PROGRAM_H
#define TINYDIGITS_PROGRAM_H

#include "inference.h"
#include "training.h"

#endif
