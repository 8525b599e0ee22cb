import io
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tinydigits.data import pictures
from tinydigits.data.pictures import decode, opened, read_picture, same_size
from tinydigits.errors import ImageShapeError, PictureError


def encoded(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


GRADIENT = Image.fromarray(np.linspace(0, 255, 64, dtype=np.uint8).reshape(8, 8))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP"])
def test_every_allowed_format_is_decoded(kind):
    image = decode(encoded(GRADIENT, kind), "file")
    assert np.abs(np.asarray(image.convert("L"), int) - np.asarray(GRADIENT, int)).max() <= 8


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_mode_becomes_grey_or_colour(mode):
    assert decode(encoded(GRADIENT.convert(mode)), "file").mode in ("L", "RGB")


def test_sixteen_bits_are_scaled_and_not_clipped():
    deep = Image.fromarray(np.array([[0, 257 * 100, 65535]], np.uint16))
    assert np.asarray(decode(encoded(deep), "file")).tolist() == [[0, 100, 255]]


def test_transparency_lies_over_white():
    clear = Image.new("RGBA", (2, 2), (0, 0, 0, 0))
    assert decode(encoded(clear), "file").getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize(("ink", "paper"), [(255, 0), (0, 255), (120, 255)])
def test_ink_on_transparency_stays_visible(ink, paper):
    strokes = np.zeros((8, 8, 4), np.uint8)
    strokes[..., :3] = ink
    strokes[2:6, 3, 3] = 255
    grey = np.asarray(decode(encoded(Image.fromarray(strokes)), "file").convert("L"))
    assert set(grey[2:6, 3]) == {ink}
    assert grey[0, 0] == paper


def test_exif_orientation_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6  # shown a quarter turn clockwise
    assert decode(encoded(Image.new("L", (4, 2)), "JPEG", exif=exif), "file").size == (2, 4)


@given(st.integers(0, len(encoded(GRADIENT)) - 1))
def test_a_truncated_file_is_refused_or_whole_up_to_its_trailer(length):
    data = encoded(GRADIENT)
    try:
        image = decode(data[:length], "file")
    except PictureError:
        return
    assert np.array_equal(np.asarray(image), np.asarray(GRADIENT))


@given(st.binary(max_size=200))
def test_any_bytes_give_a_picture_or_a_typed_error(data):
    with suppress(PictureError):
        assert decode(data, "file").mode in ("L", "RGB")


def test_a_format_outside_the_list_is_refused():
    with pytest.raises(PictureError, match="PNG, JPEG, BMP, GIF, TIFF, WEBP"):
        decode(encoded(GRADIENT, "PPM"), "file")


def test_too_many_pixels_are_refused_before_they_are_decoded(monkeypatch):
    data = encoded(GRADIENT)
    decode(data, "file")
    monkeypatch.setattr(pictures, "MAX_PIXELS", 63)
    with pytest.raises(PictureError, match="8 × 8 pixels; expected at most 63 pixels"):
        decode(data, "file")


def test_a_bomb_is_refused_as_too_many_pixels_too():
    with pytest.raises(PictureError, match="expected at most 40,000,000 pixels"):
        decode(encoded(Image.new("1", (20_000, 20_000))), "bomb")


def test_too_many_bytes_are_refused_before_they_are_read(monkeypatch, tmp_path):
    (tmp_path / "large.png").write_bytes(encoded(GRADIENT))
    read_picture(tmp_path / "large.png")
    monkeypatch.setattr(pictures, "MAX_BYTES", 20)
    with pytest.raises(PictureError, match="expected at most 20 bytes"):
        read_picture(tmp_path / "large.png")


def test_a_path_that_cannot_be_read_is_a_typed_error(tmp_path):
    with pytest.raises(PictureError, match="cannot be read"):
        read_picture(tmp_path / "missing.png")


GREY = np.linspace(0, 255, 64).astype(np.uint8).reshape(8, 8)


@pytest.mark.parametrize(
    "array",
    [
        GREY,
        GREY[..., None],
        np.repeat(GREY[..., None], 3, axis=2),
        GREY.astype(np.uint16) * 257,
        GREY.astype(np.int64),
        GREY.astype(np.float32) / 255,
        GREY.astype(np.float64) / 255,
        Image.fromarray(GREY),
        Image.fromarray(GREY).convert("CMYK"),
        encoded(Image.fromarray(GREY)),
    ],
    ids=["uint8", "one channel", "colour", "uint16", "int64", "float32", "float64", "image", "CMYK image", "bytes"],
)
def test_arrays_images_and_bytes_are_opened_alike(array):
    assert np.array_equal(np.asarray(opened(array).convert("L")), GREY)


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        (np.full((4, 4), np.nan), "floats that are not all between 0 and 1"),
        (np.full((4, 4), 200.0), "floats that are not all between 0 and 1"),
        (np.full((4, 4), 256), "whole numbers from 256 to 256"),
        (np.full((4, 4), -1), "whole numbers from -1 to -1"),
        (np.zeros((4, 4), np.complex64), "type complex64"),
        (np.zeros((4, 4), object), "type object"),
        (np.zeros(4, np.uint8), r"shape \[4\]"),
        (np.zeros((0, 4), np.uint8), r"shape \[0, 4\]"),
        (np.zeros((4, 4, 2), np.uint8), r"shape \[4, 4, 2\]"),
        (12, "a value of type int"),
        ("no\0name", "cannot be read"),
        (b"", "an empty file"),
    ],
)
def test_what_is_no_picture_is_a_typed_error(thing, message):
    with pytest.raises(PictureError, match=message):
        opened(thing)


def test_a_folder_is_no_picture(tmp_path):
    with pytest.raises(PictureError, match="found a folder"):
        opened(tmp_path)


def test_a_file_of_several_frames_says_how_many():
    frames = [Image.new("L", (3, 3), shade) for shade in (0, 90, 200)]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert decode(data, "file").info[pictures.FRAMES] == 3


def test_a_device_is_no_picture():
    with pytest.raises(PictureError, match="a device, pipe or socket"):
        opened("/dev/zero")


@pytest.mark.parametrize("picture", [GREY, Image.fromarray(GREY), encoded(Image.fromarray(GREY))])
def test_every_source_is_held_to_the_same_number_of_pixels(monkeypatch, picture):
    monkeypatch.setattr(pictures, "MAX_PIXELS", 64)
    opened(picture)
    monkeypatch.setattr(pictures, "MAX_PIXELS", 63)
    with pytest.raises(PictureError, match="8 × 8 pixels; expected at most 63 pixels"):
        opened(picture)


def test_the_limits_are_those_that_the_documents_name():
    assert (pictures.MAX_BYTES, pictures.MAX_PIXELS) == (16_000_000, 40_000_000)


def test_bytes_at_the_limit_are_decoded_and_one_more_is_refused(monkeypatch):
    data = encoded(GRADIENT)
    monkeypatch.setattr(pictures, "MAX_BYTES", len(data))
    decode(data, "file")
    with pytest.raises(PictureError, match=f"{len(data) + 1} bytes; expected at most {len(data)} bytes"):
        decode(data + b"\0", "file")


@pytest.mark.parametrize(
    ("array", "pixels"),
    [
        (np.array([[False, True]]), [[0, 255]]),
        (np.array([[0, 256, 257, 65534, 65535]], np.uint16), [[0, 0, 1, 254, 255]]),
        (np.array([[0, 1.4 / 255, 1.6 / 255, 1.0]]), [[0, 1, 2, 255]]),
        (np.array([[0, 255]]), [[0, 255]]),
    ],
)
def test_each_type_of_pixels_is_scaled_to_bytes(array, pixels):
    assert np.asarray(opened(array)).tolist() == pixels


@pytest.mark.parametrize("array", [np.array([[0.0, 1.001]]), np.array([[-0.001, 1.0]]), np.array([[0, np.inf]])])
def test_a_single_value_out_of_range_is_enough_to_refuse_floats(array):
    with pytest.raises(PictureError, match="floats that are not all between 0 and 1"):
        opened(array)


@pytest.mark.parametrize("value", [-1, 65536])
def test_pixels_of_more_than_sixteen_bits_are_refused(value):
    opened(Image.fromarray(np.array([[0, 65535]], np.int32)))
    with pytest.raises(PictureError, match="more than 16 bits"):
        opened(Image.fromarray(np.array([[0, value]], np.int32)))


def test_an_image_in_memory_is_turned_upright_too_and_floats_are_refused():
    image = Image.new("L", (4, 2))
    image.getexif()[0x0112] = 6
    assert opened(image).size == (2, 4)
    with pytest.raises(PictureError, match="floating-point pixels"):
        opened(Image.new("F", (4, 2)))
    for size in ((0, 3), (3, 0)):
        with pytest.raises(PictureError, match=f"{size[0]} × {size[1]} pixels"):
            opened(Image.new("L", size))


@pytest.mark.parametrize(("ink", "paper"), [(191, 255), (192, 0)])
def test_ink_turns_its_paper_black_from_the_brightness_on_at_which_it_hardly_shows(ink, paper):
    strokes = np.zeros((8, 8, 4), np.uint8)
    strokes[2, 3] = ink, ink, ink, 255
    assert opened(strokes).convert("L").getpixel((0, 0)) == paper


@pytest.mark.parametrize(("rows", "paper"), [(3, 0), (4, 255), (8, 255)])
def test_what_covers_half_of_a_picture_is_paper_and_no_ink(rows, paper):
    white = np.zeros((8, 8, 4), np.uint8)
    white[:rows] = 255
    assert opened(white).convert("L").getpixel((0, 7)) == paper


def test_pictures_of_one_size_are_stacked_as_grey_or_as_they_are_normalised():
    colour = Image.new("RGB", (3, 2), (255, 0, 0))
    images = same_size([(colour, "a"), (Image.new("L", (3, 2), 9), "b")])
    assert images.tolist() == [[[76] * 3] * 2, [[9] * 3] * 2]
    assert same_size([(colour, "a")], lambda picture: np.full((1, 1), 5, np.uint8)).tolist() == [[[5]]]


def test_the_first_picture_of_another_size_is_named():
    ones = [(Image.new("L", (3, 2)), "a"), (Image.new("L", (2, 3)), "b"), (Image.new("L", (4, 4)), "c")]
    with pytest.raises(ImageShapeError, match=r"b: found 2 × 3 pixels; expected 3 × 2"):
        same_size(ones)


def test_a_refused_array_is_said_as_width_by_height(monkeypatch):
    monkeypatch.setattr(pictures, "MAX_PIXELS", 63)
    for wide in (np.zeros((4, 16), np.uint8), np.zeros((4, 16, 3), np.uint8), Image.new("L", (16, 4))):
        with pytest.raises(PictureError, match="16 × 4 pixels"):
            opened(wide)
