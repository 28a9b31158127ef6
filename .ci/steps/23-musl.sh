# One library for glibc and musl: the tests with musl, then what was built for glibc in musl's programs.
musl() {
    native_suite "$work/musl" -DCMAKE_TOOLCHAIN_FILE="$root/native/cmake/x86_64-linux-musl.cmake"
}
step "ctest with musl" musl

# The library that is shipped, and the one that native_suite tested for aarch64.
musl_loads() {
    local shipped=$root/target/classes/META-INF/native/linux-x86_64/libdropfuse.so
    local crossed=$work/aarch64/lib/linux-aarch64/libdropfuse.so
    "$work/musl/native/test/load" "$shipped"
    cmake -S "$root" -B "$work/musl-aarch64" -DDROPFUSE_CUDA=OFF \
        -DCMAKE_TOOLCHAIN_FILE="$root/native/cmake/aarch64-linux-musl.cmake"
    cmake --build "$work/musl-aarch64" --target load
    qemu-aarch64 "$work/musl-aarch64/native/test/load" "$crossed"
    "$root/native/libraries" "$shipped" "$crossed" | tee "$work/linux.txt"
    diff <(grep 'at least' "$work/linux.txt") - <<'EXPECTED'
  at least: glibc 2.14
  at least: glibc 2.17
EXPECTED
    grep -q '^  imports.* memcpy,' "$work/linux.txt"
    # musl's fmaf() is wrong where the result is subnormal.
    if grep -E '^  imports.* fmaf?( |,|$)' "$work/linux.txt"; then
        return 1
    fi
}
step "libraries for glibc, loaded with musl" musl_loads
