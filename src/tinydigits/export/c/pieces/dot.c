/* Adds to two totals the products of the same weights and the values of two pixels. */
static void dot(const weight *w, const value *a, const value *b, uint16_t count, total *s, total *t)
{
    total p = *s, q = *t;
    for (; count >= 4; count = (uint16_t)(count - 4), w += 4, a += 4, b += 4) {
        const weight w0 = WEIGHT(w), w1 = WEIGHT(w + 1), w2 = WEIGHT(w + 2), w3 = WEIGHT(w + 3);
        p += product(a[0], w0);
        q += product(b[0], w0);
        p += product(a[1], w1);
        q += product(b[1], w1);
        p += product(a[2], w2);
        q += product(b[2], w2);
        p += product(a[3], w3);
        q += product(b[3], w3);
    }
    for (; count; count--) {
        const weight w0 = WEIGHT(w++);
        p += product(*a++, w0);
        q += product(*b++, w0);
    }
    *s = p;
    *t = q;
}

/* Stores two neighbouring outputs of a row, or the largest of 2 x 2. */
static void store(const Layer *layer, value *out, uint16_t column, uint16_t filter, value u, value v, uint8_t second_row)
{
    if (!layer->halve) {
        out += column * layer->filters + filter;
        out[0] = u;
        out[layer->filters] = v;
        return;
    }
    out += column / 2 * layer->filters + filter;
    if (v > u) u = v;
    if (!second_row || u > *out) *out = u;
}
