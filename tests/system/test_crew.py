"""A crew of real processes; they start in a fraction of a second, as they import little."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tinydigits.system import crew
from tinydigits.system.crew import Crew, Death, crew_of, worker_environment

WORKER = """
import os, signal, subprocess, sys, time
from tinydigits.system.crew_member import work

def carry_out(order, tell):
    print("what a library prints", order)
    if order["task"] == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if order["task"] == "leave":
        os._exit(3)
    if order["task"] == "sleep":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        tell({"child": child.pid})
        time.sleep(60)
    tell({"half": order["task"]})
    return {"done": order["task"], "process": os.getpid(), "threads": os.environ["OMP_NUM_THREADS"]}

work(carry_out)
"""


@pytest.fixture
def two(tmp_path):
    """A crew of two workers."""
    program = tmp_path / "worker.py"
    program.write_text(WORKER)
    with crew_of(Crew(2, [str(program)], worker_environment())) as made:
        yield made


def last_answers(two, count):
    """The last answers to so many orders, by their work."""
    last = {}
    while len(last) < count:
        work, answer = two.next_answer()
        if isinstance(answer, Death) or "half" not in answer:
            last[work] = answer
    return last


def test_answers_come_with_the_work_that_they_are_to_and_the_last_one_frees_the_worker(two):
    assert (two.working, two.has_room) == (False, True)
    two.begin("first", {"task": 1})
    assert (two.working, two.has_room) == (True, True)
    two.begin("second", {"task": 2})
    assert (two.working, two.has_room) == (True, False)
    last = last_answers(two, 2)
    assert {work: answer["done"] for work, answer in last.items()} == {"first": 1, "second": 2}
    assert (two.working, two.has_room) == (False, True)


def test_a_worker_that_is_free_gets_the_next_order_and_has_one_thread(two):
    two.begin("first", {"task": 1})
    first = last_answers(two, 1)["first"]
    two.begin("second", {"task": 2})
    assert last_answers(two, 1)["second"]["process"] == first["process"]
    assert first["threads"] == "1"


@pytest.mark.parametrize(("task", "how"), [("die", "by signal 9 (SIGKILL)"), ("leave", "with exit status 3")])
def test_a_death_is_told_in_words_and_another_worker_takes_the_next_order(two, task, how):
    two.begin("first", {"task": task})
    assert last_answers(two, 1) == {"first": Death(how)}
    assert not two.working
    two.begin("second", {"task": 2})
    assert last_answers(two, 1)["second"]["done"] == 2


def test_a_worker_that_dies_without_work_is_not_told_of_and_replaced(two):
    two.begin("first", {"task": 1})
    two.begin("second", {"task": 2})
    processes = [answer["process"] for answer in last_answers(two, 2).values()]  # the last to end is the next to begin
    os.kill(processes[0], 9)
    assert ended(processes[0])
    two.begin("third", {"task": 3})
    two.begin("fourth", {"task": 4})
    last = last_answers(two, 2)
    assert last["third"]["process"] == processes[1]
    assert last["fourth"] == Death("by signal 9 (SIGKILL)") or last["fourth"]["done"] == 4


def test_at_the_end_workers_have_ended_and_what_they_have_started(tmp_path):
    program = tmp_path / "worker.py"
    program.write_text(WORKER)
    with crew_of(Crew(1, [str(program)], worker_environment())) as one:
        one.begin("first", {"task": "sleep"})
        _, answer = one.next_answer()
        started = time.monotonic()
    assert time.monotonic() - started < 20  # neither the worker nor its child slept for a minute
    assert ended(answer["child"])


def test_a_worker_whose_crew_is_gone_ends_with_what_it_has_started(tmp_path):
    program = tmp_path / "worker.py"
    program.write_text(WORKER)
    with subprocess.Popen(
        [sys.executable, str(program)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=worker_environment(),
        start_new_session=True,
    ) as worker:
        worker.stdin.write('{"task": "sleep"}\n')
        worker.stdin.flush()
        child = json.loads(worker.stdout.readline())["child"]
        worker.stdin.close()
        assert worker.wait(timeout=20) == -signal.SIGKILL
    assert ended(child)


def test_workers_find_the_same_tinydigits_and_keep_the_callers_path(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    environment = worker_environment(COLOUR="none")
    source = str(Path(crew.__file__).parents[2])
    assert environment["PYTHONPATH"] == f"{source}{os.pathsep}elsewhere"
    assert environment["COLOUR"] == "none"
    monkeypatch.delenv("PYTHONPATH")
    assert worker_environment()["PYTHONPATH"] == source


def ended(process):
    """Whether a process has ended, or does so within some seconds."""
    for _ in range(100):
        with suppress(FileNotFoundError, ProcessLookupError):
            if sys.platform != "linux":
                os.kill(process, 0)
            elif Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                time.sleep(0.1)
                continue
        return True
    return False
