"""Requests that are almost right, as bytes: valid ones, changed at random."""

import json
import random
from collections.abc import Callable, Iterator

POSTS = ("/v1/classify", "/v1/read", "/v2/models/reader/infer")
GETS = ("/", "/docs", "/metrics", "/v1/models", "/v2", "/v2/models/reader", "/openapi.json")
INFER = {"inputs": [{"name": "image", "datatype": "UINT8", "shape": [1, 28, 28], "data": [0] * 784}]}
BODIES = (
    ("application/octet-stream", bytes(784)),
    ("application/json", json.dumps({"images": [[0] * 28] * 28}).encode()),
    ("application/json", json.dumps(INFER).encode()),
    (
        "multipart/form-data; boundary=edge",
        b'--edge\r\ncontent-disposition: form-data; name="image"\r\n\r\nx\r\n--edge--',
    ),
    (
        "image/gif",
        b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02",
    ),
)
ODD_VALUES = (None, True, -1, 1e999, 10**30, "", "image", [], {}, [[]], [0] * 784, {"binary_data_size": 784})
ODD_HEADERS = (
    b"Content-Length: 5",
    b"Content-Length: -1",
    b"Content-Length: 99999999999999999999",
    b"Transfer-Encoding: chunked",
    b"Inference-Header-Content-Length: 10",
    b"Content-Encoding: gzip",
    b"Expect: 100-continue",
    b"Host: evil.example",
    b"Upgrade: websocket\r\nConnection: Upgrade",
    b"Content-Type: multipart/form-data; boundary=",
    b"Authorization: Basic \xff\xfe",
    b"X-Request-Id: \x01",
    b"Origin: null",
    b"Range: bytes=0-0",
    b": nameless",
    b" folded: header",
)
ODD_TAILS = (
    "?single=%ff",
    "?min_confidence=-0",
    "/%2e%2e/%00",
    "?" + "a" * 5_000,
    "#x",
    "//",
    "%",
    "/versions/1",
    "\x7f",
)


def requests(seed: int, count: int) -> Iterator[bytes]:
    """Yields what to send, each on a connection of its own; the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        yield almost_right(chance)


def almost_right(chance: random.Random) -> bytes:
    """Returns a request with one or two faults."""
    kind, body = chance.choice(BODIES)
    if kind == "application/json" and chance.random() < 0.5:
        body = odd_json(chance, json.loads(body))
    method = chance.choice(("POST",) * 6 + ("GET", "PUT", "HEAD"))
    path = chance.choice(POSTS if method == "POST" else POSTS + GETS)
    head = [
        f"{method} {path} HTTP/1.1".encode(),
        b"Host: localhost",
        b"Content-Type: " + kind.encode(),
        b"Content-Length: %d" % len(body),
        b"Connection: close",
    ]
    for _ in range(chance.choice((1, 1, 2))):
        head, body = chance.choice(CHANGES)(chance, head, body)
    return b"\r\n".join(head) + b"\r\n\r\n" + body


Head = list[bytes]


def odd_json(chance: random.Random, document: dict[str, object]) -> bytes:
    """Returns a document of which one value is another, at any depth."""
    holder: dict[str, object] | list[object] = document
    while True:
        key = chance.choice([*holder]) if isinstance(holder, dict) else chance.randrange(len(holder))
        value = holder[key]  # type: ignore[index, call-overload]
        if not isinstance(value, dict | list) or not value or chance.random() < 0.3:
            holder[key] = chance.choice(ODD_VALUES)  # type: ignore[index, call-overload]
            return json.dumps(document).encode()
        holder = value


def odd_tail(chance: random.Random, head: Head, body: bytes) -> tuple[Head, bytes]:
    """Returns a request with another address."""
    return [head[0].replace(b" HTTP", chance.choice(ODD_TAILS).encode() + b" HTTP"), *head[1:]], body


def odd_header(chance: random.Random, head: Head, body: bytes) -> tuple[Head, bytes]:
    place = chance.randrange(1, len(head) + 1)
    return [*head[:place], chance.choice(ODD_HEADERS), *head[place:]], body


def without_header(chance: random.Random, head: Head, body: bytes) -> tuple[Head, bytes]:
    place = chance.randrange(1, len(head))
    return head[:place] + head[place + 1 :], body


def odd_bytes(chance: random.Random, head: Head, body: bytes) -> tuple[Head, bytes]:
    """Returns a request of which some bytes of the body are others."""
    changed = bytearray(body)
    for _ in range(chance.randrange(1, 5)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return head, bytes(changed)


def odd_line(chance: random.Random, head: Head, body: bytes) -> tuple[Head, bytes]:
    """Returns a request of which a byte of one line is another."""
    place = chance.randrange(len(head))
    line = bytearray(head[place] or b"x")
    line[chance.randrange(len(line))] = chance.randrange(256)
    return [*head[:place], bytes(line), *head[place + 1 :]], body


def cut_short(chance: random.Random, head: Head, body: bytes) -> tuple[Head, bytes]:
    return head, body[: chance.randrange(len(body))] or b"-"


def nested(chance: random.Random, head: Head, body: bytes) -> tuple[Head, bytes]:
    """Returns a request whose body is JSON that is nested deeply."""
    body = b'{"images": ' + b"[" * 3_000
    return [b"Content-Length: %d" % len(body) if b"Length" in line else line for line in head], body


Change = Callable[[random.Random, Head, bytes], tuple[Head, bytes]]
CHANGES: tuple[Change, ...] = (
    odd_tail,
    odd_header,
    without_header,
    odd_bytes,
    odd_line,
    cut_short,
    nested,
)
