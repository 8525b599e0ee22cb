"""Server-sent events: what happened so far, each thing once, and whatever happens next.

An event has the number by which a client that lost its connection says where to go on (`Last-Event-ID`).
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from starlette.requests import Request

from tinydigits.serve.refusal import RefusalError

# A comment is sent after so many seconds without an event: proxies keep the connection, and a client that has gone is
# found.
QUIET_SECONDS = 15.0
COMMENT = b":\n\n"
# Most digits of the number of an event that a client names.
MOST_DIGITS = 9


class EventLog:
    """All events of one thing, in order, and whether more can come."""

    def __init__(self) -> None:
        self.events: list[bytes] = []
        self.open = True
        self.changed = asyncio.Event()

    def add(self, kind: str, data: Mapping[str, Any]) -> None:
        number = len(self.events) + 1
        self.events.append(f"id: {number}\nevent: {kind}\ndata: {json.dumps(data)}\n\n".encode())
        self.tell()

    def close(self) -> None:
        """No more events come, for now: streams end once they have sent all."""
        self.open = False
        self.tell()

    def reopen(self) -> None:
        self.open = True

    def tell(self) -> None:
        """Wake all streams."""
        self.changed.set()
        self.changed = asyncio.Event()

    async def stream(self, after: int) -> AsyncGenerator[bytes, None]:
        """Yields all events with numbers above `after`, those to come too, and comments where there are none."""
        while True:
            news, changed = self.events[after:], self.changed
            if news:
                after += len(news)
                yield b"".join(news)
            elif not self.open:
                return
            else:
                try:
                    await asyncio.wait_for(changed.wait(), QUIET_SECONDS)
                except TimeoutError:
                    yield COMMENT


def last_event(request: Request) -> int:
    """Returns the number of the last event that a client got: the header of its browser, or `after` in the address.

    Raises:
        RefusalError: 400, either is no number.
    """
    after = event_number("after", request.query_params.get("after", "0"))
    return event_number("Last-Event-ID", request.headers.get("last-event-id", str(after)))


def event_number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > MOST_DIGITS:
        expected = f"the number of an event, of {MOST_DIGITS} digits at most"
        raise RefusalError(400, name, found=f"`{text[:100]}`", expected=expected)
    return int(text)
