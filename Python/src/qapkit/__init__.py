"""The quadratic assignment problem, with a proven bound beside every assignment.

>>> import numpy as np, qapkit
>>> flow = np.array([[0, 5, 2], [5, 0, 3], [2, 3, 0]])
>>> distance = np.array([[0, 1, 2], [1, 0, 1], [2, 1, 0]])
>>> result = qapkit.solve(flow, distance)
>>> result.objective, result.bound, result.status
(24.0, 24.0, 'optimal')

`qapkit.scipy` and `qapkit.graspologic` stand in for the functions of those packages.
"""

from ._core import (
    Instance, Progress, Result, Verification, bound, generate, instance, linear_assignment, methods,
    read, solve, verify, write,
)
from ._library import InternalError, RefusedError, library as _c
from ._tasks import (
    Alignment, ClassifyResult, MatchResult, RetrieveResult, SubsetResult, align, classify,
    intramodal, match, retrieve, subset,
)
from ._translate import Map, TranslateResult, translate

__version__: str = _c.qapkit_version().decode()

__all__ = [
    "Alignment", "ClassifyResult", "Instance", "InternalError", "Map", "MatchResult", "Progress",
    "RefusedError", "Result", "RetrieveResult", "SubsetResult", "TranslateResult", "Verification", "align", "bound",
    "classify", "generate", "instance", "intramodal", "linear_assignment", "match", "methods",
    "read", "retrieve", "solve", "subset", "translate", "verify", "write",
]
