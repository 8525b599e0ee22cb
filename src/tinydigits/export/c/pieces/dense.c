/* Adds one row of the map to the totals of a dense layer, whose weights are ordered by row, then by unit. */
INLINED void dense(const Layer *layer, const value *row, uint8_t y)
{
    const count n = layer->row, units = layer->filters;
    const weight *w = layer->weights + (uint32_t)y * units * n;
    for (count f = 0; f < units; f = (count)(f + 2), w += 2 * n) {
        const count g = (count)(f + 1 < units ? f + 1 : f); /* an odd last one is computed twice */
        const weight *x = g > f ? w + n : w;
        total s = y ? totals[f] : first(layer->biases, f, layer->bias_shift);
        total t = y ? totals[g] : first(layer->biases, g, layer->bias_shift);
        for (count i = 0; i < n; i++) {
            s += PRODUCT(row[i], WEIGHT(w + i));
            t += PRODUCT(row[i], WEIGHT(x + i));
        }
        totals[f] = s;
        totals[g] = t;
    }
}
