"""`fit`: trains a compiled Keras model in place by machine code, with Keras' own callbacks and history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.augmentation import Augmentation, check_pixels
from tinydigits.engine import check
from tinydigits.engine.augment import Augmenter
from tinydigits.engine.build import build
from tinydigits.engine.emit import emit
from tinydigits.engine.examples import distributions, examples
from tinydigits.engine.keras_state import read_state, read_weights, write_state, write_weights
from tinydigits.engine.plan import Plan
from tinydigits.engine.planner import make_plan
from tinydigits.engine.program import Epoch, Examples, NonFiniteStep, Program, Score, State, Variation
from tinydigits.engine.rates import read_rule_numbers
from tinydigits.engine.settings import Settings, check_callbacks, read_settings
from tinydigits.errors import NonFiniteError, RecipeError, UnsupportedError, UnsupportedLayerError
from tinydigits.keras_bridge import network_from_keras
from tinydigits.network import Network

if TYPE_CHECKING:
    import keras

OnSlice = Callable[[int, float, float, float], None]


@dataclass(frozen=True)
class Schedule:
    """How long, in which order and how images are varied: the same for every epoch."""

    epochs: int
    batch_size: int
    seed: int
    shuffle: bool
    augmentation: Augmentation | None = None

    def __post_init__(self) -> None:
        for name, value, least in (("batch_size", self.batch_size, 1), ("epochs", self.epochs, 0)):
            if value < least:
                raise RecipeError(name, found=str(value), expected=f"{least} or more", fix=f"Give another {name}.")


@dataclass(frozen=True, eq=False)
class Trainer:
    """A Keras model with the program that trains it."""

    model: keras.Model
    settings: Settings
    program: Program
    on_slice: OnSlice | None = None
    augmenter: Augmenter | None = None

    def tell(self, epoch: int, done: float, score: Score) -> None:
        """Passes the news of one slice on."""
        if self.on_slice:
            self.on_slice(epoch, done, score.loss, score.accuracy)

    def variation(self, schedule: Schedule, epoch: int) -> Variation | None:
        """How the images of an epoch are varied."""
        if self.augmenter is None or schedule.augmentation is None:
            return None
        return self.augmenter.variation(schedule.augmentation, schedule.augmentation.strength(epoch, schedule.epochs))

    def logs(self, score: Score, prefix: str = "") -> dict[str, float]:
        """A score under the names that Keras gives it, in Keras' order."""
        accuracy = {} if self.settings.metric is None else {self.settings.metric: score.accuracy}
        return {f"{prefix}{name}": value for name, value in sorted({**accuracy, "loss": score.loss}.items())}


def fit(
    model: keras.Model,
    x: Any,
    y: Any,
    *,
    batch_size: int = 32,
    epochs: int = 1,
    validation_data: tuple[Any, Any] | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    seed: int = 0,
    shuffle: bool = True,
    augmentation: Augmentation | None = None,
    threads: int | None = None,
    on_slice: OnSlice | None = None,
) -> keras.callbacks.History:
    """Trains `model` in place, as `model.fit` would.

    Args:
        model: a compiled `keras.Sequential`.
        x: uint8, scaled by 1/255 on the way, or float32; `[n, *input shape]`.
        y: what the model's loss expects.
        validation_data: (x, y) to be scored after every epoch.
        seed: decides the order of images and what dropout drops; with it the weights are the same on every run.
        augmentation: how each image, then uint8, is varied before it is learnt from; never where it is scored.
        threads: how many to use at most, by default every core; the weights do not depend on it.
        on_slice: told several times a second: epoch from 0, fraction of it that is done, loss and accuracy so far.

    Raises:
        EngineError: the engine cannot train this model here; one line says why, and Keras' own `fit` can.
        DataError: the arrays do not fit the model.
        RecipeError: `augmentation` of images that are not uint8.
        NonFiniteError: a loss or weight became infinite or no number; the model holds the last finite weights.
    """
    schedule = Schedule(epochs, batch_size, seed, shuffle, augmentation)
    check_callbacks(callbacks)
    settings = read_settings(model)
    network = network_of(model)
    train = read_examples((x, y), network, settings, "training data")
    validation = None
    if validation_data is not None:
        validation = read_examples(validation_data, network, settings, "validation data")
    augmenter = augmenter_of(train, network, augmentation)
    trainer = Trainer(model, settings, compiled(model, network, settings, threads), on_slice, augmenter)
    return run_epochs(trainer, train, validation, schedule, callbacks)


def read_examples(pair: tuple[Any, Any], network: Network, settings: Settings, name: str) -> Examples:
    """The pair (x, y), with targets as the loss compares them."""
    given = examples(pair, network, sparse=settings.sparse, name=name)
    return distributions(given, settings.smoothing, name) if settings.loss == "cross_entropy" else given


def augmenter_of(train: Examples, network: Network, augmentation: Augmentation | None) -> Augmenter | None:
    if augmentation is None:
        return None
    check_pixels(train.images.dtype)
    return Augmenter(network.input_shape)


def network_of(model: keras.Model) -> Network:
    try:
        return network_from_keras(model)
    except UnsupportedLayerError as error:
        raise UnsupportedError(error.subject, found=error.found, expected=error.expected, fix=error.fix) from error


def compiled(model: keras.Model, network: Network, settings: Settings, threads: int | None) -> Program:
    """The program that trains `model`, proven against Keras."""
    plan = make_plan(network, settings.loss, settings.rule)
    library = build(emit(plan))
    program = Program(plan, library, threads)
    check.prove(program, network, model, library.with_suffix(".json"))
    return program


def run_epochs(
    trainer: Trainer,
    train: Examples,
    validation: Examples | None,
    schedule: Schedule,
    callbacks: Sequence[keras.callbacks.Callback],
) -> keras.callbacks.History:
    """All epochs, with what Keras' `fit` does around each."""
    from keras.callbacks import CallbackList

    model, logs = trainer.model, None
    steps = -(-len(train) // schedule.batch_size)
    hooks = CallbackList(list(callbacks), add_history=True, model=model, epochs=schedule.epochs, steps=steps, verbose=0)
    model.stop_training = False
    hooks.on_train_begin()
    for epoch in range(schedule.epochs):
        hooks.on_epoch_begin(epoch)
        logs = train_epoch(trainer, train, schedule, epoch)
        if validation is not None:
            logs |= validate(trainer, validation, hooks)
        hooks.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    if schedule.epochs > 0:
        finish(model)
    hooks.on_train_end(logs)
    return model.history


def finish(model: keras.Model) -> None:
    """What Keras' `fit` does after the last epoch: an optimiser that averages weights puts the averages in their place.

    Validation before this saw the weights of the last step.
    """
    model.optimizer.finalize_variable_values(model.trainable_variables)


def train_epoch(trainer: Trainer, train: Examples, schedule: Schedule, epoch: int) -> dict[str, float]:
    """One epoch from what the model holds, which callbacks may have changed, to what it then holds; and its logs."""
    model, program = trainer.model, trainer.program
    state = read_state(model, program.plan)
    steps = -(-len(train) // schedule.batch_size)
    chance, numbers = epoch_of(state, len(train), schedule), read_rule_numbers(model.optimizer, state.iterations, steps)
    chance = replace(chance, variation=trainer.variation(schedule, epoch))
    try:
        after, score = program.train(state, train, chance, numbers, partial(trainer.tell, epoch))
    except NonFiniteStep as stop:
        write_weights(model, program.plan, stop.state.weights)
        raise NonFiniteError(
            "training",
            found=f"a loss or weight that is not finite in epoch {epoch + 1}, step {stop.step + 1}",
            expected="finite numbers",
            fix="The model holds the last finite weights. Lower the learning rate, or look for broken images.",
        ) from None
    write_whole(model, program.plan, after)
    return trainer.logs(score)


def write_whole(model: keras.Model, plan: Plan, state: State) -> None:
    """Writes `state` into the model; a Ctrl-C half-way is obeyed once all of it is there."""
    try:
        write_state(model, plan, state)
    except KeyboardInterrupt:
        write_state(model, plan, state)
        raise


def epoch_of(state: State, images: int, schedule: Schedule) -> Epoch:
    """The next epoch; chance is keyed by the steps already taken, so that training goes on as if never interrupted."""
    order = np.arange(images, dtype=np.int32)
    if schedule.shuffle:
        order = shuffled(order, schedule.seed, state.iterations)
    return Epoch(order, schedule.batch_size, schedule.seed, state.iterations)


def shuffled(order: NDArray[np.int32], seed: int, iterations: int) -> NDArray[np.int32]:
    return np.random.default_rng((seed, iterations)).permutation(order)


def validate(trainer: Trainer, validation: Examples, hooks: keras.callbacks.CallbackList) -> dict[str, float]:
    """The validation score of what the model holds between Keras' own hooks for it: one may put averages there."""
    hooks.on_test_begin()
    score = trainer.program.score(read_weights(trainer.model, trainer.program.plan), validation)
    hooks.on_test_end(trainer.logs(score))
    return trainer.logs(score, "val_")
