import json
import re

from helpers.served import running, with_net, without_reading_processes
from tinydigits.serve import classify
from tinydigits.serve.settings import Settings

IMAGE = bytes(784)


def test_other_paths_and_methods_are_refused_in_words(served):
    missing = served.ask("GET", "/nothing")
    assert missing.status == 404
    assert missing.json == {"error": "/nothing: found no such path; expected one that /docs lists."}
    wrong = served.ask("GET", "/v1/classify")
    assert wrong.status == 405
    assert wrong.headers["allow"] == "POST"


def test_head_is_answered_as_get_without_a_body(served):
    get, head = served.ask("GET", "/v1/models"), served.ask("HEAD", "/v1/models")
    assert head.status == get.status == 200
    assert head.headers["content-length"] == get.headers["content-length"]
    assert head.body == b""


def test_a_foreign_host_and_a_foreign_origin_are_refused(served):
    assert served.ask("GET", "/v1/models", Host="evil.example").status == 421
    assert served.classify(IMAGE, Origin="http://evil.example").status == 403
    assert served.classify(IMAGE, Origin=f"http://127.0.0.1:{served.port}").status == 200


def test_every_answer_has_a_request_id_and_keeps_browsers_from_misuse(served):
    for answer in (served.ask("GET", "/healthz"), served.ask("GET", "/nothing"), served.classify(b"")):
        assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"


def test_the_log_has_a_line_a_request_with_the_clients_own_id(served):
    assert served.classify(IMAGE, X_Request_Id="order-7.a").headers["x-request-id"] == "order-7.a"
    assert served.classify(IMAGE, X_Request_Id='x" {}').headers["x-request-id"] != 'x" {}'
    line = next(line for line in served.log_lines() if line.get("id") == "order-7.a")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    assert (line["event"], line["method"], line["path"]) == ("request", "POST", "/v1/classify")
    assert (line["status"], line["client"]) == (200, "127.0.0.1")
    assert line["ms"] > 0


def test_a_decisive_header_may_not_be_there_twice(served):
    for header in (b"Host: localhost", b"Authorization: Bearer a\r\nAuthorization: Bearer b"):
        answer = served.raw(
            b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + header + b"\r\n\r\n"
        )
        assert answer.startswith(b"HTTP/1.1 400")
        assert b"several such headers" in answer


def test_a_body_that_is_announced_too_large_is_refused_before_it_arrives(served):
    head = b"POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n"
    answer = served.raw(head + b"Content-Length: 9000000\r\nConnection: close\r\n\r\nx")
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"9,000,000 bytes or more; expected at most 8,000,000" in answer


def test_a_body_that_grows_too_large_is_refused_while_it_arrives(served):
    def endless():
        for _ in range(200):
            yield bytes(65_536)

    connection_reset = False
    try:
        answer = served.ask("POST", "/v1/classify", endless(), Transfer_Encoding="chunked")
    except (BrokenPipeError, ConnectionResetError):
        connection_reset = True
    assert connection_reset or answer.status == 413
    assert served.server.app.health.held_bytes == 0
    assert classify.MOST_BYTES < 200 * 65_536


def test_an_error_of_the_servers_own_shows_nothing_and_the_log_shows_all(monkeypatch):
    def broken(images):
        if images.any():
            raise ZeroDivisionError("a secret")
        return images[:, 0, :11].astype(float)

    with_net(monkeypatch, broken)
    monkeypatch.setattr("tinydigits.serve.service.answers_alike", lambda *_: True)
    with running(Settings()) as served:
        answer = served.classify(b"\1" * 784)
        assert answer.status == 500
        assert answer.json == {"error": "server: found an error of its own; expected none. Its log says more."}
        assert served.classify(IMAGE).status == 200
        line = next(line for line in served.log_lines() if line["event"] == "error")
        assert line["id"] == answer.headers["x-request-id"]
        assert "ZeroDivisionError: a secret" in line["trace"]


def test_a_token_is_asked_for_but_not_for_health(monkeypatch):
    without_reading_processes(monkeypatch)
    with running(Settings(model="pocket-1k", token="secret", loopback=False)) as served:
        for path in ("/v1/models", "/metrics"):
            assert served.ask("GET", path).status == 401
            assert served.ask("GET", path, Authorization="Bearer wrong").status == 401
            assert served.ask("GET", path, Authorization="Bearer secret").status == 200
        assert served.classify(IMAGE).status == 401
        assert served.classify(IMAGE, Authorization="Bearer secret").status == 200
        assert served.ask("GET", "/healthz").status == served.ask("GET", "/readyz").status == 200
        assert "secret" not in json.dumps(served.log_lines())
