import numpy as np
import pytest

from tinydigits.reader import tilt
from tinydigits.reader.tilt import tilt_of_lines, tilt_of_marks


def bar(thickness, slope, width=120):
    """A page with one line from side to side, so many pixels thick, that falls by `slope` pixels a column."""
    rows, columns = np.mgrid[:100, :width]
    return np.abs(rows - 30 - slope * columns) <= thickness / 2


@pytest.mark.parametrize("thickness", [2, 6, 12])
@pytest.mark.parametrize("slope", [-0.1, 0.0, 0.1])
def test_a_thick_line_is_as_level_as_a_thin_one(thickness, slope):
    assert tilt_of_lines(bar(thickness, slope)) == pytest.approx(np.degrees(np.arctan(slope)), abs=0.75)


def test_a_page_without_a_long_line_has_no_tilt_of_lines():
    page = np.zeros((100, 120), bool)
    page[30:34, 20:60] = True
    assert tilt_of_lines(page) is None
    assert tilt_of_lines(np.zeros((100, 120), bool)) is None


@pytest.mark.parametrize("angle", [-15.0, -4.0, 0.0, 7.5])
@pytest.mark.parametrize("rows", [3, 12])
def test_the_tilt_of_many_marks_is_that_of_their_rows(angle, rows):
    random = np.random.default_rng(rows)
    level = np.stack(np.mgrid[:rows, :15], axis=-1).reshape(-1, 2) * (60.0, 31.0)
    level += random.normal(0, 2, level.shape)
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    y, x = level.T
    turned = np.stack([y * cos + x * sin, x * cos - y * sin], axis=1)
    assert tilt_of_marks(turned, 30.0) == pytest.approx(angle, abs=0.75)


def test_of_many_marks_only_some_are_compared(monkeypatch):
    compared = []
    monkeypatch.setattr(tilt, "agreement", lambda centres, *_: compared.append(len(centres)) or 0.0)
    for marks in (5, 80, 81, 1000):
        tilt_of_marks(np.zeros((marks, 2)), 30.0)
    assert sorted(set(compared)) == [5, 41, 77, 80]
