import numpy as np
import pytest

from tinydigits.reader.tilt import tilt_of_lines


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
