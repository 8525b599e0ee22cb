INLINED void maximum(const Layer *layer, const value *const *window, value *out)
{
    for (count x = 0; x < layer->columns; x++)
        for (count c = 0; c < layer->channels; c++) {
            const count corner = (count)(x * layer->step_columns * layer->channels + c);
            value most = window[0][corner];
            for (count r = 0; r < layer->window_rows; r++)
                for (count i = 0; i < layer->window_columns; i++) {
                    const value v = window[r][corner + i * layer->channels];
                    if (v > most) most = v;
                }
            *out++ = most;
        }
}
