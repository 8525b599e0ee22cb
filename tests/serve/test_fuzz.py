"""Whatever is sent, the server answers without a failure of its own, and says nothing of its inside."""

import contextlib
import json
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from helpers import fuzz, published
from helpers.served import PATIENCE, everything, running, with_net
from tinydigits.serve import classify
from tinydigits.serve.settings import Limits, Settings

STATUS = re.compile(rb"^HTTP/1.1 (\d{3})", re.MULTILINE)
ROOT = Path(__file__).parents[2]


# What is sent in part keeps a connection for a moment only.
HASTY = Settings(limits=Limits(head_seconds=0.2, body_seconds=0.2, idle_seconds=1))
# Connections at once.
CLIENTS = 32


@pytest.fixture(scope="module")
def hasty():
    with running(HASTY) as server:
        yield server


def sent(served, data: bytes) -> bytes:
    """Sends bytes; returns all that comes."""
    with served.connect() as client:
        with contextlib.suppress(OSError):  # the server has closed already
            client.sendall(data)
        return everything(client)


def failures(served, seed: int, count: int) -> tuple[list[bytes], Counter[int]]:
    """Returns requests that the server failed at, and how many answers had each status."""
    failed, counts = [], Counter[int]()
    requests = [*fuzz.requests(seed, count)]
    with ThreadPoolExecutor(CLIENTS) as clients:
        for request, answer in zip(requests, clients.map(partial(sent, served), requests), strict=True):
            statuses = [int(status) for status in STATUS.findall(answer)]
            counts.update(statuses or [0])
            if any(status >= 500 and status != 503 for status in statuses) or b"Traceback" in answer:
                failed.append(request)
    return failed, counts


def test_two_thousand_requests_that_are_almost_right_find_no_failure(hasty):
    failed, counts = failures(hasty, 0, 2_000)
    assert failed == []
    assert {200, 400, 404, 405, 408, 414, 415, 422} <= set(counts), counts
    assert hasty.classify(bytes(784)).status == 200


@pytest.mark.long
def test_twenty_thousand_requests_that_are_almost_right_find_no_failure(hasty):
    failed, _ = failures(hasty, 1, 20_000)
    assert failed == []
    assert hasty.classify(bytes(784)).status == 200


def test_a_failure_would_be_found(monkeypatch):
    with_net(monkeypatch, lambda images: images[:, 0, :11].astype(float))
    monkeypatch.setattr(classify, "answers", lambda probabilities: 1 / 0)
    with running(HASTY) as server:
        failed, counts = failures(server, 0, 200)
    assert failed
    assert counts[500] == len(failed)


# Too many images are 413, also where something else is wrong; schemathesis knows no such refusal.
REFUSED = ("[checks]", 'negative_data_rejection.expected-statuses = ["4xx"]')


def found_by_schemathesis(folder, served, location, *options, examples, phases="fuzzing") -> str:
    """Runs schemathesis against a server; returns what it prints, empty if it finds nothing."""
    names = ("model", "MODEL_NAME"), ("version", "MODEL_VERSION")
    values = [f'"path.{name}" = "{value}"' for same, value in zip(names, ("reader", "1"), strict=True) for name in same]
    (folder / "schemathesis.toml").write_text("\n".join(["[parameters]", *values, *REFUSED]))
    command = (sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml", "run", str(location))
    url = f"http://127.0.0.1:{served.port}"
    bounds = ("--url", url, "--seed", "0", "--max-examples", str(examples), "--phases", phases)
    done = subprocess.run(
        (*command, *bounds, *options), cwd=folder, capture_output=True, text=True, timeout=20 * PATIENCE, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


# What the schema cannot say: bytes that are pictures, or as many as whole images have.
NOT_IN_THE_SCHEMA = ("--exclude-checks", "positive_data_acceptance")


QUICKLY = (5, "fuzzing")
THOROUGHLY = pytest.param(100, "coverage,fuzzing,stateful", marks=pytest.mark.long)


@pytest.mark.parametrize(("examples", "phases"), [QUICKLY, THOROUGHLY])
def test_schemathesis_finds_nothing_by_our_own_document(tmp_path, served, examples, phases):
    location = f"http://127.0.0.1:{served.port}/openapi.json"
    found = found_by_schemathesis(tmp_path, served, location, *NOT_IN_THE_SCHEMA, examples=examples, phases=phases)
    assert found == ""


@pytest.mark.parametrize(("examples", "phases"), [QUICKLY, THOROUGHLY])
def test_schemathesis_finds_nothing_by_the_published_document_of_the_protocol(tmp_path, served, examples, phases):
    location = tmp_path / "published.json"
    location.write_text(json.dumps(published.document()))
    checks = ("--checks", "not_a_server_error,response_schema_conformance,content_type_conformance")
    assert found_by_schemathesis(tmp_path, served, location, *checks, examples=examples, phases=phases) == ""


def test_schemathesis_finds_an_answer_that_is_not_as_published(tmp_path, served):
    document = published.document()
    document["components"]["schemas"]["server"]["properties"]["version"] = {"type": "integer"}
    location = tmp_path / "published.json"
    location.write_text(json.dumps(document))
    found = found_by_schemathesis(tmp_path, served, location, "--include-path", "/v2/", examples=1)
    assert "Response violates schema" in found
