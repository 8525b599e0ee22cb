"""Which versions of what produced a result."""

import os
import platform
from importlib import metadata
from pathlib import Path


def version_of(package: str) -> str | None:
    """The installed version of a distribution, or None."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def versions(*packages: str) -> dict[str, str]:
    """Versions of Python, tinydigits and those of `packages` that are installed."""
    found = {name: version_of(name) for name in ("tinydigits", *packages)}
    return {"python": platform.python_version(), **{name: version for name, version in found.items() if version}}


def training_versions(backend: str) -> dict[str, str]:
    """Versions of what takes part in a training on a Keras backend."""
    packages = ("tensorflow-cpu", "tensorflow") if backend == "tensorflow" else (backend,)
    return versions("keras", *packages, "numpy")


def hardware() -> str:
    """The processor's name and its usable cores, for published figures."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor() or platform.machine()}, {os.cpu_count()} cores"
