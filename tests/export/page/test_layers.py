"""Each layer's feature maps are shown for the chosen digit."""

import pytest

from helpers.browser import needs_browser
from tinydigits.formats.model_file import load_network

pytestmark = needs_browser
# Numbers of colours on each canvas of the maps; one, beside what is transparent, on those that are empty.
COLOURS = """(figures) => figures.map((figure) => {
    const canvas = figure.querySelector("canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
})"""


def figures(sheet):
    """Returns the figures, after they have been painted."""
    sheet.page.locator("#layers").scroll_into_view_if_needed()
    sheet.page.wait_for_timeout(300)
    return sheet.page.locator("#maps figure")


@pytest.mark.parametrize("model", ["mlp", "pocket-1k"])
def test_every_layer_that_changes_something_has_its_maps(opened, model):
    layers = load_network(model)[0].layers
    with opened(model) as sheet:
        sheet.digit(3)
        shown = figures(sheet)
        words = shown.locator("figcaption").all_text_contents()
        kinds = [type(layer).__name__ for layer in layers]
        expected = [f"Layer {n}, {kind}" for n, kind in enumerate(kinds, 1) if kind not in ("Flatten", "Dropout")]
        assert [text.split(":")[0] for text in words] == expected
        assert min(shown.evaluate_all(COLOURS)) > 3


def test_without_a_digit_the_maps_are_empty(opened):
    with opened("pocket-1k") as sheet:
        assert max(figures(sheet).evaluate_all(COLOURS)) <= 2
        sheet.page.locator("#sheet").scroll_into_view_if_needed()
        sheet.box = sheet.page.locator("#sheet").bounding_box()
        sheet.digit(7)
        assert min(figures(sheet).evaluate_all(COLOURS)) > 3


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_is_wider_than_the_window(opened, width):
    with opened("pocket", width=width) as sheet:
        sheet.digit(3)
        figures(sheet)
        assert sheet.page.evaluate("document.documentElement.scrollWidth") <= width
