"""Whether native training and Keras' own `fit` give nets that are as good: accuracies of several seeds of each.

    python benchmarks/agreement.py [V|S|cnn|mlp] [--seeds N] [--epochs N]

Both train by the net's recipe (`net_recipes.py`), V and S with `AFFINE` augmentation. A seed gives both the same first
weights, the same order where images are augmented, and the same pictures; the difference of the means is judged all
the same as if the trainings had nothing in common. Each training has a process of its own, native and Keras in turn;
Keras scores both.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass, replace
from multiprocessing import get_context

from machine import describe_machine
from net_recipes import RECIPES, recipe_for

from tinydigits.augmentation.settings import AFFINE
from tinydigits.recipes.recipe import Recipe
from tinydigits.system import backend
from tinydigits.training.fit import Engine

ENGINES: tuple[Engine, ...] = ("native", "keras")
# One accuracy a seed, native and Keras.
Pair = tuple[list[float], list[float]]


@dataclass(frozen=True)
class Scores:
    """Accuracies of one finished training, in percent."""

    test: float
    validation: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("net", nargs="?", default="V", choices=list(RECIPES))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, help="in place of the recipe's own")
    arguments = parser.parse_args()
    recipe = replace(
        recipe_for(arguments.net, arguments.epochs), augmentation=AFFINE if arguments.net in ("V", "S") else None
    )
    print(describe_machine(), f"- `{' '.join(['python', 'benchmarks/agreement.py', *sys.argv[1:]])}`", sep="\n")
    print(f"- {recipe.name}, {recipe.epochs} epochs; accuracies in percent\n")
    print("| seed | native, test | Keras, test | native, validation | Keras, validation |", "|---" * 5 + "|", sep="\n")
    found: dict[Engine, list[Scores]] = {engine: [] for engine in ENGINES}
    for seed in range(arguments.seeds):
        for engine in ENGINES:
            found[engine].append(in_a_process_of_its_own(recipe, engine, seed))
        print(row(str(seed), *(scores[-1] for pair in columns(found) for scores in pair)), flush=True)
    print("\n".join(summary(found)))


def in_a_process_of_its_own(recipe: Recipe, engine: Engine, seed: int) -> Scores:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(trained, recipe, engine, seed).result()


def trained(recipe: Recipe, engine: Engine, seed: int) -> Scores:
    """Trains a fresh model of the recipe; the test images are scored once, at the end."""
    backend.import_keras()
    import keras
    import numpy as np

    from tinydigits.data.dataset import mnist, model_input
    from tinydigits.recipes.recipe import compiled
    from tinydigits.training.fit import fit

    data = mnist()
    assert data.test is not None
    keras.utils.set_random_seed(seed)
    model = compiled(recipe, len(data.train))
    train, validation, test = (
        (part.images, np.eye(10, dtype=np.float32)[part.labels]) for part in (data.train, data.validation, data.test)
    )
    history = fit(
        model,
        *train,
        batch_size=recipe.batch_size,
        epochs=recipe.epochs,
        validation_data=validation,
        seed=seed,
        augmentation=recipe.augmentation,
        engine=engine,
        pixels="0-1",
        verbose=0,
    ).history
    _, accuracy = model.evaluate(
        model_input(test[0], tuple(model.input_shape[1:])), test[1], batch_size=1000, verbose=0
    )
    return Scores(test=100 * accuracy, validation=100 * history["val_accuracy"][-1])


def columns(found: dict[Engine, list[Scores]]) -> tuple[Pair, Pair]:
    """Native and Keras: of the test images, of the validation images."""
    native, keras = (list(zip(*map(astuple, found[engine]), strict=True)) for engine in ENGINES)
    test, validation = ((list(ours), list(theirs)) for ours, theirs in zip(native, keras, strict=True))
    return test, validation


def row(name: str, *percents: float) -> str:
    """A line of the table; a figure that one seed cannot give is a dash."""
    return f"| {name} | " + " | ".join("–" if math.isnan(one) else f"{one:.2f}" for one in percents) + " |"


def summary(found: dict[Engine, list[Scores]]) -> list[str]:
    """Means, deviations, and how far the means are apart."""
    pairs = columns(found)
    means = [statistics.mean(scores) for pair in pairs for scores in pair]
    deviations = [deviation(scores) for pair in pairs for scores in pair]
    lines = [row("mean", *means), row("standard deviation", *deviations), ""]
    return lines + [f"- {name}: {apart(pair)}" for name, pair in zip(("test", "validation"), pairs, strict=True)]


def deviation(scores: list[float]) -> float:
    return statistics.stdev(scores) if len(scores) > 1 else math.nan


def apart(pair: Pair) -> str:
    """The difference of the means, native less Keras, in points and in its standard errors (Welch's)."""
    native, keras = pair
    difference = statistics.mean(native) - statistics.mean(keras)
    error = math.hypot(*(deviation(scores) / math.sqrt(len(scores)) for scores in pair))
    told = f"native less Keras {difference:+.3f} points"
    return f"{told}, {difference / error:+.2f} standard errors of {error:.3f}" if error > 0 else told


if __name__ == "__main__":
    main()
