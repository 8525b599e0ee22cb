"""A page is turned by quarters without its ink being looked for anew."""

import numpy as np

from tinydigits.reader.page import label_page, quarter_turned


def blots():
    """A page of three marks, one of which touches a side."""
    contrast = np.zeros((60, 90), np.float32)
    contrast[5:20, 10:30] = contrast[30:50, 40:48] = contrast[0:9, 70:90] = 1
    return label_page(contrast, 0.5, np.array([[2.0, 0, 3], [0, 2.0, 5]]))


def boxes(page):
    return {(mark.top, mark.left, mark.bottom, mark.right, mark.area) for mark in page.marks}


def test_a_quarter_turn_has_the_marks_of_the_turned_ink():
    page = blots()
    turned = quarter_turned(page)
    anew = label_page(np.rot90(page.contrast), page.threshold, page.to_picture)
    assert np.array_equal(turned.contrast, anew.contrast)
    assert boxes(turned) == boxes(anew)
    for mark in turned.marks:
        (label,) = mark.labels
        assert (turned.labels[mark.top : mark.bottom, mark.left : mark.right] == label).all()


def test_a_turned_page_knows_its_places_in_the_picture():
    page = blots()
    turned = page
    for _ in range(4):
        turned = quarter_turned(turned)
        placed = {turned.box(mark, (200, 200)) for mark in turned.marks}
        assert placed == {page.box(mark, (200, 200)) for mark in page.marks}
    assert np.allclose(turned.to_picture, page.to_picture)
