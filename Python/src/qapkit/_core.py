"""Instances, runs and results."""

from __future__ import annotations

import ctypes
import dataclasses
import html
import json
import logging
import math
import operator
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from . import _library
from ._library import BLOCK, PROGRESS, Event, Matrix, Options, check, library, matrix

logger = logging.getLogger("qapkit")

_byref = ctypes.byref


class Instance:
    """A quadratic assignment problem: immutable, and safe to share between threads.

    Made by `read`, `generate` and `instance`.

    Attributes
    ----------
    size, facilities : int
        The numbers of locations and of facilities, which may be fewer. With capacities, a location counts
        once for each facility that it takes, and `distance` and `linear` repeat it as often.
    name : str
    flow, distance, linear : ndarray or None
        Copies of the matrices as they were given; None for a cost tensor, or without a linear part.
    constant : float
    """

    def __init__(self, handle: ctypes.c_void_p, keep: _Blocks | None = None) -> None:
        self._handle = handle
        self._keep = keep  # the callback of a tensor, and what it raised
        self._arrays: tuple[object, ...] = ()  # arrays that are read where they stand

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            library.qapkit_instance_free(self._handle)

    def __repr__(self) -> str:
        return f"<qapkit.Instance {self.name!r}: {self.facilities} facilities, {self.size} locations>"

    @property
    def size(self) -> int:
        return library.qapkit_instance_size(self._handle)

    @property
    def facilities(self) -> int:
        return library.qapkit_instance_facilities(self._handle)

    @property
    def name(self) -> str:
        return library.qapkit_instance_name(self._handle).decode()

    def _matrix(self, which: int, rows: int, columns: int) -> np.ndarray | None:
        if not library.qapkit_instance_has(self._handle, which):
            return None
        values = np.empty((rows, columns))
        check(library.qapkit_instance_copy(self._handle, which, values.ctypes.data, values.size))
        return values

    @property
    def flow(self) -> np.ndarray | None:
        return self._matrix(0, self.facilities, self.facilities)

    @property
    def distance(self) -> np.ndarray | None:
        return self._matrix(1, self.size, self.size)

    @property
    def linear(self) -> np.ndarray | None:
        return self._matrix(2, self.facilities, self.size)

    @property
    def sites(self) -> np.ndarray | None:
        """With capacities, the location that each of the `size` places belongs to; None otherwise."""
        found = self._matrix(3, 1, self.size)
        return None if found is None else found[0].astype(np.int64)

    @property
    def constant(self) -> float:
        value = ctypes.c_double()
        check(library.qapkit_instance_constant(self._handle, _byref(value)))
        return value.value

    def objective(self, assignment: object) -> float:
        """The objective of an assignment, which gives each facility a location.

        Examples
        --------
        >>> import qapkit
        >>> qapkit.instance([[0, 1], [1, 0]], [[0, 3], [3, 0]]).objective([1, 0])
        6.0
        """
        places = _indices(assignment, "assignment")
        value = ctypes.c_double()
        check(library.qapkit_instance_objective(
            self._handle, places.ctypes.data, places.size, _byref(value)))
        self._raise_from_callback()
        return value.value

    @property
    def sense(self) -> str:
        """"max" when the file of the instance states that it is to be maximized, else "min"."""
        return "max" if library.qapkit_instance_is_maximized(self._handle) == 1 else "min"

    def write(self, path: str | os.PathLike[str]) -> None:
        """Writes a .dat, .json, .npz or .npy file, as the extension says."""
        check(library.qapkit_instance_write(self._handle, os.fsencode(path)))

    def _forbidden(self, forbid: object, allow: object) -> object:
        if allow is None:
            return forbid
        sites = self.sites
        return _forbidden(
            forbid, allow, self.facilities, self.size if sites is None else int(sites.max()) + 1)

    def _raise_from_callback(self) -> None:
        if self._keep is not None:
            self._keep.raise_error()


class _Blocks:
    """The callback of a cost tensor, and the exception that ended it."""

    def __init__(self, function: Callable[[int, int], object], size: int) -> None:
        self.error: BaseException | None = None

        def block(_context: object, i: int, j: int, out: Any) -> int:
            try:
                np.ctypeslib.as_array(out, (size, size))[:] = function(i, j)
                return 0
            except BaseException as error:  # noqa: BLE001 (raised again by the caller)
                self.error = error
                return 1

        self.callback = BLOCK(block)

    def raise_error(self) -> None:
        error, self.error = self.error, None
        if error is not None:
            raise error


def _new_instance(make: Callable[[Any], int], keep: _Blocks | None = None) -> Instance:
    handle = ctypes.c_void_p()
    code = make(_byref(handle))
    if keep is not None:
        keep.raise_error()
    check(code)
    return Instance(handle, keep)


def _optional(values: object, name: str, in_place: bool = False) -> tuple[Any, object]:
    """A pointer to a matrix, or None, and what must be kept."""
    if values is None:
        return None, None
    described, array = matrix(values, name, in_place)
    return _byref(described), (described, array)


def instance(
    flow: object, distance: object = None, linear: object = None, *, constant: float = 0.0,
    size: int | None = None, integral: bool = False, symmetric: bool = False,
    name: str = "instance", layers: Sequence[tuple[object, object, float]] = (),
    capacity: object = None,
) -> Instance:
    """An instance from matrices, a cost tensor or a function.

    Parameters
    ----------
    flow : array_like or callable
        The flow matrix, m x m. Or, without `distance`, a cost tensor: an array of shape (n, n, n, n) whose
        element (i, j, k, l) is paid when facility i is at location j and k at l; or a function of i and j
        that returns the n x n block (i, j, :, :), for tensors that do not fit into memory.
    distance : array_like, optional
        The distance matrix, n x n with m <= n.
    linear : array_like, optional
        The cost of each facility at each location, m x n.
    constant : float, default 0
        Added to every objective.
    size : int, optional
        n, for a function.
    integral, symmetric : bool, default False
        Promises of a function: every entry is an integer; C[i,j,k,l] = C[k,l,i,j]. A false promise of symmetry
        makes bounds wrong.
    name : str, default "instance"
        For logs and files.
    layers : sequence of (flow, distance, weight)
        Further matrices, n x n, whose products are added to the costs, times a weight. Only the matrices are
        stored.
    capacity : array_like of int, optional
        The number of facilities that each location takes, one for each row of `distance`. The diagonal of
        `distance` is then paid between facilities at one location. Assignments name locations.

    Returns
    -------
    Instance

    Examples
    --------
    >>> import numpy as np, qapkit
    >>> problem = qapkit.instance(np.ones((3, 3)), np.eye(3))
    >>> problem.size
    3
    >>> two_sites = qapkit.instance(np.ones((3, 3)), [[0, 5], [5, 0]], capacity=[2, 2])
    >>> qapkit.solve(two_sites).objective
    20.0
    """
    if linear is not None:
        linear = _library.as_array(linear, "linear")  # once, whatever it was
    pointer, keep = _optional(linear, "linear")
    text = name.encode()
    if capacity is not None and (callable(flow) or distance is None or layers):
        raise ValueError("capacity applies only to a flow and a distance without layers")
    if callable(flow):
        if size is None:
            raise ValueError("size is missing: the number of facilities of the cost function")
        if distance is not None:
            raise ValueError("distance does not apply to a cost function")
        blocks = _Blocks(flow, size)
        flags = (1 if integral else 0) | (2 if symmetric else 0)
        return _new_instance(
            lambda out: library.qapkit_instance_create_tensor(
                size, blocks.callback, None, flags, pointer, constant, text, out),
            blocks)
    array = _library.as_array(flow, "flow")
    if distance is None:
        if array.ndim != 4 or len(set(array.shape)) != 1:
            raise ValueError(
                f"flow has the shape {array.shape} and distance is missing; "
                "expected two matrices, or a tensor of shape (n, n, n, n)")
        entries = np.ascontiguousarray(array, dtype=np.float64)
        return _new_instance(
            lambda out: library.qapkit_instance_create_dense_tensor(
                len(entries), entries.ctypes.data, pointer, constant, text, out))
    if capacity is not None:
        first, _first = matrix(array, "flow")
        second, _second = matrix(distance, "distance")
        takes = _indices(capacity, "capacity")
        return _new_instance(
            lambda out: library.qapkit_instance_create_with_capacities(
                _byref(first), _byref(second), pointer, constant, takes.ctypes.data, takes.size,
                text, out))
    result = _from_matrices(array, distance, linear, constant, text)
    del keep
    for one, other, weight in layers:
        result = _with_layer(result, one, other, weight)
    return result


def _from_matrices(
    flow: object, distance: object, linear: object, constant: float, text: bytes, in_place: bool = False,
) -> Instance:
    first, a = matrix(flow, "flow", in_place)
    second, b = matrix(distance, "distance", in_place)
    pointer, c = _optional(linear, "linear", in_place)
    result = _new_instance(
        lambda out: library.qapkit_instance_create(_byref(first), _byref(second), pointer, constant, text, out))
    result._arrays = (a, b, c) if in_place else ()
    return result


def _with_layer(base: Instance, flow: object, distance: object, weight: float) -> Instance:
    (a, _a), (b, _b) = matrix(flow, "flow of a layer"), matrix(distance, "distance of a layer")
    return _new_instance(
        lambda out: library.qapkit_instance_add_layer(base._handle, _byref(a), _byref(b), weight, out))


def read(path: str | os.PathLike[str]) -> Instance:
    """Reads a .dat (QAPLIB), .json, .npz or .npy file.

    Examples
    --------
    >>> import qapkit
    >>> qapkit.generate("taillard-uniform", 5).write("/tmp/qapkit-u5.dat")
    >>> qapkit.read("/tmp/qapkit-u5.dat").size
    5
    """
    return _new_instance(lambda out: library.qapkit_instance_read(os.fsencode(path), out))


def write(problem: Instance, path: str | os.PathLike[str]) -> None:
    """Writes an instance to a .dat, .json, .npz or .npy file, as the extension says."""
    problem.write(path)


def generate(family: str, size: int | None = None, *, seed: int = 0) -> Instance:
    """An instance of a family that ``qap generate --list`` shows, or, without a size, one of
    QAPLIB that can be generated, such as tai12a.

    Examples
    --------
    >>> import qapkit
    >>> qapkit.generate("tai12a").objective([7, 0, 5, 1, 10, 9, 2, 4, 8, 6, 11, 3])
    224416.0
    """
    return _new_instance(
        lambda out: library.qapkit_instance_generate(
            family.encode(), 0 if size is None else size, seed, out))


@dataclasses.dataclass(frozen=True)
class Progress:
    """An event of a run, for callbacks.

    Attributes
    ----------
    kind : str
        "incumbent", "bound", "working" or "note".
    seconds : float
    objective, bound, gap : float or None
    iterations, nodes, open : int
    source : str
        The method at work.
    text : str
        The text of a note.
    """

    kind: str
    seconds: float
    objective: float | None
    bound: float | None
    gap: float | None
    iterations: int
    nodes: int
    open: int
    source: str
    text: str

    _KINDS = ("incumbent", "bound", "working", "note")

    @classmethod
    def _of(cls, event: Event) -> Progress:
        def known(value: float) -> float | None:
            return None if math.isnan(value) else value

        return cls(
            cls._KINDS[event.kind], event.seconds, known(event.objective), known(event.bound),
            known(event.gap), event.iterations, event.nodes, event.open,
            (event.source or b"").decode(), (event.text or b"").decode())

    def __str__(self) -> str:
        if self.kind == "note":
            return self.text
        def number(value: float | None) -> str:
            return "-" if value is None else f"{value:.10g}"

        gap = "-" if self.gap is None else f"{100 * self.gap:.2f}%"
        return (
            f"{self.source}: objective {number(self.objective)}, bound {number(self.bound)}, "
            f"gap {gap}, {self.seconds:.1f} s")


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


@dataclasses.dataclass(frozen=True)
class Result:
    """What a run found and proved.

    Attributes
    ----------
    assignment : ndarray of int or None
        The location of each facility, from 0.
    objective : float or None
        Recomputed apart from the solver.
    bound : float or None
        No assignment costs less (more, when maximizing), rounded to a value that objectives can take.
    gap : float or None
        |objective - bound| / |objective|.
    status : str
        Why the run ended: "optimal", "infeasible", "gap", "target", "time", "iterations", "nodes", "memory",
        "stalled" or "interrupted".
    message : str
        The status as a sentence.
    is_optimal : bool
        The bound proves the objective optimal.
    seconds : float
    iterations, nodes : int
    trace : ndarray
        Every improvement: a structured array with the fields seconds, objective, bound and source.
    certificate : str or None
        The proof of the bound, for `verify`; asked for by ``certificate=True``.
    data : dict
        Everything, by the keys of the JSON that the program qap writes.
    """

    assignment: np.ndarray | None
    objective: float | None
    bound: float | None
    gap: float | None
    status: str
    message: str
    is_optimal: bool
    seconds: float
    iterations: int
    nodes: int
    trace: np.ndarray
    certificate: str | None
    data: Mapping[str, Any] = dataclasses.field(repr=False)

    @staticmethod
    def _fields(answer: _Answer) -> dict[str, Any]:
        data = answer.data
        trace = np.array(
            [
                (p["seconds"], *(math.nan if p[k] is None else p[k] for k in ("objective", "bound")),
                 p["source"])
                for p in data["trace"]
            ],
            dtype=[("seconds", "f8"), ("objective", "f8"), ("bound", "f8"), ("source", "U24")])
        places = data.get("assignment")
        return {
            "assignment": None if places is None
            else np.array([-1 if p is None else p for p in places], dtype=np.int64),
            "objective": _float(data["objective"]), "bound": _float(data["bound"]),
            "gap": _float(data["gap"]),
            "status": data["termination"], "message": answer.text("status") or "",
            "is_optimal": data["termination"] == "optimal", "seconds": data["seconds"],
            "iterations": data["iterations"], "nodes": data["nodes"], "trace": trace,
            "certificate": answer.text("certificate"), "data": data,
        }

    @property
    def best(self) -> list[tuple[float, np.ndarray]] | None:
        """The best assignments with their objectives, the best first; None unless several were asked for.

        The first ``data["proven"]`` of them are proven; no other is better than ``data["bound_of_others"]``.

        Examples
        --------
        >>> import qapkit
        >>> result = qapkit.solve([[0, 5], [2, 0]], [[0, 1], [3, 0]], best=2)
        >>> [value for value, _ in result.best], result.margin, result.is_unique
        ([11.0, 17.0], 6.0, True)
        """
        found = self.data.get("best")
        return None if found is None else [
            (float(one["objective"]),
             np.array([-1 if p is None else p for p in one["assignment"]], dtype=np.int64))
            for one in found]

    @property
    def margin(self) -> float | None:
        """By how much the second best is worse than the best, when both are proven; needs best=2 or more."""
        return _float(self.data.get("margin"))

    @property
    def is_unique(self) -> bool | None:
        """Whether no other assignment equals the best one; None when not decided. Needs best=2 or more."""
        return self.data.get("unique")

    def plot(self, axes: Any = None) -> Any:
        """Draws objective and bound over time with Matplotlib and returns the axes."""
        if axes is None:
            import matplotlib.pyplot as plt

            axes = plt.gca()
        end = self.seconds
        for name in ("objective", "bound"):
            known = ~np.isnan(self.trace[name])
            times, values = self.trace["seconds"][known], self.trace[name][known]
            if len(times):
                axes.step(np.append(times, end), np.append(values, values[-1]), where="post", label=name)
        axes.set_xlabel("seconds")
        axes.legend()
        return axes

    def _repr_html_(self) -> str:
        rows = [
            ("objective", self.objective), ("bound", self.bound),
            ("gap", None if self.gap is None else f"{100 * self.gap:.2f} %"),
            ("status", self.message), ("seconds", f"{self.seconds:.2f}"),
            ("assignment", None if self.assignment is None else " ".join(map(str, self.assignment))),
        ]
        cells = "".join(
            f"<tr><th>{name}</th><td>{html.escape('-' if value is None else str(value))}</td></tr>"
            for name, value in rows)
        return f"<table>{cells}</table>"


class _Answer:
    """A result of the library as Python objects; the C result is freed."""

    def __init__(self, handle: ctypes.c_void_p, arrays: Sequence[str] = ()) -> None:
        try:
            def text(key: bytes) -> str | None:
                found = library.qapkit_result_text(handle, key)
                return None if found is None else found.decode()

            self.data: dict[str, Any] = json.loads(text(b"json") or "{}")
            self._texts = {key: text(key.encode()) for key in ("status", "certificate")}
            self.arrays: dict[str, np.ndarray] = {}
            for name in arrays:
                values = np.empty(max(0, library.qapkit_result_count(handle, name.encode())))
                check(library.qapkit_result_numbers(
                    handle, name.encode(), values.ctypes.data, values.size))
                self.arrays[name] = values
        finally:
            library.qapkit_result_free(handle)

    def text(self, key: str) -> str | None:
        # The certificate of the JSON is a path, which there is none of here.
        return self._texts.get(key)


def _indices(values: object, name: str) -> np.ndarray:
    array = np.asarray(values)
    if array.size == 0:
        array = array.astype(np.int64)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} is an array of {array.dtype}; expected indices")
    return np.ascontiguousarray(array, dtype=np.int64).reshape(-1)


def _pairs(values: object, name: str = "pairs") -> np.ndarray:
    """Pairs as rows of two: from rows of two, single indices i for (i, i), or a dictionary."""
    if isinstance(values, Mapping):
        values = list(values.items())
    array = np.asarray(values)
    if array.ndim == 1:
        return _indices(np.stack([array, array], axis=1), name).reshape(-1, 2)
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(f"{name} has the shape {array.shape}; expected rows of two, or single indices")
    return _indices(array, name).reshape(-1, 2)


class Run:
    """One call of the library: its options, its callback, and a flag to stop it."""

    def __init__(
        self, *, method: str | None = None, time_limit: float | None = None,
        iterations: int | None = None, nodes: int | None = None, gap: float | None = None,
        target: float | None = None, tolerance: float | None = None, seed: int = 0,
        threads: int | None = None, maximize: bool = False, pairs: object = None,
        start: object = None, starts: int | None = None, checkpoint: str | os.PathLike[str] | None = None,
        callback: Callable[[Progress], object] | None = None, certificate: bool = False,
        log: bool = False, metric: str | None = None, normalize: bool | None = None,
        stretch: bool = False, standardize: bool = False, best: int | None = None,
        clustering_starts: int | None = None, queries: object = None, truth: object = None,
        distinct: bool = False, precomputed: bool = False, linear: object = None,
        alpha: float | None = None, forbid: object = None, outliers: float | None = None,
        max_outliers: int | None = None, bottleneck: bool = False, center: bool = False,
        csls: int | None = None, anchors: int | None = None, exponent: float | None = None,
        permutations: int | None = None, level: float | None = None,
        seeds: Sequence[int] | None = None, clusters: int | None = None, initial: object = None,
        moves: int | None = None, subset_bound: str | None = None,
    ) -> None:
        self.options = options = Options()
        library.qapkit_options_init(_byref(options), ctypes.sizeof(Options))
        self._keep: list[object] = []
        self._error: BaseException | None = None
        self._stop = ctypes.c_int32(0)
        options.stop = ctypes.addressof(self._stop)
        for name, value in (
            ("time_limit", time_limit), ("gap", gap), ("target", target), ("tolerance", tolerance),
            ("exponent", exponent), ("level", level),
        ):
            if value is not None:
                setattr(options, name, float(value))
        for name, count in (
            ("iterations", iterations), ("nodes", nodes), ("starts", starts), ("threads", threads),
            ("best", best), ("clustering_starts", clustering_starts), ("csls", csls),
            ("anchors", anchors), ("permutations", permutations), ("clusters", clusters),
        ):
            if count is not None:
                number = count.__index__()
                if number < 1 or number >= 2**31 and name in ("threads", "best", "clustering_starts"):
                    raise ValueError(f"{name} is {number}; expected at least 1")
                setattr(options, name, min(number, 2**62))
        if not 0 <= seed < 2**64:
            raise ValueError(f"seed is {seed}; expected 0 to 2^64 - 1")
        options.seed = seed
        options.maximize, options.certificate = bool(maximize), bool(certificate)
        options.distinct, options.precomputed = bool(distinct), bool(precomputed)
        options.bottleneck, options.center = bool(bottleneck), bool(center)
        if seeds is not None:
            several = np.array([operator.index(one) for one in seeds], dtype=np.uint64)
            self._keep.append(several)
            options.seeds, options.seed_count = several.ctypes.data, several.size
        if linear is not None:
            described, array = matrix(linear, "linear")
            self._keep += [described, array]
            options.linear = ctypes.pointer(described)
            options.alpha = 0.5 if alpha is None else alpha
        elif alpha is not None:
            raise ValueError("alpha applies only with linear")
        options.stretch, options.standardize = bool(stretch), bool(standardize)
        options.normalize = -1 if normalize is None else bool(normalize)
        if moves is not None:
            if not 0 <= moves <= 2**62:
                raise ValueError(f"moves is {moves}; expected at least 0")
            options.moves = moves
        for name, text in (("method", method), ("metric", metric), ("subset_bound", subset_bound)):
            if text is not None:
                setattr(options, name, text.encode())
        if checkpoint is not None:
            options.checkpoint = os.fsencode(checkpoint)
        if pairs is not None:
            rows = _pairs(pairs)
            self._point("pairs", rows)
            options.pair_count = len(rows)
        if outliers is not None:
            options.outliers = float(outliers)
            options.max_outliers = -1 if max_outliers is None else max_outliers
        elif max_outliers is not None:
            raise ValueError("max_outliers applies only with outliers")
        if forbid is not None:
            rows = _pairs(forbid, "forbid")
            self._point("forbidden", rows)
            options.forbidden_count = len(rows)
        if isinstance(start, str) and start.startswith("QAPKIT-CERTIFICATE"):
            options.start_certificate = start.encode()
        elif start is not None:
            self._point("start", _indices(start, "start"), "start_count")
        if queries is not None:
            rows = _pairs(queries, "queries")
            self._point("source_queries", rows[:, 0], "source_query_count")
            self._point("target_queries", rows[:, 1], "target_query_count")
        if truth is not None:
            self._point("truth", _indices(truth, "truth"), "truth_count")
        if initial is not None:
            self._point("initial", _indices(initial, "initial"), "initial_count")
        if log:
            _require_log()
        if callback is not None or log:
            self._listen(callback, log)

    def _point(self, name: str, array: np.ndarray, count: str | None = None) -> None:
        array = np.ascontiguousarray(array, dtype=np.int64)
        self._keep.append(array)
        setattr(self.options, name, array.ctypes.data)
        if count is not None:
            setattr(self.options, count, array.size)

    def _listen(self, callback: Callable[[Progress], object] | None, log: bool) -> None:
        def progress(event: Any, _context: object) -> int:
            try:
                told = Progress._of(event.contents)
                if log and told.kind != "working":
                    logger.info("%s", told)
                return 1 if callback is not None and callback(told) else 0
            except BaseException as error:  # noqa: BLE001 (raised again by the caller)
                self._error = error
                return 1

        function = PROGRESS(progress)
        self._keep.append(function)
        self.options.progress = function

    def __call__(
        self, function: Callable[..., int], *arguments: object, arrays: Sequence[str] = (),
        problem: Instance | None = None,
    ) -> _Answer:
        """Calls the library with the arguments, the options and a place for the result.

        On the main thread the call runs on another one, so that Ctrl-C is heard: the first ends the run with
        the best result so far, the second raises KeyboardInterrupt.
        """
        result = ctypes.c_void_p()
        codes: list[tuple[int, str]] = []

        def call() -> None:
            code = function(*arguments, _byref(self.options), _byref(result))
            codes.append((code, _library.message() if code else ""))

        if threading.current_thread() is threading.main_thread():
            interruptible(call, self._stop)
        else:
            call()
        code, text = codes[0]
        if self._error is not None:
            if result:
                library.qapkit_result_free(result)
            raise self._error
        if problem is not None:
            try:
                problem._raise_from_callback()
            except BaseException:
                if result:
                    library.qapkit_result_free(result)
                raise
        if code:
            raise _library._ERRORS.get(code, _library.InternalError)(text)
        return _Answer(result, arrays)


def interruptible(call: Callable[[], None], stop: ctypes.c_int32) -> None:
    """Runs `call` on a thread of its own and waits; the first Ctrl-C sets `stop`, the second is raised."""
    done = threading.Event()
    failure: list[BaseException] = []

    def work() -> None:
        try:
            call()
        except BaseException as error:  # noqa: BLE001 (raised again below)
            failure.append(error)
        finally:
            done.set()

    threading.Thread(target=work, name="qapkit", daemon=True).start()
    while True:
        try:
            done.wait()
            break
        except KeyboardInterrupt:
            if stop.value:
                raise
            stop.value = 1
    if failure:
        raise failure[0]


def _require_log() -> None:
    if not logger.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(message)s"))
        logger.addHandler(handler)
    if not logger.isEnabledFor(logging.INFO):
        logger.setLevel(logging.INFO)


def _given(
    flow: object, distance: object, linear: object, constant: float, size: int | None,
    capacity: object,
) -> Instance:
    if isinstance(flow, Instance):
        if distance is not None or linear is not None or constant or capacity is not None:
            raise ValueError("distance, linear, constant and capacity are part of the instance")
        return flow
    if callable(flow) or distance is None or capacity is not None:
        return instance(flow, distance, linear, constant=constant, size=size, capacity=capacity)
    return _from_matrices(flow, distance, linear, constant, b"instance", in_place=True)


def _forbidden(forbid: object, allow: object, rows: int, columns: int) -> object:
    """Forbidden pairs, with those that `allow`, a mask or pairs, leaves out."""
    if allow is None:
        return forbid
    mask = allow if isinstance(allow, Mapping) else np.asarray(allow)
    if isinstance(mask, Mapping) or mask.shape != (rows, columns):
        pairs = _pairs(mask, "allow")
        if len(pairs) and not (0 <= pairs.min() and (pairs.max(axis=0) < (rows, columns)).all()):
            raise ValueError(f"allow: expected numbers below {rows} and {columns}")
        mask = np.zeros((rows, columns), dtype=bool)
        mask[pairs[:, 0], pairs[:, 1]] = True
        mask[np.setdiff1d(np.arange(rows), pairs[:, 0])] = True
    rest = np.argwhere(~mask.astype(bool))
    return rest if forbid is None else np.concatenate([_pairs(forbid, "forbid"), rest])


def solve(
    flow: object, distance: object = None, linear: object = None, *, constant: float = 0.0,
    method: str = "auto", time_limit: float | None = None, iterations: int | None = None,
    nodes: int | None = None, gap: float | None = None, target: float | None = None,
    tolerance: float | None = None, seed: int = 0, threads: int | None = None,
    maximize: bool = False, pairs: object = None, start: object = None, starts: int | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    callback: Callable[[Progress], object] | None = None, certificate: bool = False,
    log: bool = False, size: int | None = None, best: int = 1, distinct: bool = False,
    unique: bool = False, forbid: object = None, allow: object = None, capacity: object = None,
    bottleneck: bool = False,
) -> Result:
    """Finds an assignment and proves a bound on how good any can be.

    Minimizes ``sum(flow[i, k] * distance[p[i], p[k]]) + sum(linear[i, p[i]]) + constant`` over assignments p.

    Parameters
    ----------
    flow, distance, linear, constant, size, capacity
        An `Instance`, or what `instance` takes. C-ordered float64 arrays of 500 rows and more are not copied:
        leave them unchanged during the call. All others are converted once.
    method : str, default "auto"
        See `methods`.
    time_limit : float, optional
        Stop after this many seconds.
    iterations, nodes : int, optional
        Stop after this much work; the result is then reproducible.
    gap : float, optional
        Stop at this relative gap (0.01 is 1 %).
    target : float, optional
        Stop at this objective.
    tolerance : float, default 1e-6
        Real data only: the share of the distance from the mean objective to the bound that counts as nothing.
    seed : int, default 0
    threads : int, optional
        Default: all processors. The result does not depend on it unless a time limit strikes.
    maximize : bool, default False
        Look for the largest objective; the bound is then an upper bound. Instances that state it
        (``sense``) are maximized in any case.
    pairs : array_like, optional
        Facilities fixed at locations: rows of two, single indices i for (i, i), or a dictionary.
    forbid : array_like, optional
        Forbidden placements, as `pairs`; so is an infinite linear cost. The status is "infeasible" when no
        assignment avoids them.
    allow : array_like, optional
        Allowed placements: a matrix of 0 and 1, or pairs as for `forbid`; facilities that the pairs do not mention
        may be anywhere.
    bottleneck : bool, default False
        Minimize the largest term of the objective, a product of a flow and a distance, instead of the sum.
    start : array_like or str, optional
        An assignment to start from, or a certificate to start dual ascent from.
    starts : int, optional
        Descents of the method faq.
    checkpoint : path, optional
        Keeps an exact search in this file, and resumes it.
    callback : callable, optional
        Called with a `Progress`; a true value ends the run. Called from other threads, one call at a time.
    certificate : bool, default False
        Keep the proof of the bound in ``result.certificate``.
    log : bool, default False
        Log progress to the logger "qapkit".
    best : int, default 1
        How many of the best assignments to list in ``result.best``, proven where the method proves bounds.
    distinct : bool, default False
        Assignments of that list that are equal up to symmetry count as one.
    unique : bool, default False
        Decide whether the optimum is unique: ``result.is_unique`` and ``result.margin``.

    Returns
    -------
    Result

    Raises
    ------
    ValueError
        Data or options are out of range.
    RefusedError
        The problem is too large, or the method does not support it.

    Notes
    -----
    Other Python threads run meanwhile. Ctrl-C ends the run with the best result so far, whose status is
    "interrupted"; pressed twice, it raises KeyboardInterrupt.

    Examples
    --------
    >>> import qapkit
    >>> result = qapkit.solve([[0, 5, 2], [5, 0, 3], [2, 3, 0]], [[0, 1, 2], [1, 0, 1], [2, 1, 0]])
    >>> result.assignment, result.objective, result.is_optimal
    (array([0, 1, 2]), 24.0, True)
    """
    problem = _given(flow, distance, linear, constant, size, capacity)
    run = Run(
        method=method, time_limit=time_limit, iterations=iterations, nodes=nodes, gap=gap,
        target=target, tolerance=tolerance, seed=seed, threads=threads, maximize=maximize,
        pairs=pairs, start=start, starts=starts, checkpoint=checkpoint, callback=callback,
        certificate=certificate, log=log, best=max(best, 2) if unique else best, distinct=distinct,
        forbid=problem._forbidden(forbid, allow), bottleneck=bottleneck)
    answer = run(library.qapkit_solve, problem._handle, problem=problem)
    return Result(**Result._fields(answer))


def bound(
    flow: object, distance: object = None, linear: object = None, *, constant: float = 0.0,
    method: str = "auto", time_limit: float | None = None, iterations: int | None = None,
    nodes: int | None = None, tolerance: float | None = None, seed: int = 0,
    threads: int | None = None, maximize: bool = False, pairs: object = None,
    start: object = None, callback: Callable[[Progress], object] | None = None,
    certificate: bool = False, log: bool = False, size: int | None = None, forbid: object = None,
    allow: object = None, capacity: object = None,
) -> Result:
    """Proves a bound without a search for assignments; the parameters are those of `solve`.

    Examples
    --------
    >>> import qapkit
    >>> tai12a = qapkit.generate("tai12a")
    >>> qapkit.bound(tai12a, method="gilmore-lawler").bound
    195918.0
    """
    problem = _given(flow, distance, linear, constant, size, capacity)
    run = Run(
        method=method, time_limit=time_limit, iterations=iterations, nodes=nodes,
        tolerance=tolerance, seed=seed, threads=threads, maximize=maximize, pairs=pairs,
        start=start, callback=callback, certificate=certificate, log=log,
        forbid=problem._forbidden(forbid, allow))
    answer = run(library.qapkit_bound, problem._handle, problem=problem)
    return Result(**Result._fields(answer))


@dataclasses.dataclass(frozen=True)
class Verification:
    """What an independent check found.

    Attributes
    ----------
    holds : bool
    kind : str
        "solution", or the kind of the certificate.
    objective, bound, claimed : float or None
    assignment : ndarray of int or None
    fault : str or None
        Why a certificate does not hold.
    """

    holds: bool
    kind: str
    objective: float | None
    bound: float | None
    claimed: float | None
    assignment: np.ndarray | None
    fault: str | None


def verify(
    problem: Instance, claim: object, *, objective: float | None = None, maximize: bool = False
) -> Verification:
    """Checks a solution or the certificate of a bound with code that no solver shares.

    Parameters
    ----------
    problem : Instance
    claim : Result, str, path or array_like
        A result (its certificate is checked if it has one, else its objective), the text of a certificate, the
        path of a .sln or .cert file, or an assignment.
    objective : float, optional
        The objective that is claimed for an assignment.
    maximize : bool, default False
        A certificate is that of an upper bound.

    Returns
    -------
    Verification

    Examples
    --------
    >>> import qapkit
    >>> problem = qapkit.generate("grid", 6)
    >>> result = qapkit.bound(problem, method="rlt1", iterations=50, certificate=True)
    >>> qapkit.verify(problem, result).holds
    True
    """
    if isinstance(claim, Result):
        if claim.certificate is not None:
            return verify(problem, claim.certificate, maximize=claim.data["sense"] == "max")
        if claim.assignment is None:
            raise ValueError("the result has neither a certificate nor an assignment")
        return verify(problem, claim.assignment, objective=claim.objective)
    if isinstance(claim, str) and "\n" in claim:
        text = claim
    elif isinstance(claim, (str, os.PathLike)):
        with open(claim, encoding="utf-8") as file:
            text = file.read()
    else:
        places = _indices(claim, "assignment")
        found = problem.objective(places)
        sites = problem.sites
        if sites is not None:  # The next free place of each location.
            free = {site: np.flatnonzero(sites == site).tolist() for site in set(sites.tolist())}
            places = np.array([free[site].pop(0) for site in places.tolist()], dtype=np.int64)
        # A .sln file names all locations; those left over are no facility's.
        rest = sorted(set(range(problem.size)) - set(places.tolist()))
        shown = found if objective is None else objective
        text = f"{problem.size} {shown!r}\n" + " ".join(str(p + 1) for p in [*places, *rest]) + "\n"
    result = ctypes.c_void_p()
    check(library.qapkit_verify(problem._handle, text.encode(), bool(maximize), _byref(result)))
    data = _Answer(result).data
    found_places, sites = data.get("assignment"), problem.sites
    return Verification(
        data["holds"], data["kind"], _float(data.get("objective")), _float(data.get("bound")),
        _float(data.get("claimed")),
        None if found_places is None else np.array(found_places) if sites is None else sites[found_places],
        data.get("fault"))


def methods() -> list[dict[str, Any]]:
    """The methods: id, summary, paper, and what each supports.

    Examples
    --------
    >>> import qapkit
    >>> [method["id"] for method in qapkit.methods()][:2]
    ['auto', 'branch-and-bound']
    """
    return json.loads(library.qapkit_methods())


def linear_assignment(
    cost_matrix: object, maximize: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Solves a linear assignment problem; the signature is that of ``scipy.optimize.linear_sum_assignment``.

    Parameters
    ----------
    cost_matrix : array_like
        r x c; entries may be infinite (forbidden). Of shape (b, r, c), b problems are solved.
    maximize : bool, default False

    Returns
    -------
    row_ind, col_ind : ndarray of int
        Of a batch, both have b rows.

    Examples
    --------
    >>> import qapkit
    >>> qapkit.linear_assignment([[4, 1, 3], [2, 0, 5], [3, 2, 2]])
    (array([0, 1, 2]), array([1, 0, 2]))
    """
    array = _library.as_array(cost_matrix, "cost_matrix")
    if array.ndim == 3:
        found = [linear_assignment(one, maximize) for one in array]
        return (np.array([r for r, _ in found]), np.array([c for _, c in found]))
    if array.ndim != 2:
        raise ValueError(f"expected a matrix (2-D array), got a {array.ndim} array")
    isTall = array.shape[0] > array.shape[1]
    costs = array.T if isTall else array
    forbidden = None
    if costs.dtype.kind == "f" and not np.isfinite(costs).all():
        bad = np.inf if not maximize else -np.inf
        forbidden = costs == bad
        if not np.isfinite(costs[~forbidden]).all():
            raise ValueError("matrix contains invalid numeric entries")
        # So large that no assignment takes one if it can help it.
        kept = np.abs(costs[~forbidden]).max(initial=1.0)
        costs = np.where(forbidden, np.copysign(2 * kept * len(costs) + 1, bad), costs)
    described, _kept = matrix(costs, "cost_matrix")
    columns = np.empty(costs.shape[0], dtype=np.int64)
    check(library.qapkit_linear_assignment(_byref(described), bool(maximize), columns.ctypes.data))
    if forbidden is not None and forbidden[np.arange(len(columns)), columns].any():
        raise ValueError("cost matrix is infeasible")
    rows = np.arange(len(columns))
    if not isTall:
        return rows, columns
    order = np.argsort(columns)
    return columns[order], rows[order]


__all__ = [
    "Instance", "Matrix", "Progress", "Result", "Run", "Verification", "bound", "generate",
    "instance", "interruptible", "linear_assignment", "methods", "read", "solve", "verify", "write",
]
