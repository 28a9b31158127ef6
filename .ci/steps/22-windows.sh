# The native library for Windows, crossed, and its tests under wine on every tier of this processor.
missing=()
command -v x86_64-w64-mingw32-gcc > /dev/null || missing+=(gcc-mingw-w64-x86-64)
[ -x /usr/lib/wine/wine64 ] || command -v wine > /dev/null || missing+=(wine wine64)
if [ ${#missing[@]} -gt 0 ]; then
    step "install ${missing[*]}" install_tools
fi

windows_tests() {
    export WINEDEBUG=-all WINEPREFIX=$work/wine
    cmake -S "$root" -B "$work/windows" -DDROPFUSE_CUDA=OFF \
        -DCMAKE_TOOLCHAIN_FILE="$root/native/cmake/x86_64-w64-mingw32.cmake"
    cmake --build "$work/windows" -j 2
    # The first program makes wine's directory.
    "$(sed -n 's/^WINE:FILEPATH=//p' "$work/windows/CMakeCache.txt")" "$work/windows/tests/test_cpu.exe"
    ctest --test-dir "$work/windows" --output-on-failure --no-tests=error --parallel 2
}
step "ctest for Windows under wine" windows_tests

# No functions but the header's and Java's, and no libraries but those that every Windows has.
windows_library() {
    local dll=$work/windows/lib/windows-x86_64/dropfuse.dll
    "$root/native/libraries" "$dll" | tee "$work/windows.txt" # compares exports itself
    diff <(sed -n 's/^  imports from \(.*\): .*/\1/p' "$work/windows.txt") - <<'EXPECTED'
KERNEL32.dll
msvcrt.dll
EXPECTED
    # mingw-w64's fma() and fmaf() are wrong.
    find "$work/windows" -path '*.dir/*.obj' -exec x86_64-w64-mingw32-nm -Au {} + > "$work/undefined"
    grep -q ' U memcpy$' "$work/undefined"
    if grep -E ' U fmaf?$' "$work/undefined"; then
        return 1
    fi
    # The stack is aligned for 16 bytes, not for the vectors of these.
    x86_64-w64-mingw32-objdump -d --no-show-raw-insn "$dll" > "$work/code"
    grep -qE '\bvmovdqu.*[yz]mm' "$work/code"
    if grep -E '\bvmov(ap[sd]|dqa(32|64)?)\b.*(\(.*%[yz]mm|%[yz]mm.*\()' "$work/code"; then
        return 1
    fi
}
step "exports, imports and moves of dropfuse.dll" windows_library
