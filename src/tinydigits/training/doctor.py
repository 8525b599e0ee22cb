"""What this machine has of what tinydigits can use, and what to do about what is missing."""

import os
import platform
import sys
from dataclasses import dataclass

from tinydigits.engine.compiler import build
from tinydigits.errors import CompilerError, TinydigitsError
from tinydigits.system import backend
from tinydigits.system.versions import version_of

CORE = ("numpy", "pillow", "scipy", "onnx", "onnxruntime", "click", "rich", "platformdirs")
OPTIONAL = {"keras": "train", "matplotlib": "train"}


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `advice` where something can be done about it."""

    subject: str
    ok: bool
    found: str
    advice: str = ""


def examine() -> list[Finding]:
    """Everything, in the order in which a reader needs it; imports nothing heavy."""
    return [
        Finding("tinydigits", True, version_of("tinydigits") or "from a checkout, not installed"),
        Finding("python", sys.version_info >= (3, 11), f"{platform.python_version()} on {platform.platform()}"),
        *(package(name, "") for name in CORE),
        *(package(name, extra) for name, extra in OPTIONAL.items()),
        keras_backend(),
        compiler(),
        caches(),
    ]


def package(name: str, extra: str) -> Finding:
    version = version_of(name)
    install = f"pip install 'tinydigits[{extra}]'" if extra else "pip install --force-reinstall tinydigits"
    return Finding(name, version is not None, version or "missing", "" if version else f"Run: {install}")


def keras_backend() -> Finding:
    """The backend that a training would use."""
    chosen_by = "KERAS_BACKEND" if os.environ.get("KERAS_BACKEND") else "default"
    try:
        name = backend.prepare()
    except TinydigitsError as error:
        return Finding("keras backend", False, error.found, error.fix)
    version = version_of("tensorflow-cpu") or version_of("tensorflow") if name == "tensorflow" else version_of(name)
    return Finding("keras backend", True, f"{name} {version} ({chosen_by})")


def compiler() -> Finding:
    """The C compiler that the native engine uses."""
    try:
        command = build.find_compiler().command
    except CompilerError as error:
        return Finding("C compiler", False, "none that works; Keras' own fit trains, slower", error.fix)
    return Finding("C compiler", True, " ".join(word for word in command if not word.startswith("-")))


def caches() -> Finding:
    try:
        folder = build.cache_folder()
    except OSError as error:
        return Finding("cache folder", False, str(error), "Set XDG_CACHE_HOME to a folder of your own.")
    libraries = len(list(folder.glob("*.so")))
    return Finding("cache folder", True, f"{folder} ({libraries} compiled nets)")
