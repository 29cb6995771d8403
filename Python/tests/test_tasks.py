import os
import pathlib

import numpy as np
import pytest

import qapkit

EMBEDDINGS = pathlib.Path(os.environ.get("QAPKIT_EXAMPLES", "")) / "embeddings"


def rotated(n=12, d=6, seed=0):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n, d))
    order = rng.permutation(n)
    turn, _ = np.linalg.qr(rng.normal(size=(d, d)))
    return points[order] @ turn, points, order


@pytest.mark.parametrize("metric", ["gw", "cka", "cka-rbf", "knn:3", "inner", "kl", "correlation"])
def test_match_recovers_a_rotation(metric):
    source, target, order = rotated()
    # Normalized rows keep their cosines under a rotation.
    result = qapkit.match(source, target, metric=metric, truth=order, time_limit=20)
    assert result.metric == metric and result.bound is not None
    if metric != "knn:3":
        assert result.accuracy == 1 and np.array_equal(result.assignment, order)


def test_match_does_not_see_the_order_of_the_target():
    source, target, _ = rotated(8)
    target = target + 0.3 * np.random.default_rng(1).normal(size=target.shape)
    shuffle = np.random.default_rng(2).permutation(8)
    one, two = qapkit.match(source, target), qapkit.match(source, target[shuffle])
    assert np.isclose(one.objective, two.objective)
    assert np.array_equal(one.assignment, shuffle[two.assignment])


def test_match_with_pairs_queries_and_rows():
    source, target, order = rotated()
    pairs = np.stack([np.arange(4), order[:4]], axis=1)
    result = qapkit.match(source, target, pairs=pairs, truth=order)
    assert np.array_equal(result.assignment[:4], order[:4]) and result.accuracy == 1
    queries = np.stack([np.arange(4, 9), order[4:9]], axis=1)
    part = qapkit.match(source, target, pairs=pairs, queries=queries, truth=order)
    assert (part.assignment[9:] == -1).all() and part.accuracy == 1
    chosen = qapkit.match(source, target, rows=np.stack([np.arange(6), order[:6]], axis=1), truth="identity")
    assert chosen.accuracy == 1


@pytest.mark.parametrize("options", [
    {"metric": "nonsense"}, {"truth": [0]}, {"truth": [99] * 12}, {"pairs": [[0, 99]]},
    {"queries": [[0, 0], [0, 1]]}, {"start": [0] * 12}, {"metric": "knn:0"}])
def test_match_refuses_bad_options(options):
    source, target, _ = rotated()
    with pytest.raises(ValueError):
        qapkit.match(source, target, **options)


def test_bad_embeddings_are_refused():
    with pytest.raises(ValueError):
        qapkit.match([[np.nan, 1], [1, 2]], np.eye(2))
    with pytest.raises(ValueError):
        qapkit.match(np.ones((3, 2)), np.ones((3, 2)), metric="cka")
    with pytest.raises(ValueError):
        qapkit.match(np.empty((0, 2)), np.eye(2))


@pytest.mark.skipif(not EMBEDDINGS.is_dir(), reason="needs the embeddings of the checkout")
def test_match_of_ten_classes():
    rows = np.loadtxt(EMBEDDINGS / "rows-effnetlite0-wordnet-10.txt", dtype=int)
    vision = np.load(EMBEDDINGS / "vision-effnetlite0.npy")
    language = np.load(EMBEDDINGS / "language-wordnet.npy")
    result = qapkit.match(vision, language, rows=rows, standardize=True, truth="identity")
    assert result.is_optimal and result.accuracy == 1
    assert np.isclose(result.objective, 16.96305916)


def test_subset():
    rng = np.random.default_rng(5)
    costs = rng.integers(-5, 9, (9, 9))
    import itertools

    values = sorted(costs[np.ix_(s, s)].sum() for s in itertools.combinations(range(9), 4))
    found = qapkit.subset(costs, size=4, best=3, certificate=True)
    assert found.objective.tolist() == values[:3] and found.is_optimal
    assert qapkit.subset(costs, size=4, maximize=True).objective[0] == values[-1]
    source, target, order = rotated()
    assert len(qapkit.subset(source, target[order], size=5).indices[0]) == 5
    for size in (0, 10, -1):
        with pytest.raises(ValueError):
            qapkit.subset(costs, size=size)


def test_retrieve():
    source, target, order = rotated(40, 5)
    partners = np.stack([np.arange(40), order], axis=1)
    for method in ("local-cka", "local-cka-rbf", "linear", "relative"):
        found = qapkit.retrieve(
            source, target, base=partners[:25], queries=partners[25:], method=method)
        assert found.scores.shape == (15, 15) and 0 <= found.top1 <= found.top5 <= found.top10 <= 1
        if method == "linear":
            assert found.top1 == 1 and found.matching == 1
    labels = np.arange(40) % 7
    classes = np.random.default_rng(0).normal(size=(7, 5))
    shown = qapkit.retrieve(classes[labels], classes, labels=labels, method="cosine")
    assert shown.top1 == 1 and shown.scores.shape == (40, 7)
    with pytest.raises(ValueError):
        qapkit.retrieve(source, target)


def test_classify():
    rng = np.random.default_rng(7)
    centers = rng.normal(size=(6, 9))
    labels = np.repeat(np.arange(6), 8)
    samples = centers[labels] + 0.01 * rng.normal(size=(48, 9))
    found = qapkit.classify(samples, centers, labels=labels)
    assert found.accuracy == found.oracle_accuracy == found.matching == 1
    assert np.array_equal(found.labels, labels)


def test_align():
    rng = np.random.default_rng(8)
    x = rng.normal(size=(50, 6))
    y = x @ rng.normal(size=(6, 6))
    rows = qapkit.align(x, y, measures=["cka", "gw", "knn:5", "linear-predictivity"], shuffle=[50, 100], seeds=[0, 1])
    assert [row.measure for row in rows] == ["cka", "gw", "knn:5", "linear-predictivity"]
    assert rows[0].value > rows[0].shuffled[50] > rows[0].shuffled[100]
    assert rows[3].value > 0.99


def test_intramodal():
    rng = np.random.default_rng(9)
    labels = np.repeat(np.arange(4), 20)
    centers = rng.normal(size=(4, 8))
    vision = centers[labels] + 0.05 * rng.normal(size=(80, 8))
    found = qapkit.intramodal(
        vision, labels, text=centers, names=rng.normal(size=(30, 8)), paired=vision + 0.1)
    assert found["original"]["mAP"] > 0.99 and found["text_image"]["zero_shot_acc"] == 1
    assert found["fewshot"]["original"]["16"]["prototype"] == 1 and found["modality_gap"]["norm"] >= 0
    with pytest.raises(ValueError):
        qapkit.intramodal(vision, labels[:-1])
