"""Draw accuracy against parameters, our nets beside published ones: docs/frontier.png.

python tools/frontier.py

Ours come from `measured.json`. The others are what their authors state, nothing rerun; each label says how the figure
was chosen, as far as its author says so: a best epoch is picked by the very images that it is then scored on.
"""

from pathlib import Path

from tinydigits.figures import results as result_figures
from tinydigits.figures import runs as figures
from tinydigits.figures.results import Point
from tinydigits.formats.model_file import SHIPPED, shipped_bytes
from tinydigits.formats.onnx import file as onnx_file
from tinydigits.shipped.results import SHIPPED_ENGINE, measured

PICTURE = Path(__file__).parents[1] / "docs" / "frontier.png"

# parameters, test accuracy, author and repository or page, how it was chosen
PUBLISHED = (
    (575, 0.98, "H. Howells, Neural Golfing (2025)", "stated as over 98 %"),
    (3_077, 0.9736, "aknakshay/MNIST-Challenge", "one run"),
    (4_879, 0.9842, "aknakshay/MNIST-Challenge", "one run"),
    (7_070, 0.994, "nitin-vig/ERAv4S6", "stated as over 99.4 %"),
    (8_580, 0.9920, "aknakshay/MNIST-Challenge", "one run"),
    (8_900, 0.995, "The-School-of-AI/era-s7-ram", "an epoch named"),
    (10_008, 0.9938, "garima-mahato/EVA4", "best epoch"),
    (15_578, 0.9943, "shishir13/Personal_Projects", "best epoch"),
    (19_042, 0.9942, "rrishabh27/EVA5", "best epoch"),
)


def our_points() -> list[Point]:
    """The shipped nets that were made for the frontier, smallest first: `pocket` and its smaller ones."""
    points = []
    for name in (name for name in SHIPPED if name.startswith("pocket")):
        network, _ = onnx_file.from_bytes(shipped_bytes(name), name)
        found = measured()[name][SHIPPED_ENGINE]
        text = f"{name}\n{100 * found['mean']:.2f} ± {100 * found['sd']:.2f} % (n = {found['n']})"
        points.append(Point(network.parameters, found["mean"], text, found["sd"]))
    return sorted(points, key=lambda point: point.parameters)


def main() -> None:
    others = [Point(size, accuracy, f"{who}, {how}") for size, accuracy, who, how in PUBLISHED]
    figures.save(result_figures.frontier(our_points(), others), PICTURE)


if __name__ == "__main__":
    main()
