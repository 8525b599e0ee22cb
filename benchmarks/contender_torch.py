"""One training for `training.py` by PyTorch, eager: prints {"seconds", "accuracy", "megabytes"} as JSON.

python benchmarks/contender_torch.py cnn|mlp [--epochs N]
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np
import torch
from contender import forget_peak, megabytes
from torch import nn

from tinydigits.data import mnist


def cnn() -> nn.Sequential:
    """The shipped net; 2×2 "same" convolutions pad below and to the right."""
    pad = nn.ZeroPad2d((0, 1, 0, 1))
    first = [pad, nn.Conv2d(1, 5, 2), nn.ReLU(), nn.MaxPool2d(2)]
    second = [pad, nn.Conv2d(5, 5, 2), nn.ReLU(), nn.Flatten(), nn.Dropout(0.5), nn.Linear(980, 10), nn.Softmax(1)]
    return nn.Sequential(*first, *second)


def mlp() -> nn.Sequential:
    hidden = [part for inputs in (784, 12, 12) for part in (nn.Linear(inputs, 12), nn.ReLU())]
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(12, 10), nn.Softmax(1))


def glorot(model: nn.Module) -> None:
    """Keras' default first weights."""
    for part in model.modules():
        if isinstance(part, nn.Linear | nn.Conv2d):
            nn.init.xavier_uniform_(part.weight)
            nn.init.zeros_(part.bias)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("net", choices=["cnn", "mlp"])
    parser.add_argument("--epochs", type=int)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    model, data = {"cnn": cnn, "mlp": mlp}[arguments.net](), mnist()
    glorot(model)
    parameters = model.parameters()
    optimizer = (
        torch.optim.Adam(parameters, 0.001, eps=1e-7) if arguments.net == "cnn" else torch.optim.SGD(parameters, 0.01)
    )
    epochs = arguments.epochs or {"cnn": 5, "mlp": 30}[arguments.net]
    x, held_out = (torch.tensor(part.images[:, None] / np.float32(255)) for part in (data.train, data.validation))
    y = torch.tensor(np.eye(10, dtype=np.float32)[data.train.labels])
    before, started = forget_peak(), time.perf_counter()
    for _ in range(epochs):
        train_epoch(model, optimizer, x, y)
        accuracy = score(model, held_out, data.validation.labels)
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "accuracy": accuracy, "megabytes": megabytes() - before}))


def train_epoch(model: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor, y: torch.Tensor) -> None:
    model.train()
    for batch in torch.randperm(len(x)).split(32):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x[batch]), y[batch]).backward()
        optimizer.step()


def score(model: nn.Module, x: torch.Tensor, labels: np.ndarray) -> float:
    model.eval()
    with torch.no_grad():
        return float((model(x).argmax(1).numpy() == labels).mean())


if __name__ == "__main__":
    main()
