"""The library called from Python, beside memcpy, and PyTorch where it is installed.

usage: bench_dropfuse.py LIBRARY SECONDS ELEMENTS...

Prints a JSON array with a row for each kernel and size; what is left out, and why, goes to
standard error. Every round times each contender once, so that they share the machine's moods; a
row holds medians over the rounds.
"""

import ctypes
import json
import statistics
import sys
import time

P = 0.1
BATCH_SECONDS = 1e-3
MIN_ROUNDS = 5
MAX_ROUNDS = 1001
FLOAT32 = 0


def load(path):
    library = ctypes.CDLL(path)
    c_long, c_double, pointer = ctypes.c_longlong, ctypes.c_double, ctypes.c_void_p
    library.dropfuse_drop.argtypes = [
        pointer, ctypes.c_int, pointer, pointer, c_long, c_long, c_long, c_long, c_long, c_long,
        pointer, c_double, c_long, c_long, c_long, c_double, c_double, c_double]
    library.dropfuse_tier_name.restype = ctypes.c_char_p
    return library


def time_batch(call, calls):
    begin = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - begin) / calls


def calls_per_batch(call):
    call()
    seconds = time_batch(call, 1)
    return 1 if seconds >= BATCH_SECONDS else int(BATCH_SECONDS / max(seconds, 1e-9)) + 1


def measure(contenders, elements, seconds):
    """Rows of contenders, the first of which is memcpy."""
    batches = [calls_per_batch(call) for _, call in contenders]
    samples = [[] for _ in contenders]
    end = time.perf_counter() + seconds
    while len(samples[0]) < MAX_ROUNDS and (
            len(samples[0]) < MIN_ROUNDS or time.perf_counter() < end):
        for (_, call), calls, times in zip(contenders, batches, samples):
            times.append(time_batch(call, calls))
    for (row, _), times in zip(contenders, samples):
        ratios = [t / copy for t, copy in zip(times, samples[0])]
        yield dict(row, dtype="float32", p=P, elements=elements,
                   nsPerElement=statistics.median(times) * 1e9 / elements,
                   ratioToMemcpy=statistics.median(ratios))


def row(contender, kernel, backend, tier, in_place=False, threads=1):
    return dict(contender=contender, kernel=kernel, backend=backend, tier=tier, inPlace=in_place,
                threads=threads)


def through_ctypes(library, numpy, elements):
    x = (numpy.arange(elements) % 4093 - 2046).astype(numpy.float32)
    y = numpy.zeros_like(x)
    tier = library.dropfuse_tier_name(library.dropfuse_best_tier()).decode()
    name = "Python " + sys.version.split()[0] + ", ctypes, NumPy " + numpy.__version__
    calls = iter(range(1 << 62))

    def drop(source, target):
        status = library.dropfuse_drop(
            None, FLOAT32, source, target, 0, elements, 1, 1, 1, 1, None, P, 42, next(calls), 0,
            1 / (1 - P), -0.0, 0.0)
        if status:
            raise RuntimeError("dropfuse_drop: status %d" % status)

    a, b = x.ctypes.data, y.ctypes.data
    return (x, y), [
        (row("numpy.copyto", "memcpy", "memcpy", "numpy"), lambda: numpy.copyto(y, x)),
        (row(name, "forward", "native", tier), lambda: drop(a, b)),
        (row(name, "forward", "native", tier, True), lambda: drop(b, b)),
    ]


def through_torch(torch, threads, x, y):
    torch.set_num_threads(threads)
    dropout = torch.nn.functional.dropout
    source, target = torch.from_numpy(x), torch.from_numpy(y)
    name = "PyTorch " + torch.__version__ + ", Python"
    tier = torch.backends.cpu.get_cpu_capability()
    return [
        (row(name, "forward", "pytorch", tier, False, threads), lambda: dropout(source, P)),
        (row(name, "forward", "pytorch", tier, True, threads),
         lambda: dropout(target, P, inplace=True)),
    ]


def main(arguments):
    if len(arguments) < 3:
        sys.exit(__doc__)
    try:
        import numpy
    except ImportError:
        print("NumPy is not installed: no row for Python", file=sys.stderr)
        print("[]")
        return
    try:
        import torch
    except ImportError:
        print("PyTorch is not installed for this Python: no row for it", file=sys.stderr)
        torch = None
    library = load(arguments[0])
    rows = []
    for elements in map(int, arguments[2:]):
        (x, y), contenders = through_ctypes(library, numpy, elements)
        if torch is not None:
            contenders += through_torch(torch, 1, x, y)
        rows += measure(contenders, elements, float(arguments[1]))
    print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
