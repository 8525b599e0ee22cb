/* Adds one row of the map to each channel's sum; after the last one, the sums go through a dense layer. */
static void mean(const Layer *layer, const value *row, uint8_t y)
{
    for (uint16_t i = 0, c = 0; i < layer->row; i++) {
        sums[c] = (sum)((y || i >= layer->channels ? sums[c] : 0) + row[i]);
        if (++c == layer->channels) c = 0;
    }
    if (y + 1 < layer->rows) return;
    const weight *w = layer->weights;
    for (uint16_t f = 0; f < layer->filters; f++) {
        total s = first(layer->biases, f, layer->bias_shift);
        for (uint16_t c = 0; c < layer->channels; c++) s += (total)sums[c] * WEIGHT(w++);
        totals[f] = s;
    }
}
