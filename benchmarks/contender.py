"""One training for `training.py`, timed: prints {"seconds", "epochs", "accuracy", "megabytes"} as JSON.

    python benchmarks/contender.py cnn|mlp|V|S --way keras|native|YARDSTICK.cc [--threads N] [--steps N] [--epochs N]
        [--augmented]

--steps is Keras' steps_per_execution; --augmented varies the training images by `AFFINE`, natively.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import tempfile
import time
from contextlib import suppress
from importlib import resources
from pathlib import Path

from net_recipes import RECIPES, recipe_for

from tinydigits.augmentation.settings import AFFINE
from tinydigits.data.dataset import mnist, scaled


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("net", choices=list(RECIPES))
    parser.add_argument("--way", required=True)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--steps", type=int, default=1)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--augmented", action="store_true")
    arguments = parser.parse_args()
    print(json.dumps(yardstick(Path(arguments.way)) if arguments.way.endswith(".cc") else trained(arguments)))


def trained(arguments: argparse.Namespace) -> dict[str, float]:
    """Fits the recipe's model from seed 0, natively or by Keras."""
    import keras
    import numpy as np

    from tinydigits.engine.fit import fit
    from tinydigits.engine.schedule import Schedule
    from tinydigits.recipes.recipe import compiled

    recipe, data = recipe_for(arguments.net, arguments.epochs), mnist()
    keras.utils.set_random_seed(0)
    model = compiled(recipe, len(data.train))
    model.steps_per_execution = arguments.steps
    native = arguments.way == "native"
    inputs = (lambda images: images) if native else (lambda images: scaled(images).reshape(-1, *model.input_shape[1:]))
    x, held_out = inputs(data.train.images), inputs(data.validation.images)
    y, held_out_y = (np.eye(10, dtype=np.float32)[part.labels] for part in (data.train, data.validation))
    validation = held_out, held_out_y
    before, started = forget_peak(), time.perf_counter()
    if native:
        varied = AFFINE if arguments.augmented else None
        schedule = Schedule(recipe.epochs, recipe.batch_size, seed=0, augmentation=varied)
        history = fit(model, (x, y), validation, schedule, threads=arguments.threads).history
    else:
        settings = {"batch_size": recipe.batch_size, "epochs": recipe.epochs, "validation_data": validation}
        history = model.fit(x, y, verbose=0, **settings).history
    result = {"seconds": time.perf_counter() - started, "epochs": recipe.epochs}
    return {**result, "accuracy": history["val_accuracy"][-1], "megabytes": megabytes() - before}


def megabytes() -> float:
    """The most memory held since `forget_peak`, on Linux; elsewhere 0."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except FileNotFoundError:
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def forget_peak() -> float:
    """Starts measuring anew; returns what is held now."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return megabytes()


def yardstick(source: Path) -> dict[str, float]:
    """The hand-written program's own seconds for its five epochs; what it prints as accuracy is of training."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"):
            packed = resources.files("tinydigits") / "mnist" / f"{name}.gz"
            Path(folder, name).write_bytes(gzip.decompress(packed.read_bytes()))
        program = str(Path(folder, "yardstick"))
        flags = ("-O3", "-march=native", "-ffast-math")
        subprocess.run(["cc", "-x", "c++", *flags, str(source), "-o", program, "-lstdc++", "-lm"], check=True)
        printed = subprocess.run([program, folder], capture_output=True, text=True, check=True).stdout
    words = [line.split() for line in printed.splitlines()]
    seconds = sum(float(line[2].rstrip("s")) for line in words)
    return {"seconds": seconds, "epochs": len(words), "accuracy": float(words[-1][4]), "megabytes": 0.0}


if __name__ == "__main__":
    main()
