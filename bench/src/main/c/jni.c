#include <jni.h>
#include <stdint.h>

#include "dropfuse.h"

#define JAVA(name) JNICALL Java_io_github_dropfuse_bench_jmh_Jni_##name

JNIEXPORT jint JAVA(drop)(JNIEnv *env, jclass type, jlong place, jlong x, jlong y, jlong count,
                          jdouble p, jlong seed, jlong offset, jdouble scale);
JNIEXPORT void JAVA(nothing)(JNIEnv *env, jclass type);

static void *pointer(jlong address)
{
    return (void *)(uintptr_t)address;
}

jint JAVA(drop)(JNIEnv *env, jclass type, jlong place, jlong x, jlong y, jlong count, jdouble p,
                jlong seed, jlong offset, jdouble scale)
{
    (void)env;
    (void)type;
    return dropfuse_drop(pointer(place), DROPFUSE_FLOAT32, pointer(x), pointer(y), 0, count, 1, 1,
                         1, 1, NULL, p, (unsigned long long)seed, (unsigned long long)offset, 0,
                         scale, -0.0, 0.0);
}

void JAVA(nothing)(JNIEnv *env, jclass type)
{
    (void)env;
    (void)type;
}
