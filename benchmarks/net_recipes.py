"""Recipes for the nets to time, by name: the shipped ones, V and S.

V and S train for three epochs, which is for timing: their learning rate's one cycle takes however many there are.
"""

from __future__ import annotations

from dataclasses import replace

from nets import net_s

from tinydigits.recipes import nets as models
from tinydigits.recipes import recipe as recipes
from tinydigits.recipes.recipe import CROSS_ENTROPY, AdamW, OneCycle, Recipe

V = Recipe(
    "V",
    models.sprint,
    AdamW(OneCycle(peak=0.02), weight_decay=0.02),
    epochs=3,
    batch_size=128,
    loss=CROSS_ENTROPY,
    label_smoothing=0.05,
)
RECIPES = {**recipes.RECIPES, "V": V, "S": replace(V, name="S", model=net_s)}


def recipe_for(net: str, epochs: int | None) -> Recipe:
    """The net's recipe, with so many epochs instead of its own unless None."""
    return RECIPES[net] if epochs is None else replace(RECIPES[net], epochs=epochs)
