import numpy as np

from tinydigits.reader.reading import Digit, Reading, Rejected


def a_digit(digit=7, box=(1, 2, 3, 4)):
    return Digit(digit, 0.123456, box, np.zeros((28, 28), np.uint8), np.zeros(10, np.float32))


def test_a_reading_as_json_has_rounded_numbers_and_says_only_what_there_is():
    marks = (Rejected((5, 6, 7, 8), 0.98765, "not a digit"), Rejected((0, 0, 1, 1), 1.0, "a sign", "-"))
    assert Reading("7", (a_digit(),), marks).as_json() == {
        "text": "7",
        "digits": [{"digit": 7, "confidence": 0.1235, "box": [1, 2, 3, 4]}],
        "rejected": [
            {"box": [5, 6, 7, 8], "score": 0.9877, "reason": "not a digit"},
            {"box": [0, 0, 1, 1], "score": 1.0, "reason": "a sign", "sign": "-"},
        ],
        "doubtful": False,
    }


def test_a_reading_is_doubtful_where_there_is_another_text_even_an_empty_one():
    assert Reading("7", runner_up="1").as_json() == {
        "text": "7",
        "digits": [],
        "rejected": [],
        "doubtful": True,
        "runner_up": "1",
    }
    assert Reading("7", runner_up="").doubtful
    assert not Reading("7").doubtful


def test_boxes_grow_with_the_picture_and_nothing_else_changes():
    reading = Reading("7", (a_digit(),), (Rejected((5, 6, 7, 8), 0.9, "not a digit", "/"),), "1")
    large = reading.enlarged(3)
    assert large.digits[0].box == (3, 6, 9, 12)
    assert large.rejected == (Rejected((15, 18, 21, 24), 0.9, "not a digit", "/"),)
    assert (large.text, large.runner_up, large.digits[0].digit) == ("7", "1", 7)
    assert reading.enlarged(1).digits[0].box == (1, 2, 3, 4)
