"""Checks what 'qap relax' exports: HiGHS, glpsol and enumeration must find the optimum of random instances.

usage: exchange.py QAP [--trials N] [--seed S] [--size N] [--forbidden]

Each trial makes an instance of 3 to N facilities (default 6; a third has fewer facilities than locations; integers
or reals, negative ones too, diagonals, a linear term, a constant, and with --forbidden in some trials forbidden
placements) and enumerates its assignments. Then, to be minimized and maximized, with and without a fixed pair:
  - every integer formulation as .lp and .mps, solved by glpsol and HiGHS, whose solutions 'qap verify' reads;
  - up to 16 variables, the QUBO: the minimum over all bits plus the constant, in .npy and .qubo;
  - the .qplib file, which 'qap solve' reads back.
Prints how many exports were checked, and ends with 1 if one is wrong.
"""

import argparse
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile

try:
    import highspy
    import numpy as np
except ImportError as missing:
    sys.exit(f"{missing.name} is not installed: pip install numpy highspy")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("qap")
    parser.add_argument("--trials", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=6)
    parser.add_argument("--forbidden", action="store_true")
    options = parser.parse_args()
    program = os.path.abspath(options.qap)
    os.chdir(tempfile.mkdtemp())
    rng, checked, wrong = random.Random(options.seed), {}, 0

    def qap(*arguments):
        found = subprocess.run([program, *arguments, "--json", "-"], capture_output=True, text=True)
        if found.returncode:
            print(arguments, found.returncode, found.stderr[-300:])
            return {"objective": float("nan"), "holds": False, "constant": float("nan")}
        return json.loads(found.stdout)

    def check(kind, value, best, holds=True):
        nonlocal wrong
        checked[kind] = checked.get(kind, 0) + 1
        if not holds or not abs(value - best) <= 1e-6 * max(1, abs(best)):
            wrong += 1
            print(f"WRONG {kind}: {value}, not {best}, in {os.getcwd()}")

    for _ in range(options.trials):
        n = rng.randint(3, options.size)
        m = n - (rng.random() < 1 / 3)
        real, forbids = rng.random() < 0.4, options.forbidden and rng.random() < 0.4

        def matrix(rows, columns):
            return [
                [round(rng.uniform(-5, 5), 3) if real else rng.randint(-4, 9) for _ in range(columns)]
                for _ in range(rows)]

        flow, distance, linear, constant = matrix(m, m), matrix(n, n), matrix(m, n), 7.5
        fixed = (rng.randrange(m), rng.randrange(n))
        if forbids:
            for _ in range(n):
                i, j = rng.randrange(m), rng.randrange(n)
                if (i, j) != fixed:
                    linear[i][j] = None
        with open("e.json", "w") as file:
            json.dump({"flow": flow, "distance": distance, "linear": linear, "constant": constant}, file)
        with open("pair.txt", "w") as file:
            print(*fixed, file=file)
        for sense, pair in itertools.product((min, max), (None, fixed)):
            values = [
                constant + sum(linear[i][p[i]] for i in range(m))
                + sum(flow[i][k] * distance[p[i]][p[k]] for i in range(m) for k in range(m))
                for p in itertools.permutations(range(n), m)
                if all(linear[i][p[i]] is not None for i in range(m))
                and (pair is None or p[pair[0]] == pair[1])]
            if not values:
                continue
            best = sense(values)
            sides = (["--maximize"] if sense is max else []) + (["--pairs", "pair.txt"] if pair else [])
            label = f"{'max' if sense is max else 'min'}{', pair' if pair else ''}{', forbidden' if forbids else ''}"
            for form, ending in itertools.product(("rlt1", "kaufman-broeckx", "xia-yuan"), ("lp", "mps")):
                file = "model." + ending
                qap("relax", "e.json", "--integer", "--formulation", form, "--export", file, *sides)
                reader = "--lp" if ending == "lp" else "--freemps"
                subprocess.run(["glpsol", reader, file, "-o", "glpk.sol"], capture_output=True)
                solver = highspy.Highs()
                solver.setOptionValue("output_flag", False)
                solver.readModel(file)
                solver.run()
                solver.writeSolution("highs.sol", 0)
                for solution in ("glpk.sol", "highs.sol"):
                    found = qap("verify", "e.json", solution, *(["--maximize"] if sense is max else []))
                    name = "glpsol" if solution == "glpk.sol" else "HiGHS"
                    check(f"{name}, {label}", found["objective"], best, found["holds"])
            if m * n <= 16:
                stated = qap("relax", "e.json", "--qubo", "--export", "q.npy", *sides)
                qap("relax", "e.json", "--qubo", "--export", "q.qubo", *sides)
                q = np.load("q.npy")
                count = len(q)
                text = np.zeros((count, count))
                with open("q.qubo") as file:
                    for line in file:
                        if line[0].isdigit():
                            i, k, value = line.split()
                            text[int(i), int(k)] = float(value)
                bits = ((np.arange(1 << count)[:, None] >> np.arange(count)) & 1).astype(float)
                value = np.einsum("ai,ai->a", bits @ q, bits).min() + stated["constant"]
                check(f"QUBO, {label}", -value if sense is max else value, best, np.array_equal(q, text))
            qap("relax", "e.json", "--quadratic", "--export", "q.qplib", *sides)
            check(f"QPLIB, {label}", qap("solve", "q.qplib", "--quiet")["objective"], best)
    for kind, count in sorted(checked.items()):
        print(f"{count:5} {kind}")
    print(f"{sum(checked.values())} exports checked, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
