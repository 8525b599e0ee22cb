INLINED void average(const Layer *layer, const value *const *window, value *out)
{
    const total area = (total)(layer->window_rows * layer->window_columns);
    for (count x = 0; x < layer->columns; x++)
        for (count c = 0; c < layer->channels; c++) {
            const count corner = (count)(x * layer->step_columns * layer->channels + c);
            total sum = HALF(area);
            for (count r = 0; r < layer->window_rows; r++)
                for (count i = 0; i < layer->window_columns; i++) sum += window[r][corner + i * layer->channels];
            *out++ = (value)(sum / area);
        }
}
