static void convolve(const Layer *layer, const value *const *window, value *out, uint8_t second_row)
{
    const uint16_t taps = (uint16_t)(layer->window_columns * layer->channels);
    const uint16_t step = (uint16_t)(layer->step_columns * layer->channels);
    const uint16_t end = (uint16_t)(layer->columns + !layer->halve);
    for (uint16_t x = 0; x + 1 < end; x = (uint16_t)(x + 2)) {
        const weight *w = layer->weights;
        for (uint16_t f = 0; f < layer->filters; f++) {
            total s = first(layer->biases, f, layer->bias_shift), t = s;
            for (uint16_t r = 0; r < layer->window_rows; r++, w += taps) {
                const value *a = window[r] + x * step;
                dot(w, a, a + step, taps, &s, &t);
            }
            store(layer, out, x, f, finish(s, layer->shifts, f, layer->relu), finish(t, layer->shifts, f, layer->relu),
                  second_row);
        }
    }
}
