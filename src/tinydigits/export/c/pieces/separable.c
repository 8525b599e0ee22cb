/* A depthwise convolution of 3 x 3 and then one of 1 x 1, for two neighbouring pixels at a time. */
static void separable(const Layer *layer, const value *const *window, value *out, uint8_t second_row)
{
    value pixels[2 * MOST_CHANNELS];
    const uint16_t n = layer->channels;
    const uint16_t end = (uint16_t)(layer->columns + !layer->halve);
    for (uint16_t x = 0; x + 1 < end; x = (uint16_t)(x + 2)) {
        const weight *w = layer->inner_weights;
        for (uint16_t c = 0; c < n; c++) {
            total s = first(layer->inner_biases, c, layer->inner_shift), t = s;
            for (uint16_t r = 0; r < 3; r++, w += 3) {
                const value *a = window[r] + x * n + c;
                const weight w0 = WEIGHT(w), w1 = WEIGHT(w + 1), w2 = WEIGHT(w + 2);
                s += product(*a, w0);
                a += n;
                s += product(*a, w1);
                t += product(*a, w0);
                a += n;
                s += product(*a, w2);
                t += product(*a, w1);
                a += n;
                t += product(*a, w2);
            }
            pixels[c] = finish(s, layer->inner_shifts, c, 0);
            pixels[n + c] = finish(t, layer->inner_shifts, c, 0);
        }
        w = layer->weights;
        for (uint16_t f = 0; f < layer->filters; f++, w += n) {
            total s = first(layer->biases, f, layer->bias_shift), t = s;
            dot(w, pixels, pixels + n, n, &s, &t);
            store(layer, out, x, f, finish(s, layer->shifts, f, layer->relu), finish(t, layer->shifts, f, layer->relu),
                  second_row);
        }
    }
}
