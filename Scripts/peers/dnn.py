"""Solves the doubly nonnegative relaxation of small instances by Clarabel's interior point method.

usage: dnn.py FILE.dat SIZE
takes the first SIZE rows and columns of both matrices of a QAPLIB file (SIZE up to 7 or so), times 0.37,
and prints the relaxation's value and the least objective, by enumeration (pip install clarabel numpy scipy)

min <L, Y> over Y = V R V', R positive semidefinite, Y >= 0, Y[0,0] = 1 and Y = 0 where two placements
exclude each other; the columns of V span the vectors (t, x) with all row and column sums of x equal to t
(Zhao, Karisch, Rendl and Wolkowicz 1998). V is found from those equations, by its null space.
"""

import itertools
import sys

import clarabel
import numpy as np
from scipy import linalg, sparse

numbers = np.array(open(sys.argv[1]).read().split(), dtype=float)
whole, n = int(numbers[0]), int(sys.argv[2])
a = 0.37 * numbers[1 : 1 + whole * whole].reshape(whole, whole)[:n, :n]
b = numbers[1 + whole * whole : 1 + 2 * whole * whole].reshape(whole, whole)[:n, :n]

sums = np.zeros((2 * n, n * n + 1))
for i in range(n):
    for j in range(n):
        sums[i, 1 + i * n + j] = sums[n + j, 1 + i * n + j] = 1
sums[:, 0] = -1
v = linalg.null_space(sums)
order = v.shape[1]
assert order == (n - 1) ** 2 + 1

cost = np.zeros((n * n + 1, n * n + 1))
cost[1:, 1:] = np.kron(a, b)
cost = (cost + cost.T) / 2

# R as its upper triangle, column by column, elements beside the diagonal times the root of two.
pairs = [(r, c) for c in range(order) for r in range(c + 1)]
weights = np.array([1.0 if r == c else 2**0.5 for r, c in pairs])


def coefficients(p, q):
    """Those of Y[p,q]."""
    outer = np.outer(v[p], v[q])
    outer = (outer + outer.T) / 2
    return np.array([outer[r, c] for r, c in pairs]) * weights


projected = v.T @ cost @ v
objective = np.array([projected[r, c] for r, c in pairs]) * weights
equations, right, nonnegative = [coefficients(0, 0)], [1.0], []
for p in range(n * n):
    nonnegative.append(coefficients(0, 1 + p))
    for q in range(p):
        (i, j), (k, l) = divmod(p, n), divmod(q, n)
        if i == k or j == l:
            equations.append(coefficients(1 + p, 1 + q))
            right.append(0.0)
        else:
            nonnegative.append(coefficients(1 + p, 1 + q))

rows = np.vstack([np.array(equations), -np.array(nonnegative), -np.eye(len(pairs))])
bounds = np.concatenate([right, np.zeros(len(nonnegative) + len(pairs))])
settings = clarabel.DefaultSettings()
settings.verbose = False
solution = clarabel.DefaultSolver(
    sparse.csc_matrix((len(pairs), len(pairs))),
    objective,
    sparse.csc_matrix(rows),
    bounds,
    [
        clarabel.ZeroConeT(len(right)),
        clarabel.NonnegativeConeT(len(nonnegative)),
        clarabel.PSDTriangleConeT(order),
    ],
    settings,
).solve()
least = min((a * b[np.ix_(p, p)]).sum() for p in itertools.permutations(range(n)))
print(solution.status, f"{solution.obj_val:.6f} {least:.6f}")
