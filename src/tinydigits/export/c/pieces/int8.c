typedef uint8_t value;  /* of a feature map: the real number is scale * (value - zero) */
typedef int8_t weight;
typedef int16_t bias;
typedef uint_fast16_t count;
typedef int32_t total;  /* a sum of products; no image can bring one beyond LARGEST_TOTAL in digits.h */

#ifdef __AVR__
#include <avr/pgmspace.h>
#define TABLE PROGMEM
#define WEIGHT(at) ((weight)pgm_read_byte(at))
#define BIAS(at) ((bias)pgm_read_word(at))
#define SHIFT(at) pgm_read_byte(at)
#else
#define TABLE
#define WEIGHT(at) (*(at))
#define BIAS(at) (*(at))
#define SHIFT(at) (*(at))
#endif

#define PRODUCT(a, w) ((total)((a) * (w)))

/* The bias of an output, at the scale of its total. */
INLINED total first(const bias *biases, count output, uint8_t bias_shift)
{
    return (total)BIAS(biases + output) * ((total)1 << bias_shift);
}

/* A total as a value of the next feature map: 0 to 255. A shift of a negative total rounds down. */
INLINED value finish(total sum, const uint8_t *shifts, count output, uint8_t relu)
{
    const total v = sum >> SHIFT(shifts + output);
    (void)relu; /* held at 0 in any case */
#ifdef __ARM_FEATURE_SAT
    return (value)__builtin_arm_usat(v, 8); /* one instruction, which GCC does not find by itself */
#else
    return (value)((uint32_t)v > 255 ? ~(v >> 31) : v); /* 0 of what is negative, else all bits */
#endif
}
