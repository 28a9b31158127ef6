/*
 * Detection: against the compiler's own on this machine, and for processors and operating systems
 * that are made up.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cpu.h"
#include "harness.h"

#if defined(__x86_64__)

#include <cpuid.h>

/* macOS enables AVX-512 for a thread that has used it, and the compiler's answer is for then. */
#if defined(__APPLE__)
#define AVX512_ENABLED (dropfuse_tier_available(DROPFUSE_TIER_AVX512) != -1)
#else
#define AVX512_ENABLED 1
#endif

static void expect(unsigned leaf1, unsigned leaf7, unsigned state, int avx2, int avx512)
{
    signed char found[TIERS] = {0};
    cpu_tiers(leaf1, leaf7, state, found);
    CHECK(found[DROPFUSE_TIER_AVX2] == avx2 && found[DROPFUSE_TIER_AVX512] == avx512,
          "CPUID %#x %#x, XCR0 %#x: avx2 %d, avx512 %d instead of %d, %d", leaf1, leaf7, state,
          found[DROPFUSE_TIER_AVX2], found[DROPFUSE_TIER_AVX512], avx2, avx512);
}

int main(void)
{
    __builtin_cpu_init();
    const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                     __builtin_cpu_supports("bmi2");
    const int avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd") &&
                       AVX512_ENABLED;
    CHECK((dropfuse_tier_available(DROPFUSE_TIER_AVX2) == 1) == avx2, "avx2 is %d here",
          dropfuse_tier_available(DROPFUSE_TIER_AVX2));
    CHECK((dropfuse_tier_available(DROPFUSE_TIER_AVX512) == 1) == avx512, "avx512 is %d here",
          dropfuse_tier_available(DROPFUSE_TIER_AVX512));
    CHECK(dropfuse_best_tier() == (avx512 ? DROPFUSE_TIER_AVX512
                                   : avx2 ? DROPFUSE_TIER_AVX2
                                          : DROPFUSE_TIER_SCALAR), "best is %d",
          dropfuse_best_tier());

    /* FMA, POPCNT, OSXSAVE, AVX, F16C; BMI, AVX2, BMI2; AVX512 F, DQ, CD, BW, VL. */
    const unsigned leaf1 = 1u << 12 | 1u << 23 | 1u << 27 | 1u << 28 | 1u << 29;
    const unsigned avx2_of_7 = 1u << 3 | 1u << 5 | 1u << 8;
    const unsigned leaf7 = avx2_of_7 | 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31;
    expect(leaf1, leaf7, 0xE7, 1, 1);
    expect(leaf1, leaf7, 0xE6, 1, 1);
    expect(leaf1, leaf7, 0x07, 1, -1);
    for (unsigned bit = 5; bit <= 7; bit++)
        expect(leaf1, leaf7, 0xE7 & ~(1u << bit), 1, -1);
    for (unsigned bit = 1; bit <= 2; bit++)
        expect(leaf1, leaf7, 0xE7 & ~(1u << bit), -1, -1);
    expect(leaf1, leaf7, 0, -1, -1);
    expect(leaf1, avx2_of_7, 0xE7, 1, 0);
    for (unsigned bit = 0; bit < 32; bit++) {
        if (leaf7 >> bit & 1)
            expect(leaf1, leaf7 & ~(1u << bit), 0xE7, avx2_of_7 >> bit & 1 ? 0 : 1, 0);
        if (leaf1 >> bit & 1 && bit != 27)
            expect(leaf1 & ~(1u << bit), leaf7, 0xE7, 0, 0);
    }
    /* A Xeon's third cache, of 15 ways and 114,688 sets, and an EPYC's of 16 and 32,768. */
    CHECK(cpu_cache_bytes(14u << 22 | 63, 114687) == 15LL * 64 * 114688, "a Xeon's cache");
    CHECK(cpu_cache_bytes(15u << 22 | 1u << 12 | 63, 32767) == 2 * (32LL << 20), "partitions");
    CHECK(cpu_cache_bytes(0, 0) == 0 && cpu_cache_bytes(63, 1022) == 0, "too small");
    CHECK(cpu_cache_bytes(63, 1023) == 64 << 10, "64 KiB");
    CHECK(cpu_cache_bytes(~0u, ~0u) == 0 && cpu_cache_bytes(63, 1u << 28) == 0, "too large");
    CHECK(cpu_cache_bytes(63, (1u << 28) - 1) == 16LL << 30, "16 GiB");
    unsigned a, b = 0, c, d;
    __get_cpuid(0, &a, &b, &c, &d);
    CHECK(cpu_order() == (b == signature_INTEL_ebx ? DROPFUSE_STORES_WOVEN
                                                   : DROPFUSE_STORES_IN_ORDER),
          "the order is %d", cpu_order());
    CHECK(dropfuse_stream_bytes() >= 32 << 10 && dropfuse_stream_bytes() <= 16 << 20,
          "streams from %lld bytes on", dropfuse_stream_bytes());
    return finish("cpu");
}

#else

int main(void)
{
    CHECK(dropfuse_best_tier() == DROPFUSE_TIER_NEON, "best is %d", dropfuse_best_tier());
    CHECK(dropfuse_stream_bytes() == 16 << 20 && cpu_order() == DROPFUSE_STORES_IN_ORDER,
          "streams from %lld bytes on", dropfuse_stream_bytes());
    return finish("cpu");
}

#endif
