"""Print the tables of docs/reading.md that compare `read` with RapidOCR and Tesseract, in turn on each picture.

    python -m venv peers && peers/bin/pip install . rapidocr onnxruntime
    peers/bin/python benchmarks/peers.py FOLDER [SET…] [--most N]

FOLDER holds the development sets; SET names some of them. At most N pictures of each set are read, evenly spread: on
two cores RapidOCR takes seconds for a picture. RapidOCR and its dependencies need an environment of their
own. Tesseract is Debian's package `tesseract-ocr`; a program that is not installed is left out of the tables.
"""

import argparse
import csv
import importlib.metadata
import io
import os
import re
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from tinydigits import Reader
from tinydigits.system.versions import hardware

# Threads of RapidOCR's nets.
THREADS = 2
# Tesseract wants characters of 30 pixels and more, on a margin.
TESSERACT_SIDE, TESSERACT_MARGIN = 200, 30

# Reads the one row of a picture file's bytes; the flag says that the picture shows one digit.
Peer = Callable[[bytes, bool], str]
Pictures = tuple[Sequence[bytes], Sequence[str]]


def dev_sets(folder: Path) -> dict[str, Pictures]:
    """Bytes and text of each picture, by set."""
    arrays = {"screen-drawn": "hwd1000", "sudoku-cells": "cells", "usps": "usps"}
    return {
        "cheque-amounts": labelled(folder / "cheque-amounts"),
        "pen-numbers": labelled(folder / "pen-numbers"),
        "drawn": labelled(folder / "drawn"),
        "phone-photos": named(folder / "phone-photos"),
        **{name: stored(folder / name / f"{file}.npz") for name, file in arrays.items()},
    }


def labelled(folder: Path) -> Pictures:
    """The files that `labels.csv` lists, with columns `file` and `text`."""
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [(folder / row["file"]).read_bytes() for row in rows], [row["text"] for row in rows]


def named(folder: Path) -> Pictures:
    """Files whose names end with the digit that they show."""
    files = sorted(folder.glob("*.png"))
    return [file.read_bytes() for file in files], [file.stem[-1] for file in files]


def stored(file: Path) -> Pictures:
    """The images of an array, as PNG."""
    arrays = np.load(file)
    return [png(Image.fromarray(image)) for image in arrays["images"]], list(map(str, arrays["labels"]))


def some(pictures: Pictures, most: int) -> Pictures:
    """At most so many of the pictures, evenly spread."""
    chosen = np.linspace(0, len(pictures[0]) - 1, min(most, len(pictures[0]))).astype(int)
    return [pictures[0][i] for i in chosen], [pictures[1][i] for i in chosen]


def png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def digits_of(text: str) -> str:
    """The digits of a text: what a program reads as letters or signs is left out."""
    return re.sub(r"[^0-9]", "", text)


def ours() -> Peer:
    reader = Reader()
    return lambda picture, one: digits_of(reader.read(picture).text)


def rapidocr_peers() -> dict[str, Peer]:
    """RapidOCR as it comes (detection, orientation, recognition), and its recogniser given the whole picture."""
    try:
        from rapidocr import RapidOCR  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return {}
    engine = RapidOCR(params={"EngineConfig.onnxruntime.intra_op_num_threads": THREADS, "Global.log_level": "error"})

    def whole(picture: bytes, one: bool) -> str:
        found = engine(picture, use_det=True, use_cls=True, use_rec=True)
        if getattr(found, "boxes", None) is None:
            return ""
        return digits_of("".join(text for _, text in sorted(zip(found.boxes, found.txts, strict=True), key=left_side)))

    def recogniser(picture: bytes, one: bool) -> str:
        found = engine(picture, use_det=False, use_cls=False, use_rec=True)
        return digits_of("".join(found.txts or ()))

    return {"RapidOCR": whole, "its recogniser alone": recogniser}


def left_side(found: tuple[Any, str]) -> float:
    return min(float(x) for x, _ in found[0])


def tesseract_peers() -> dict[str, Peer]:
    """Tesseract, told that the picture holds digits, and one character or one line."""
    program = shutil.which("tesseract")
    if program is None:
        return {}

    def read(picture: bytes, one: bool) -> str:
        options = ["--psm", "10" if one else "7", "-c", "tessedit_char_whitelist=0123456789"]
        run = subprocess.run(
            [program, "stdin", "stdout", *options],
            input=png(for_tesseract(picture)),
            capture_output=True,
            timeout=60,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            check=True,
        )
        return digits_of(run.stdout.decode())

    return {"Tesseract": read}


def for_tesseract(picture: bytes) -> Image.Image:
    """The picture as Tesseract wants it: dark ink on light paper, and small ones enlarged, with a margin."""
    grey = ImageOps.exif_transpose(Image.open(io.BytesIO(picture))).convert("L")
    if np.mean(np.asarray(grey)) < 128:
        grey = ImageOps.invert(grey)
    if max(grey.size) >= TESSERACT_SIDE:
        return grey
    scale = TESSERACT_SIDE / max(grey.size)
    large = grey.resize([round(side * scale) for side in grey.size], Image.Resampling.LANCZOS)
    return ImageOps.expand(large, TESSERACT_MARGIN, 255)


def score(peers: dict[str, Peer], pictures: Pictures) -> dict[str, tuple[int, float]]:
    """How many pictures each program read exactly right, and its median milliseconds a picture."""
    one = max(map(len, pictures[1])) == 1
    for peer in peers.values():  # the first picture costs more
        peer(pictures[0][0], one)
    right, took = dict.fromkeys(peers, 0), {name: list[float]() for name in peers}
    for picture, text in zip(*pictures, strict=True):
        for name, peer in peers.items():
            started = time.perf_counter()
            right[name] += peer(picture, one) == text
            took[name].append(1000 * (time.perf_counter() - started))
    return {name: (right[name], statistics.median(took[name])) for name in peers}


def versions() -> str:
    found = [
        f"{name} {importlib.metadata.version(name)}"
        for name in ("tinydigits", "rapidocr", "onnxruntime")
        if any(importlib.metadata.distributions(name=name))
    ]
    if shutil.which("tesseract"):
        run = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, check=True)
        found.append(run.stdout.splitlines()[0])
    return ", ".join(found)


def row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sets", nargs="*", metavar="SET")
    parser.add_argument("--most", type=int, default=300, metavar="N")
    options = parser.parse_args()
    peers = {**rapidocr_peers(), **tesseract_peers(), "tinydigits": ours()}
    names = ["tinydigits", *(name for name in peers if name != "tinydigits")]
    print(f"{hardware()}; {versions()}\n")
    print(row("exactly right", "n", *names), row("---", *["---"] * (len(names) + 1)), sep="\n", flush=True)
    times = []
    for name, whole in dev_sets(options.folder).items():
        if options.sets and name not in options.sets:
            continue
        pictures = some(whole, options.most)
        scores = score(peers, pictures)
        print(row(name, len(pictures[0]), *(scores[each][0] for each in names)), flush=True)
        own = scores["tinydigits"][1]
        times.append(row(name, f"{own:.0f} ms", *(f"{scores[each][1] / own:.1f}×" for each in names[1:])))
    print("\n" + row("median time a picture", *names), row("---", *["---"] * len(names)), *times, sep="\n")


if __name__ == "__main__":
    main()
