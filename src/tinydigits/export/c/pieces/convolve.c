INLINED void convolve(const Layer *layer, const value *const *window, value *out, uint8_t second_row)
{
    value pixels[2 * MOST_TAPS];
    const count taps = (count)(layer->window_columns * layer->channels);
    const count step = (count)(layer->step_columns * layer->channels);
    const count rows = layer->window_rows, all = (count)(rows * taps);
    const count pairs = (count)((layer->columns + !layer->halve) / 2);
    const count next = (count)(layer->halve ? layer->filters : 2 * layer->filters);
    for (count x = 0; x < pairs; x++, out += next) {
        value *to = pixels;
        for (count r = 0; r < rows; r++) {
            const value *a = window[r] + 2 * x * step;
            for (count i = 0; i < taps; i++, to++) {
                to[0] = a[i];
                to[all] = a[step + i];
            }
        }
        filter_pair(layer, pixels, pixels + all, all, out, second_row);
    }
}
