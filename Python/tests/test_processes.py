"""Threads, signals, and what an import costs."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np

import qapkit


def run(code, interrupts=0, delay=1.5):
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
        # Jobs in the background of a shell inherit an ignored SIGINT.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    assert process.stdout.readline() == "begun\n"
    for _ in range(interrupts):
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        delay = 0.02
    out, error = process.communicate(timeout=60)
    return process.returncode, out, error


LONG = """
    import qapkit, sys
    problem = qapkit.generate("taillard-uniform", 60)
    print("begun", flush=True)
"""


def test_the_first_interrupt_returns_the_best_so_far():
    code, out, error = run(LONG + """
    result = qapkit.solve(problem, time_limit=50)
    print(result.status, result.objective > 0, result.seconds < 30)
    """, interrupts=1)
    assert (code, out) == (0, "interrupted True True\n"), error


def test_the_second_interrupt_is_raised():
    code, out, error = run("""
    import qapkit, time, numpy as np
    def slow(i, j):
        time.sleep(0.3)
        return np.ones((12, 12))
    print("begun", flush=True)
    try:
        qapkit.solve(slow, size=12, threads=1)
    except KeyboardInterrupt:
        print("raised", flush=True)
        import os
        os._exit(0)
    """, interrupts=2)
    assert out == "raised\n", error


def test_an_interrupt_of_the_stand_in():
    code, out, error = run("""
    import numpy as np
    from qapkit.scipy import quadratic_assignment
    rng = np.random.default_rng(0)
    A, B = rng.random((2, 2000, 2000))
    print("begun", flush=True)
    try:
        quadratic_assignment(A, B, method="2opt", options={"rng": rng})
    except KeyboardInterrupt:
        print("raised", flush=True)
    """, interrupts=1)
    assert out == "raised\n", error


def test_many_solves_at_once():
    problems = [qapkit.generate("grid", 9, seed=seed) for seed in range(8)]
    expected = [qapkit.solve(one).objective for one in problems]
    found, errors = {}, []

    def work(index):
        try:
            for _ in range(3):
                result = qapkit.solve(problems[index], callback=lambda event: None)
                found.setdefault(index, set()).add(result.objective)
                try:
                    qapkit.solve([[index, 2]], np.eye(2))
                except ValueError as error:
                    assert "flow" in str(error)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert found == {index: {value} for index, value in enumerate(expected)}


def test_other_threads_run_meanwhile():
    count, done = 0, threading.Event()

    def tick():
        nonlocal count
        while not done.is_set():
            count += 1
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    qapkit.solve(qapkit.generate("taillard-uniform", 40), time_limit=0.5, threads=1)
    done.set()
    thread.join()
    assert count > 50


def test_a_fork_can_solve():
    pid = os.fork()
    if pid == 0:
        os._exit(0 if qapkit.solve(np.eye(4), np.eye(4), threads=1).is_optimal else 1)
    assert os.waitpid(pid, 0)[1] == 0


def test_import_loads_neither_scipy_nor_matplotlib():
    code = "import sys, qapkit; print(sorted({'scipy', 'matplotlib', 'pandas'} & set(sys.modules)))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"
