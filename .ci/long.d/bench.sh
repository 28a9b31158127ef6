# Each benchmark once; the figures of such a run mean nothing.
benchmarks() {
    git clone -q "$root" "$work/bench"
    cd "$work/bench"
    mvn -q -f bench/pom.xml package exec:exec -Dbench.mode=smoke
    [ -s bench/target/report/index.html ]
    [ -s bench/target/report/end-to-end.md ]
}
step "benchmarks: a smoke run" benchmarks
