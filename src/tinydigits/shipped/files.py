"""Files that the package ships and cannot do without: their bytes, checked against recorded hashes.

`sha256.txt` holds a line a file, as `sha256sum` writes it; `python tools/shipped_hashes.py` makes it anew. Those of
MNIST are in `data/dataset.py`.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources

from tinydigits.errors import IntegrityError

# Folders of the package whose files are recorded, and the ends of these files' names.
RECORDED = {"shipped/weights": (".onnx", ".json"), "export/wasm/shipped": (".wasm.gz", ".json")}
HASHES = "shipped/sha256.txt"


def checked_bytes(name: str) -> bytes:
    """The bytes of a recorded file.

    Args:
        name: its path in the package: "shipped/weights/cnn.onnx".

    Raises:
        IntegrityError: its SHA-256 is not the recorded one.
    """
    content = package_bytes(name)
    found, recorded = hashlib.sha256(content).hexdigest(), recorded_hashes().get(name)
    if found != recorded:
        raise IntegrityError(
            f"tinydigits/{name}",
            found=f"SHA-256 {found}",
            expected=recorded or f"a hash of it in {HASHES}",
            fix="A file of the package is damaged: install tinydigits again.",
        )
    return content


def package_bytes(name: str) -> bytes:
    return resources.files("tinydigits").joinpath(name).read_bytes()


@cache
def recorded_hashes() -> dict[str, str]:
    """The SHA-256 of each recorded file, by its path in the package."""
    lines = package_bytes(HASHES).decode("utf-8", "replace").split("\n")
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines) if name}


def hashes_text() -> str:
    """What `sha256.txt` is to hold for the files that are there."""
    package = resources.files("tinydigits")
    names = sorted(
        f"{folder}/{file.name}"
        for folder, ends in RECORDED.items()
        for file in package.joinpath(folder).iterdir()
        if file.name.endswith(ends)
    )
    return "".join(f"{hashlib.sha256(package_bytes(name)).hexdigest()}  {name}\n" for name in names)
