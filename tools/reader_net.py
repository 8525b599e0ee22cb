"""Trains the reader's net: ten digits, and an eleventh answer for marks that are not one whole digit.

    python tools/reader_net.py NAME FOLDER --epochs 20 [--candidates FILE.npz …] [--words FILE.npz …]
                               [--start MODEL | --fresh | --wide] [--teacher MODEL]

Lessons are MNIST's first 55,000 training images, digits in other hands and pens, and marks that are no digit
(`lessons/`), also in the fonts of $LESSON_FONTS (`lesson_fonts.py`); with `--candidates` what the reader itself cuts
out of made-up rows, with `--words` out of writing that holds no digit. `--wide` trains a larger net; with `--teacher`
the reader's net learns from its answers, too. Writes NAME.keras, NAME.onnx and NAME.json, the figures, into FOLDER, and
keeps the lessons there. Figures are of MNIST's last 5,000 training images and of marks that no training sees; test
images are never looked at.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lessons.built import arrays_of, made, typed_digits
from lessons.coarse import coarse_copies
from lessons.figures import FASHION, figures
from lessons.nets import CLASSES, eleven_answers, started, wide_net
from lessons.pictures import NOT_A_DIGIT, together
from lessons.teaching import taught
from tinydigits.arrays import Float32Array, Int64Array, Predict, UInt8Images
from tinydigits.augmentation import Augmentation
from tinydigits.data import mnist
from tinydigits.formats.model_file import load

if TYPE_CHECKING:
    import keras

BATCH_SIZE = 128
# Seed of the lessons to learn from.
SEED = 0
VARIED = Augmentation(
    rotation=0.17,
    scale=0.09,
    shear=0.2,
    shift=1.3,
    blur=0.45,
    contrast=0.3,
    grain=0.12,
    stroke=0.3,
    line_chance=0.015,
)
# How many times each of MNIST's images, and each candidate that is a digit, is learnt from in an epoch, and of how many
# candidates that are none one is: there are five of these for each that is a digit.
MNIST_REPEATED, REPEATED, ONE_OF = 8, 3, 2
# How many times each digit of a font is learnt from, in each of its weights.
TYPED_REPEATED = 4
# Candidates of digits that are rare in the rows are repeated up to so many times more often.
RARE = 2.0
# Shares of all lessons, and of MNIST's images, that are also learnt from as they look in a few pixels.
COARSE, COARSE_MNIST = 0.1, 0.8


@dataclass(frozen=True)
class Training:
    """How the net is trained.

    Attributes:
        peak: the highest learning rate.
        varied: how images are varied; None where lessons are varied already.
        smoothing: label smoothing.
    """

    epochs: int
    peak: float
    seed: int
    varied: Augmentation | None
    smoothing: float = 0.02


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--peak", type=float, default=0.02, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--digits", type=int, default=60_000, help="digits drawn in other hands")
    parser.add_argument("--marks", type=int, default=110_000, help="marks that are no digit; some are left out")
    parser.add_argument("--candidates", type=Path, nargs="*", default=[], help="files of `images` and `answers`")
    parser.add_argument("--words", type=Path, nargs="*", default=[], help="such files of writing without a digit")
    parser.add_argument("--judged", type=Path, help="such a file of digits that no training sees, for figures")
    parser.add_argument("--start", help="a net of eleven answers to train on, in place of `pocket`: MODEL")
    parser.add_argument("--fresh", action="store_true", help="begin with new weights, not those of `pocket`")
    parser.add_argument("--wide", action="store_true", help="train a larger net, a teacher")
    parser.add_argument("--teacher", help="a net of eleven answers to learn from, too: MODEL")
    parser.add_argument("--copies", type=int, default=4, help="of each lesson, varied, for the teacher to answer")
    parser.add_argument("--milder", type=float, default=0.0, help="taken off the logit of no digit in the end")
    parser.add_argument("--fashion", type=Path, help=f"{FASHION}, for a figure")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    images, answers = lessons(given.folder, given.digits, given.marks, given.candidates, given.words)
    print(f"{len(images):,} pictures; of each answer: {np.bincount(answers, minlength=CLASSES).tolist()}", flush=True)
    model = trained(net_of(given), images, answers, given)
    make_milder(model, given.milder)
    save(
        model,
        given.folder / given.name,
        figures(predict_of(model), given.folder, given.fashion, given.judged),
        given.seed,
    )


def lessons(
    folder: Path, digits: int, marks: int, candidates: Sequence[Path], words: Sequence[Path]
) -> tuple[UInt8Images, Int64Array]:
    train = mnist().train
    drawn = made(folder, "train", SEED, digits, marks)
    print({kind: len(answers) for kind, (_, answers) in drawn.items()}, flush=True)
    own = [part for file in candidates for part in weighted(*arrays_of(file))]
    none = [arrays_of(file) for file in words]
    given = [(train.images, train.labels)] * MNIST_REPEATED + typed_digits(held_out=False) * TYPED_REPEATED
    whole = together([*given, *drawn.values(), *own, *none])
    coarse = coarse_copies(*whole, COARSE, 1), coarse_copies(train.images, train.labels, COARSE_MNIST, 2)
    return together([whole, *coarse])


def weighted(images: UInt8Images, answers: Int64Array) -> list[tuple[UInt8Images, Int64Array]]:
    """Returns candidates, with those that are digits several times, and some of those that are none."""
    parts = [answers == digit for digit in range(NOT_A_DIGIT)]
    usual = np.mean([part.sum() for part in parts])
    times = [round(REPEATED * float(np.clip(usual / max(1, part.sum()), 1, RARE))) for part in parts]
    others = answers == NOT_A_DIGIT
    return [
        (images[others][::ONE_OF], answers[others][::ONE_OF]),
        *((images[part], answers[part]) for part, count in zip(parts, times, strict=True) for _ in range(count)),
    ]


def net_of(given: argparse.Namespace) -> keras.Sequential:
    import keras

    keras.utils.set_random_seed(given.seed)
    if given.wide:
        return wide_net()
    return started(given.start) if given.start else eleven_answers(given.fresh)


def trained(
    model: keras.Sequential, images: UInt8Images, answers: Int64Array, given: argparse.Namespace
) -> keras.Sequential:
    """Trains a net on lessons, or on a teacher's answers to varied copies of them."""
    if given.teacher is None:
        training = Training(given.epochs, given.peak, given.seed, gentle_end(given.epochs))
        return fitted(model, images, np.eye(CLASSES, dtype=np.float32)[answers], training)
    teacher = load(given.teacher).predict
    copies, targets = taught(images, answers, teacher, gentle_end(given.copies), given.copies, given.seed)
    rounds = -(-given.epochs // given.copies)
    return fitted(model, copies, targets, Training(rounds, given.peak, given.seed, None, smoothing=0.0))


def fitted(model: keras.Sequential, images: UInt8Images, targets: Float32Array, training: Training) -> keras.Sequential:
    import tinydigits

    compile_model(model, training.epochs * -(-len(images) // BATCH_SIZE), training)
    tinydigits.fit(
        model,
        images,
        targets,
        batch_size=BATCH_SIZE,
        epochs=training.epochs,
        seed=training.seed,
        pixels="0-1",
        augmentation=training.varied,
        callbacks=[epoch_lines()],
        engine="native",
        verbose=0,
    )
    return model


def compile_model(model: keras.Sequential, steps: int, training: Training) -> None:
    import keras

    from tinydigits.recipes.optimizers import OneCycle

    model.compile(
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=training.smoothing),
        optimizer=keras.optimizers.AdamW(OneCycle(peak=training.peak).schedule(steps), weight_decay=0.02),
        metrics=["accuracy"],
    )


def gentle_end(epochs: int) -> Augmentation:
    from dataclasses import replace

    return replace(VARIED, gentle_epochs=max(1, epochs // 5), gentle_strength=0.5)


def make_milder(model: keras.Sequential, by: float) -> None:
    """Takes `by` off the logit of no digit: lessons hold more marks that are none than pictures do."""
    weights = model.get_weights()
    weights[-1][NOT_A_DIGIT] -= by
    model.set_weights(weights)


def epoch_lines() -> keras.callbacks.Callback:
    """Returns a callback that prints a line for each epoch."""
    import keras

    start = time.monotonic()

    def line(epoch: int, logs: Mapping[str, float]) -> None:
        shown = ", ".join(f"{name} {value:.4f}" for name, value in logs.items())
        print(f"epoch {epoch + 1}, {time.monotonic() - start:.0f} s: {shown}", flush=True)

    return keras.callbacks.LambdaCallback(on_epoch_end=line)


def predict_of(model: keras.Sequential) -> Predict:
    from tinydigits.formats.keras_bridge import keras_predict

    return keras_predict(model, "0-1")


def save(model: keras.Sequential, path: Path, found: dict[str, float], seed: int) -> None:
    """Writes the net as .keras, without the optimiser's arrays, and as .onnx, and its figures as .json."""
    import keras

    from tinydigits.formats.keras_bridge import network_from_keras
    from tinydigits.formats.onnx.file import Metadata, to_bytes
    from tinydigits.system.versions import training_versions

    keras.saving.save_model(model, path.with_suffix(".keras"), include_optimizer=False)
    scores = {"validation": found["MNIST: right among ten"]}
    metadata = Metadata(name="reader", seed=seed, versions=training_versions(keras.backend.backend()), scores=scores)
    path.with_suffix(".onnx").write_bytes(to_bytes(network_from_keras(model), metadata))
    path.with_suffix(".json").write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    print("\n".join(f"{name}: {100 * value:.2f} %" for name, value in found.items()), flush=True)


if __name__ == "__main__":
    main()
