"""Versions of software, and the hardware, that produced a result."""

import platform
from importlib import metadata
from pathlib import Path

from tinydigits.system.cores import available_cores


def version_of(package: str) -> str | None:
    """Returns the installed version of a distribution, or None."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def versions(*packages: str) -> dict[str, str]:
    """Returns the versions of Python, tinydigits and each of `packages` that is installed."""
    found = {name: version_of(name) for name in ("tinydigits", *packages)}
    return {"python": platform.python_version(), **{name: version for name, version in found.items() if version}}


def training_versions(backend: str) -> dict[str, str]:
    """Returns the versions of all software in a training on a Keras backend, and the hardware."""
    packages = ("tensorflow-cpu", "tensorflow") if backend == "tensorflow" else (backend,)
    return {**versions("keras", *packages, "numpy"), "hardware": hardware()}


def hardware() -> str:
    """Returns the name of the processor and the number of cores that this process may use."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    cores = available_cores()
    return f"{names[0] if names else platform.processor() or platform.machine()}, {cores} core{'s' * (cores > 1)}"
