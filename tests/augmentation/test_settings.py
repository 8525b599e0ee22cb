from dataclasses import FrozenInstanceError, fields, replace

import numpy as np
import pytest
from scipy.interpolate import BSpline

from tinydigits.augmentation.settings import AFFINE, NODES, ONE, PART, SPANS, Augmentation, spline_weights
from tinydigits.errors import RecipeError
from tinydigits.recipes.recipe import RECIPES


def test_settings_are_frozen_and_off_unless_given():
    with pytest.raises(FrozenInstanceError):
        AFFINE.rotation = 1.0
    assert set(Augmentation().amplitudes()) == {0}


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf"), "much"])
@pytest.mark.parametrize("name", [field.name for field in fields(Augmentation)])
def test_what_cannot_be_an_amplitude_is_refused_by_name(name, value):
    with pytest.raises(RecipeError, match=rf"augmentation: found {name}=.*expected a (whole )?number from 0"):
        Augmentation(**{name: value})


@pytest.mark.parametrize(("name", "value"), [("scale", 0.6), ("shear", 1.1), ("line_chance", 1.01), ("blur", 2)])
def test_what_is_too_much_is_refused_with_the_limit(name, value):
    with pytest.raises(RecipeError, match=rf"{name}={value}; expected a number from 0 to (0\.5|1)\."):
        Augmentation(**{name: value})


def test_the_last_epochs_are_gentler():
    assert [AFFINE.strength(epoch, 6) for epoch in range(6)] == [1, 1, 1, 0.5, 0.5, 0.5]
    assert [replace(AFFINE, gentle_epochs=0).strength(epoch, 2) for epoch in range(2)] == [1, 1]
    assert AFFINE.strength(0, 1) == 0.5


def test_strength_scales_every_amplitude_but_how_often_a_side_is_cut():
    whole = Augmentation(**dict.fromkeys(Augmentation().amplitudes()._fields, 0.4))
    half = whole.amplitudes(0.5)._asdict()
    assert half.pop("cut_chance") == round(0.4 * ONE)
    assert set(half.values()) == {round(0.2 * ONE)}
    with pytest.raises(RecipeError, match=r"strength=1\.5"):
        whole.amplitudes(1.5)


@pytest.mark.parametrize("length", [1, 5, 28, 31])
def test_the_weights_between_nodes_are_cubic_b_splines(length):
    positions = (np.arange(length) + 0.5) * SPANS / length
    splines = [BSpline.basis_element(np.arange(node - 3, node + 2), extrapolate=False) for node in range(NODES)]
    expected = np.nan_to_num(np.stack([spline(positions) for spline in splines], axis=1))
    np.testing.assert_allclose(np.array(spline_weights(length)) / PART, expected, atol=0.51 / PART)


def test_a_recipe_carries_its_augmentation_and_says_so():
    recipe = replace(RECIPES["cnn"], augmentation=AFFINE)
    assert recipe.as_json()["augmentation"]["rotation"] == 0.2
    assert "augmentation" not in RECIPES["cnn"].as_json()
