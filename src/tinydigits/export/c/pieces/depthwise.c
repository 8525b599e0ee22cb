INLINED void depthwise(const Layer *layer, const value *const *window, value *out)
{
    const count each = (count)(layer->filters / layer->channels); /* filters for each channel */
    for (count x = 0; x < layer->columns; x++) {
        const weight *w = layer->weights;
        for (count f = 0; f < layer->filters; f++) {
            total s = first(layer->biases, f, layer->bias_shift);
            for (count r = 0; r < layer->window_rows; r++) {
                const value *a = window[r] + x * layer->step_columns * layer->channels + f / each;
                for (count c = 0; c < layer->window_columns; c++, a += layer->channels) s += PRODUCT(*a, WEIGHT(w++));
            }
            *out++ = finish(s, layer->shifts, f, layer->relu);
        }
    }
}
