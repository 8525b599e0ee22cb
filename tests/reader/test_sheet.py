"""Sheets made upright, and where their marks lie in the picture."""

import numpy as np
import pytest

from tinydigits.reader.page import label_page
from tinydigits.reader.sheet import Sheet, sheet_of, upright

SIZE = (300, 200)


def leaning_bar(slant):
    """The sheet of a bar 8 pixels wide and 100 high, that leans to the right by `slant` pixels a row; and its mask."""
    rows, columns = np.mgrid[:200, :300]
    mask = (np.abs(columns - 150 - slant * (100 - rows)) <= 4) & (rows >= 50) & (rows < 150)
    sheet = sheet_of(label_page(mask.astype(np.float32), 0.5, np.eye(2, 3)))
    assert sheet is not None
    return sheet, mask


def box_of(mask):
    rows, columns = np.nonzero(mask)
    return int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1


@pytest.mark.parametrize("slant", [0.25, 0.45])
def test_strokes_that_lean_stand_upright_once_their_slant_is_taken_out(slant):
    sheet, mask = leaning_bar(slant)
    straight = upright(sheet, slant)
    (mark,) = straight.marks
    assert mark.width <= sheet.stroke + 4
    assert mark.height == pytest.approx(sheet.typical, abs=2)
    assert np.allclose(straight.box([mark], SIZE), box_of(mask), atol=6)


def test_the_box_of_marks_is_that_of_their_ink_in_the_picture():
    sheet, mask = leaning_bar(0.3)
    assert np.allclose(sheet.box(sheet.marks, SIZE), box_of(mask), atol=3)


def test_ink_is_kept_where_it_is_sheared_to():
    sheet, _ = leaning_bar(0.45)
    straight: Sheet = upright(sheet, 0.45)
    assert straight.ink.sum() == pytest.approx(sheet.ink.sum(), rel=0.02)
    assert straight.ink.shape[0] == sheet.ink.shape[0]
