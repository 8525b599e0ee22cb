"""Decodes picture files from untrusted sources.

A picture is decoded only if its bytes and pixels are below the limits, and only by the decoders in `FORMATS`.
"""

import io
import warnings
from collections.abc import Callable, Iterable
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from tinydigits.arrays import UInt8Images
from tinydigits.errors import ImageShapeError, PictureError
from tinydigits.system.regular_files import read_regular

# Largest picture file, in bytes.
MAX_BYTES = 16_000_000
# Largest picture, width · height in pixels.
MAX_PIXELS = 40_000_000
# The Pillow decoders that may run.
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP")
# Visible parts of a transparent picture are ink, and not paper, if they cover at most this share of it.
MOST_INK = 0.5
# Ink of at least this brightness, 0 to 255, hardly shows on white.
BRIGHT_INK = 192
# Key in a decoded image's `info`: the number of frames in its file. Only the first frame is decoded.
FRAMES = "frames"
# File names that end so are taken for pictures.
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")

# Everything that `opened` accepts as a picture.
Picture = str | PathLike[str] | bytes | Image.Image | NDArray[Any]


def read_picture(path: Path) -> Image.Image:
    """Reads a picture file as an image of mode L or RGB, turned upright by its EXIF data, without transparency.

    Raises:
        PictureError: the file cannot be read or decoded, or is above a limit.
    """
    return decode(bytes_of(path), path)


def same_size(
    pictures: Iterable[tuple[Image.Image, object]], normalise: Callable[[Image.Image], UInt8Images] | None = None
) -> UInt8Images:
    """Converts pictures, at least one, with their names to grey: uint8 [n, height, width].

    Args:
        normalise: converts each picture to an image; else it is only made grey.

    Raises:
        ImageShapeError: the images have several sizes.
    """
    images: list[UInt8Images] = []
    for picture, name in pictures:
        image = np.asarray(picture.convert("L")) if normalise is None else normalise(picture)
        images.append(image)
        if image.shape != images[0].shape:
            raise ImageShapeError(
                name,
                found=f"{image.shape[1]} × {image.shape[0]} pixels",
                expected=f"{images[0].shape[1]} × {images[0].shape[0]}, as the first picture has",
                fix="Scale all pictures to one size, or give --normalise.",
            )
    return np.stack(images)


def opened(picture: Picture) -> Image.Image:
    """Converts any `Picture` to an upright PIL image of mode L or RGB.

    An array has the shape [height, width] or [height, width, 1, 3 or 4]. The type is uint8, uint16, bool, floats from 0
    to 1, or another type of whole numbers from 0 to 255.

    Raises:
        PictureError: it cannot be read or decoded, is above a limit, or is no picture.
    """
    if isinstance(picture, Image.Image):
        return from_image(picture)
    if isinstance(picture, np.ndarray):
        return from_array(picture)
    if isinstance(picture, bytes):
        return decode(picture, "picture")
    if isinstance(picture, str | PathLike):
        return decode(bytes_of(Path(picture)), picture)
    raise PictureError(
        "picture",
        found=f"a value of type {type(picture).__name__}",
        expected="a path, bytes, a PIL image or a NumPy array",
        fix="Convert it to one of these.",
    )


def bytes_of(path: Path) -> bytes:
    """Reads a regular file; raises PictureError if it is larger than `MAX_BYTES`."""
    try:
        return read_regular(path, MAX_BYTES, PictureError)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        raise PictureError(
            path,
            found=f"a file that cannot be read ({getattr(error, 'strerror', None) or error})",
            expected="a picture file",
            fix="Check the path and its permissions.",
        ) from error


def from_image(image: Image.Image) -> Image.Image:
    """Converts a PIL image of any mode to an upright one of mode L or RGB."""
    if image.width * image.height > MAX_PIXELS:
        raise too_large("image", f"{image.width:,} × {image.height:,} pixels", f"{MAX_PIXELS:,} pixels")
    if 0 in image.size:
        raise unusable("image", f"{image.width} × {image.height} pixels")
    try:
        return plain(ImageOps.exif_transpose(image))
    except (ValueError, OSError) as error:
        raise unusable("image", str(error)) from error


def from_array(array: NDArray[Any]) -> Image.Image:
    """Converts an array to an image of mode L or RGB."""
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if (array.ndim, array.shape[2:]) not in ((2, ()), (3, (3,)), (3, (4,))) or 0 in array.shape:
        raise unusable("array", f"shape {list(array.shape)}")
    if array.shape[0] * array.shape[1] > MAX_PIXELS:
        raise too_large("array", f"{array.shape[1]:,} × {array.shape[0]:,} pixels", f"{MAX_PIXELS:,} pixels")
    return plain(Image.fromarray(np.ascontiguousarray(eight_bits(array))))


def eight_bits(array: NDArray[Any]) -> UInt8Images:
    """Converts pixels of any supported type to uint8, 0 to 255."""
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * 255
    if array.dtype == np.uint16:
        return (array // 257).astype(np.uint8)  # 65535 = 255 · 257
    if np.issubdtype(array.dtype, np.integer):
        if array.min() < 0 or array.max() > 255:
            raise unusable("array", f"whole numbers from {array.min()} to {array.max()}")
        return array.astype(np.uint8)
    if not np.issubdtype(array.dtype, np.floating):
        raise unusable("array", f"type {array.dtype}")
    if not np.isfinite(array).all() or array.min() < 0 or array.max() > 1:
        raise unusable("array", "floats that are not all between 0 and 1")
    return (array * 255 + 0.5).astype(np.uint8)


def unusable(name: str, found: str) -> PictureError:
    return PictureError(
        name,
        found=found,
        expected="a picture: [height, width] or [height, width, 1, 3 or 4], whole numbers from 0 to 255, uint16, bool, "
        "or floats from 0 to 1",
        fix="Convert it; scale floats to 0 … 1 first.",
    )


def decode(data: bytes, name: object) -> Image.Image:
    """Decodes the bytes of a picture file to an upright image of mode L or RGB.

    Raises:
        PictureError: the bytes are no picture, are cut off, or are above a limit.
    """
    if len(data) > MAX_BYTES:
        raise too_large(name, f"{len(data):,} bytes", f"{MAX_BYTES:,} bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large pictures; its limit is higher than ours
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            if image.width * image.height > MAX_PIXELS:
                raise too_large(name, f"{image.width:,} × {image.height:,} pixels", f"{MAX_PIXELS:,} pixels")
            frames = getattr(image, "n_frames", 1)
            image.load()
            upright = plain(ImageOps.exif_transpose(image))
            upright.info[FRAMES] = frames
            return upright
    except PictureError:
        raise
    except Image.DecompressionBombError as error:  # Pillow checks its own limit before we can check ours
        raise too_large(name, "a picture of far more pixels", f"{MAX_PIXELS:,} pixels") from error
    except Exception as error:  # decoders raise errors of every type for damaged bytes
        raise PictureError(
            name,
            found=reason(data, error),
            expected=f"a whole picture in one of {', '.join(FORMATS)}",
            fix="Save the picture again, as PNG for example.",
        ) from error


def reason(data: bytes, error: Exception) -> str:
    """Says why bytes could not be decoded."""
    if not data:
        return "an empty file"
    unknown = isinstance(error, UnidentifiedImageError)
    return "no picture of a known format" if unknown else f"{type(error).__name__}: {error}"


def plain(image: Image.Image) -> Image.Image:
    """Converts any mode to L or RGB: 16 bits become 8, and transparent parts become paper."""
    if image.mode.startswith("I"):
        deep = np.asarray(image, np.int64)
        if deep.min() < 0 or deep.max() > 0xFFFF:
            raise ValueError("pixels of more than 16 bits")
        return Image.fromarray((deep // 257).astype(np.uint8))  # 65535 = 255 · 257
    if image.mode == "F":
        raise ValueError("floating-point pixels")
    if image.has_transparency_data:
        return opaque(image.convert("RGBA"))
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def opaque(image: Image.Image) -> Image.Image:
    """Puts an RGBA image on white paper, or on black if its ink is so bright that it would not show on white."""
    on_white = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    alpha = np.asarray(image.getchannel("A"))
    is_ink = 0 < alpha.mean() < 255 * MOST_INK
    if is_ink and np.asarray(on_white.convert("L")).min() >= BRIGHT_INK:
        return Image.alpha_composite(Image.new("RGBA", image.size, "black"), image).convert("RGB")
    return on_white


def too_large(name: object, found: str, cap: str) -> PictureError:
    return PictureError(name, found=found, expected=f"at most {cap}", fix="Crop or scale the picture down.")
