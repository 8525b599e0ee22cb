"""Print the table of sizes in docs/reading.md: the same drawings, read in every size and dress.

python benchmarks/sizes.py
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from drawn.dresses import DRESSES, drawing
from tinydigits import Reader
from tinydigits.data.dataset import mnist_test
from tinydigits.system.versions import hardware

# Pixels of the longer side.
SIDES = (40, 100, 101, 150, 280, 518, 2000)
# Each digit, and numbers of two digits, one of which begins with each digit.
TEXTS = [*"0123456789", *(f"{digit}{(3 * digit + 1) % 10}" for digit in range(10))]


def main() -> None:
    reader, digits = Reader(), mnist_test()
    print(f"{hardware()}; {len(TEXTS)} drawings; exactly right:\n")
    print(f"| pixels | plain | {' | '.join(DRESSES)} |\n{'|---' * (len(DRESSES) + 2)}|")
    for side in SIDES:
        pictures = [drawing(digits, text, side) for text in TEXTS]
        right = [
            sum(reader.read(change(picture)).text == text for picture, text in zip(pictures, TEXTS, strict=True))
            for change in (lambda picture: picture, *DRESSES.values())
        ]
        print(f"| {side:,} | {' | '.join(map(str, right))} |", flush=True)


if __name__ == "__main__":
    main()
