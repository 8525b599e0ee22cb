"""What is drawn is read, and can be taken back."""

import pytest

from helpers.browser import needs_browser
from helpers.drawing import STROKES

pytestmark = needs_browser


@pytest.mark.parametrize("digit", STROKES)
def test_strokes_give_the_right_digit(opened, digit):
    with opened() as sheet:
        sheet.digit(digit)
        assert sheet.number == str(digit)
        assert sheet.sentence.startswith(f"This is a {digit}")


def test_digits_in_a_row_read_as_a_number(opened):
    with opened() as sheet:
        for place, digit in enumerate((7, 4, 5, 2)):
            sheet.digit(digit, left=0.05 + 0.24 * place, height=0.5)
        assert sheet.number == "7452"
        assert sheet.page.locator("#digits button").count() == 4


def test_what_is_drawn_later_further_left_comes_first(opened):
    with opened() as sheet:
        sheet.digit(2, left=0.6)
        sheet.digit(7, left=0.2)
        assert sheet.number == "72"


def test_undo_and_clear_take_back(opened):
    with opened() as sheet:
        undo, clear = (sheet.page.locator(name) for name in ("#undo", "#clear"))
        assert undo.is_disabled()
        assert clear.is_disabled()
        sheet.digit(7, left=0.2)
        sheet.digit(2, left=0.6)
        undo.click()
        assert sheet.number == "7"
        clear.click()
        assert (sheet.number, clear.is_disabled()) == ("–", True)
        sheet.page.keyboard.press("Control+z")
        assert sheet.number == "7"


def test_a_digit_is_chosen_to_be_looked_into(opened):
    with opened() as sheet:
        sheet.digit(7, left=0.2)
        sheet.digit(2, left=0.6)
        best = sheet.page.locator("#probabilities .best th")
        assert best.text_content() == "2"
        sheet.page.locator("#digits button").first.click()
        assert best.text_content() == "7"
        assert sheet.page.locator("#probabilities tr").count() == 11


def test_keys_draw(opened):
    with opened() as sheet:
        sheet.page.locator("#sheet").focus()
        for keys in (["Space"], ["ArrowDown"] * 10, ["Space"]):
            for key in keys:
                sheet.page.keyboard.press(key)
        assert sheet.number == "1"


def test_a_finger_draws_and_a_second_one_is_passed_over(opened):
    with opened(width=360, has_touch=True, is_mobile=True) as sheet:
        x, y = sheet.place((0.5, 0.15))
        events = [("pointerdown", 1, y), ("pointerdown", 2, y + 30)]
        events += [("pointermove", 1, y + step) for step in range(10, 150, 10)] + [("pointermove", 2, y)]
        for name, finger, down in [*events, ("lostpointercapture", 1, y + 140)]:
            sheet.page.locator("#sheet").evaluate(
                """(canvas, [name, id, x, y]) => {
                    canvas.setPointerCapture = () => {};
                    canvas.dispatchEvent(new PointerEvent(name, {pointerId: id, clientX: x, clientY: y, button: 0}));
                }""",
                [name, finger, x, down],
            )
        assert sheet.number == "1"


def test_replaced_weights_answer_at_once(opened):
    with opened() as sheet:
        sheet.digit(7)
        page = sheet.page
        page.evaluate("""() => {
            const { page } = window.tinydigits;
            page.network.weights = page.network.weights.map((array) => new Float32Array(array.length));
            page.tell("network");
        }""")
        shares = [text.strip() for text in page.locator("#probabilities td:last-child").all_text_contents()]
        assert len(set(shares[:10])) == 1
