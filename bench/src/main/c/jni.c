#include <jni.h>
#include <stdint.h>

#include "dropfuse.h"

#define JAVA(name) JNICALL Java_io_github_dropfuse_bench_jmh_Jni_##name

JNIEXPORT jint JAVA(drop)(JNIEnv *env, jclass type, jint tier, jint dtype, jlong x, jlong y,
                          jlong first, jlong count, jlong run, jlong cycle, jlong repeat,
                          jlong mask, jdouble p, jlong seed, jlong offset, jlong start,
                          jdouble scale);
JNIEXPORT void JAVA(nothing)(JNIEnv *env, jclass type);

static void *pointer(jlong address)
{
    return (void *)(uintptr_t)address;
}

jint JAVA(drop)(JNIEnv *env, jclass type, jint tier, jint dtype, jlong x, jlong y, jlong first,
                jlong count, jlong run, jlong cycle, jlong repeat, jlong mask, jdouble p,
                jlong seed, jlong offset, jlong start, jdouble scale)
{
    (void)env;
    (void)type;
    return dropfuse_drop(tier, dtype, pointer(x), pointer(y), first, count, run, cycle, repeat,
                         pointer(mask), p, (unsigned long long)seed, (unsigned long long)offset,
                         (unsigned long long)start, scale);
}

void JAVA(nothing)(JNIEnv *env, jclass type)
{
    (void)env;
    (void)type;
}
