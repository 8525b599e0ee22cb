"""`taught`: what the teachers of a recipe answer, which are trained first where they have not been yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from tinydigits import backend
from tinydigits.data import Splits
from tinydigits.errors import RecipeError
from tinydigits.fitting import Engine
from tinydigits.identity import beginning, data_hash
from tinydigits.network import Network
from tinydigits.progress import OnProgress
from tinydigits.recipe_file import fresh_model
from tinydigits.recipes import Recipe
from tinydigits.soft_targets import SoftTargets, Views
from tinydigits.teachers import soft_targets

Train = Callable[[Recipe, int, OnProgress | None], Network]


def taught(recipe: Recipe, data: Splits, engine: Engine, train: Train, on_progress: OnProgress | None) -> SoftTargets:
    """The answers of the teachers of `recipe`, which has such.

    Args:
        train: trains a recipe with a seed.
    """
    distillation, augmentation = recipe.distillation, recipe.augmentation
    assert distillation is not None
    assert augmentation is not None

    def teach(seed: int) -> Network:
        stage = f"teacher {seed + 1} of {distillation.members}"
        return train(distillation.teacher, seed, on_progress and staged(on_progress, stage))

    teachers = [
        (identity_of(distillation.teacher, data, seed, engine), partial(teach, seed))
        for seed in range(distillation.members)
    ]
    views = Views(augmentation, distillation.views)
    return soft_targets(teachers, data.train.images, views, recipe.epochs, on_progress)


def identity_of(teacher: Recipe, data: Splits, seed: int, engine: Engine) -> str:
    """The hash of all that decides a teacher, the engine as it is asked for.

    Raises:
        RecipeError: that cannot be known.
    """
    import keras

    keras.utils.set_random_seed(seed)
    model = fresh_model(teacher, len(data.train.images))
    identity = beginning(teacher, model, seed, data_hash(data), backend.import_keras()).identity(engine)
    if identity is None:
        raise RecipeError(
            f"teacher `{teacher.name}`",
            found="code that is not Keras' own in its model",
            expected="Keras' own layers, as what a teacher answers is kept and found again",
            fix="Build it of these.",
        )
    return identity


def staged(on_progress: OnProgress, stage: str) -> OnProgress:
    """`on_progress`, told of a stage before the training itself."""
    return lambda progress: on_progress(replace(progress, stage=stage))
