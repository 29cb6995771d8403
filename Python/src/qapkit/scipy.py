"""A stand-in for ``scipy.optimize.quadratic_assignment``.

>>> from qapkit.scipy import quadratic_assignment
>>> A = [[0, 80, 150, 170], [80, 0, 130, 100], [150, 130, 0, 120], [170, 100, 120, 0]]
>>> B = [[0, 5, 2, 7], [0, 0, 3, 8], [0, 0, 0, 3], [0, 0, 0, 0]]
>>> quadratic_assignment(A, B).col_ind
array([0, 3, 2, 1])
>>> result = quadratic_assignment(A, B, method="exact")
>>> float(result.fun), float(result.bound), result.status
(3260.0, 3260.0, 'optimal')

The methods ``faq`` and ``2opt`` are SciPy's own: the same permutations, numbers of iterations, messages and
warnings, from the same random numbers. FAQ is a heuristic, and faithful where it errs: SciPy's tests expect it to
miss some optima (37 instead of 40, 178 instead of 176), which the method ``exact`` finds. Where rounding alone decides
between equal directions, as often on unweighted graphs, the sums are taken in SciPy's order, at SciPy's speed.
"""

from __future__ import annotations

import ctypes
import numbers
import operator
import threading
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from . import _core
from ._library import check, library, message

try:
    from scipy.optimize import OptimizeResult, OptimizeWarning, linear_sum_assignment
except ImportError:  # SciPy is optional
    linear_sum_assignment = None

    class OptimizeWarning(UserWarning):  # type: ignore[no-redef]
        """An option that the method does not know."""

    class OptimizeResult(dict):  # type: ignore[no-redef,type-arg]
        """A dictionary whose keys are attributes."""

        __getattr__ = dict.__getitem__
        __setattr__ = dict.__setitem__


_NEAR_TIE, _STOPPED, _TIED_END = -1, -2, -3
_ALIASES = {"exact": "branch-and-bound"}


def quadratic_assignment(
    A: Any, B: Any, method: str = "faq", options: Mapping[str, Any] | None = None
) -> Any:
    """Minimizes ``sum(A * B[perm][:, perm])`` over permutations.

    Parameters
    ----------
    A, B : array_like
        Square matrices of the same size.
    method : str, default "faq"
        "faq" or "2opt", with SciPy's options and results; "exact"; or a method of `qapkit.methods`, such as
        "auto", "tabu", "memetic" or "dnn".
    options : dict, optional
        ``maximize``, ``partial_match``, ``rng`` as in SciPy; for faq ``P0``, ``shuffle_input``, ``maxiter``,
        ``tol``; for 2opt ``partial_guess``. Other methods take ``partial_guess`` and the keywords of
        `qapkit.solve`.

    Returns
    -------
    OptimizeResult
        ``col_ind``, ``fun`` and ``nit``; of other methods than faq and 2opt also ``bound``, ``gap``, ``status``
        and ``message``.
    """
    options = {} if options is None else dict(options)
    method = method.lower()
    known: dict[str, Any] = {"faq": _faq, "2opt": _two_opt}
    others = {one["id"] for one in _core.methods()} | set(_ALIASES) if method not in known else set()
    if method not in known and method not in others:
        raise ValueError(f"method {method} must be in {sorted(known) + sorted(others)}.")
    if "rng" not in options or not isinstance(options["rng"], np.random.Generator):
        _warn_of_generator(options.get("rng"))
    if method in known:
        return known[method](A, B, **options)
    return _solve(A, B, _ALIASES.get(method, method), **options)


def _warn_of_generator(rng: Any) -> None:
    if isinstance(rng, np.random.RandomState):
        warnings.warn(
            "Use of `RandomState` with `quadratic_assignment` is deprecated; "
            "pass a numpy.random.Generator", DeprecationWarning, stacklevel=3)
    if rng is None or rng is np.random:
        if np.random.mtrand._rand._bit_generator._seed_seq is None:  # type: ignore[attr-defined]
            warnings.warn(
                "The NumPy global RNG was seeded by calling `np.random.seed`; "
                "pass a numpy.random.Generator instead", FutureWarning, stacklevel=3)
    elif isinstance(rng, numbers.Integral):
        warnings.warn(
            "The behavior when the rng option is an integer is changing in SciPy; "
            "pass a numpy.random.Generator", FutureWarning, stacklevel=3)


def _generator(rng: Any) -> Any:
    if rng is None or rng is np.random:
        return np.random.mtrand._rand  # type: ignore[attr-defined]
    if isinstance(rng, numbers.Integral):
        return np.random.RandomState(int(rng))
    if isinstance(rng, (np.random.RandomState, np.random.Generator)):
        return rng
    raise ValueError(f"{rng!r} cannot be used to seed a numpy.random.RandomState instance")


def _warn_of_unknown(options: Mapping[str, Any]) -> None:
    if options:
        warnings.warn(
            f"Unknown solver options: {', '.join(map(str, options))}", OptimizeWarning, stacklevel=4)


def _fault_of_pairs(pairs: np.ndarray, n: int, name: str, entries: str) -> str | None:
    if pairs.shape[0] > n:
        return f"`{name}` can have only as many {entries} as there are nodes"
    if pairs.shape[1] != 2:
        return f"`{name}` must have two columns"
    if pairs.ndim != 2:
        return f"`{name}` must have exactly two dimensions"
    if (pairs < 0).any():
        return f"`{name}` must contain only positive indices"
    if (pairs >= n).any():
        return f"`{name}` entries must be less than number of nodes"
    if any(len(set(column)) < len(column) for column in pairs.T.tolist()):
        return f"`{name}` column entries must be unique"
    return None


_NO_PAIRS = np.empty((0, 2), dtype=int)


def _checked(A: Any, B: Any, partial_match: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    A, B = np.atleast_2d(A), np.atleast_2d(B)
    pairs = _NO_PAIRS if partial_match is None else np.atleast_2d(partial_match).astype(int)
    fault = None
    if A.shape[0] != A.shape[1]:
        fault = "`A` must be square"
    elif B.shape[0] != B.shape[1]:
        fault = "`B` must be square"
    elif A.ndim != 2 or B.ndim != 2:
        fault = "`A` and `B` must have exactly two dimensions"
    elif A.shape != B.shape:
        fault = "`A` and `B` matrices must be of equal size"
    elif partial_match is not None:
        fault = _fault_of_pairs(pairs, len(A), "partial_match", "seeds")
    if fault is not None:
        raise ValueError(fault)
    return A, B, pairs


def _score(A: np.ndarray, B: np.ndarray, perm: np.ndarray) -> Any:
    return np.sum(A * B[perm][:, perm])


def _doubles(matrix: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(matrix, dtype=np.float64)


def balanced(matrix: np.ndarray, tolerance: float = 1e-3, iterations: int = 1000) -> np.ndarray:
    """The matrix with rows and columns scaled to sums of one (Sinkhorn and Knopp 1967)."""
    columns = 1 / matrix.sum(axis=0)
    rows = 1 / (matrix @ columns)
    scaled = matrix
    for _ in range(iterations):
        if all((np.abs(scaled.sum(axis=axis) - 1) < tolerance).all() for axis in (1, 0)):
            break
        columns = 1 / (rows @ matrix)
        rows = 1 / (matrix @ columns)
        scaled = rows[:, None] * matrix * columns
    return scaled


def _call(function: Any, n: int, *arguments: Any, stop: ctypes.c_int32) -> int:
    """Calls a kernel; one that may take long on a thread of its own, so that Ctrl-C is heard."""
    if n <= 64 or threading.current_thread() is not threading.main_thread():
        return function(*arguments)
    codes: list[int] = []
    texts: list[str] = []

    def call() -> None:
        codes.append(function(*arguments))
        texts.append(message() if codes[0] > 0 else "")

    _core.interruptible(call, stop)
    if codes[0] > 0:
        raise ValueError(texts[0])
    if stop.value:
        # There is no status to say it in.
        raise KeyboardInterrupt
    return codes[0]


def descend(
    a: np.ndarray, b: np.ndarray, c: np.ndarray | None, point: np.ndarray, gradient: np.ndarray | None,
    iterations: int, tolerance: float, maximize: bool, stops: bool = False,
) -> tuple[np.ndarray, int, int, np.ndarray | None]:
    """One descent of FAQ over all rows: the columns, the iterations, 0 or what rounding would decide, and, for a
    descent that stops there, the direction of each step. The point is replaced."""
    n = len(a)
    columns = np.empty(n, dtype=np.int64)
    performed, stop = ctypes.c_int64(), ctypes.c_int32()
    first, second = _doubles(a), _doubles(b)
    third = None if c is None else _doubles(c)
    slope = None if gradient is None else _doubles(gradient)
    iterations = min(iterations, 100_000)  # of which none has ever needed so many
    vertices = np.empty((iterations, n), dtype=np.int64) if stops else None
    code = _call(
        library.qapkit_faq, n, n, first.ctypes.data, second.ctypes.data,
        None if third is None else third.ctypes.data, point.ctypes.data,
        None if slope is None else slope.ctypes.data, iterations, tolerance, maximize,
        ctypes.addressof(stop), columns.ctypes.data, ctypes.addressof(performed),
        None if vertices is None else vertices.ctypes.data, stop=stop)
    if code not in (_NEAR_TIE, _TIED_END):
        check(code)
    return columns, performed.value, code, None if vertices is None else vertices[: performed.value]


class _InOrder:
    """The matrices of a problem, and SciPy's sums over them in SciPy's order, to the last bit."""

    def __init__(self, a: np.ndarray, b: np.ndarray, s: int, constant: Any, maximize: bool) -> None:
        self.a, self.b, self.s = a, b, s
        self.constant, self.maximize, self.sign = constant, maximize, -1 if maximize else 1
        self.x, self.y = a[s:, s:], b[s:, s:]

        def factors(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            if matrix.dtype.kind not in "biu":
                return matrix, matrix.T
            # A product copies integers to doubles in C order each time.
            plain = _doubles(matrix)
            return plain, plain if (matrix == matrix.T).all() else _doubles(matrix.T)

        (self.left, self.left_t), (self.right, self.right_t) = factors(self.x), factors(self.y)

    def gradient(self, point: np.ndarray) -> np.ndarray:
        half = self.left @ point @ self.right_t
        if self.left is self.left_t and self.right is self.right_t:
            return self.constant + half + half
        return self.constant + half + self.left_t @ point @ self.right

    def moved(self, point: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """The point after a step towards the permutation."""
        a, b, s, x, y = self.a, self.b, self.s, self.x, self.y
        vertex = np.eye(len(point))[columns]
        way = point - vertex
        left, right = self.left_t @ way, self.right @ way.T
        square = (left.T * right).sum()
        slope = (left * y.T[columns]).sum() + (x * right[columns]).sum() if s == 0 else \
            ((way.T @ a[s:, :s]) * b[s:, :s]).sum() + ((way.T @ a[:s, s:].T) * b[:s, s:].T).sum() \
            + (left * y.T[columns]).sum() + (x * right[columns]).sum()
        if square * self.sign > 0 and 0 <= -slope / (2 * square) <= 1:
            length = -slope / (2 * square)
        else:
            length = int((slope + square) * self.sign < 0)
        return length * point + (1 - length) * vertex

    def replayed(self, point: np.ndarray, vertices: Any) -> np.ndarray:
        """The point after steps in the given directions: where several permutations are as near, its last bits
        decide."""
        for columns in vertices:
            point = self.moved(point, columns)
        return point

    def cheapest(self, costs: np.ndarray, maximize: bool) -> np.ndarray:
        if linear_sum_assignment is not None:
            return linear_sum_assignment(costs, maximize=maximize)[1]
        point = np.array(costs if maximize else -costs, dtype=np.float64, order="C")
        return descend(self.x, self.y, None, point, None, 0, 1.0, False)[0]

    def descended(
        self, point: np.ndarray, iterations: int, tolerance: float
    ) -> tuple[np.ndarray, int]:
        """A whole descent: the columns and the iterations."""
        for step in range(1, iterations + 1):
            columns = self.cheapest(self.gradient(point), self.maximize)
            moved = self.moved(point, columns)
            way, point = point - moved, moved
            if np.linalg.norm(way) / np.sqrt(len(point)) < tolerance:
                break
        return self.cheapest(point, True), step


def _is_unweighted(matrix: np.ndarray) -> bool:
    """True of a graph's adjacencies: sums of these tie at every step."""
    return all(((part == 0) | (part == 1)).all() for part in (matrix[:1], matrix))


def _faq(
    A: Any, B: Any, maximize: bool = False, partial_match: Any = None, rng: Any = None,
    P0: Any = "barycenter", shuffle_input: bool = False, maxiter: int = 30, tol: float = 0.03,
    **unknown: Any,
) -> Any:
    _warn_of_unknown(unknown)
    maxiter = operator.index(maxiter)
    A, B, pairs = _checked(A, B, partial_match)
    if isinstance(P0, str) and P0 not in ("barycenter", "randomized"):
        raise ValueError("Invalid 'P0' parameter string")
    if maxiter <= 0:
        raise ValueError("'maxiter' must be a positive integer")
    if tol <= 0:
        raise ValueError("'tol' must be a positive float")
    rng = _generator(rng)
    n, seeds = len(A), len(pairs)
    m = n - seeds
    if not isinstance(P0, str):
        P0 = np.atleast_2d(P0)
        if P0.shape != (m, m):
            raise ValueError("`P0` matrix must have shape m' x m', where m'=n-m")
        if (P0 < 0).any() or any(not np.allclose(P0.sum(axis=axis), 1) for axis in (0, 1)):
            raise ValueError("`P0` matrix must be doubly stochastic")
        point = np.array(P0, dtype=np.float64, order="C")
    elif P0 == "randomized":
        point = (np.ones((m, m)) / m + balanced(rng.uniform(size=(m, m)))) / 2
    else:
        point = np.ones((m, m)) / m if m else np.empty((0, 0))
    if m == 0:
        perm = pairs[:, 1]
        return OptimizeResult(col_ind=perm, fun=_score(A, B, perm), nit=0)

    if seeds:
        free = np.ones((2, n), dtype=bool)
        free[0, pairs[:, 0]] = free[1, pairs[:, 1]] = False
        free_a, free_b = np.flatnonzero(free[0]), np.flatnonzero(free[1])
    else:
        free_a = free_b = np.arange(n)
    if shuffle_input:
        free_b = rng.permutation(free_b)
    order_a = np.concatenate([pairs[:, 0], free_a]) if seeds else free_a
    order_b = np.concatenate([pairs[:, 1], free_b]) if seeds else free_b
    # In the memory order of SciPy's indexed copies, so that products round alike and ties of the
    # first gradient fall alike.
    if seeds or shuffle_input:
        a, b = A[order_a][:, order_a], B[order_b][:, order_b]
    else:
        a, b = np.array(A, order="F"), np.array(B, order="F")
    a22, b22 = a[seeds:, seeds:], b[seeds:, seeds:]
    constant: Any = 0.0
    if seeds:
        constant = a[seeds:, :seeds] @ b[seeds:, :seeds].T + a[:seeds, seeds:].T @ b[:seeds, seeds:]
    maximize, tol = bool(maximize), float(tol)

    def in_order() -> _InOrder:
        return _InOrder(a, b, seeds, constant, maximize)

    iterations, tie = 0, _NEAR_TIE
    if _is_unweighted(a22) and _is_unweighted(b22):
        tie = 0
        columns, iterations = in_order().descended(point, maxiter, tol)
    while tie == _NEAR_TIE:
        start = point.copy()
        columns, steps, tie, vertices = descend(
            a22, b22, constant if seeds else None, point,
            constant + a22 @ point @ b22.T + a22.T @ point @ b22, maxiter - iterations, tol, maximize, stops=True)
        iterations += steps
        if tie == _NEAR_TIE and iterations < 3:  # ties so early are a property of the data
            sums = in_order()
            columns, steps = sums.descended(sums.replayed(start, vertices), maxiter - iterations, tol)
            iterations += steps
            break
        if tie:  # the last bits of the point, or of its gradient, decide
            point = in_order().replayed(start, vertices)
        if tie == _TIED_END:
            columns, *_ = descend(a22, b22, None, np.array(point, order="C"), None, 0, 1.0, False)
    perm = np.zeros(n, dtype=int)
    perm[order_a] = order_b[np.concatenate([np.arange(seeds), columns + seeds])] if seeds \
        else order_b[columns]
    return OptimizeResult(col_ind=perm, fun=_score(A, B, perm), nit=iterations)


def _two_opt(
    A: Any, B: Any, maximize: bool = False, rng: Any = None, partial_match: Any = None,
    partial_guess: Any = None, **unknown: Any,
) -> Any:
    _warn_of_unknown(unknown)
    rng = _generator(rng)
    A, B, pairs = _checked(A, B, partial_match)
    n = len(A)
    if n == 0 or len(pairs) == n:
        perm = pairs[:, 1]
        return OptimizeResult(col_ind=perm, fun=_score(A, B, perm), nit=0)
    guess = _NO_PAIRS if partial_guess is None else np.atleast_2d(partial_guess).astype(int)
    fault = None if partial_guess is None else _fault_of_pairs(guess, n, "partial_guess", "entries")
    if fault is not None:
        raise ValueError(fault)

    movable = np.arange(n)
    if pairs.size or guess.size:
        perm = np.zeros(n, dtype=int)
        taken = np.zeros((2, n), dtype=bool)
        fixed = np.zeros(n, dtype=bool)
        for rows, columns in (guess.T, pairs.T):
            given = np.zeros(n, dtype=bool)
            given[rows] = True
            perm[given] = columns  # in ascending order of rows, which both lists are to be sorted by
            taken[0, rows] = taken[1, columns] = True
        fixed[pairs[:, 0]] = True
        perm[~taken[0]] = rng.permutation(np.arange(n)[~taken[1]])
        movable = movable[~fixed]
    else:
        perm = rng.permutation(np.arange(n))
    if len(np.unique(perm)) < n:
        # A guess that a match contradicts is no permutation; SciPy swaps its entries all the
        # same.
        raise ValueError("`partial_guess` contradicts `partial_match`")

    a, b = _doubles(A), _doubles(B)
    places = np.ascontiguousarray(perm, dtype=np.int64)
    movable = np.ascontiguousarray(movable, dtype=np.int64)
    state, stop = np.array([0, -1, 0], dtype=np.int64), ctypes.c_int32()
    better = operator.gt if maximize else operator.lt
    while True:
        code = _call(
            library.qapkit_two_opt, n, n, a.ctypes.data, b.ctypes.data, movable.ctypes.data,
            movable.size, bool(maximize), ctypes.addressof(stop), places.ctypes.data,
            state.ctypes.data, stop=stop)
        if code != _NEAR_TIE:
            break
        # Rounding decides: by the very sums that SciPy compares.
        i, j = movable[state[0]], movable[state[1]]
        before = _score(A, B, places)
        places[i], places[j] = places[j], places[i]
        if better(_score(A, B, places), before):
            state[:2] = 0, -1
        else:
            places[i], places[j] = places[j], places[i]
    if code == _STOPPED:
        raise KeyboardInterrupt
    check(code)
    return OptimizeResult(
        col_ind=places.astype(int, copy=False), fun=_score(A, B, places), nit=int(state[2]))


def _solve(
    A: Any, B: Any, method: str, *, maximize: bool = False, partial_match: Any = None,
    partial_guess: Any = None, rng: Any = None, **keywords: Any,
) -> Any:
    A, B, pairs = _checked(A, B, partial_match)
    n = len(A)
    if n == 0:
        return OptimizeResult(col_ind=np.arange(0), fun=_score(A, B, np.arange(0)), nit=0)
    seed = keywords.pop("seed", None)
    if seed is None:
        # As everywhere: the same generator gives the same answer, and none gives that of seed 0.
        seed = 0 if rng is None else int(_generator(rng).integers(2**63)) \
            if isinstance(rng, np.random.Generator) else int(_generator(rng).randint(2**31))
    start = None
    if partial_guess is not None:
        guess = np.atleast_2d(partial_guess).astype(int)
        fault = _fault_of_pairs(guess, n, "partial_guess", "entries")
        if fault is not None:
            raise ValueError(fault)
        merged = {i: j for i, j in guess.tolist()}
        fixed = dict(pairs.tolist())
        merged = {i: j for i, j in merged.items() if i not in fixed and j not in fixed.values()}
        merged.update(fixed)
        rest = iter(sorted(set(range(n)) - set(merged.values())))
        start = [merged[i] if i in merged else next(rest) for i in range(n)]
    found = _core.solve(
        A, B, method=method, maximize=maximize, pairs=pairs if len(pairs) else None, seed=seed,
        start=start, **keywords)
    perm = found.assignment
    return OptimizeResult(
        col_ind=perm, fun=None if perm is None else _score(A, B, perm), nit=found.iterations,
        bound=found.bound, gap=found.gap, status=found.status, message=found.message)


__all__ = ["quadratic_assignment"]
