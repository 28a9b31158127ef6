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
    x86_64-w64-mingw32-objdump -p "$dll" > "$work/dll"
    { grep -o 'dropfuse_[a-z0-9_]*(' "$root/native/include/dropfuse.h" | tr -d '('; echo JNI_OnUnload; } |
        sort -u > "$work/declared"
    sed -n '/\[Ordinal\/Name Pointer\] Table/,/^$/s/^.*\] //p' "$work/dll" | grep -v Table | sort > "$work/exports"
    echo "$(wc -l < "$work/exports") exports"
    diff "$work/declared" "$work/exports"
    echo "imports from" $(sed -n 's/.*DLL Name: //p' "$work/dll")
    [ "$(sed -n 's/.*DLL Name: //p' "$work/dll" | tr '\n' ' ')" = "KERNEL32.dll msvcrt.dll " ]
    # Its own fma() and fmaf() are wrong.
    find "$work/windows" -path '*.dir/*.obj' -exec x86_64-w64-mingw32-nm -Au {} + |
        grep -E ' U fmaf?$' && return 1
    # The stack is aligned for 16 bytes, not for the vectors of these.
    x86_64-w64-mingw32-objdump -d --no-show-raw-insn "$dll" |
        grep -E '\bvmov(ap[sd]|dqa(32|64)?)\b.*\(.*%[yz]mm|\bvmov(ap[sd]|dqa(32|64)?)\b.*%[yz]mm.*\(' && return 1
    return 0
}
step "exports, imports and moves of dropfuse.dll" windows_library
