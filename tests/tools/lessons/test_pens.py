"""Lines and the pens that draw them."""

import numpy as np

from lessons.pens import FAR, MARGIN, bones_of, inked, laid, resized, slanted, thinned, tight
from lessons.shapes import line


def test_a_thick_bar_is_thinned_to_a_line_along_its_middle():
    bar = np.zeros((1, 20, 30), np.bool_)
    bar[0, 8:13, 4:26] = True
    bones = thinned(bar)[0]
    assert set(np.flatnonzero(bones.any(axis=1)).tolist()) <= {9, 10, 11}
    assert bones.any(axis=0).sum() > 15


def test_a_ring_stays_a_ring_when_it_is_thinned():
    rows, columns = np.mgrid[:40, :40] - 20
    distance = np.hypot(rows, columns)
    bones = thinned(((distance > 8) & (distance < 14))[None])[0]
    assert bones[20, 20:].sum() == 1
    assert not bones[18:23, 18:23].any()


def test_a_pen_draws_lines_as_wide_as_it_is():
    drawing = bones_of([line((0, 0), (1, 0))], 40)
    assert np.isclose(inked(drawing, 3)[drawing.shape[0] // 2].sum(), 6)


def test_a_drawing_is_as_high_as_asked_for_and_has_its_margin():
    drawing = resized(bones_of([line((0, 0), (1, 0.5))], 40), 60)
    assert abs(drawing.shape[0] - 2 * MARGIN - 60) <= 2
    assert drawing[:3].min() > 3


def test_an_upright_line_leans_to_the_right_when_it_is_slanted():
    drawing = slanted(bones_of([line((0, 0), (1, 0))], 40), 0.5)
    rows, columns = np.nonzero(drawing < 1)
    assert columns[rows < 15].mean() > columns[rows > 35].mean() + 5


def test_what_is_laid_over_a_canvas_tells_where_it_is_the_nearer_line():
    canvas = np.full((60, 60), FAR, np.float32)
    drawing = tight(bones_of([line((0, 0), (1, 0))], 30))
    first = laid(canvas, drawing, 5, 5)
    second = laid(canvas, drawing, 5, 15)
    assert first[20, 5 + MARGIN]
    assert second[20, 15 + MARGIN]
    assert not second[20, 5 + MARGIN]
    assert np.isclose(canvas[20, 15 + MARGIN], 0)
