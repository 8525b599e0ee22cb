/* Adds one row of the map to each channel's sum. */
INLINED void mean(const Layer *layer, const value *row, uint8_t y)
{
    const count channels = layer->channels;
    for (count i = 0, c = 0; i < layer->row; i++) {
        sums[c] = (sum)((y || i >= channels ? sums[c] : 0) + row[i]);
        if (++c == channels) c = 0;
    }
}

/* The total of one unit of the dense layer that follows the means, whose weights allow for the size of the map. */
static total mean_total(const Layer *layer, count f)
{
    const count channels = layer->channels;
    const weight *w = layer->weights + f * channels;
    total s = first(layer->biases, f, layer->bias_shift);
    for (count c = 0; c < channels; c++) s += (total)sums[c] * WEIGHT(w++);
    return s;
}
