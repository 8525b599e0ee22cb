"""Lets LiteRT, and TensorFlow Lite for Microcontrollers, answer images with a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import Float32Array
from tinydigits.system.backend import installed, silenced_stderr
from tinydigits.system.interruption import obey_interruptions

# Images that LiteRT answers at once.
BATCH = 250


@dataclass(frozen=True)
class Runtime:
    """What runs a LiteRT file.

    Attributes:
        package: its name for pip.
        module: the module that is imported.
        answers: returns probabilities, float32 [n, classes], of a file's bytes and inputs float32 [n, *input_shape].
    """

    package: str
    module: str
    answers: Callable[[bytes, Float32Array], Float32Array]

    @property
    def version(self) -> str:
        return version(self.package)


def by_litert(data: bytes, x: Float32Array) -> Float32Array:
    """Answers with the kernels of phones and computers."""
    with silenced_stderr():  # it tells which kernels it takes
        from ai_edge_litert.interpreter import Interpreter

        interpreter = Interpreter(model_content=data)
        given, wanted = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
        parts = []
        for at in range(0, len(x), BATCH):
            obey_interruptions()
            batch = stored(x[at : at + BATCH], given["dtype"], *given["quantization"])
            interpreter.resize_tensor_input(given["index"], batch.shape)
            interpreter.allocate_tensors()
            interpreter.set_tensor(given["index"], batch)
            interpreter.invoke()
            parts.append(meant(interpreter.get_tensor(wanted["index"]), *wanted["quantization"]))
    return np.concatenate(parts)


def by_tflite_micro(data: bytes, x: Float32Array) -> Float32Array:
    """Answers with the kernels of microcontrollers, one image at a time."""
    from tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(data)
    given, wanted = interpreter.get_input_details(0), interpreter.get_output_details(0)
    parts = []
    for at in range(len(x)):
        obey_interruptions()
        interpreter.set_input(stored(x[at : at + 1], given["dtype"], *scale_and_zero(given)), 0)
        interpreter.invoke()
        parts.append(meant(interpreter.get_output(0), *scale_and_zero(wanted)))
    return np.concatenate(parts)


def scale_and_zero(details: dict[str, Any]) -> tuple[float, int]:
    """Returns what one step of an array means, and the whole number that means 0; 0 and 0 of floats."""
    found = details["quantization_parameters"]
    return (float(found["scales"][0]), int(found["zero_points"][0])) if len(found["scales"]) else (0.0, 0)


def stored(x: Float32Array, kind: type[np.generic], scale: float, zero: int) -> NDArray[Any]:
    """Returns inputs as a file takes them: float32, or whole numbers."""
    if not scale:
        return x
    limits = np.iinfo(kind)  # type: ignore[type-var]
    return np.asarray(np.clip(np.rint(x / scale) + zero, limits.min, limits.max), kind)


def meant(output: NDArray[Any], scale: float, zero: int) -> Float32Array:
    """Returns the probabilities that an output means."""
    if not scale:
        return np.array(output, np.float32)
    return np.asarray((output.astype(np.float32) - zero) * scale, np.float32)


RUNTIMES = (
    Runtime("ai-edge-litert", "ai_edge_litert", by_litert),
    Runtime("tflite-micro", "tflite_micro", by_tflite_micro),
)


def found_runtimes() -> list[Runtime]:
    """Returns the runtimes that are installed."""
    return [runtime for runtime in RUNTIMES if installed(runtime.module)]
