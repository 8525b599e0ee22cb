"""Type faces of lessons."""

import shutil
from pathlib import Path

import matplotlib
import numpy as np
import pytest

from lessons import faces
from lessons.built import typed_digits

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"


@pytest.fixture
def own_fonts(tmp_path, monkeypatch):
    """$LESSON_FONTS with four faces of each kind, in which fonts of Matplotlib stand for others."""
    for kind in ("hands", "scripts"):
        (tmp_path / kind).mkdir()
        for k, name in enumerate(("DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSerif-Bold")):
            shutil.copy(FONTS / f"{name}.ttf", tmp_path / kind / f"{k}.woff")
    monkeypatch.setenv("LESSON_FONTS", str(tmp_path))
    faces.added_faces.cache_clear()
    yield
    faces.added_faces.cache_clear()


def test_without_a_folder_of_fonts_faces_are_those_of_matplotlib(monkeypatch):
    monkeypatch.delenv("LESSON_FONTS", raising=False)
    faces.added_faces.cache_clear()
    assert faces.added_faces(held_out=False, script=False) == ()
    assert typed_digits(held_out=False) == []
    rng = np.random.default_rng(0)
    names = {faces.any_face(rng, held_out=True, script=script).font.getname()[0] for script in (False, True)}
    assert names == {"STIXGeneral"}


@pytest.mark.usefixtures("own_fonts")
def test_every_third_face_is_kept_to_judge_by():
    learnt, kept = (faces.added_faces(held_out, script=False) for held_out in (False, True))
    assert [face.font.path[-6:] for face in kept] == ["0.woff", "3.woff"]
    assert [face.font.path[-6:] for face in learnt] == ["1.woff", "2.woff"]


@pytest.mark.usefixtures("own_fonts")
def test_faces_of_other_scripts_hold_letters_beyond_latin_alone():
    letters = {letter for face in faces.added_faces(held_out=False, script=True) for letter in face.letters}
    assert {"Γ", "Ж", "א"} <= letters
    assert not any(letter.isascii() or letter.isdigit() for letter in letters)


@pytest.mark.usefixtures("own_fonts")
def test_digits_of_fonts_are_digits_with_their_labels():
    ((images, labels),) = typed_digits(held_out=False)
    assert images.shape == (2 * 10 * 4, 28, 28)
    assert np.bincount(labels).tolist() == [8] * 10
    assert images.any(axis=(1, 2)).all()
