"""One training for `training.py` by PyTorch, eager: prints {"seconds", "epochs", "accuracy", "megabytes"} as JSON.

    python benchmarks/contender_torch.py cnn|mlp|V|S [--epochs N]

Pictures and weights lie channels-last where a net is made of convolutions of many channels: V and S.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable

import numpy as np
import torch
from contender import forget_peak, megabytes
from net_recipes import recipe_for
from nets_torch import NETS
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from tinydigits.data.dataset import mnist
from tinydigits.recipes.recipe import SGD, Adam, AdamW, OneCycle, Recipe

# Of images scored at once: a whole validation set's values would not fit into any cache.
SCORED = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("net", choices=list(NETS))
    parser.add_argument("--epochs", type=int)
    arguments = parser.parse_args()
    recipe, data = recipe_for(arguments.net, arguments.epochs), mnist()
    layout = torch.channels_last if arguments.net in ("V", "S") else torch.contiguous_format
    torch.manual_seed(0)
    model = NETS[arguments.net]().to(memory_format=layout)
    glorot(model)
    optimizer = optimizer_of(recipe, model)
    schedule = LambdaLR(optimizer, rise_and_fall(recipe, len(data.train)))
    pixels = (part.images[:, None] / np.float32(255) for part in (data.train, data.validation))
    x, held_out = (torch.tensor(part).to(memory_format=layout) for part in pixels)
    y = torch.tensor(np.eye(10, dtype=np.float32)[data.train.labels])
    before, started = forget_peak(), time.perf_counter()
    for _ in range(recipe.epochs):
        model.train()
        for batch in torch.randperm(len(x)).split(recipe.batch_size):
            optimizer.zero_grad()
            loss(recipe, model(x[batch]), y[batch]).backward()
            optimizer.step()
            schedule.step()
        accuracy = score(model, held_out, data.validation.labels)
    result = {"seconds": time.perf_counter() - started, "epochs": recipe.epochs, "accuracy": accuracy}
    print(json.dumps(result | {"megabytes": megabytes() - before}))


def glorot(model: nn.Module) -> None:
    """Keras' default first weights."""
    for part in model.modules():
        if isinstance(part, nn.Linear | nn.Conv2d):
            nn.init.xavier_uniform_(part.weight)
            if part.bias is not None:
                nn.init.zeros_(part.bias)


def optimizer_of(recipe: Recipe, model: nn.Module) -> torch.optim.Optimizer:
    """The recipe's, at its peak learning rate, with Keras' epsilon."""
    rate = recipe.optimizer.learning_rate
    peak = rate.peak if isinstance(rate, OneCycle) else rate
    match recipe.optimizer:
        case SGD():
            return torch.optim.SGD(model.parameters(), peak)
        case Adam():
            return torch.optim.Adam(model.parameters(), peak, eps=1e-7)
        case AdamW(weight_decay=decay):
            return torch.optim.AdamW(model.parameters(), peak, eps=1e-7, weight_decay=decay)


def rise_and_fall(recipe: Recipe, images: int) -> Callable[[int], float]:
    """The learning rate after so many steps, as a fraction of its peak; the formula of `OneCycle`."""
    rate, steps = recipe.optimizer.learning_rate, recipe.steps(images)
    if not isinstance(rate, OneCycle):
        return lambda step: 1.0
    rising = rate.warm_up * steps

    def fraction(step: int) -> float:
        if step < rising:
            return step / rising
        return (1 + math.cos(math.pi * (step - rising) / (steps - rising))) / 2

    return fraction


def loss(recipe: Recipe, found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    if recipe.loss == "mean_squared_error":
        return nn.functional.mse_loss(found, wanted)
    return nn.functional.cross_entropy(found, wanted, label_smoothing=recipe.label_smoothing)


def score(model: nn.Module, x: torch.Tensor, labels: np.ndarray) -> float:
    model.eval()
    with torch.no_grad():
        found = torch.cat([model(part).argmax(1) for part in x.split(SCORED)])
    return float((found.numpy() == labels).mean())


if __name__ == "__main__":
    main()
