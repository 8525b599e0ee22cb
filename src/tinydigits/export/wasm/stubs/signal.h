// WebAssembly has no signals.
#ifndef TINYDIGITS_STUB_SIGNAL_H
#define TINYDIGITS_STUB_SIGNAL_H

typedef unsigned long sigset_t;
enum { SIG_SETMASK };

static inline int sigfillset(sigset_t *set) { return *set = 0, 0; }
static inline int pthread_sigmask(int how, const sigset_t *set, sigset_t *before) {
    return (void)how, (void)set, (void)before, 0;
}

#endif
