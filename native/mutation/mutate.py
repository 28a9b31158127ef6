#!/usr/bin/env python3
"""
Changes the C and CUDA code in one place at a time, and says which changes no test notices.

    native/mutation/mutate.py --neon                     all files, an hour or so
    native/mutation/mutate.py native/src/loop.c          some files
    native/mutation/mutate.py --sample 100 --seed 1      some mutants, always the same ones

The exit status is 1 when fewer than --threshold percent of the mutants of a run were killed, and when
equivalent.txt lists a mutant that there is not. Mutants that it lists are not run, but with --listed.
"""

import argparse
import queue
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from bench import Bench, Toolchain
from mutants import mutants_of

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    "native/src/draw_avx2.c", "native/src/draw_avx512.c", "native/src/draw_neon.c",
    "native/src/second_draws.h", "native/src/philox_avx2.h", "native/src/philox_avx512.h",
    "native/src/philox.h", "native/src/loop.c", "native/src/loop.h", "native/src/course.h",
    "native/src/window.c", "native/src/bits.h", "native/src/job.c", "native/src/check.c",
    "native/cuda/draw.cuh", "native/cuda/units.cuh", "native/cuda/mask.cuh",
]
NEON = ("native/src/draw_neon.c",)
KILLED, SURVIVED, LISTED = "killed", "survived", "listed"
SAME, REFUSED, SKIPPED = "same object", "not compiled", "skipped"
COLUMNS = (KILLED, SURVIVED, LISTED, SAME, REFUSED, SKIPPED)


def read_equivalent(path):
    """
    What the tests cannot notice: (file, line's text, change) to the reason.
    Blocks of "file:", "line:", "change:" and "reason:"; a "|" stands between changes of a line, and
    "any" for all.
    """
    found, block = {}, {}
    for line in path.read_text().splitlines() + [""]:
        if line.startswith("#") or not line.strip():
            continue
        key, _, value = line.partition(": ")
        if line.startswith("    "):
            block[last] += " " + line.strip()
            continue
        last = key
        block[key] = value.strip()
        if key == "reason":
            for change in block["change"].split(" | "):
                found[block["file"], block["line"], change.strip()] = block
    return found


def reason_of(mutant, equivalent):
    for change in (mutant.change, "any"):
        key = (mutant.file, mutant.text, change)
        if key in equivalent:
            return key
    return None


def work(bench, waiting, results, print_lock, verbose):
    """Runs mutants until none is left. What it throws ends it, and its mutants stay without a result."""
    while True:
        try:
            mutant = waiting.get_nowait()
        except queue.Empty:
            return
        result, test = bench.try_mutant(mutant)
        results[mutant] = result
        if result == SURVIVED or verbose:
            with print_lock:
                print(f"{result:12}  {mutant}" + (f"    by {test}" if test else ""), flush=True)


def run(toolchain, mutants, directory, jobs, verbose, results):
    begun = time.monotonic()
    benches = [Bench.build_new(ROOT, directory / f"{toolchain.name}0", toolchain, jobs)]
    benches += [benches[0].copy_to(directory / f"{toolchain.name}{n}") for n in range(1, jobs)]
    print(f"{toolchain.name}: built in {time.monotonic() - begun:.0f} s, tiers "
          f"{', '.join(sorted(benches[0].tiers))}; {len(mutants)} mutants", flush=True)
    waiting, lock = queue.Queue(), threading.Lock()
    for mutant in mutants:
        users = benches[0].uses(mutant.file)
        if any(benches[0].can_run(user) for user in users):
            waiting.put(mutant)
        else:
            results[mutant] = SKIPPED
    for file in sorted({m.file for m in mutants if results.get(m) == SKIPPED}):
        print(f"skipped  {file}: " + ("this processor lacks its tier" if benches[0].uses(file)
                                      else "nothing that is built here includes it"))
    threads = [threading.Thread(target=work, args=(bench, waiting, results, lock, verbose))
               for bench in benches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def neon_toolchain():
    """Gives the cross compiler's toolchain, or why there is none."""
    for program in ("aarch64-linux-gnu-gcc", "qemu-aarch64"):
        if not shutil.which(program):
            return None, f"there is no {program}"
    return Toolchain("aarch64", [f"-DCMAKE_TOOLCHAIN_FILE={ROOT}/native/cmake/aarch64-linux-gnu.cmake"],
                     ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"]), None


def run_all(mutants, directory, options, results):
    native = [m for m in mutants if m.file not in NEON]
    neon = [m for m in mutants if m.file in NEON]
    if native:
        run(Toolchain("native"), native, directory, options.jobs, options.verbose, results)
    toolchain, reason = neon_toolchain() if options.neon else (None, "--neon is not given")
    if options.neon and not toolchain:
        raise SystemExit(f"--neon: {reason}")
    if neon and toolchain:
        run(toolchain, neon, directory, options.jobs, options.verbose, results)
    elif neon:
        results.update({m: SKIPPED for m in neon})
    if any(m.file in NEON and r == SKIPPED for m, r in results.items()):
        print(f"skipped  {', '.join(NEON)}: {reason}")


def summary(results):
    files = list(dict.fromkeys(m.file for m in results))
    rows, total = [], Counter()
    for file in files:
        counts = Counter(result for m, result in results.items() if m.file == file)
        rows.append((file, counts))
        total += counts
    rows.append(("all", total))
    print(f"\n{'file':30}{'mutants':>9}" + "".join(f"{c:>14}" for c in COLUMNS) + f"{'killed %':>10}")
    for file, counts in rows:
        ran = counts[KILLED] + counts[SURVIVED]
        percent = f"{100 * counts[KILLED] / ran:.1f}" if ran else "-"
        print(f"{file:30}{sum(counts.values()):>9}" +
              "".join(f"{counts[c]:>14}" for c in COLUMNS) + f"{percent:>10}")
    print("\nkilled %: of those that were run, and that a compiler takes and makes something else of.")
    ran = total[KILLED] + total[SURVIVED]
    return 100 * total[KILLED] / ran if ran else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", help="of the project; without any, those of the summary")
    parser.add_argument("--sample", type=int, metavar="N", help="run N mutants alone")
    parser.add_argument("--seed", type=int, default=1, help="which ones those are (1)")
    parser.add_argument("--neon", action="store_true", help="run NEON's too, under QEMU: it is slow")
    parser.add_argument("--jobs", type=int, default=2, help="mutants at a time (2)")
    parser.add_argument("--threshold", type=float, default=90, metavar="PERCENT",
                        help="killed at least (90)")
    parser.add_argument("--listed", action="store_true", help="run what equivalent.txt lists, too")
    parser.add_argument("--work", metavar="DIR",
                        help="build there, where the next run finds what was built")
    parser.add_argument("--verbose", action="store_true", help="a line for each mutant")
    options = parser.parse_args()

    files = options.files or SOURCES
    mutants = [m for f in files for m in mutants_of(f, (ROOT / f).read_text())]
    equivalent = read_equivalent(Path(__file__).with_name("equivalent.txt"))
    keys = {m: reason_of(m, equivalent) for m in mutants}
    stale = [k for k in equivalent if k[0] in files and k not in set(keys.values())]
    for file, line, change in stale:
        print(f"equivalent.txt: there is no mutant {change} of {file}: {line}")
    results = {} if options.listed else {m: LISTED for m in mutants if keys[m]}
    chosen = [m for m in mutants if m not in results and (options.neon or m.file not in NEON)]
    results.update({m: SKIPPED for m in mutants if m not in results and m not in chosen})
    if options.sample:
        results = {}
        chosen = random.Random(options.seed).sample(chosen, min(options.sample, len(chosen)))

    begun = time.monotonic()
    if options.work:
        run_all(chosen, Path(options.work), options, results)
    else:
        with tempfile.TemporaryDirectory(prefix="mutation-") as directory:
            run_all(chosen, Path(directory), options, results)
    lost = [m for m in chosen if m not in results]
    if lost:
        raise SystemExit(f"{len(lost)} of {len(chosen)} mutants have no result: see above")
    percent = summary({m: results[m] for m in mutants if m in results})
    print(f"{percent:.1f} % in {time.monotonic() - begun:.0f} s; {options.threshold:g} % are asked for")
    return 1 if stale or percent < options.threshold else 0


if __name__ == "__main__":
    sys.exit(main())
