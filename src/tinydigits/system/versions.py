"""Which versions of what produced a result."""

import platform
from importlib import metadata
from pathlib import Path

from tinydigits.system.cores import available_cores


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
    """Versions of what takes part in a training on a Keras backend, and the hardware under it."""
    packages = ("tensorflow-cpu", "tensorflow") if backend == "tensorflow" else (backend,)
    return {**versions("keras", *packages, "numpy"), "hardware": hardware()}


def hardware() -> str:
    """The processor's name and the cores that this process may use, for published figures."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    cores = available_cores()
    return f"{names[0] if names else platform.processor() or platform.machine()}, {cores} core{'s' * (cores > 1)}"
