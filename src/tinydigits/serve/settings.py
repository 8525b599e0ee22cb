"""What a server is started with, and the limits that keep it standing."""

from dataclasses import dataclass, field
from pathlib import Path

from tinydigits.data.pictures import MAX_BYTES
from tinydigits.formats.model_file import READER


@dataclass(frozen=True)
class Limits:
    """The limits of a server. Sizes are bytes, times are seconds.

    Attributes:
        connections: open at once; one more is answered 503 and closed.
        head_bytes: of a request's first line and headers together.
        url_bytes: of the address in the first line.
        headers: how many a request may have.
        head_seconds: for first line and headers to arrive, from the connection or from their first byte.
        body_seconds: for the body to arrive; `body_rate` bytes that arrived are worth one second more.
        write_seconds: for a client to take some of an answer that waits for it.
        idle_seconds: for an open connection without a request.
        body_bytes: of one body.
        held_bytes: of all bodies together.
        pipelined: requests on one connection that wait for the answer to an earlier one.
        working: requests that arrived whole and were not answered yet; one more is answered 503.
        waiting_images: images that wait for the net before a request of one image is answered 503.
        waiting_readings: pictures that wait for each reading process.
        reading_seconds: for one picture; then its process is killed.
        drain_seconds: from SIGTERM to the end, at most.
    """

    connections: int = 1_000
    head_bytes: int = 16_384
    url_bytes: int = 4_096
    headers: int = 64
    head_seconds: float = 10.0
    body_seconds: float = 10.0
    body_rate: int = 16_384
    write_seconds: float = 10.0
    idle_seconds: int = 30
    body_bytes: int = MAX_BYTES + 65_536  # a multipart body has a few headers around the picture
    held_bytes: int = 256_000_000
    pipelined: int = 16
    working: int = 40
    waiting_images: int = 128
    waiting_readings: int = 8
    reading_seconds: float = 10.0
    drain_seconds: float = 4.0


@dataclass(frozen=True)
class Settings:
    """What a server is started with.

    Attributes:
        model: the MODEL that answers.
        host: the address to listen at, as the user gave it.
        port: the port to listen at; 0 for one that the system chooses.
        token: what a client must show; None for nothing.
        loopback: whether only this machine can reach the address.
        runs: the folder whose run folders are listed, and into which runs are trained.
    """

    model: str = READER
    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = None
    loopback: bool = True
    runs: Path = Path()
    limits: Limits = field(default_factory=Limits)
