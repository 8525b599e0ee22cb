"""Recipes: everything needed to train one net, as frozen settings."""

from tinydigits.recipes.optimizers import SGD, Adam, AdamW, OneCycle
from tinydigits.recipes.recipe import RECIPES, Recipe

__all__ = ["RECIPES", "SGD", "Adam", "AdamW", "OneCycle", "Recipe"]
