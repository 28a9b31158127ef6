/*
 * The kernels, one entry for each type, width of access and source of decisions. A kernel's name is
 * what the host side looks it up by, see context.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "blocks.cuh"
#include "branch.cuh"
#include "elements.cuh"
#include "mask.cuh"
#include "normal.cuh"
#include "product.cuh"
#include "rows.cuh"
#include "sums.cuh"
#include "units.cuh"

using namespace dropfuse;

#define KERNEL(name, params, ...)                                                                  \
    extern "C" __global__ void __launch_bounds__(CUDA_BLOCK)                                       \
        dropfuse_##name(const __grid_constant__ params p)                                          \
    {                                                                                              \
        __VA_ARGS__;                                                                               \
    }

KERNEL(mask, mask_params, mask(p))
KERNEL(mask_units, range_params, mask_units(p))
KERNEL(blocks, block_params, blocks(p))

#define KERNELS_OF_WIDTH(type, width, V)                                                           \
    KERNEL(elements_drawn_##type##_##width, range_params,                                          \
           elements<type, V, Affine<type>, Drawn<V>>(p, Affine<type>(p.value)))                    \
    KERNEL(elements_stored_##type##_##width, range_params,                                         \
           elements<type, V, Affine<type>, Stored<V>>(p, Affine<type>(p.value)))                   \
    KERNEL(units_drawn_##type##_##width, range_params,                                             \
           units<type, V, Affine<type>, DrawnUnits>(p, Affine<type>(p.value)))                     \
    KERNEL(units_stored_##type##_##width, range_params,                                            \
           units<type, V, Affine<type>, StoredUnits>(p, Affine<type>(p.value)))                    \
    KERNEL(residual_drawn_##type##_##width, residual_params,                                       \
           elements<type, V, Branch<type>, Drawn<V>>(p.on, Branch<type>(p.on.value, p.branch)))    \
    KERNEL(residual_stored_##type##_##width, residual_params,                                      \
           elements<type, V, Branch<type>, Stored<V>>(p.on, Branch<type>(p.on.value, p.branch)))   \
    KERNEL(residual_units_##type##_##width, residual_params,                                       \
           units<type, V, Branch<type>, EitherUnits>(p.on, Branch<type>(p.on.value, p.branch)))    \
    KERNEL(zoneout_drawn_##type##_##width, residual_params,                                        \
           elements<type, V, Selection<type>, Drawn<V>>(p.on,                                      \
                                                        Selection<type>(p.on.value, p.branch)))    \
    KERNEL(zoneout_stored_##type##_##width, residual_params,                                       \
           elements<type, V, Selection<type>, Stored<V>>(p.on,                                     \
                                                         Selection<type>(p.on.value, p.branch)))   \
    KERNEL(zoneout_units_##type##_##width, residual_params,                                        \
           units<type, V, Selection<type>, EitherUnits>(p.on,                                      \
                                                        Selection<type>(p.on.value, p.branch)))    \
    KERNEL(blend_##type##_##width, residual_params,                                                \
           units<type, V, Blend<type>, DrawnUnits>(p.on, Blend<type>(p.on.value, p.branch)))       \
    KERNEL(sum_rows_##type##_##width, sum_params, sum_rows<type, V>(p))                            \
    KERNEL(normal_##type##_##width, noise_params, normal<type, V>(p.on, Noise<type>(p)))           \
    KERNEL(product_elements_##type##_##width, range_params,                                        \
           elements<type, V, Quotient<type>, Stored<V>>(p, Quotient<type>(p.value)))               \
    KERNEL(product_units_##type##_##width, range_params,                                           \
           product_units<type, V>(p, Quotient<type>(p.value)))                                     \
    KERNEL(rows_##type##_##width, rows_params, rows<type, V>(p))

#define KERNELS_OF_TYPE(type)                                                                      \
    KERNELS_OF_WIDTH(type, wide, WIDTH<type>)                                                      \
    KERNELS_OF_WIDTH(type, single, 1)                                                              \
    KERNEL(sum_tree_##type, tree_params, sum_tree<type>(p))                                        \
    KERNEL(normal_units_##type, noise_params, normal_units<type>(p.on, Noise<type>(p)))

KERNELS_OF_TYPE(float32)
KERNELS_OF_TYPE(float64)
KERNELS_OF_TYPE(float16)
KERNELS_OF_TYPE(bfloat16)
