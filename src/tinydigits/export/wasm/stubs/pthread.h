// WebAssembly from a file has one thread: locks do nothing, and no thread can be started.
#ifndef TINYDIGITS_STUB_PTHREAD_H
#define TINYDIGITS_STUB_PTHREAD_H

typedef int pthread_t, pthread_mutex_t, pthread_cond_t, pthread_attr_t;

static inline int pthread_mutex_init(pthread_mutex_t *mutex, void *how) { return (void)mutex, (void)how, 0; }
static inline int pthread_mutex_lock(pthread_mutex_t *mutex) { return (void)mutex, 0; }
static inline int pthread_mutex_unlock(pthread_mutex_t *mutex) { return (void)mutex, 0; }
static inline int pthread_mutex_destroy(pthread_mutex_t *mutex) { return (void)mutex, 0; }
static inline int pthread_cond_init(pthread_cond_t *condition, void *how) { return (void)condition, (void)how, 0; }
static inline int pthread_cond_broadcast(pthread_cond_t *condition) { return (void)condition, 0; }
static inline int pthread_cond_destroy(pthread_cond_t *condition) { return (void)condition, 0; }
static inline int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
    return (void)condition, (void)mutex, 0;
}
static inline int pthread_attr_init(pthread_attr_t *attributes) { return (void)attributes, 0; }
static inline int pthread_attr_destroy(pthread_attr_t *attributes) { return (void)attributes, 0; }
static inline int pthread_create(pthread_t *thread, pthread_attr_t *how, void *(*work)(void *), void *argument) {
    return (void)thread, (void)how, (void)work, (void)argument, 1;
}
static inline int pthread_join(pthread_t thread, void **result) { return (void)thread, (void)result, 0; }

#endif
