# A while of each fuzz target, on a clean checkout; .ci/long has longer ones. Every input that is kept is run
# in any case.
fuzz_native() {
    git clone -q "$root" "$work/fuzz"
    cd "$work/fuzz"
    FUZZ_SEED=1 native/fuzz/run 20
}
step "native/fuzz/run 20" fuzz_native

fuzz_java() {
    [ -d "$work/fuzz" ] || git clone -q "$root" "$work/fuzz"
    cd "$work/fuzz"
    mvn -q -f fuzz/pom.xml verify -Dseconds=20 -Dseed=1
}
step "mvn -q -f fuzz/pom.xml verify -Dseconds=20" fuzz_java
