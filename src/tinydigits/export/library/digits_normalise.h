/* Makes an image of 28 x 28 of ink of any size, as MNIST's images were made. */
#ifndef DIGITS_NORMALISE_H
#define DIGITS_NORMALISE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ink: rows from the top, 0 to 1, exactly 0 where there is none. Returns 0, and an empty image, if all of it is 0. */
int digits_normalise(const float *ink, int height, int width, uint8_t image[784]);

#ifdef __cplusplus
}
#endif

#endif
