import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinydigits.export.c.text import WIDTH, array, number

FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(FLOATS)
def test_a_float_reads_back_as_the_same_bits(value):
    text = number(np.float32(value))
    assert re.fullmatch(r"-?\d+\.\d+(e[+-]\d+)?f", text), "C takes it for a float constant"
    assert np.float32(text[:-1]).tobytes() == np.float32(value).tobytes()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (np.int64(-127), "-127"),
        (np.uint8(255), "255"),
        (0.0, "0.0f"),
        (np.float32(0.1), "0.1f"),
        (-2.0, "-2.0f"),
        (1234567.0, "1234567.0f"),
        (1e-20, "1.0e-20f"),
        (1e30, "1.0e+30f"),
    ],
)
def test_numbers_are_as_short_as_they_can_be(value, text):
    assert number(value) == text


@given(st.lists(FLOATS, min_size=1, max_size=60))
def test_an_array_holds_its_numbers_in_order_in_lines_that_are_not_too_long(values):
    text = array("float", "weights", np.array(values, np.float32).reshape(-1, 1), "what they are")
    comment, declaration, *lines = text.splitlines()
    assert comment == "/* what they are */"
    assert declaration == f"static const float weights[{len(values)}] TABLE = {{"
    assert max(map(len, lines)) <= WIDTH + 4 + len("};")
    assert lines[-1].endswith("};")
    found = "".join(lines)[: -len("};")].replace("f", "").split(",")
    assert np.array_equal(np.array(found, np.float32), np.array(values, np.float32))
