/*
 * Detection of what the processor offers and the operating system has enabled. This file is
 * compiled without any tier's flags: it runs before anything is known.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cpu.h"

#include <stdatomic.h>
#include <stddef.h>

#include "dropfuse.h"
#include "error.h"
#include "tier.h"

/* Where the best tier's number is in the answers that are kept, and whether stores are woven. */
enum { BEST = 2 * TIERS, WOVEN = BEST + 4 };

/*
 * At most, and where the processor names no cache. On a Xeon with a third cache of 260 MiB, which
 * others use as well, dropout and a sum of its output together took 1.1 times as long past the caches
 * at 12 MiB, and 0.7 times from 18 MiB on.
 */
static const long long STREAM_BYTES = 16 << 20;

static const char *const names[TIERS] = {"auto", "scalar", "avx2", "avx512", "neon"};

#if defined(__x86_64__)

#include <cpuid.h>

enum { XCR0_AVX = 0x06, XCR0_AVX512 = 0xE6 };

static unsigned xcr0(unsigned leaf1_ecx)
{
    if (!(leaf1_ecx & bit_OSXSAVE))
        return 0;
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static int usable(unsigned wanted_state, unsigned state)
{
    return (state & wanted_state) == wanted_state ? 1 : -1;
}

void cpu_tiers(unsigned leaf1, unsigned leaf7, unsigned state, signed char available[TIERS])
{
    const unsigned both1 = bit_FMA | bit_AVX | bit_F16C | bit_POPCNT;
    const unsigned both7 = bit_AVX2 | bit_BMI | bit_BMI2;
    const unsigned avx512 = bit_AVX512F | bit_AVX512BW | bit_AVX512VL | bit_AVX512DQ |
                            bit_AVX512CD;
    if ((leaf1 & both1) != both1 || (leaf7 & both7) != both7)
        return;
    available[DROPFUSE_TIER_AVX2] = usable(XCR0_AVX, state);
    if ((leaf7 & avx512) == avx512)
        available[DROPFUSE_TIER_AVX512] = usable(XCR0_AVX512, state);
}

static void detect(signed char available[TIERS])
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d))
        return;
    const unsigned leaf1 = c;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d))
        cpu_tiers(leaf1, b, xcr0(leaf1), available);
}

/*
 * Woven, a copy of 256 MiB took 10 to 20 % less time than in order on a Xeon (Sapphire Rapids), and
 * 29 % more on an EPYC (Zen 4).
 */
static int weaves(void)
{
    unsigned a, b, c, d;
    return __get_cpuid(0, &a, &b, &c, &d) && b == signature_INTEL_ebx;
}

/* No largest cache has fewer bytes than these, or more, but hypervisors may answer anything. */
#define LEAST_CACHE (64ULL << 10)
#define MOST_CACHE (16ULL << 30)

long long cpu_cache_bytes(unsigned b, unsigned c)
{
    const unsigned long long ways = (b >> 22) + 1, partitions = (b >> 12 & 0x3FF) + 1;
    const unsigned long long sets = c + 1ULL, set = ways * partitions * ((b & 0xFFF) + 1);
    return sets * set < LEAST_CACHE || sets > MOST_CACHE / set ? 0 : (long long)(sets * set);
}

/* 0 where none is named. */
static long long largest_cache(void)
{
    enum { MOST_CACHES = 16, INTEL = 4 };
    static const unsigned leaves[] = {INTEL, 0x8000001D};
    long long most = 0;
    for (int k = 0; k < 2 && !most; k++)
        for (unsigned i = 0; i < MOST_CACHES; i++) {
            unsigned a, b, c, d;
            if (!__get_cpuid_count(leaves[k], i, &a, &b, &c, &d) || !(a & 0x1F))
                break;
            const long long bytes = cpu_cache_bytes(b, c);
            most = bytes > most ? bytes : most;
        }
    return most;
}

static const struct tier *const built[TIERS] = {
    [DROPFUSE_TIER_SCALAR] = &tier_scalar,
    [DROPFUSE_TIER_AVX2] = &tier_avx2,
    [DROPFUSE_TIER_AVX512] = &tier_avx512,
};

#elif defined(__aarch64__)

/* Every armv8-a has NEON. */
static void detect(signed char available[TIERS])
{
    available[DROPFUSE_TIER_NEON] = 1;
}

static int weaves(void)
{
    return 0; /* not measured */
}

/* Programs may not ask the processor. */
static long long largest_cache(void)
{
    return 0;
}

static const struct tier *const built[TIERS] = {
    [DROPFUSE_TIER_SCALAR] = &tier_scalar,
    [DROPFUSE_TIER_NEON] = &tier_neon,
};

#else
#error "no tiers for this architecture"

#endif

static int detect_all(void)
{
    static const int order[] = {DROPFUSE_TIER_SCALAR, DROPFUSE_TIER_NEON, DROPFUSE_TIER_AVX2,
                                DROPFUSE_TIER_AVX512};
    signed char found[TIERS] = {[DROPFUSE_TIER_AUTO] = 1, [DROPFUSE_TIER_SCALAR] = 1};
    detect(found);
    int known = found[DROPFUSE_TIER_AUTO], best = DROPFUSE_TIER_SCALAR;
    for (size_t k = 0; k < sizeof order / sizeof *order; k++) {
        const int tier = order[k];
        if (!built[tier])
            continue;
        known |= (found[tier] & 3) << 2 * tier;
        best = found[tier] == 1 ? tier : best;
    }
    return known | best << BEST | weaves() << WOVEN;
}

/*
 * CPUID traps to the hypervisor in a virtual machine and then costs more than a small call, so
 * the answers are kept: two bits a tier, and the best one. Racing threads write the same value.
 */
static inline int answers(void)
{
    static atomic_int kept;
    int known = atomic_load_explicit(&kept, memory_order_relaxed);
    if (!known) {
        known = detect_all();
        atomic_store_explicit(&kept, known, memory_order_relaxed);
    }
    return known;
}

static int available(int tier)
{
    const int answer = answers() >> 2 * tier & 3;
    return answer == 3 ? -1 : answer;
}

const char *dropfuse_tier_name(int tier)
{
    return tier >= 0 && tier < TIERS ? names[tier] : NULL;
}

int dropfuse_tier_available(int tier)
{
    return tier >= 0 && tier < TIERS ? available(tier) : -2;
}

int dropfuse_best_tier(void)
{
    return answers() >> BEST & ((1 << (WOVEN - BEST)) - 1);
}

int cpu_order(void)
{
    return answers() >> WOVEN ? DROPFUSE_STORES_WOVEN : DROPFUSE_STORES_IN_ORDER;
}

long long dropfuse_stream_bytes(void)
{
    static atomic_llong kept;
    long long bytes = atomic_load_explicit(&kept, memory_order_relaxed);
    if (!bytes) {
        const long long cache = largest_cache();
        bytes = cache && cache / 2 < STREAM_BYTES ? cache / 2 : STREAM_BYTES;
        atomic_store_explicit(&kept, bytes, memory_order_relaxed);
    }
    return bytes;
}

const struct tier *tier_for(int tier, int *status)
{
    if (tier == DROPFUSE_TIER_AUTO)
        return built[dropfuse_best_tier()];
    if (tier < 0 || tier >= TIERS) {
        *status = fail(DROPFUSE_INVALID_ARGUMENT, "tier = %d is not in [0, %d], nor %d for CUDA",
                       tier, TIERS - 1, DROPFUSE_CUDA);
        return NULL;
    }
    const int answer = available(tier);
    if (answer == 1)
        return built[tier];
    *status = fail(DROPFUSE_UNSUPPORTED, "tier %s is not available: %s", names[tier],
                   !built[tier]  ? "this build of the library does not contain it"
                   : answer == 0 ? "this processor lacks its instructions"
                                 : "the operating system has not enabled its registers");
    return NULL;
}
