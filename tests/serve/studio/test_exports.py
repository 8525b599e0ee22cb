"""Exports of a live server, by the real command and by processes that stand for it."""

import io
import json
import sys
import threading
import zipfile

import jsonschema
import pytest

from helpers.exports import FAILS, HANGS, WRITES
from helpers.runs import write_run
from helpers.served import PATIENCE, running, wait_until, without_reading_processes
from tinydigits.formats.model_file import shipped_bytes
from tinydigits.formats.onnx import file as onnx_file
from tinydigits.serve.settings import Settings
from tinydigits.serve.studio import exports


@pytest.fixture
def stand_in(monkeypatch):
    """Gives a function that puts a program in the place of the command."""
    return lambda program: monkeypatch.setattr(exports, "EXPORT", ("-c", program))


@pytest.fixture
def run(trainer):
    write_run(trainer.server.app.settings.runs / "cnn" / "seed-0")
    return "cnn/seed-0"


def export(served, **order):
    return served.ask("POST", "/v1/exports", json.dumps(order), content_type="application/json")


def test_a_folder_comes_as_a_zip_with_what_was_found_out(trainer, run, stand_in):
    stand_in(WRITES)
    answer = export(trainer, run=run, to="c", int8=True)
    described = trainer.ask("GET", "/openapi.json").json["paths"]["/v1/exports"]["post"]["responses"]["200"]
    jsonschema.validate(answer.json, described["content"]["application/json"]["schema"])
    assert answer.json["file"] == "cnn-seed-0-int8-c.zip"
    assert (answer.json["flash"], answer.json["notes"]) == (20_000, ["a note"])
    assert "path" not in answer.json
    file = trainer.ask("GET", f"/v1/exports/{answer.json['id']}")
    with zipfile.ZipFile(io.BytesIO(file.body)) as archive:
        assert archive.namelist() == ["cnn-seed-0-int8-c/src/net.c"]
        words = archive.read("cnn-seed-0-int8-c/src/net.c").decode()
    assert words == f"{trainer.server.app.settings.runs.resolve()}/cnn/seed-0 --to c --int8"


def test_the_real_command_writes_onnx(trainer, run):
    answer = export(trainer, run=run, to="onnx").json
    assert (answer["file"], answer["checked_images"], answer["disagreements"]) == ("cnn-seed-0.onnx", 10_000, 0)
    content = trainer.ask("GET", f"/v1/exports/{answer['id']}").body
    assert len(content) == answer["bytes"]
    network, _ = onnx_file.from_bytes(content, "x")
    shipped, _ = onnx_file.from_bytes(shipped_bytes("pocket-1k"), "y")
    assert [weight.tobytes() for weight in network.weights] == [weight.tobytes() for weight in shipped.weights]


def test_what_cannot_be_written_is_said_in_the_commands_words(trainer, run, stand_in):
    stand_in(FAILS)
    answer = export(trainer, run=run, to="html")
    assert answer.status == 422
    assert "found net: found a layer; expected none." in answer.json["error"]
    assert not trainer.server.app.exports.working


def test_an_export_that_takes_too_long_is_ended(trainer, run, stand_in, monkeypatch):
    stand_in(HANGS)
    monkeypatch.setattr(exports, "EXPORT_SECONDS", 0.2)
    answer = export(trainer, run=run, to="c")
    assert answer.status == 422
    assert "takes more than 0.2 s" in answer.json["error"]


def test_one_export_at_a_time_and_one_whose_client_has_gone_is_ended(trainer, run, stand_in):
    stand_in(HANGS)
    body = json.dumps({"run": run, "to": "c"})
    with trainer.connect() as client:
        head = "POST /v1/exports HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json"
        client.sendall(f"{head}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        wait_until(lambda: trainer.server.app.exports.process is not None)
        assert export(trainer, run=run, to="c").status == 409
    wait_until(lambda: not trainer.server.app.exports.working)
    stand_in(WRITES)
    assert export(trainer, run=run, to="c").status == 200


def test_a_server_that_ends_ends_the_export(tmp_path, monkeypatch, stand_in):
    stand_in(HANGS)
    without_reading_processes(monkeypatch)
    write_run(tmp_path / "a")
    answers = []
    with running(Settings(runs=tmp_path)) as served:
        asking = threading.Thread(target=lambda: answers.append(export(served, run="a", to="c")))
        asking.start()
        wait_until(lambda: served.server.app.exports.process is not None)
    asking.join(PATIENCE)
    assert answers[0].status == 503


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"to": "c"}, 400),
        ({"run": "cnn/seed-0"}, 400),
        ({"run": "cnn/seed-0", "to": "html", "int8": True}, 400),
        ({"run": "cnn/seed-0", "to": "c", "int8": 1}, 400),
        ({"run": "cnn/seed-0", "to": "c", "out": "/etc"}, 400),
        ({"run": "../cnn", "to": "c"}, 404),
        ({"run": "reader", "to": "c"}, 404),
    ],
)
def test_what_is_no_order_is_refused(trainer, run, stand_in, order, status):
    stand_in(FAILS)
    assert export(trainer, **order).status == status


def test_only_the_last_exports_are_kept(trainer, run, stand_in, monkeypatch):
    stand_in(WRITES)
    monkeypatch.setattr(exports, "MOST_KEPT", 2)
    names = [export(trainer, run=run, to="c").json["id"] for _ in range(3)]
    assert [trainer.ask("GET", f"/v1/exports/{name}").status for name in names] == [404, 200, 200]


def test_litert_is_offered_where_tensorflow_is(monkeypatch):
    monkeypatch.setattr(exports, "find_spec", lambda name: None)
    assert "litert" not in {form.to for form in exports.forms()}
    monkeypatch.setattr(exports, "find_spec", lambda name: sys)
    assert "litert" in {form.to for form in exports.forms()}


@pytest.mark.long
@pytest.mark.parametrize("form", exports.FORMS, ids=lambda form: f"{form.to}{'-int8' if form.int8 else ''}")
def test_each_form_is_written_by_the_real_command(trainer, run, form):
    answer = export(trainer, run=run, **form.as_json())
    assert answer.status == 200, answer.body
    assert answer.json["disagreements"] == 0
    assert trainer.ask("GET", f"/v1/exports/{answer.json['id']}").status == 200
