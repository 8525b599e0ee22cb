import os
import sys
from types import SimpleNamespace

import pytest

from tinydigits.errors import MissingDependencyError
from tinydigits.system import backend


@pytest.fixture
def machine(monkeypatch):
    """A process without Keras, on a machine on which only those packages are installed that are named."""
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    for variable in ("KERAS_BACKEND", "KERAS_HOME", "TF_CPP_MIN_LOG_LEVEL"):
        monkeypatch.setenv(variable, "")  # so that what it had is put back afterwards
        monkeypatch.delenv(variable)

    def with_packages(*names):
        monkeypatch.setattr(backend.importlib.util, "find_spec", lambda name: name if name in names else None)

    return with_packages


@pytest.mark.parametrize(
    ("packages", "chosen"),
    [(("jax", "torch", "tensorflow"), "tensorflow"), (("torch", "jax"), "jax"), (("torch",), "torch")],
)
def test_the_first_backend_that_is_installed_is_chosen_and_told_to_keras(machine, packages, chosen):
    machine("keras", *packages)
    assert backend.prepare() == chosen
    assert os.environ["KERAS_BACKEND"] == chosen
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "3"


def test_the_users_own_backend_and_loudness_are_kept(machine, monkeypatch):
    machine("keras", "tensorflow", "torch")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    assert backend.prepare() == "torch"
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0"


@pytest.mark.parametrize(
    ("packages", "asked", "missing", "extra"),
    [
        (("tensorflow",), "tensorflow", "keras", "train"),
        (("keras",), None, "tensorflow", "train"),
        (("keras", "tensorflow"), "jax", "jax", "jax"),
        (("keras", "tensorflow"), "torch", "torch", "torch"),
    ],
)
def test_a_missing_package_is_named_with_the_extra_that_brings_it(
    machine, monkeypatch, packages, asked, missing, extra
):
    machine(*packages)
    if asked:
        monkeypatch.setenv("KERAS_BACKEND", asked)
    with pytest.raises(MissingDependencyError, match=rf"^{missing}: .*tinydigits\[{extra}\]"):
        backend.prepare()


def test_once_keras_is_imported_its_backend_is_told_whatever_the_environment_says(machine, monkeypatch):
    machine()
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    imported = SimpleNamespace(backend=SimpleNamespace(backend=lambda: "jax"))
    monkeypatch.setitem(sys.modules, "keras", imported)
    assert backend.prepare() == "jax"
    assert backend.import_keras() == "jax"


@pytest.mark.parametrize(("home", "keras_home"), [("~", os.devnull), ("/home/someone", None)])
def test_without_a_home_keras_writes_nowhere(machine, monkeypatch, home, keras_home):
    machine("keras", "jax")
    monkeypatch.setattr(os.path, "expanduser", lambda path: home)
    backend.prepare()
    assert os.environ.get("KERAS_HOME") == keras_home


@pytest.mark.parametrize("with_tensorflow", [True, False])
def test_keras_is_imported_without_a_word_and_tensorflow_with_it_where_it_is(
    machine, monkeypatch, capfd, with_tensorflow
):
    machine("keras", "jax", *["tensorflow"] * with_tensorflow)
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    imported = []

    def import_module(name):
        os.write(2, b"a banner\n")
        imported.append(name)

    monkeypatch.setattr(backend.importlib, "import_module", import_module)
    assert backend.import_keras() == "jax"
    assert imported == ["keras", *["tensorflow"] * with_tensorflow]
    os.write(2, b"heard\n")
    assert capfd.readouterr().err == "heard\n"
