"""tinydigits: train, judge, explain, ship and use handwritten-digit recognisers of under 10,000 parameters.

    tinydigits.fit(model, x, y, …)          train a compiled Keras model in place
    tinydigits.train("cnn", seed=0)         train a recipe, score it, save it
    tinydigits.evaluate(predict, dataset)   judge any function from images to probabilities
    tinydigits.Reader().read("photo.jpg")   the digits in a picture

Each name is imported from its module when it is first used, so that `import tinydigits` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tinydigits.evaluation.report import evaluate
    from tinydigits.reader import Reader
    from tinydigits.training.fit import fit
    from tinydigits.training.train import train

__version__ = "0.1.0"
__all__ = ["Reader", "__version__", "evaluate", "fit", "train"]

HOMES = {"fit": "training.fit", "train": "training.train", "evaluate": "evaluation.report", "Reader": "reader"}


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module 'tinydigits' has no attribute '{name}'")
    return getattr(import_module(f"tinydigits.{HOMES[name]}"), name)
