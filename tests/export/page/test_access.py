"""Everyone can use the page: with keys, with a screen reader, on narrow and wide screens, in the dark."""

import pytest

from helpers.axe import needs_axe, serious_faults
from helpers.browser import needs_browser

pytestmark = needs_browser


@needs_axe
@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_axe_finds_nothing_serious(opened, width, scheme):
    with opened("pocket-1k", width=width, scheme=scheme) as sheet:
        sheet.digit(7, left=0.1)
        sheet.digit(3, left=0.6)
        assert serious_faults(sheet.page) == []


@needs_axe
def test_axe_finds_what_is_made_worse(opened):
    with opened("pocket-1k") as sheet:
        sheet.page.add_style_tag(content=".quiet { color: #ddd !important; }")
        sheet.page.evaluate("document.getElementById('undo').textContent = ''")
        assert {fault.split(":")[0] for fault in serious_faults(sheet.page)} == {"button-name", "color-contrast"}


def test_keys_reach_everything_in_the_order_of_the_page(opened):
    with opened("pocket-1k") as sheet:

        def reached():
            sheet.page.keyboard.press("Tab")
            return sheet.page.evaluate("document.activeElement.id || document.activeElement.textContent[0]")

        assert reached() == "sheet"
        sheet.digit(7, left=0.1)
        sheet.digit(3, left=0.6)
        assert [reached() for _ in range(6)] == ["undo", "clear", "picture", "width", "7", "3"]


def test_a_screen_reader_is_told_what_was_read(opened):
    with opened("pocket-1k") as sheet:
        assert sheet.page.get_by_role("status").count() == 1
        sheet.digit(7, left=0.1)
        sheet.digit(3, left=0.6)
        assert sheet.page.get_by_role("status").text_content().startswith("This reads 73.")
        pressed = sheet.page.get_by_role("button", pressed=True)
        assert pressed.count() == 1
        assert pressed.text_content().startswith("3")


def test_keys_say_whether_the_pen_is_down_and_escape_lifts_it(opened):
    with opened("pocket-1k") as sheet:
        sheet.page.locator("#sheet").focus()
        sheet.page.keyboard.press("Enter")
        assert sheet.sentence == "The pen is down."
        for _ in range(10):
            sheet.page.keyboard.press("ArrowDown")
        sheet.page.keyboard.press("Escape")
        assert sheet.sentence.startswith("This is a 1")


def test_leaving_the_sheet_lifts_the_pen(opened):
    with opened("pocket-1k") as sheet:
        sheet.page.locator("#sheet").focus()
        sheet.page.keyboard.press("Space")
        for _ in range(10):
            sheet.page.keyboard.press("ArrowDown")
        sheet.page.keyboard.press("Tab")
        assert sheet.number == "1"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_ink_stands_out_from_the_sheet_in_both_schemes(opened, scheme):
    with opened("pocket-1k", scheme=scheme) as sheet:
        sheet.digit(1)
        canvas = sheet.page.locator("#sheet")
        paper, ink = canvas.evaluate(
            "(canvas) => [getComputedStyle(canvas).backgroundColor, getComputedStyle(canvas).color]"
        )
        brightness = [sum(int(part) for part in colour[4:-1].split(",")) / 765 for colour in (paper, ink)]
        assert abs(brightness[0] - brightness[1]) > 0.6
