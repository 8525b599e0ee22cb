import numpy as np
import pytest

from tinydigits.reader.lines import frame_depths, rulings, without_frame


def paper(slope=0.0, gaps=False):
    """Lines 2 pixels thick every 60 rows, falling by `slope` rows a column: bool [400, 600]."""
    rows, columns = np.mgrid[:400, :600]
    mask = (rows - np.round(slope * columns).astype(int)) % 60 < 2
    return mask & ((columns % 50 > 3) | (not gaps))


@pytest.mark.parametrize("slope", [0, 0.02, -0.03])
@pytest.mark.parametrize("gaps", [False, True])
def test_lines_go_though_they_drift_and_have_gaps(slope, gaps):
    mask = paper(slope, gaps)
    assert (mask & ~rulings(mask))[10:-10].mean() < 0.002


def test_squared_paper_goes_along_both_axes():
    mask = paper() | paper().T[:, :400].repeat(2, axis=1)[:400, :600]
    assert (mask & ~rulings(mask)).mean() < 0.01


def test_a_stroke_that_crosses_a_line_stays_whole():
    mask = paper()
    mask[100:160, 300:306] = True
    assert (mask & ~rulings(mask))[100:160, 300:306].all()


def test_the_strokes_of_a_row_of_digits_are_no_line():
    mask = np.zeros((400, 600), bool)
    for left in range(20, 560, 60):
        mask[200:204, left : left + 40] = True  # the bars of sevens
    assert not rulings(mask).any()


def test_upright_strokes_that_fill_a_strip_are_no_lines():
    mask = np.zeros((90, 700), bool)
    mask[8:82, 100:106] = mask[8:82, 300:306] = True
    assert not rulings(mask).any()


def test_a_long_straight_stroke_of_a_pen_loses_nothing():
    mask = np.zeros((280, 280), bool)
    mask[100:200, 100:112] = mask[190:200, 100:165] = True
    mask[150:168, 104:112] = False  # thin there, as a pen's stroke may be
    assert not rulings(mask).any()


def test_a_ruling_that_strokes_cross_often_is_found_between_them():
    mask = np.zeros((200, 400), bool)
    mask[100:103] = True
    for left in range(0, 400, 20):
        mask[70:130, left : left + 10] = True
    found = rulings(mask)
    assert found[101, 14::20].all()
    assert not found[:, 5::20].any()


@pytest.mark.parametrize("shape", [(1, 500), (500, 1), (3, 3), (8, 8)])
def test_a_strip_has_no_lines(shape):
    assert rulings(np.ones(shape, bool)).shape == shape


def test_a_frame_goes_and_what_it_frames_stays():
    mask = np.zeros((80, 80), bool)
    mask[3:6], mask[:, 74:77] = True, True
    mask[30:60, 38:44] = True
    kept = without_frame(mask)
    assert kept[30:60, 38:44].all()
    assert kept.sum() == 30 * 6


@pytest.mark.parametrize("left", [45, 250])
def test_a_digit_near_the_end_of_a_long_strip_is_no_side_of_its_frame(left):
    mask = np.zeros((80, 300), bool)
    mask[2:4] = True
    mask[2:78, left : left + 5] = True  # a 1 as high as the strip
    assert frame_depths(mask) == [5, 0, 0, 0]


@pytest.mark.parametrize("turns", range(4))
def test_a_line_of_a_frame_may_end_at_another_one(turns):
    mask = np.zeros((80, 80), bool)
    mask[:66, 4:7] = True  # 82 % of the side: not enough by itself
    mask[66:70] = True
    assert frame_depths(np.rot90(mask, -turns)) == np.roll([0, 0, 15, 8], turns).tolist()


def test_a_line_that_ends_early_is_no_frame_where_no_other_line_is():
    mask = np.zeros((80, 80), bool)
    mask[:66, 4:7] = True
    assert frame_depths(mask) == [0, 0, 0, 0]
