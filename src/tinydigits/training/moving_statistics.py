"""Computes batch normalisation's moving statistics again, for weights that are averages.

Averages of a net's weights are another net, to which the statistics that the last steps left do not belong (Izmailov et
al., "Averaging Weights Leads to Wider Optima", 2018, section 3.2).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tinydigits.system.interruption import obey_interruptions

if TYPE_CHECKING:
    import keras


def find_statistics(model: keras.Model, batches: Iterable[Any]) -> None:
    """Sets each moving mean and variance to its mean over `batches` of model inputs. Weights do not change."""
    from keras import layers

    norms = [layer for layer in model.layers if isinstance(layer, layers.BatchNormalization)]
    momenta = [norm.momentum for norm in norms]
    if not norms:
        return
    try:
        for index, batch in enumerate(batches):
            for norm in norms:
                norm.momentum = index / (index + 1)  # what is kept of the mean so far: 0, 1/2, 2/3 …
            model(batch, training=True)
            obey_interruptions()
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
