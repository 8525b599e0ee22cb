/* All filters of two neighbouring pixels, whose `n` values each lie at `a` and at `b`. */
static void filter_pair(const Layer *layer, const value *a, const value *b, count n, value *out, uint8_t second_row)
{
    const count filters = layer->filters;
    const uint8_t halve = layer->halve, relu = layer->relu, bias_shift = layer->bias_shift;
    const bias *const biases = layer->biases;
    const uint8_t *const shifts = layer->shifts;
    const value *const end = a + n, *const fours = end - n % 4;
    const weight *w = layer->weights;
    for (count f = 0; f < filters; f++) {
        const value *p = a, *q = b;
        total s = first(biases, f, bias_shift), t = s;
        for (; p < fours; w += 4, p += 4, q += 4) {
            const weight w0 = WEIGHT(w), w1 = WEIGHT(w + 1), w2 = WEIGHT(w + 2), w3 = WEIGHT(w + 3);
            s += product(p[0], w0);
            t += product(q[0], w0);
            s += product(p[1], w1);
            t += product(q[1], w1);
            s += product(p[2], w2);
            t += product(q[2], w2);
            s += product(p[3], w3);
            t += product(q[3], w3);
        }
        while (p < end) {
            const weight w0 = WEIGHT(w++);
            s += product(*p++, w0);
            t += product(*q++, w0);
        }
        const value u = finish(s, shifts, f, relu), v = finish(t, shifts, f, relu);
        if (halve) { /* of 2 x 2, only the largest is stored */
            const value most = u > v ? u : v;
            if (!second_row || most > out[f]) out[f] = most;
        } else {
            out[f] = u;
            out[filters + f] = v;
        }
    }
}
