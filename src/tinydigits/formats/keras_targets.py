"""Labels → the targets that a Keras model's loss takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tinydigits.data.dataset import CLASSES

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray


def targets(model: keras.Model, labels: NDArray[np.int64]) -> NDArray[Any]:
    """Labels [n] as a model's loss takes them: class numbers if it is a sparse one, else one-hot float32 [n, 10]."""
    loss = model.loss
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
    return labels if name.lower().startswith("sparse") else np.eye(CLASSES, dtype=np.float32)[labels]
