/* Masks of MT19937 and their products with the baseline. SPDX-License-Identifier: Apache-2.0 */
#define TIER scalar
#include "sequence.h"
