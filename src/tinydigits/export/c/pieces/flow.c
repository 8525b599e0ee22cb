/* Gives layer `l` the row at its place in memory. Returns 1 if the layer made a row for the next one. */
INLINED uint8_t take(uint8_t l)
{
    const Layer *layer = layer_at(l);
    const uint8_t y = seen[l]++;
    value *row = memory + layer->in, *out = memory + layer->out;
//pad    pad_sides(layer, row);
//whole    if (layer->kind == DENSE || layer->kind == MEAN) {
//dense        if (layer->kind == DENSE) dense(layer, row, y);
//mean        if (layer->kind == MEAN) mean(layer, row, y);
//between        if (y + 1 < layer->rows || l + 1 == LAYERS) return 0;
//between        for (count f = 0; f < layer->filters; f++) {
//between            const total sum_of_products = UNIT_TOTAL(layer, f);
//between            out[f] = finish(sum_of_products, layer->shifts, f, layer->relu);
//between        }
//between        return 1;
//last        return 0;
//whole    }
//window    const uint8_t before = (uint8_t)(layer->window_rows - 1);
//window    value *kept = memory + layer->kept;
//window    uint8_t made = 0;
//window    if (y >= before && (y - before) % layer->step_rows == 0) {
//window        const uint8_t second_row = (uint8_t)((y - before) / layer->step_rows & 1);
//window        const value *window[MOST_WINDOW_ROWS];
//window        for (uint8_t r = 0; r < before; r++) window[r] = kept + (uint8_t)(y + r) % before * layer->row;
//window        window[before] = row;
//window        made = !layer->halve || second_row;
//window        switch (layer->kind) {
//convolve        case CONVOLVE: convolve(layer, window, out, second_row); break;
//depthwise        case DEPTHWISE: depthwise(layer, window, out); break;
//separable        case SEPARABLE: separable(layer, window, out, second_row); break;
//maximum        case MAXIMUM: maximum(layer, window, out); break;
//average        case AVERAGE: average(layer, window, out); break;
//window        default: break;
//window        }
//window    }
//window    if (before) { /* the oldest row is needed no more: the new one takes its place */
//window        value *to = kept + y % before * layer->row;
//window        for (count i = 0; i < layer->row; i++) to[i] = row[i];
//window    }
//window    return made;
//nowindow    return 0;
}

/* Passes the row on from layer to layer, as far as it leads to new rows. */
static void flow(uint8_t l)
{
#if DIGITS_FAST
#define PASS_ON(n) if (l <= (n) && !take(n)) return;
    EACH_LAYER(PASS_ON)
#else
    while (take(l) && ++l < LAYERS) {}
#endif
}
