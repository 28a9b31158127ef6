# The jar with the libraries of all systems: what they export, import and need, and how large it is.
# Nothing here can run those for macOS.
natives() {
    git clone -q "$root" "$work/natives"
    cd "$work/natives"
    mvn -q -DskipTests -Dnative.cuda=OFF -Pnatives package
    native/libraries target/dropfuse.jar | tee "$work/natives.txt" # compares exports itself
    grep '^[^ ].* bytes$' "$work/natives.txt" | wc -l | grep -x 5
    diff <(grep -A 2 Mach-O "$work/natives.txt" | grep -E '^  (at least|imports)') - <<'EXPECTED'
  at least: macOS 11.0
  imports from libSystem: ___stack_chk_fail, ___stack_chk_guard, ___udivti3, __tlv_bootstrap, _bzero, _dlclose, _dlerror, _dlopen, _dlsym, _memcmp, _memcpy, _memmove, _memset, _pthread_mutex_lock, _pthread_mutex_unlock, _sched_yield, _snprintf, _vsnprintf, dyld_stub_binder
  at least: macOS 11.0
  imports from libSystem: ___bzero, ___stack_chk_fail, ___stack_chk_guard, ___udivti3, __tlv_bootstrap, _dlclose, _dlerror, _dlopen, _dlsym, _fma, _fmaf, _memcmp, _memcpy, _memmove, _memset, _pthread_mutex_lock, _pthread_mutex_unlock, _sched_yield, _snprintf, _vsnprintf, dyld_stub_binder
EXPECTED
    local library libraries=target/classes/META-INF/native
    # macOS on arm64 runs nothing that is unsigned.
    llvm-otool-19 -l $libraries/macos-aarch64/libdropfuse.dylib | grep LC_CODE_SIGNATURE
    for library in $libraries/macos-*/libdropfuse.dylib; do
        llvm-otool-19 -D "$library" | grep -x @rpath/libdropfuse.dylib
    done
    ls -l target/dropfuse.jar
    [ "$(stat -c %s target/dropfuse.jar)" -lt 4000000 ]
}
step "mvn -q -DskipTests -Pnatives package: libraries of five systems" natives
