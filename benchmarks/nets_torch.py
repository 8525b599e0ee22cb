"""The nets to time, in PyTorch: the shipped two, and V and S of `nets.py`; all take 1×28×28 pictures."""

from __future__ import annotations

from torch import nn


def cnn() -> nn.Sequential:
    """The shipped net; 2×2 "same" convolutions pad below and to the right."""
    pad = nn.ZeroPad2d((0, 1, 0, 1))
    first = [pad, nn.Conv2d(1, 5, 2), nn.ReLU(), nn.MaxPool2d(2)]
    second = [pad, nn.Conv2d(5, 5, 2), nn.ReLU(), nn.Flatten(), nn.Dropout(0.5), nn.Linear(980, 10), nn.Softmax(1)]
    return nn.Sequential(*first, *second)


def mlp() -> nn.Sequential:
    hidden = [part for inputs in (784, 12, 12) for part in (nn.Linear(inputs, 12), nn.ReLU())]
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(12, 10), nn.Softmax(1))


def normalised(filters: int) -> list[nn.Module]:
    """What follows a convolution; the momentum is Keras' 0.95."""
    return [nn.BatchNorm2d(filters, eps=1e-3, momentum=0.05), nn.ReLU()]


def convolution(channels: int, filters: int, padding: str) -> list[nn.Module]:
    return [nn.Conv2d(channels, filters, 3, padding=padding, bias=False), *normalised(filters)]


def separable(channels: int, filters: int) -> list[nn.Module]:
    """A depthwise convolution, then a pointwise one."""
    depthwise = nn.Conv2d(channels, channels, 3, padding="same", groups=channels, bias=False)
    return [depthwise, nn.Conv2d(channels, filters, 1, bias=False), *normalised(filters)]


def answer(channels: int) -> list[nn.Module]:
    """The average over the whole picture, then ten logits."""
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10)]


def net_v() -> nn.Sequential:
    """9,914 parameters: convolutions "valid"."""
    first = [*convolution(1, 8, "valid"), *convolution(8, 12, "valid"), nn.MaxPool2d(2)]
    second = [part for channels in (12, 16, 16, 16) for part in convolution(channels, 16, "valid")]
    return nn.Sequential(*first, *second, *answer(16))


def net_s() -> nn.Sequential:
    """8,618 parameters: separable convolutions."""
    first = [*convolution(1, 16, "same"), *separable(16, 32), nn.MaxPool2d(2)]
    second = [*separable(32, 32), *separable(32, 40), nn.MaxPool2d(2)]
    return nn.Sequential(*first, *second, *separable(40, 40), *separable(40, 44), *answer(44))


NETS = {"cnn": cnn, "mlp": mlp, "V": net_v, "S": net_s}
