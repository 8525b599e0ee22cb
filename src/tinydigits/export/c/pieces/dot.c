/* Stores the values of one filter for two neighbouring pixels, or the largest of 2 x 2. */
INLINED void store(value *out, count next, value u, value v, uint8_t halve, uint8_t second_row)
{
    if (!halve) {
        out[0] = u;
        out[next] = v;
        return;
    }
    if (v > u) u = v;
    if (!second_row || u > *out) *out = u;
}

/* All filters of two neighbouring pixels, whose `n` values each lie at `a` and at `b`. */
#if DIGITS_FAST /* four filters at a time, then two, then one; a Cortex-M0 has registers for two */
#define ONE(code) code(0)
#define TWO(code) code(0) code(1)
#define FOUR(code) code(0) code(1) code(2) code(3)
#define BEGIN(i) total s##i = first(biases, (count)(f + (i)), bias_shift), t##i = s##i;
#define ADD(i) { \
    const weight w##i = WEIGHT(w + (i) * n); \
    s##i += PRODUCT(u, w##i); \
    t##i += PRODUCT(v, w##i); \
}
#define END(i) \
    store(out + f + (i), filters, finish(s##i, shifts, (count)(f + (i)), relu), \
          finish(t##i, shifts, (count)(f + (i)), relu), halve, second_row);
#define FILTERS(number, each) \
    for (; f + (number) <= filters; f = (count)(f + (number)), w += ((number) - 1) * n) { \
        const value *p = a, *q = b; \
        each(BEGIN) \
        while (p < end) { \
            const value u = *p++, v = *q++; \
            each(ADD) \
            w++; \
        } \
        each(END) \
    }
#endif

INLINED void filter_pair(const Layer *layer, const value *a, const value *b, count n, value *out, uint8_t second_row)
{
    const count filters = layer->filters;
    const uint8_t halve = layer->halve, relu = layer->relu, bias_shift = layer->bias_shift;
    const bias *const biases = layer->biases;
    const uint8_t *const shifts = layer->shifts;
    const value *const end = a + n;
    const weight *w = layer->weights;
#if DIGITS_FAST
    count f = 0;
#ifndef __ARM_ARCH_6M__
    FILTERS(4, FOUR)
#endif
    FILTERS(2, TWO)
    FILTERS(1, ONE)
#else /* two filters at a time */
    for (count f = 0; f < filters; f = (count)(f + 2), w += n) {
        const count g = (count)(f + 1 < filters ? f + 1 : f); /* an odd last one is computed twice */
        const weight *x = g > f ? w + n : w;
        const value *p = a, *q = b;
        total s = first(biases, f, bias_shift), t = s, u = first(biases, g, bias_shift), v = u;
        while (p < end) {
            const value p0 = *p++, q0 = *q++;
            const weight w0 = WEIGHT(w), x0 = WEIGHT(x);
            w++;
            x++;
            s += PRODUCT(p0, w0);
            t += PRODUCT(q0, w0);
            u += PRODUCT(p0, x0);
            v += PRODUCT(q0, x0);
        }
        store(out + f, filters, finish(s, shifts, f, relu), finish(t, shifts, f, relu), halve, second_row);
        store(out + g, filters, finish(u, shifts, g, relu), finish(v, shifts, g, relu), halve, second_row);
    }
#endif
}
