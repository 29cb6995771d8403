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


def read(path):
    """Both matrices of a QAPLIB file."""
    numbers = np.array(open(path).read().split(), dtype=float)
    n = int(numbers[0])
    return numbers[1 : 1 + n * n].reshape(n, n), numbers[1 + n * n : 1 + 2 * n * n].reshape(n, n)


def model(cost, upper, rows, columns, values, lower_sides, upper_sides, integral=0):
    """A minimization over 0 ≤ x ≤ upper as HiGHS takes it; the first `integral` columns are integral."""
    order = np.lexsort((rows, columns))
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(cost), len(lower_sides)
    lp.col_cost_ = np.array(cost, dtype=float)
    lp.col_lower_, lp.col_upper_ = np.zeros(len(cost)), np.array(upper, dtype=float)
    lp.row_lower_, lp.row_upper_ = np.array(lower_sides), np.array(upper_sides)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    counts = np.bincount(columns, minlength=len(cost))
    lp.a_matrix_.start_ = np.concatenate(([0], np.cumsum(counts)))
    lp.a_matrix_.index_ = np.array(rows)[order]
    lp.a_matrix_.value_ = np.array(values, dtype=float)[order]
    if integral:
        kinds = [highspy.HighsVarType.kInteger] * integral
        lp.integrality_ = kinds + [highspy.HighsVarType.kContinuous] * (len(cost) - integral)
    return lp


def program(a, b):
    """The linear program, and its matrix once more as rows, columns and values."""
    n = len(a)
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
    return model(cost, np.ones(len(cost)), rows, columns, values, right, right), (rows, columns, values)


def solve(lp, seconds=None):
    """HiGHS after its interior point method on `lp`, and the seconds that took."""
    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("solver", "ipm")
    solver.setOptionValue("run_crossover", "off")
    if seconds:
        solver.setOptionValue("time_limit", float(seconds))
    solver.passModel(lp)
    began = time.perf_counter()
    solver.run()
    return solver, time.perf_counter() - began


if __name__ == "__main__":
    solver, elapsed = solve(program(*read(sys.argv[1]))[0])
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        sys.exit(f"HiGHS ended with {solver.getModelStatus()}")
    print(repr(solver.getInfo().objective_function_value), elapsed)
