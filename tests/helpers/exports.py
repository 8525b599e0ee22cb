"""Processes that stand for `tinydigits export`."""

import json

OUTCOME = {
    "to": "c",
    "path": "/secret/place",
    "bytes": 9,
    "checked_images": 10_000,
    "disagreements": 0,
    "max_abs_difference": 0.0,
    "accuracy": 0.99,
    "differing": [],
    "flash": 20_000,
    "ram": 3_000,
}
# Programs that stand for `tinydigits export`; --out is the argument before the last.
WRITES = f"""
import pathlib, sys
place = pathlib.Path(sys.argv[-2], "src")
place.mkdir(parents=True)
(place / "net.c").write_text(" ".join(sys.argv[1:-3]))
print('a note', file=sys.stderr)
print({json.dumps(OUTCOME)!r})
"""
FAILS = "import sys; print('net: found a layer; expected none.', file=sys.stderr); sys.exit(1)"
HANGS = "import time; time.sleep(600)"
