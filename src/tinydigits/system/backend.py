"""Choose the Keras backend before Keras is first imported, and keep TensorFlow's banner off the terminal."""

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tinydigits.errors import MissingDependencyError

# Backends in order of preference, if KERAS_BACKEND is not set.
BACKENDS = ("tensorflow", "jax", "torch")


def prepare() -> str:
    """Set KERAS_BACKEND where it is not set; returns the backend's name.

    Call before the first import of Keras; afterwards it only says which backend runs.

    Raises:
        MissingDependencyError: Keras or the backend is not installed, or KERAS_BACKEND names no backend.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if "keras" in sys.modules:
        return str(sys.modules["keras"].backend.backend())
    name = os.environ.get("KERAS_BACKEND") or next(filter(installed, BACKENDS), "tensorflow")
    if name not in BACKENDS:
        raise MissingDependencyError(
            "KERAS_BACKEND", found=f"`{name}`", expected=f"one of {', '.join(BACKENDS)}", fix="Set it to one of these."
        )
    for package in ("keras", name):
        if not installed(package):
            raise missing(package)
    os.environ["KERAS_BACKEND"] = name
    if os.path.expanduser("~") == "~":  # noqa: PTH111 - no home: Keras would make a folder of that name here
        os.environ.setdefault("KERAS_HOME", os.devnull)
    return name


def installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def missing(package: str) -> MissingDependencyError:
    """The error for an optional package that is needed and not there."""
    extra = package if package in ("jax", "torch") else "train"
    return MissingDependencyError(
        package,
        found="no such package",
        expected=f"{package} installed, to train and draw or to read .keras files",
        fix=f"Run: pip install 'tinydigits[{extra}]' (in a checkout: '.[{extra}]')",
    )


def import_keras() -> str:
    """Prepare and import Keras, quietly; returns the backend's name.

    Raises:
        MissingDependencyError: as `prepare`.
    """
    name = prepare()
    if "keras" not in sys.modules:
        with silenced_stderr():
            importlib.import_module("keras")
            if installed("tensorflow"):  # Keras imports it on every backend, at the latest when it fits
                importlib.import_module("tensorflow")
    return name


@contextmanager
def silenced_stderr() -> Iterator[None]:
    """Discards what native code writes to stderr. TensorFlow 2.21 logs there before it reads its settings."""
    try:
        kept = os.dup(2)
    except OSError:  # closed: there is nothing to silence
        yield
        return
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
