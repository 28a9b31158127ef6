/* Masks of MT19937 and their products with AVX2. SPDX-License-Identifier: Apache-2.0 */
#define TIER avx2
#include "sequence.h"
