# The native library where mistakes show: under sanitizers, and on another architecture.
native_suite() {
    local build=$1
    shift
    cmake -S "$root" -B "$build" -DDROPFUSE_CUDA=OFF "$@"
    cmake --build "$build" --parallel
    ctest --test-dir "$build" --output-on-failure --no-tests=error --parallel 2
}

step "ctest under AddressSanitizer and UndefinedBehaviorSanitizer" \
    native_suite "$work/sanitized" -DCMAKE_BUILD_TYPE=RelWithDebInfo "-DDROPFUSE_SANITIZE=address;undefined"

aarch64() {
    native_suite "$work/aarch64" -DCMAKE_TOOLCHAIN_FILE="$root/native/cmake/aarch64-linux-gnu.cmake"
}
step "ctest for aarch64 (NEON) under QEMU" aarch64

glibc() {
    objdump -T "$root"/target/classes/META-INF/native/linux-*/libdropfuse.so |
        grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -n 1
}
step "newest glibc symbol version needed" glibc
