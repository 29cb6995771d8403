import numpy as np
import pytest

from qapkit.graspologic import graph_match
from qapkit.scipy import quadratic_assignment


def both(A, B, method, **options):
    optimize = pytest.importorskip("scipy.optimize")
    found = [
        solve(A, B, method=method, options={**options, "rng": np.random.default_rng(5)})
        for solve in (optimize.quadratic_assignment, quadratic_assignment)
    ]
    assert set(found[0]) == set(found[1])
    assert np.array_equal(found[0].col_ind, found[1].col_ind)
    assert found[0].nit == found[1].nit and found[0].fun == found[1].fun
    assert type(found[0].fun) is type(found[1].fun)


def graph(rng, n):
    A = np.triu(rng.random((n, n)) < 0.3, 1).astype(int)
    A = A + A.T
    order = rng.permutation(n)
    return A, A[order][:, order]


def distances(rng, n):
    points = rng.normal(size=(2, n, 2))
    return np.linalg.norm(points[:, :, None] - points[:, None], axis=-1)


KINDS = {
    "real": lambda rng, n: rng.random((2, n, n)), "integers": lambda rng, n: rng.integers(0, 10, (2, n, n)),
    "distances": distances, "graphs": graph,
}


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("n", [1, 2, 5, 16, 24])
@pytest.mark.parametrize("kind", KINDS)
def test_the_answers_are_those_of_scipy(kind, n, seed):
    rng = np.random.default_rng(seed)
    A, B = KINDS[kind](rng, n)
    seeds = np.stack([np.sort(rng.permutation(n)[: n // 4]), rng.permutation(n)[: n // 4]], axis=1)
    for options in (
        {}, {"maximize": True}, {"partial_match": seeds}, {"P0": "randomized"}, {"shuffle_input": True},
        {"maxiter": 3, "tol": 1e-6}, {"P0": "randomized", "shuffle_input": True, "partial_match": seeds},
    ):
        both(A, B, "faq", **options)
    guess = np.stack([np.arange(n), rng.permutation(n)], axis=1)
    for options in ({}, {"maximize": True}, {"partial_match": seeds}, {"partial_guess": guess}):
        both(A, B, "2opt", **options)


def test_other_methods_prove_what_they_find():
    A = np.array([[0, 5, 8, 6], [5, 0, 5, 1], [8, 5, 0, 2], [6, 1, 2, 0]])
    B = np.array([[0, 1, 8, 4], [1, 0, 5, 2], [8, 5, 0, 5], [4, 2, 5, 0]])
    assert quadratic_assignment(A, B).fun == 178
    for method in ("exact", "auto", "branch-and-bound"):
        result = quadratic_assignment(A, B, method=method)
        assert result.fun == result.bound == 176 and result.status == "optimal"
    assert quadratic_assignment(A, B, method="tabu", options={"iterations": 100}).fun == 176
    fixed = quadratic_assignment(
        A, B, method="exact", options={"partial_match": [[0, 2]], "partial_guess": [[1, 0]]})
    assert fixed.col_ind[0] == 2
    with pytest.raises(ValueError, match="must be in"):
        quadratic_assignment(A, B, method="nonsense")


def test_graph_match_recovers_a_permutation():
    rng = np.random.default_rng(0)
    A = np.triu(rng.random((20, 20)), 1)
    order = rng.permutation(20)
    B = A[order][:, order]
    found = graph_match(A, B, n_init=20, init_perturbation=0.5, rng=0)
    assert np.array_equal(order[found.indices_B], found.indices_A)
    assert np.isclose(found.score, np.sum(A * A)) and len(found.misc) == 20
    again = graph_match(A, B, n_init=20, init_perturbation=0.5, rng=0, n_jobs=2)
    assert np.array_equal(again.indices_B, found.indices_B)


def test_graph_match_with_seeds_similarities_and_layers():
    rng = np.random.default_rng(1)
    A = rng.random((3, 15, 15))
    order = rng.permutation(15)
    B = A[:, order][:, :, order]
    inverse = np.argsort(order)
    seeds = np.stack([np.arange(4), inverse[:4]], axis=1)
    one = graph_match(A[0], B[0], partial_match=seeds, rng=0)
    assert np.array_equal(one.indices_B[:4], inverse[:4])
    layers = graph_match(list(A), list(B), partial_match=seeds, rng=0)
    assert np.array_equal(layers.indices_B, inverse)
    similar = np.zeros((15, 15))
    similar[np.arange(15), inverse] = 100
    assert np.array_equal(graph_match(A[0], B[0], S=similar, rng=0).indices_B, inverse)
    # Layers that are one graph in parts: the steps in NumPy are those of the library.
    parts = graph_match([A[0] / 2, A[0] / 2], [B[0], B[0]], rng=3)
    assert np.array_equal(parts.indices_B, graph_match(A[0], B[0], rng=3).indices_B)


def test_graph_match_between_two_hemispheres():
    rng = np.random.default_rng(2)
    A = rng.random((12, 12))
    order = rng.permutation(12)
    inverse = np.argsort(order)
    AB = rng.random((12, 12))
    # AB[i, p(j)] = BA[p(i), j]
    BA = np.empty((12, 12))
    for i in range(12):
        for j in range(12):
            BA[inverse[i], j] = AB[i, inverse[j]]
    found = graph_match(A, A[order][:, order], AB=AB, BA=BA, n_init=30, init_perturbation=0.3, rng=0)
    assert np.array_equal(found.indices_B, inverse)
    assert np.isclose(found.score, np.sum(A * A) + np.sum(AB * AB))


@pytest.mark.parametrize("padding", ["naive", "adopted"])
def test_graph_match_of_different_sizes(padding):
    rng = np.random.default_rng(3)
    A = np.triu(rng.random((14, 14)) < 0.5, 1).astype(float)
    A = A + A.T
    for x, y in ((A, A[:10, :10]), (A[:10, :10], A)):
        found = graph_match(x, y, padding=padding, n_init=5, init_perturbation=0.3, rng=0)
        assert len(found.indices_A) == len(found.indices_B) == 10
        assert len(set(found.indices_A)) == len(set(found.indices_B)) == 10


@pytest.mark.parametrize("options", [
    {"transport": True}, {"padding": "none"}, {"n_init": 0}, {"tol": 0}, {"init": np.ones((5, 5))},
    {"partial_match": [[0, 9]]}, {"AB": np.ones((2, 2)), "BA": np.ones((2, 2))}, {"S": np.ones((2, 2))}])
def test_graph_match_refuses(options):
    with pytest.raises(ValueError):
        graph_match(np.eye(5), np.eye(5), **options)
