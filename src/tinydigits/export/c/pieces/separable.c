/* Adds to two totals the products of three weights and three values in a row, `n` apart, for two neighbouring pixels. */
#define THREE(w, a) do { \
    const weight w0 = WEIGHT(w), w1 = WEIGHT((w) + 1), w2 = WEIGHT((w) + 2); \
    const value a0 = (a)[0], a1 = (a)[n], a2 = (a)[2 * n], a3 = (a)[3 * n]; \
    s += PRODUCT(a0, w0); \
    s += PRODUCT(a1, w1); \
    s += PRODUCT(a2, w2); \
    t += PRODUCT(a1, w0); \
    t += PRODUCT(a2, w1); \
    t += PRODUCT(a3, w2); \
} while (0)

/* A depthwise convolution of 3 x 3 and then one of 1 x 1, for two neighbouring pixels at a time. */
INLINED void separable(const Layer *layer, const value *const *window, value *out, uint8_t second_row)
{
    value pixels[2 * MOST_CHANNELS];
    const count n = layer->channels;
    const uint8_t inner_shift = layer->inner_shift;
    const bias *const biases = layer->inner_biases;
    const uint8_t *const shifts = layer->inner_shifts;
    const count pairs = (count)((layer->columns + !layer->halve) / 2);
    const count next = (count)(layer->halve ? layer->filters : 2 * layer->filters);
    const value *top = window[0], *middle = window[1], *bottom = window[2];
    for (count x = 0; x < pairs; x++, out += next) {
        const weight *w = layer->inner_weights;
        for (count c = 0; c < n; c++, w += 9, top++, middle++, bottom++) {
            total s = first(biases, c, inner_shift), t = s;
            THREE(w, top);
            THREE(w + 3, middle);
            THREE(w + 6, bottom);
            pixels[c] = finish(s, shifts, c, 0);
            pixels[n + c] = finish(t, shifts, c, 0);
        }
        top += n; /* the two pixels have n channels each; the first n are passed already */
        middle += n;
        bottom += n;
        filter_pair(layer, pixels, pixels + n, n, out, second_row);
    }
}
