"""One process that reads pictures in bulk: `python -m tinydigits.scale.reading_worker`, a part for each order.

Private to `bulk.py`. An order is `{"model", "pixels", "options", "names", "lost", "part"}`: the pictures `names` are
read, and their rows written to the file `part`. `lost` has errors by position, for pictures that are not to be tried
again. Answers are `{"read": position}` before each picture, and then `{"done": true}`, or `{"error"}` where the part
cannot be written.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from tinydigits.data.pictures import read_picture
from tinydigits.errors import OutputError, PictureError, first_line
from tinydigits.formats.keras_pixels import Pixels
from tinydigits.reader import Reader
from tinydigits.scale.readings import Row, write_rows
from tinydigits.system.crew_member import Tell, work
from tinydigits.system.interruption import obey_interruptions


def carry_out(order: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """Reads the pictures of a part."""
    reader, rows = reader_of(order["model"], order["pixels"]), []
    for position, name in enumerate(order["names"]):
        obey_interruptions()
        tell({"read": position})
        lost = order["lost"].get(str(position))
        rows.append({"file": name, "error": lost} if lost else row_of(reader, name, order["options"]))
    try:
        write_rows(Path(order["part"]), rows)
    except OutputError as error:
        return {"error": {"subject": error.subject, "found": error.found, "expected": error.expected, "fix": error.fix}}
    return {"done": True}


@cache
def reader_of(model: str, pixels: Pixels | None) -> Reader:
    return Reader(model, pixels=pixels)


def row_of(reader: Reader, name: str, options: dict[str, Any]) -> Row:
    """The reading of a picture, or why there is none."""
    try:
        return {"file": name, **reader.read(read_picture(Path(name)), **options).as_json()}
    except PictureError as error:
        return {"file": name, "error": str(error)}
    except Exception as error:  # one picture must not stop the others
        return {"file": name, "error": f"{name}: {type(error).__name__}: {first_line(error)}"}


if __name__ == "__main__":
    work(carry_out)
