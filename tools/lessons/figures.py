"""Figures of a net of eleven answers, on digits and marks that no training sees."""

import gzip
from pathlib import Path

import numpy as np

from lessons.built import DIGITS, arrays_of, made
from lessons.pictures import NOT_A_DIGIT, normal
from tinydigits.arrays import Float32Array, Int64Array, Predict, UInt8Images
from tinydigits.data import mnist

# Seed of the marks.
JUDGED_SEED = 500
FASHION = "fashion-t10k-images-idx3-ubyte.gz"


def figures(predict: Predict, folder: Path, fashion: Path | None, cut: Path | None) -> dict[str, float]:
    """Returns accuracy on validation digits, and the share of each kind of marks that is called no digit.

    Args:
        folder: where the marks are kept.
        fashion: the file FASHION, if there is one.
        cut: a file of candidates that no training saw, if there is one.
    """
    validation = mnist().validation
    found = digit_figures("MNIST", predict(validation.images), validation.labels)
    found |= {} if cut is None else candidate_figures(predict, *arrays_of(cut))
    judged = made(folder, "validation", JUDGED_SEED, 5_000, 15_000)
    found |= digit_figures("other hands", predict(judged[DIGITS][0]), judged[DIGITS][1])
    marks = {kind: images for kind, (images, _) in judged.items() if kind != DIGITS} | fashion_images(fashion)
    return found | {f"{kind}: no digit": refused(predict, images) for kind, images in marks.items()}


def digit_figures(name: str, answers: Float32Array, labels: Int64Array) -> dict[str, float]:
    return {
        f"{name}: right among ten": float(np.mean(answers[:, :NOT_A_DIGIT].argmax(axis=1) == labels)),
        f"{name}: right among eleven": float(np.mean(answers.argmax(axis=1) == labels)),
        f"{name}: called no digit": float(np.mean(answers.argmax(axis=1) == NOT_A_DIGIT)),
    }


def candidate_figures(predict: Predict, images: UInt8Images, answers: Int64Array) -> dict[str, float]:
    digits = answers < NOT_A_DIGIT
    found = digit_figures("candidates", predict(images[digits]), answers[digits])
    return found | {"candidates: no digit": refused(predict, images[~digits])}


def refused(predict: Predict, images: UInt8Images) -> float:
    return float(np.mean(predict(images).argmax(axis=1) == NOT_A_DIGIT))


def fashion_images(file: Path | None) -> dict[str, UInt8Images]:
    """Returns clothes, as they are and normalised; nothing without the file."""
    if file is None:
        return {}
    images = np.frombuffer(gzip.decompress(file.read_bytes()), np.uint8, offset=16).reshape(-1, 28, 28)
    normalised = np.stack([normal(image / np.float32(255)) for image in images[:3000]])
    return {"fashion": images, "fashion, normalised": normalised}
