# The jar with the libraries of all systems: what they export, import and need, and how large it is.
# Nothing here can run those for macOS.
natives() {
    git clone -q "$root" "$work/natives"
    cd "$work/natives"
    mvn -q -DskipTests -Dnative.cuda=OFF -Pnatives package
    native/libraries target/dropfuse.jar | tee "$work/natives.txt" # compares exports itself
    grep '^[^ ].* bytes$' "$work/natives.txt" | wc -l | grep -x 5
    # Nothing but what libSystem.tbd lists, or they would not have been linked.
    diff <(grep -A 3 Mach-O "$work/natives.txt" | sed -n 's/^  \(imports from .*\):.*/\1/p; /at least/p') - <<'EXPECTED'
  at least: macOS 11.0
imports from libSystem
  at least: macOS 11.0
imports from libSystem
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
