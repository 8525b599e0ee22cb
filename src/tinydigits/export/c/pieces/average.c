static void average(const Layer *layer, const value *const *window, value *out)
{
    const total area = (total)(layer->window_rows * layer->window_columns);
    for (uint16_t x = 0; x < layer->columns; x++)
        for (uint16_t c = 0; c < layer->channels; c++) {
            const uint16_t corner = (uint16_t)(x * layer->step_columns * layer->channels + c);
            total sum = HALF(area);
            for (uint16_t r = 0; r < layer->window_rows; r++)
                for (uint16_t i = 0; i < layer->window_columns; i++) sum += window[r][corner + i * layer->channels];
            *out++ = (value)(sum / area);
        }
}
