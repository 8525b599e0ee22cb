"""Augments images with compiled C, one library per size of images; training uses the same library."""

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

# Largest number of rows and of columns. Larger images do not fit on the stack of a thread.
LONGEST = 256
# Largest number of channels, for the same reason.
MOST_CHANNELS = 4


class Augmenter:
    """Augments images of one `shape`, `(rows, columns)` or `(rows, columns, channels)`, with compiled C.

    Attributes:
        function: the address of `augment_image`, which a compiled training calls.

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
        """Returns what a compiled training needs to vary its images."""
        return Variation(self.function, structures.Amplitudes(*settings.amplitudes(strength)))

    def __call__(
        self,
        images: UInt8Images,
        seed: int,
        steps_taken: int,
        settings: Augmentation,
        strength: float = 1.0,
        which: NDArray[Any] | None = None,
        threads: int | None = None,
    ) -> UInt8Images:
        """Varies images of this shape; see `augmented`."""
        images = np.ascontiguousarray(images)
        chosen = None if which is None else chosen_images(which, len(images))
        made = np.empty_like(images, shape=(len(images) if chosen is None else len(chosen), *images.shape[1:]))
        job = structures.Pictures(
            amplitudes=structures.Amplitudes(*settings.amplitudes(strength)),
            threads=threads or min(threads_to_use(), MOST_THREADS),
            seed=seed,
            epoch=steps_taken,
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
    steps_taken: int,
    settings: Augmentation,
    strength: float = 1.0,
    which: NDArray[Any] | None = None,
    threads: int | None = None,
) -> UInt8Images:
    """Varies images as `settings` say; a training with the same arguments learns from the same pictures.

    Args:
        images: uint8 `[n, rows, columns]` or `[n, rows, columns, channels]`.
        seed: the seed of the training.
        steps_taken: number of training steps before the epoch; 0 in the first epoch.
        strength: factor of every amplitude, 0 to 1.
        which: `[m]`, the numbers of the images to vary, in the order of the result; None means all.
        threads: largest number of threads, by default one per core; the pictures do not depend on it.

    Returns:
        uint8 `[n, …]`; with `which`, `[m, …]`.

    Raises:
        DataError: the images are not such an array.
        RecipeError: `which` contains a number without an image.
        EngineError: there is no C compiler, or the images are too large.
    """
    check_images(images, "images to augment")
    return Augmenter(images.shape[1:])(images, seed, steps_taken, settings, strength, which, threads)


def source(rows: int, columns: int, channels: int) -> str:
    """Writes the C file for one size of images."""
    return (
        f"// Augmentation of images of {rows}×{columns}×{channels}.\n"
        "// Written by tinydigits/engine/runtime/augment.py; augment.h documents the kernel.\n"
        "#include <stdint.h>\n\n"
        f"enum {{ ROWS = {rows}, COLUMNS = {columns}, CHANNELS = {channels}, NODES = {NODES} }};\n\n"
        f"{table('row_basis[ROWS][NODES]', spline_weights(rows))}\n"
        "// Two columns of margin come first; more follow after the last column.\n"
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
            fix="Check the numbers in `which`.",
        )
    return chosen
