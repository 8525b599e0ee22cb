"""Nets of today's kind, to time the engine on: batch norm, depthwise and separable convolutions, averages.

All take 28×28×1 and give ten logits; batch norm with momentum 0.95 and ReLU follow each convolution. V, the net of the
recipe `sprint`, and S are where `pocket` started from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinydigits.recipes.nets import block, sprint

if TYPE_CHECKING:
    import keras


def convolution(filters: int, padding: str) -> list[keras.Layer]:
    from keras import layers

    return block(layers.Conv2D(filters, 3, padding=padding, use_bias=False))


def separable(filters: int) -> list[keras.Layer]:
    from keras import layers

    return block(layers.SeparableConv2D(filters, 3, padding="same", use_bias=False))


def net_g() -> keras.Sequential:
    """9,858 parameters: convolutions "same", a depthwise one of 7×7 at the end."""
    from keras import Sequential, layers

    return Sequential(
        [
            layers.Input((28, 28, 1)),
            *convolution(8, "same"),
            *convolution(8, "same"),
            layers.MaxPooling2D(),  # 14×14×8
            *convolution(16, "same"),
            *convolution(16, "same"),
            layers.MaxPooling2D(),  # 7×7×16
            *convolution(16, "same"),
            *convolution(16, "same"),
            layers.DepthwiseConv2D(7, use_bias=False),  # 1×1×16
            layers.BatchNormalization(momentum=0.95),
            layers.Flatten(),
            layers.Dense(10),
        ],
        name="G",
    )


def net_s() -> keras.Sequential:
    """8,618 parameters: separable convolutions."""
    from keras import Sequential, layers

    return Sequential(
        [
            layers.Input((28, 28, 1)),
            *convolution(16, "same"),  # 28×28×16
            *separable(32),
            layers.MaxPooling2D(),  # 14×14×32
            *separable(32),
            *separable(40),
            layers.MaxPooling2D(),  # 7×7×40
            *separable(40),
            *separable(44),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10),
        ],
        name="S",
    )


NETS = {"G": net_g, "V": sprint, "S": net_s}
