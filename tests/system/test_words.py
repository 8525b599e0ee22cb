import pytest

from tinydigits.system.words import counted


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 images"), (1, "1 image"), (2, "2 images"), (2000, "2,000 images")]
)
def test_a_noun_agrees_with_its_number(number, words):
    assert counted(number, "image") == words
