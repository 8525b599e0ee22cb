import json
import os
import shutil

import jsonschema
import pytest

from helpers.served import running, without_reading_processes
from tinydigits.serve.runs import Runs
from tinydigits.serve.settings import Settings

REPORT = {
    "model": "cnn",
    "seed": 3,
    "engine": "native",
    "parameters": 9_000,
    "epochs": 8,
    "seconds": 41.5,
    "accuracy": {"train": 0.98, "validation": 0.99, "test": None},
    "identity": "x",
}


def write(folder, report=None):
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(json.dumps({**REPORT, **(report or {})}))


@pytest.mark.long
def test_a_run_that_was_trained_is_listed_as_its_report_says(tmp_path, command, digits_file, monkeypatch):
    monkeypatch.chdir(tmp_path)
    trained = json.loads(command("train", "mlp", "--epochs", 1, "--data", digits_file, "--json").stdout)
    [run] = Runs(tmp_path).all()
    assert {name: trained[name] for name in run} == {**run, "folder": trained["folder"]}
    assert (tmp_path / run["folder"]).samefile(trained["folder"])


def test_runs_and_those_of_seeds_are_listed_the_newest_first(tmp_path):
    write(tmp_path / "b")
    write(tmp_path / "a" / "seed-0")
    for number, name in enumerate(("a/seed-0", "b")):
        report = tmp_path / name / "report.json"
        times = (1_700_000_000 + number,) * 2
        os.utime(report, times)
    told = Runs(tmp_path).all()
    assert [run["folder"] for run in told] == ["b", "a/seed-0"]
    assert told[0]["accuracy"] == {"train": 0.98, "validation": 0.99, "test": None}
    assert told[0]["parameters"] == 9_000
    assert "identity" not in told[0]


@pytest.mark.parametrize(
    "report",
    [
        {"seconds": float("nan")},
        {"seed": True},
        {"model": None},
        {"accuracy": {"train": 2}},
        {"accuracy": {"test": float("nan")}},
        {"accuracy": [1]},
    ],
)
def test_what_is_no_report_of_a_run_is_left_out(tmp_path, report):
    write(tmp_path / "good")
    write(tmp_path / "bad", report)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "report.json").write_text("[" * 100_000)
    write(tmp_path / ".unfinished")
    assert [run["folder"] for run in Runs(tmp_path).all()] == ["good"]


def test_a_run_that_is_deleted_is_gone_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    without_reading_processes(monkeypatch)
    for number in range(20):
        write(tmp_path / f"run-{number}")
    with running(Settings()) as served:
        answer = served.ask("GET", "/v1/runs")
        assert len(answer.json["runs"]) == 20
        described = served.ask("GET", "/openapi.json").json["paths"]["/v1/runs"]["get"]["responses"]["200"]
        jsonschema.validate(answer.json, described["content"]["application/json"]["schema"])
        shutil.rmtree(tmp_path / "run-7")
        assert "run-7" not in [run["folder"] for run in served.ask("GET", "/v1/runs").json["runs"]]


def test_runs_are_for_the_owner_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    without_reading_processes(monkeypatch)
    with running(Settings(loopback=False)) as served:
        assert served.ask("GET", "/v1/runs").status == 403
    with running(Settings(token="secret", loopback=False)) as served:
        assert served.ask("GET", "/v1/runs").status == 401
        assert served.ask("GET", "/v1/runs", authorization="Bearer secret").status == 200
