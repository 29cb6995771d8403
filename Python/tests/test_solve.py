import ctypes
import itertools
import json
import logging
import os
import pathlib
import subprocess

import numpy as np
import pytest

import qapkit


def brute(flow, distance, linear=None, sense=min):
    n = len(flow)
    values = []
    for p in map(np.array, itertools.permutations(range(len(distance)), n)):
        value = np.sum(flow * distance[np.ix_(p, p)])
        values.append(value + (0 if linear is None else linear[np.arange(n), p].sum()))
    return sense(values)


@pytest.mark.parametrize("seed", range(10))
def test_optimum_of_small_instances(seed):
    rng = np.random.default_rng(seed)
    flow, distance = rng.integers(-9, 9, (2, 5, 5))
    linear = rng.integers(-9, 9, (5, 5))
    for maximize in (False, True):
        result = qapkit.solve(flow, distance, linear, constant=7, maximize=maximize)
        assert result.objective == brute(flow, distance, linear, max if maximize else min) + 7
        assert result.is_optimal and result.bound == result.objective


def test_files_state_the_sense(tmp_path):
    rng = np.random.default_rng(3)
    flow, distance = rng.integers(-9, 9, (2, 4, 4))
    path = tmp_path / "most.json"
    path.write_text(json.dumps({"flow": flow.tolist(), "distance": distance.tolist(), "sense": "max"}))
    problem = qapkit.read(path)
    assert problem.sense == "max" and qapkit.instance(flow, distance).sense == "min"
    result = qapkit.solve(problem, certificate=True)
    assert result.objective == brute(flow, distance, None, max) and result.is_optimal
    assert qapkit.verify(problem, result).holds
    qapkit.write(problem, tmp_path / "most.npz")
    again = qapkit.read(tmp_path / "most.npz")
    assert again.sense == "max" and qapkit.bound(again, method="gilmore-lawler").bound >= result.objective


@pytest.mark.parametrize("places", [[3, 0], [0, 0], [-1, 0], [0, 5], [0, 1, 2, 3]])
def test_assignments_beyond_the_locations(places):
    problem = qapkit.instance(np.ones((2, 2)), np.ones((3, 3)))
    with pytest.raises(ValueError):
        problem.objective(places)
    with pytest.raises(ValueError):
        qapkit.solve(problem, start=places)


def test_fewer_facilities():
    rng = np.random.default_rng(1)
    flow, distance = rng.random((3, 3)), rng.random((6, 6))
    result = qapkit.solve(flow, distance)
    assert len(result.assignment) == 3
    assert np.isclose(result.objective, brute(flow, distance))


@pytest.mark.parametrize("kind", [
    np.float64, np.float32, np.float16, np.int64, np.int32, np.int8, np.uint8, np.uint64, bool, ">f8", ">i4"])
def test_types_are_exact(kind):
    rng = np.random.default_rng(2)
    flow, distance = rng.integers(0, 2, (2, 6, 6))
    expected = qapkit.solve(flow, distance).objective
    assert qapkit.solve(flow.astype(kind), distance.astype(kind)).objective == expected


def test_strides_are_read_in_place():
    rng = np.random.default_rng(3)
    whole = rng.integers(0, 9, (12, 12))
    flow = whole[::-2, 1::2].T
    distance = np.asfortranarray(rng.random((6, 6)))
    problem = qapkit.instance(flow, distance)
    assert np.array_equal(problem.flow, flow) and np.array_equal(problem.distance, distance)
    assert np.array_equal(qapkit.instance(np.broadcast_to(1.0, (4, 4)), np.eye(4)).flow, np.ones((4, 4)))


def test_large_arrays_are_not_copied():
    rng = np.random.default_rng(4)
    flow, distance, linear = rng.random((3, 700, 700))
    before = [flow.copy(), distance.copy(), linear.copy()]
    options = {"method": "2-opt", "iterations": 1, "threads": 1}
    result = qapkit.solve(flow, distance, linear, **options)
    copies = qapkit.solve(np.asfortranarray(flow), distance[::-1][::-1], linear.T.copy().T, **options)
    kept = qapkit.solve(qapkit.instance(flow, distance, linear), **options)
    assert result.objective == copies.objective == kept.objective
    assert np.array_equal(result.assignment, kept.assignment)
    for array, copy in zip((flow, distance, linear), before):
        assert np.array_equal(array, copy)


def test_lists_and_tensors_of_torch():
    torch = pytest.importorskip("torch")
    flow = torch.ones(3, 3, dtype=torch.bfloat16, requires_grad=True)
    assert qapkit.solve(flow, [[0, 1, 2], [1, 0, 3], [2, 3, 0]]).objective == 12


@pytest.mark.parametrize("flow, distance, error", [
    ([[1, 2]], np.eye(2), ValueError), (np.eye(3), np.eye(2), ValueError),
    ([[np.nan]], [[1]], ValueError), ([[1e200]], [[1e200]], ValueError),
    (np.zeros((0, 0)), np.zeros((0, 0)), ValueError), ([[1j]], [[1]], TypeError),
    ([[2**60]], [[1]], ValueError), (np.eye(2), None, ValueError), ("abc", "def", TypeError)])
def test_bad_data_is_refused(flow, distance, error):
    with pytest.raises(error):
        qapkit.solve(flow, distance)


@pytest.mark.parametrize("options", [
    {"method": "nonsense"}, {"threads": 0}, {"threads": 1000}, {"time_limit": -1}, {"time_limit": np.inf},
    {"iterations": 0}, {"gap": -1}, {"tolerance": 2}, {"seed": -1}, {"pairs": [[0, 9]]},
    {"pairs": [[0, 1], [0, 2]]}, {"start": [0, 0, 1]}, {"start": [0]}, {"starts": 3},
    {"target": np.inf}, {"start": "QAPKIT-CERTIFICATE 1\n"}])
def test_bad_options_are_refused(options):
    with pytest.raises(ValueError):
        qapkit.solve(np.eye(3), np.eye(3), **options)


def test_a_huge_time_limit_is_none():
    assert qapkit.solve(np.eye(3), np.eye(3), time_limit=1e300).is_optimal


def test_pairs_start_and_target():
    problem = qapkit.generate("grid", 9)
    free = qapkit.solve(problem)
    fixed = qapkit.solve(problem, pairs={0: 4, 1: 0})
    assert fixed.assignment[0] == 4 and fixed.assignment[1] == 0 and fixed.objective >= free.objective
    again = qapkit.solve(problem, method="tabu", start=free.assignment, target=free.objective)
    assert again.status in ("target", "optimal") and again.objective == free.objective


def test_tensors():
    rng = np.random.default_rng(4)
    flow, distance = rng.integers(0, 9, (2, 5, 5))
    tensor = np.einsum("ik,jl->ijkl", flow, distance)
    expected = qapkit.solve(flow, distance).objective
    assert qapkit.solve(tensor).objective == expected
    block = lambda i, j: np.outer(flow[i], distance[j])
    problem = qapkit.instance(block, size=5, integral=True)
    assert qapkit.solve(problem).objective == expected
    assert problem.objective(range(5)) == np.sum(flow * distance)


def test_callbacks_may_leave_out_zeros():
    """Blocks come as zeros: what a callback leaves out is the same in all calls, and proofs hold."""
    def block(_context, i, j, out):
        out[0] = (3 * i + j) % 5
        return 0

    keep, handle = qapkit._library.BLOCK(block), ctypes.c_void_p()
    code = qapkit._library.library.qapkit_instance_create_tensor(
        4, keep, None, 1, None, 0.0, b"sparse", ctypes.byref(handle))
    assert code == 0
    problem = qapkit.Instance(handle)
    for method in ("hahn-grant", "rlt1", "dnn", "branch-and-bound"):
        result = qapkit.solve(problem, method=method, iterations=9, certificate=True, threads=1)
        assert qapkit.verify(problem, result).holds, method


def test_layers():
    rng = np.random.default_rng(8)
    (a, b), (c, d), (e, f) = rng.integers(-5, 9, (3, 2, 4, 4))
    problem = qapkit.instance(a, b, layers=[(c, d, 2), (e, f, -1)])
    places = np.array([2, 0, 3, 1])
    at = np.ix_(places, places)
    assert problem.objective(places) == (a * b[at] + 2 * c * d[at] - e * f[at]).sum()
    assert qapkit.verify(problem, qapkit.solve(problem, certificate=True)).holds
    with pytest.raises(ValueError, match="objectives beyond"):
        qapkit.instance(a, b, layers=[(1e140 * (1 + c), 1e15 * (1 + d), 1e140)])


@pytest.mark.parametrize("seed", range(20))
def test_entries_of_all_sizes(seed):
    """Rounding errors of large entries keep no descent going, and certificates hold."""
    sizes = np.array([1e140, -1e70, 5e-300, 2.0**53, 1e100, 1e69, 1e30, -1e16] + [1.0, 2, 3, -4, 5.5, 7] * 2)
    tensor = np.random.default_rng(seed).choice(sizes, size=(4, 4, 4, 4))
    result = qapkit.solve(tensor, method="dnn", iterations=6, threads=1, time_limit=0.05, certificate=True)
    assert result.seconds < 10 and result.bound <= result.objective


def test_a_failing_cost_function_raises_its_error():
    def block(i, j):
        raise KeyError("no such cost")

    with pytest.raises(KeyError, match="no such cost"):
        qapkit.solve(block, size=4)
    with pytest.raises(RuntimeError, match="cost callback"):
        qapkit.solve(lambda i, j: np.full((4, 4), np.nan), size=4)


def test_certificates():
    problem = qapkit.generate("grid", 8, seed=3)
    result = qapkit.bound(problem, method="rlt1", iterations=100, certificate=True)
    assert qapkit.verify(problem, result).holds
    assert not qapkit.verify(qapkit.generate("grid", 8, seed=4), result.certificate).holds
    resumed = qapkit.bound(problem, method="rlt1", iterations=1, start=result.certificate)
    assert resumed.bound >= 0.99 * result.bound
    solved = qapkit.solve(problem)
    assert qapkit.verify(problem, solved).holds
    assert not qapkit.verify(problem, solved.assignment, objective=solved.objective - 1).holds


def test_files(tmp_path):
    problem = qapkit.instance(np.arange(9).reshape(3, 3), np.eye(3), np.ones((3, 3)), constant=2)
    for ending in ("json", "npz"):
        qapkit.write(problem, tmp_path / f"a.{ending}")
        again = qapkit.read(tmp_path / f"a.{ending}")
        assert np.array_equal(again.flow, problem.flow) and again.constant == 2
        assert np.array_equal(again.linear, problem.linear)
    with pytest.raises(FileNotFoundError):
        qapkit.read(tmp_path / "missing.dat")
    (tmp_path / "bad.dat").write_text("3\n1 2 x")
    with pytest.raises(ValueError, match="bad.dat:2:5"):
        qapkit.read(tmp_path / "bad.dat")


def test_callback_and_log(caplog):
    events = []
    problem = qapkit.generate("taillard-uniform", 25)
    with caplog.at_level(logging.INFO, "qapkit"):
        result = qapkit.solve(problem, callback=events.append, log=True, time_limit=1)
    assert {event.kind for event in events} >= {"incumbent", "bound"}
    assert len(result.trace) and result.trace["seconds"][-1] <= result.seconds
    assert any("bound" in record.message for record in caplog.records)
    stopped = qapkit.solve(problem, callback=lambda event: event.kind == "bound")
    assert stopped.status == "interrupted" and stopped.assignment is not None

    def fail(event):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        qapkit.solve(problem, callback=fail)


def test_the_number_of_threads_changes_nothing():
    problem = qapkit.generate("taillard-uniform", 20, seed=5)
    one, two = (qapkit.solve(problem, method="tabu", iterations=20000, threads=t) for t in (1, 2))
    assert np.array_equal(one.assignment, two.assignment)


@pytest.mark.skipif("QAPKIT_EXAMPLES" not in os.environ, reason="needs the checkout")
def test_the_program_of_the_readme(capsys):
    pytest.importorskip("scipy")
    text = (pathlib.Path(os.environ["QAPKIT_EXAMPLES"]).parent / "README.md").read_text()
    programs = [block.split("```")[0] for block in text.split("```python\n")[1:]]
    programs = [program for program in programs if "qapkit" in program]
    assert programs
    for program in programs:
        exec(program, {})
    first = capsys.readouterr().out.split()
    assert first[2] == "optimal"


def test_structs_of_older_versions():
    from qapkit import _core, _library as c

    problem = qapkit.generate("grid", 6)
    options, size = c.Options(), c.Options.distinct.offset
    c.library.qapkit_options_init(ctypes.byref(options), size)
    assert options.size == size and np.isnan(options.gap) and options.exponent == 0
    options.seed, options.bottleneck = 5, 1  # the second is beyond the size that is stated
    result = ctypes.c_void_p()
    c.check(c.library.qapkit_solve(problem._handle, ctypes.byref(options), ctypes.byref(result)))
    data = _core._Answer(result).data
    assert data["objective"] == qapkit.solve(problem).objective and data["seed"] == 5
    for size, version in ((size - 1, 1), (size, 0), (size, 99)):
        options.size, options.version = size, version
        with pytest.raises(ValueError):
            c.check(c.library.qapkit_solve(problem._handle, ctypes.byref(options), ctypes.byref(result)))


def test_result_shows_itself():
    result = qapkit.solve(np.eye(3), np.eye(3))
    assert "Proven optimal" in result._repr_html_() or "ptimal" in result.message
    with pytest.raises(AttributeError):
        result.objective = 1


def test_result_draws_itself():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    axes = qapkit.solve(qapkit.generate("grid", 9)).plot()
    assert {line.get_label() for line in axes.get_lines()} == {"objective", "bound"}


def test_refused():
    with pytest.raises(qapkit.RefusedError):
        qapkit.bound(np.random.default_rng(0).random((3000, 3000)), np.eye(3000), method="hahn-grant")


def test_linear_assignment():
    rng = np.random.default_rng(6)
    optimize = pytest.importorskip("scipy.optimize")
    for shape in ((1, 1), (5, 5), (4, 7), (7, 4), (60, 60)):
        costs = rng.random(shape)
        for maximize in (False, True):
            ours, theirs = (f(costs, maximize) for f in (qapkit.linear_assignment, optimize.linear_sum_assignment))
            assert all(np.array_equal(a, b) for a, b in zip(ours, theirs))
    costs = np.array([[np.inf, 1], [2, np.inf]])
    assert qapkit.linear_assignment(costs)[1].tolist() == [1, 0]
    with pytest.raises(ValueError, match="infeasible"):
        qapkit.linear_assignment([[np.inf, np.inf], [1, 2]])
    assert qapkit.linear_assignment(np.zeros((3, 2, 2)))[1].shape == (3, 2)


def test_capacities(tmp_path):
    rng = np.random.default_rng(10)
    flow, distance, linear = rng.integers(0, 9, (4, 4)), rng.integers(0, 9, (3, 3)), rng.integers(0, 9, (4, 3))
    takes = [2, 1, 3]
    values = [
        np.sum(flow * distance[np.ix_(p, p)]) + linear[np.arange(4), p].sum()
        for p in map(list, itertools.product(range(3), repeat=4))
        if all(p.count(site) <= most for site, most in enumerate(takes))]
    result = qapkit.solve(flow, distance, linear, capacity=takes)
    assert result.objective == min(values) and result.is_optimal
    problem = qapkit.instance(flow, distance, linear, capacity=takes)
    assert problem.objective(result.assignment) == result.objective
    assert problem.sites.tolist() == [0, 0, 1, 2, 2, 2]
    assert qapkit.verify(problem, result).holds
    assert qapkit.verify(problem, result.assignment).assignment.tolist() == result.assignment.tolist()
    fixed = qapkit.solve(problem, pairs={0: 2, 1: 2, 3: 2})
    assert fixed.assignment[[0, 1, 3]].tolist() == [2, 2, 2] and fixed.objective >= result.objective
    assert 2 not in qapkit.solve(problem, forbid=[[0, 2], [1, 2], [2, 2]]).assignment[:3]
    started = qapkit.solve(problem, method="2-opt", start=[2, 2, 0, 1], iterations=1)
    assert started.objective <= problem.objective([2, 2, 0, 1])
    for bad in ([1, 1, 1], [2, -1, 3], [4, 4], []):
        with pytest.raises(ValueError):
            qapkit.solve(flow, distance, capacity=bad)
    for bad in ({"pairs": {0: 1, 1: 1}}, {"pairs": {0: 3}}, {"forbid": [[0, 3]]}, {"start": [1, 1, 0, 0]}):
        with pytest.raises(ValueError):
            qapkit.solve(problem, **bad)
    with pytest.raises(ValueError, match="capacity"):
        qapkit.solve(problem, capacity=takes)


@pytest.mark.parametrize("seed", range(4))
def test_bottleneck(seed):
    rng = np.random.default_rng(seed)
    flow, distance = rng.integers(0, 9, (2, 5, 5))
    best = min(np.max(flow * distance[np.ix_(p, p)]) for p in itertools.permutations(range(5)))
    result = qapkit.solve(flow, distance, bottleneck=True)
    assert result.objective == result.bound == best and result.is_optimal
    assert np.max(flow * distance[np.ix_(result.assignment, result.assignment)]) == best
    with pytest.raises(ValueError, match="bottleneck"):
        qapkit.solve(flow, distance, bottleneck=True, method="tabu")


def test_allowed_placements_and_uniqueness():
    rng = np.random.default_rng(11)
    flow, distance = rng.integers(0, 9, (2, 5, 5))
    mask = np.ones((5, 5), dtype=bool)
    mask[0, 1:] = mask[1, 0] = False
    masked = qapkit.solve(flow, distance, allow=mask)
    assert masked.assignment[0] == 0
    assert masked.objective == qapkit.solve(flow, distance, allow={0: 0}).objective
    assert qapkit.solve(flow, distance, allow={0: 0}, forbid=[[0, 0]]).status == "infeasible"
    ranked = sorted(
        np.sum(flow * distance[np.ix_(p, p)]) for p in itertools.permutations(range(5)))
    result = qapkit.solve(flow, distance, unique=True)
    assert result.is_unique == (ranked[0] < ranked[1]) and result.margin == ranked[1] - ranked[0]


needs_program = pytest.mark.skipif("QAPKIT_CLI" not in os.environ, reason="needs the program qap")


def program(*arguments):
    """The JSON that the program qap writes."""
    done = subprocess.run(
        [os.environ["QAPKIT_CLI"], *map(str, arguments), "--json", "-", "--quiet"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@needs_program
@pytest.mark.parametrize("options", [
    {}, {"seed": 3}, {"method": "tabu", "iterations": 5000, "seed": 1}, {"unique": True}, {"bottleneck": True},
    {"best": 3, "distinct": True}])
def test_the_program_gives_the_same(tmp_path, options):
    problem = qapkit.generate("grid", 9, seed=2)
    qapkit.write(problem, tmp_path / "a.npz")
    arguments = [
        part for key, value in options.items()
        for part in ([f"--{key}"] if value is True else [f"--{key}", value])]
    theirs = program("solve", tmp_path / "a.npz", *arguments)
    ours = qapkit.solve(problem, **options)
    for key in ("objective", "bound", "assignment", "termination", "iterations", "nodes"):
        assert ours.data[key] == theirs[key]
    for key in ("best", "unique", "margin"):
        assert ours.data.get(key) == theirs.get(key)


@needs_program
def test_the_program_gives_the_same_with_capacities(tmp_path):
    rng = np.random.default_rng(12)
    flow, distance = rng.integers(0, 9, (5, 5)), rng.integers(0, 9, (3, 3))
    np.savez(tmp_path / "a.npz", flow=flow, distance=distance)
    (tmp_path / "takes.txt").write_text("2\n2\n2\n")
    theirs = program("solve", tmp_path / "a.npz", "--capacity", tmp_path / "takes.txt")
    ours = qapkit.solve(flow, distance, capacity=[2, 2, 2])
    for key in ("objective", "bound", "assignment", "termination"):
        assert ours.data[key] == theirs[key]
