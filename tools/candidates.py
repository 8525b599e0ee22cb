"""Candidates for `search.py`: nets written as a line of text, and how each is trained; trained by

    python tools/candidates.py TRIAL CORE

which prints {"validation_loss", "validation_accuracy", "corrupted", "loss", "seconds"} as JSON. In a net's line each
word is a layer:

    8v 8s    3×3 convolution with 8 filters, "valid" or "same"
    24d 24D  separable convolution, depthwise 3×3 then 1×1, "same" or "valid"
    16p      1×1 convolution
    P A      maximum or average of 2×2
    G W      global average; or a depthwise convolution as large as the image, with its own batch norm

Batch norm and ReLU follow each convolution but W; a dense layer of ten logits ends the net.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import AnyFloats
from tinydigits.augmentation.settings import AFFINE, Augmentation
from tinydigits.evaluation.report import evaluate
from tinydigits.reader.calibration import fit_temperature
from tinydigits.reader.confidence import tempered
from tinydigits.recipes.recipe import AdamW, OneCycle, Recipe, compiled

if TYPE_CHECKING:
    import keras


HALF = Augmentation(rotation=0.1, scale=0.06, shear=0.1, shift=1.1)
TONES = replace(AFFINE, background=0.3, contrast=0.3)
PAPER = replace(TONES, line_chance=0.08, cut=4.0, cut_chance=0.1)


@dataclass(frozen=True)
class Candidate:
    """A net and how it is trained.

    Attributes:
        layers: as above.
        augmentation: of training images; the last fourteenth of all epochs is gentler, whatever it says of that.
    """

    name: str
    layers: str
    peak: float = 0.02
    weight_decay: float = 0.02
    label_smoothing: float = 0.05
    batch_size: int = 128
    momentum: float = 0.95
    averaging: float | None = None
    augmentation: Augmentation = AFFINE


LATE = "12v 16D 24D P 32D 40D 48D 56D G"
TINY = "4v 6D P 8D 10D 10D 12D G"
CANDIDATES = (
    Candidate("V", "8v 12v P 16v 16v 16v 16v G"),
    Candidate("V-wide-end", "8v 10v P 12v 16v 18v 20v G"),
    Candidate("V-wide-start", "12v 14v P 15v 15v 15v 14v G"),
    Candidate("V-late-pool", "8v 8v 8v P 16v 16v 16v 16v G"),
    Candidate("V-later-pool", "8v 9v 9v 9v P 18v 18v 18v G"),
    Candidate("G", "8s 8s P 16s 16s P 16s 16s W"),
    Candidate("S", "16s 32d P 32d 40d P 40d 44d G"),
    Candidate("S-early-pool", "16v P 40d 40d P 48d 56d G"),
    Candidate("S-valid", "16v 24D P 32D 40D 48D 56D G"),
    Candidate("S-late", LATE),
    Candidate("S-later", "12v 16D 20D 24D P 32D 40D 48D 46D G"),
    Candidate("S-late elastic", LATE, augmentation=replace(TONES, elastic=2.0)),
    Candidate("S-late tones", LATE, augmentation=TONES),
    Candidate("S-late camera", LATE, augmentation=replace(TONES, blur=0.5, stroke=0.4)),
    Candidate("S-late grain", LATE, augmentation=replace(TONES, grain=0.5)),
    Candidate("S-late paper", LATE, augmentation=PAPER),
    Candidate("S-late photographed", LATE, augmentation=replace(PAPER, grain=0.5)),
    Candidate("SV", "8v 16v P 32d 40d P 44d 48d G"),
    Candidate("SV-deep", "8v 14v P 28d 32d 32d P 36d 40d 40d G"),
    Candidate("S-depthwise-end", "16v P 36d 40d P 44d 44d W"),
    Candidate("V-depthwise-end", "8v 12v P 16v 16v 15v 15v W"),
    Candidate("5k", "12v 16D P 24D 28D 32D 34D G"),
    Candidate("5k-late", "8v 12D 16D P 24D 28D 30D 32D G"),
    Candidate("5k-later", "8v 10D 14D 18D P 22D 26D 30D 30D G"),
    Candidate("2k", "7v 10D P 14D 16D 16D 18D G"),
    Candidate("2k-late", "6v 8D 10D P 13D 15D 16D 17D G"),
    Candidate("1k", TINY),
    Candidate("1k-wide", "5v 8D P 10D 12D 13D G"),
    Candidate("1k-late", "3v 4D 6D 8D P 9D 10D 11D G"),
    Candidate("1k-narrow", "4v 8D P 8D 8D 10D 12D G"),
    Candidate("1k sharp", TINY, label_smoothing=0.0),
    Candidate("1k half", TINY, augmentation=HALF),
    Candidate("1k plain", TINY, augmentation=Augmentation()),
    Candidate("1k light", TINY, weight_decay=0.005),
    Candidate("1k heavy", TINY, weight_decay=0.05),
    Candidate("1k batch 64", TINY, batch_size=64),
    Candidate("1k batch 256", TINY, batch_size=256),
    Candidate("1k peak 0.04", TINY, peak=0.04),
    Candidate("1k peak 0.01", TINY, peak=0.01),
    Candidate("1k averaged", TINY, averaging=0.999),
)


def parts(layers: str) -> list[tuple[str, int]]:
    """(kind, filters) of each word; 0 where there are none."""
    return [(word[-1], int(word[:-1] or 0)) for word in layers.split()]


def parameters(layers: str) -> int:
    """Trainable parameters of a net, without building it."""
    total, channels, side = 0, 1, 28
    for kind, filters in parts(layers):
        match kind:
            case "v" | "s":
                total += 9 * channels * filters + 2 * filters
            case "d" | "D":
                total += 9 * channels + channels * filters + 2 * filters
            case "p":
                total += channels * filters + 2 * filters
            case "W":
                total += side * side * channels + 2 * channels
        side = side - 2 if kind in "vD" else side // 2 if kind in "PA" else side
        channels = filters or channels
    return total + 10 * channels + 10


def net(candidate: Candidate) -> keras.Sequential:
    from keras import Sequential, layers

    def norm() -> list[keras.Layer]:
        return [layers.BatchNormalization(momentum=candidate.momentum)]

    built: list[keras.Layer] = [layers.Input((28, 28, 1))]
    side = 28
    for kind, filters in parts(candidate.layers):
        padding = "valid" if kind in "vD" else "same"
        match kind:
            case "v" | "s":
                built += [layers.Conv2D(filters, 3, padding=padding, use_bias=False), *norm(), layers.ReLU()]
            case "d" | "D":
                built += [layers.SeparableConv2D(filters, 3, padding=padding, use_bias=False), *norm(), layers.ReLU()]
            case "p":
                built += [layers.Conv2D(filters, 1, use_bias=False), *norm(), layers.ReLU()]
            case "P":
                built.append(layers.MaxPooling2D())
            case "A":
                built.append(layers.AveragePooling2D())
            case "G":
                built.append(layers.GlobalAveragePooling2D())
            case "W":
                built += [layers.DepthwiseConv2D(side, use_bias=False), *norm(), layers.Flatten()]
        side = side - 2 if kind in "vD" else side // 2 if kind in "PA" else side
    return Sequential([*built, layers.Dense(10)], name="candidate")


def trained(candidate: Candidate, epochs: int, seed: int) -> dict[str, Any]:
    """One training, judged on validation images alone."""
    import keras

    from tinydigits.data.dataset import mnist
    from tinydigits.evaluation.corruptions.fifteen import corruption_accuracies
    from tinydigits.formats.keras_targets import targets
    from tinydigits.training.fit import fit
    from tinydigits.training.train import predict_of

    recipe = recipe_of(candidate, epochs)
    data = mnist()
    keras.utils.set_random_seed(seed)
    model = compiled(recipe, len(data.train.labels))
    started = time.perf_counter()
    settings = {"batch_size": recipe.batch_size, "epochs": epochs, "augmentation": recipe.augmentation, "seed": seed}
    history = fit(
        model,
        data.train.images,
        targets(model, data.train.labels),
        engine="native",
        pixels="0-1",
        verbose=0,
        **settings,
    ).history
    seconds = time.perf_counter() - started
    predict = predict_of(model)
    report = evaluate(predict, data.validation)
    return {
        "validation_loss": calibrated_loss(report.probabilities, data.validation.labels),
        "validation_accuracy": report.accuracy,
        "corrupted": corruption_accuracies(predict, data.validation[:1000])["mean"],
        "loss": history["loss"][-1],
        "seconds": round(seconds, 1),
    }


def recipe_of(candidate: Candidate, epochs: int) -> Recipe:
    return Recipe(
        candidate.name,
        lambda: net(candidate),
        AdamW(OneCycle(candidate.peak), candidate.weight_decay),
        epochs=epochs,
        batch_size=candidate.batch_size,
        loss="categorical_crossentropy",
        label_smoothing=candidate.label_smoothing,
        averaging=candidate.averaging,
        augmentation=replace(candidate.augmentation, gentle_epochs=-(-epochs // 14)),
    )


def calibrated_loss(probabilities: AnyFloats, labels: NDArray[np.int64]) -> float:
    """Mean log loss at the best temperature: of nets with and without label smoothing alike."""
    right = tempered(probabilities, fit_temperature(probabilities, labels))[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(right, 1e-12)).mean())


def main() -> None:
    trial = json.loads(sys.argv[1])
    os.sched_setaffinity(0, {int(sys.argv[2])})
    epochs, seed = trial.pop("epochs"), trial.pop("seed")
    augmentation = Augmentation(**trial.pop("augmentation"))
    print(json.dumps(trained(Candidate(**trial, augmentation=augmentation), epochs, seed)))


if __name__ == "__main__":
    main()
