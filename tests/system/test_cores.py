import os

import pytest

from tinydigits.system import cores


def test_cores_are_those_that_the_process_may_run_on(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {1, 3, 5} if process == 0 else set(), raising=False)
    assert cores.available_cores() == 3


@pytest.mark.parametrize(("counted", "cores_then"), [(6, 6), (None, 1)])
def test_where_a_system_has_no_affinity_all_its_cores_count(monkeypatch, counted, cores_then):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: counted)
    assert cores.available_cores() == cores_then


@pytest.mark.parametrize(
    ("asked", "threads"), [("1", 1), ("3", 3), ("8", 4), ("0", 4), ("", 4), ("-2", 4), ("two", 4), (None, 4)]
)
def test_threads_are_as_many_as_cores_unless_fewer_are_asked_for(monkeypatch, asked, threads):
    monkeypatch.setattr(cores, "available_cores", lambda: 4)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if asked is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert cores.threads_to_use() == threads
