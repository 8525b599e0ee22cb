"""Candidates for `search.py`: nets written as a line of text, and how each is trained; trained by

    python benchmarks/candidates.py TRIAL CORE

which prints {"validation_loss", "validation_accuracy", "loss", "seconds"} as JSON. In a net's line each word is a
layer:

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
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Candidate:
    """A net and how it is trained.

    Attributes:
        layers: as above.
        strength: what the amplitudes of the affine augmentation are multiplied with.
        elastic: of an elastic warp, in pixels.
    """

    name: str
    layers: str
    peak: float = 0.02
    weight_decay: float = 0.02
    label_smoothing: float = 0.05
    batch_size: int = 128
    momentum: float = 0.95
    strength: float = 1.0
    elastic: float = 0.0
    averaging: float | None = None


CANDIDATES = (
    Candidate("V", "8v 12v P 16v 16v 16v 16v G"),
    Candidate("V-wide-end", "8v 10v P 12v 16v 18v 20v G"),
    Candidate("V-wide-start", "12v 14v P 15v 15v 15v 14v G"),
    Candidate("V-late-pool", "8v 8v 8v P 16v 16v 16v 16v G"),
    Candidate("G", "8s 8s P 16s 16s P 16s 16s W"),
    Candidate("S", "16s 32d P 32d 40d P 40d 44d G"),
    Candidate("S-early-pool", "16v P 40d 40d P 48d 56d G"),
    Candidate("S-valid", "16v 24D P 32D 40D 48D 56D G"),
    Candidate("SV", "8v 16v P 32d 40d P 44d 48d G"),
    Candidate("SV-deep", "8v 14v P 28d 32d 32d P 36d 40d 40d G"),
    Candidate("S-depthwise-end", "16v P 36d 40d P 44d 44d W"),
    Candidate("V-depthwise-end", "8v 12v P 16v 16v 15v 15v W"),
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
    """One training, and its last validation."""
    import keras
    import numpy as np

    from tinydigits.augmentation import Augmentation
    from tinydigits.data import mnist
    from tinydigits.fitting import fit
    from tinydigits.recipes import AdamW, OneCycle, Recipe, compiled

    k = candidate.strength
    augmentation = Augmentation(0.2 * k, 0.12 * k, 0.2 * k, 2.2 * k, candidate.elastic, gentle_epochs=-(-epochs // 14))
    recipe = Recipe(
        candidate.name,
        lambda: net(candidate),
        AdamW(OneCycle(candidate.peak), candidate.weight_decay),
        epochs=epochs,
        batch_size=candidate.batch_size,
        loss="categorical_crossentropy",
        label_smoothing=candidate.label_smoothing,
        averaging=candidate.averaging,
        augmentation=augmentation,
    )
    data = mnist()
    keras.utils.set_random_seed(seed)
    model = compiled(recipe, len(data.train.labels))
    eye = np.eye(10, dtype=np.float32)
    pairs = [(part.images[..., None], eye[part.labels]) for part in (data.train, data.validation)]
    started = time.perf_counter()
    settings = {"batch_size": recipe.batch_size, "epochs": epochs, "augmentation": augmentation, "seed": seed}
    history = fit(model, *pairs[0], engine="native", **settings).history
    seconds = time.perf_counter() - started
    images, targets = pairs[1]
    loss, accuracy = model.evaluate(images / np.float32(255), targets, batch_size=1000, verbose=0)
    return {
        "validation_loss": loss,
        "validation_accuracy": accuracy,
        "loss": history["loss"][-1],
        "seconds": round(seconds, 1),
    }


def main() -> None:
    trial = json.loads(sys.argv[1])
    os.sched_setaffinity(0, {int(sys.argv[2])})
    epochs, seed = trial.pop("epochs"), trial.pop("seed")
    print(json.dumps(trained(Candidate(**trial), epochs, seed)))


if __name__ == "__main__":
    main()
