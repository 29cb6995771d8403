"""Times SciPy's and lapjv's linear assignment on matrices given as raw 64-bit floats.

usage: assignment.py FILE SIZE REPEATS
prints the median milliseconds of SciPy and of lapjv (nan where lapjv would take minutes: on
products of more than a hundred rows its row reduction creeps)
"""

import statistics
import sys
import time

import numpy as np
from lapjv import lapjv
from scipy.optimize import linear_sum_assignment

path, size, repeats = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
matrices = np.fromfile(path, dtype="<f8").reshape(-1, size, size)
too_slow = "product" in path and size > 100


def median_milliseconds(solve):
    times = []
    for matrix in matrices:
        for _ in range(repeats):
            start = time.perf_counter()
            solve(matrix)
            times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


print(median_milliseconds(linear_sum_assignment), "nan" if too_slow else median_milliseconds(lapjv))
