"""The server's log, read and unread."""

import asyncio
import contextlib
import io
import json
import os
from collections.abc import Iterator

import pytest

from tinydigits.serve import log as log_module
from tinydigits.serve.log import Log


@pytest.fixture(autouse=True)
def no_loop() -> Iterator[None]:
    """No event loop runs, as where the server has ended: the browser of other tests holds one in this thread."""
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)


@pytest.fixture
def pipe() -> Iterator[tuple[int, io.TextIOWrapper]]:
    """Both ends of a pipe: what it holds is read by the first, and written by the second."""
    reader, writer = os.pipe()
    stream = os.fdopen(writer, "w")
    yield reader, stream
    os.close(reader)
    with contextlib.suppress(BrokenPipeError):
        stream.close()


def read_all(reader: int) -> str:
    os.set_blocking(reader, False)
    parts = []
    try:
        while part := os.read(reader, 65_536):
            parts.append(part)
    except BlockingIOError:
        pass
    return b"".join(parts).decode()


def test_each_event_is_a_line_of_json():
    stream = io.StringIO()
    log = Log(stream)
    log.write("request", path="/", trace=None)
    log.write("ended")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (first["event"], first["path"], "trace" in first) == ("request", "/", False)
    assert second["event"] == "ended"


def test_a_pipe_that_nobody_reads_holds_nothing_up_and_its_reader_learns_how_many_lines_are_lost(pipe, monkeypatch):
    monkeypatch.setattr(log_module, "MOST_WAITING", 100_000)
    reader, stream = pipe
    log = Log(stream)
    for n in range(20_000):
        log.write("request", n=n)
    text = ""
    while part := read_all(reader):
        text += part
        log.flush()
    log.write("request", n=20_000)
    text += read_all(reader)
    lines = [json.loads(line) for line in text.splitlines()]
    numbers = [line["n"] for line in lines if line["event"] == "request"]
    lost = sum(line["lines"] for line in lines if line["event"] == "lost")
    assert numbers == [*range(len(numbers) - 1), 20_000]
    assert lost == 20_001 - len(numbers) > 0


def test_a_line_longer_than_a_pipe_takes_at_once_stays_whole(pipe):
    reader, stream = pipe
    log = Log(stream)
    log.write("error", trace="x" * 200_000)
    text = ""
    while part := read_all(reader):
        text += part
        log.flush()
    assert len(json.loads(text)["trace"]) == 200_000


def test_a_pipe_whose_reader_has_gone_is_no_error():
    reader, writer = os.pipe()
    os.close(reader)
    with contextlib.suppress(BrokenPipeError), os.fdopen(writer, "w") as stream:
        log = Log(stream)
        log.write("request")
        log.write("ended")
        assert log.stream is None


def test_the_end_waits_for_a_reader_not_for_long(pipe, monkeypatch):
    monkeypatch.setattr(log_module, "LAST_SECONDS", 0.05)
    reader, stream = pipe
    log = Log(stream)
    log.write("request", path="x" * 500_000)
    log.end()
    assert len(read_all(reader)) < 500_000
    log.write("later")
    assert read_all(reader) == ""
