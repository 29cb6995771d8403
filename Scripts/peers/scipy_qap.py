"""Runs SciPy's quadratic_assignment on QAPLIB files and writes what 'qap compare --external' reads.

usage: scipy_qap.py OUTPUT.csv [--methods faq,faq-100,2opt] [--seeds K] [--max-size N] FILE.dat…

  faq     one start: of seed 0 from the barycenter, of other seeds from a random matrix
  faq-N   the best of N such starts, the first from the barycenter
  2opt    one descent from a random assignment
  2opt-N  the best of N descents

Columns of OUTPUT.csv ('qap help results'):
  instance   the file's name without .dat
  method     as above
  n, seed
  objective  of the best assignment, computed anew from the file
  seconds    wall-clock time of all starts on one thread, without reading the file
"""

import argparse
import csv
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

try:
    import numpy as np
    from scipy.optimize import quadratic_assignment
except ImportError as missing:
    sys.exit(f"{missing.name} is not installed: pip install numpy scipy")


def read(path):
    numbers = np.array(open(path).read().split(), dtype=float)
    n = int(numbers[0])
    return numbers[1 : 1 + n * n].reshape(n, n), numbers[1 + n * n : 1 + 2 * n * n].reshape(n, n)


def run(a, b, method, seed):
    """The least objective of all starts of `method`."""
    name, _, starts = method.partition("-")
    best = np.inf
    for start in range(int(starts or 1)):
        rng = np.random.default_rng([seed, start])
        options = {"rng": rng}
        if name == "faq":
            options["P0"] = "randomized" if seed or start else "barycenter"
        result = quadratic_assignment(a, b, method=name, options=options)
        p = result.col_ind
        best = min(best, float((a * b[np.ix_(p, p)]).sum()))
    return best


parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1][len("usage: ") :])
parser.add_argument("output")
parser.add_argument("files", nargs="+")
parser.add_argument("--methods", default="faq,faq-100,2opt")
parser.add_argument("--seeds", type=int, default=1)
parser.add_argument("--max-size", type=int, default=1 << 30)
arguments = parser.parse_args()

quadratic_assignment(np.eye(5), np.eye(5))
with open(arguments.output, "w", newline="") as file:
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["instance", "method", "n", "seed", "objective", "seconds"])
    for path in arguments.files:
        a, b = read(path)
        if len(a) > arguments.max_size:
            continue
        instance = os.path.basename(path).removesuffix(".dat")
        for method in arguments.methods.split(","):
            for seed in range(arguments.seeds):
                began = time.perf_counter()
                best = run(a, b, method, seed)
                seconds = time.perf_counter() - began
                table.writerow([instance, method, len(a), seed, repr(best), f"{seconds:.6f}"])
                print(f"SciPy {instance} {method} seed {seed}: {best:.10g}, {seconds:.3f} s",
                      file=sys.stderr)
        file.flush()
