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

#define KERNEL extern "C" __global__ void __launch_bounds__(CUDA_BLOCK)

KERNEL dropfuse_mask(const __grid_constant__ mask_params p)
{
    mask(p);
}

KERNEL dropfuse_blocks(const __grid_constant__ block_params p)
{
    blocks(p);
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

#define BRANCH(type, width, V)                                                                     \
    KERNEL dropfuse_residual_drawn_##type##_##width(                                               \
        const __grid_constant__ element_branch_params p)                                           \
    {                                                                                              \
        const Branch<type> value(p.on.value, p.branch);                                            \
        elements<type, V, Branch<type>, Drawn<V>>(p.on, value);                                    \
    }                                                                                              \
    KERNEL dropfuse_residual_stored_##type##_##width(                                              \
        const __grid_constant__ element_branch_params p)                                           \
    {                                                                                              \
        const Branch<type> value(p.on.value, p.branch);                                            \
        elements<type, V, Branch<type>, Stored<V>>(p.on, value);                                   \
    }                                                                                              \
    KERNEL dropfuse_residual_units_##type##_##width(const __grid_constant__ unit_branch_params p)  \
    {                                                                                              \
        units<type, V, Branch<type>, EitherUnits>(p.on, Branch<type>(p.on.value, p.branch));       \
    }

#define SUM_ROWS(type, width, V)                                                                   \
    KERNEL dropfuse_sum_rows_##type##_##width(const __grid_constant__ sum_params p)                \
    {                                                                                              \
        sum_rows<type, V>(p);                                                                      \
    }

#define SUM_TREE(type)                                                                             \
    KERNEL dropfuse_sum_tree_##type(const __grid_constant__ tree_params p)                         \
    {                                                                                              \
        sum_tree<type>(p);                                                                         \
    }

#define DROP_TYPE(type)                                                                            \
    DROP(type, wide, WIDTH<type>)                                                                  \
    DROP(type, single, 1)                                                                          \
    BRANCH(type, wide, WIDTH<type>)                                                                \
    BRANCH(type, single, 1)                                                                        \
    SUM_ROWS(type, wide, WIDTH<type>)                                                              \
    SUM_ROWS(type, single, 1)                                                                      \
    SUM_TREE(type)

DROP_TYPE(float32)
DROP_TYPE(float64)
DROP_TYPE(float16)
DROP_TYPE(bfloat16)

#define FAMILY(type, width, V)                                                                     \
    KERNEL dropfuse_normal_##type##_##width(const __grid_constant__ noise_params p)                \
    {                                                                                              \
        normal<type, V>(p.elements, Noise<type>(p));                                               \
    }                                                                                              \
    KERNEL dropfuse_product_elements_##type##_##width(                                             \
        const __grid_constant__ element_product_params p)                                          \
    {                                                                                              \
        elements<type, V, Quotient<type>, Stored<V>>(p.elements, Quotient<type>(p.quotient));      \
    }                                                                                              \
    KERNEL dropfuse_product_units_##type##_##width(const __grid_constant__ unit_product_params p)  \
    {                                                                                              \
        product_units<type, V>(p.units, Quotient<type>(p.quotient));                               \
    }                                                                                              \
    KERNEL dropfuse_rows_##type##_##width(const __grid_constant__ rows_params p)                   \
    {                                                                                              \
        rows<type, V>(p);                                                                          \
    }

#define FAMILY_TYPE(type) FAMILY(type, wide, WIDTH<type>) FAMILY(type, single, 1)

FAMILY_TYPE(float32)
FAMILY_TYPE(float64)
FAMILY_TYPE(float16)
FAMILY_TYPE(bfloat16)
