/* Adds one row of the map to the totals of a dense layer, whose weights are ordered by row, then by unit. */
static void dense(const Layer *layer, const value *row, uint8_t y)
{
    const weight *w = layer->weights + (uint32_t)y * layer->filters * layer->row;
    for (count f = 0; f < layer->filters; f++) {
        total s = y ? totals[f] : first(layer->biases, f, layer->bias_shift);
        for (count i = 0; i < layer->row; i++) s += PRODUCT(row[i], WEIGHT(w++));
        totals[f] = s;
    }
}
