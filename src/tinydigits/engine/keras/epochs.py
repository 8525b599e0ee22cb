"""The epochs of a native training: what Keras' `fit` does around each of them, and at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tinydigits.engine.compiler.plan import Plan
from tinydigits.engine.keras.rates import read_rule_numbers
from tinydigits.engine.keras.settings import Settings
from tinydigits.engine.keras.state import read_state, read_weights, write_state, write_weights
from tinydigits.engine.runtime.augment import Augmenter
from tinydigits.engine.runtime.job import Epoch, Examples, NonFiniteStep, Score, State, Variation
from tinydigits.engine.runtime.program import Program
from tinydigits.engine.schedule import Schedule
from tinydigits.errors import NonFiniteError

if TYPE_CHECKING:
    import keras

OnSlice = Callable[[int, float, float, float], None]


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


def run_epochs(
    trainer: Trainer,
    train: Examples,
    validation: Examples | None,
    schedule: Schedule,
    callbacks: Sequence[keras.callbacks.Callback],
) -> keras.callbacks.History:
    """All epochs, with what Keras' `fit` does around each."""
    from keras.callbacks import CallbackList, ProgbarLogger

    model, logs = trainer.model, None
    steps = schedule.steps(len(train))
    hooks = CallbackList(
        list(callbacks),
        add_history=True,
        add_progbar=schedule.verbose != 0,
        model=model,
        epochs=schedule.epochs,
        steps=steps,
        verbose=schedule.verbose,
    )
    bars = [callback for callback in hooks.callbacks if type(callback) is ProgbarLogger]
    trainer = replace(trainer, on_slice=also_in_bars(trainer.on_slice, bars, trainer.settings.metric, steps))
    model.stop_training = False
    hooks.on_train_begin()
    epoch = None
    for epoch in range(schedule.initial_epoch, schedule.epochs):
        hooks.on_epoch_begin(epoch)
        logs = train_epoch(trainer, train, schedule, epoch)
        if validation is not None and schedule.validates(epoch):
            logs |= validate(trainer, validation, hooks)
        hooks.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    if epoch is not None and model.optimizer.use_ema:
        take_averages(trainer, train, schedule, epoch)
    hooks.on_train_end(logs)
    return model.history


def also_in_bars(
    on_slice: OnSlice | None, bars: Sequence[keras.callbacks.Callback], metric: str | None, steps: int
) -> OnSlice | None:
    """`on_slice`, which then also moves Keras' progress bars."""
    if not bars:
        return on_slice

    def tell(epoch: int, done: float, loss: float, accuracy: float) -> None:
        logs = {"loss": loss} if metric is None else {metric: accuracy, "loss": loss}
        for bar in bars:
            bar.on_train_batch_end(max(round(done * steps) - 1, 0), logs)
        if on_slice:
            on_slice(epoch, done, loss, accuracy)

    return tell


def take_averages(trainer: Trainer, train: Examples, schedule: Schedule, epoch: int) -> None:
    """What Keras' `fit` does after the last epoch: the averages of the weights take their place.

    Validation before this saw the weights of the last step. Moving statistics are of those weights, too, and are found
    anew for the averages: as the means over one more epoch like the last. Keras would leave them.
    """
    model, program = trainer.model, trainer.program
    model.optimizer.finalize_variable_values(model.trainable_variables)
    if not program.plan.norms:
        return
    state = read_state(model, program.plan)
    steps = schedule.steps(len(train))
    chance = replace(epoch_of(state, len(train), schedule), variation=trainer.variation(schedule, epoch), still=True)
    numbers = read_rule_numbers(model.optimizer, state.iterations, steps)
    after, _ = program.train(state, train, chance, numbers)
    write_weights(model, program.plan, after.weights)


def train_epoch(trainer: Trainer, train: Examples, schedule: Schedule, epoch: int) -> dict[str, float]:
    """One epoch from what the model holds, which callbacks may have changed, to what it then holds; and its logs."""
    model, program = trainer.model, trainer.program
    state = read_state(model, program.plan)
    steps = schedule.steps(len(train))
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
