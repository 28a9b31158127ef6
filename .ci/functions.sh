# What .ci/run and .ci/long share: steps that all run, each in a clean place of its own, and a
# summary. Any failure fails the whole.
set -u -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
report=()
failed=0

step() {
    local name=$1
    shift
    printf '\n=== %s\n' "$name"
    local begun=$SECONDS
    # Not in the condition itself: there the shell would ignore that a command has failed.
    (set -e; "$@") 2>&1 | tee "$work/output"
    if [ "${PIPESTATUS[0]}" -eq 0 ]; then
        report+=("passed   $name ($((SECONDS - begun)) s)")
    else
        report+=("FAILED   $name ($((SECONDS - begun)) s)" "$(reasons "$work/output")")
        failed=1
    fi
}

# The lines of an output that tell most of a failure, or else its last ones, without colours.
reasons() {
    local telling='<<< (FAILURE|ERROR)|\*\*\*(Failed|Timeout|Exception)|[Ee]rror:|Assertion|expected:'
    sed 's/\x1b\[[0-9;]*m//g' "$1" > "$1.plain"
    { grep -aE "$telling" "$1.plain" | head -n 12 | grep . || tail -n 5 "$1.plain"; } |
        cut -c 1-200 | sed 's/^/         /'
}

skip() {
    printf '\n=== %s: skipped, %s\n' "$1" "$2"
    report+=("skipped  $1: $2")
}

# The JDK that the build selects, as Maven discovers it.
java25() {
    mvn -B -N -f "$root/pom.xml" toolchains:display-discovered-jdk-toolchains |
        awk '$2 == "-" { home = $3 }
            $2 == "version:" && $3 ~ /^25/ && !java { java = home "/bin/java" }
            END { if (java) print java; exit !java }' || {
        echo "Maven discovers no JDK 25" >&2
        return 1
    }
}

# Has cbmc and z3 on the path.
proof_tools() {
    if ! command -v "${CBMC:-cbmc}" > /dev/null || ! command -v "${Z3:-z3}" > /dev/null; then
        step "install cbmc and z3" "$root/.ci/tools/cbmc" "$work/cbmc"
        PATH=$work/cbmc/bin:$PATH
    fi
}

# Runs the steps of some files, and ends.
run_all() {
    local part
    for part; do
        # shellcheck source=/dev/null
        . "$part"
    done
    printf '\n=== Summary\n'
    printf '%s\n' "${report[@]}"
    exit $failed
}
