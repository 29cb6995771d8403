"""Reference values of measures and of retrieval, by NumPy and SciPy: writes measures.json.

Inputs are the first 60 rows of in_X.npy and in_Y.npy beside this file.
"""
import json
import pathlib

import numpy as np
from scipy import spatial, stats

HERE = pathlib.Path(__file__).parent
X, Y = (np.load(HERE / f"in_{side}.npy")[:60].astype(float) for side in "XY")
N = len(X)
ALPHAS = 10.0 ** np.arange(-8, 9)


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def hsic(k, l):
    """Song and others, JMLR 2012, equation 5."""
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))
    n = len(k)
    total = (k * l.T).sum() + k.sum() * l.sum() / ((n - 1) * (n - 2)) - 2 * (k @ l).sum() / (n - 2)
    return total / (n * (n - 3))


def neighbors(rows, count):
    scores = rows @ rows.T
    np.fill_diagonal(scores, -np.inf)
    return np.argsort(-scores, axis=1)[:, :count]


def mask(rows, count):
    result = np.zeros((N, N))
    np.put_along_axis(result, neighbors(rows, count), 1, axis=1)
    return result


def cknna(x, y, count):
    kernels = [(rows @ rows.T, mask(rows, count)) for rows in (x, y)]

    def similarity(a, b):
        both = a[1] * b[1]
        return hsic(both * a[0], both * b[0])

    a, b = kernels
    return similarity(a, b) / np.sqrt(similarity(a, a) * similarity(b, b))


def cycle(x, y, count):
    places = neighbors(x, count)[neighbors(y, count)].reshape(N, -1)
    return np.mean([i in places[i] for i in range(N)])


def svcca(x, y, count):
    def directions(rows):
        rows = (rows - rows.mean(0)) / rows.std(0, ddof=1)
        return np.linalg.svd(rows, full_matrices=False)[0][:, :count]

    # Canonical correlations by their definition, QR first.
    a, b = (np.linalg.qr(d - d.mean(0))[0] for d in (directions(x), directions(y)))
    return np.linalg.svd(a.T @ b, compute_uv=False).mean()


def procrustes(x, y):
    wide = max(x.shape[1], y.shape[1])
    x, y = (np.pad(rows, ((0, 0), (0, wide - rows.shape[1]))) for rows in (x, y))
    return np.sqrt(1 - spatial.procrustes(x, y)[2])


def measures(x, y):
    a, b = unit(x), unit(y)
    distances = spatial.distance.pdist(a), spatial.distance.pdist(b)
    upper = np.triu_indices(N, 1)
    cosines = (a @ a.T)[upper], (b @ b.T)[upper]
    kernels = x @ x.T, y @ y.T
    return {
        "cka-debiased": hsic(*kernels) / np.sqrt(hsic(kernels[0], kernels[0]) * hsic(kernels[1], kernels[1])),
        "cknna": cknna(a, b, 10),
        "cknna:3": cknna(a, b, 3),
        "cycle-knn": cycle(a, b, 10),
        "cycle-knn:2": cycle(a, b, 2),
        "mutual-knn": (mask(a, 10) * mask(b, 10)).sum() / (10 * N),
        "rsa": stats.pearsonr(*distances)[0],
        "rsa-spearman": stats.spearmanr(*distances)[0],
        "pearson": stats.pearsonr(*cosines)[0],
        "svcca": svcca(x, y, 10),
        "svcca:4": svcca(x, y, 4),
        "procrustes": procrustes(x, y),
    }


def ridge(x, y):
    mean = x.mean(0), y.mean(0)
    u, s, v = np.linalg.svd(x - mean[0], full_matrices=False)
    kept = s > s[0] * max(x.shape) * np.finfo(float).eps
    u, s, v = u[:, kept], s[kept], v[kept]
    z = u.T @ (y - mean[1])

    def error(alpha):
        hat = u * (s**2 / (s**2 + alpha)) @ u.T + 1 / len(x)
        return ((((np.eye(len(x)) - hat) @ y) / (1 - np.diag(hat))[:, None]) ** 2).sum()

    alpha = min(ALPHAS, key=error)
    return v.T @ ((s / (s**2 + alpha))[:, None] * z), mean, alpha


def predictivity(x, y, folds):
    scores = []
    for fold in range(folds.max() + 1):
        train, test = folds != fold, folds == fold
        weights, mean, _ = ridge(x[train], y[train])
        predicted = (x[test] - mean[0]) @ weights
        scores.append(np.mean([np.corrcoef(predicted[:, c], y[test][:, c])[0, 1] for c in range(y.shape[1])]))
    return np.mean(scores)


def retrieval():
    base, asked = slice(0, 40), slice(40, 60)
    a, b = X - X[base].mean(0), Y - Y[base].mean(0)
    weights, _, alpha = ridge(X[base], Y[base])
    u, s, v = np.linalg.svd(unit(a[base]).T @ unit(b[base]), full_matrices=False)
    u, v = u[:, s > 1e-12 * s[0]], v[s > 1e-12 * s[0]]
    scores = {
        "ridge": unit(a[asked] @ weights) @ unit(b[asked]).T,
        "procrustes": unit(unit(a[asked]) @ u) @ unit(unit(b[asked]) @ v.T).T,
    }
    cosines = [unit(rows[asked]) @ unit(rows[base]).T for rows in (a, b)]
    scores["relative"] = unit(cosines[0]) @ unit(cosines[1]).T
    best = scores["relative"]
    queries, candidates = (np.sort(side, axis=1)[:, -5:].mean(1) for side in (best, best.T))
    scores["relative csls"] = 2 * best - queries[:, None] - candidates[None]

    def sparse(rows):
        cosine = unit(rows[asked]) @ unit(rows[base]).T
        least = np.sort(cosine, axis=1)[:, -15][:, None]
        return unit(np.where(cosine >= least, np.maximum(cosine, 0), 0) ** 3)

    scores["asif"] = sparse(X) @ sparse(Y).T
    return {name: rows[:2].tolist() for name, rows in scores.items()} | {"alpha": alpha}


order = np.arange(N)[::-1]
folds = np.arange(N) % 5
json.dump(
    {
        "measures": measures(X, Y),
        "reversed": measures(X[order], Y),
        "predictivity": [predictivity(X, Y, folds), predictivity(X, Y[order], folds)],
        "retrieval": retrieval(),
    },
    (HERE / "measures.json").open("w"), indent=1)
