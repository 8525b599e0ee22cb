import json

import numpy as np
import pytest

from tinydigits.formats.finished_runs import finished_runs, read_run

REPORT = {"identity": "abc", "parameters": 1, "epochs": 1, "engine": "native", "fit_seconds": 0.5}


def run(folder, report=REPORT, answers=(1, 2, 3)):
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(json.dumps(report))
    np.save(folder / "answers.npy", np.array(answers, np.uint8))
    return folder


def test_runs_are_found_by_identity_alone_and_beside_seeds(tmp_path):
    run(tmp_path / "anything")
    run(tmp_path / "net" / "seed-3", {**REPORT, "identity": "def"})
    found = finished_runs(tmp_path, 3)
    assert {key: each.folder.relative_to(tmp_path).as_posix() for key, each in found.items()} == {
        "abc": "anything",
        "def": "net/seed-3",
    }
    assert found["abc"].answers.tolist() == [1, 2, 3]
    assert finished_runs(tmp_path / "nowhere", 3) == {}


def damage(folder, kind):
    answers, report = folder / "answers.npy", folder / "report.json"
    match kind:
        case "half a report":
            report.write_text(report.read_text()[:20])
        case "another report":
            report.write_text("[]")
        case "a report without identity":
            report.write_text(json.dumps({**REPORT, "identity": None}))
        case "no answers":
            answers.unlink()
        case "half the answers":
            answers.write_bytes(answers.read_bytes()[:-1])
        case "no bytes":
            answers.write_bytes(b"")
        case "answers to other images":
            np.save(answers, np.zeros(4, np.uint8))
        case "answers of another type":
            np.save(answers, np.zeros(3, np.float32))
        case "a pickle":
            np.save(answers, np.array([1, "x", None], object), allow_pickle=True)


@pytest.mark.parametrize(
    "kind",
    [
        "half a report",
        "another report",
        "a report without identity",
        "no answers",
        "half the answers",
        "no bytes",
        "answers to other images",
        "answers of another type",
        "a pickle",
    ],
)
def test_what_is_not_whole_does_not_count(tmp_path, kind):
    folder = run(tmp_path / "net")
    assert len(finished_runs(tmp_path, 3)) == 1
    damage(folder, kind)
    assert finished_runs(tmp_path, 3) == {}


def test_a_folder_that_is_none_is_no_run(tmp_path):
    assert read_run(tmp_path / "nowhere", 3) is None


@pytest.mark.parametrize("name", sorted(REPORT))
def test_a_report_that_lacks_a_figure_is_no_finished_run(tmp_path, name):
    folder = run(tmp_path / "run", {key: value for key, value in REPORT.items() if key != name})
    assert read_run(folder, 3) is None
