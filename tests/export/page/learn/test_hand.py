"""A user's own digits are kept, saved and learnt."""

import json
from base64 import b64encode

import numpy as np
import pytest
from PIL import Image

from helpers.axe import needs_axe, serious_faults
from helpers.browser import needs_browser
from helpers.drawing import Sheet
from tinydigits.data.dataset import mnist_test
from tinydigits.data.files import load

pytestmark = needs_browser
# Milliseconds after which a training of 2 s has surely hung.
HUNG = 60_000
# A hand that leans: degrees.
LEAN = 40
SEEN = "Array.from(tinydigits.page.network.weights[0])"


def leaning(images):
    return np.stack([np.asarray(Image.fromarray(image).rotate(LEAN, Image.Resampling.BILINEAR)) for image in images])


def keep(page, images, labels):
    """Puts digits where the page keeps them, and opens it again."""
    digits = [
        {"label": int(label), "image": b64encode(image.tobytes()).decode()}
        for image, label in zip(images, labels, strict=True)
    ]
    page.evaluate("(text) => localStorage.setItem('tinydigits.hand', text)", json.dumps(digits))
    page.reload()


def state(page):
    return page.locator("#hand-state").text_content()


def right(page, images, labels):
    answers = page.evaluate("(images) => Array.from(tinydigits.answer(images))", images.ravel().tolist())
    return np.mean(np.reshape(answers, (-1, 10)).argmax(axis=1) == labels)


def test_a_leaning_hand_is_learnt_and_the_test_images_are_not_forgotten(learning):
    page = learning()
    mine, others = mnist_test()[1000:1060], mnist_test()[2000:2200]
    keep(page, leaning(mine.images), mine.labels)
    unseen = leaning(others.images)
    before, own = right(page, unseen, others.labels), page.evaluate(SEEN)
    page.click("#hand-learn")
    page.locator("#hand-state", has_text="The page now reads").wait_for(timeout=HUNG)

    numbers = [float(word.strip(";,.")) for word in state(page).split() if word.strip(";,.").replace(".", "").isdigit()]
    then, count, first, test_then, test_first = numbers
    assert count == 60
    assert then >= first + 6
    assert test_then > test_first - 2
    assert then == round(60 * right(page, leaning(mine.images), mine.labels))
    assert right(page, unseen, others.labels) > before + 0.05
    page.click("#learn-back")
    assert page.evaluate(SEEN) == own


def test_a_drawn_digit_is_kept_as_the_net_sees_it_also_in_the_next_visit(learning):
    page = learning()
    sheet = Sheet(page)
    assert state(page) == "No digits are kept yet."
    sheet.digit(4)
    seen = "Array.from(document.getElementById('seen').getContext('2d').getImageData(0, 0, 28, 28).data)"
    expected = np.reshape(page.evaluate(seen), (28, 28, 4))[..., 0]
    assert page.locator("#hand-keep").is_disabled()
    page.click("#hand-labels button >> text=4")
    page.click("#hand-keep")
    assert state(page) == "1 digit kept."
    assert page.locator("#number").text_content() == "–"
    page.reload()
    assert state(page) == "1 digit kept."
    (kept,) = json.loads(page.evaluate("localStorage.getItem('tinydigits.hand')"))
    image = page.evaluate("(text) => Array.from(atob(text), (c) => c.charCodeAt(0))", kept["image"])
    assert kept["label"] == 4
    assert np.array_equal(np.reshape(image, (28, 28)), expected)


def test_digits_are_deleted_one_by_one_and_all(learning):
    page = learning()
    keep(page, mnist_test()[:3].images, [7, 2, 1])
    page.click("[aria-label='Delete this 2']")
    assert page.locator("#hand-kept li span").all_inner_texts() == ["7", "1"]
    page.click("#hand-clear")
    assert page.locator("#hand-kept li").count() == 0
    assert page.locator("#hand-learn").is_disabled()
    page.reload()
    assert state(page) == "No digits are kept yet."


def test_the_saved_file_is_a_data_set_that_the_package_reads(learning, tmp_path):
    page = learning()
    mine = mnist_test()[:12]
    keep(page, mine.images, mine.labels)
    with page.expect_download() as started:
        page.click("#hand-save")
    started.value.save_as(tmp_path / started.value.suggested_filename)
    read = load(tmp_path / "my-digits.npz").data
    assert np.array_equal(read.images, mine.images)
    assert np.array_equal(read.labels, mine.labels)


def test_a_browser_that_keeps_nothing_says_so(learning):
    page = learning()
    page.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }")
    page.reload()
    Sheet(page).digit(7)
    page.click("#hand-labels button >> text=7")
    page.click("#hand-keep")
    assert state(page).startswith("1 digit kept. This browser keeps nothing for the page")


def test_what_something_else_wrote_in_its_place_is_passed_over(learning):
    page = learning()
    page.evaluate("""localStorage.setItem('tinydigits.hand', '[{"label": 12, "image": "AAAA"}]')""")
    page.reload()
    assert state(page) == "No digits are kept yet."


def test_keys_alone_draw_keep_and_delete_a_digit(learning):
    page = learning()
    page.focus("#sheet")
    for key in ("Space", *["ArrowDown"] * 8, "Space", "1"):
        page.keyboard.press(key)
    page.focus("#hand-keep")
    page.keyboard.press("Enter")
    assert page.locator("#hand-kept li span").all_inner_texts() == ["1"]
    assert page.evaluate("document.activeElement.id") == "sheet"
    page.focus("#hand-kept button")
    page.keyboard.press("Enter")
    assert state(page) == "No digits are kept yet."
    assert page.evaluate("document.activeElement.textContent") == "0"


@needs_axe
@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_axe_finds_nothing_serious_with_digits_kept(learning, width, scheme):
    page = learning()
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    keep(page, mnist_test()[:12].images, mnist_test()[:12].labels)
    page.click("#hand-labels button >> text=3")
    assert serious_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
