/* A layer takes one row of its input after the other. As soon as it has seen enough of them, it makes a row of output.
   It keeps only the rows that it needs again: one less than its window is high. Rows that are passed on lie in `memory`
   at places that others use again. A map has one pixel more in a row where that lets two be computed at once. */
typedef struct {
    uint8_t kind;
    uint8_t relu;       /* negative outputs become 0 */
    uint8_t halve;      /* of 2 x 2 outputs, only the largest is passed on */
    uint8_t bias_shift;
    uint8_t inner_shift; /* as bias_shift, of the depthwise half of a separable convolution */
    size rows, channels; /* of the input, with its padding */
    size columns, filters; /* of the output, before it is halved */
    size window_rows, window_columns, step_rows, step_columns;
    size above, below, left, right; /* padding */
    value padding;
    uint16_t row;       /* values in a row of input */
    uint16_t in, out, kept; /* places in memory: a row of input, one of output, the rows that are kept */
    const weight *inner_weights; /* the depthwise half of a separable convolution */
    const bias *inner_biases;
    const uint8_t *inner_shifts;
    const weight *weights;
    const bias *biases;
    const uint8_t *shifts;
} Layer;
