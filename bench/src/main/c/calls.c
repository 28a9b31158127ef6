#include "calls.h"

#include <string.h>

#include "dropfuse.h"

void bench_nothing(void)
{
}

void bench_copy(void *to, const void *from, size_t bytes)
{
    memcpy(to, from, bytes);
}

int bench_drop_calls(int tier, const float *x, float *y, long long count, double p,
                     long long offset, long long calls)
{
    int status = DROPFUSE_OK;
    for (long long i = 0; i < calls && status == DROPFUSE_OK; i++) {
        status = dropfuse_drop(tier, DROPFUSE_FLOAT32, x, y, 0, count, 1, 1, 1, NULL, p, 42,
                               (unsigned long long)(offset + i), 0, 1 / (1 - p));
    }
    return status;
}
