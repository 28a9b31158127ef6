/* Masks of MT19937 and their products with NEON. SPDX-License-Identifier: Apache-2.0 */
#define TIER neon
#include "sequence.h"
