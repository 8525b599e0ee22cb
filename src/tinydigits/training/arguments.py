"""The arguments of Keras' `fit`, and which of them the native engine takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from tinydigits.errors import UnsupportedError

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

# Keras' own default.
BATCH_SIZE = 32
# NumPy's kinds of numbers: truth values, whole numbers with and without sign, fractions, complex numbers.
NUMBERS = "biufc"
# (x, y), or (x, y, sample weights).
Pair = tuple["NDArray[Any]", ...]


@dataclass(frozen=True, eq=False)
class FitArguments:
    """What a caller gave to `fit`, under Keras' own names; each has the meaning that Keras' documentation gives it."""

    x: Any = None
    y: Any = None
    batch_size: int | None = None
    epochs: int = 1
    verbose: str | int = "auto"
    callbacks: Any = None
    validation_split: float = 0.0
    validation_data: Any = None
    shuffle: bool | str = True
    class_weight: Any = None
    sample_weight: Any = None
    initial_epoch: int = 0
    steps_per_epoch: int | None = None
    validation_steps: int | None = None
    validation_batch_size: int | None = None
    validation_freq: int | Sequence[int] = 1

    def as_dict(self) -> dict[str, Any]:
        """The arguments as Keras' `fit` takes them."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def callback_list(callbacks: Any) -> list[keras.callbacks.Callback]:
    """One callback or many, as a list; flattened as Keras does."""
    from keras import tree

    return list(tree.flatten(callbacks)) if callbacks else []


def native_data(arguments: FitArguments) -> tuple[Pair, Pair | None]:
    """The training and validation pairs (x, y) as NumPy arrays.

    Raises:
        UnsupportedError: names the argument that the native engine does not take.
    """
    check_supported(arguments)
    arrays = as_arrays("x", (arguments.x, arguments.y))
    if arguments.sample_weight is not None:
        arrays = (*arrays, as_array("sample_weight", arguments.sample_weight))
    if arguments.validation_data is not None:
        return weighted(arrays, arguments.class_weight), validation_pair(arguments.validation_data)
    if not arguments.validation_split:
        return weighted(arrays, arguments.class_weight), None
    if not is_number(arguments.validation_split):
        raise unsupported("validation_split", repr(arguments.validation_split), "a number")
    if not 0 < arguments.validation_split < 1 or len({len(array) for array in arrays}) > 1:
        raise unsupported("validation_split", str(arguments.validation_split), "between 0 and 1")
    first = int(np.floor(len(arrays[0]) * (1 - arguments.validation_split)))  # as Keras rounds
    if not 0 < first < len(arrays[0]):
        found = f"{arguments.validation_split} of {len(arrays[0])} images"
        raise unsupported("validation_split", found, "images in both")
    train, validation = tuple(array[:first] for array in arrays), tuple(array[first:] for array in arrays)
    return weighted(train, arguments.class_weight), validation


def weighted(arrays: Pair, class_weight: Any) -> Pair:
    """The training arrays with the sample weights that `class_weight` stands for."""
    if class_weight is None:
        return arrays
    if not isinstance(class_weight, dict) or len(arrays) > 2 or not all(map(is_number, class_weight.values())):
        raise unsupported("class_weight", f"a {type(class_weight).__name__}", "a dict of numbers, and no sample_weight")
    y = arrays[1]
    labels = y.reshape(len(y)) if y.size == len(y) else y.argmax(axis=-1)
    if labels.ndim != 1:
        raise unsupported("class_weight", f"targets of shape {list(y.shape)}", "one class for each image")
    weights = np.ones(len(labels), np.float32)
    for label, weight in class_weight.items():
        weights[np.round(labels) == label] = weight
    return (*arrays, weights)


def check_supported(arguments: FitArguments) -> None:
    """Raise UnsupportedError for an argument that only Keras' own `fit` knows."""
    for name in ("steps_per_epoch", "validation_steps"):
        if getattr(arguments, name) is not None:
            raise unsupported(name, "a value", "None")
    if not isinstance(arguments.shuffle, bool | np.bool_):
        raise unsupported("shuffle", repr(arguments.shuffle), "True or False")
    if not isinstance(arguments.validation_freq, int | list):
        raise unsupported("validation_freq", repr(arguments.validation_freq), "a whole number or a list of them")
    sizes = [name for name in ("batch_size", "validation_batch_size") if getattr(arguments, name) is not None]
    for name in ("epochs", "initial_epoch", *sizes):
        if not isinstance(getattr(arguments, name), int | np.integer):
            raise unsupported(name, repr(getattr(arguments, name)), "a whole number")
    if arguments.epochs < 0 or (arguments.batch_size is not None and arguments.batch_size < 1):
        name = "epochs" if arguments.epochs < 0 else "batch_size"
        raise unsupported(name, str(getattr(arguments, name)), "0 or more" if name == "epochs" else "1 or more")


def validation_pair(data: Any) -> Pair:
    """`validation_data` given as (x, y) or (x, y, sample weights)."""
    if not isinstance(data, tuple | list) or len(data) not in (2, 3):
        found = f"{len(data)} arrays" if isinstance(data, tuple | list) else f"a {type(data).__name__}"
        raise unsupported("validation_data", found, "(x, y)")
    return as_arrays("validation_data", data)


def as_arrays(name: str, values: Sequence[Any]) -> Pair:
    return tuple(as_array(name, value) for value in values)


def as_array(name: str, value: Any) -> NDArray[Any]:
    """A NumPy array, or a tensor of the backend as one. Masked arrays, lists and data sets are left to Keras."""
    from keras import ops

    if type(value) is np.ndarray or type(value) is np.memmap:
        array = value
    elif ops.is_tensor(value) and not hasattr(value, "to_dense") and hasattr(value, "shape"):
        array = ops.convert_to_numpy(value)
    else:
        raise unsupported(name, f"a {type(value).__name__}", "a NumPy array or a tensor")
    if array.ndim == 0:
        raise unsupported(name, "a single number", "an array")
    if array.dtype.kind not in NUMBERS:
        raise unsupported(name, f"values of type {array.dtype}", "numbers")
    return array


def is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number)


def unsupported(name: str, found: str, expected: str) -> UnsupportedError:
    return UnsupportedError(f"argument `{name}`", found=found, expected=expected, fix="Keras' own fit takes it.")
