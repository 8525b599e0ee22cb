"""Digits on canvases and plots, seen on a screen."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from drawn.pages import page
from drawn.screens import SCREENS, box_of, plotted, screenshot
from tinydigits import Reader
from tinydigits.reader.panels import alike, alike_pixels, without_panels


@pytest.fixture(scope="module")
def reader():
    return Reader()


@pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS.keys())
@pytest.mark.parametrize("single", [False, True])
def test_a_digit_on_a_canvas_is_read(reader, few_digits, screen, single):
    read = [reader.read(screenshot(image, screen), single=single).text for image in few_digits.images[1:11]]
    assert sum(text == str(label) for text, label in zip(read, few_digits.labels[1:], strict=False)) >= 9


def test_a_screenshot_saved_as_jpeg_is_read(reader, few_digits):
    saved = io.BytesIO()
    screenshot(few_digits.images[1], SCREENS["black canvas"]).save(saved, "JPEG", quality=70)
    assert reader.read(saved.getvalue()).text == str(few_digits.labels[1])


def test_boxes_are_those_of_the_screenshot(reader, few_digits):
    reading = reader.read(screenshot(few_digits.images[1], SCREENS["black canvas"]))
    left, top, width, height = reading.digits[0].box
    assert np.abs(np.subtract((left, top, left + width, top + height), box_of(few_digits.images[1]))).max() <= 8


@pytest.mark.parametrize("colours", ["gray", "viridis", "gray_r"])
@pytest.mark.parametrize("axes", [False, True])
def test_a_plot_of_one_digit_is_read(reader, few_digits, colours, axes):
    read = [reader.read(plotted(image[None], 1, colours, axes=axes)).text for image in few_digits.images[:5]]
    assert sum(text == str(label) for text, label in zip(read, few_digits.labels, strict=False)) >= 4


def test_a_plot_of_many_digits_is_read_row_by_row(reader, few_digits):
    nine = few_digits[:9]
    text = reader.read(plotted(nine.images, 3, "gray", axes=False)).text
    assert text.replace(" ", "").split("\n") == ["".join(map(str, row)) for row in nine.labels.reshape(3, 3)]


def test_an_empty_canvas_shows_no_digit(reader, few_digits):
    assert reader.read(screenshot(np.zeros((28, 28), np.uint8), SCREENS["black canvas"])).text == ""


def test_pictures_without_panels_stay_as_they_are(few_digits, whole_mnist):
    blank, zero = Image.new("L", (300, 200), 250), Image.new("RGB", (300, 300), "white")
    ImageDraw.Draw(zero).rounded_rectangle((80, 60, 220, 240), 50, outline="black", width=20)
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 200), np.uint8))
    for picture in (blank, zero, noise, page(whole_mnist.test, 100).picture, Image.fromarray(few_digits.images[0])):
        assert without_panels(picture) is picture


def test_a_table_of_values_finds_the_pixels_that_are_alike():
    pixels = np.random.default_rng(0).integers(0, 256, (50, 50, 3)).astype(np.uint8)
    colour = np.array([100.5, 30, 250], np.float32)
    assert alike_pixels(pixels, colour).any()
    assert np.array_equal(alike_pixels(pixels, colour), alike(pixels, colour))
