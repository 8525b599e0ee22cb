"""Teachers: larger nets, trained once, and their answers to views of the training images; both kept in the cache."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinydigits import onnx_file
from tinydigits.augmented_batches import maker
from tinydigits.cache import cache_folder, make_missing
from tinydigits.engine.predict import predictor
from tinydigits.errors import EngineError
from tinydigits.evaluation import Predict
from tinydigits.network import Network
from tinydigits.onnx_session import onnx_predict
from tinydigits.progress import OnProgress, Progress
from tinydigits.soft_targets import SEED, SoftTargets, View, Views

# The identity of a teacher, and what trains it.
Teacher = tuple[str, Callable[[], Network]]


def soft_targets(
    teachers: Sequence[Teacher],
    images: NDArray[np.uint8],
    views: Views,
    epochs: int,
    on_progress: OnProgress | None = None,
) -> SoftTargets:
    """The mean of the teachers' answers to the views that so many epochs need; what is not in the cache is made.

    Args:
        images: the training images, uint8 `[n, height, width]` or `[n, height, width, channels]`.
        on_progress: told of each view that has been answered.

    Raises:
        OutputError: the cache cannot be written. Otherwise what training a teacher raises.
    """
    folder = cache_folder("teachers")
    networks = trained(teachers, folder)
    predicts = [partial(answers_of, predict_of(network), network.input_shape) for network in networks]
    make = maker(images.shape[1:], threads=None)
    needed = views.needed(epochs)
    names = json.dumps([[identity for identity, _ in teachers], asdict(views), SEED])
    place = folder / hashlib.sha256(names.encode()).hexdigest()[:32]

    def answer(number: int, view: View, path: Path) -> None:
        pictures = make(images, SEED, view.key, views.augmentation, view.strength)
        mean = np.mean([predict(pictures) for predict in predicts], axis=0)
        with path.open("wb") as file:
            np.save(file, mean.astype(np.float16), allow_pickle=False)
        if on_progress:
            on_progress(Progress(number + 1, len(needed), (number + 1) / len(needed), stage="soft targets"))

    files = {view: place / f"{view.key}.npy" for view in needed}
    make_missing({file: partial(answer, number, view) for number, (view, file) in enumerate(files.items())})
    return SoftTargets(views, {view: np.load(file, allow_pickle=False) for view, file in files.items()})


def trained(teachers: Sequence[Teacher], folder: Path) -> list[Network]:
    """The teachers, each kept as `IDENTITY.onnx`."""

    def train(teach: Callable[[], Network], path: Path) -> None:
        path.write_bytes(onnx_file.to_bytes(teach(), onnx_file.Metadata(name="teacher")))

    files = {folder / f"{identity}.onnx": partial(train, teach) for identity, teach in teachers}
    make_missing(files)
    return [onnx_file.read(file)[0] for file in files]


def predict_of(network: Network) -> Predict:
    """By machine code, on all cores; by ONNX Runtime where the engine cannot."""
    try:
        return predictor(network)
    except EngineError:
        return onnx_predict(network, "teacher")


def answers_of(predict: Predict, shape: tuple[int, ...], pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Probabilities for pictures, in the shape that the teacher takes."""
    return predict(pictures.reshape(-1, *shape))
