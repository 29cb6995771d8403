"""Times SciPy's seeded FAQ from random starts on two kernels given as raw 64-bit floats.

usage: seeded.py FILE SIZE FIXED STARTS
maximizes, with the first FIXED facilities at the locations of the same numbers; prints the best
objective of all starts and the CPU seconds they took
"""

import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from scipy.optimize import quadratic_assignment

path, size, fixed, starts = sys.argv[1], *map(int, sys.argv[2:])
a, b = np.fromfile(path, dtype="<f8").reshape(2, size, size)
options = {
    "maximize": True, "P0": "randomized",
    "partial_match": np.array([[i, i] for i in range(fixed)]),
}
quadratic_assignment(a[:5, :5], b[:5, :5])
best, began = -np.inf, time.process_time()
for start in range(starts):
    options["rng"] = np.random.default_rng(start)
    best = max(best, float(quadratic_assignment(a, b, options=options).fun))
print(repr(best), time.process_time() - began)
