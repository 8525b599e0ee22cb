// Threads, and a barrier for them that spins briefly, then sleeps.
//
// A training step of a tiny net takes about 50 µs and has two barriers. Waking a sleeping thread takes as long as the
// step, so waiting threads spin first. They do not spin for long, because another program may need the core.
#ifndef TINYDIGITS_THREADS_H
#define TINYDIGITS_THREADS_H

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { SPINS = 4000, MOST_THREADS = 8 }; // SPINS spins take about 50 µs

typedef struct {
    int threads;
    atomic_int waiting;
    atomic_uint round;
    pthread_mutex_t mutex;
    pthread_cond_t opened;
} Barrier;

static inline void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static inline void barrier_open(Barrier *b) {
    atomic_store(&b->waiting, 0);
    pthread_mutex_lock(&b->mutex);
    atomic_fetch_add(&b->round, 1);
    pthread_cond_broadcast(&b->opened);
    pthread_mutex_unlock(&b->mutex);
}

static inline void barrier_sleep(Barrier *b, unsigned round) {
    pthread_mutex_lock(&b->mutex);
    while (atomic_load(&b->round) == round) pthread_cond_wait(&b->opened, &b->mutex);
    pthread_mutex_unlock(&b->mutex);
}

// Waits until every thread has called it.
static inline void barrier_wait(Barrier *b) {
    if (b->threads == 1) return;
    unsigned round = atomic_load(&b->round);
    if (atomic_fetch_add(&b->waiting, 1) + 1 == b->threads) {
        barrier_open(b);
        return;
    }
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load(&b->round) != round) return;
        relax();
    }
    barrier_sleep(b, round);
}

typedef struct Worker {
    int id;
    Barrier *barrier;
    void (*work)(struct Worker *);
    void *job;
} Worker;

// Threads start before the caller knows how many it can get. They wait for a lock, which the caller holds until then.
static inline void *worker_thread(void *argument) {
    Worker *worker = argument;
    pthread_mutex_lock(&worker->barrier->mutex);
    pthread_mutex_unlock(&worker->barrier->mutex);
    worker->work(worker);
    return 0;
}

// Binds each thread to its own core. Linux starts a thread on the core of its creator and moves it only after several
// milliseconds; until then the two wait for each other.
static inline void choose_core(pthread_attr_t *attributes, int id) {
#if defined(__linux__)
    cpu_set_t allowed, own;
    int here = sched_getcpu();
    CPU_ZERO(&own);
    if (here < 0 || sched_getaffinity(0, sizeof allowed, &allowed)) return;
    for (int i = 1, found = 0; i < CPU_SETSIZE && found < id; i++) {
        int core = (here + i) % CPU_SETSIZE;
        if (!CPU_ISSET(core, &allowed) || ++found < id) continue;
        CPU_SET(core, &own);
        pthread_attr_setaffinity_np(attributes, sizeof own, &own);
    }
#else
    (void)attributes, (void)id;
#endif
}

static inline bool start_worker(Worker *worker, pthread_t *thread) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    choose_core(&attributes, worker->id);
    bool started = pthread_create(thread, &attributes, worker_thread, worker) == 0;
    pthread_attr_destroy(&attributes);
    return started;
}

// Runs `work` on `threads` threads, or on as many as can be started; the caller is one. Only the caller gets signals.
static inline void run_workers(int threads, void (*work)(Worker *), void *job) {
    Barrier barrier = {.threads = 1};
    Worker workers[MOST_THREADS];
    pthread_t ids[MOST_THREADS];
    sigset_t all, before;
    pthread_mutex_init(&barrier.mutex, 0);
    pthread_cond_init(&barrier.opened, 0);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_mutex_lock(&barrier.mutex);
    for (int i = 0; i < threads; i++) {
        workers[i] = (Worker){i, &barrier, work, job};
        if (i > 0 && !start_worker(&workers[i], &ids[i])) break;
        barrier.threads = i + 1;
    }
    pthread_mutex_unlock(&barrier.mutex);
    pthread_sigmask(SIG_SETMASK, &before, 0);
    work(&workers[0]);
    for (int i = 1; i < barrier.threads; i++) pthread_join(ids[i], 0);
    pthread_mutex_destroy(&barrier.mutex);
    pthread_cond_destroy(&barrier.opened);
}

#endif
