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

# The archive's launcher, in a directory whose name has a space and parentheses, as those of Windows do,
# with a Java in another one that says its version and what it is given.
windows_launcher() {
    export WINEDEBUG=-all WINEPREFIX=$work/wine
    local home="$work/Program Files (x86)/dropfuse" java="$work/Java (x86)" wine said
    wine=$(command -v wine || echo /usr/lib/wine/wine64)
    mkdir -p "$home/bin" "$home/lib" "$java/bin"
    sed 's/$/\r/' "$root/src/packaging/archive/bin/dropfuse.bat" > "$home/bin/dropfuse.bat"
    x86_64-w64-mingw32-gcc -x c -o "$java/bin/java.exe" - <<'C'
#include <stdio.h>
#include <string.h>
int main(int count, char **words) {
    if (count == 2 && strcmp(words[1], "-version") == 0) {
        fprintf(stderr, "Picked up nothing\nopenjdk version \"25.0.1\" 2025-10-21\n");
        return 0;
    }
    for (int i = 1; i < count; i++) printf("[%s]", words[i]);
    return 3;
}
C
    launched() {
        local wanted=$1 code=0
        shift
        said=$(cd "$home/bin" && "$@" "$wine" cmd /c dropfuse.bat info "a b" 2>&1 < /dev/null) || code=$?
        echo "$said"
        [ "$code" = "$wanted" ]
    }
    local found="JAVA_HOME=Z:${java//\//\\}"
    launched 2 env
    [[ $said = *'lib\dropfuse.jar" is not there'* ]]
    touch "$home/lib/dropfuse.jar"
    launched 2 env -u JAVA_HOME
    [[ $said = *'there is no java on the PATH'* ]]
    launched 2 env "JAVA_HOME=Z:\\nowhere (x86)"
    [[ $said = *'JAVA_HOME is "Z:\nowhere (x86)", which has no bin\java.exe'* ]]
    launched 3 env "$found" # It has no file that tells its version, and is asked.
    [[ $said = *'lib\dropfuse.jar][info][a b]'* ]]
    printf 'JAVA_VERSION="17.0.1"\r\n' > "$java/release"
    launched 2 env "$found"
    [[ $said = *'is Java 17.0.1; needed is Java 25'* ]]
    printf 'IMPLEMENTOR="x"\r\nJAVA_VERSION="26-ea"\r\n' > "$java/release"
    launched 3 env "$found"
    [[ $said = *'lib\dropfuse.jar][info][a b]'* ]]
}
step "the launcher for Windows under wine" windows_launcher
