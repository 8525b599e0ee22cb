"""Write the golden bundle: networks with inputs and outputs that every back end, in every language, replays.

    python tests/golden/make.py

A folder a network: `network.onnx` (weights and structure), `images.npy` (uint8), `logits.npy` and
`probabilities.npy` (float32, rounded from a float64 forward pass in NumPy). The nets are the shipped ones, one
of odd sizes and one of today's layers. Run it only when a network of the bundle is meant to change.
"""

import sys
from pathlib import Path

import numpy as np

from tinydigits.data.dataset import mnist_test
from tinydigits.formats.model_file import shipped_bytes
from tinydigits.formats.onnx.file import Metadata, from_bytes, to_bytes

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from helpers.networks import images_for, modern_network, odd_network  # noqa: E402


def write(name: str, data: bytes, images: np.ndarray) -> None:
    """One folder of the bundle."""
    network, _ = from_bytes(data, name)
    x = images.reshape(-1, *network.input_shape) / np.float64(255)
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    (folder / "network.onnx").write_bytes(data)
    np.save(folder / "images.npy", images)
    np.save(folder / "logits.npy", network.logits(x).astype(np.float32))
    np.save(folder / "probabilities.npy", network.probabilities(x).astype(np.float32))


def main() -> None:
    # One test image of each digit, the first.
    test = mnist_test()
    digits = test.images[[int(np.flatnonzero(test.labels == label)[0]) for label in range(10)]]
    for name in ("mlp", "cnn", "pocket"):
        write(name, shipped_bytes(name), digits)
    for name, network in (("odd", odd_network()), ("modern", modern_network())):
        write(name, to_bytes(network, Metadata(name)), images_for(network))


if __name__ == "__main__":
    main()
