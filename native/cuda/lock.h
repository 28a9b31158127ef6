/*
 * A lock that exists from the process's beginning.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DROPFUSE_LOCK_H
#define DROPFUSE_LOCK_H

#if defined(_WIN32)

#include <windows.h>

typedef SRWLOCK lock_type;
#define LOCK_INITIALIZER SRWLOCK_INIT

static inline void lock(lock_type *l)
{
    AcquireSRWLockExclusive(l);
}

static inline void unlock(lock_type *l)
{
    ReleaseSRWLockExclusive(l);
}

/** Lets other threads run. */
static inline void give_way(void)
{
    SwitchToThread();
}

#else

#include <pthread.h>
#include <sched.h>

typedef pthread_mutex_t lock_type;
#define LOCK_INITIALIZER PTHREAD_MUTEX_INITIALIZER

static inline void lock(lock_type *l)
{
    pthread_mutex_lock(l);
}

static inline void unlock(lock_type *l)
{
    pthread_mutex_unlock(l);
}

/** Lets other threads run. */
static inline void give_way(void)
{
    sched_yield();
}

#endif

#endif
