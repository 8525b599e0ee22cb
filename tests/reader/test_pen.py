import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinydigits.reader.pen import LEAST_WIDTH, at_least, grown, stroke_width, widened


def bar(width, *, height=60, slope=0.0):
    """A straight stroke from top to bottom, `slope` columns to the right a row: bool [height, …]."""
    rows, columns = np.mgrid[:height, : 20 + width + int(slope * height) + 20]
    return np.abs(columns - 20 - width / 2 + 0.5 - slope * rows) * np.cos(np.arctan(slope)) < width / 2


@given(st.integers(3, 12), st.floats(0, 1.5))
def test_the_width_of_a_stroke_is_measured_at_any_slant(width, slope):
    assert stroke_width(bar(width, slope=slope)) == pytest.approx(width, rel=0.3)


def test_no_ink_has_no_width():
    assert stroke_width(np.zeros((5, 5), bool)) == 0


def test_a_thin_stroke_becomes_as_wide_as_nets_expect():
    own = bar(2, height=80)
    wide = widened(own.astype(np.float32), own)
    assert stroke_width(wide > 0.5) == pytest.approx(LEAST_WIDTH * 80, abs=1.5)


def test_a_thick_stroke_is_left_alone():
    own = bar(12, height=80)
    ink = own.astype(np.float32)
    assert widened(ink, own) is ink


@given(st.floats(0, 6))
def test_ink_grows_by_the_radius_to_every_side_and_keeps_its_range(radius):
    dot = np.zeros((1, 1), np.float32) + 1
    spread = grown(dot, radius)
    assert spread[len(spread) // 2].sum() == pytest.approx(1 + 2 * radius, abs=1e-4)
    assert (spread.min(), spread.max()) == (pytest.approx(0, abs=1), 1)


@pytest.mark.parametrize("width", [2, 5, 9])
def test_strokes_are_widened_to_a_width_and_thick_ones_left_alone(width):
    own = bar(width, height=80)
    wide = at_least(own.astype(np.float32), 6.0)
    assert stroke_width(wide > 0.5) == pytest.approx(max(width, 6), abs=1.0)
