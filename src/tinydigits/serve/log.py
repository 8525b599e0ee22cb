"""The server's log: a JSON object a line, on stderr. A log that nobody reads loses lines, and holds nothing up."""

import asyncio
import json
import logging
import select
import time
import traceback
from typing import Any, TextIO

# Lines wait for this long, in seconds, so that many are written at once.
WAIT_SECONDS = 0.1
# Characters, all ASCII, that are written at once: a pipe that takes any takes so many (PIPE_BUF) without waiting.
AT_ONCE = 4_096
# Characters that wait for a reader before lines are lost.
MOST_WAITING = 4_000_000
# The longest that the end of the server waits for a reader, in seconds.
LAST_SECONDS = 1.0


class Log:
    """Writes events as lines of JSON, as fast as they are read; a stream that is closed is no error.

    Lines that find too many others waiting are lost. How many, the next line says: `{"event": "lost", "lines": …}`.

    Args:
        stream: where to; None for nowhere.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self.stream = stream
        self.waiting: list[str] = []
        self.characters = 0
        self.lost = 0
        self.planned = False

    def write(self, event: str, **details: Any) -> None:
        """Write one event with the time of day; details that are None are left out."""
        if self.characters > MOST_WAITING:
            self.lost += 1
            return
        if self.lost:
            lost, self.lost = self.lost, 0
            self.add(line_of("lost", {"lines": lost}))
        self.add(line_of(event, details))
        if not self.planned and not self.plan():
            self.flush()

    def add(self, line: str) -> None:
        self.waiting.append(line)
        self.characters += len(line)

    def plan(self) -> bool:
        """Have all that waits written soon; returns whether an event loop runs that will."""
        try:
            asyncio.get_running_loop().call_later(WAIT_SECONDS, self.flush)
        except RuntimeError:
            return False
        self.planned = True
        return True

    def flush(self, patience: float = 0.0) -> None:
        """Write what the stream takes, waiting for at most `patience` seconds in all; the rest follows later."""
        self.planned = False
        text, self.waiting = "".join(self.waiting), []
        until = time.monotonic() + patience
        written = 0
        try:
            while self.stream is not None and written < len(text) and takes_more(self.stream, until):
                self.stream.write(text[written : written + AT_ONCE])
                self.stream.flush()
                written += AT_ONCE
        except (OSError, ValueError):  # nobody reads it any more
            self.stream = None
        rest = "" if self.stream is None else text[written:]
        self.characters = len(rest)
        if rest:
            self.waiting.append(rest)
            self.plan()

    def end(self) -> None:
        """Write what waits, as far as there is somebody who reads it soon."""
        self.flush(LAST_SECONDS)
        self.stream = None


class LogHandler(logging.Handler):
    """Passes warnings and errors of Python's own logging on to the log."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self.log = log

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self.log.write(record.levelname.lower(), logger=record.name, message=record.getMessage(), trace=trace(error))


def takes_more(stream: TextIO, until: float) -> bool:
    """Returns whether a stream takes `AT_ONCE` characters at once, now or before `until`, in monotonic seconds."""
    try:
        number = stream.fileno()
    except (OSError, ValueError):  # it is in memory, or closed
        return True
    poll = select.poll()
    poll.register(number, select.POLLOUT)
    return bool(poll.poll(max(0.0, until - time.monotonic()) * 1000))


def line_of(event: str, details: dict[str, Any]) -> str:
    now = time.time()
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
    known = {key: value for key, value in details.items() if value is not None}
    return json.dumps({"time": f"{whole}.{int(now % 1 * 1000):03}Z", "event": event, **known}) + "\n"


def trace(error: BaseException | None) -> str | None:
    """Returns the traceback of an error as text."""
    return None if error is None else "".join(traceback.format_exception(error))
