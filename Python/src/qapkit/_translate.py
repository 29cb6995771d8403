"""Maps between embedding spaces of which no rows, or few, are known to belong together."""

from __future__ import annotations

import ctypes
import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from . import _library
from ._core import Progress, Run, _Answer, _float
from ._library import check, library, matrix

_byref = ctypes.byref


@dataclasses.dataclass(frozen=True)
class Map:
    """A map between two spaces: rows are centered, normalized, and rotated into the target's space.

    Attributes
    ----------
    source_mean, target_mean : ndarray
    target_scale : float
        The mean distance of the target's rows from their mean.
    weight : ndarray
        Source features x target features.

    Examples
    --------
    >>> import numpy as np, qapkit
    >>> turn = qapkit.Map(np.zeros(2), np.ones(2), 2.0, np.array([[0.0, 1.0], [-1.0, 0.0]]))
    >>> turn([[3.0, 0.0], [0.0, -5.0]])
    array([[1., 3.],
           [3., 1.]])
    """

    source_mean: np.ndarray
    target_mean: np.ndarray
    target_scale: float
    weight: np.ndarray

    def _described(self) -> tuple[_library.Map, list[np.ndarray]]:
        kept = [
            np.ascontiguousarray(one, dtype=np.float64)
            for one in (self.source_mean, self.target_mean, self.weight)
        ]
        if kept[2].shape != (kept[0].size, kept[1].size):
            raise ValueError(
                f"weight has the shape {kept[2].shape}; expected {(kept[0].size, kept[1].size)}")
        return (
            _library.Map(
                kept[0].ctypes.data, kept[1].ctypes.data, kept[2].ctypes.data,
                float(self.target_scale), kept[0].size, kept[1].size),
            kept)

    def __call__(self, source: object, *, threads: int | None = None) -> np.ndarray:
        """The rows of `source` in the target's space."""
        described, _kept = self._described()
        rows, _array = matrix(source, "source")
        values = np.empty((rows.rows, self.weight.shape[1]))
        check(library.qapkit_map_apply(
            _byref(described), _byref(rows), 0 if threads is None else threads,
            values.ctypes.data, values.size))
        return values

    def validate(
        self, source: object, target: object, *, csls: int | None = None, threads: int | None = None
    ) -> dict[str, float]:
        """How well the map finds partners: row i of `source` belongs to row i of `target`.

        Returns
        -------
        dict
            "foscttm" (0 is perfect, 0.5 is chance), "top1", "top5", "top10", the same with "_back", and
            "median_cosine".
        """
        described, _kept = self._described()
        (x, _x), (y, _y) = matrix(source, "source"), matrix(target, "target")
        result = ctypes.c_void_p()
        check(library.qapkit_map_validate(
            _byref(described), _byref(x), _byref(y), 0 if csls is None else csls,
            0 if threads is None else threads, _byref(result)))
        return _Answer(result).data["validation"]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the archive (.npz) that ``qap translate --map`` reads."""
        np.savez(
            path, source_mean=self.source_mean, target_mean=self.target_mean,
            target_scale=np.float64(self.target_scale), weight=self.weight)

    @staticmethod
    def load(path: str | os.PathLike[str]) -> Map:
        """Reads what `save` or ``qap translate -o`` wrote."""
        with np.load(path) as arrays:
            return Map(
                arrays["source_mean"], arrays["target_mean"], float(arrays["target_scale"]),
                arrays["weight"])


@dataclasses.dataclass(frozen=True)
class TranslateResult:
    """A map, and whether independent fits agree on it.

    Attributes
    ----------
    map : Map
    agreement : float or None
        The share of rows of the source that two refinements send to the same row of the target.
    is_reliable : bool or None
        Whether the agreement is at least 15 %; a high agreement is no proof.
    validation : dict or None
        The quality on the pairs given as `valid_source` and `valid_target`; see `Map.validate`.
    status : str
        "iterations" when the fit ran to its end, else "time" or "interrupted".
    seconds : float
    data : dict
        Everything, by the keys of the JSON of ``qap translate``.
    """

    map: Map
    agreement: float | None
    is_reliable: bool | None
    validation: dict[str, float] | None
    status: str
    seconds: float
    data: Mapping[str, Any] = dataclasses.field(repr=False)


def translate(
    source: object, target: object, *, pairs: object = None, pairs_source: object = None,
    pairs_target: object = None, valid_source: object = None, valid_target: object = None,
    preset: str = "standard", clusters: Sequence[int] | None = None, restarts: int | None = None,
    power: float | None = None, batch: int | None = None, kmeans_starts: int | None = None,
    blocks: Sequence[int] | None = None, epochs: Sequence[int] | None = None,
    repeat: int | None = None, pair_weight: float | None = None, csls: int | None = None,
    time_limit: float | None = None, seed: int = 0, threads: int | None = None,
    callback: Callable[[Progress], object] | None = None, log: bool = False,
) -> TranslateResult:
    """Finds a map between two embedding spaces from unpaired rows.

    Both sides hold rows of the same kind, such as sentences of one language by two encoders. No row needs to have a
    partner.

    Parameters
    ----------
    source, target : array_like
        Embeddings, a row each.
    pairs : array_like, optional
        Known pairs of rows of source and target, as for `match`.
    pairs_source, pairs_target : array_like, optional
        Known pairs from elsewhere: row i of one belongs to row i of the other.
    valid_source, valid_target : array_like, optional
        Pairs that judge the map and take no part in it.
    preset : str, default "standard"
        Or "published": 30 restarts of 30 clusters, a linear kernel, 100 epochs of blocks of 10,000 rows.
    clusters : sequence of int, default (15, 30, 60)
        Numbers of clusters to try.
    restarts : int, default 6
        Restarts for each number of clusters.
    power : float, default 0.5
        The power of the singular values in the kernel of the centers; 1 is linear.
    batch : int, default 5000
        Rows of each side in a restart.
    kmeans_starts : int, default 1
    blocks, epochs : sequence of int, default (500, 1000) and (15, 6)
        Rows of a block, and epochs, of each stage of the refinement.
    repeat : int, default 2
        Independent refinements.
    pair_weight : float, default 10
        The weight of a known pair, in matched rows.
    csls : int, optional
        Neighbors of the correction for hubs in the validation.
    time_limit, seed, threads, callback, log
        As for `solve`; events are notes.

    Returns
    -------
    TranslateResult

    Examples
    --------
    >>> import numpy as np, qapkit
    >>> rng = np.random.default_rng(0)
    >>> kinds = rng.normal(size=(12, 6))
    >>> x = kinds[rng.integers(12, size=1200)] + 0.2 * rng.normal(size=(1200, 6))
    >>> turn = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    >>> found = qapkit.translate(x[:600], x[600:] @ turn, clusters=[12], valid_source=x, valid_target=x @ turn)
    >>> found.is_reliable, found.validation["foscttm"] < 0.01
    (True, True)
    """
    x, _x = matrix(source, "source")
    y, _y = matrix(target, "target")
    if preset not in ("standard", "published"):
        raise ValueError(f'preset is "{preset}"; expected "standard" or "published"')
    asked = _library.Translation()
    library.qapkit_translation_init(_byref(asked), ctypes.sizeof(asked))
    asked.published = preset == "published"
    keep: list[object] = []
    for name, count in (
        ("restarts", restarts), ("kmeans_starts", kmeans_starts), ("repeat", repeat), ("batch", batch), ("csls", csls),
    ):
        if count is not None:
            if not 1 <= count < 2**31:
                raise ValueError(f"{name} is {count}; expected at least 1")
            setattr(asked, name, count)
    for name, value in (("power", power), ("pair_weight", pair_weight)):
        if value is not None:
            setattr(asked, name, float(value))
    if blocks is not None or epochs is not None:
        blocks, epochs = blocks or (500, 1000), epochs or (15, 6)
        if len(blocks) != len(epochs):
            raise ValueError("blocks and epochs need as many numbers as each other")
        asked.stage_count = len(blocks)
    for name, numbers in (("clusters", clusters), ("blocks", blocks), ("epochs", epochs)):
        if numbers is not None:
            array = np.array(numbers, dtype=np.int64).reshape(-1)
            keep.append(array)
            setattr(asked, name, array.ctypes.data)
            if name == "clusters":
                asked.cluster_count = array.size
    for name, rows in (
        ("pairs_source", pairs_source), ("pairs_target", pairs_target), ("valid_source", valid_source),
        ("valid_target", valid_target),
    ):
        if rows is not None:
            described = matrix(rows, name)
            keep.append(described)
            setattr(asked, name, ctypes.pointer(described[0]))
    run = Run(pairs=pairs, time_limit=time_limit, seed=seed, threads=threads, callback=callback, log=log)
    answer = run(
        library.qapkit_translate, _byref(x), _byref(y), _byref(asked),
        arrays=["source_mean", "target_mean", "weight"])
    data, arrays = answer.data, answer.arrays
    found = Map(
        arrays["source_mean"], arrays["target_mean"], float(data["target_scale"]),
        arrays["weight"].reshape(data["features"]))
    return TranslateResult(
        found, _float(data["agreement"]), data["reliable"], data["validation"], data["termination"],
        data["seconds"], data)


__all__ = ["Map", "TranslateResult", "translate"]
