typedef float value; /* of a feature map */
typedef float weight;
typedef float bias;
typedef uint_fast16_t count;
typedef float total; /* a sum of products */

#define TABLE
#define WEIGHT(at) (*(at))

#define PRODUCT(a, w) ((total)((a) * (w)))

INLINED total first(const bias *biases, count output, uint8_t bias_shift)
{
    (void)bias_shift;
    return biases[output];
}

INLINED value finish(total sum, const uint8_t *shifts, count output, uint8_t relu)
{
    (void)shifts;
    (void)output;
    return relu && sum < 0 ? 0 : sum;
}
