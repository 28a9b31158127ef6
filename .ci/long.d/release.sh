# Two builds of a release, with CUDA's kernels for all architectures, have equal bytes.
step "two releases with equal bytes" env CCACHE_DISABLE=1 "$root/release/reproducible"
