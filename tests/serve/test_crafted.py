"""Files that are made to run code: the server refuses them, and nothing runs."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from helpers.runs import write_run
from helpers.served import running, without_reading_processes
from tinydigits.errors import TinydigitsError
from tinydigits.serve import service
from tinydigits.serve.settings import Settings


class Trap:
    """Unpickled, it writes a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self):
        return Path.write_text, (self.file, "ran")


@pytest.fixture
def marker(tmp_path) -> Path:
    """The file that is there if something ran."""
    return tmp_path / "ran"


def pickled(marker: Path) -> bytes:
    """An .npz with an array of objects."""
    packed = io.BytesIO()
    np.savez(packed, images=np.array([Trap(marker)], object))
    return packed.getvalue()


def test_the_trap_works(marker):
    with np.load(io.BytesIO(pickled(marker)), allow_pickle=True) as arrays:
        arrays["images"]
    assert marker.exists()


@pytest.mark.parametrize("path", ["/v1/classify", "/v1/read"])
@pytest.mark.parametrize("kind", ["application/octet-stream", "application/json", "application/x-npz", "image/png"])
def test_a_pickle_in_a_request_is_refused(served, marker, path, kind):
    answer = served.ask("POST", path, pickled(marker), content_type=kind)
    assert answer.status in (400, 415, 422)
    assert not marker.exists()


def test_a_pickle_among_the_answers_of_a_run_is_not_shown(tmp_path, marker, monkeypatch):
    without_reading_processes(monkeypatch)
    write_run(tmp_path / "run")
    np.save(tmp_path / "run" / "answers.npy", np.array([Trap(marker)], object), allow_pickle=True)
    with running(Settings("pocket-1k", runs=tmp_path)) as server:
        assert server.ask("GET", "/v1/look?run=run").json["answers"] is None
    assert not marker.exists()


@pytest.mark.parametrize("named", [False, True])
def test_a_model_with_code_of_its_own_is_not_served(tmp_path, marker, named):
    import keras

    def trap(x):
        marker.write_text("ran")
        return x

    model = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10)])
    model.add(keras.layers.Lambda(trap if named else lambda x: trap(x)))  # noqa: PLW0108 - Keras knows a lambda by its name
    marker.unlink()  # building the model ran it
    model.save(tmp_path / "crafted.keras")
    with pytest.raises(TinydigitsError, match="Could not locate function 'trap'" if named else "`Lambda` layer"):
        service.loaded(str(tmp_path / "crafted.keras"))
    assert not marker.exists()


def test_a_model_that_is_an_archive_of_other_files_is_not_served(tmp_path, marker):
    with zipfile.ZipFile(tmp_path / "crafted.keras", "w") as archive:
        archive.writestr(f"../{marker.name}", "ran")
    with pytest.raises(TinydigitsError):
        service.loaded(str(tmp_path / "crafted.keras"))
    assert not marker.exists()
    assert not (tmp_path.parent / marker.name).exists()
