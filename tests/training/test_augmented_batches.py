import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from tinydigits.augmentation.reference import augmented as augmented_by_numpy
from tinydigits.augmentation.settings import AFFINE, PHOTOGRAPHED, Augmentation
from tinydigits.data.dataset import scaled
from tinydigits.engine.compiler import build
from tinydigits.engine.keras.epochs import shuffled
from tinydigits.engine.runtime.augment import augmented
from tinydigits.training.augmented_batches import ImageSource, augmented_batches


@pytest.fixture
def lessons(few_digits):
    """50 digits in batches of 16: the last has 2."""
    return ImageSource(few_digits.images[:50], np.arange(50.0), (28, 28, 1), 16, seed=3)


def epoch_of(batches, starter=None, *, steps=0, epoch=0, epochs=10):
    """(x, y) of a whole epoch."""
    if starter:
        model = keras.Sequential()
        model.optimizer = keras.optimizers.SGD()
        model.optimizer.iterations.assign(steps)
        starter.set_model(model)
        starter.set_params({"epochs": epochs})
        starter.on_epoch_begin(epoch)
    parts = [batches[index] for index in range(len(batches))]
    return tuple(np.concatenate(arrays) for arrays in zip(*parts, strict=True))


def test_an_epoch_is_one_permutation_of_images_with_their_targets(lessons):
    x, y = epoch_of(*augmented_batches(lessons, Augmentation(), shuffle=True), steps=7)
    order = shuffled(np.arange(50, dtype=np.int32), 3, 7)
    np.testing.assert_array_equal(y, order)
    np.testing.assert_array_equal(x, scaled(lessons.images)[order][..., None])


def test_without_shuffling_images_come_as_they_lie(lessons):
    _, y = epoch_of(*augmented_batches(lessons, AFFINE, shuffle=False))
    np.testing.assert_array_equal(y, np.arange(50))


@pytest.mark.parametrize(("epoch", "strength"), [(0, 1.0), (6, 1.0), (7, 0.5), (9, 0.5)])
def test_pictures_are_those_of_the_steps_taken_and_the_epochs_strength(lessons, epoch, strength):
    x, _ = epoch_of(*augmented_batches(lessons, PHOTOGRAPHED, shuffle=False), steps=4 * epoch, epoch=epoch)
    expected = augmented(lessons.images, 3, 4 * epoch, PHOTOGRAPHED, strength)
    np.testing.assert_array_equal(x[..., 0], scaled(expected))


def test_without_a_compiler_numpy_makes_the_same_pictures(lessons, monkeypatch):
    x, _ = epoch_of(*augmented_batches(lessons, PHOTOGRAPHED, shuffle=True), steps=5)
    monkeypatch.setattr(build, "candidates", list)
    build.find_compiler.cache_clear()
    without, _ = epoch_of(*augmented_batches(lessons, PHOTOGRAPHED, shuffle=True), steps=5)
    build.find_compiler.cache_clear()
    np.testing.assert_array_equal(without, x)


def test_numpy_makes_many_images_piece_by_piece(few_digits):
    images = np.tile(few_digits.images, (3, 1, 1))
    expected = augmented(images, 1, 2, PHOTOGRAPHED)
    np.testing.assert_array_equal(augmented_by_numpy(images, 1, 2, PHOTOGRAPHED), expected)


JAX = """
import keras, numpy as np, tinydigits
from tinydigits.augmentation import AFFINE
from tinydigits.data import mnist
from tinydigits.recipes.recipe import RECIPES, compiled
digits = mnist().train[:100]
for engine in ("native", "keras"):
    keras.utils.set_random_seed(0)
    model = compiled(RECIPES["mlp"])
    targets = np.eye(10)[digits.labels]
    settings = {"seed": 3, "augmentation": AFFINE, "pixels": "0-1", "verbose": 0}
    tinydigits.fit(model, digits.images, targets, engine=engine, **settings)
    np.save(engine, model.get_weights()[0])
"""


def test_with_jax_keras_takes_the_same_steps_as_the_engine(tmp_path):
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    subprocess.run([sys.executable, "-c", JAX], env=environment, cwd=tmp_path, check=True)
    native, by_keras = (np.load(tmp_path / f"{engine}.npy") for engine in ("native", "keras"))
    np.testing.assert_allclose(native, by_keras, rtol=1e-3, atol=1e-6)
