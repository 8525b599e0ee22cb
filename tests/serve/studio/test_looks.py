import base64
import gzip
import shutil

import jsonschema
import numpy as np
import pytest

from helpers.runs import LABELS, write_run
from tinydigits.serve.mnist import FILES
from tinydigits.serve.studio import looks


def look(served, folder):
    return served.ask("GET", f"/v1/look?run={folder}")


def place_of(served):
    return served.server.app.settings.runs


def test_a_look_has_the_net_the_curves_and_the_answers(trainer):
    write_run(place_of(trainer) / "a" / "seed-0")
    answer = look(trainer, "a/seed-0")
    described = trainer.ask("GET", "/openapi.json").json["paths"]["/v1/look"]["get"]["responses"]["200"]
    jsonschema.validate(answer.json, described["content"]["application/json"]["schema"])
    assert answer.json["run"]["folder"] == "a/seed-0"
    assert answer.json["history"]["val_loss"] == [0.4, 0.25]
    assert answer.json["network"]["name"] == "pocket-1k"
    answers = np.frombuffer(base64.b64decode(answer.json["answers"]), np.uint8)
    assert [*np.flatnonzero(answers != LABELS)] == [3, 7]


def test_what_is_missing_or_damaged_is_null_and_the_rest_is_there(trainer):
    place = place_of(trainer)
    write_run(place / "a")
    for name in ("model.onnx", "history.csv", "answers.npy"):
        (place / "a" / name).write_bytes(b"damaged, \xff")
    answer = look(trainer, "a").json
    assert (answer["history"], answer["network"], answer["answers"]) == (None, None, None)
    assert "model.onnx" in answer["reason"]
    for name in ("model.onnx", "history.csv", "answers.npy"):
        (place / "a" / name).unlink()
    answer = look(trainer, "a").json
    assert (answer["history"], answer["network"], answer["answers"]) == (None, None, None)


@pytest.mark.parametrize(
    "answers",
    [
        np.zeros(9_999, np.uint8),
        np.zeros(10_000, np.int64),
        np.full(10_000, 3, np.uint8),  # of other images: their accuracy is another
        np.array([{}], object),
    ],
)
def test_answers_to_other_images_are_not_shown_as_those_of_mnist(tmp_path, answers):
    np.save(tmp_path / "answers.npy", answers, allow_pickle=True)
    assert looks.answers_of(tmp_path, 0.5) is None
    assert looks.answers_of(tmp_path, None) is None


def test_only_what_is_listed_can_be_looked_at(trainer):
    place = place_of(trainer)
    write_run(place / "runs" / "inner" / "deep")
    write_run(place / ".hidden")
    write_run(place / "a")
    names = ("../a", "..", "a/..", "a/../a", "/etc", "", ".hidden", "runs/inner/deep", "runs/inner", "a%00", "b", "a/")
    assert {name: look(trainer, name).status for name in names} == dict.fromkeys(names, 404)
    assert look(trainer, "a").status == 200
    shutil.rmtree(place / "a")
    assert look(trainer, "a").status == 404


@pytest.mark.parametrize("name", FILES)
def test_mnist_is_given_as_it_is_stored(trainer, name):
    answer = trainer.ask("GET", f"/v1/mnist/{name}")
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(answer.body)[:3] == b"\0\0\x08"


def test_there_is_no_other_file_of_mnist(trainer):
    assert trainer.ask("GET", "/v1/mnist/LICENSE").status == 404
