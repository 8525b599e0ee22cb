void digits_begin(void)
{
    for (uint8_t l = 0; l < LAYERS; l++) seen[l] = 0;
//pad    for (uint8_t l = 0; l < LAYERS; l++) pad_rows(l, 0);
}

void digits_row(const uint8_t row[DIGITS_ROW])
{
    value *to = memory + FIRST_ROW;
    for (count i = 0; i < ROW; i++) to[i] = PIXEL(row[i]);
    flow(0);
}

int digits_end(digits_score scores[DIGITS_CLASSES])
{
//pad    for (uint8_t l = 0; l < LAYERS; l++) pad_rows(l, 1);
    int best = 0;
    const Layer *last = layer_at(LAYERS - 1);
    for (int n = 0; n < CLASSES; n++) {
        scores[n] = SCORED(UNIT_TOTAL(last, (count)n));
        if (scores[n] > scores[best]) best = n;
    }
    return best;
}

int digits_predict(const uint8_t image[DIGITS_PIXELS], digits_score scores[DIGITS_CLASSES])
{
    digits_begin();
    for (uint8_t y = 0; y < ROWS; y++) digits_row(image + y * ROW);
    return digits_end(scores);
}
