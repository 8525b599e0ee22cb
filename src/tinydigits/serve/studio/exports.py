"""Nets of runs in other forms: each export is a process, `tinydigits export`, and what it wrote is kept for a while."""

import asyncio
import io
import json
import secrets
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tinydigits.serve.batching import ClientGoneError
from tinydigits.serve.refusal import RefusalError, busy
from tinydigits.serve.studio.killing import kill_with_all

# Python's arguments.
EXPORT = ("-P", "-m", "tinydigits", "export")
# Seconds for one export; most of them are the proof on 10,000 images.
EXPORT_SECONDS = 300.0
# How often it is asked whether anyone still waits, in seconds.
ASK_SECONDS = 0.5
# What was written last is kept in memory: so many exports.
MOST_KEPT = 16
# Most characters of what an export says when it fails.
MOST_WORDS = 1_000


@dataclass(frozen=True)
class Form:
    """What a net can be written as.

    Attributes:
        suffix: of the file to write; empty for a folder.
    """

    to: str
    int8: bool
    suffix: str

    def as_json(self) -> dict[str, Any]:
        return {"to": self.to, "int8": self.int8}


FORMS = (
    Form("c", False, ""),
    Form("c", True, ""),
    Form("onnx", False, ".onnx"),
    Form("onnx", True, ".onnx"),
    Form("html", False, ".html"),
    Form("litert", False, ".tflite"),
    Form("litert", True, ".tflite"),
)


def forms() -> list[Form]:
    """Returns the forms that can be written here: LiteRT needs TensorFlow's converter."""
    return [form for form in FORMS if form.to != "litert" or find_spec("tensorflow") is not None]


@dataclass(frozen=True)
class Written:
    """What an export wrote: one file, or a folder as a ZIP."""

    name: str
    content: bytes


class Exports:
    """Writes one net at a time.

    Attributes:
        kept: what was written last, by id.
    """

    def __init__(self) -> None:
        self.kept: dict[str, Written] = {}
        self.process: asyncio.subprocess.Process | None = None
        self.working = False
        self.ending = False

    async def write(self, folder: Path, name: str, form: Form, gone: Callable[[], bool]) -> dict[str, Any]:
        """Writes the net of a run; returns what the export found out, with an id to get the file by.

        Args:
            name: of the file to be, without its ending.

        Raises:
            RefusalError: 409, another export is under way; 422, this net cannot be written so; 503, the server ends.
            ClientGoneError: nobody waits any more.
        """
        if self.working:
            raise RefusalError(409, "export", found="another one under way", expected="one at a time")
        self.working = True
        try:
            with TemporaryDirectory(prefix="tinydigits-export-") as place:
                path = Path(place, f"{name}{'-int8' if form.int8 else ''}{form.suffix or f'-{form.to}'}")
                outcome = await self.exported(folder, path, form, gone)
                written = await asyncio.to_thread(packed, path)
        except OSError as error:
            raise RefusalError(422, "export", found=str(error), expected="a place for temporary files") from error
        finally:
            self.working = False
        return {"id": self.keep(written), "file": written.name, **outcome}

    async def exported(self, folder: Path, path: Path, form: Form, gone: Callable[[], bool]) -> dict[str, Any]:
        """Runs an export to its end; returns what it prints, and its notes."""
        options = ("--to", form.to, *(("--int8",) if form.int8 else ()), "--out", str(path), "--json")
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            *(*EXPORT, str(folder.resolve()), *options),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            printed, said = await asyncio.wait_for(self.awaited(self.process, gone), EXPORT_SECONDS)
        except TimeoutError as error:
            raise refused(f"an export that takes more than {EXPORT_SECONDS:g} s") from error
        finally:
            self.kill()
        if self.ending:
            raise busy("a server that ends", "one that does not")
        notes = [line for line in said.decode(errors="replace").splitlines() if line]
        try:
            outcome: dict[str, Any] = json.loads(printed)
        except ValueError as error:
            raise refused(" ".join(notes)[-MOST_WORDS:] or "an export that ended without a word") from error
        return {**{key: value for key, value in outcome.items() if key != "path"}, "notes": notes}

    async def awaited(self, process: asyncio.subprocess.Process, gone: Callable[[], bool]) -> tuple[bytes, bytes]:
        """Returns what a process prints, once it has ended; raises ClientGoneError if nobody waits any more."""
        talking = asyncio.ensure_future(process.communicate())
        try:
            while not talking.done():
                await asyncio.wait((talking,), timeout=ASK_SECONDS)
                if gone():
                    raise ClientGoneError
            return talking.result()
        finally:
            talking.cancel()

    def keep(self, written: Written) -> str:
        name = secrets.token_hex(6)
        self.kept[name] = written
        for oldest in list(self.kept)[:-MOST_KEPT]:
            del self.kept[oldest]
        return name

    def find(self, name: str) -> Written:
        """Returns what was written; raises RefusalError, 404, if it is not kept any more."""
        if name not in self.kept:
            raise RefusalError(404, "export", found=f"`{name[:100]}`", expected="one of the last that were written")
        return self.kept[name]

    def kill(self) -> None:
        """Kill the process with all that it has started, if it runs."""
        if self.process is not None:
            kill_with_all(self.process)

    def end(self) -> None:
        """Have no export keep the server from its end."""
        self.ending = True
        self.kill()


def refused(found: str) -> RefusalError:
    return RefusalError(422, "export", found=found, expected="a net that can be written in this form")


def packed(path: Path) -> Written:
    """Returns a file, or a folder as a ZIP in which it is the one folder."""
    if path.is_file():
        return Written(path.name, path.read_bytes())
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(path.rglob("*")):
            if file.is_file():
                # ZIP has no times before 1980, which a clock without a battery may show.
                entry = zipfile.ZipInfo(file.relative_to(path.parent).as_posix())
                archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
    return Written(f"{path.name}.zip", stream.getvalue())
