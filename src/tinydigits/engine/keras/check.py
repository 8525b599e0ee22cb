"""The engine's proof: one batch through Keras and through the machine code must give the same numbers.

Loss, every gradient and two steps of the optimiser are compared, on seeded weights and noise for images, so that the
verdict is about the code and not about somebody's data. It is written beside the library and read from there.

The optimiser steps with all that its kernels can do, whatever the model asks for, since the library is the same: with
weight decay, averages, and a learning rate that changes. The second step shows what the first cannot: an average's
beginning, and a moment's correction.
"""

from __future__ import annotations

import json
import math
import os
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tinydigits.engine.compiler.weights import Floats, pack, unpack
from tinydigits.engine.keras.examples import distributions
from tinydigits.engine.keras.rates import read_rule_numbers
from tinydigits.engine.keras.settings import read_loss, read_smoothing
from tinydigits.engine.keras.state import arrays
from tinydigits.engine.runtime.job import Epoch, Examples, State
from tinydigits.engine.runtime.program import Program
from tinydigits.errors import DisagreementError
from tinydigits.formats.keras_bridge import keras_from_network
from tinydigits.formats.keras_refusal import naming_the_layer
from tinydigits.network.layers import Dropout
from tinydigits.network.network import Network
from tinydigits.system.notes import note

if TYPE_CHECKING:
    from pathlib import Path

    import keras

# Which rules a verdict was found by; another number has everything proven anew.
PROOF = 3
# One full group of 16 and one that is not full.
IMAGES = 21
# The largest difference allowed, as a fraction of the largest number in the array; float32 sums differ by about 1e-6.
TOLERANCE = 1e-4
# As many arrays as any optimiser rule keeps beside the weights.
MOST_SLOTS = 2
# A gradient is read off as the change of a weight under plain SGD; so long a step that rounding does not matter.
LONG_STEP = 4096.0
# What a proof's optimiser steps with: each large enough that its loss would show.
FIRST_RATE, RATE_DECAY, WEIGHT_DECAY, AVERAGING = 0.1, 0.5, 0.1, 0.75
STEPS = 2


@dataclass(frozen=True)
class Batch:
    """Images float32, targets as Keras takes them, and how much each image counts."""

    images: Floats
    targets: Any
    weights: Floats


def prove(program: Program, network: Network, model: keras.Model, verdict: Path) -> None:
    """Compares, once for every library, and remembers the outcome in the file `verdict`.

    Raises:
        DisagreementError: says which number differs.
    """
    import keras

    proven = {
        "proof": PROOF,
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "label_smoothing": read_smoothing(model),
    }
    known = read_verdict(verdict)
    if {name: known.get(name) for name in proven} != proven:
        known = {**proven, "disagreement": disagreement(program, network, model)}
        write_verdict(verdict, known)
    if known["disagreement"] is not None:
        raise DisagreementError(
            "native engine", found=known["disagreement"], expected="Keras' own numbers", fix="Keras trains this one."
        )


def read_verdict(file: Path) -> dict[str, Any]:
    try:
        verdict = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return verdict if isinstance(verdict, dict) and "disagreement" in verdict else {}


def write_verdict(file: Path, verdict: dict[str, Any]) -> None:
    """Keep the verdict for the next training; a cache that cannot take it is only a note."""
    partial = file.with_suffix(f".{os.getpid()}.partial")  # others may be at it at the same time
    try:
        partial.write_text(json.dumps(verdict), "utf-8")
        partial.replace(file)
    except OSError as error:
        note(f"the cache cannot keep that this net was compared with Keras, so each process compares again: {error}")
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def disagreement(program: Program, network: Network, model: keras.Model) -> str | None:
    """What differs most between the machine code and Keras on one batch, in words; None where nothing does."""
    slots, weights = program.plan.slots, seeded_weights(network)
    batch = seeded_batch(network, sparse=expects_class_numbers(model))
    loss, after = keras_step(network, weights, batch, model)
    examples = native_batch(program, batch, read_smoothing(model))
    packed_gradient, score = program.gradient(pack(slots, weights), examples)
    differences = {"the loss": difference(np.float32(score.loss), loss)}
    theirs = [(old - new) / LONG_STEP for slot, old, new in zip(slots, weights, after, strict=True) if slot.trained]
    # A bias before a batch normalisation has no gradient but rounding: all are compared with the largest of them.
    largest = max(float(np.abs(gradient).max()) for gradient in theirs)
    for index, pair in enumerate(zip(unpack(program.plan.trained_slots, packed_gradient), theirs, strict=True)):
        differences[f"the gradient of weight array {index}"] = difference(*pair, least=largest)
    differences["the optimiser"] = update_difference(program, model.optimizer, weights, examples)
    differences["the moving statistics"] = statistics_difference(program, model.optimizer, weights, after, examples)
    worst = max(differences, key=lambda name: differences[name])
    return None if differences[worst] <= TOLERANCE else f"{worst} off by {differences[worst]:.1e} of its size"


def difference(ours: Floats | np.float32, theirs: Floats | np.float32, least: float = 1e-6) -> float:
    """The largest difference as a fraction of the largest number, or of `least`; infinite where one is not finite."""
    gap = float(np.max(np.abs(ours - theirs)) / max(float(np.max(np.abs(theirs))), least, 1e-6))
    return gap if np.isfinite(gap) else float("inf")


def seeded_weights(network: Network) -> list[Floats]:
    """Weights under which every layer passes values of about the same size on."""
    random = np.random.default_rng(0)
    return [
        random.normal(0, math.sqrt(2 / max(math.prod(weight.shape[:-1]), 8)), weight.shape).astype(np.float32)
        for weight in network.weights
    ]


def seeded_batch(network: Network, *, sparse: bool) -> Batch:
    """Noise, and targets that favour one class without being certain of it."""
    random = np.random.default_rng(1)
    images = random.uniform(0, 1, (IMAGES, *network.input_shape)).astype(np.float32)
    labels = random.integers(0, network.classes, IMAGES)
    soft = (np.eye(network.classes)[labels] + random.dirichlet(np.ones(network.classes), IMAGES)) / 2
    weights = random.uniform(0.5, 1.5, IMAGES).astype(np.float32)
    return Batch(images, labels if sparse else soft.astype(np.float32), weights)


def expects_class_numbers(model: keras.Model) -> bool:
    return read_loss(model)[1]


def native_batch(program: Program, batch: Batch, smoothing: float) -> Examples:
    one_hot = np.eye(program.plan.classes, dtype=np.float32)
    targets = one_hot[batch.targets] if batch.targets.ndim == 1 else batch.targets
    given = Examples(batch.images, targets, batch.weights)
    return distributions(given, smoothing, "the proof") if program.plan.loss == "cross_entropy" else given


def keras_step(
    network: Network, weights: list[Floats], batch: Batch, model: keras.Model
) -> tuple[np.float32, list[Floats]]:
    """Loss of one batch and all weights after a long step of plain SGD, by Keras alone and whatever its backend."""
    import keras

    still = tuple(replace(layer, rate=0.0) if isinstance(layer, Dropout) else layer for layer in network.layers)
    copy = keras_from_network(Network(network.input_shape, still))
    copy.set_weights(weights)
    # For a single step TensorFlow is quicker without tracing a graph; JAX would compile every operation by itself.
    eagerly = keras.backend.backend() == "tensorflow"
    copy.compile(loss=model.loss, optimizer=keras.optimizers.SGD(LONG_STEP), run_eagerly=eagerly)
    with naming_the_layer(copy, batch.images):
        loss = copy.train_on_batch(batch.images, batch.targets, sample_weight=batch.weights)
    return np.float32(loss), arrays(copy.weights)


def update_difference(
    program: Program, optimizer: keras.optimizers.Optimizer, weights: list[Floats], examples: Examples
) -> float:
    """How far two native steps of an optimiser of this kind are from Keras' own, made with the native gradients."""
    plan, demanding = program.plan, demanding_optimizer(optimizer)
    packed = pack(plan.slots, weights)
    first = trained(program, packed, examples, demanding, steps=1)
    gradients = [program.gradient(at, examples)[0] for at in (packed, first.weights)]
    before = [weight for slot, weight in zip(plan.slots, weights, strict=True) if slot.trained]
    keras_weights, keras_averages = keras_updates(
        demanding, before, [unpack(plan.trained_slots, gradient) for gradient in gradients]
    )
    after = trained(program, packed, examples, demanding, steps=STEPS)
    assert after.averages is not None
    ours = (*unpack(plan.trained_slots, after.weights), *unpack(plan.trained_slots, after.averages))
    theirs, starts = (*keras_weights, *keras_averages), (*before, *before)
    return max(difference(our - start, their - start) for our, their, start in zip(ours, theirs, starts, strict=True))


def statistics_difference(
    program: Program,
    optimizer: keras.optimizers.Optimizer,
    weights: list[Floats],
    after: list[Floats],
    examples: Examples,
) -> float:
    """How far what is not trained is, after a native step, from what Keras has after one."""
    packed = pack(program.plan.slots, weights)
    stepped = trained(program, packed, examples, demanding_optimizer(optimizer), steps=1)
    pairs = zip(program.plan.slots, unpack(program.plan.slots, stepped.weights), after, strict=True)
    return max((difference(ours, theirs) for slot, ours, theirs in pairs if not slot.trained), default=0.0)


def demanding_optimizer(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """A fresh optimiser with the numbers of `optimizer`, and everything switched on."""
    from keras.optimizers.schedules import ExponentialDecay

    numbers = {name: getattr(optimizer, name) for name in type(optimizer)().get_config() if name != "name"}
    asked = {"weight_decay": WEIGHT_DECAY, "use_ema": True, "ema_momentum": AVERAGING}
    return type(optimizer)(**{**numbers, **asked, "learning_rate": ExponentialDecay(FIRST_RATE, 1, RATE_DECAY)})


def trained(
    program: Program, weights: Floats, examples: Examples, optimizer: keras.optimizers.Optimizer, steps: int
) -> State:
    """The state after so many native steps from `weights`, each on all of `examples`."""
    nothing = np.zeros_like(weights)
    images, targets, counts = examples.images, examples.targets, examples.weights
    assert targets is not None
    assert counts is not None
    repeated = Examples(*(np.concatenate([array] * steps) for array in (images, targets, counts)))
    epoch = Epoch(np.arange(len(repeated), dtype=np.int32), len(examples), dropout=False)
    state = State(weights, (nothing,) * MOST_SLOTS, 0, averages=nothing)
    return program.train(state, repeated, epoch, read_rule_numbers(optimizer, 0, steps))[0]


def keras_updates(
    optimizer: keras.optimizers.Optimizer, weights: list[Floats], gradients: list[list[Floats]]
) -> tuple[list[Floats], list[Floats]]:
    """The weights and their averages after the optimiser's first steps, one with each list of gradients."""
    import keras

    variables = [keras.Variable(weight) for weight in weights]
    optimizer.build(variables)
    for of_step in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(gradient) for gradient in of_step], variables)
    return arrays(variables), arrays(optimizer._model_variables_moving_average)
