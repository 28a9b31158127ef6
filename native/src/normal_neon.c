/* Normal numbers with NEON. SPDX-License-Identifier: Apache-2.0 */
#define TIER neon
#include "normal.h"
