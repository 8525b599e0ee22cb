"""Types of arrays, and of functions of arrays, that several packages use."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["AnyFloats", "Float32Array", "Float64Array", "Int64Array", "Mask", "Predict", "UInt8Images"]

# One image or many: [height, width], [n, height, width] or [n, height, width, channels], values 0 to 255.
UInt8Images = NDArray[np.uint8]
Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]
# Floating-point numbers of any width, for functions that accept float32 and float64.
AnyFloats = NDArray[np.floating[Any]]
Int64Array = NDArray[np.int64]
# True where a condition holds, for example where a pixel is ink.
Mask = NDArray[np.bool_]
# Images [n, height, width] → probabilities [n, classes].
Predict = Callable[[UInt8Images], Float32Array]
