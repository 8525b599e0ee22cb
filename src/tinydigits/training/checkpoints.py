"""Checkpoints of a training: what is kept between two epochs, and how a later training goes on from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tinydigits.augmentation.settings import Augmentation
from tinydigits.engine.schedule import check_number
from tinydigits.errors import CheckpointError
from tinydigits.formats import checkpoint_file
from tinydigits.formats.checkpoint_file import Saved
from tinydigits.formats.keras_pixels import Pixels
from tinydigits.recipes.identity import deciding_versions, hash_of, model_text, state_hash, values_of
from tinydigits.recipes.recipe import AnyRecipe
from tinydigits.recipes.settings import settings_of
from tinydigits.training.arguments import FitArguments, callback_list

if TYPE_CHECKING:
    import keras

__all__ = ["Checkpoint"]

# Facts that are shown to people; the others are hashes. What differs in layers differs in all that follows from them.
SHOWN = ("seed", "epochs", "batch size", "pixels")
LAYERS = "layers"
# Loss, optimiser and metrics, in Keras' description of a model.
COMPILED = "compile_config"
# Beginning of the name of a fact that is a setting of a recipe, which is shown as well.
SETTING = "setting "


@dataclass(frozen=True)
class Checkpoint:
    """Where, and how often, a training keeps all that it needs to go on after it was ended.

    Attributes:
        path: one file. It is replaced in one step, so that it is whole at any moment, and is not removed at the end.
        every: written after every epoch whose number, counted from 1, is a multiple of this, but not after the last;
            None for what the file to go on from says, or 1.
        resume: go on from the file; begin with the first epoch where there is none.
        facts: more of what decides the training, by name. A file with other facts is refused.

    Raises:
        RecipeError: `every` is no whole number of 1 or more.
    """

    path: Path
    every: int | None = None
    resume: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.every is not None:
            check_number("checkpoint_every", self.every, least=1)


@dataclass(frozen=True, eq=False)
class Keeping:
    """A training whose checkpoints are kept.

    Attributes:
        facts: all that decides it but its engine.
        seed: of shuffling, dropout and augmentation.
        saved: the checkpoint that it goes on from; None where it begins with its first epoch.
    """

    path: Path
    every: int
    facts: Mapping[str, Any]
    seed: int
    saved: Saved | None

    def arguments(self, given: FitArguments, engine: str) -> FitArguments:
        """What `fit` of either engine is given to go on, and to write checkpoints."""
        callbacks = [*callback_list(given.callbacks), keeper(self, engine)]  # last: it keeps what the others changed
        first = given.initial_epoch if self.saved is None else self.saved.epochs
        return replace(given, callbacks=callbacks, initial_epoch=first)

    def whole(self, history: keras.callbacks.History) -> keras.callbacks.History:
        """The history of these epochs with that of the epochs before the checkpoint."""
        if self.saved is not None:
            names = dict.fromkeys([*self.saved.history, *history.history])
            history.history = {
                name: [*self.saved.history.get(name, []), *history.history.get(name, [])] for name in names
            }
            history.epoch = [*range(history.epoch[0] if history.epoch else self.saved.epochs), *history.epoch]
        return history

    def restore(self, model: keras.Model, engine: str) -> None:
        """Sets all variables of the model, and of its optimiser, to those of the checkpoint.

        Raises:
            CheckpointError: the other engine wrote it, or it has other variables.
        """
        if self.saved is None:
            return
        if self.saved.engine != engine:
            raise CheckpointError(
                self.path,
                found=f"a checkpoint of a training by {words_of(self.saved.engine)}",
                expected=f"one by {words_of(engine)}, which trains here",
                fix=f'Go on with --engine {self.saved.engine} (engine="{self.saved.engine}").',
            )
        model.optimizer.build(model.trainable_variables)
        variables = variables_of(model)
        if [tuple(each.shape) for each in variables] != [each.shape for each in self.saved.arrays]:
            raise refusal(self.path, "variables", "", "")
        for variable, value in zip(variables, self.saved.arrays, strict=True):
            variable.assign(value)


def keeping_of(checkpoint: Checkpoint, facts: Mapping[str, Any], seed: int | None, drawn: int) -> Keeping:
    """A training with these facts, and what it goes on from.

    Args:
        seed: as the caller of `fit` gave it; where None, the checkpoint's counts, or else `drawn`.

    Raises:
        CheckpointError: the file is damaged, or belongs to another training.
        OutputError: it cannot be read.
    """
    facts = {**facts, **({} if seed is None else {"seed": seed}), **checkpoint.facts}
    saved = checkpoint_file.read(checkpoint.path) if checkpoint.resume else None
    if saved is None:
        return Keeping(checkpoint.path, checkpoint.every or 1, facts, drawn, None)
    if facts != saved.facts:
        name = most_telling(facts, saved.facts)
        raise refusal(checkpoint.path, name, saved.facts.get(name), facts.get(name))
    return Keeping(checkpoint.path, checkpoint.every or saved.every, facts, saved.seed, saved)


def most_telling(facts: Mapping[str, Any], saved: Mapping[str, Any]) -> str:
    """The name of the fact, of those that differ, that tells most: other layers, or else one that is shown."""
    names = dict.fromkeys([*facts, *saved])
    differing = [name for name in names if name not in facts or name not in saved or facts[name] != saved[name]]
    return min(differing, key=lambda name: (name != LAYERS, not is_shown(name)))


def is_shown(name: str) -> bool:
    return name in SHOWN or name.startswith(SETTING)


def facts_of_recipe(recipe: AnyRecipe, seed: int) -> dict[str, Any]:
    """What decides the training of a recipe, for `Checkpoint.facts`: they are told by name where they differ."""
    return {"seed": seed, **{f"{SETTING}{name}": value for name, value in settings_of(recipe).items()}}


def refusal(path: Path, name: str, saved: Any, wanted: Any) -> CheckpointError:
    shown = is_shown(name)
    had, asked = ("none" if value is None else value for value in (saved, wanted))
    return CheckpointError(
        path,
        found=f"a checkpoint of a training with {f'{name} {had}' if shown else f'other {name}'}",
        expected=f"{name} {asked}" if shown else f"the {name} of this training",
        fix="Give what that training was given, or remove the file to begin anew.",
    )


def words_of(engine: str) -> str:
    return "the native engine" if engine == "native" else "Keras' own fit"


def facts_of(
    model: keras.Model, arguments: FitArguments, pixels: Pixels, augmentation: Augmentation | None
) -> dict[str, Any]:
    """What decides a call of `fit`, but its seed and engine. Code of the user's own in the model is not looked at."""
    from keras import backend

    varied = None if augmentation is None else asdict(augmentation)
    described = model_text(model) or {}
    return {
        "epochs": arguments.epochs,
        "batch size": arguments.batch_size,
        "pixels": pixels,
        "order of images": bool(arguments.shuffle),
        "augmentation": text_hash(varied),
        LAYERS: text_hash({name: value for name, value in described.items() if name != COMPILED}),
        "loss or optimiser": text_hash(described.get(COMPILED)),
        "weights at the beginning": state_hash(model),
        "training images or labels": arrays_hash(arguments.x, arguments.y, arguments.sample_weight),
        "validation images or labels": arrays_hash(arguments.validation_data),
        "weights of classes, or part for validation": text_hash([arguments.class_weight, arguments.validation_split]),
        "versions of Keras, its backend, NumPy or tinydigits": text_hash(deciding_versions(backend.backend())),
    }


def text_hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def arrays_hash(*values: Any) -> str:
    """The hash of all NumPy arrays in some values; what comes from data sets and generators is not looked at."""
    from keras import tree

    return hash_of(value for value in tree.flatten(values) if isinstance(value, np.ndarray))


def variables_of(model: keras.Model) -> list[Any]:
    """All variables that training changes: weights, states of random generators, the optimiser's own."""
    inner = [*model.weights, *(variable for layer in model.layers for variable in layer.variables)]
    return [*{id(variable): variable for variable in inner}.values(), *model.optimizer.variables]


def keeper(keeping: Keeping, engine: str) -> keras.callbacks.Callback:
    """The callback that restores the state before the first epoch, and writes it after some."""
    import keras

    class Keeper(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
            keeping.restore(self.model, engine)
            self.history = {
                name: list(values) for name, values in (keeping.saved.history if keeping.saved else {}).items()
            }

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            for name, value in (logs or {}).items():
                self.history.setdefault(name, []).append(float(value))
            done = epoch + 1
            if done % keeping.every == 0 and done < self.params["epochs"]:
                arrays = tuple(values_of(variables_of(self.model)))
                state = Saved(keeping.facts, engine, done, keeping.every, keeping.seed, self.history, arrays)
                checkpoint_file.write(keeping.path, state)

    return Keeper()
