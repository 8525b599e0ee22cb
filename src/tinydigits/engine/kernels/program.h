// The loops around one net, to train it and to run it. An emitted file includes this last, after defining
//
//     PIXELS, CLASSES, WEIGHTS, DROPOUTS   sizes: of an image, of the answer, of the weights, how many dropout layers
//     Values                               everything one strip needs: x0, t, p, keys, place, and what the net adds
//     prepare(values)                      fills `place`
//     forward(values, w, dropout)          x0 → z
//     answer_of(values)                    z → p, and the loss of each lane against t
//     loss_gradient(values, weight)        p, t → dz
//     backward(values, w, g, dropout)      dz → every gradient, added to g
//     update                               the optimiser's rule, one of those in optimizer.h
#ifndef TINYDIGITS_PROGRAM_H
#define TINYDIGITS_PROGRAM_H

#include "inference.h"
#include "training.h"

#endif
