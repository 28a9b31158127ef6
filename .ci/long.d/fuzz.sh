# Five minutes of each fuzz target, from a start of its own each time.
fuzz_native() {
    git clone -q "$root" "$work/fuzz"
    cd "$work/fuzz"
    native/fuzz/run 300
}
step "native/fuzz/run 300" fuzz_native

fuzz_java() {
    [ -d "$work/fuzz" ] || git clone -q "$root" "$work/fuzz"
    cd "$work/fuzz"
    mvn -q -f fuzz/pom.xml verify -Dseconds=300
}
step "mvn -q -f fuzz/pom.xml verify -Dseconds=300" fuzz_java
