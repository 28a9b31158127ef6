/*
 * The kernels, one entry for each type, width of access and source of decisions. A kernel's name is
 * what the host side looks it up by, see kernels.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "elements.cuh"
#include "mask.cuh"
#include "units.cuh"

using namespace dropfuse;

#define KERNEL extern "C" __global__ void __launch_bounds__(CUDA_BLOCK)

KERNEL dropfuse_mask(const __grid_constant__ mask_params p)
{
    mask(p);
}

#define DROP(type, width, V)                                                                       \
    KERNEL dropfuse_elements_drawn_##type##_##width(const __grid_constant__ element_params p)      \
    {                                                                                              \
        elements<type, V, Affine<type>, Drawn<V>>(p, Affine<type>(p.value));                       \
    }                                                                                              \
    KERNEL dropfuse_elements_stored_##type##_##width(const __grid_constant__ element_params p)     \
    {                                                                                              \
        elements<type, V, Affine<type>, Stored<V>>(p, Affine<type>(p.value));                      \
    }                                                                                              \
    KERNEL dropfuse_units_drawn_##type##_##width(const __grid_constant__ unit_params p)            \
    {                                                                                              \
        units<type, V, Affine<type>, DrawnUnits>(p, Affine<type>(p.value));                        \
    }                                                                                              \
    KERNEL dropfuse_units_stored_##type##_##width(const __grid_constant__ unit_params p)           \
    {                                                                                              \
        units<type, V, Affine<type>, StoredUnits>(p, Affine<type>(p.value));                       \
    }

#define DROP_TYPE(type) DROP(type, wide, WIDTH<type>) DROP(type, single, 1)

DROP_TYPE(float32)
DROP_TYPE(float64)
DROP_TYPE(float16)
DROP_TYPE(bfloat16)
