"""Draw every seed of the two original nets as a dot beside the published figures: docs/seeds.png.

python benchmarks/distribution.py
"""

from pathlib import Path

from tinydigits.figures import results as result_figures
from tinydigits.figures import runs as figures
from tinydigits.shipped.results import PUBLISHED, measured

PICTURE = Path(__file__).parents[1] / "docs" / "seeds.png"


def main() -> None:
    groups = {
        name: {engine: found["test"] for engine, found in sorted(engines.items())}
        for name, engines in measured().items()
        if name in PUBLISHED
    }
    figures.save(result_figures.seeds(groups, PUBLISHED), PICTURE)


if __name__ == "__main__":
    main()
