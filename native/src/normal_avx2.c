/* Normal numbers with AVX2. SPDX-License-Identifier: Apache-2.0 */
#define TIER avx2
#include "normal.h"
