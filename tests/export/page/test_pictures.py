"""Pictures are opened, dropped and pasted; what is no picture says so."""

import base64
import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from helpers.browser import needs_browser
from helpers.drawing import STROKES

pytestmark = needs_browser
PAPER, INK = (236, 230, 215), (40, 42, 70)
# Hands the page a file, as if it were dropped or pasted.
HAND = """([kind, name, text]) => {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name, {type: "image/png"}));
    const event = kind === "drop"
        ? new DragEvent("drop", {dataTransfer: transfer, cancelable: true, bubbles: true})
        : new ClipboardEvent("paste", {clipboardData: transfer, bubbles: true});
    document.body.dispatchEvent(event);
}"""


def written(digits, size=(640, 320), pen=12, paper=PAPER, ink=INK):
    """Returns a picture of digits in a row."""
    image = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(image)
    height = size[1] * 0.6
    for place, digit in enumerate(digits):
        left, top = size[0] * (0.08 + 0.9 * place / len(digits)), size[1] * 0.2
        for points in STROKES[digit]:
            line = [(left + x * height, top + y * height) for x, y in points]
            draw.line(line, ink, pen, joint="curve")
            for x, y in line:
                draw.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), ink)
    return image


def as_png(image):
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def give(sheet, data, name="digits.png"):
    """Opens a file, and waits until the page says something about it."""
    before = sheet.sentence
    sheet.page.locator("#picture").set_input_files({"name": name, "mimeType": "image/png", "buffer": data})
    sheet.page.wait_for_function("(before) => document.getElementById('sentence').textContent !== before", arg=before)


@pytest.mark.parametrize(
    "look",
    [
        {},
        {"paper": (20, 60, 40), "ink": (240, 240, 230)},
        {"pen": 3},
        {"size": (1400, 700), "pen": 30},
        {"size": (96, 48), "pen": 3},
    ],
    ids=["dark ink", "chalk", "thin pen", "large", "small"],
)
def test_a_picture_of_a_number_is_read(opened, look):
    with opened() as sheet:
        give(sheet, as_png(written((7, 4, 2), **look)))
        assert sheet.number == "742"


def test_light_that_falls_off_does_not_matter(opened):
    image = np.asarray(written((2, 3, 7)), np.float32)
    light = np.linspace(1, 0.35, image.shape[1])[None, :, None]
    noise = np.random.default_rng(0).normal(0, 3, image.shape)
    with opened() as sheet:
        give(sheet, as_png(Image.fromarray(np.clip(image * light + noise, 0, 255).astype(np.uint8))))
        assert sheet.number == "237"


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_a_picture_is_dropped_or_pasted(opened, kind):
    with opened() as sheet:
        data = as_png(written((5,), size=(320, 320)))
        sheet.page.evaluate(HAND, [kind, "five.png", base64.b64encode(data).decode()])
        sheet.page.wait_for_function("document.getElementById('number').textContent === '5'")


def test_digits_of_mnist_are_read(opened, whole_mnist):
    with opened("pocket-1k") as sheet:
        for image, label in zip(whole_mnist.test.images[:4], whole_mnist.test.labels, strict=False):
            give(sheet, as_png(Image.fromarray(image)))
            assert sheet.number == str(label)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no picture that the browser can read, or it is broken"),
        (b"not a picture at all", "no picture that the browser can read, or it is broken"),
        (as_png(written((7, 4)))[:200], "no picture that the browser can read, or it is broken"),
        (as_png(Image.new("RGB", (300, 200), PAPER)), "no ink was found"),
    ],
    ids=["empty", "text", "cut off", "blank"],
)
def test_what_cannot_be_read_says_so_and_leaves_the_drawing(opened, data, message):
    with opened() as sheet:
        sheet.digit(7)
        give(sheet, data, "bad.png")
        assert sheet.sentence.startswith("bad.png: ")
        assert message in sheet.sentence
        assert sheet.number == "7"


def test_a_page_full_of_marks_is_refused_with_their_number(opened):
    image = Image.new("L", (600, 600), 255)
    draw = ImageDraw.Draw(image)
    for place in range(49):
        x, y = 20 + 80 * (place % 7), 20 + 80 * (place // 7)
        draw.line((x, y, x + 30, y + 40), 0, 5)
    with opened() as sheet:
        give(sheet, as_png(image))
        assert "49 marks were found" in sheet.sentence


def test_a_picture_can_be_taken_back(opened):
    with opened() as sheet:
        sheet.digit(2)
        give(sheet, as_png(written((7, 4))))
        assert sheet.number == "74"
        sheet.page.locator("#undo").click()
        assert sheet.number == "2"
