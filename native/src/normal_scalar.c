/* Normal numbers with no instructions beyond the baseline's. SPDX-License-Identifier: Apache-2.0 */
#define TIER scalar
#include "normal.h"
