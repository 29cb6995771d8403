"""Times SciPy's quadratic_assignment on two matrices given as raw 64-bit floats.

usage: faq.py FILE SIZE REPEATS DESCENDS FIXED
prints objective and median CPU milliseconds, first of one start of faq from the barycenter with the
first FIXED facilities at the locations of the same numbers, then (when DESCENDS is 1) of one 2-opt
descent from a random permutation
"""

import os
import statistics
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from scipy.optimize import quadratic_assignment

path, size, repeats, descends = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "1"
fixed = int(sys.argv[5])
a, b = np.fromfile(path, dtype="<f8").reshape(2, size, size)


def run(method, options, repeats):
    times = []
    for _ in range(repeats):
        start = time.process_time()
        result = quadratic_assignment(a, b, method=method, options=options)
        times.append(time.process_time() - start)
    print(repr(float(result.fun)), 1000 * statistics.median(times))


quadratic_assignment(a[:5, :5], b[:5, :5])
options = {"P0": "barycenter", "maxiter": 30, "tol": 0.03}
if fixed:
    options["partial_match"] = np.array([[i, i] for i in range(fixed)])
run("faq", options, repeats)
if descends:
    run("2opt", {"rng": 0}, 1)
