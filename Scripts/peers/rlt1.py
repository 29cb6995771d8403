"""Solves the level-1 RLT linear program of a QAPLIB file by HiGHS's interior point method.

usage: rlt1.py FILE.dat
prints the optimal value and the seconds HiGHS took (building the model not counted)

One variable y per unordered pair {(i,j),(k,l)}, i < k, j ≠ l (Adams and Johnson 1994):
  Σ_j x_ij = 1, Σ_i x_ij = 1, Σ_l y_ijkl = x_ij for all i, j, k, and Σ_k y_ijkl = x_ij for all i, j, l
"""

import sys
import time

import highspy
import numpy as np

numbers = np.array(open(sys.argv[1]).read().split(), dtype=float)
n = int(numbers[0])
a = numbers[1 : 1 + n * n].reshape(n, n)
b = numbers[1 + n * n : 1 + 2 * n * n].reshape(n, n)

index = {}
cost = [a[i, i] * b[j, j] for i in range(n) for j in range(n)]
for i in range(n):
    for k in range(i + 1, n):
        for j in range(n):
            for l in range(n):
                if j != l:
                    index[i, j, k, l] = len(cost)
                    cost.append(a[i, k] * b[j, l] + a[k, i] * b[l, j])


def y(i, j, k, l):
    return index[i, j, k, l] if i < k else index[k, l, i, j]


rows, columns, values, right = [], [], [], []


def add(terms, value):
    for column, coefficient in terms:
        rows.append(len(right))
        columns.append(column)
        values.append(coefficient)
    right.append(value)


for i in range(n):
    add([(i * n + j, 1.0) for j in range(n)], 1.0)
    add([(j * n + i, 1.0) for j in range(n)], 1.0)
for i in range(n):
    for j in range(n):
        for other in range(n):
            if other != i:
                terms = [(y(i, j, other, l), 1.0) for l in range(n) if l != j]
                add(terms + [(i * n + j, -1.0)], 0.0)
            if other != j:
                terms = [(y(i, j, k, other), 1.0) for k in range(n) if k != i]
                add(terms + [(i * n + j, -1.0)], 0.0)

order = np.lexsort((rows, columns))
model = highspy.HighsLp()
model.num_col_, model.num_row_ = len(cost), len(right)
model.col_cost_ = np.array(cost)
model.col_lower_, model.col_upper_ = np.zeros(len(cost)), np.ones(len(cost))
model.row_lower_ = model.row_upper_ = np.array(right)
model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
counts = np.bincount(columns, minlength=len(cost))
model.a_matrix_.start_ = np.concatenate(([0], np.cumsum(counts)))
model.a_matrix_.index_ = np.array(rows)[order]
model.a_matrix_.value_ = np.array(values)[order]

solver = highspy.Highs()
solver.silent()
solver.setOptionValue("solver", "ipm")
solver.setOptionValue("run_crossover", "off")
solver.passModel(model)
began = time.perf_counter()
solver.run()
elapsed = time.perf_counter() - began
if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
    sys.exit(f"HiGHS ended with {solver.getModelStatus()}")
print(repr(solver.getInfo().objective_function_value), elapsed)
