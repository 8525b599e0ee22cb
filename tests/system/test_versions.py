import platform
from pathlib import Path

import pytest

import tinydigits
from tinydigits.system import versions


def test_what_is_not_installed_has_no_version():
    assert versions.version_of("no-such-package") is None
    assert list(versions.versions("numpy", "no-such-package")) == ["python", "tinydigits", "numpy"]


def test_python_and_tinydigits_are_named_in_any_case():
    assert versions.versions() == {"python": platform.python_version(), "tinydigits": tinydigits.__version__}


@pytest.mark.parametrize(
    ("backend", "names"),
    [
        ("tensorflow", ["keras", "tensorflow-cpu", "tensorflow", "numpy"]),
        ("jax", ["keras", "jax", "numpy"]),
        ("torch", ["keras", "torch", "numpy"]),
    ],
)
def test_a_training_names_its_own_backend_and_the_hardware(monkeypatch, backend, names):
    monkeypatch.setattr(versions, "version_of", lambda package: f"version of {package}")
    found = versions.training_versions(backend)
    assert list(found) == ["python", "tinydigits", *names, "hardware"]
    assert found["keras"] == "version of keras"
    assert found["hardware"] == versions.hardware()


@pytest.mark.parametrize(
    ("lines", "cores", "words"),
    [
        ("processor : 0\nmodel name\t: Fast: 3 GHz\nmodel name\t: Slow\n", 2, "Fast: 3 GHz, 2 cores"),
        ("model name\t: Fast\n", 1, "Fast, 1 core"),
        ("Hardware : a board\n", 4, "its platform, 4 cores"),
        (None, 1, "its platform, 1 core"),
    ],
)
def test_hardware_is_the_processors_name_and_its_cores(monkeypatch, tmp_path, lines, cores, words):
    info = tmp_path / "cpuinfo"
    if lines is not None:
        info.write_text(lines)
    monkeypatch.setattr(versions, "Path", lambda path: {"/proc/cpuinfo": info}.get(path, Path(path)))
    monkeypatch.setattr(versions, "available_cores", lambda: cores)
    monkeypatch.setattr(platform, "processor", lambda: "its platform")
    assert versions.hardware() == words


def test_a_processor_without_a_name_is_called_by_its_architecture(monkeypatch, tmp_path):
    monkeypatch.setattr(versions, "Path", lambda path: tmp_path / "missing")
    monkeypatch.setattr(platform, "processor", lambda: "")
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert versions.hardware().startswith("riscv64, ")
