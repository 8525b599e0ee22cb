"""Record the SHA-256 of the shipped nets and WebAssembly modules, after any of them was made anew.

python tools/shipped_hashes.py
"""

from importlib import resources
from pathlib import Path

from tinydigits.shipped.files import HASHES, hashes_text


def main() -> None:
    Path(str(resources.files("tinydigits"))).joinpath(HASHES).write_text(hashes_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
