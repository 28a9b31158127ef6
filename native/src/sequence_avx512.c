/* Masks of MT19937 and their products with AVX-512. SPDX-License-Identifier: Apache-2.0 */
#define TIER avx512
#include "sequence.h"
