"""Decode picture files that may come from anyone.

Nothing is decoded before its bytes and pixels are under the caps, and only by the decoders named here.
"""

import io
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from tinydigits.errors import PictureError

MAX_BYTES = 16_000_000
MAX_PIXELS = 40_000_000
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP")
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")


def read_grey(path: Path) -> NDArray[np.uint8]:
    """A picture file → uint8 [height, width], upright as its EXIF says, transparency over white.

    Raises:
        PictureError: the file cannot be read or decoded, or is over a cap.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise too_large(path, f"{path.stat().st_size:,} bytes", f"{MAX_BYTES:,} bytes")
        data = path.read_bytes()
    except OSError as error:
        raise PictureError(
            path,
            found=f"a file that cannot be read ({error.strerror})",
            expected="a picture file",
            fix="Check the path and its permissions.",
        ) from error
    return np.asarray(decode(data, path).convert("L"))


def decode(data: bytes, name: object) -> Image.Image:
    """The bytes of a picture file → an upright image of mode L or RGB.

    Raises:
        PictureError: not a picture, truncated, or over a cap.
    """
    if len(data) > MAX_BYTES:
        raise too_large(name, f"{len(data):,} bytes", f"{MAX_BYTES:,} bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of a bomb above its own, higher cap
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            if image.width * image.height > MAX_PIXELS:
                raise too_large(name, f"{image.width:,} × {image.height:,} pixels", f"{MAX_PIXELS:,} pixels")
            image.load()
            return plain(ImageOps.exif_transpose(image))
    except PictureError:
        raise
    except Exception as error:  # decoders meet hostile bytes with errors of every type
        raise PictureError(
            name,
            found=f"{type(error).__name__}: {error}" if data else "an empty file",
            expected=f"a whole picture in one of {', '.join(FORMATS)}",
            fix="Save the picture again, as PNG for example.",
        ) from error


def plain(image: Image.Image) -> Image.Image:
    """Any mode → L or RGB: 16 bits scaled to 8, transparency composited over white."""
    if image.mode.startswith("I"):
        deep = np.asarray(image, np.int64)
        if deep.min() < 0 or deep.max() > 0xFFFF:
            raise ValueError("pixels of more than 16 bits")
        return Image.fromarray((deep // 257).astype(np.uint8))  # 65535 = 255 · 257
    if image.mode == "F":
        raise ValueError("floating-point pixels")
    if image.has_transparency_data:
        paper = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(paper, image.convert("RGBA")).convert("RGB")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def too_large(name: object, found: str, cap: str) -> PictureError:
    return PictureError(name, found=found, expected=f"at most {cap}", fix="Crop or scale the picture down.")
