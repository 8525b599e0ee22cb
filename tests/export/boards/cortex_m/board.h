/* Cortex-M: semihosting by `bkpt 0xAB`; SysTick counts down, 24 bits. */
static intptr_t host(int operation, const void *block)
{
    register intptr_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = block;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

#define SYSTICK ((volatile uint32_t *)0xE000E010)

static void start_ticks(void)
{
    SYSTICK[1] = 0xFFFFFF;
    SYSTICK[2] = 0;
    SYSTICK[0] = 5;
}

static uint32_t ticks(void) { return SYSTICK[2]; }
static uint32_t since(uint32_t before) { return (before - ticks()) & 0xFFFFFF; }

int main(void);
void reset(void);
void reset(void) { main(); }
__attribute__((section(".vectors"), used)) const void *const vectors[2] = {(const void *)STACK, (const void *)reset};
