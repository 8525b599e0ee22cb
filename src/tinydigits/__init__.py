"""tinydigits: train, judge, explain, ship and use handwritten-digit recognisers of under 10,000 parameters.

    tinydigits.train("cnn", seed=0)         train a recipe, score it, save it
    tinydigits.fit(model, x, y, …)          train a compiled Keras model in place
    tinydigits.evaluate(predict, dataset)   judge any function from images to probabilities
    tinydigits.Reader().read("photo.jpg")   the digits in a picture

`__all__` is the public face. Each name is imported from its home when it is first used, so that
`import tinydigits` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from tinydigits import errors
from tinydigits.errors import TinydigitsError

if TYPE_CHECKING:
    from tinydigits.augmentation import AFFINE, PHOTOGRAPHED, Augmentation
    from tinydigits.comparing.compare import compare
    from tinydigits.data import Dataset, Splits, mnist, mnist_test
    from tinydigits.evaluation.report import Report, evaluate
    from tinydigits.formats.model_file import LoadedModel
    from tinydigits.formats.model_file import load as load_model
    from tinydigits.network import Network
    from tinydigits.reader import Digit, Reader, Reading, Rejected
    from tinydigits.recipes import RECIPES, SGD, Adam, AdamW, OneCycle, Recipe
    from tinydigits.scale.sweep import sweep
    from tinydigits.training.calibrate import Calibrated, calibrate
    from tinydigits.training.checkpoints import Checkpoint
    from tinydigits.training.fit import fit
    from tinydigits.training.run import Run
    from tinydigits.training.seeds import train_seeds
    from tinydigits.training.train import train

# The only place that states the version; the build reads it here.
__version__ = "0.1.0"

__all__ = [
    "AFFINE",
    "PHOTOGRAPHED",
    "RECIPES",
    "SGD",
    "Adam",
    "AdamW",
    "Augmentation",
    "Calibrated",
    "Checkpoint",
    "Dataset",
    "Digit",
    "LoadedModel",
    "Network",
    "OneCycle",
    "Reader",
    "Reading",
    "Recipe",
    "Rejected",
    "Report",
    "Run",
    "Splits",
    "TinydigitsError",
    "__version__",
    "calibrate",
    "compare",
    "errors",
    "evaluate",
    "fit",
    "load_model",
    "mnist",
    "mnist_test",
    "sweep",
    "train",
    "train_seeds",
]

# Module → the names that it is the home of. `name=other` is called `other` there.
HOMES = {
    "augmentation": "AFFINE PHOTOGRAPHED Augmentation",
    "comparing.compare": "compare",
    "data": "Dataset Splits mnist mnist_test",
    "evaluation.report": "Report evaluate",
    "formats.model_file": "LoadedModel load_model=load",
    "network": "Network",
    "reader": "Digit Reader Reading Rejected",
    "recipes": "RECIPES SGD Adam AdamW OneCycle Recipe",
    "scale.sweep": "sweep",
    "training.calibrate": "Calibrated calibrate",
    "training.checkpoints": "Checkpoint",
    "training.fit": "fit",
    "training.run": "Run",
    "training.seeds": "train_seeds",
    "training.train": "train",
}
# Public name → (its home, its name there).
FOUND_IN = {
    name: (f"tinydigits.{home}", other or name)
    for home, names in HOMES.items()
    for name, _, other in (each.partition("=") for each in names.split())
}

if not TYPE_CHECKING:  # a type checker must report a misspelt name, not ask for it here

    def __getattr__(name: str) -> object:
        if name not in FOUND_IN:
            raise AttributeError(f"module 'tinydigits' has no attribute '{name}'")
        home, name_there = FOUND_IN[name]
        return getattr(import_module(home), name_there)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
