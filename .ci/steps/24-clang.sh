# Another compiler: what it warns of fails, and its code has to give the same bits.
clang() {
    CC=clang-19 CXX=clang++-19 native_suite "$work/clang"
}
step "ctest of Clang's code" clang

clang_aarch64() {
    native_suite "$work/clang-aarch64" \
        -DCMAKE_TOOLCHAIN_FILE="$root/native/cmake/aarch64-linux-gnu-clang.cmake"
}
step "ctest of Clang's code for aarch64 (NEON) under QEMU" clang_aarch64
