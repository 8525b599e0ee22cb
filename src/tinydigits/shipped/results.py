"""Published and measured accuracies of the nets."""

import json
from dataclasses import dataclass
from typing import Any

from tinydigits.shipped.files import checked_bytes


@dataclass(frozen=True)
class Published:
    """Accuracies, 0 to 1, as published; None if the source states none."""

    test: float
    validation: float | None
    source: str


SOURCE = "Santhosh Vadivel, handwritten-digits-mnist"
PUBLISHED = {
    "mlp": Published(test=0.7752, validation=None, source=SOURCE),
    # The description says 97.31 % on test images; the notebook itself ends at 96.51 %.
    "cnn": Published(test=0.9731, validation=0.9754, source=SOURCE),
}
# The engine that trained the shipped weights. Its figures are quoted for a net.
SHIPPED_ENGINE = "native"


def measured() -> dict[str, dict[str, dict[str, Any]]]:
    """Returns test accuracy over many seeds, by recipe and engine: mean, sd, min, max, n, versions and hardware."""
    figures: dict[str, dict[str, dict[str, Any]]] = json.loads(checked_bytes("shipped/weights/measured.json"))
    return figures
