/* RISC-V, QEMU's `virt`: semihosting by three instructions; `minstret` counts instructions. */
intptr_t host(int operation, const void *block);
__asm__(
    ".section .text.init,\"ax\"\n.globl _start\n_start: lui sp, 0x80020\n call main\n"
    ".balign 16\n.option push\n.option norvc\n.globl host\n"
    "host: slli x0, x0, 0x1f\n ebreak\n srai x0, x0, 7\n ret\n.option pop\n.text");

static void start_ticks(void) {}

static uint32_t ticks(void)
{
    uint32_t count;
    __asm__ volatile(".option push\n.option arch, +zicsr\n csrr %0, 0xb02\n.option pop" : "=r"(count));
    return count;
}

static uint32_t since(uint32_t before) { return ticks() - before; }
