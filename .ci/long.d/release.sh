# Two builds of a release, with CUDA's kernels for all architectures, have equal bytes.
step "two releases with equal bytes" "$root/release/reproducible"
