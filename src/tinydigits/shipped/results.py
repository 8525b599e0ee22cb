"""What was published for the nets, and what we measured."""

import json
from dataclasses import dataclass
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Published:
    """Accuracies, 0 to 1, as their authors state them; None where none is stated."""

    test: float
    validation: float | None
    source: str


SOURCE = "Santhosh Vadivel, handwritten-digits-mnist"
PUBLISHED = {
    "mlp": Published(test=0.7752, validation=None, source=SOURCE),
    # Its description says 97.31 % test; its own notebook ends at 96.51 %.
    "cnn": Published(test=0.9731, validation=0.9754, source=SOURCE),
}


# Whose figures stand for a net: the engine that trained the shipped weights.
SHIPPED_ENGINE = "native"


def measured() -> dict[str, dict[str, dict[str, Any]]]:
    """Test accuracy over many seeds, by recipe and engine: mean, sd, min, max, n, and with what it was measured."""
    text = (resources.files("tinydigits.shipped") / "weights" / "measured.json").read_text("utf-8")
    figures: dict[str, dict[str, dict[str, Any]]] = json.loads(text)
    return figures
