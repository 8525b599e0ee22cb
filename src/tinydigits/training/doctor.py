"""What this machine has of what tinydigits can use, and what to do about what is missing."""

import base64
import hashlib
import os
import platform
import sys
import tempfile
import warnings
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, PackagePath, distribution
from pathlib import Path

from tinydigits.engine.compiler import build
from tinydigits.errors import CompilerError, TinydigitsError
from tinydigits.system import backend
from tinydigits.system.notes import Note
from tinydigits.system.versions import version_of

CORE = ("numpy", "pillow", "scipy", "onnx", "onnxruntime", "click", "rich", "platformdirs")
# What is compiled to see whether a library can be loaded.
SAMPLE = "int answer(void) { return 42; }\n"
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
        package_files(),
        Finding("python", sys.version_info >= (3, 11), f"{platform.python_version()} on {platform.platform()}"),
        *(package(name, "") for name in CORE),
        *(package(name, extra) for name, extra in OPTIONAL.items()),
        keras_backend(),
        compiler(),
        caches(),
    ]


def package_files() -> Finding:
    """Whether the files of the package are those that were installed, by the hashes that the installer recorded."""
    try:
        recorded = [
            file for file in distribution("tinydigits").files or () if file.parts[0] == "tinydigits" and file.hash
        ]
    except PackageNotFoundError:
        recorded = []
    changed = [str(file) for file in recorded if not is_as_installed(file)]
    if changed:
        advice = "Install tinydigits again: pip install --force-reinstall tinydigits"
        return Finding("package files", False, f"{len(changed)} changed or missing: {', '.join(changed[:5])}", advice)
    found = f"{len(recorded)} as installed" if recorded else "a checkout, where nothing was recorded"
    return Finding("package files", True, found)


def is_as_installed(file: PackagePath) -> bool:
    """Whether a file's SHA-256 is the one in the wheel's RECORD: in URL-safe base64, without padding."""
    try:
        found = hashlib.sha256(file.read_binary()).digest()
    except OSError:
        return False
    recorded = file.hash
    return recorded is None or base64.urlsafe_b64encode(found).rstrip(b"=").decode() == recorded.value


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
        with warnings.catch_warnings(action="ignore", category=Note):  # the finding says the same
            found = build.find_compiler().command
    except CompilerError as error:
        return Finding("C compiler", False, "none that works; Keras' own fit trains, slower", error.fix)
    command = " ".join(word for word in found if not word.startswith("-"))
    trouble = build.passed_over(found)
    return Finding("C compiler", not trouble, command, trouble and f"{trouble}. Correct or unset it.")


def caches() -> Finding:
    """The folder that keeps compiled nets; a tiny library is compiled there and loaded."""
    try:
        folder = build.cache_folder()
        libraries = len(list(folder.glob("*.so")))
        try_to_compile_in(folder)
    except (OSError, CompilerError) as error:
        advice = "Free its disk or set XDG_CACHE_HOME to another folder; until then each process compiles anew."
        return Finding("cache folder", False, str(error), advice)
    return Finding("cache folder", True, f"{folder} ({libraries} compiled nets)")


def try_to_compile_in(folder: Path) -> None:
    """Raise OSError or CompilerError where a library compiled in `folder` cannot be loaded from there."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="doctor-") as place:
        try:
            compiler = build.find_compiler()
        except CompilerError:  # another finding says so
            return
        build.library_in(Path(place), SAMPLE, compiler)
