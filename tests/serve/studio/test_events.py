import asyncio

import pytest
from starlette.requests import Request

from helpers.served import run_async
from tinydigits.serve.refusal import RefusalError
from tinydigits.serve.studio import events
from tinydigits.serve.studio.events import EventLog, last_event


def numbers(parts):
    """The numbers of the events in parts of a stream."""
    return [int(line[4:]) for part in parts for line in part.decode().splitlines() if line.startswith("id: ")]


async def streamed(log, after=0):
    return [part async for part in log.stream(after)]


def closed_log(count):
    log = EventLog()
    for number in range(count):
        log.add("part", {"value": number})
    log.close()
    return log


def test_an_event_has_a_number_a_kind_and_values():
    assert closed_log(1).events == [b'id: 1\nevent: part\ndata: {"value": 0}\n\n']


@pytest.mark.parametrize("after", [0, 3, 9, 10, 999])
def test_a_stream_begins_after_the_last_event_that_was_got(after):
    assert numbers(run_async(streamed(closed_log(10), after))) == [*range(after + 1, 11)]


def test_a_client_that_loses_its_connection_again_and_again_gets_each_event_once():
    async def got():
        log, received = EventLog(), []

        async def happen():
            for number in range(200):
                log.add("part", {"value": number})
                await asyncio.sleep(0.001)
            log.close()

        happening = asyncio.create_task(happen())
        while not happening.done() or len(received) < 200:
            stream = log.stream(received[-1] if received else 0)
            async for part in stream:
                received += numbers([part])
                if len(received) % 3 == 0:
                    break  # the connection is lost
            await stream.aclose()
        return received

    assert run_async(got()) == [*range(1, 201)]


def test_where_nothing_happens_a_comment_is_sent(monkeypatch):
    monkeypatch.setattr(events, "QUIET_SECONDS", 0.01)

    async def first():
        stream = EventLog().stream(0)
        part = await anext(stream)
        await stream.aclose()
        return part

    assert run_async(first()) == b":\n\n"


def request(query="", header=None):
    headers = [] if header is None else [(b"last-event-id", header)]
    return Request({"type": "http", "query_string": query.encode(), "headers": headers})


def test_the_last_event_is_told_by_a_header_or_in_the_address():
    assert last_event(request()) == 0
    assert last_event(request("after=7")) == 7
    assert last_event(request("after=7", b"9")) == 9
    for text in ("-1", "x", "²", "1" * 10, "1.5"):
        with pytest.raises(RefusalError):
            last_event(request(f"after={text}"))
