"""The same drawing reads the same, whatever its size, colour, margin and polarity; nothing vanishes."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from drawn.dresses import DRESSES, drawing
from drawn.negatives import negative
from drawn.photos import photo
from tinydigits import Reader
from tinydigits.data.dataset import mnist
from tinydigits.reader.ink import find_ink, grey_of
from tinydigits.reader.search import dearest, is_believed_instead, is_better, is_final

TEXTS = ("7", "4", "25", "301", "8642")


@pytest.fixture(scope="module")
def reader():
    return Reader()


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("side", [60, 100, 101, 150, 280, 518, 1200])
def test_a_drawing_of_any_size_is_read(reader, few_digits, text, side):
    if side < 28 * len(text):
        pytest.skip("fewer pixels than the digits themselves have")
    assert reader.read(drawing(few_digits, text, side)).text == text


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("changed", DRESSES.values(), ids=DRESSES)
def test_a_drawing_reads_the_same_in_another_dress(reader, few_digits, text, changed):
    assert reader.read(changed(drawing(few_digits, text))).text == text


def test_a_page_upside_down_is_turned(reader, few_digits):
    picture = drawing(few_digits, "7452", 600)
    assert reader.read(picture.transpose(Image.Transpose.ROTATE_180)).text == "7452"


def leaning(picture, slant):
    """The picture sheared so that what stood upright leans to the right by so many pixels a row; margins are paper."""
    room = round(slant * picture.height)
    wide = ImageOps.expand(picture, (room, 0, room, 0), 255)
    return wide.transform(
        wide.size, Image.Transform.AFFINE, (1, slant, -room / 2, 0, 1, 0), Image.Resampling.BICUBIC, fillcolor=255
    )


@pytest.mark.parametrize("slant", [0.3, 0.9])
def test_numbers_that_lean_are_read(reader, few_digits, slant):
    assert reader.read(leaning(drawing(few_digits, "8642", 400), slant)).text == "8642"


def test_of_scribbles_few_are_read(reader):
    readings = [reader.read(negative("scribbles", seed)) for seed in range(20)]
    assert sum(bool(reading.digits) for reading in readings) <= 4
    assert all(reading.digits or reading.rejected for reading in readings)


def explanation(
    price,
    *,
    unlikely=False,
    outside=(),
    evidence=100.0,
    credible=100.0,
    legible=100.0,
    digits=4,
    typical=60.0,
    ones=False,
):
    """What `is_better` looks at; half of the price is for ink that was not read."""
    sheet = SimpleNamespace(unlikely=unlikely, outside=outside, height=typical)

    def price_at(height):
        return price / 2 + price / 2 * typical / height

    return SimpleNamespace(
        sheet=sheet,
        price=price,
        evidence=evidence,
        credible=credible,
        legible=legible,
        digits=digits,
        typical=typical,
        only_ones=ones,
        price_at=price_at,
    )


def test_a_picture_is_turned_only_if_it_then_reads_much_better():
    upright = explanation(10.0)
    assert is_better(explanation(3.0, unlikely=True, evidence=200.0), upright)
    assert not is_better(explanation(7.0, unlikely=True, evidence=200.0), upright)
    assert not is_better(explanation(3.0, unlikely=True, evidence=100.0), upright)
    assert not is_better(explanation(3.0, unlikely=True, evidence=200.0, digits=2), upright)
    assert is_better(explanation(9.0), upright)


def test_a_picture_that_shows_no_digits_as_it_is_is_turned_if_it_then_does():
    refused, turned = explanation(4.0), explanation(3.0, unlikely=True, evidence=200.0)
    assert is_believed_instead(turned, refused, lambda one: 7.0 if one is turned else -1.0)
    assert not is_believed_instead(turned, refused, lambda one: 5.0 if one is turned else -1.0)
    assert not is_believed_instead(turned, refused, lambda one: 7.0)
    upright, few = explanation(3.0, evidence=200.0), explanation(3.0, unlikely=True, evidence=200.0, digits=2)
    assert not is_believed_instead(upright, refused, lambda one: 7.0 if one is upright else -1.0)
    assert not is_believed_instead(few, refused, lambda one: 7.0 if one is few else -1.0)


def test_orientations_are_tried_unless_what_is_read_is_cheap_and_shows_digits():
    assert is_final(explanation(3.0), lambda one: 0.5)
    assert not is_final(explanation(3.0), lambda one: -0.5)
    assert not is_final(explanation(7.0), lambda one: 0.5)
    assert not is_final(explanation(3.0, ones=True), lambda one: 0.5)


def test_of_two_orientations_that_are_no_likelier_the_one_that_reads_more_counts():
    turned = explanation(3.0, unlikely=True, evidence=100.0)
    assert is_better(explanation(3.0, unlikely=True, evidence=110.0), turned)
    assert not is_better(explanation(2.0, unlikely=True, evidence=90.0), turned)


def test_unread_ink_costs_as_much_in_an_explanation_whose_digits_are_much_higher():
    grid = explanation(6.0, typical=600.0)
    assert not is_better(grid, explanation(20.0))
    assert is_better(explanation(20.0), grid)
    assert is_better(explanation(6.0, typical=66.0), explanation(20.0))


def test_what_reads_much_more_ink_is_better_if_heights_differ_much():
    fragments = explanation(1.0, legible=10.0, typical=20.0)
    assert is_better(explanation(30.0, legible=100.0), fragments)
    assert not is_better(explanation(30.0, legible=100.0, digits=2), fragments)


def test_strips_of_a_table_that_read_as_ones_give_way_to_digits():
    strips = explanation(0.5, ones=True, evidence=0.0, typical=800.0)
    assert is_better(explanation(9.0, unlikely=True, evidence=60.0), strips)
    assert not is_better(explanation(9.0, unlikely=True, evidence=40.0), strips)
    assert not is_better(explanation(9.0, unlikely=True, evidence=60.0, digits=2), strips)


def test_the_table_goes_unless_ink_on_it_reads_as_digits():
    whole = explanation(1.0)
    assert is_better(explanation(2.0, outside=((0, 0, 9, 9),)), whole)
    assert not is_better(explanation(2.0, outside=((0, 0, 9, 9),), credible=90.0), whole)
    assert is_better(explanation(2.0, outside=((0, 0, 9, 9),)), explanation(900.0, legible=900.0))  # grain
    assert not is_better(explanation(2.0, outside=((0, 0, 9, 9),), digits=2), whole)
    assert is_better(explanation(50.0, credible=150.0), explanation(2.0, outside=((0, 0, 9, 9),)))


def test_where_no_digit_is_credible_the_table_goes_unless_its_ink_reads_as_digits():
    cell, without = explanation(0.5, credible=0.0), {"credible": 0.0, "outside": ((0, 0, 9, 9),)}
    assert not is_better(explanation(30.0, legible=90.0, **without), cell)
    assert is_better(explanation(30.0, legible=100.0, **without), cell)


EXPLANATIONS = st.builds(
    explanation,
    st.floats(0, 40),
    unlikely=st.booleans(),
    outside=st.sampled_from([(), ((0, 0, 9, 9),)]),
    evidence=st.floats(0, 300),
    credible=st.sampled_from([0.0, 80.0, 100.0, 200.0]),
    legible=st.floats(1, 300),
    digits=st.integers(1, 5),
    typical=st.sampled_from([20.0, 60.0, 66.0, 600.0]),
    ones=st.booleans(),
)


@given(EXPLANATIONS, EXPLANATIONS, st.sampled_from((-1.0, 1.0, 7.0)), st.sampled_from((-1.0, 1.0)))
def test_nothing_beyond_the_dearest_price_is_better(one, best, of_one, of_best):
    def likely(each):
        return of_one if each is one else of_best

    if not (best.sheet.unlikely and not one.sheet.unlikely):  # the unlikely ones come last
        wins = is_better(one, best) or is_believed_instead(one, best, likely)
        assert one.price <= dearest(one.sheet, best, likely) or not wins


def test_the_grain_of_a_table_is_no_row_of_digits(reader):
    drawn = photo(mnist().validation, 201, "table")  # the edge of its sheet reads as a 1 beside the number
    assert "".join(reader.read(drawn.picture).text.split()) == "1490807"


def test_numbers_on_squared_paper_and_on_a_table_are_read(reader):
    digits = mnist().validation
    for condition, seed in (("squared", 1), ("table", 4), ("table", 11)):
        drawn = photo(digits, seed, condition)
        reading = reader.read(drawn.picture)
        assert "".join(reading.text.split()) == "".join(drawn.text.split())
        assert any(mark.reason == "outside the paper" for mark in reading.rejected) is (condition == "table")


def test_every_mark_is_a_digit_or_rejected_with_a_reason(reader, few_digits):
    picture = drawing(few_digits, "301", 400)
    marked = np.array(ImageOps.expand(picture, 60, 255))
    marked[20:23, 20:23] = marked[-30:-26, 30:80] = 0  # a speck and a dash
    reading = reader.read(Image.fromarray(marked))
    assert reading.text == "301"
    boxes = [mark.box for mark in (*reading.digits, *reading.rejected)]
    for y, x in ((21, 21), (len(marked) - 28, 50)):
        assert any(left <= x < left + width and top <= y < top + height for left, top, width, height in boxes)
    assert all(mark.reason for mark in reading.rejected)


def test_small_pictures_are_enlarged_and_large_ones_shrunk():
    for size, scale in (((40, 30), 0.25), ((200, 300), 1.0), ((2560, 1000), 2.0)):
        grey, found = grey_of(Image.new("L", size, 200))
        assert found == scale
        assert find_ink(grey, found).threshold == 1.0
