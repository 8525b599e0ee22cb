"""Loads a RECIPE, as it is given on the command line.

RECIPE is the bare name of a shipped one, `FILE.py:FUNCTION`, or `FILE.keras`. The function takes nothing and returns a
`Recipe`, or a Keras model that is compiled with `metrics=["accuracy"]`. A Python file is its user's own program: it
is run. A `.keras` file may come from anyone: it is read in Keras' safe mode, with Keras' own layers alone.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinydigits.errors import RecipeError, first_line
from tinydigits.formats.keras_file import read_keras
from tinydigits.recipes.keras_recipe import KerasRecipe
from tinydigits.recipes.recipe import RECIPES, AnyRecipe, Recipe, compiled
from tinydigits.recipes.trial import try_out
from tinydigits.system import backend

if TYPE_CHECKING:
    import keras


def name_of(text: str) -> str:
    """Returns the name of a RECIPE and of its run folder: the shipped name, FUNCTION, or FILE. Reads no file."""
    return text.rpartition(":")[2] if ".py:" in text else Path(text).stem if text.endswith(".keras") else text


def recipe_from(text: str, *, trial: bool = True) -> AnyRecipe:
    """Returns the recipe that RECIPE stands for; `name_of` gives the name of one from a file.

    Args:
        trial: train one blank batch first, to find out now what Keras would refuse later.

    Raises:
        RecipeError: there is none, its file fails, or what it returns cannot be trained on digits.
        ModelError: a `.keras` file that cannot be read safely.
        MissingDependencyError: Keras is needed and not installed.
    """
    if text in RECIPES:
        return RECIPES[text]
    file, colon, function = text.rpartition(":")
    if colon and file.endswith(".py") and function.isidentifier():
        return python_recipe(text, existing(Path(file), text), function, trial)
    if text.endswith(".keras"):
        return keras_recipe(text, existing(Path(text), text), trial)
    nameless = text.endswith((".py", ".py:"))
    raise RecipeError(
        "recipe",
        found=f"`{text}`" + (", without the name of a function" if nameless else ""),
        expected=f"one of {', '.join(RECIPES)}, FILE.py:FUNCTION or FILE.keras",
        fix="Add :FUNCTION." if nameless else "Check the name; `tinydigits models` lists shipped ones.",
    )


def existing(path: Path, text: str) -> Path:
    if not path.is_file():
        raise RecipeError(
            f"recipe `{text}`", found=f"no file {path}", expected="an existing file", fix="Check the path."
        )
    return path


def keras_recipe(text: str, path: Path, trial: bool) -> KerasRecipe:
    """A recipe that continues from the weights and the optimiser's state in the file."""
    return of_models(text, lambda: read_keras(path), trial)


def python_recipe(text: str, path: Path, function: str, trial: bool) -> AnyRecipe:
    """The recipe that a function of a Python file returns."""
    backend.import_keras()  # quietly, before the file does
    make = function_in(path, function, text)
    made = make()
    if not isinstance(made, Recipe):
        return of_models(text, make, trial)
    recipe = replace(made, name=name_of(text))
    try_out(lambda: compiled(recipe, recipe.batch_size), text, trial)
    return recipe


def function_in(path: Path, name: str, text: str) -> Callable[[], Any]:
    """Returns the function, wrapped so that its errors are explained. Its file can import modules beside it."""
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)
    # A unique name, so that `nets.py` hides no other module and no other `nets.py`.
    known_as = f"recipe_file_{path.stem}_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(known_as, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[known_as] = importlib.util.module_from_spec(spec)
    with explained(path, text):
        spec.loader.exec_module(module)
    function = getattr(module, name, None)
    if not callable(function):
        raise RecipeError(
            f"recipe `{text}`", found=f"no function `{name}` in {path}", expected="one", fix=f"Define {name}() there."
        )

    def make() -> Any:
        with explained(path, text):
            return function()

    return make


@contextmanager
def explained(path: Path, text: str) -> Iterator[None]:
    """Turns any exception of the user's code into a RecipeError that names the line."""
    try:
        yield
    except (Exception, SystemExit) as error:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if Path(frame.filename).resolve() == path.resolve()]
        where = f" (line {lines[-1]} of {path})" if lines else ""
        raise RecipeError(
            f"recipe `{text}`",
            found=f"{type(error).__name__}: {first_line(error)}{where}",
            expected="a file and a function that run",
            fix="Mend that; running the file with Python shows more.",
        ) from error


def of_models(text: str, build: Callable[[], Any], trial: bool) -> KerasRecipe:
    model = try_out(build, text, trial)
    return KerasRecipe(name_of(text), text, build, settings_of(model))


def settings_of(model: keras.Model) -> dict[str, Any]:
    """Optimiser and loss of a compiled model as JSON values."""
    optimizer = {**model.optimizer.get_config(), "name": type(model.optimizer).__name__}
    return {
        "optimizer": {key: serialized(value) for key, value in optimizer.items()},
        "loss": serialized(model.loss),
    }


def serialized(thing: Any) -> Any:
    """Returns a Keras object as JSON-like values, without Keras' warning about lambdas."""
    import keras

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The object being serialized includes a `lambda`")
        return keras.saving.serialize_keras_object(thing)
