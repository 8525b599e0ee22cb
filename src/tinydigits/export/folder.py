"""The exported folder: one library for Arduino, PlatformIO, CMake, ESP-IDF and Zephyr."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources

# Version of the library's interface: of the functions in digits.h.
VERSION = "1.0.0"
# Most characters in the name of an Arduino library.
NAME_LIMIT = 63
# Place in the folder → text in `library/`.
TEXTS = {
    "library.properties": "library.properties",
    "library.json": "library.json",
    "CMakeLists.txt": "CMakeLists.txt",
    "idf_component.yml": "idf_component.yml",
    "zephyr/module.yml": "module.yml",
    "zephyr/CMakeLists.txt": "zephyr.txt",
    "zephyr/Kconfig": "Kconfig",
    "examples/ReadDigit/ReadDigit.ino": "ReadDigit.ino",
    "README.md": "README.md",
    "src/digits_normalise.c": "digits_normalise.c",
    "src/digits_normalise.h": "digits_normalise.h",
}


def library_files(code: Mapping[str, str], name: str, summary: str) -> dict[str, str]:
    """Returns the texts of the folder, by place.

    Args:
        code: digits.c and digits.h, by name.
        name: of the net.
        summary: one line about it.
    """
    values = {"title": title_of(name), "version": VERSION, "summary": summary}
    texts = {place: filled(text, values) for place, text in TEXTS.items()}
    return {**texts, **{f"src/{file}": text for file, text in code.items()}}


def title_of(name: str) -> str:
    """Returns a name that all package formats allow: letters, digits, `-` and `_`, a letter first."""
    return ("digits-" + re.sub(r"[^A-Za-z0-9_-]+", "-", name))[:NAME_LIMIT]


def filled(text: str, values: Mapping[str, str]) -> str:
    """Returns a text of `library/` with the values in; texts without values hold braces of their own."""
    raw = text_of(text)
    return raw.format(**values) if "{{" in raw or "{title}" in raw or "{version}" in raw else raw


def text_of(name: str) -> str:
    """Returns a file of `library/`."""
    return (resources.files("tinydigits.export.library") / name).read_text("utf-8")
