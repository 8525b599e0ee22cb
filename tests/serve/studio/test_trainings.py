"""Trainings of a live server, in processes that sleep in the place of training."""

import http.client
import json
import os
import re
import signal
import threading

import jsonschema
import pytest

from helpers.light_training import DYING, ENDLESS, FAILING
from helpers.served import PATIENCE, running, wait_until, without_reading_processes
from tinydigits.serve.settings import Settings
from tinydigits.serve.studio import trainings as trainings_module

# What is left of a training that can go on.
UNFINISHED = ["mlp.checkpoint", "mlp.training.json"]


def post(served, path, value=None, **headers):
    return served.ask("POST", path, json.dumps(value), content_type="application/json", **headers)


def begin(served, **order):
    """Begins a training; returns its path in the API."""
    answer = post(served, "/v1/trainings", {"recipe": "mlp", "epochs": 20, **order})
    assert answer.status == 201, answer.body
    return answer.headers["location"]


def events(served, path, after=0):
    """All events of a training from `after` on, until its stream ends: (number, kind, values)."""
    text = served.ask("GET", f"{path}/events?after={after}").body.decode()
    found = re.findall(r"id: (\d+)\nevent: (\w+)\ndata: (.*)\n\n", text)
    return [(int(number), kind, json.loads(data)) for number, kind, data in found]


def wait_for(served, path, *states):
    wait_until(lambda: served.ask("GET", path).json["state"] in states)
    return served.ask("GET", path).json


def process_of(served):
    """The number of the process of the training under way."""
    [number] = [
        each.process.process.pid for each in served.server.app.trainings.known.values() if each.process is not None
    ]
    return number


def place_of(served):
    return served.server.app.settings.runs


def names(place):
    return sorted(path.name for path in place.iterdir())


def test_a_training_becomes_a_run_folder_and_its_curves_are_told_in_increments(trainer):
    path = begin(trainer, seeds=2)
    told = events(trainer, path)
    assert [number for number, *_ in told] == [*range(1, len(told) + 1)]
    epochs = [(data["seed"], data["at"]) for _, kind, data in told if kind == "epoch"]
    assert epochs == [(seed, epoch) for epoch in range(1, 21) for seed in (0, 1)]
    assert [data["state"] for _, kind, data in told if kind == "state"] == ["running", "finished"]
    assert names(place_of(trainer)) == ["mlp"]
    state = trainer.ask("GET", path).json
    assert (state["folder"], state["fraction"], state["report"]["model"]) == ("mlp", 1.0, "mlp")
    assert [run["folder"] for run in trainer.ask("GET", "/v1/runs").json["runs"]] == ["mlp"]


def test_answers_are_as_the_document_says(trainer):
    described = trainer.ask("GET", "/openapi.json").json["paths"]

    def check(path, method, status, value):
        response = described[path][method]["responses"][status]
        jsonschema.validate(value, response["content"]["application/json"]["schema"])

    one = "/v1/trainings/{training}"
    answer = post(trainer, "/v1/trainings", {"recipe": "cnn", "batch_size": ENDLESS})
    check("/v1/trainings", "post", "201", answer.json)
    path = answer.headers["location"]
    check(one, "get", "200", trainer.ask("GET", path).json)
    check(f"{one}/stop", "post", "200", post(trainer, f"{path}/stop").json)
    wait_for(trainer, path, "stopped")
    check(f"{one}/resume", "post", "200", post(trainer, f"{path}/resume").json)
    check("/v1/trainings", "get", "200", trainer.ask("GET", "/v1/trainings").json)
    check("/v1/recipes", "get", "200", trainer.ask("GET", "/v1/recipes").json)


def test_a_stopped_training_goes_on_from_its_last_epoch(trainer):
    path = begin(trainer, epochs=200)
    wait_until(lambda: trainer.ask("GET", path).json["fraction"] > 0.05)
    assert post(trainer, f"{path}/stop").json["state"] == "stopping"
    stopped = wait_for(trainer, path, "stopped")
    assert names(place_of(trainer)) == UNFINISHED
    before = events(trainer, path)
    assert post(trainer, f"{path}/resume").json["state"] == "running"
    after = events(trainer, path, before[-1][0])
    kept = round(200 * stopped["fraction"])
    first = next(data["at"] for _, kind, data in after if kind == "epoch")
    assert kept <= first <= kept + 1
    assert after[0][0] == before[-1][0] + 1
    assert after[-1][2]["state"] == "finished"
    assert names(place_of(trainer)) == ["mlp"]


def test_the_name_of_a_stopped_training_is_kept_for_it(trainer):
    path = begin(trainer, batch_size=ENDLESS)
    post(trainer, f"{path}/stop")
    wait_for(trainer, path, "stopped")
    assert trainer.ask("GET", begin(trainer)).json["folder"] == "mlp-2"


def test_one_training_runs_at_a_time(trainer):
    path = begin(trainer, batch_size=ENDLESS)
    answer = post(trainer, "/v1/trainings", {"recipe": "cnn"})
    assert answer.status == 409
    assert answer.json["error"] == (
        "training: found a training that is under way, of `mlp` into mlp/; expected one at a time. "
        "Wait for its end, or stop it."
    )
    assert post(trainer, f"{path}/resume").status == 409
    post(trainer, f"{path}/stop")
    wait_for(trainer, path, "stopped")
    assert post(trainer, f"{path}/stop").status == 409


@pytest.mark.parametrize(
    ("batch_size", "message"),
    [(FAILING, "training: found a loss of nan; expected a number."), (DYING, "Its process ended with exit status 7.")],
)
def test_a_training_that_fails_says_why(trainer, batch_size, message):
    path = begin(trainer, batch_size=batch_size)
    assert wait_for(trainer, path, "failed")["message"].startswith(message)
    assert events(trainer, path)[-1][2]["state"] == "failed"
    assert names(place_of(trainer)) == ["mlp.training.json"]


def test_a_training_whose_process_is_killed_says_so_leaves_nothing_and_can_go_on(trainer):
    path = begin(trainer, epochs=100)
    wait_until(lambda: trainer.ask("GET", path).json["fraction"] > 0.02)
    os.kill(process_of(trainer), signal.SIGKILL)
    assert "signal 9 (SIGKILL)" in wait_for(trainer, path, "failed")["message"]
    assert names(place_of(trainer)) == UNFINISHED
    assert post(trainer, f"{path}/resume").status == 200
    wait_for(trainer, path, "finished")
    assert names(place_of(trainer)) == ["mlp"]


def test_a_browser_goes_on_after_the_last_event_that_it_got(trainer):
    path = begin(trainer, epochs=3)
    wait_for(trainer, path, "finished")
    whole = trainer.ask("GET", f"{path}/events")
    assert whole.headers["content-type"].startswith("text/event-stream")
    assert whole.headers["cache-control"] == "no-store"
    rest = trainer.ask("GET", f"{path}/events", last_event_id="4").body
    assert whole.body.endswith(rest)
    assert rest.startswith(b"id: 5\n")
    assert trainer.ask("GET", f"{path}/events", last_event_id="x").status == 400
    assert trainer.ask("HEAD", f"{path}/events").body == b""


def test_streams_are_bounded_and_one_whose_client_has_gone_ends(trainer, monkeypatch):
    monkeypatch.setattr(trainings_module, "MOST_STREAMS", 2)
    path = begin(trainer, batch_size=ENDLESS)
    clients = [trainer.connect() for _ in range(2)]
    for client in clients:
        client.sendall(f"GET {path}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    wait_until(lambda: trainer.server.app.trainings.streams == 2)
    assert trainer.ask("GET", f"{path}/events").status == 503
    for client in clients:
        client.close()
    wait_until(lambda: trainer.server.app.trainings.streams == 0)


def test_a_server_that_ends_ends_streams_and_the_training_which_keeps_its_state(tmp_path, monkeypatch):
    without_reading_processes(monkeypatch)
    received = []
    with running(Settings(runs=tmp_path)) as served:
        path = begin(served, batch_size=ENDLESS)
        wait_until(lambda: served.ask("GET", path).json["fraction"] > 0)
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)
        connection.request("GET", f"{path}/events")
        answer = connection.getresponse()
        reading = threading.Thread(target=lambda: received.append(answer.read()))
        reading.start()
        number = process_of(served)
    reading.join(PATIENCE)
    assert received[0].startswith(b"id: 1\n")  # the stream ended as it should: its last part came
    connection.close()
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)
    assert names(tmp_path) == UNFINISHED


def test_unknown_trainings_and_other_bodies_are_refused(trainer):
    assert trainer.ask("GET", "/v1/trainings/abc").status == 404
    assert trainer.ask("GET", "/v1/trainings/abc/events").status == 404
    assert post(trainer, "/v1/trainings/abc/stop").status == 404
    assert trainer.ask("POST", "/v1/trainings", b"recipe=mlp").status == 415
    assert post(trainer, "/v1/trainings", {"recipe": "x"}).status == 400
    foreign = post(trainer, "/v1/trainings", {"recipe": "mlp"}, origin="http://evil.example")
    assert foreign.status == 403


def test_trainings_are_the_owners(tmp_path, monkeypatch):
    without_reading_processes(monkeypatch)
    with running(Settings(loopback=False, runs=tmp_path)) as served:
        for path in ("/v1/trainings", "/v1/recipes", "/v1/trainings/abc/events"):
            assert served.ask("GET", path).status == 403
        assert post(served, "/v1/trainings", {"recipe": "mlp"}).status == 403
    with running(Settings(token="secret", loopback=False, runs=tmp_path)) as served:
        assert post(served, "/v1/trainings", {"recipe": "mlp"}).status == 401
        assert served.ask("GET", "/v1/trainings", authorization="Bearer secret").status == 200


def test_old_trainings_are_forgotten_but_not_the_one_that_runs(trainer, monkeypatch):
    monkeypatch.setattr(trainings_module, "MOST_REMEMBERED", 2)
    paths = []
    for _ in range(3):
        paths.append(begin(trainer, epochs=1))
        wait_for(trainer, paths[-1], "finished")
    assert [trainer.ask("GET", path).status for path in paths] == [404, 200, 200]
    assert names(place_of(trainer)) == ["mlp", "mlp-2", "mlp-3"]


def test_a_training_that_is_discarded_leaves_nothing_and_a_finished_run_stays(trainer):
    path = begin(trainer, batch_size=ENDLESS)
    wait_until(lambda: trainer.ask("GET", path).json["fraction"] > 0)
    assert trainer.ask("DELETE", path).status == 409
    post(trainer, f"{path}/stop")
    wait_for(trainer, path, "stopped")
    assert trainer.ask("DELETE", path).status == 200
    assert trainer.ask("GET", path).status == 404
    assert names(place_of(trainer)) == []
    path = begin(trainer, epochs=1)
    wait_for(trainer, path, "finished")
    assert trainer.ask("DELETE", path).status == 200
    assert names(place_of(trainer)) == ["mlp"]


def test_the_next_server_knows_what_was_not_finished_and_goes_on_with_it(tmp_path, monkeypatch):
    without_reading_processes(monkeypatch)
    with running(Settings(runs=tmp_path)) as served:
        path = begin(served, epochs=500, learning_rate=0.5)
        wait_until(lambda: served.ask("GET", path).json["fraction"] > 0.01)
    assert names(tmp_path) == UNFINISHED
    with running(Settings(runs=tmp_path)) as served:
        [training] = served.ask("GET", "/v1/trainings").json["trainings"]
        assert (training["folder"], training["state"], training["learning_rate"]) == ("mlp", "stopped", 0.5)
        assert training["seconds"] > 0
        path = f"/v1/trainings/{training['id']}"
        assert post(served, f"{path}/resume").status == 200
        told = events(served, path)
        assert next(data["at"] for _, kind, data in told if kind == "epoch") > 1
        assert told[-1][2]["state"] == "finished"
    assert names(tmp_path) == ["mlp"]
