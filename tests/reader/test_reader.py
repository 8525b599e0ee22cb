"""Whole pictures through the shipped net: what is read, where, and what is refused."""

import io
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drawn.pages import page
from tinydigits import Reader
from tinydigits.errors import ImageShapeError, ModelError, PictureError
from tinydigits.formats.onnx.file import Metadata, to_bytes
from tinydigits.network.layers import Dense, Flatten
from tinydigits.network.network import Network

PHOTOS = sorted((Path(__file__).parent / "photos").glob("*.png"))


@pytest.fixture(scope="module")
def reader():
    return Reader()


def test_mnist_through_the_reader_scores_as_mnist_fed_straight(reader, whole_mnist):
    digits = whole_mnist.test[:1000]
    straight = reader.model.predict(digits.images).argmax(axis=1)  # 10: no digit
    unrejecting = [reader.read(image) for image in digits.images]
    read = np.array([reading.digits[0].digit if reading.digits else -1 for reading in unrejecting])
    accepted = read >= 0
    assert accepted.mean() >= 0.99
    both = accepted & (straight < 10)
    assert np.mean(read[both] == straight[both]) >= 0.999
    assert np.mean(read == digits.labels) >= 0.98


@pytest.mark.parametrize("photo", PHOTOS, ids=lambda path: path.stem)
def test_a_phone_photo_of_one_digit_is_read(reader, photo):
    reading = reader.read(photo, single=True)
    assert reading.text == photo.stem[-1]


def test_pages_of_numbers_are_read(reader, whole_mnist):
    pages = [page(whole_mnist.test, seed) for seed in range(100, 108)]
    read = [reader.read(each.picture).text for each in pages]
    wanted = "".join(each.text for each in pages)
    assert sum(text.count("\n") == each.text.count("\n") for text, each in zip(read, pages, strict=True)) >= 6
    assert abs(len("".join(read)) - len(wanted)) <= 0.05 * len(wanted)


def numbers_picture(digits, text, *, tilt=0.0):
    """Dark digits on grey paper, 60 pixels high; a space is as wide as a digit."""
    chosen = {label: digits.images[np.flatnonzero(digits.labels == label)[0]] for label in range(10)}
    pieces = [np.zeros((28, 28), np.uint8) if each == " " else chosen[int(each)] for each in text]
    strip = Image.fromarray(np.pad(np.concatenate(pieces, axis=1), 20)).resize((80 * len(text) + 120, 200))
    ink = np.asarray(strip.rotate(tilt, Image.Resampling.BILINEAR, expand=True), np.float32)
    return Image.fromarray((210 - 0.7 * ink).astype(np.uint8))


def test_boxes_stand_around_the_ink(reader, few_digits):
    picture = numbers_picture(few_digits, "31")
    ink = np.asarray(picture) < 150
    for digit in reader.read(picture).digits:
        left, top, width, height = digit.box
        inside = ink[top : top + height, left : left + width]
        assert all(edge.any() for edge in (inside[:4], inside[-4:], inside[:, :4], inside[:, -4:]))


def test_spaces_part_numbers(reader, few_digits):
    assert reader.read(numbers_picture(few_digits, "31 41")).text.count(" ") == 1


@pytest.mark.parametrize("tilt", [-20, -8, 8, 20])
def test_tilted_rows_are_read_like_level_ones(reader, few_digits, tilt):
    level = reader.read(numbers_picture(few_digits, "316042"))
    tilted = reader.read(numbers_picture(few_digits, "316042", tilt=tilt))
    assert tilted.text == level.text
    assert len(tilted.text) == 6


@pytest.mark.parametrize("turn", [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270])
def test_a_page_on_its_side_is_read_like_an_upright_one(reader, few_digits, turn):
    picture = numbers_picture(few_digits, "3160424")
    turned = reader.read(picture.transpose(turn))
    assert turned.text == reader.read(picture).text
    left, top, width, height = turned.digits[0].box
    assert 0 <= left < left + width <= picture.height
    assert 0 <= top < top + height <= picture.width


def test_bright_ink_on_dark_reads_the_same(reader, few_digits):
    picture = numbers_picture(few_digits, "316042")
    negative = Image.fromarray(255 - np.asarray(picture))
    assert reader.read(negative).text == reader.read(picture).text


def test_ruled_paper_reads_as_plain_paper_does(reader, few_digits):
    picture = numbers_picture(few_digits, "316042")
    lines = np.asarray(picture).copy()
    lines[20::60] = np.minimum(lines[20::60], 150)
    assert reader.read(Image.fromarray(lines)).text == reader.read(picture).text


def test_digits_below_the_asked_confidence_are_rejected(reader, few_digits):
    picture = numbers_picture(few_digits, "316042")
    every, none = reader.read(picture), reader.read(picture, min_confidence=1.0)
    assert len(every.digits) == 6
    assert (none.text, len(none.digits) + len(none.rejected)) == ("", 6)


@pytest.mark.parametrize("shape", [(1, 1), (28, 28), (20, 2000), (20, 20_000), (300, 300)])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_an_empty_picture_gives_an_empty_reading(reader, shape, value):
    reading = reader.read(np.full(shape, value, np.uint8))
    assert (reading.text, reading.digits) == ("", ())


def test_noise_holds_few_digits(reader):
    noise = np.random.default_rng(0).integers(0, 256, (20, 28, 28), np.uint8)
    assert sum(bool(reader.read(image).digits) for image in noise) <= 2


def test_a_model_for_other_images_is_refused(tmp_path):
    net = Network((8, 8), (Flatten(), Dense(np.zeros((64, 10), np.float32), None)))
    (tmp_path / "small.onnx").write_bytes(to_bytes(net, Metadata("small")))
    with pytest.raises(ImageShapeError, match=r"\(28, 28\)"):
        Reader(str(tmp_path / "small.onnx"))


@pytest.mark.parametrize("classes", [7, 12])
def test_a_model_of_other_classes_is_refused(tmp_path, classes):
    net = Network((28, 28), (Flatten(), Dense(np.zeros((784, classes), np.float32), None)))
    (tmp_path / "other.onnx").write_bytes(to_bytes(net, Metadata("other")))
    with pytest.raises(ModelError, match=f"a net of {classes} classes; expected 10 classes"):
        Reader(str(tmp_path / "other.onnx"))


@settings(max_examples=30, deadline=None)
@given(st.tuples(st.integers(1, 70), st.integers(1, 70)), st.integers(0, 2**32 - 1), st.booleans())
def test_any_array_is_read_or_empty(shape, seed, single):
    assert_marks_are_inside(shared_reader().read(noise_picture(shape, seed), single=single), shape)


def noise_picture(shape, seed):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def assert_marks_are_inside(reading, shape):
    """Every mark has a box in the picture of `shape`, and the text has as many digits as were found, or is empty."""
    assert sum(character.isdigit() for character in reading.text) == len(reading.digits)
    for mark in (*reading.digits, *reading.rejected):
        left, top, width, height = mark.box
        assert 0 <= left < left + width <= shape[1]
        assert 0 <= top < top + height <= shape[0]


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 9), st.integers(101, 3000), st.booleans(), st.integers(0, 2**32 - 1))
def test_a_strip_of_any_shape_is_read_or_empty(narrow, long, upright, seed):
    shape = (long, narrow) if upright else (narrow, long)
    assert_marks_are_inside(shared_reader().read(noise_picture(shape, seed)), shape)


@cache
def shared_reader():
    """Hypothesis takes no fixtures of functions' scope."""
    return Reader()


def mutated(data, rng):
    """A file with a few bytes changed, cut off or doubled."""
    body = bytearray(data)
    for _ in range(rng.integers(1, 8)):
        body[rng.integers(len(body))] = rng.integers(256)
    kind = rng.integers(4)
    cut = int(rng.integers(len(body)))
    return bytes(body[:cut] if kind == 0 else body[cut:] + body[:cut] if kind == 1 else body)


def fuzz(reader, count, slowest=float("inf")):
    """Read so many mutated files; none of them may take longer than `slowest` seconds."""
    rng = np.random.default_rng(0)
    image = Image.open(PHOTOS[0]).convert("RGB").resize((120, 120))
    originals = []
    for kind in ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP"):
        buffer = io.BytesIO()
        image.save(buffer, kind)
        originals.append(buffer.getvalue())
    for done in range(count):
        started = time.monotonic()
        with suppress(PictureError):
            reader.read(mutated(originals[done % len(originals)], rng))
        assert time.monotonic() - started < slowest


def test_mutated_files_are_read_or_refused_with_a_typed_error(reader):
    fuzz(reader, 600)


@pytest.mark.long
def test_a_hundred_thousand_mutated_files_are_read_or_refused(reader):
    fuzz(reader, 100_000)


@pytest.mark.timing
def test_a_mutated_file_takes_two_seconds_at_most(reader):
    fuzz(reader, 5_000, slowest=2)
