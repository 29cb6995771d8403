"""A stand-in for ``graspologic.match.graph_match``.

>>> import numpy as np
>>> from qapkit.graspologic import graph_match
>>> rng = np.random.default_rng(1)
>>> A = np.triu(rng.integers(0, 100, (12, 12)), 1)
>>> A = A + A.T
>>> order = rng.permutation(12)
>>> indices_A, indices_B, score, _ = graph_match(A, A[order][:, order], n_init=10, rng=1)
>>> bool((order[indices_B] == indices_A).all())
True

Signature and results are those of graspologic 3.4.4, without transport. One pair of graphs takes the descent of the
library; layers and edges between the graphs (AB and BA) take the same steps in NumPy.
"""

from __future__ import annotations

import concurrent.futures
from typing import Any, NamedTuple

import numpy as np

from ._core import linear_assignment
from .scipy import balanced, descend


class MatchResult(NamedTuple):
    """What `graph_match` found.

    Attributes
    ----------
    indices_A, indices_B : ndarray of int
        Node ``indices_A[i]`` is matched to node ``indices_B[i]``.
    score : float
        The sum over edges of the products of matched weights, and the similarities of matched nodes.
    misc : list of dict
        Of each initialization: score, n_iter and converged.
    """

    indices_A: np.ndarray
    indices_B: np.ndarray
    score: float
    misc: list[dict[str, Any]]


def _layers(given: Any, name: str) -> list[np.ndarray]:
    if given is None:
        return []
    parts = given if isinstance(given, (list, tuple)) else [given]
    arrays = [
        np.asarray(part.toarray() if hasattr(part, "toarray") else part, dtype=np.float64)
        for part in parts
    ]
    if any(array.ndim == 3 for array in arrays) and len(arrays) == 1:
        arrays = list(arrays[0])
    for array in arrays:
        if array.ndim != 2 or array.shape != arrays[0].shape:
            raise ValueError(f"{name} has layers of different shapes, or one that is no matrix")
        if not np.isfinite(array).all():
            raise ValueError(f"{name} contains NaN or infinity")
    return arrays


def _padded(array: np.ndarray, rows: int, columns: int, adopted: bool = False) -> np.ndarray:
    if array.shape == (rows, columns) and not adopted:
        return array
    result = np.zeros((rows, columns))
    result[: array.shape[0], : array.shape[1]] = 2 * array - 1 if adopted else array
    return result


def graph_match(
    A: Any, B: Any, AB: Any = None, BA: Any = None, S: Any = None, partial_match: Any = None,
    init: Any = None, init_perturbation: float = 0.0, n_init: int = 1, shuffle_input: bool = True,
    maximize: bool = True, padding: str = "naive", n_jobs: int | None = None, max_iter: int = 30,
    tol: float = 0.01, verbose: int = 0, rng: Any = None, transport: bool = False,
    transport_regularizer: float = 100, transport_tol: float = 5e-2,
    transport_max_iter: int = 1000, fast: bool = True,
) -> MatchResult:
    """Matches the nodes of two graphs so that their edges agree (FAQ).

    Parameters
    ----------
    A, B : array_like, sparse matrix, or list of them
        Adjacency matrices; lists are layers over the same nodes. The graphs may have different sizes.
    AB, BA : array_like or list, optional
        Edges from nodes of A to nodes of B, and back.
    S : array_like, optional
        The similarity of each node of A to each of B, added to the score where they are matched.
    partial_match : array_like or tuple, optional
        Known pairs: an array of two columns, or two index arrays.
    init : array_like, optional
        Doubly stochastic, over the nodes in no pair. Default: all entries equal.
    init_perturbation : float, default 0.0
        From 0 to 1: how much of a random doubly stochastic matrix is mixed in.
    n_init : int, default 1
        Initializations; the best result counts.
    shuffle_input : bool, default True
        Break ties by chance rather than by the order of nodes.
    maximize : bool, default True
    padding : {"naive", "adopted"}, default "naive"
        How the smaller graph is filled up: by nodes without edges, or such that missing edges count as well.
    n_jobs : int, optional
        Threads for initializations.
    max_iter, tol : int, float
        Steps at most, and the movement that ends them.
    rng : int, Generator, optional
    transport : bool, default False
        Not supported.
    verbose, transport_regularizer, transport_tol, transport_max_iter, fast
        Accepted and ignored.

    Returns
    -------
    MatchResult
    """
    if transport:
        raise ValueError(
            "transport is not supported: qapkit solves the assignment problem of each step exactly")
    if padding not in ("naive", "adopted"):
        raise ValueError(f'padding is "{padding}"; expected "naive" or "adopted"')
    for name, value in (("n_init", n_init), ("max_iter", max_iter)):
        if not isinstance(value, (int, np.integer)) or value < 1:
            raise ValueError(f"{name} is {value}; expected at least 1")
    if not tol > 0:
        raise ValueError(f"tol is {tol}; expected a positive number")
    if not 0 <= init_perturbation <= 1:
        raise ValueError(f"init_perturbation is {init_perturbation}; expected 0 to 1")
    firsts, seconds = _layers(A, "A"), _layers(B, "B")
    forth, back = _layers(AB, "AB"), _layers(BA, "BA")
    if len(firsts) != len(seconds) or len(forth) != len(back):
        raise ValueError("A and B, or AB and BA, have different numbers of layers")
    if any(one.shape[0] != one.shape[1] for one in firsts + seconds):
        raise ValueError("A and B must be square")
    m, k = len(firsts[0]), len(seconds[0])
    n = max(m, k)
    if any(one.shape != (m, k) for one in forth) or any(one.shape != (k, m) for one in back):
        raise ValueError(f"AB must be {m} x {k} and BA {k} x {m}")
    similarity = np.zeros((m, k)) if S is None else _layers(S, "S")[0]
    if similarity.shape != (m, k):
        raise ValueError(f"S is {similarity.shape[0]} x {similarity.shape[1]}; expected {m} x {k}")
    pairs = _seeds(partial_match, m, k)
    s = len(pairs)
    free = n - s
    adopted = padding == "adopted" and m != k
    order_a = np.concatenate([pairs[:, 0], np.setdiff1d(np.arange(n), pairs[:, 0])])
    rest = np.setdiff1d(np.arange(n), pairs[:, 1])
    if init is None:
        start = np.ones((free, free)) / max(1, free)
    else:
        start = np.asarray(init, dtype=np.float64)
        if start.shape != (free, free):
            raise ValueError(f"init has the shape {start.shape}; expected {(free, free)}")
        if (start < 0).any() or any(not np.allclose(start.sum(axis=x), 1) for x in (0, 1)):
            raise ValueError("init must be doubly stochastic")
    padded = [
        [_padded(one, n, n, adopted) for one in firsts], [_padded(one, n, n, adopted) for one in seconds],
        [_padded(one, n, n) for one in forth], [_padded(one, n, n) for one in back],
    ]
    linear = _padded(similarity, n, n)
    sign = 1.0 if maximize else -1.0

    def once(generator: np.random.Generator) -> tuple[np.ndarray, dict[str, Any]]:
        order_b = np.concatenate([pairs[:, 1], generator.permutation(rest) if shuffle_input else rest])
        point = start
        if init is not None and shuffle_input:  # columns of a caller's start are nodes of B in their order
            point = start[:, np.argsort(np.argsort(order_b[s:]))]
        if init_perturbation > 0 and free:
            noise = balanced(generator.uniform(size=(free, free)))
            point = (1 - init_perturbation) * point + init_perturbation * noise
        columns, steps, converged = np.arange(free), 0, True
        if free:
            a = [one[order_a][:, order_a] for one in padded[0]]
            b = [one[order_b][:, order_b] for one in padded[1]]
            ab = [one[order_a][:, order_b] for one in padded[2]]
            ba = [one[order_b][:, order_a] for one in padded[3]]
            c = linear[order_a][:, order_b]
            columns, steps, converged = _descend(
                a, b, ab, ba, c, np.array(point, order="C"), s, max_iter, tol, maximize)
        perm = np.empty(n, dtype=int)
        perm[order_a] = order_b[np.concatenate([np.arange(s), columns + s])]
        nodes = np.arange(m)[perm[:m] < k]
        images = perm[nodes]
        score = float(similarity[nodes, images].sum())
        for x, y in zip(firsts, seconds):
            score += float(np.sum(x[np.ix_(nodes, nodes)] * y[np.ix_(images, images)]))
        for x, y in zip(forth, back):
            score += float(np.sum(x[np.ix_(nodes, images)] * y[np.ix_(images, nodes)]))
        told = {"score": score, "n_iter": steps, "converged": converged}
        return np.stack([nodes, images]), told

    generators = np.random.default_rng(rng).spawn(n_init)
    if n_jobs is not None and n_jobs != 1:
        with concurrent.futures.ThreadPoolExecutor(None if n_jobs < 1 else n_jobs) as pool:
            found = list(pool.map(once, generators))
    else:
        found = [once(generator) for generator in generators]
    best, told = max(found, key=lambda one: sign * one[1]["score"])
    return MatchResult(best[0], best[1], told["score"], [one for _, one in found])


def _seeds(partial_match: Any, m: int, k: int) -> np.ndarray:
    if partial_match is None:
        return np.empty((0, 2), dtype=int)
    if isinstance(partial_match, tuple):
        partial_match = np.stack([np.asarray(one) for one in partial_match], axis=1)
    pairs = np.asarray(partial_match)
    if pairs.size == 0:
        return np.empty((0, 2), dtype=int)
    if pairs.ndim != 2 or pairs.shape[1] != 2 or pairs.dtype.kind not in "iu":
        raise ValueError("partial_match must have two columns of indices")
    if (pairs < 0).any() or (pairs[:, 0] >= m).any() or (pairs[:, 1] >= k).any():
        raise ValueError("partial_match has indices that are no nodes")
    if any(len(np.unique(column)) < len(column) for column in pairs.T):
        raise ValueError("partial_match has a node in two pairs")
    return pairs.astype(int)


def _descend(
    a: list[np.ndarray], b: list[np.ndarray], ab: list[np.ndarray], ba: list[np.ndarray],
    c: np.ndarray, point: np.ndarray, s: int, iterations: int, tolerance: float, maximize: bool,
) -> tuple[np.ndarray, int, bool]:
    """One descent over the nodes behind the first `s`, which are matched in order."""
    if len(a) == 1 and not ab:
        x, y = a[0], b[0]
        fixed = c[s:, s:] + x[s:, :s] @ y[s:, :s].T + x[:s, s:].T @ y[:s, s:]
        columns, steps, _, _ = descend(
            x[s:, s:], y[s:, s:], fixed, point, None, iterations, tolerance, maximize)
        return columns, steps, steps < iterations
    free = len(point)

    def pull(p: np.ndarray) -> np.ndarray:
        """The gradient without its constant part, at the point whose free block is `p`."""
        whole = np.eye(s + free)
        whole[s:, s:] = p
        total = np.zeros_like(c)
        for x, y in zip(a, b):
            total += x @ whole @ y.T + x.T @ whole @ y
        for x, y in zip(ab, ba):
            total += x @ whole.T @ y.T + y.T @ whole.T @ x
        return total[s:, s:]

    own, scale = c[s:, s:], -1.0 if maximize else 1.0
    slope = pull(point)
    for step in range(1, iterations + 1):
        _, columns = linear_assignment(slope + own, maximize)
        vertex = np.eye(free)[columns]
        target = pull(vertex)
        way = point - vertex
        # f(vertex + t * way) = f(vertex) + t * linear + t^2 * square
        square = 0.5 * float(np.sum(way * (slope - target)))
        linear = float(np.sum(way * (target + own)))
        t = 0.0 if (linear + square) * scale >= 0 else 1.0
        if square * scale > 0 and 0 <= -linear / (2 * square) <= 1:
            t = -linear / (2 * square)
        moved = (1 - t) * np.linalg.norm(way) / np.sqrt(free)
        point, slope = t * point + (1 - t) * vertex, t * slope + (1 - t) * target
        if moved < tolerance:
            break
    return linear_assignment(point, True)[1], step, bool(moved < tolerance)


__all__ = ["MatchResult", "graph_match"]
