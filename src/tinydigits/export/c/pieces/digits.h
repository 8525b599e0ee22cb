{head}
#ifndef DIGITS_H
#define DIGITS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {{
#endif

typedef {score} digits_score; /* {score_meaning} */
#define DIGITS_SCORE_SCALE {scale}
#define DIGITS_PIXELS {pixels}
#define DIGITS_ROW {row}
#define DIGITS_CLASSES {classes}

/* Returns the digit in an image, and writes a score for each: the largest wins.
   image: rows from the top; 0 is empty, 255 is ink. Memory is shared by all calls: one at a time. */
int digits_predict(const uint8_t image[DIGITS_PIXELS], digits_score scores[DIGITS_CLASSES]);

/* The same, row by row, where memory for a whole image is short: begin, then every row, then end. */
void digits_begin(void);
void digits_row(const uint8_t row[DIGITS_ROW]);
int digits_end(digits_score scores[DIGITS_CLASSES]);

#ifdef __cplusplus
}}
#endif

#endif
