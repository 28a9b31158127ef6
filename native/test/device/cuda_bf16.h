/* Nothing of it is needed where __CUDA_ARCH__ is below 800. SPDX-License-Identifier: Apache-2.0 */
