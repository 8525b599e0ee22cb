"""What a server is doing at the moment: is it warm, does it end, how many requests is it at."""

from dataclasses import dataclass
from typing import Protocol


@dataclass
class Health:
    """The state of a server, shared by all that serves.

    Attributes:
        warm: the model is loaded and has answered.
        draining: the server was asked to end.
        working: requests that arrived whole and were not answered yet.
        held_bytes: bytes of request bodies in memory.
        shed: requests that the protocol answered 503 before the application saw them.
        refused: connections and requests that the protocol refused or cut off.
    """

    warm: bool = False
    draining: bool = False
    working: int = 0
    held_bytes: int = 0
    shed: int = 0
    refused: int = 0

    @property
    def ready(self) -> bool:
        return self.warm and not self.draining


class Connected(Protocol):
    """What tells whether a client is still there."""

    disconnected: bool


class Caller:
    """The client of one request, and whether the request counts as being worked at.

    Args:
        connected: the connection; None where there is no connection, as in tests.
    """

    def __init__(self, health: Health, connected: Connected | None = None) -> None:
        self.health = health
        self.connected = connected
        self.counted = False
        self.over = False

    def gone(self) -> bool:
        """Returns whether nobody waits for the answer any more."""
        return self.connected is not None and self.connected.disconnected

    def arrived(self) -> None:
        """Note that the request has arrived whole."""
        if not self.counted and not self.over:
            self.counted = True
            self.health.working += 1

    def answered(self) -> None:
        """Note that the answer has begun, or never will."""
        if self.counted and not self.over:
            self.health.working -= 1
        self.over = True
