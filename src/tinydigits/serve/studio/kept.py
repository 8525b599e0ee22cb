"""Orders of trainings that have not finished: a file beside the run's folder tells a server that is started again.

What a training needs to go on is in its checkpoints, which lie there, too.
"""

import json
import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tinydigits.errors import TinydigitsError
from tinydigits.formats import checkpoint_file, run_folder
from tinydigits.serve.studio.order import Order, order_from
from tinydigits.system.atomic import new_file
from tinydigits.system.hidden import clear_leftovers

# End of the name of such a file.
SUFFIX = ".training.json"
# A larger file is none of ours, in bytes.
MOST_BYTES = 10_000


@dataclass(frozen=True)
class Kept:
    """A training that another server began, or this one before.

    Attributes:
        seconds: that it ran.
    """

    folder: Path
    order: Order
    seconds: float


def path_of(folder: Path) -> Path:
    return folder.with_name(folder.name + SUFFIX)


def keep(kept: Kept) -> None:
    """Write the file; raises OutputError if it cannot be written."""
    with new_file(path_of(kept.folder)) as temporary:
        run_folder.write_json(temporary, {"order": asdict(kept.order), "seconds": kept.seconds})


def forget(folder: Path) -> None:
    """Remove the file, if it is there."""
    with suppress(OSError):
        path_of(folder).unlink()


def discard(folder: Path) -> None:
    """Remove the file, and all that the training needs to go on."""
    forget(folder)
    for checkpoint in run_folder.checkpoints(folder):
        with suppress(OSError):
            checkpoint.unlink()
            clear_leftovers(checkpoint)


def kept_in(place: Path) -> list[Kept]:
    """Returns the trainings that can go on, or begin again, into folders of `place`; the oldest first."""
    found = [(path.stat().st_mtime, read) for path in place.glob(f"*{SUFFIX}") if (read := kept_at(path)) is not None]
    return [kept for _, kept in sorted(found, key=lambda each: each[0])]


def kept_at(path: Path) -> Kept | None:
    """Returns what a file tells; None if it is gone or none of ours."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        document = json.loads(path.read_text("utf-8"))
        order, seconds = order_from(document["order"]), float(document["seconds"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError, TinydigitsError):
        return None
    name = path.name.removesuffix(SUFFIX)
    known = math.isfinite(seconds) and seconds >= 0 and name and not name.startswith(".")
    return Kept(path.with_name(name), order, seconds) if known else None


def epochs_of(kept: Kept) -> Iterator[dict[str, Any]]:
    """Yields the whole epochs in the checkpoints of a training, as its events tell them, seed by seed."""
    order = kept.order
    for seed in range(order.seed, order.seed + order.seeds):
        path = run_folder.checkpoint_of(kept.folder, None if order.seeds == 1 else seed)
        with suppress(TinydigitsError):
            saved = checkpoint_file.read(path)
            history = {} if saved is None else saved.history
            columns = [history.get(name, []) for name in ("loss", "accuracy", "val_accuracy")]
            for epoch, (loss, accuracy, others) in enumerate(zip(*columns, strict=False), 1):
                yield {"seed": seed, "at": epoch, "loss": loss, "accuracy": accuracy, "validation_accuracy": others}
