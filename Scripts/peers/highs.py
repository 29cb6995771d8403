"""Runs HiGHS on QAPLIB files and writes what 'qap compare --external' reads.

usage: highs.py OUTPUT.csv [--methods rlt1,mip] [--time-limit S] [--max-size N] FILE.dat…

  rlt1  the level-1 RLT linear program (rlt1.py beside this file) by the interior point method: a bound
  mip   the mixed-integer program of Xia and Yuan (2006) by branch and cut: a bound and an assignment

Columns of OUTPUT.csv ('qap help results'):
  instance     the file's name without .dat
  method       as above
  n
  objective    of the assignment found, computed anew from the file; empty for rlt1
  bound        rlt1: what the duals prove, rounding errors of double precision apart; mip: as HiGHS has it
  seconds      wall-clock time of HiGHS, without building the model
  termination  optimal (proven), time, or done (of rlt1, which finds no assignment)

Files of more than N facilities (default 12) are left out.
"""

import argparse
import csv
import os
import sys
import time

try:
    import highspy
    import numpy as np
except ImportError as missing:
    sys.exit(f"{missing.name} is not installed: pip install numpy highspy")

from rlt1 import model, program, read, solve


def rlt1(a, b, seconds):
    """The value of bᵀπ + Σ min(d, 0) over all columns, whose upper bounds are 1 (d = c − Aᵀπ)."""
    lp, (rows, columns, values) = program(a, b)
    solver, elapsed = solve(lp, seconds)
    duals = np.array(solver.getSolution().row_dual)
    bound = None
    if len(duals) == lp.num_row_ and np.isfinite(duals).all():
        used = np.bincount(columns, weights=np.array(values) * duals[rows], minlength=lp.num_col_)
        reduced = np.array(lp.col_cost_) - used
        bound = float(np.array(lp.row_lower_) @ duals + np.minimum(reduced, 0).sum())
    isDone = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return None, bound, elapsed, "done" if isDone else "time"


def mip(a, b, seconds):
    """min Σ w_ij over assignments x with w_ij ≥ l_ij x_ij and w_ij ≥ Σ_kl c_ijkl x_kl − u_ij (1 − x_ij).

    c_ijkl = a_ik b_jl ≥ 0, and l_ij and u_ij are the least and the greatest that row (i, j) can cost: sums of
    sorted products. Negative costs are shifted, which adds a constant to the objective of every assignment.
    """
    original = a, b
    a, b = a - min(0.0, a.min()), b - min(0.0, b.min())
    constant = float((original[0] * original[1]).sum() - (a * b).sum())
    n = len(a)
    least, most = np.zeros((n, n)), np.zeros((n, n))
    for i in range(n):
        flow = np.sort(np.delete(a[i], i))
        for j in range(n):
            distance = np.sort(np.delete(b[j], j))
            own = a[i, i] * b[j, j]
            least[i, j] = own + flow @ distance[::-1]
            most[i, j] = own + flow @ distance
    rows, columns, values, lower, upper = [], [], [], [], []

    def add(terms, low, high):
        for column, value in terms:
            rows.append(len(lower))
            columns.append(column)
            values.append(value)
        lower.append(low)
        upper.append(high)

    for i in range(n):
        add([(i * n + j, 1.0) for j in range(n)], 1.0, 1.0)
        add([(j * n + i, 1.0) for j in range(n)], 1.0, 1.0)
    for i in range(n):
        for j in range(n):
            w, x = n * n + i * n + j, i * n + j
            add([(w, 1.0), (x, -least[i, j])], 0.0, np.inf)
            terms = {k * n + l: -a[i, k] * b[j, l]
                     for k in range(n) for l in range(n) if (k == i) == (l == j)}
            terms[x] -= most[i, j]
            add([(w, 1.0)] + [(c, v) for c, v in terms.items() if v], -most[i, j], np.inf)
    cost = np.concatenate([np.zeros(n * n), np.ones(n * n)])
    limits = np.concatenate([np.ones(n * n), np.full(n * n, np.inf)])
    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("time_limit", float(seconds))
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("mip_rel_gap", 1e-9)
    solver.passModel(model(cost, limits, rows, columns, values, lower, upper, integral=n * n))
    began = time.perf_counter()
    solver.run()
    elapsed = time.perf_counter() - began
    info = solver.getInfo()
    bound = float(info.mip_dual_bound) + constant
    x = np.array(solver.getSolution().col_value)
    objective = None
    if len(x) >= n * n and info.primal_solution_status == 2:
        p = x[: n * n].reshape(n, n).argmax(1)
        if len(set(p)) == n:
            objective = float((original[0] * original[1][np.ix_(p, p)]).sum())
    isDone = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return objective, bound if np.isfinite(bound) else None, elapsed, "optimal" if isDone else "time"


parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1][len("usage: ") :])
parser.add_argument("output")
parser.add_argument("files", nargs="+")
parser.add_argument("--methods", default="rlt1,mip")
parser.add_argument("--time-limit", type=float, default=10)
parser.add_argument("--max-size", type=int, default=12)
arguments = parser.parse_args()
methods = {"rlt1": rlt1, "mip": mip}


def field(value):
    return "" if value is None else repr(float(value))


with open(arguments.output, "w", newline="") as file:
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["instance", "method", "n", "objective", "bound", "seconds", "termination"])
    for path in arguments.files:
        a, b = read(path)
        if len(a) > arguments.max_size:
            continue
        instance = os.path.basename(path).removesuffix(".dat")
        for name in arguments.methods.split(","):
            objective, bound, seconds, end = methods[name](a, b, arguments.time_limit)
            table.writerow(
                [instance, name, len(a), field(objective), field(bound), f"{seconds:.6f}", end])
            print(f"HiGHS {instance} {name}: objective {objective}, bound {bound}, {seconds:.2f} s, {end}",
                  file=sys.stderr)
        file.flush()
