"""One reading process: `python -m tinydigits.serve.reading_process MODEL` reads pictures that come on stdin.

Private to `readings.py`. An order is a line of JSON, `{"bytes": n, "options": {…}}`, and n bytes of a picture. Answers,
a line each, are `{"ready": true}` once, and then `{"reading": …}` or `{"refused": …}` for each order. The process ends
when stdin does.
"""

import json
import signal
import sys
from typing import Any, BinaryIO

from tinydigits.errors import PictureError
from tinydigits.reader import Reader
from tinydigits.system.crew_member import claimed_stdout, say


def main() -> None:
    """Read pictures until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = claimed_stdout()
    reader = Reader(sys.argv[1])
    say(answers, {"ready": True})
    while (order := next_order(sys.stdin.buffer)) is not None:
        say(answers, carried_out(reader, *order))


def next_order(stream: BinaryIO) -> tuple[bytes, dict[str, Any]] | None:
    """Returns the next picture and its options; None at the end."""
    line = stream.readline()
    if not line:
        return None
    order = json.loads(line)
    picture = stream.read(order["bytes"])
    return (picture, order["options"]) if len(picture) == order["bytes"] else None


def carried_out(reader: Reader, picture: bytes, options: dict[str, Any]) -> dict[str, Any]:
    """Returns the reading of a picture, or why there is none."""
    try:
        return {"reading": reader.read(picture, **options).as_json()}
    except PictureError as error:
        return {"refused": {"found": error.found, "expected": error.expected, "fix": error.fix}}


if __name__ == "__main__":
    main()
