# The libraries for macOS, which nothing here can run: what they export, import and need.
macos() {
    local arch library libraries=()
    for arch in aarch64 x86_64; do
        cmake -S "$root" -B "$work/macos-$arch" -DDROPFUSE_CUDA=OFF \
            -DCMAKE_TOOLCHAIN_FILE="$root/native/cmake/$arch-macos.cmake"
        cmake --build "$work/macos-$arch" --parallel 2
        libraries+=("$work/macos-$arch/lib/macos-$arch/libdropfuse.dylib")
    done
    "$root/native/libraries" "${libraries[@]}" | tee "$work/macos.txt" # compares exports itself
    diff <(grep -E '^  (at least|imports)' "$work/macos.txt") - <<'EXPECTED'
  at least: macOS 11.0
  imports from libSystem: ___stack_chk_fail, ___stack_chk_guard, ___udivti3, __tlv_bootstrap, _bzero, _dlclose, _dlerror, _dlopen, _dlsym, _memcmp, _memcpy, _memmove, _memset, _pthread_mutex_lock, _pthread_mutex_unlock, _sched_yield, _snprintf, _vsnprintf, dyld_stub_binder
  at least: macOS 11.0
  imports from libSystem: ___bzero, ___stack_chk_fail, ___stack_chk_guard, ___udivti3, __tlv_bootstrap, _dlclose, _dlerror, _dlopen, _dlsym, _fma, _fmaf, _memcmp, _memcpy, _memmove, _memset, _pthread_mutex_lock, _pthread_mutex_unlock, _sched_yield, _snprintf, _vsnprintf, dyld_stub_binder
EXPECTED
    # macOS on arm64 runs nothing that is unsigned.
    llvm-otool-19 -l "${libraries[0]}" | grep LC_CODE_SIGNATURE
    for library in "${libraries[@]}"; do
        llvm-otool-19 -D "$library" | grep -x @rpath/libdropfuse.dylib
    done
}
step "libraries for macOS: exports, imports, versions" macos
