import numpy as np
from tinydigits.reader.broken import joined, pieces

from tinydigits.reader.page import Page
from tinydigits.reader.segment import components, union


def page_with(gap, *, beside=False):
    """A stroke 6 pixels wide and 80 high with a gap in it; or two such strokes, a gap apart."""
    mask = np.zeros((120, 120), bool)
    if beside:
        mask[20:100, 40:46] = mask[20:100, 46 + gap : 52 + gap] = True
    else:
        mask[20:60, 40:46] = mask[60 + gap : 100, 40:46] = True
    labels, marks = components(mask, mask)
    return Page(mask.astype(np.float32), labels, marks, np.eye(3)[:2])


def test_pieces_nearly_touch():
    page = page_with(5)
    ((first, second, both),) = pieces(page.marks, page)
    assert (first, second, both.height, both.width) == (0, 1, 80, 6)


def test_digits_stand_further_apart():
    page = page_with(16)
    assert list(pieces(page.marks, page)) == []
    apart = page_with(16, beside=True)
    assert list(pieces(apart.marks, apart)) == []


def test_each_mark_is_joined_once():
    one, two, three = (page_with(gap).marks[0] for gap in (2, 3, 4))
    pair = union((one, two))
    assert joined((one, two, three), [(0, 1, pair), (1, 2, union((two, three)))]) == [pair, three]
