"""Embeddings for the benchmark of tasks, and local CKA straight from its definition in NumPy.

usage: tasks.py data FOLDER ROWS
           writes vision.npy (ROWS x 512), language.npy (ROWS x 384) and known.txt (0 to 319)
       tasks.py local-cka FOLDER linear|rbf SCORES.npy PAIRS
           computes PAIRS random scores of the file's by definition, and prints the CPU seconds of one
           and the largest difference
"""

import sys
import time

import numpy as np

KNOWN = 320


def data(folder, rows):
    rng = np.random.default_rng(5)
    latent = rng.normal(size=(rows, 32))
    for name, features in (("vision", 512), ("language", 384)):
        view = np.tanh(latent @ rng.normal(size=(32, features)) / 6)
        view += 0.9 * rng.normal(size=view.shape)
        np.save(f"{folder}/{name}.npy", view.astype(np.float32))
    np.savetxt(f"{folder}/known.txt", np.arange(KNOWN), fmt="%d")


def kernel(x, shape):
    if shape == "linear":
        k = x @ x.T
    else:
        squares = (x * x).sum(1)
        distances = np.maximum(squares[:, None] + squares[None] - 2 * x @ x.T, 0)
        np.fill_diagonal(distances, 0)
        positive = np.sort(distances[distances > 0])
        k = np.exp(-distances / (2 * positive[(len(positive) - 1) // 2]))
    k = k - k.mean(0, keepdims=True)
    k = k - k.mean(1, keepdims=True)
    return k / np.linalg.norm(k)


def local_cka(folder, shape, file, pairs):
    source = np.load(f"{folder}/language.npy").astype(float)
    target = np.load(f"{folder}/vision.npy").astype(float)
    scores = np.load(file)
    rng = np.random.default_rng(1)
    largest, began = 0.0, time.process_time()
    for _ in range(pairs):
        s, t = rng.integers(scores.shape[0]), rng.integers(scores.shape[1])
        a = kernel(np.vstack([source[:KNOWN], source[KNOWN + s]]), shape)
        b = kernel(np.vstack([target[:KNOWN], target[KNOWN + t]]), shape)
        largest = max(largest, abs((a * b).sum() - scores[s, t]))
    print((time.process_time() - began) / pairs, largest)


if sys.argv[1] == "data":
    data(sys.argv[2], int(sys.argv[3]))
else:
    local_cka(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]))
