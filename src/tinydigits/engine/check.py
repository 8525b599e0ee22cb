"""The engine's proof: one batch through Keras and through the machine code must give the same numbers.

Loss, every gradient and one step of the optimiser are compared, on seeded weights and noise for images, so that the
verdict is about the code and not about somebody's data. It is written beside the library and read from there.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tinydigits.engine.keras_state import arrays
from tinydigits.engine.program import Epoch, Examples, Program, State
from tinydigits.engine.settings import read_loss, read_rule_numbers
from tinydigits.engine.weights import Floats, pack, unpack
from tinydigits.errors import DisagreementError
from tinydigits.keras_bridge import keras_from_network
from tinydigits.layers import Dropout
from tinydigits.network import Network

if TYPE_CHECKING:
    from pathlib import Path

    import keras

# One full group of 16 and one that is not full.
IMAGES = 21
# The largest difference allowed, as a fraction of the largest number in the array; float32 sums differ by about 1e-6.
TOLERANCE = 1e-4
# As many arrays as any optimiser rule keeps beside the weights.
MOST_SLOTS = 2
# A gradient is read off as the change of a weight under plain SGD; so long a step that rounding does not matter.
LONG_STEP = 4096.0


@dataclass(frozen=True)
class Batch:
    """Images float32 and targets as Keras takes them."""

    images: Floats
    targets: Any


def prove(program: Program, network: Network, model: keras.Model, verdict: Path) -> None:
    """Compares, once for every library, and remembers the outcome in the file `verdict`.

    Raises:
        DisagreementError: says which number differs.
    """
    import keras

    versions = {"keras": keras.__version__, "backend": keras.backend.backend()}
    known = read_verdict(verdict)
    if {name: known.get(name) for name in versions} != versions:
        known = {**versions, "disagreement": disagreement(program, network, model)}
        write_verdict(verdict, known)
    if known["disagreement"] is not None:
        raise DisagreementError(
            "native engine", found=known["disagreement"], expected="Keras' own numbers", fix="Keras trains this one."
        )


def read_verdict(file: Path) -> dict[str, Any]:
    try:
        verdict = json.loads(file.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return verdict if isinstance(verdict, dict) and "disagreement" in verdict else {}


def write_verdict(file: Path, verdict: dict[str, Any]) -> None:
    partial = file.with_suffix(f".{os.getpid()}.partial")  # others may be at it at the same time
    partial.write_text(json.dumps(verdict))
    partial.replace(file)


def disagreement(program: Program, network: Network, model: keras.Model) -> str | None:
    """What differs most between the machine code and Keras on one batch, in words; None where nothing does."""
    weights = seeded_weights(network)
    batch = seeded_batch(network, sparse=expects_class_numbers(model))
    loss, gradients = keras_gradient(network, weights, batch, model)
    packed = pack(program.plan.slots, weights)
    packed_gradient, score = program.gradient(packed, native_batch(batch, network.classes))
    differences = {"the loss": difference(np.float32(score.loss), loss)}
    for index, (ours, theirs) in enumerate(zip(unpack(program.plan.slots, packed_gradient), gradients, strict=True)):
        differences[f"the gradient of weight array {index}"] = difference(ours, theirs)
    differences["one optimiser step"] = update_difference(program, model, network, weights, batch)
    worst = max(differences, key=lambda name: differences[name])
    return None if differences[worst] <= TOLERANCE else f"{worst} off by {differences[worst]:.1e} of its size"


def difference(ours: Floats | np.float32, theirs: Floats | np.float32) -> float:
    """The largest difference as a fraction of the largest number; infinite where one is not finite."""
    gap = float(np.max(np.abs(ours - theirs)) / max(float(np.max(np.abs(theirs))), 1e-6))
    return gap if np.isfinite(gap) else float("inf")


def seeded_weights(network: Network) -> list[Floats]:
    """Weights under which every layer passes values of about the same size on."""
    random = np.random.default_rng(0)
    return [
        random.normal(0, math.sqrt(2 / max(math.prod(weight.shape[:-1]), 8)), weight.shape).astype(np.float32)
        for weight in network.weights
    ]


def seeded_batch(network: Network, *, sparse: bool) -> Batch:
    random = np.random.default_rng(1)
    images = random.uniform(0, 1, (IMAGES, *network.input_shape)).astype(np.float32)
    labels = random.integers(0, network.classes, IMAGES)
    return Batch(images, labels if sparse else np.eye(network.classes, dtype=np.float32)[labels])


def expects_class_numbers(model: keras.Model) -> bool:
    return read_loss(model)[1]


def native_batch(batch: Batch, classes: int) -> Examples:
    targets = np.eye(classes, dtype=np.float32)[batch.targets] if batch.targets.ndim == 1 else batch.targets
    return Examples(batch.images, targets)


def keras_gradient(
    network: Network, weights: list[Floats], batch: Batch, model: keras.Model
) -> tuple[np.float32, list[Floats]]:
    """Loss and gradients of one batch, by Keras alone and whatever its backend: plain SGD turns them into changes."""
    import keras

    still = tuple(replace(layer, rate=0.0) if isinstance(layer, Dropout) else layer for layer in network.layers)
    copy = keras_from_network(Network(network.input_shape, still))
    copy.set_weights(weights)
    # For a single step TensorFlow is quicker without tracing a graph; JAX would compile every operation by itself.
    eagerly = keras.backend.backend() == "tensorflow"
    copy.compile(loss=model.loss, optimizer=keras.optimizers.SGD(LONG_STEP), run_eagerly=eagerly)
    loss = copy.train_on_batch(batch.images, batch.targets)
    return np.float32(loss), [
        (before - after) / LONG_STEP for before, after in zip(weights, arrays(copy.weights), strict=True)
    ]


def update_difference(
    program: Program, model: keras.Model, network: Network, weights: list[Floats], batch: Batch
) -> float:
    """How far one native step of the optimiser is from Keras' own, made with the native gradient."""
    plan, examples = program.plan, native_batch(batch, network.classes)
    packed = pack(plan.slots, weights)
    gradient, _ = program.gradient(packed, examples)
    optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
    theirs = keras_update(optimizer, weights, unpack(plan.slots, gradient))
    epoch = Epoch(np.arange(len(examples), dtype=np.int32), len(examples), dropout=False)
    state = State(packed, (np.zeros_like(packed),) * MOST_SLOTS, 0)
    after, _ = program.train(state, examples, epoch, read_rule_numbers(optimizer))
    ours = unpack(plan.slots, after.weights - packed)
    return max(difference(*steps) for steps in zip(ours, theirs, strict=True))


def keras_update(optimizer: keras.optimizers.Optimizer, weights: list[Floats], gradients: list[Floats]) -> list[Floats]:
    """How the weights change in the optimiser's first step."""
    import keras

    variables = [keras.Variable(weight) for weight in weights]
    optimizer.build(variables)
    optimizer.apply([keras.ops.convert_to_tensor(gradient) for gradient in gradients], variables)
    return [after - before for after, before in zip(arrays(variables), weights, strict=True)]
