"""The server's log: a JSON object a line, on stderr."""

import asyncio
import json
import logging
import time
import traceback
from typing import Any, TextIO

# Lines wait for this long, in seconds, so that many are written at once.
WAIT_SECONDS = 0.1


class Log:
    """Writes events as lines of JSON; a stream that is closed is no error.

    Args:
        stream: where to; None for nowhere.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self.stream = stream
        self.lines: list[str] = []

    def write(self, event: str, **details: Any) -> None:
        """Write one event with the time of day; details that are None are left out."""
        now = time.time()
        whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
        known = {key: value for key, value in details.items() if value is not None}
        self.lines.append(json.dumps({"time": f"{whole}.{int(now % 1 * 1000):03}Z", "event": event, **known}))
        if len(self.lines) == 1:
            self.flush_soon()

    def flush_soon(self) -> None:
        try:
            asyncio.get_running_loop().call_later(WAIT_SECONDS, self.flush)
        except RuntimeError:  # no loop runs
            self.flush()

    def flush(self) -> None:
        """Write all lines that wait."""
        lines, self.lines = self.lines, []
        if self.stream is None or not lines:
            return
        try:
            self.stream.write("\n".join(lines) + "\n")
            self.stream.flush()
        except (OSError, ValueError):  # nobody reads it any more
            self.stream = None


class LogHandler(logging.Handler):
    """Passes warnings and errors of Python's own logging on to the log."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self.log = log

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self.log.write(record.levelname.lower(), logger=record.name, message=record.getMessage(), trace=trace(error))


def trace(error: BaseException | None) -> str | None:
    """Returns the traceback of an error as text."""
    return None if error is None else "".join(traceback.format_exception(error))
