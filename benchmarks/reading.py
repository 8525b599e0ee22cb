"""Print the figures of docs/reading.md.

    python benchmarks/reading.py [--model MODEL] [--pages N] [--photos N] [--data FOLDER]

FOLDER holds the development sets (`dev/`) and Fashion-MNIST (`negatives/`); without it, their rows are left out.
"""

import argparse
import gzip
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy import ndimage

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from drawn.negatives import KINDS, negative
from drawn.pages import page
from drawn.photos import CONDITIONS, photo
from tinydigits.data.dataset import Dataset, mnist_test, scaled
from tinydigits.data.idx import parse_images
from tinydigits.evaluation.metrics import auroc, expected_calibration_error
from tinydigits.formats.model_file import READER
from tinydigits.reader import Reader
from tinydigits.reader.normalise import SIDE, area_weights, cut_to_ink, normalise
from tinydigits.reader.recogniser import NO_DIGIT
from tinydigits.reader.single import digit_image
from tinydigits.system.versions import hardware

FIRST_PAGE = 1000
FASHION = "fashion-t10k-images-idx3-ubyte"


def report(name: str, value: str, count: int) -> None:
    print(f"{name:<52} {value:>22}   n = {count:,}", flush=True)


def percent(part: float) -> str:
    return f"{100 * part:.2f} %"


def photos(folder: Path) -> tuple[list[Any], list[int]]:
    files = sorted(folder.glob("*.png"))
    return [Image.open(file) for file in files], [int(file.stem[-1]) for file in files]


def dev_sets(folder: Path) -> dict[str, tuple[Sequence[Any], Sequence[int]]]:
    """Pictures and labels of each development set."""
    files = {"screen-drawn": "hwd1000", "sudoku-cells": "cells", "usps": "usps"}
    arrays = {name: np.load(folder / name / f"{file}.npz") for name, file in files.items()}
    return {
        "phone-photos": photos(folder / "phone-photos"),
        **{name: (each["images"], each["labels"].tolist()) for name, each in arrays.items()},
    }


def score_singles(reader: Reader, name: str, pictures: Sequence[Any], labels: Sequence[int]) -> None:
    """Right answers, refusals counted as wrong; and of the refusals, how many."""
    for way, single in (("--single", True), ("default", False)):
        read = [reader.read(picture, single=single) for picture in pictures]
        right = sum(reading.text == str(label) for reading, label in zip(read, labels, strict=True))
        refused = sum(not reading.digits for reading in read)
        value = f"{percent(right / len(labels))}, {refused} refused"
        report(f"{name}, {way}", value, len(labels))


def score_mnist(reader: Reader, digits: Dataset) -> None:
    """MNIST through the reader and straight to the model, and each step of the normalisation left out."""

    def accuracy(images: np.ndarray) -> float:
        return float(np.mean(reader.model.predict(images)[:, :NO_DIGIT].argmax(axis=1) == digits.labels))

    through = np.stack([digit_image(Image.fromarray(image)) for image in digits.images])
    report("MNIST test, straight to the model", percent(accuracy(digits.images)), len(digits))
    report("MNIST test, through the reader", percent(accuracy(through)), len(digits))
    for name, change in ABLATIONS.items():
        images = np.stack([change(image) for image in scaled(digits.images)])
        report(f"MNIST test, {name}", percent(accuracy(images)), len(digits))
    seen = np.exp(reader.recogniser.logarithms(through))
    report("MNIST test, refused as no digit", percent(float(np.mean(seen.argmax(axis=1) == NO_DIGIT))), len(digits))
    error = expected_calibration_error(seen[:, :NO_DIGIT], digits.labels)
    report("MNIST test, expected calibration error", percent(error), len(digits))


def uncentred(ink: np.ndarray) -> np.ndarray:
    """The 20-box in the middle of the picture, wherever its centre of mass is."""
    image = normalise(ink)
    tight = cut_to_ink(image)
    top, left = ((SIDE - extent) // 2 for extent in tight.shape)
    canvas = np.zeros_like(image)
    canvas[top : top + tight.shape[0], left : left + tight.shape[1]] = tight
    return canvas


def unboxed(ink: np.ndarray) -> np.ndarray:
    """The ink stretched over all 28×28 pixels."""
    tight = cut_to_ink(ink)
    large = area_weights(tight.shape[0], SIDE) @ tight @ area_weights(tight.shape[1], SIDE).T
    return (large / large.max() * 255 + 0.5).astype(np.uint8)


def deslanted(ink: np.ndarray) -> np.ndarray:
    """The ink sheared upright by its second moments, then normalised."""
    y, x = np.mgrid[: ink.shape[0], : ink.shape[1]].astype(np.float32)
    x, y = x - (x * ink).sum() / ink.sum(), y - (y * ink).sum() / ink.sum()
    shear = float((x * y * ink).sum() / max((y * y * ink).sum(), 1e-6))
    offset = [0, -shear * ink.shape[0] / 2]
    upright = ndimage.affine_transform(ink, [[1, 0], [shear, 1]], offset, order=1)
    return normalise(np.where(upright > 0.02, upright, 0))


ABLATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "without centring": uncentred,
    "without the 20-box (stretched to 28×28)": unboxed,
    "deslanted first": deslanted,
}


def score_negatives(reader: Reader, digits: Dataset, folder: Path) -> None:
    fashion = parse_images(gzip.decompress((folder / f"{FASHION}.gz").read_bytes()), FASHION)
    no_digit = []
    for images in (digits.images, fashion):
        seen = reader.recogniser.logarithms(np.stack([digit_image(Image.fromarray(image)) for image in images]))
        no_digit.append(seen[:, NO_DIGIT] - seen[:, :NO_DIGIT].max(axis=1))
    limit = np.quantile(no_digit[0], 0.99)
    report("Fashion-MNIST against MNIST test, AUROC", f"{auroc(*no_digit):.4f}", len(fashion))
    report("Fashion-MNIST refused", percent(float(np.mean(no_digit[1] > 0))), len(fashion))
    report("Fashion-MNIST refused at 1 % of MNIST lost", percent(float(np.mean(no_digit[1] > limit))), len(fashion))


def matched(wanted: Sequence[str], read: Sequence[str]) -> int:
    """How many of `wanted` were read, in their order."""
    return sum(block.size for block in SequenceMatcher(None, wanted, read, autojunk=False).get_matching_blocks())


def score_pages(reader: Reader, digits: Dataset, count: int) -> None:
    found = {"digits": [0, 0, 0], "numbers": [0, 0, 0]}
    for seed in range(FIRST_PAGE, FIRST_PAGE + count):
        drawn = page(digits, seed)
        text = reader.read(drawn.picture).text
        for name, wanted, read in (
            ("digits", list("".join(drawn.text.split())), list("".join(text.split()))),
            ("numbers", drawn.text.split(), text.split()),
        ):
            right = matched(wanted, read)
            found[name] = [
                total + value for total, value in zip(found[name], (right, len(wanted), len(read)), strict=True)
            ]
    for name, (right, wanted, read) in found.items():
        report(f"{count} pages, {name} right", f"{percent(right / wanted)}, {read - right} extra", wanted)


def score_photos(reader: Reader, digits: Dataset, count: int) -> None:
    """Digits and rows of each condition, spaces and dashes aside."""
    for condition in CONDITIONS:
        drawn = [photo(digits, seed, condition) for seed in range(FIRST_PAGE, FIRST_PAGE + count)]
        read = [reader.read(each.picture).text for each in drawn]
        for name, split in (("digits", lambda text: list("".join(text.split()))), ("rows", rows)):
            pairs = [(split(each.text), split(text)) for each, text in zip(drawn, read, strict=True)]
            right, wanted, found = (
                sum(matched(*pair) for pair in pairs),
                *(sum(len(pair[index]) for pair in pairs) for index in (0, 1)),
            )
            report(f"{count} photos, {condition}: {name}", f"{percent(right / wanted)}, {found - right} extra", wanted)


def rows(text: str) -> list[str]:
    return ["".join(row.split()) for row in text.splitlines()]


def score_made_negatives(reader: Reader, count: int) -> None:
    """How many pictures without a digit are read as if they held one."""
    for kind in KINDS:
        read = [reader.read(negative(kind, seed)) for seed in range(FIRST_PAGE, FIRST_PAGE + count)]
        report(f"{kind} in which a digit is read", percent(sum(bool(each.digits) for each in read) / count), count)


def milliseconds(job: Callable[[], object], times: int) -> float:
    """The median of so many runs."""
    job()
    took = []
    for _ in range(times):
        started = time.perf_counter()
        job()
        took.append(1000 * (time.perf_counter() - started))
    return statistics.median(took)


def score_speed(reader: Reader, digits: Dataset) -> None:
    photo = page_of_thirty(digits)
    report("1-megapixel photo of 30 digits", f"{milliseconds(lambda: reader.read(photo), 20):.1f} ms", 20)
    one = digits.images[0]
    report("one 28×28 digit through Reader", f"{milliseconds(lambda: reader.read(one), 500):.3f} ms", 500)


def page_of_thirty(digits: Dataset) -> Image.Image:
    """Five rows of six digits on 1,000 × 1,000 pixels of grained paper."""
    rng = np.random.default_rng(0)
    paper = rng.normal(215, 4, (1000, 1000))
    for index, image in enumerate(digits.images[:30]):
        top, left = 60 + 185 * (index // 6), 60 + 155 * (index % 6)
        large = np.asarray(Image.fromarray(image).resize((84, 84)), np.float64)
        paper[top : top + 84, left : left + 84] -= 0.7 * large
    return Image.fromarray(np.clip(paper, 0, 255).astype(np.uint8)).convert("RGB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=READER)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--photos", type=int, default=30, help="of each condition")
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    reader, digits = Reader(options.model), mnist_test()
    print(f"model {reader.model.name}; {hardware()}")
    score_mnist(reader, digits)
    if options.data is not None:
        score_negatives(reader, digits, options.data / "negatives")
        for name, (pictures, labels) in dev_sets(options.data / "dev").items():
            score_singles(reader, name, pictures, labels)
    score_pages(reader, digits, options.pages)
    score_photos(reader, digits, options.photos)
    score_made_negatives(reader, options.pages)
    score_speed(reader, digits)


if __name__ == "__main__":
    main()
