# Every benchmark's result is tested, and each is run once; the figures of such a run mean nothing.
benchmarks() {
    git clone -q "$root" "$work/bench"
    cd "$work/bench"
    for run in bench/results/*/; do [ -s "$run/bounds.json" ]; done # what binds where an aim was missed
    mvn -q -f bench/pom.xml package exec:exec -Dbench.mode=smoke
    [ -s bench/target/report/index.html ]
    [ -s bench/target/report/end-to-end.md ]
}
step "benchmarks: tests, a smoke run, the report" benchmarks

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
