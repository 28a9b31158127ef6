# The commands as users run them, on the jar that the test command built.
dropfuse() {
    "$(java25)" -jar "$root/target/dropfuse.jar" "$@"
}

contract_line() {
    local expected="kept=894 sha256=a927870478860a1c42885d295fb019cd34a9eb9bc19648395ef0fff2c48a6739"
    local draw=(mask --p 0.1 --seed 42 --offset 0 --start 0 --count 1000)
    local forced=("") backend
    for backend in $(dropfuse info | sed -n 's/^available: //p' | tr -d ,); do
        forced+=("--backend ${backend%/*} --tier ${backend#*/}")
    done
    [ "${#forced[@]}" -ge 3 ] # the reference, and scalar at least
    local choice line
    for choice in "${forced[@]}"; do
        # shellcheck disable=SC2086
        line=$(dropfuse "${draw[@]}" $choice)
        echo "${choice:-automatic}: $line"
        [ "$line" = "$expected" ]
    done
}
step "the contract's mask on every backend and tier" contract_line

demo() {
    git clone -q "$root" "$work/demo"
    cd "$work/demo"
    mvn -q -DskipTests package exec:exec
    [ -s dropfuse-demo.png ]
}
step "mvn -q -DskipTests package exec:exec" demo

verify_longer() {
    dropfuse verify --seconds 20
    dropfuse verify --deep --seconds 20
}
step "dropfuse verify --seconds 20, and --deep" verify_longer

# The recorded outputs of PyTorch, by the digest that apply prints; a type that NumPy lacks fails.
pytorch_digests() {
    cd "$work"
    python3 - "$(java25)" "$root" <<'PYTHON'
import json, math, struct, subprocess, sys

java, root = sys.argv[1:]
codes = {"float16": "e", "float32": "f", "float64": "d"}
with open(root + "/src/test/resources/vectors/pytorch.json") as file:
    cases = json.load(file)["cases"]
assert cases
for case in cases:
    code = codes[case["dtype"]]
    shape = tuple(case["shape"])
    header = repr({"descr": "<f%d" % struct.calcsize(code), "fortran_order": False, "shape": shape})
    header += " " * (-(len(header) + 11) % 64) + "\n"
    values = ((i * 2654435761 % 2**32) * 2.0**-32 - 0.5 for i in range(math.prod(shape)))
    with open("in.npy", "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
        file.write(struct.pack("<%d%s" % (math.prod(shape), code), *values))
    module, layer = case["kind"].rsplit(".", 1)
    options = {
        "layer": layer.lower(),
        "stream": "pytorch-rand" if module == "article" else "pytorch-dropout",
        "p": case["p"],
        "seed": case["manual_seed"],
        "calls": case["calls"],
    }
    command = [java, "-jar", root + "/target/dropfuse.jar", "apply", "--force", "in.npy", "out.npy"]
    command += ["--%s=%s" % option for option in options.items()]
    line = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    print(case["kind"], shape, case["dtype"], "call", case["calls"], line, flush=True)
    assert line.endswith(" sha256=" + case["sha256"]), case
print(len(cases), "cases")
PYTHON
    rm -f in.npy out.npy
}
step "apply gives PyTorch's recorded outputs" pytorch_digests

# Runs the command and fails when its private memory passes 512 MiB at any time.
in_little_memory() {
    local limit=524288 peak=0 now pid
    "$(java25)" -Xmx512m -jar "$root/target/dropfuse.jar" "$@" &
    pid=$!
    while now=$(awk '/^RssAnon/ { print $2 }' "/proc/$pid/status" 2> /dev/null) && [ -n "$now" ]; do
        [ "$now" -le "$peak" ] || peak=$now
        sleep 0.1
    done
    wait "$pid"
    echo "private memory at its peak: $((peak / 1024)) MiB"
    [ "$peak" -le "$limit" ]
}

# 8 GiB of float32, out of place and in place.
large_file() {
    cd "$work"
    python3 - <<'PYTHON'
header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2147483648,), }"
header += " " * (118 - 1 - len(header)) + "\n"
with open("large.npy", "wb") as file:
    file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
    file.truncate(128 + 4 * 2147483648)
PYTHON
    in_little_memory apply --layer dropout --p 0.1 --seed 1 large.npy out.npy
    in_little_memory apply --layer dropout --p 0.1 --seed 1 --in-place large.npy
    cmp large.npy out.npy
    rm -f large.npy out.npy
}
if [ "$(df --output=avail -BG "$work" | tail -n 1 | tr -dc 0-9)" -ge 40 ]; then
    step "apply to a file of 8 GiB" large_file
else
    skip "apply to a file of 8 GiB" "less than 40 GiB of disk are free"
fi
