"""Turn finished `train --seeds` folders into the shipped weights and the measured figures.

    tinydigits train cnn --seeds 10 --out runs/cnn
    python tools/ship.py runs/cnn

Seed 0's net is shipped, whatever it scored, where the native engine trained it: as ONNX in the package, and as
.keras, without the optimiser's arrays, in `release/`. The figures are of all seeds. Temperature and not-a-digit score
are fitted to it.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import shipped_hashes
from tinydigits.formats import run_folder
from tinydigits.formats.keras_file import read_keras
from tinydigits.formats.onnx import file as onnx_file
from tinydigits.shipped.results import SHIPPED_ENGINE
from tinydigits.training.calibrate import calibrate

ROOT = Path(__file__).parents[1]
WEIGHTS, RELEASE = ROOT / "src" / "tinydigits" / "shipped" / "weights", ROOT / "release"


def figures(folder: Path) -> tuple[str, str, dict[str, Any]]:
    """The recipe's name, what trained it, and what `measured.json` says of both."""
    outcome = json.loads((folder / run_folder.SUMMARY).read_text("utf-8"))
    first = outcome["runs"][0]
    _, metadata = onnx_file.read(run_folder.seed_folder(folder, first["seed"]) / run_folder.ONNX_MODEL)
    return (
        first["model"],
        first["engine"],
        {
            **outcome["summary"],
            "test": [run["accuracy"]["test"] for run in outcome["runs"]],
            "versions": metadata.versions,
            "command": f"tinydigits train {first['model']} --seeds {len(outcome['runs'])} --engine {first['engine']}",
        },
    )


def release(trained: Path, to: Path) -> None:
    """The Keras file of a run, without what only its training needed."""
    import keras

    keras.saving.save_model(read_keras(trained), to, include_optimizer=False)


def main() -> None:
    measured_file = WEIGHTS / "measured.json"
    measured = json.loads(measured_file.read_text("utf-8"))
    for folder in map(Path, sys.argv[1:]):
        name, engine, outcome = figures(folder)
        measured.setdefault(name, {})[engine] = outcome
        if engine == SHIPPED_ENGINE:
            run = run_folder.seed_folder(folder, 0)
            shutil.copyfile(run / run_folder.ONNX_MODEL, WEIGHTS / f"{name}.onnx")
            release(run / run_folder.KERAS_MODEL, RELEASE / f"{name}.keras")
            calibrate(str(WEIGHTS / f"{name}.onnx"), overwrite=True)
    run_folder.write_json(measured_file, measured)
    shipped_hashes.main()


if __name__ == "__main__":
    main()
