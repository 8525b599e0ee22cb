import threading

from prometheus_client.parser import text_string_to_metric_families

from helpers.served import running, with_net
from tinydigits.serve.settings import Settings


def samples(text):
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_count_answers_and_batches(served):
    before = samples(served.ask("GET", "/metrics").body.decode())
    served.classify(bytes(784 * 3))
    served.classify(b"")
    after = samples(served.ask("GET", "/metrics").body.decode())

    def grown(*key):
        return after[key] - before.get(key, 0)

    assert grown("tinydigits_requests_total", "/v1/classify", "200") == 1
    assert grown("tinydigits_requests_total", "/v1/classify", "400") == 1
    assert grown("tinydigits_batch_images_sum") == 3
    assert grown("tinydigits_request_seconds_count", "/v1/classify") == 2
    assert after["tinydigits_ready",] == 1
    assert after["process_open_fds",] > 0


def test_paths_that_clients_make_up_are_one_entry_of_the_metrics(served):
    for number in range(5):
        served.ask("GET", f"/made-up-{number}")
    text = served.ask("GET", "/metrics").body.decode()
    assert "made-up" not in text
    assert samples(text)["tinydigits_requests_total", "(none)", "404"] >= 5


def test_models_are_named_with_their_parameters(served):
    assert served.ask("GET", "/v1/models").json == {
        "models": [{"name": "reader", "parameters": 9997, "input": [28, 28], "answers": 11}]
    }


def test_a_server_is_ready_once_its_model_answers_and_not_before(monkeypatch):
    go = threading.Event()

    def slow_net(images):
        go.wait(30)
        return images[:, 0, :11].astype(float)

    with_net(monkeypatch, slow_net)
    with running(Settings(), warm=False) as served:
        not_yet = served.ask("GET", "/readyz")
        assert not_yet.status == 503
        assert not_yet.json == {"ready": False, "reason": "the model is being loaded"}
        assert served.ask("GET", "/healthz").status == 200
        early = served.classify(bytes(784))
        assert early.status == 503
        assert early.headers["retry-after"]
        assert served.ask("GET", "/v1/models").status == 503
        go.set()
        while served.ask("GET", "/readyz").status != 200:
            assert served.server.warming is not None
        assert served.classify(bytes(784)).status == 200
