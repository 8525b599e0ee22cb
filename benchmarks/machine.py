"""The machine and versions that a benchmark's figures hold for, as lines of markdown."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("keras", "tensorflow-cpu", "tensorflow", "jax", "torch", "onnxruntime", "ai-edge-litert", "numpy")


def describe_machine() -> str:
    system = f"{platform.system()} {platform.machine()}"
    return "\n".join(
        [
            f"- {date.today().isoformat()}; {processor()}, {os.cpu_count()} cores; {system}",
            f"- load while it began (1 means one core at work): {os.getloadavg()[0]:.1f}",
            f"- Python {platform.python_version()}; {versions()}; {compiler()}",
        ]
    )


def processor() -> str:
    """The processor's name, and the widest vectors that it has."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except FileNotFoundError:
        return platform.processor()
    facts = {line.split(":")[0].strip(): line.split(":")[1].strip() for line in lines if ":" in line}
    flags = facts.get("flags", "").split()
    width = next((name for name in ("avx512f", "avx2", "avx") if name in flags), "no AVX")
    return f"{facts.get('model name', platform.processor())} ({width})"


def versions() -> str:
    return ", ".join(f"{name} {found}" for name in PACKAGES if (found := version_of(name)))


def version_of(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def compiler() -> str:
    done = subprocess.run(["cc", "--version"], capture_output=True, text=True, check=False)
    return done.stdout.splitlines()[0] if done.stdout else "no cc"
