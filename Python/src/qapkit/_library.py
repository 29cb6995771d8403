"""The C library behind the package: its functions, structs and errors."""

from __future__ import annotations

import ctypes
import importlib.util
import os
from ctypes import POINTER, c_char_p, c_double, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p

import numpy as np


class RefusedError(RuntimeError):
    """The problem is too large for the memory, or the method does not support it."""


class InternalError(RuntimeError):
    """An answer failed its verification: a fault of the library."""


class Matrix(ctypes.Structure):
    _fields_ = [
        ("data", c_void_p), ("rows", c_int64), ("columns", c_int64),
        ("row_stride", c_int64), ("column_stride", c_int64), ("type", c_int32),
    ]


class Event(ctypes.Structure):
    _fields_ = [
        ("size", c_uint32), ("kind", c_int32), ("seconds", c_double), ("objective", c_double),
        ("bound", c_double), ("gap", c_double), ("iterations", c_int64), ("nodes", c_int64),
        ("open", c_int64), ("source", c_char_p), ("text", c_char_p),
    ]


PROGRESS = ctypes.CFUNCTYPE(c_int32, POINTER(Event), c_void_p)
BLOCK = ctypes.CFUNCTYPE(c_int32, c_void_p, c_int64, c_int64, POINTER(c_double))


class Options(ctypes.Structure):
    _fields_ = [
        ("size", c_uint32), ("version", c_uint32), ("method", c_char_p), ("time_limit", c_double),
        ("gap", c_double), ("target", c_double), ("tolerance", c_double), ("iterations", c_int64),
        ("nodes", c_int64), ("starts", c_int64), ("seed", c_uint64), ("threads", c_int32),
        ("maximize", c_int32), ("certificate", c_int32), ("clustering_starts", c_int32),
        ("progress", PROGRESS), ("progress_context", c_void_p), ("stop", c_void_p),
        ("pairs", c_void_p), ("pair_count", c_int64), ("start", c_void_p), ("start_count", c_int64),
        ("start_certificate", c_char_p), ("checkpoint", c_char_p), ("metric", c_char_p),
        ("normalize", c_int32), ("stretch", c_int32), ("standardize", c_int32), ("best", c_int32),
        ("source_queries", c_void_p), ("source_query_count", c_int64),
        ("target_queries", c_void_p), ("target_query_count", c_int64),
        ("truth", c_void_p), ("truth_count", c_int64), ("distinct", c_int32),
        ("precomputed", c_int32), ("linear", POINTER(Matrix)), ("alpha", c_double),
        ("forbidden", c_void_p), ("forbidden_count", c_int64), ("outliers", c_double),
        ("max_outliers", c_int64), ("bottleneck", c_int32), ("center", c_int32),
        ("csls", c_int64), ("anchors", c_int64), ("exponent", c_double),
        ("permutations", c_int64), ("level", c_double), ("seeds", c_void_p),
        ("seed_count", c_int64), ("initial", c_void_p), ("initial_count", c_int64),
        ("clusters", c_int64), ("moves", c_int64), ("subset_bound", c_char_p),
    ]


class Translation(ctypes.Structure):
    _fields_ = [
        ("size", c_uint32), ("version", c_uint32), ("published", c_int32), ("restarts", c_int32),
        ("kmeans_starts", c_int32), ("repeat", c_int32), ("batch", c_int64), ("power", c_double),
        ("pair_weight", c_double), ("clusters", c_void_p), ("cluster_count", c_int64),
        ("blocks", c_void_p), ("epochs", c_void_p), ("stage_count", c_int64), ("csls", c_int64),
        ("pairs_source", POINTER(Matrix)), ("pairs_target", POINTER(Matrix)),
        ("valid_source", POINTER(Matrix)), ("valid_target", POINTER(Matrix)),
    ]


class Map(ctypes.Structure):
    _fields_ = [
        ("source_mean", c_void_p), ("target_mean", c_void_p), ("weight", c_void_p),
        ("target_scale", c_double), ("source_features", c_int64), ("target_features", c_int64),
    ]


_NEEDED_FLAGS = {"avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"}


def _require_processor() -> None:
    try:
        with open("/proc/cpuinfo", "rb") as file:
            text = file.read(8192).decode("ascii", "replace")
    except OSError:
        return
    flags = next((line for line in text.splitlines() if line.startswith("flags")), None)
    if flags is not None and not _NEEDED_FLAGS <= set(flags.split()):
        raise ImportError(
            "qapkit needs a processor of the level x86-64-v3 (AVX2, BMI2, FMA), "
            "such as Intel Haswell, AMD Excavator or newer"
        )


def _load() -> ctypes.CDLL:
    path = os.environ.get("QAPKIT_LIBRARY")
    if path is None:
        _require_processor()
        path = os.path.join(os.path.dirname(__file__), "lib", "libqapkit.so")
        # The library finds OpenBLAS by its name once it is loaded, wherever pip put it.
        found = importlib.util.find_spec("scipy_openblas32")
        if found is not None and found.submodule_search_locations:
            folder = found.submodule_search_locations[0]
            ctypes.CDLL(os.path.join(folder, "lib", "libscipy_openblas.so"))
    return ctypes.CDLL(path)


library = _load()


def _declare() -> None:
    handle, out, matrix, text = c_void_p, POINTER(c_void_p), POINTER(Matrix), c_char_p
    options, flag = POINTER(Options), c_void_p
    arguments = {
        "instance_create": [matrix, matrix, matrix, c_double, text, out],
        "instance_create_with_capacities": [
            matrix, matrix, matrix, c_double, c_void_p, c_int64, text, out],
        "instance_create_tensor": [c_int64, BLOCK, c_void_p, c_int32, matrix, c_double, text, out],
        "instance_create_dense_tensor": [c_int64, c_void_p, matrix, c_double, text, out],
        "instance_add_layer": [handle, matrix, matrix, c_double, out],
        "instance_read": [text, out],
        "instance_write": [handle, text],
        "instance_generate": [text, c_int64, c_uint64, out],
        "instance_has": [handle, c_int32],
        "instance_copy": [handle, c_int32, c_void_p, c_int64],
        "instance_constant": [handle, POINTER(c_double)],
        "instance_objective": [handle, c_void_p, c_int64, POINTER(c_double)],
        "solve": [handle, options, out],
        "bound": [handle, options, out],
        "match": [matrix, matrix, options, out],
        "subset": [matrix, matrix, c_int64, options, out],
        "retrieve": [matrix, matrix, matrix, matrix, options, out],
        "classify": [matrix, matrix, options, out],
        "align": [matrix, matrix, c_void_p, c_int64, options, out],
        "intramodal": [matrix, matrix, matrix, matrix, c_int64, options, out],
        "translate": [matrix, matrix, POINTER(Translation), options, out],
        "map_apply": [POINTER(Map), matrix, c_int32, c_void_p, c_int64],
        "map_validate": [POINTER(Map), matrix, matrix, c_int64, c_int32, out],
        "verify": [handle, text, c_int32, out],
        "result_number": [handle, text, POINTER(c_double)],
        "result_numbers": [handle, text, c_void_p, c_int64],
        "linear_assignment": [matrix, c_int32, c_void_p],
        "faq": [c_int64] + [c_void_p] * 5 + [c_int64, c_double, c_int32, flag] + [c_void_p] * 3,
        "two_opt": [c_int64, c_void_p, c_void_p, c_void_p, c_int64, c_int32, flag] + [c_void_p] * 2,
    }
    for name, types in arguments.items():
        function = getattr(library, "qapkit_" + name)
        function.argtypes, function.restype = types, c_int32
    for name, types, result in [
        ("version", [], text), ("error_message", [], text), ("methods", [], text),
        ("instance_size", [handle], c_int64), ("instance_facilities", [handle], c_int64),
        ("instance_is_maximized", [handle], c_int32),
        ("instance_name", [handle], text), ("instance_free", [handle], None),
        ("options_init", [options, c_size_t], None),
        ("translation_init", [POINTER(Translation), c_size_t], None), ("result_text", [handle, text], text),
        ("result_count", [handle, text], c_int64), ("result_free", [handle], None),
    ]:
        function = getattr(library, "qapkit_" + name)
        function.argtypes, function.restype = types, result


_declare()

OK, INTERNAL, CALLBACK, ARGUMENT, DATA, NO_FILE, REFUSED, IO = 0, 1, 2, 64, 65, 66, 69, 74
_ERRORS = {
    CALLBACK: RuntimeError, ARGUMENT: ValueError, DATA: ValueError, NO_FILE: FileNotFoundError,
    REFUSED: RefusedError, IO: OSError,
}


def message() -> str:
    """What went wrong in the last call on this thread."""
    return (library.qapkit_error_message() or b"").decode("utf-8", "replace")


def check(code: int) -> None:
    """Raises the exception that an error code stands for."""
    if code != OK:
        raise _ERRORS.get(code, InternalError)(message())


# Beyond this many rows, an array of a call is not copied. Copies of smaller ones cost nothing, and
# what a callback writes into the array changes nothing.
_IN_PLACE, _FEWEST_ROWS_IN_PLACE = 256, 500
_TYPES = {np.dtype(np.float64): 0, np.dtype(np.int64): 1, np.dtype(np.float32): 2, np.dtype(np.int32): 3}


def as_array(values: object, name: str) -> np.ndarray:
    """An array of a type that the library reads in place; anything that NumPy takes, without loss."""
    detach = getattr(values, "detach", None)
    if detach is not None:  # a tensor of PyTorch, which may ask for gradients or live elsewhere
        values = detach().cpu()
        if str(values.dtype) == "torch.bfloat16":  # type: ignore[attr-defined]
            values = values.float()  # type: ignore[attr-defined]
    array = np.asarray(values)
    if array.dtype in _TYPES and array.dtype.isnative:
        return array
    kind = array.dtype.kind
    if kind == "f":
        return array.astype(np.float32 if array.dtype.itemsize < 4 else np.float64)
    if kind in "bi":
        return array.astype(np.int64)
    if kind == "u":
        if array.size and int(array.max()) > 2**53:
            raise ValueError(f"{name} contains integers beyond 2^53, which no double holds")
        return array.astype(np.int64)
    if kind == "O":
        return array.astype(np.float64)
    raise TypeError(f"{name} is an array of {array.dtype}; expected real numbers")


def matrix(values: object, name: str, in_place: bool = False) -> tuple[Matrix, np.ndarray]:
    """A matrix for the library, and the array that must outlive it, and the instance, with `in_place`."""
    array = as_array(values, name)
    if array.ndim != 2:
        raise ValueError(f"{name} has {array.ndim} dimensions; expected 2")
    described = Matrix(
        array.ctypes.data, array.shape[0], array.shape[1], array.strides[0], array.strides[1],
        _TYPES[array.dtype] + (_IN_PLACE if in_place and array.shape[0] >= _FEWEST_ROWS_IN_PLACE else 0),
    )
    return described, array
