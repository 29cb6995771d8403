"""Makes the golden files beside this one with NumPy: python3 make.py"""
import numpy as np

TYPES = ["<f8", ">f8", "<f4", ">f4", "<f2", ">f2", "i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8"]
TYPES += ["u1", "<u2", ">u2", "<u4", ">u4", "<u8", ">u8", "?"]
for index, code in enumerate(TYPES):
    array = np.array([[0, 1, 2], [3, 4, 5]]).astype(code)
    if index % 2:
        array = np.asfortranarray(array)
    version = {"<f4": (2, 0), "<f2": (3, 0)}.get(code, (1, 0))
    name = code.replace("<", "little-").replace(">", "big-").replace("?", "bool")
    with open(f"{name}.npy", "wb") as file:
        np.lib.format.write_array(file, array, version=version)
np.save("fortran-3d.npy", np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)))
np.save("scalar.npy", np.float64(2.5))
np.save("empty.npy", np.zeros((0, 3)))
np.save("vector.npy", np.arange(5))
np.save("special.npy", np.array([np.nan, np.inf, -0.0, 5e-324]))
np.save("structured.npy", np.zeros(2, dtype=[("a", "f8")]))
np.save("inexact.npy", np.array([1, 2**53 + 1]))

flow = np.array([[0, 3, 1], [3, 0, 2], [1, 2, 0]])
distance = np.array([[0, 1.5, 2], [1.5, 0, 4], [2, 4, 0]])
np.savez("stored.npz", flow=flow, distance=distance, linear=np.eye(3), constant=np.array(7.25))
np.savez_compressed("deflated.npz", A=flow, B=distance)
np.savez("unnamed.npz", np.zeros((2, 3)), np.ones((4, 4)), flow, distance)
np.savez("one.npz", flow)

# pip install safetensors ml_dtypes
import ml_dtypes  # noqa: E402
from safetensors.numpy import save_file  # noqa: E402

small = np.array([[0, 1, 2], [3, 4, 5]])
types = {"F64": "f8", "F32": "f4", "F16": "f2", "BF16": ml_dtypes.bfloat16, "BOOL": "?"}
types |= {f"I{8 * size}": f"i{size}" for size in (1, 2, 4, 8)}
types |= {f"U{8 * size}": f"u{size}" for size in (1, 2, 4, 8)}
save_file({name: small.astype(code) for name, code in types.items()}, "types.safetensors",
          metadata={"format": "pt"})
save_file({"embedding": np.array([[0.5, -1.5], [2, 1e-3]], "f4")}, "one.safetensors")
captions = np.arange(12, dtype="f4").reshape(2, 3, 2)
np.savez("embeddings.npz", images=np.eye(3, dtype="f4"), captions=captions)

# Sparse matrices of SciPy.
import scipy.sparse
for kind in ("csr", "csc", "coo"):
    matrix = getattr(scipy.sparse, kind + "_matrix")([[0, 1.5, 0], [-2, 0, 4]])
    scipy.sparse.save_npz("sparse-%s.npz" % kind, matrix)
