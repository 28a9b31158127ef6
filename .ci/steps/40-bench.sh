# Every benchmark's result is tested, and a layer's and the training steps are run; .ci/long runs all, once.
# The figures of such runs mean nothing.
benchmarks() {
    git clone -q "$root" "$work/bench"
    cd "$work/bench"
    for run in bench/results/*/; do [ -s "$run/bounds.json" ]; done # what binds where an aim was missed
    mvn -q -f bench/pom.xml package
    local java
    java=$(java25)
    "$java" -jar bench/target/benchmarks.jar LayerBenchmark.besideCopy -p kernel=forward -p elements=16384 \
        -f 1 -wi 1 -w 10ms -i 1 -r 10ms -foe true
    "$java" -jar bench/target/benchmarks.jar end-to-end --smoke
    [ -s bench/target/report/end-to-end.md ]
    "$java" -jar bench/target/benchmarks.jar report --report bench/target/report
    [ -s bench/target/report/index.html ]
}
step "benchmarks: tests, a layer, training steps, the report" benchmarks

bench_command() {
    dropfuse bench --json --seconds 20 > "$work/rows.json"
    python3 - "$work/rows.json" <<'PYTHON'
import json
import sys

fields = {"kernel", "backend", "tier", "dtype", "elements", "threads", "inPlace", "nsPerElement",
          "ratioToMemcpy", "limit", "cpuNsPerElement", "spread", "state", "states", "trusted",
          "buffers", "preempted", "changed"}
with open(sys.argv[1]) as file:
    rows = json.load(file)
assert rows and all(fields <= row.keys() for row in rows)
kernels = sorted({row["kernel"] for row in rows})
assert {row["state"] for row in rows} <= {"fast", "slow", "mixed", "unknown"}
assert {row["buffers"] for row in rows} == {"warm", "cold"}
for row in rows:
    for figures in row["states"].values():
        assert figures["nsPerElement"] > 0 and figures["ratioToMemcpy"] > 0, row
print(len(rows), "rows of", len(kernels), "kernels:", ", ".join(kernels))
PYTHON
}
step "dropfuse bench --json" bench_command
