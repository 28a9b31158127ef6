/* SPDX-License-Identifier: Apache-2.0 */
#include "modes.h"

#if defined(__x86_64__)

#include <xmmintrin.h>

enum { DEFAULT = 0x1F80, FTZ = 0x8000, DAZ = 0x40, DOWN = 0x2000, UP = 0x4000, ZERO = 0x6000 };

/* MXCSR: modes, and with the last ones exceptions that are not masked, or flags that are set. */
const struct mode modes[] = {
    {"flush to zero", DEFAULT | FTZ},
    {"denormals are zeros", DEFAULT | DAZ},
    {"both", DEFAULT | FTZ | DAZ},
    {"round down", DEFAULT | DOWN},
    {"round up", DEFAULT | UP},
    {"round to zero", DEFAULT | ZERO},
    {"all of them", DEFAULT | FTZ | DAZ | ZERO},
    {"unmasked", 0},
    {"unmasked, round up", UP | FTZ},
    {"some masked, flags set", 0x0F80 | 0x3D},
    {"flags set", DEFAULT | 0x3F},
};

uint64_t modes_get(void)
{
    return _mm_getcsr();
}

void modes_set(uint64_t wanted)
{
    _mm_setcsr((unsigned)wanted);
}

int modes_are_kept(uint64_t before, uint64_t after)
{
    return (before & 0xFFC0) == DEFAULT ? (after | 0x3F) == (before | 0x3F) && !(before & ~after)
                                        : before == after;
}

#elif defined(__aarch64__)

enum { FZ = 1 << 24, UP = 1 << 22, DOWN = 2 << 22, ZERO = 3 << 22, DN = 1 << 25, AHP = 1 << 26 };

/* FPCR; the traps of the last mode are there on few processors. */
const struct mode modes[] = {
    {"flush to zero", FZ},
    {"round down", DOWN},
    {"round up", UP},
    {"round to zero", ZERO},
    {"all of them", FZ | ZERO | DN},
    {"alternative float16", AHP},
    {"trapped", 0x9F00},
};

uint64_t modes_get(void)
{
    uint64_t now;
    __asm__ volatile("mrs %0, fpcr" : "=r"(now));
    return now;
}

void modes_set(uint64_t wanted)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(wanted) : "memory");
}

int modes_are_kept(uint64_t before, uint64_t after)
{
    return before == after;
}

#endif

const size_t modes_count = sizeof modes / sizeof *modes;
