import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from helpers.served import without_reading_processes
from tinydigits.serve import server


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--host", "0.0.0.0"), "Others can reach 0.0.0.0. Give --token, or --no-auth"),
        (("--host", "::"), "Others can reach ::"),
        (("--token", "a", "--no-auth"), "exclude one another"),
        (("--token", "two words"), "without spaces"),
        (("--token", ""), "without spaces"),
        (("--port", "70000"), "70000 is not in the range"),
    ],
)
def test_what_is_unsafe_or_unusable_is_a_usage_error(command, arguments, says):
    outcome = command("serve", *arguments)
    assert outcome.code == 2
    assert says in outcome.stderr
    assert outcome.stdout == ""


def test_an_address_that_is_taken_is_an_error_in_words(command):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = command("serve", "--port", port)
    assert outcome.code == 1
    assert f"127.0.0.1:{port}: found an address that cannot be listened at" in outcome.stderr


def test_a_host_without_address_is_an_error_in_words(command):
    outcome = command("serve", "--host", "a..b")
    assert outcome.code == 1
    assert "--host: found `a..b`, which has no address" in outcome.stderr


def test_a_model_that_is_none_ends_the_server_with_its_error(command, monkeypatch):
    without_reading_processes(monkeypatch)
    with ThreadPoolExecutor(1) as thread:  # the browser of other tests may hold this thread's event loop
        outcome = thread.submit(command, "serve", "--port", "0", "--model", "nothing").result()
    assert outcome.code == 1
    assert outcome.stdout.startswith("http://127.0.0.1:")
    assert "neither a shipped model nor a path" in outcome.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "token"),
    [
        ((), None, None),
        (("--host", "0.0.0.0", "--token", "abc"), None, "abc"),
        (("--host", "0.0.0.0"), "from-environment", "from-environment"),
        (("--host", "0.0.0.0", "--no-auth"), None, None),
    ],
)
def test_settings_are_what_the_options_say(command, monkeypatch, arguments, environment, token):
    started = []
    monkeypatch.setattr(server, "serve", lambda settings, listening, log: started.append(settings) or listening.close())
    if environment:
        monkeypatch.setenv("TINYDIGITS_TOKEN", environment)
    assert command("serve", "--port", "0", *arguments).code == 0
    assert started[0].token == token
    assert started[0].loopback == (not arguments)
    assert started[0].model == "reader"


def test_without_the_extra_it_says_what_to_install(command, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "httptools" else name)
    outcome = command("serve")
    assert outcome.code == 1
    assert "no httptools" in outcome.stderr
    assert "pip install 'tinydigits[serve]'" in outcome.stderr
