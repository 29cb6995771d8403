"""Matching of embeddings, choice of subsets, and the tasks built on them."""

from __future__ import annotations

import ctypes
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ._core import Progress, Result, Run, _float, _forbidden, _indices, _pairs
from ._library import library, matrix

_byref = ctypes.byref


@dataclasses.dataclass(frozen=True)
class MatchResult(Result):
    """A `Result` whose assignment gives each row of the source a row of the target, -1 for none.

    Attributes
    ----------
    accuracy : float or None
        The share of rows, known pairs apart, that are matched as `truth` says.
    metric : str
    constant : float
    truth_objective : float or None
        The objective of the true pairing.
    limit : str or None
        Why pairs are wrong: "metric" (the match is at least as good as the true pairing), "search", or "none".
    margins, confidence : ndarray or None
        For each row of the source, the loss of the cheapest swap that breaks its pair, and the probability that
        the pair is right; NaN where there is none.
    """

    accuracy: float | None = None
    metric: str = ""
    constant: float = 0.0
    truth_objective: float | None = None
    limit: str | None = None
    margins: np.ndarray | None = None
    confidence: np.ndarray | None = None

    def agreement(self, *others: MatchResult) -> np.ndarray:
        """The share of other matches that have the pair of each row; NaN for rows without a pair.

        Parameters
        ----------
        *others : MatchResult
            At least one match of the same rows, by another seed, metric or encoder.
        """
        if not others or self.assignment is None or any(one.assignment is None for one in others):
            raise ValueError("agreement: expected matches that found an assignment, at least one")
        same = np.mean([np.asarray(one.assignment) == self.assignment for one in others], axis=0)
        return np.where(np.asarray(self.assignment) >= 0, same, np.nan)


@dataclasses.dataclass(frozen=True)
class ClassifyResult(MatchResult):
    """A `MatchResult` of clusters to classes; `assignment` gives each cluster a class.

    Attributes
    ----------
    labels : ndarray of int or None
        The class of each sample, -1 where its cluster has none.
    clusters : ndarray of int
        The cluster of each sample.
    oracle_accuracy : float or None
        The best accuracy that any match of these clusters could have.
    matching : float or None
        The share of clusters matched as there.
    inertia : float
    """

    labels: np.ndarray | None = None
    clusters: np.ndarray | None = None
    oracle_accuracy: float | None = None
    matching: float | None = None
    inertia: float = 0.0


@dataclasses.dataclass(frozen=True)
class SubsetResult:
    """The best subsets found, and a bound.

    Attributes
    ----------
    indices : list of ndarray of int
        The items of each subset, ascending, the best subset first.
    objective : ndarray
        What each costs.
    bound, gap : float or None
    status, message : str
    is_optimal : bool
    certificate : str or None
    seconds : float
    data : dict
    """

    indices: list[np.ndarray]
    objective: np.ndarray
    bound: float | None
    gap: float | None
    status: str
    message: str
    is_optimal: bool
    certificate: str | None
    seconds: float
    data: Mapping[str, Any] = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True)
class RetrieveResult:
    """How well each query finds its partner.

    Attributes
    ----------
    scores : ndarray
        Queries x candidates.
    top1, top5, top10 : float
        The shares of queries whose partner is among the best 1, 5 and 10 candidates; ties count by chance.
    matching : float or None
        The accuracy of the best one-to-one assignment of queries to candidates.
    assignment : ndarray of int or None
        The candidate of each query in it.
    """

    scores: np.ndarray
    top1: float
    top5: float
    top10: float
    matching: float | None
    assignment: np.ndarray | None


def _agreement(parts: list[np.ndarray]) -> np.ndarray:
    """The leading eigenvector of the linear CKA of encoders with each other, scaled to mean 1."""
    centered = [part - part.mean(axis=0) for part in parts]
    products = np.array([[((one.T @ other) ** 2).sum() for other in centered] for one in centered])
    norms = np.sqrt(np.diag(products))
    leading = np.abs(np.linalg.eigh(products / np.outer(norms, norms))[1][:, -1])
    return np.maximum(1e-6, leading / leading.mean())


def _combined(several: Sequence[object], weights: Sequence[float] | str | None) -> np.ndarray:
    """Encoders of the same rows side by side: unit rows, each encoder scaled to its weight as variance."""
    units = [np.asarray(one, dtype=np.float64) for one in several]
    units = [part / np.linalg.norm(part, axis=1, keepdims=True) for part in units]
    if weights is None:
        weights = [1.0] * len(several)
    elif isinstance(weights, str):
        if weights != "agreement":
            raise ValueError(f"weights: found {weights!r}, expected numbers or 'agreement'")
        weights = _agreement(units)
    if len(weights) != len(several) or not all(0 < weight < np.inf for weight in weights):
        raise ValueError(f"weights: expected a number above 0 for each of the {len(several)} encoders")
    parts = []
    for part, weight in zip(units, weights):
        parts.append(part * np.sqrt(weight / ((part - part.mean(axis=0)) ** 2).sum(axis=1).mean()))
    return np.concatenate(parts, axis=1)


def _selected(
    embeddings: object, labels: object, rows: np.ndarray | None, name: str, precomputed: bool = False,
    weights: Sequence[float] | str | None = None,
) -> tuple[Any, Any]:
    if isinstance(embeddings, (list, tuple)) and embeddings and all(np.ndim(one) == 2 for one in embeddings):
        embeddings = _combined(embeddings, weights) if len(embeddings) > 1 else embeddings[0]
    elif weights is not None:
        raise ValueError(f"weights apply to several encoders; {name} is one")
    described, array = matrix(embeddings, name)
    if precomputed:
        if labels is not None:
            raise ValueError("labels do not apply to precomputed matrices")
        return (described, array) if rows is None else matrix(array[np.ix_(rows, rows)], name)
    if labels is not None:
        classes = _indices(labels, "labels")
        if classes.size != len(array):
            raise ValueError(f"there are {classes.size} labels; expected {len(array)}, one a row of {name}")
        present = np.unique(classes)
        array = np.stack([array[classes == one].mean(axis=0, dtype=np.float64) for one in present])
    if rows is not None:
        array = array[rows]
    return matrix(array, name) if labels is not None or rows is not None else (described, array)


def match(
    source: object, target: object, *, metric: str = "gw", pairs: object = None,
    queries: object = None, rows: object = None, labels: object = None,
    target_labels: object = None, truth: object = None, normalize: bool | None = None,
    stretch: bool = False, standardize: bool = False, method: str = "auto",
    time_limit: float | None = None, iterations: int | None = None, nodes: int | None = None,
    gap: float | None = None, target_value: float | None = None, tolerance: float | None = None,
    seed: int = 0, threads: int | None = None, start: object = None, starts: int | None = None,
    callback: Callable[[Progress], object] | None = None, certificate: bool = False,
    log: bool = False, best: int = 1, distinct: bool = False,
    precomputed: bool = False, linear: object = None, alpha: float | None = None,
    forbid: object = None, outliers: float | None = None, max_outliers: int | None = None,
    unique: bool = False, allow: object = None, weights: Sequence[float] | str | None = None,
    target_weights: Sequence[float] | str | None = None,
) -> MatchResult:
    """Matches the rows of two sets of embeddings by their similarities within each set.

    Parameters
    ----------
    source, target : array_like
        Embeddings, a row each. They need not have the same features. A list of two-dimensional arrays holds several
        encoders of the same rows, which are combined. With `precomputed`, square matrices.
    weights, target_weights : sequence of float or "agreement", optional
        Weights of the encoders of source, of target; default: equal. "agreement" weighs three or more by how well they
        agree with each other.
    precomputed : bool, default False
        Source and target are similarities or distances already, as gw, inner, kl, cka or correlation take them.
    linear : array_like, optional
        Costs of rows of source with rows of target (similarities where the metric is maximized). The objective
        is then alpha times the structure plus 1 - alpha times these.
    alpha : float, default 0.5
        With `linear`.
    metric : str, default "gw"
        gw, cka, cka-rbf, cka-one-sided, knn:K, inner, kl or correlation. With cka and correlation `auto` matches more
        than 3,000 rows by blocks, without kernels and margins.
    pairs : array_like, optional
        Known pairs: rows of two, single indices i for (i, i), or a dictionary.
    outliers : float, optional
        Rows may stay unmatched: each row of either side without a partner costs this.
    max_outliers : int, optional
        With `outliers`, the most such rows of the smaller side.
    forbid : array_like, optional
        Rows of source and of target that are not to be matched, as `pairs`.
    allow : array_like, optional
        Allowed matches: a matrix of 0 and 1, or pairs; rows that the pairs do not mention may go anywhere.
    queries : array_like, optional
        The rows to match besides the pairs; two columns for rows of source and target. Default: all others.
    rows : array_like, optional
        Use these rows only; two columns for rows of source and target. Other indices count selected rows.
    labels, target_labels : array_like, optional
        Average the rows of source, of target, class by class.
    truth : array_like or "identity", optional
        The true row of the target for each row of the source, -1 where unknown, or pairs in two columns; for the
        accuracy only.
    normalize : bool, optional
        Divide rows by their norms; default: as the metric does.
    stretch, standardize : bool, default False
        Divide columns by their deviations; shift and scale kernels to mean 0 and deviation 1.
    target_value : float, optional
        Stop at this objective.
    method, time_limit, iterations, nodes, gap, tolerance, seed, threads, starts, callback, certificate, log, \
best, distinct, unique
        As for `solve`. With ``best=2`` the result's ``margin`` says how much the second best match is worse.
    start : array_like, optional
        A row of the target for each row of the source to start from.

    Returns
    -------
    MatchResult

    Examples
    --------
    >>> import numpy as np, qapkit
    >>> points = np.random.default_rng(0).normal(size=(8, 5))
    >>> order = np.array([3, 1, 4, 0, 5, 2, 7, 6])
    >>> rotated = points[order] @ np.linalg.qr(np.random.default_rng(1).normal(size=(5, 5)))[0]
    >>> qapkit.match(rotated, points, truth=order).accuracy
    1.0
    """
    first = second = None
    if rows is not None:
        chosen = _pairs(rows, "rows")
        first, second = chosen[:, 0], chosen[:, 1]
    x, _x = _selected(source, labels, first, "source", precomputed, weights)
    y, _y = _selected(target, target_labels, second, "target", precomputed, target_weights)
    if linear is not None and first is not None and second is not None:
        linear = np.asarray(linear)[np.ix_(first, second)]
    if isinstance(truth, str):
        if truth != "identity":
            raise ValueError(f'truth is "{truth}"; expected "identity" or an array')
        truth = np.arange(x.rows)
    elif truth is not None and np.asarray(truth).ndim == 2:
        known = _pairs(truth, "truth")
        truth = np.full(x.rows, -1)
        truth[known[:, 0]] = known[:, 1]
    run = Run(
        method=method, time_limit=time_limit, iterations=iterations, nodes=nodes, gap=gap,
        target=target_value, tolerance=tolerance, seed=seed, threads=threads, pairs=pairs,
        start=start, starts=starts, callback=callback, certificate=certificate, log=log,
        metric=metric, normalize=normalize, stretch=stretch, standardize=standardize,
        queries=queries, truth=truth, best=max(best, 2) if unique else best, distinct=distinct,
        precomputed=precomputed, linear=linear, alpha=alpha,
        forbid=_forbidden(forbid, allow, x.rows, y.rows),
        outliers=outliers, max_outliers=max_outliers)
    answer = run(library.qapkit_match, _byref(x), _byref(y))
    return MatchResult(
        **Result._fields(answer), accuracy=_float(answer.data["accuracy"]), metric=answer.data["metric"],
        constant=float(answer.data["constant"]), truth_objective=_float(answer.data["truth_objective"]),
        limit=answer.data["limit"], margins=_column(answer.data["margins"]),
        confidence=_column(answer.data["confidence"]))


def _column(values: Sequence[float | None] | None) -> np.ndarray | None:
    return None if values is None else np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def classify(
    samples: object, classes: object, *, labels: object = None, metric: str = "gw",
    normalize: bool | None = None, stretch: bool = False, standardize: bool = False,
    clustering_starts: int = 10, clusters: int | None = None, initial: object = None,
    method: str = "auto", time_limit: float | None = None,
    iterations: int | None = None, nodes: int | None = None, gap: float | None = None,
    tolerance: float | None = None, seed: int = 0, threads: int | None = None,
    callback: Callable[[Progress], object] | None = None, certificate: bool = False,
    log: bool = False,
) -> ClassifyResult:
    """Classifies samples without labels: clusters them by k-means and matches clusters to classes.

    Parameters
    ----------
    samples, classes : array_like
        Embeddings of the samples, and of the classes (of their names, say).
    labels : array_like, optional
        The true class of each sample, for the accuracy only.
    clustering_starts : int, default 10
    clusters : int, optional
        The number of clusters; default: that of the classes. Where both differ, some have no partner.
    initial : array_like of int, optional
        Rows of samples as first centers, instead of k-means++.
    metric, normalize, stretch, standardize, method, ...
        As for `match`.

    Returns
    -------
    ClassifyResult

    Examples
    --------
    >>> import numpy as np, qapkit
    >>> rng = np.random.default_rng(0)
    >>> centers = rng.normal(size=(5, 8))
    >>> labels = np.repeat(np.arange(5), 10)
    >>> samples = centers[labels] + 0.01 * rng.normal(size=(50, 8))
    >>> qapkit.classify(samples, centers, labels=labels).accuracy
    1.0
    """
    x, _x = matrix(samples, "samples")
    y, _y = matrix(classes, "classes")
    run = Run(
        method=method, time_limit=time_limit, iterations=iterations, nodes=nodes, gap=gap,
        tolerance=tolerance, seed=seed, threads=threads, callback=callback,
        certificate=certificate, log=log, metric=metric, normalize=normalize, stretch=stretch,
        standardize=standardize, clustering_starts=clustering_starts, clusters=clusters,
        initial=initial, truth=labels)
    answer = run(library.qapkit_classify, _byref(x), _byref(y))
    data = answer.data
    return ClassifyResult(
        **Result._fields(answer), accuracy=_float(data["accuracy"]), metric=data["metric"],
        constant=data["constant"], clusters=np.array(data["clusters"]),
        labels=None if data["labels"] is None
        else np.array([-1 if one is None else one for one in data["labels"]], dtype=np.int64),
        oracle_accuracy=_float(data["oracle_accuracy"]), matching=_float(data["matching"]),
        inertia=float(data["inertia"]))


def subset(
    costs: object, target: object = None, *, size: int, best: int = 1, metric: str = "gw",
    normalize: bool | None = None, stretch: bool = False, standardize: bool = False,
    time_limit: float | None = None, nodes: int | None = None, tolerance: float | None = None,
    seed: int = 0, threads: int | None = None, maximize: bool = False,
    callback: Callable[[Progress], object] | None = None, certificate: bool = False,
    log: bool = False, bound: str = "auto", moves: int | None = None,
) -> SubsetResult:
    """Chooses `size` items that cost least together.

    Parameters
    ----------
    costs : array_like
        L x L; the objective counts every ordered pair once, the diagonal too. With `target`: embeddings.
    target : array_like, optional
        Embeddings of the same rows from elsewhere: costs are then the losses of the true pairs.
    size : int
    best : int, default 1
        How many of the best subsets to find.
    metric, normalize, stretch, standardize
        As for `match`, with `target` only.
    bound : str, default "auto"
        How bounds are proven: auto, dnn, rows, lp, or none to look for subsets only.
    moves : int, optional
        Moves of the tabu search; default: about a second of them.
    time_limit, nodes, tolerance, seed, threads, maximize, callback, certificate, log
        As for `solve`.

    Returns
    -------
    SubsetResult

    Examples
    --------
    >>> import numpy as np, qapkit
    >>> x = np.array([0.0, 9.0, 1.0, 7.0, 2.0])
    >>> qapkit.subset(abs(x[:, None] - x), size=3).indices
    [array([0, 2, 4])]
    """
    x, _x = matrix(costs, "costs")
    keep = None if target is None else matrix(target, "target")
    run = Run(
        time_limit=time_limit, nodes=nodes, tolerance=tolerance, seed=seed, threads=threads,
        maximize=maximize, callback=callback, certificate=certificate, log=log, metric=metric,
        normalize=normalize, stretch=stretch, standardize=standardize, best=best,
        subset_bound=bound, moves=moves)
    answer = run(library.qapkit_subset, _byref(x), None if keep is None else _byref(keep[0]), size)
    data = answer.data
    return SubsetResult(
        [np.array(one, dtype=np.int64) for one in data["indices"]],
        np.array(data["objective"], dtype=np.float64), _float(data["bound"]), _float(data["gap"]),
        data["termination"], answer.text("status") or "", data["termination"] == "optimal",
        answer.text("certificate"), data["seconds"], data)


def retrieve(
    source: object, target: object, *, base: object = None, base_source: object = None,
    base_target: object = None, queries: object = None, labels: object = None,
    method: str = "local-cka", normalize: bool = False, stretch: bool = False,
    center: bool = False, csls: int | None = None, anchors: int = 800, exponent: float = 8.0,
    seed: int = 0, threads: int | None = None,
) -> RetrieveResult:
    """Ranks the rows of the target for each row of the source, from known pairs.

    Parameters
    ----------
    source, target : array_like
        Embeddings, a row each.
    base : array_like, optional
        Known pairs of rows: rows of two, or single indices i for (i, i).
    base_source, base_target : array_like, optional
        Known pairs from elsewhere: row i of one belongs to row i of the other.
    queries : array_like, optional
        The rows that ask, with their partners in a second column. Default: rows in no known pair.
    labels : array_like, optional
        The row of the target that each row of the source belongs to: every row of the target is a candidate.
    method : str, default "local-cka"
        local-cka, local-cka-rbf, linear, ridge, procrustes, cca, relative, asif or cosine.
    normalize, stretch : bool, default False
        Divide rows by their norms; divide columns by their deviations.
    center : bool, default False
        Subtract the mean of the known rows first.
    csls : int, optional
        Scale scores locally by this number of nearest neighbors; 5 improves most methods.
    anchors, exponent
        With asif: the number of cosines kept for each row, and the power that they are raised to.
    seed : int, default 0
        The order in which ties are broken.
    threads : int, optional

    Returns
    -------
    RetrieveResult

    Examples
    --------
    >>> import numpy as np, qapkit
    >>> points = np.random.default_rng(0).normal(size=(30, 4))
    >>> qapkit.retrieve(points @ np.diag([1, 2, 3, 4]), points, base=range(20), method="linear").top1
    1.0
    """
    x, _x = matrix(source, "source")
    y, _y = matrix(target, "target")
    others = [
        None if one is None else matrix(one, name)
        for one, name in ((base_source, "base_source"), (base_target, "base_target"))
    ]
    run = Run(
        method=method, pairs=base if base is None else _as_pairs(base), queries=queries,
        truth=labels, normalize=normalize, stretch=stretch, seed=seed, threads=threads,
        center=center, csls=csls, anchors=anchors, exponent=exponent)
    answer = run(
        library.qapkit_retrieve, _byref(x), _byref(y),
        *(None if one is None else _byref(one[0]) for one in others), arrays=["scores"])
    data = answer.data
    places = data.get("assignment")
    return RetrieveResult(
        answer.arrays["scores"].reshape(data["queries"], data["candidates"]),
        float(data["top1"]), float(data["top5"]), float(data["top10"]), _float(data.get("matching")),
        None if places is None else np.array(places))


def _as_pairs(values: object) -> object:
    return np.fromiter(values, dtype=np.int64) if isinstance(values, range) else values


@dataclasses.dataclass(frozen=True)
class Alignment:
    """One measure of `align`.

    Attributes
    ----------
    measure : str
    value : float
        At the pairs as they stand.
    shuffled : dict of float to float
        The value after each percentage of the rows was shuffled, averaged over seeds.
    null : dict or None
        With permutations: "permutations", "mean", "deviation", "threshold" and "level" of random pairings, "p", and
        "calibrated", the score (value - threshold) / (1 - threshold).
    """

    measure: str
    value: float
    shuffled: dict[float, float]
    null: dict[str, float] | None = None


def align(
    source: object, target: object, *, measures: Sequence[str] = ("cka",),
    shuffle: Sequence[float] = (), seeds: Sequence[int] = (0,), normalize: bool | None = None,
    stretch: bool = False, standardize: bool = False, permutations: int | None = None,
    level: float = 0.05, threads: int | None = None,
) -> list[Alignment]:
    """Measures how alike two sets of embeddings of the same things are.

    Parameters
    ----------
    source, target : array_like
        Row i of both belongs together.
    measures : sequence of str, default ("cka",)
        The metrics of `match`, cka-debiased, cknna:K, cycle-knn:K, mutual-knn:K, rsa, rsa-spearman, pearson, svcca:K,
        procrustes, and linear-predictivity.
    shuffle : sequence of float, optional
        Percentages of rows of the source to shuffle.
    seeds : sequence of int, default (0,)
    permutations : int, optional
        Random pairings to compare with: a p-value and a calibrated score.
    level : float, default 0.05
        The level of their threshold.
    normalize, stretch, standardize, threads
        As for `match`.

    Returns
    -------
    list of Alignment

    Examples
    --------
    >>> import numpy as np, qapkit
    >>> points = np.random.default_rng(0).normal(size=(20, 4))
    >>> round(qapkit.align(points, 2 * points)[0].value, 12)
    1.0
    """
    x, _x = matrix(source, "source")
    y, _y = matrix(target, "target")
    percents = np.ascontiguousarray(shuffle, dtype=np.float64).reshape(-1)
    results = []
    for measure in measures:
        run = Run(
            metric=measure, normalize=normalize, stretch=stretch, standardize=standardize,
            seeds=seeds, permutations=permutations, level=level, threads=threads)
        found = run(
            library.qapkit_align, _byref(x), _byref(y), percents.ctypes.data, percents.size).data
        results.append(Alignment(
            found["measure"], float(found["value"]),
            {float(one["percent"]): float(one["value"]) for one in found["shuffled"]},
            found.get("null")))
    return results


def intramodal(
    vision: object, labels: object, *, text: object = None, names: object = None,
    paired: object = None, dimensions: int | None = None, seed: int = 0,
    threads: int | None = None,
) -> dict[str, Any]:
    """Measures similarities within one modality, and how well classes come back from them.

    Parameters
    ----------
    vision : array_like
        Embeddings, a row each.
    labels : array_like
        The class of each row, from 0.
    text : array_like, optional
        A text for each class.
    names : array_like, optional
        Texts whose leading directions are kept; everything is measured after that projection as well.
    paired : array_like, optional
        A text for each row.
    dimensions : int, optional
        Directions to keep; default: half of the features.
    seed, threads
        As for `solve`.

    Returns
    -------
    dict
        By the keys of the JSON of the command ``qap intramodal``.

    Examples
    --------
    >>> import numpy as np, qapkit
    >>> labels = np.repeat(np.arange(3), 4)
    >>> vision = np.eye(3)[labels] + 0.01
    >>> qapkit.intramodal(vision, labels)["original"]["mAP"] == 1
    True
    """
    kept = [matrix(vision, "vision")]
    pointers: list[Any] = [_byref(kept[0][0])]
    for one, name in ((text, "text"), (names, "names"), (paired, "paired")):
        if one is None:
            pointers.append(None)
        else:
            kept.append(matrix(one, name))
            pointers.append(_byref(kept[-1][0]))
    run = Run(truth=labels, seed=seed, threads=threads)
    return run(library.qapkit_intramodal, *pointers, 0 if dimensions is None else dimensions).data


__all__ = [
    "Alignment", "ClassifyResult", "MatchResult", "RetrieveResult", "SubsetResult", "align",
    "classify", "intramodal", "match", "retrieve", "subset",
]
