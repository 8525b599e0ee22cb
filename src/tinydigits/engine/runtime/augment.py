"""Augmentation by machine code: a C file for one size of images, which training calls and anyone else may."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinydigits.arrays import Int64Array, UInt8Images
from tinydigits.augmentation.settings import NODES, Augmentation, spline_weights
from tinydigits.data.dataset import check_images
from tinydigits.engine.compiler.build import build, load
from tinydigits.engine.runtime import structures
from tinydigits.engine.runtime.job import Variation
from tinydigits.engine.runtime.program import MOST_THREADS
from tinydigits.engine.runtime.structures import address
from tinydigits.errors import RecipeError, UnsupportedError
from tinydigits.system.cores import threads_to_use

# Larger images would not fit on the stack of a thread.
LONGEST, MOST_CHANNELS = 256, 4


class Augmenter:
    """The machine code that augments images of `shape`, `(rows, columns)` or `(rows, columns, channels)`.

    Attributes:
        function: the address of `augment_image`, for machine code that calls it itself.

    Raises:
        UnsupportedError: images have more than 256 rows or columns, or more than 4 channels.
        CompilerError: there is no C compiler, or it failed.
    """

    def __init__(self, shape: Sequence[int]) -> None:
        if len(shape) not in (2, 3) or max(shape[:2]) > LONGEST or max(shape[2:], default=1) > MOST_CHANNELS:
            raise UnsupportedError(
                "augmentation",
                found=f"images of shape {list(shape)}",
                expected=f"at most {LONGEST} rows and columns, and {MOST_CHANNELS} channels",
                fix="Reshape the images.",
            )
        rows, columns, channels = (*shape, 1)[:3]
        self._library = load(build(source(rows, columns, channels)))
        self.function = ctypes.cast(self._library.augment_image, ctypes.c_void_p).value or 0

    def variation(self, settings: Augmentation, strength: float) -> Variation:
        """What a program's training is given, to vary the images itself."""
        return Variation(self.function, structures.Amplitudes(*settings.amplitudes(strength)))

    def __call__(
        self,
        images: UInt8Images,
        seed: int,
        epoch: int,
        settings: Augmentation,
        strength: float = 1.0,
        which: NDArray[Any] | None = None,
        threads: int | None = None,
    ) -> UInt8Images:
        """`augmented`, for images of this one shape."""
        images = np.ascontiguousarray(images)
        chosen = None if which is None else chosen_images(which, len(images))
        made = np.empty_like(images, shape=(len(images) if chosen is None else len(chosen), *images.shape[1:]))
        job = structures.Pictures(
            amplitudes=structures.Amplitudes(*settings.amplitudes(strength)),
            threads=threads or min(threads_to_use(), MOST_THREADS),
            seed=seed,
            epoch=epoch,
            images=address(images),
            which=address(chosen),
            count=len(made),
            to=address(made),
        )
        self._library.augment_images(ctypes.byref(job))
        return made


def augmented(
    images: UInt8Images,
    seed: int,
    epoch: int,
    settings: Augmentation,
    strength: float = 1.0,
    which: NDArray[Any] | None = None,
    threads: int | None = None,
) -> UInt8Images:
    """Images varied as `settings` say: the very pictures that a training learns from.

    Args:
        images: uint8 `[n, rows, columns]` or `[n, rows, columns, channels]`.
        seed: the training's.
        epoch: the training steps taken before the epoch: 0 in the first one.
        strength: what every amplitude is multiplied with, 0 to 1.
        which: `[m]`, the numbers of the images to be varied, in the order wanted; all where None.
        threads: how many to use at most, by default every core; the pictures do not depend on it.

    Returns:
        uint8 `[n, …]`, or with `which` `[m, …]`.

    Raises:
        DataError: the images are not such an array.
        RecipeError: `which` names an image that is not there.
        EngineError: there is no C compiler, or the images are too large.
    """
    check_images(images, "images to augment")
    return Augmenter(images.shape[1:])(images, seed, epoch, settings, strength, which, threads)


def source(rows: int, columns: int, channels: int) -> str:
    """The C file for one size of images."""
    return (
        f"// Augmentation of images of {rows}×{columns}×{channels}.\n"
        "// Written by tinydigits/engine/augment.py; the kernel that it includes explains itself.\n"
        "#include <stdint.h>\n\n"
        f"enum {{ ROWS = {rows}, COLUMNS = {columns}, CHANNELS = {channels}, NODES = {NODES} }};\n\n"
        f"{table('row_basis[ROWS][NODES]', spline_weights(rows))}\n"
        "// Two columns of margin come first; more follow the last.\n"
        f"{table('column_basis[NODES][(COLUMNS + 19) / 16 * 16]', across(columns))}\n"
        '#include "augment.h"\n'
    )


def across(columns: int) -> list[list[int]]:
    return [[0, 0, *weights] for weights in zip(*spline_weights(columns), strict=True)]


def table(declaration: str, rows: list[list[int]]) -> str:
    lines = "".join(f"    {{{', '.join(map(str, row))}}},\n" for row in rows)
    return f"static const int32_t {declaration} = {{\n{lines}}};\n"


def chosen_images(which: NDArray[Any], count: int) -> Int64Array:
    chosen = np.ascontiguousarray(which, np.int64)
    wrong = np.flatnonzero((chosen < 0) | (chosen >= count))
    if len(wrong):
        raise RecipeError(
            "images to augment",
            found=f"image number {chosen[wrong[0]]}",
            expected=f"0 to {count - 1}",
            fix="Name images that are there.",
        )
    return chosen
