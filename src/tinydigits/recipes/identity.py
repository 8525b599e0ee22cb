"""The identity of a run: one hash of everything that decides its outcome. Names do not count.

In it: the recipe's settings; the model's layers and options, its weights and its optimiser's state before the first
step; the seed; every image and label; what trained it; and the versions of the packages that compute. Not in it: the
names of recipes, functions, layers and folders; the processor and the number of threads, which change what Keras' own
fit gives by rounding.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.data.dataset import Splits
from tinydigits.formats.keras_pixels import Pixels, pixels_of
from tinydigits.recipes.load import serialized
from tinydigits.recipes.recipe import AnyRecipe
from tinydigits.system.versions import training_versions

if TYPE_CHECKING:
    import keras

# Keys of a Keras configuration under which layers are referred to by name.
REFERENCES = ("keras_history", "input_layers", "output_layers", "inbound_nodes")


@dataclass(frozen=True)
class Beginning:
    """Everything that decides a training, except the engine.

    Attributes:
        facts: as one text; None where there is code in the model that is not Keras': nobody knows when it changes.
    """

    facts: str | None

    def identity(self, engine: str) -> str | None:
        """The hash of a training by `engine` ("native" or "keras")."""
        return self.facts and hashlib.sha256(f"{engine}\n{self.facts}".encode()).hexdigest()


def beginning(
    recipe: AnyRecipe, model: keras.Model, seed: int, data: str, backend: str, pixels: Pixels | None = None
) -> Beginning:
    """Returns what decides the training of `model`, which is built and not yet trained.

    Args:
        data: `data_hash` of what it is trained and judged on.
        backend: the name of Keras' backend.
        pixels: the range of the pixels that the model is given; None for what its first layers say.
    """
    described = model_text(model)
    if described is None:
        return Beginning(None)
    settings = {key: value for key, value in recipe.as_json().items() if key not in ("name", "model")}
    facts = {
        "recipe": settings,
        "model": described,
        "state": state_hash(model),
        "seed": seed,
        "data": data,
        "versions": deciding_versions(backend),
        # What the layers say is in the model already.
        **({} if pixels in (None, pixels_of(model)) else {"pixels": pixels}),
    }
    return Beginning(json.dumps(facts, sort_keys=True, default=str))


def model_text(model: keras.Model) -> Any:
    """Layers, loss and optimiser of a compiled model as JSON-like values; None where some of it is not Keras' own."""
    try:
        described = serialized(model)
    except (NotImplementedError, TypeError, ValueError):  # a class of the user's own, without get_config
        return None
    return nameless(described, layer_numbers(described)) if all(map(is_keras, parts(described))) else None


def state_hash(model: keras.Model) -> str:
    """SHA-256 of the values of weights and optimiser."""
    return hash_of(values_of([*model.weights, *model.optimizer.variables]))


def deciding_versions(backend: str) -> dict[str, str]:
    """The versions of the packages that compute."""
    return {key: value for key, value in training_versions(backend).items() if key not in ("python", "hardware")}


def data_hash(splits: Splits) -> str:
    """SHA-256 of every image and label, split by split."""
    present = [part for part in (splits.train, splits.validation, splits.test) if part is not None]
    return hash_of(array for part in present for array in (part.images, part.labels))


def hash_of(arrays: Iterable[NDArray[Any]]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def values_of(variables: list[Any]) -> Iterator[NDArray[Any]]:
    from keras import ops

    return (np.asarray(ops.convert_to_numpy(variable)) for variable in variables)


# ---- a Keras configuration, as JSON-like values ----


def parts(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yields every mapping in a configuration, at any depth."""
    if isinstance(value, Mapping):
        yield value
        value = value.values()
    if not isinstance(value, str) and hasattr(value, "__iter__"):
        for each in value:
            yield from parts(each)


def is_keras(part: Mapping[str, Any]) -> bool:
    """Whether a part of a configuration describes an object of Keras. Lambdas do not: they hold byte code."""
    own = str(part.get("module") or "keras").split(".")[0] == "keras"
    code = part.get("class_name") in ("Lambda", "__lambda__") or isinstance(part.get("value"), tuple)
    return own and not code


def layer_numbers(described: Any) -> dict[str, int]:
    """Maps names of layers to numbers, in order. The names themselves count up from model to model."""
    names = [layer["config"].get("name") for part in parts(described) for layer in layers_in(part)]
    return {name: number for number, name in enumerate(dict.fromkeys(names))}


def layers_in(part: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    layers = part.get("layers")
    return layers if isinstance(layers, list) else []


def nameless(value: Any, numbers: Mapping[str, int], *, refers: bool = False) -> Any:
    """Returns a configuration without names (except of number formats); layers are referred to by number."""
    if isinstance(value, Mapping):
        if str(value.get("class_name")).endswith("DTypePolicy"):
            return value
        return {
            key: nameless(each, numbers, refers=refers or key in REFERENCES)
            for key, each in value.items()
            if key != "name"
        }
    if isinstance(value, list | tuple):
        return [nameless(each, numbers, refers=refers) for each in value]
    return numbers.get(value, value) if refers and isinstance(value, str) else value
