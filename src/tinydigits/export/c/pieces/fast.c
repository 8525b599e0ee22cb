/* 1: each layer has code of its own, with its sizes as constants: faster, but larger. 0: layers of a kind share code. */
#ifndef DIGITS_FAST
#if defined __OPTIMIZE__ && !defined __OPTIMIZE_SIZE__ && !defined __AVR__
#define DIGITS_FAST 1
#else
#define DIGITS_FAST 0
#endif
#endif

#if DIGITS_FAST
#define INLINED static inline __attribute__((always_inline))
#else
#define INLINED static
#endif
