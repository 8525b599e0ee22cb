"""A request's body, counted while it arrives."""

from starlette.types import Message, Receive

from tinydigits.serve.health import Health
from tinydigits.serve.refusal import RefusalError, busy
from tinydigits.serve.settings import Limits


class Body:
    """An ASGI `receive` that refuses a body once it is too large.

    Args:
        most: bytes of the body.
        announced: bytes, as Content-Length has them; None where the client does not say.
    """

    def __init__(self, receive: Receive, most: int, announced: int | None, limits: Limits, health: Health) -> None:
        self.receive = receive
        self.most = most
        self.limits = limits
        self.health = health
        self.bytes = 0
        if announced is not None and announced > most:
            raise self.too_large(announced)

    async def __call__(self) -> Message:
        """Returns the next message; raises RefusalError if the body, or all bodies together, are too large."""
        message = await self.receive()
        size = len(message.get("body", b""))
        self.bytes += size
        self.health.held_bytes += size
        if self.bytes > self.most:
            raise self.too_large(self.bytes)
        if self.health.held_bytes > self.limits.held_bytes:
            raise busy("too many large requests at once", f"{self.limits.held_bytes:,} bytes together")
        return message

    def let_go(self) -> None:
        """Note that the body is no longer in memory."""
        self.health.held_bytes -= self.bytes
        self.bytes = 0

    def too_large(self, size: int) -> RefusalError:
        return RefusalError(413, "body", found=f"{size:,} bytes or more", expected=f"at most {self.most:,} bytes")
