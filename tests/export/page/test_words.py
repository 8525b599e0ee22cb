"""The page says in words how sure it is, and what is no digit."""

import math

import pytest

from helpers.browser import needs_browser
from tinydigits.export.inline import Module, inlined
from tinydigits.export.web_page import modules

pytestmark = needs_browser
ENTRY = 'import { sentenceOf } from "./words.js";\nwindow.sentenceOf = sentenceOf;\n'
# Drawings that are no digits: lines through points, as shares of the sheet's height, from the middle.
SPIRAL = [(0.03 * t * math.cos(t), 0.03 * t * math.sin(t)) for t in (0.4 * i for i in range(32))]
DRAWINGS = {
    "cross": [[(-0.3, -0.3), (0.3, 0.3)], [(0.3, -0.3), (-0.3, 0.3)]],
    "letter W": [[(-0.35, -0.25), (-0.2, 0.25), (0, -0.1), (0.2, 0.25), (0.35, -0.25)]],
}


@pytest.mark.parametrize(
    ("confidence", "sentence"), [(0.95, "This is a 4: 95.0 % sure."), (0.89, "This may be a 4: 89.0 % sure.")]
)
def test_an_answer_that_is_not_sure_may_be_one(chromium, confidence, sentence):
    page = chromium.new_page()
    page.add_script_tag(content=inlined([*modules(), Module("entry.js", ENTRY)], "entry.js"))
    assert page.evaluate("(reading) => sentenceOf(reading)", [{"digit": 4, "confidence": confidence}]) == sentence
    page.close()


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_that_is_no_digit_is_said_to_be_none(opened, name):
    assert sentence_of(opened, DRAWINGS[name]) == "This is no digit."


def test_a_spiral_is_no_digit_or_at_most_may_be_one(opened):
    assert sentence_of(opened, [SPIRAL]).startswith(("This is no digit", "This may be"))


def sentence_of(opened, lines):
    with opened("reader") as sheet:
        shape = sheet.box["height"] / sheet.box["width"]
        for line in lines:
            sheet.stroke([(0.5 + x * shape, 0.5 + y) for x, y in line])
        return sheet.sentence
