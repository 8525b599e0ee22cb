"""Answers that the protocol gives by itself, as bytes."""

import json
from http import HTTPStatus

from tinydigits.serve.refusal import RETRY_SECONDS


def error_bytes(status: HTTPStatus, *, close: bool) -> bytes:
    """Returns a whole answer that says what went wrong."""
    body = json.dumps({"error": f"request: found {REASONS.get(status, status.phrase)}."}).encode()
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        *([f"retry-after: {RETRY_SECONDS}"] if status is HTTPStatus.SERVICE_UNAVAILABLE else []),
        *(["connection: close"] if close else []),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


REASONS = {
    HTTPStatus.BAD_REQUEST: "bytes that are no HTTP request",
    HTTPStatus.REQUEST_TIMEOUT: "a request that arrives too slowly",
    HTTPStatus.REQUEST_URI_TOO_LONG: "too long an address",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "too many or too long headers",
    HTTPStatus.TOO_MANY_REQUESTS: "too many requests that do not wait for the answer to the first",
    HTTPStatus.SERVICE_UNAVAILABLE: "more requests than the server can answer; expected fewer. Try again later",
}
BUSY = error_bytes(HTTPStatus.SERVICE_UNAVAILABLE, close=False)
BUSY_AND_CLOSE = error_bytes(HTTPStatus.SERVICE_UNAVAILABLE, close=True)
