INLINED void fill(const Layer *layer, value *to, uint16_t pixels)
{
    for (count i = 0; i < pixels * layer->channels; i++) to[i] = layer->padding;
}

INLINED void pad_sides(const Layer *layer, value *row)
{
    fill(layer, row, layer->left);
    fill(layer, row + layer->row - layer->right * layer->channels, layer->right);
}
