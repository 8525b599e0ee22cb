"""Reads many pictures on all cores into one Parquet file, part by part, and goes on after an interruption."""

from __future__ import annotations

import json
import shutil
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from tinydigits.errors import OutputError, PictureError
from tinydigits.formats import model_file
from tinydigits.formats.keras_pixels import Pixels
from tinydigits.scale.readings import counts, join, key_of
from tinydigits.system.atomic import explained, filled_alone
from tinydigits.system.cores import available_cores
from tinydigits.system.crew import Crew, Death, crew_of, worker_environment
from tinydigits.system.interruption import deferred_interruptions
from tinydigits.system.parquet import pyarrow_for
from tinydigits.system.versions import versions

# Python's arguments in a worker's process.
WORKER = ("-P", "-m", "tinydigits.scale.reading_worker")
# Pictures of one part: as few as make this many parts, but at most so many, which bounds the memory.
PARTS, MOST_IN_PART = 64, 200
# How often a picture may end the process that reads it, before it is given up.
MOST_DEATHS = 2

# Called with how many more pictures were begun.
OnPictures = Callable[[int], None]


@dataclass(frozen=True)
class Reading:
    """How pictures are read.

    Attributes:
        model, pixels: as `Reader` takes them.
        options: keyword arguments of `Reader.read`.
    """

    model: str = model_file.READER
    pixels: Pixels | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_order(cls, order: Mapping[str, Any]) -> Reading:
        return cls(order["model"], order["pixels"], order["options"])

    def facts(self) -> dict[str, Any]:
        """Everything that decides what is read in a picture."""
        return {
            "model": model_file.fingerprint(self.model),
            "pixels": self.pixels,
            "options": dict(self.options),
            "versions": versions("numpy", "onnxruntime", "pillow", "scipy"),
        }


@dataclass(frozen=True, eq=False)
class Part:
    """Some of the pictures, in order.

    Attributes:
        path: where their rows are kept until all parts are finished.
        lost: errors, by position, of pictures that are not to be tried again.
    """

    names: Sequence[str]
    path: Path
    lost: dict[int, str] = field(default_factory=dict)

    @classmethod
    def from_order(cls, order: Mapping[str, Any]) -> Part:
        return cls(order["names"], Path(order["part"]))

    def order(self, how: Reading) -> dict[str, Any]:
        return {
            "model": how.model,
            "pixels": how.pixels,
            "options": dict(how.options),
            "names": list(self.names),
            "lost": self.lost,
            "part": str(self.path),
        }


# Reads parts, each to its file.
ReadParts = Callable[[Sequence[Part], Reading, OnPictures], None]


def by_crew(missing: Sequence[Part], how: Reading, on_pictures: OnPictures) -> None:
    """Reads parts on this machine, one process a core."""
    with crew_of(reading_crew(min(available_cores(), len(missing)))) as crew:
        read_parts(crew, missing, how, on_pictures)


@deferred_interruptions()
def read_in_bulk(
    names: Sequence[str],
    out: Path,
    how: Reading | None = None,
    on_pictures: OnPictures | None = None,
    read: ReadParts = by_crew,
) -> dict[str, int]:
    """Read pictures into the Parquet file `out`, a row a picture, in the order of `names`.

    Finished parts lie in the folder `OUT.parts` until all are finished. Where a call is interrupted, the next one with
    the same arguments goes on with them; pictures that were changed meanwhile are read again. A picture that cannot be
    read is a row with an error, and so is one that ended two processes.

    Args:
        on_pictures: called with how many more pictures were begun.
        read: who reads.

    Returns:
        The number of `pictures`, of those that `failed`, and of `digits`.

    Raises:
        PictureError: no names.
        OutputError: `out` holds something else already, or cannot be written, or another command is writing it.
        MissingDependencyError: pyarrow is not installed.
    """
    pyarrow_for(out)
    if not names:
        raise PictureError("pictures", found="none", expected="at least one")
    how = how or Reading()
    folder = out.with_name(f"{out.name}.parts")
    parts = list(parts_of(names, folder, how))
    key = digest([part.path.name for part in parts])
    if is_finished(out, key):
        return counts(out)
    with filled_alone(folder):
        told = on_pictures or (lambda count: None)
        missing = [part for part in parts if not part.path.exists()]
        told(sum(len(part.names) for part in parts) - sum(len(part.names) for part in missing))
        if missing:
            read(missing, how, told)
        join((part.path for part in parts), out, key)
        with explained(folder):
            shutil.rmtree(folder)
    return counts(out)


def is_finished(out: Path, key: str) -> bool:
    """Whether `out` holds the readings already.

    Raises:
        OutputError: it holds something else.
    """
    with explained(out):
        if not out.exists():
            return False
    if not out.is_file() or key_of(out) != key:
        found = "something of that name, which is not this reading of these pictures"
        raise OutputError(out, found=found, expected="a name that is free", fix="Choose another name, or remove it.")
    return True


def parts_of(names: Sequence[str], folder: Path, how: Reading) -> Iterator[Part]:
    """The parts, each in a file that is called by the hash of all that decides its rows."""
    size, facts = min(MOST_IN_PART, -(-len(names) // PARTS)), how.facts()
    for first in range(0, len(names), size):
        own = names[first : first + size]
        yield Part(own, folder / f"{digest([facts, [stated(name) for name in own]])}.parquet")


def stated(name: str) -> list[Any]:
    """A file's name, size and time of change, as far as they can be known."""
    try:
        status = Path(name).stat()
    except (OSError, ValueError):
        return [name]
    return [name, status.st_size, status.st_mtime_ns]


def digest(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def reading_crew(count: int) -> Crew[Part]:
    return Crew[Part](count, WORKER, worker_environment())


def read_parts(crew: Crew[Part], missing: Sequence[Part], how: Reading, on_pictures: OnPictures) -> None:
    """Reads parts by a crew, each to its file."""
    waiting, deaths = deque(missing), Counter[tuple[Part, int]]()
    position, told = Counter[Part](), Counter[Part]()
    while waiting or crew.working:
        while waiting and crew.has_room:
            part = waiting.popleft()
            position[part] = 0
            crew.begin(part, part.order(how))
        part, answer = crew.next_answer()
        if isinstance(answer, Death):
            here = position[part]
            deaths[part, here] += 1
            if deaths[part, here] == MOST_DEATHS:
                part.lost[here] = str(lethal(part.names[here], answer))
            waiting.appendleft(part)
        elif "error" in answer:
            raise OutputError(answer["error"].pop("subject"), **answer["error"])
        elif "read" in answer:
            position[part] = answer["read"]
            on_pictures(max(position[part] + 1 - told[part], 0))
            told[part] = max(position[part] + 1, told[part])


def lethal(name: str, death: Death) -> PictureError:
    found = f"a picture that ended the process which read it {death.how}, twice"
    return PictureError(name, found=found, expected="one that can be read", fix="If the memory ran out, scale it down.")
