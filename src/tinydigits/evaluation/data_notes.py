"""Finds what looks wrong in a user's data set. Nothing is changed: each finding is a sentence for the user."""

import hashlib
from collections.abc import Iterator, Mapping

import numpy as np

from tinydigits.arrays import Int64Array, Predict, UInt8Images
from tinydigits.data.dataset import Dataset, without_channel_axis
from tinydigits.data.loaded import Loaded, Part
from tinydigits.data.mending import Mend, has_bright_border
from tinydigits.system.words import counted

# Size of the images that the shipped nets can judge, in pixels.
SIZE = (28, 28)
# Number of images that are judged.
SAMPLE = 500
# Nothing is said about images that a good net reads at least this well, as a share of right answers.
GOOD_ACCURACY = 0.6
# Changed images are better if the net reads this much more of them.
LEAST_GAIN = 0.25
UNCHANGED = Mend()
# What notes call the parts of a data set.
PART_NAMES: dict[Part, str] = {"train": "training", "test": "test"}
# Every change that is tried.
MENDS = (Mend(transpose=True), Mend(invert=True), Mend(transpose=True, invert=True))


def data_notes(loaded: Loaded, predict: Predict, made: Mend = UNCHANGED, only: Part | None = None) -> Iterator[str]:
    """Yields what looks wrong in a data set, each as one sentence.

    Args:
        predict: a good net for images of 28×28 pixels, which judges how the images lie.
        made: the change that `loaded` has already gone through.
        only: the part that went through it; None for all.
    """
    parts: dict[Part, Dataset] = {"train": loaded.data} if loaded.test is None else both(loaded.data, loaded.test)
    missing = {part: likely_mend(dataset, predict) for part, dataset in parts.items()}
    needed = {part: mend ^ (UNCHANGED if only not in (None, part) else made) for part, mend in missing.items()}
    for part, dataset in parts.items():
        subject = dataset.name if loaded.test is None else f"the {PART_NAMES[part]} set of {dataset.name}"
        if missing[part]:
            yield f"{subject} {appearance(missing[part])} {advice(part, needed)}"
        yield from content_notes(dataset, subject)
    if loaded.test is not None:
        yield from repetition_note(loaded.data, loaded.test)


def both(train: Dataset, test: Dataset) -> dict[Part, Dataset]:
    return {"train": train, "test": test}


def advice(part: Part, needed: Mapping[Part, Mend]) -> str:
    """Says which options mend one part, given the changes that each part needs as it is stored."""
    if not needed[part]:
        return "It is right as it is stored, without the options."
    elsewhere = any(mend != needed[part] for mend in needed.values())
    return f"`{options(needed[part])}{f' --mend-only {part}' if elsewhere else ''}` mends it."


def content_notes(dataset: Dataset, subject: str) -> Iterator[str]:
    if len(set(dataset.labels.tolist())) == 1:
        yield f"{subject} holds a single class: {every(len(dataset))} labelled {dataset.labels[0]}."
    blank = count_blank(dataset.images)
    if blank == len(dataset):
        yield f"{subject} is blank: no image in it has any ink."
    elif blank:
        yield f"{subject} holds {counted(blank, 'blank image')}, without any ink."


def every(count: int) -> str:
    return "its one image is" if count == 1 else f"all {count:,} images are"


def appearance(mend: Mend) -> str:
    """Says how images look that need a change."""
    dark = "looks like dark ink on a bright ground; the nets expect bright ink on black."
    turned = "looks transposed, with rows and columns swapped, as EMNIST's files are."
    if mend.transpose and mend.invert:
        return f"{turned[:-1]}, and like dark ink on a bright ground."
    return turned if mend.transpose else dark


def options(mend: Mend) -> str:
    return " ".join(["--transpose"] * mend.transpose + ["--invert"] * mend.invert)


def likely_mend(dataset: Dataset, predict: Predict) -> Mend:
    """Returns the change after which the net reads far more of the images; for other sizes, the border decides."""
    if without_channel_axis(dataset.images.shape[1:]) != SIZE:
        return Mend(invert=has_bright_border(dataset.images))
    images, labels = sample(dataset)
    as_they_are = accuracy(predict, images, labels)
    if as_they_are >= GOOD_ACCURACY:
        return UNCHANGED
    accuracies = {mend: accuracy(predict, mend(images), labels) for mend in MENDS}
    best = max(accuracies, key=lambda mend: accuracies[mend])
    if accuracies[best] >= as_they_are + LEAST_GAIN:
        return best
    return Mend(invert=has_bright_border(images))


def sample(dataset: Dataset) -> tuple[UInt8Images, Int64Array]:
    """Returns at most `SAMPLE` images, spread over the whole set, as [n, 28, 28], and their labels."""
    chosen = np.linspace(0, len(dataset) - 1, min(SAMPLE, len(dataset))).astype(np.int64)
    return dataset.images[chosen].reshape(-1, *SIZE), dataset.labels[chosen]


def accuracy(predict: Predict, images: UInt8Images, labels: Int64Array) -> float:
    return float((predict(images).argmax(axis=1) == labels).mean())


def count_blank(images: UInt8Images) -> int:
    """Returns how many images have the same value everywhere."""
    flat = images.reshape(len(images), -1)
    return int((flat.min(axis=1) == flat.max(axis=1)).sum())


def repetition_note(data: Dataset, test: Dataset) -> Iterator[str]:
    trained = set(hashes(data.images))
    repeated = sum(image in trained for image in hashes(test.images))
    if repeated:
        yield (
            f"{repeated:,} of {counted(len(test), 'test image')} in {test.name} {'is' if repeated == 1 else 'are'} "
            "also among the training images, so the test accuracy says too much."
        )


def hashes(images: UInt8Images) -> Iterator[bytes]:
    """Yields the hash of each image that is not blank."""
    shape = str(without_channel_axis(images.shape[1:])).encode()
    for image in images:
        if image.min() != image.max():
            yield hashlib.blake2b(shape + image.tobytes(), digest_size=16).digest()
