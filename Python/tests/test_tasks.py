import json
import os
import pathlib
import subprocess

import numpy as np
import pytest

import qapkit

EMBEDDINGS = pathlib.Path(os.environ.get("QAPKIT_EXAMPLES", "")) / "embeddings"


needs_program = pytest.mark.skipif("QAPKIT_CLI" not in os.environ, reason="needs the program qap")


def program(*arguments):
    """The JSON that the program qap writes."""
    done = subprocess.run(
        [os.environ["QAPKIT_CLI"], *map(str, arguments), "--json", "-", "--quiet"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def same(ours, theirs):
    """Equal but for rounding: the program may use another BLAS."""
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, (list, tuple)):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return ours == (pytest.approx(theirs, rel=1e-8, abs=1e-9) if isinstance(ours, float) else theirs)


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
    for bound in ("dnn", "rows"):
        assert qapkit.subset(costs, size=4, bound=bound, moves=50).bound <= values[0]
    heuristic = qapkit.subset(costs, size=4, bound="none", moves=0)
    assert heuristic.bound is None and heuristic.objective[0] >= values[0]
    for options in ({"bound": "x"}, {"moves": -1}, {"bound": "none", "certificate": True}):
        with pytest.raises(ValueError):
            qapkit.subset(costs, size=4, **options)
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
    found = qapkit.classify(samples, centers, labels=labels, initial=np.arange(0, 48, 8))
    assert found.accuracy == 1 and np.array_equal(found.clusters, labels)
    fewer = qapkit.classify(samples, centers, clusters=5, initial=np.arange(0, 40, 8))
    assert fewer.clusters.max() == 4 and len(np.unique(fewer.labels)) == 5
    more = qapkit.classify(samples, centers[:5], clusters=6)
    assert (more.labels == -1).any()
    for options in ({"initial": [0, 1]}, {"initial": [0, 8, 16, 24, 32, 99]}, {"clusters": 49}, {"clusters": 0}):
        with pytest.raises(ValueError):
            qapkit.classify(samples, centers, **options)


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


def unpaired(rows=600, seed=0):
    rng = np.random.default_rng(seed)
    kinds = rng.normal(size=(12, 6))
    turn = np.linalg.qr(rng.normal(size=(6, 6)))[0]

    def draw(count):
        return kinds[rng.integers(12, size=count)] + 0.2 * rng.normal(size=(count, 6))

    return draw(rows), draw(rows) @ turn, draw(100), turn


def test_translate(tmp_path):
    x, y, valid, turn = unpaired()
    notes = []
    found = qapkit.translate(
        x, y, clusters=[12], valid_source=valid, valid_target=valid @ turn, callback=lambda e: notes.append(e.text))
    assert found.is_reliable and found.validation["top1"] > 0.9 and found.status == "iterations" and notes
    assert found.map.validate(valid, valid @ turn) == found.validation
    moved = found.map(valid)
    unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True)
            for rows in (moved - found.map.target_mean, valid @ turn - found.map.target_mean)]
    assert ((unit[0] @ unit[1].T).argmax(axis=1) == np.arange(100)).mean() == found.validation["top1"]
    found.map.save(tmp_path / "map.npz")
    assert np.array_equal(qapkit.Map.load(tmp_path / "map.npz")(valid), moved)
    known = qapkit.translate(x, x @ turn, pairs=range(50), clusters=[12])
    assert known.map.validate(valid, valid @ turn)["top1"] > 0.95
    for bad in (
        {"clusters": [2]}, {"clusters": [10_000]}, {"power": 5}, {"blocks": [500]}, {"pairs": [[0, 9999]]},
        {"pairs_source": valid}, {"preset": "best"}, {"restarts": 0}, {"valid_source": valid[:, :3], "valid_target": valid},
    ):
        with pytest.raises(ValueError):
            qapkit.translate(x, y, **bad)
    with pytest.raises(ValueError):
        found.map(valid[:, :5])
    stopped = qapkit.translate(x, y, callback=lambda event: True)
    assert stopped.status == "interrupted"


@needs_program
def test_the_program_translates_the_same(tmp_path):
    x, y, valid, turn = unpaired(seed=1)
    for name, rows in (("x", x), ("y", y), ("v", valid), ("w", valid @ turn)):
        np.save(tmp_path / f"{name}.npy", rows)
    theirs = program(
        "translate", tmp_path / "x.npy", tmp_path / "y.npy", "-o", tmp_path / "map.npz", "--clusters", "12",
        "--valid-source", tmp_path / "v.npy", "--valid-target", tmp_path / "w.npy", "--seed", 3)
    ours = qapkit.translate(x, y, clusters=[12], valid_source=valid, valid_target=valid @ turn, seed=3)
    for key in ("agreement", "candidates", "epochs", "reliable", "validation", "rows", "features"):
        assert same(ours.data[key], theirs[key]), key
    assert np.allclose(qapkit.Map.load(tmp_path / "map.npz").weight, ours.map.weight)
    program("translate", "--map", tmp_path / "map.npz", tmp_path / "v.npy", "-o", tmp_path / "moved.npy")
    assert np.allclose(np.load(tmp_path / "moved.npy"), ours.map(valid))


@needs_program
def test_the_program_does_the_same(tmp_path):
    source, target, order = rotated(40, 5)
    target = target[order] + 0.2 * np.random.default_rng(3).normal(size=target.shape)
    other = np.random.default_rng(4).normal(size=(40, 3)) + source[:, :3]
    for name, rows in (("x", source), ("y", target), ("z", other)):
        np.save(tmp_path / f"{name}.npy", rows)
    x, y, z = (tmp_path / f"{name}.npy" for name in "xyz")
    (tmp_path / "base.txt").write_text("\n".join(map(str, range(25))))
    for options in ({}, {"method": "ridge"}, {"method": "relative", "center": True, "csls": 3}, {"method": "asif"}):
        theirs = program("retrieve", x, y, "--base", tmp_path / "base.txt", *(
            part for key, value in options.items()
            for part in ([f"--{key}"] if value is True else [f"--{key}", value])))
        ours = qapkit.retrieve(source, target, base=range(25), **options)
        assert same([ours.top1, ours.top5, ours.matching], [theirs[key] for key in ("top1", "top5", "matching")])
    theirs = program(
        "align", x, y, "--measures", "cka,rsa,linear-predictivity", "--shuffle", "50,100", "--seeds", "0,1",
        "--permutations", 30)
    ours = qapkit.align(
        source, target, measures=["cka", "rsa", "linear-predictivity"], shuffle=[50, 100], seeds=[0, 1], permutations=30)
    for one, measure in zip(ours, theirs["measures"]):
        assert same(one.value, measure["value"]) and same(one.null, measure["null"])
        assert same(list(one.shuffled.values()), [level["value"] for level in measure["shuffled"]])
    (tmp_path / "rows.txt").write_text("\n".join(map(str, range(12))))
    for options, words in (
        ({"metric": "cka"}, ["--metric", "cka"]), ({"standardize": True}, ["--standardize"]),
        ({"metric": "knn:3", "unique": True}, ["--metric", "knn:3", "--unique"])):
        theirs = program("match", x, y, "--rows", tmp_path / "rows.txt", "--truth", "identity", *words)
        ours = qapkit.match(source, target, rows=range(12), truth="identity", **options)
        for key in ("objective", "bound", "assignment", "accuracy", "margins", "confidence", "truth_objective", "limit"):
            assert same(ours.data[key], theirs[key]), key
    other_metric = qapkit.match(source, target, rows=range(12), metric="cka")
    shared = qapkit.match(source, target, rows=range(12)).agreement(other_metric, other_metric)
    assert shared.shape == (12,) and set(np.unique(shared)) <= {0.0, 1.0}
    theirs = program("match", f"{x},{z}", y, "--weights", "1,2", "--rows", tmp_path / "rows.txt")
    ours = qapkit.match([source, other], target, weights=[1, 2], rows=range(12))
    assert np.isclose(ours.objective, theirs["objective"]) and ours.data["assignment"] == theirs["assignment"]
    third = np.random.default_rng(6).normal(size=(40, 4)) + source[:, :4]
    np.save(tmp_path / "w.npy", third)
    theirs = program(
        "match", f"{x},{z},{tmp_path / 'w.npy'}", y, "--weights", "agreement", "--rows", tmp_path / "rows.txt")
    ours = qapkit.match([source, other, third], target, weights="agreement", rows=range(12))
    assert np.isclose(ours.objective, theirs["objective"]) and ours.data["assignment"] == theirs["assignment"]
    costs = np.random.default_rng(5).integers(-5, 9, (9, 9)).astype(float)
    np.save(tmp_path / "costs.npy", costs)
    for options in ({}, {"bound": "rows", "moves": 40}):
        theirs = program("subset", tmp_path / "costs.npy", "--size", 4, "--best", 3, *(
            part for key, value in options.items() for part in (f"--{key}", value)))
        ours = qapkit.subset(costs, size=4, best=3, **options)
        for key in ("indices", "objective", "bound", "termination"):
            assert same(ours.data[key], theirs[key]), key
    labels = np.arange(40) % 6
    (tmp_path / "labels.txt").write_text("\n".join(map(str, labels)))
    np.save(tmp_path / "classes.npy", target[:6])
    (tmp_path / "initial.txt").write_text("\n".join(map(str, range(3, 9))))
    for options, words in (({}, []), ({"initial": range(3, 9)}, ["--initial", tmp_path / "initial.txt"])):
        theirs = program("classify", x, tmp_path / "classes.npy", "--labels", tmp_path / "labels.txt", *words)
        ours = qapkit.classify(source, target[:6], labels=labels, **options)
        for key in ("accuracy", "objective", "assignment", "clusters", "oracle_accuracy"):
            assert same(ours.data[key], theirs[key]), key
    theirs = program("intramodal", x, "--labels", tmp_path / "labels.txt")
    assert same(qapkit.intramodal(source, labels)["original"], theirs["original"])
