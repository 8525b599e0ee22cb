"""The page behind the server reads pictures of whole sheets; every state of it is one that a user understands."""

import io
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from helpers.axe import needs_axe, serious_faults
from helpers.browser import needs_browser
from helpers.drawing import Sheet
from helpers.served_page import served_page

pytestmark = needs_browser
PAGE = Path(__file__).parents[2] / "docs" / "page.jpg"


@pytest.fixture
def studio(chromium, served):
    """Gives a context of the served page; errors, breaches of its policy and requests to others fail the test."""
    return partial(served_page, chromium, served.port)


def choose(page, file):
    """Chooses a picture, and waits until it is read or cannot be."""
    page.locator("#studio-file").set_input_files(file)
    page.locator("#studio[aria-busy=false]").wait_for()


def state(page):
    return page.locator("#studio-state").text_content()


def test_a_sheet_is_read_and_its_marks_are_shown(studio, served):
    expected = served.ask("POST", "/v1/read", PAGE.read_bytes()).json
    with studio() as page:
        assert state(page) == "No picture was read yet."
        assert not page.locator("#studio-result").is_visible()
        choose(page, PAGE)
        assert page.locator("#studio-text").text_content() == expected["text"]
        assert state(page).startswith(f"{len(expected['digits'])} digits in 2 lines; the least sure is a ")
        assert page.locator("#studio-marks tr").count() == len(expected["digits"]) + len(expected["rejected"])
        assert "sent to the server of this page" in page.locator("#privacy").text_content()


def test_boxes_lie_where_the_marks_are(studio, served):
    left, top, _, height = served.ask("POST", "/v1/read", PAGE.read_bytes()).json["digits"][0]["box"]
    with studio() as page:
        choose(page, PAGE)
        colours = page.evaluate(
            """([x, y]) => { const view = document.getElementById("studio-view");
            return [[...view.getContext("2d").getImageData(x, y, 1, 1).data.slice(0, 3)].join(", "),
                getComputedStyle(view).color]; }""",
            [left, top + height // 2],
        )
        assert colours[1] == f"rgb({colours[0]})"


def test_a_picture_that_is_dropped_here_is_read_and_not_put_on_the_sheet(studio):
    with studio() as page:
        page.evaluate(
            """async (bytes) => { const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "page.jpg", { type: "image/jpeg" }));
            const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
            document.getElementById("studio-zone").dispatchEvent(event); }""",
            [*PAGE.read_bytes()],
        )
        page.locator("#studio-marks tr").first.wait_for(state="attached")
        assert page.locator("#number").text_content() == "–"


def blank():
    file = io.BytesIO()
    Image.new("L", (300, 200), 255).save(file, "PNG")
    return {"name": "blank.png", "mimeType": "image/png", "buffer": file.getvalue()}


def test_an_empty_picture_and_one_that_is_none_are_told_apart(studio):
    with studio(expected=("422",)) as page:
        choose(page, blank())
        assert state(page) == "No ink was found in this picture."
        choose(page, {"name": "x.png", "mimeType": "image/png", "buffer": b"nonsense"})
        assert "expected a whole picture" in state(page)
        assert not page.locator("#studio-result").is_visible()
        assert not page.locator("#studio-again").is_visible()


def test_a_server_that_has_gone_is_asked_again_when_the_user_wants(studio):
    with studio(expected=("ERR_FAILED",)) as page:
        page.route("**/v1/read", lambda route: route.abort())
        choose(page, PAGE)
        assert state(page) == "The server does not answer. Start it again: tinydigits serve."
        page.unroute("**/v1/read")
        page.locator("#studio-again").click()
        page.locator("#studio-marks tr").first.wait_for(state="attached")
        assert not page.locator("#studio-again").is_visible()


def test_a_busy_server_is_asked_again(studio):
    with studio(expected=("503",)) as page:
        asked = []

        def once_busy(route):
            asked.append(1)
            if len(asked) > 1:
                route.continue_()
            else:
                route.fulfill(status=503, headers={"retry-after": "1"}, body='{"error": "busy"}')

        page.route("**/v1/read", once_busy)
        choose(page, PAGE)
        assert len(asked) == 2
        assert "digits in 2 lines" in state(page)


@needs_axe
@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_screen(studio, width, scheme):
    with studio(width, scheme) as page:
        choose(page, PAGE)
        page.locator("#studio-count").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert serious_faults(page) == []


def test_the_sheet_to_draw_on_still_reads(studio):
    with studio() as page:
        sheet = Sheet(page)
        sheet.digit(3)
        assert sheet.number == "3"
