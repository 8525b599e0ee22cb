/* Gives layer `l` its rows of padding; before the image there are too few to make a row of output. */
static void pad_rows(uint8_t l, uint8_t below)
{
    const Layer *layer = layer_at(l);
    const uint8_t rows = (uint8_t)(below ? layer->below : layer->above);
    for (uint8_t r = 0; r < rows; r++) {
        layer = layer_at(l);
        fill(layer, memory + layer->in, (uint16_t)(layer->row / layer->channels));
        flow(l);
    }
}
