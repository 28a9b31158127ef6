#!/usr/bin/env bash
# Prints what the compiled kernels are like, one line each: registers, stack and spills as ptxas says
# for an architecture; accesses of 128 bits in the PTX; and, where DROPFUSE_CUDA_DRIVER names an
# emulating driver, LIBRARY our library and IMAGE its kernels, the issue slots (warp instructions x 32)
# per element and the 32-byte sectors over the bytes used, as that driver counts them on large aligned
# tensors.
#
#     native/cuda/properties.sh [ARCHITECTURE [LIBRARY IMAGE]]
#
# such as 90 target/classes/META-INF/native/*/libdropfuse.so target/cuda/META-INF/native/cuda/kernels.image.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
architecture=${1:-90}
library=${2:-}
image=${3:-}
elements=$((1 << 25))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

virtual=$((architecture < 80 ? 75 : 80))
nvcc -ptx -O3 -std=c++17 --fmad=false -I"$here/../src" -arch=compute_$virtual "$here/kernels.cu" -o "$work/kernels.ptx"
ptxas -v -arch="sm_$architecture" "$work/kernels.ptx" -o "$work/kernels.cubin" 2> "$work/ptxas"

: > "$work/report"
if [ -n "$library" ] && [ -n "${DROPFUSE_CUDA_DRIVER:-}" ]; then
    "${CC:-cc}" -I"$here/../include" "$here/count.c" "$library" -o "$work/count" \
        -Wl,-rpath,"$(cd "$(dirname "$library")" && pwd)"
    CUDA_EMU_CC=${architecture:0:-1}.${architecture: -1} CUDA_EMU_REPORT=$work/report \
        "$work/count" "$DROPFUSE_CUDA_DRIVER" "$image" $elements
fi

awk -v elements=$elements -v architecture="$architecture" -v virtual=$virtual '
    FILENAME ~ /ptx$/ && /\.entry/ { match($0, /dropfuse_[a-z0-9_]+/); name = substr($0, RSTART, RLENGTH) }
    FILENAME ~ /ptx$/ && /ld\..*v4\.|ld\..*v2\..64/ && !/param/ { wide[name, "ld"]++ }
    FILENAME ~ /ptx$/ && /st\..*v4\.|st\..*v2\..64/ && !/param/ { wide[name, "st"]++ }
    FILENAME ~ /ptxas$/ && /Compiling entry/ { split($0, part, "\047"); name = part[2]; order[++kernels] = name }
    FILENAME ~ /ptxas$/ && /stack frame/ {
        match($0, /[0-9]+ bytes stack/); stack[name] = $1
        spills[name] = $5 + $9
    }
    FILENAME ~ /ptxas$/ && /Used [0-9]+ registers/ { match($0, /Used [0-9]+/); registers[name] = substr($0, RSTART + 5, RLENGTH - 5) }
    FILENAME ~ /report$/ && /^  dropfuse_.*warp instructions/ {
        name = $1; sub(/:$/, "", name)
        match($0, /warp instructions [0-9]+/)
        slots[name] = sprintf("%.1f", substr($0, RSTART + 18, RLENGTH - 18) * 32 / elements)
    }
    FILENAME ~ /report$/ && /global loads/ {
        match($0, /\([0-9.]+ of the bytes/); used = substr($0, RSTART + 1) + 0
        sectors[name] = used > 0 ? sprintf("%.2f", 1 / used) : "-"
    }
    END {
        printf "sm_%s from PTX for compute_%s\n\n", architecture, virtual
        printf "| kernel | registers | stack | spills | 128-bit loads | stores | slots/element | sectors/bytes |\n"
        printf "|---|---|---|---|---|---|---|---|\n"
        for (i = kernels; i >= 1; i--) {
            n = order[i]; short = n; sub(/^dropfuse_/, "", short)
            printf "| %s | %d | %d | %d | %d | %d | %s | %s |\n", short, registers[n], stack[n], spills[n],
                wide[n, "ld"], wide[n, "st"], n in slots ? slots[n] : "-", n in sectors ? sectors[n] : "-"
        }
    }' "$work/kernels.ptx" "$work/ptxas" "$work/report"
