"""The structures that Python passes to C, with the same fields and names as in `kernels/`.

Pointers are addresses of NumPy arrays. The code that fills a structure must keep these arrays alive while C runs.
"""

from __future__ import annotations

import ctypes

import numpy as np
from numpy.typing import NDArray

from tinydigits.augmentation import settings as augmentation

Pointer = ctypes.c_void_p


class Source(ctypes.Structure):
    _fields_ = [
        ("images", Pointer),
        ("targets", Pointer),
        ("weights", Pointer),
        ("order", Pointer),
        ("count", ctypes.c_int64),
        ("floats", ctypes.c_int32),
    ]


class Rule(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_float)
        for name in (
            "learning_rate",
            "momentum",
            "beta_1",
            "beta_2",
            "one_minus_beta_1",
            "one_minus_beta_2",
            "epsilon",
            "weight_decay",
            "averaging",
        )
    ]


class Training(ctypes.Structure):
    _fields_ = [
        ("source", Source),
        ("batch", ctypes.c_int64),
        ("first", ctypes.c_int64),
        ("last", ctypes.c_int64),
        ("weights", Pointer * 2),
        ("slots", Pointer * 2),
        ("averages", Pointer),
        ("rule", Rule),
        ("rates", Pointer),
        ("seed", ctypes.c_uint64),
        ("epoch", ctypes.c_uint64),
        ("iterations", ctypes.c_int64),
        ("dropout", ctypes.c_int32),
        ("threads", ctypes.c_int32),
        ("current", ctypes.c_int32),
        ("failed", ctypes.c_int32),
        ("loss", ctypes.c_double),
        ("hits", ctypes.c_int64),
        ("workspace", Pointer),
        ("gradients", Pointer),
        ("augment", Pointer),
        ("amplitudes", Pointer),
        ("still", ctypes.c_int32),
    ]


class Inference(ctypes.Structure):
    _fields_ = [
        ("source", Source),
        ("first", ctypes.c_int64),
        ("last", ctypes.c_int64),
        ("weights", Pointer),
        ("answers", Pointer),
        ("threads", ctypes.c_int32),
        ("loss", ctypes.c_double),
        ("hits", ctypes.c_int64),
    ]


class Amplitudes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int32) for name in augmentation.Amplitudes._fields]


class Pictures(ctypes.Structure):
    _fields_ = [
        ("amplitudes", Amplitudes),
        ("threads", ctypes.c_int32),
        ("seed", ctypes.c_uint64),
        ("epoch", ctypes.c_uint64),
        ("images", Pointer),
        ("which", Pointer),
        ("count", ctypes.c_int64),
        ("to", Pointer),
    ]


def address(array: NDArray[np.generic] | None) -> int | None:
    return None if array is None else array.ctypes.data
