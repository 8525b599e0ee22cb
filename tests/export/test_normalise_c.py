"""`digits_normalise` in C makes the images that the Python package makes."""

import ctypes
import subprocess

import numpy as np
import pytest

from helpers.generated import COMPILERS, SANITIZED, STRICT
from tinydigits.data.dataset import scaled
from tinydigits.export.folder import text_of
from tinydigits.reader.normalise import normalise


@pytest.fixture(scope="module", params=COMPILERS)
def in_c(request, tmp_path_factory):
    """Gives `digits_normalise` as a function of ink that returns the image, or None for no ink."""
    folder = tmp_path_factory.mktemp("normalise")
    for name in ("digits_normalise.c", "digits_normalise.h"):
        (folder / name).write_text(text_of(name))
    trap = [flag for flag in SANITIZED if "sanitize" not in flag]
    command = [request.param, *STRICT, *trap, "-fsanitize=undefined", "-fsanitize-undefined-trap-on-error"]
    library = folder / "normalise.so"
    subprocess.run([*command, "-shared", "-fPIC", folder / "digits_normalise.c", "-o", library], check=True)
    function = ctypes.CDLL(str(library)).digits_normalise

    def run(ink):
        image = np.full((28, 28), 7, np.uint8)
        pixels = np.ascontiguousarray(ink, np.float32)
        places = (ctypes.c_void_p(pixels.ctypes.data), *pixels.shape, ctypes.c_void_p(image.ctypes.data))
        return image if function(*places) else None

    return run


def drawn(seed):
    """Strokes of any size, of uneven ink: the centre of mass of an even one can lie exactly between two pixels."""
    random = np.random.default_rng(seed)
    ink = np.zeros(random.integers(3, 120, 2), np.float32)
    for _ in range(random.integers(1, 8)):
        y, x = (random.integers(0, side - 2) for side in ink.shape)
        ink[y : y + random.integers(3, 40), x : x + random.integers(3, 40)] = random.integers(1, 256) / 255
    return ink * random.uniform(0.5, 1, ink.shape).astype(np.float32)


def test_mnists_own_images_come_back_as_they_were(in_c, whole_mnist):
    images = whole_mnist.test.images[:300]
    bright = images[images.max(axis=(1, 2)) == 255]
    assert len(bright) > 200
    for image in bright:
        assert np.array_equal(in_c(scaled(image)), image)


def test_any_ink_gives_pythons_image(in_c):
    """A sum in another order may round a half the other way."""
    differences = [np.abs(in_c(drawn(seed)).astype(int) - normalise(drawn(seed))) for seed in range(300)]
    assert max(difference.max() for difference in differences) <= 1
    assert np.count_nonzero(differences) < np.size(differences) / 1000


def test_no_ink_gives_an_empty_image(in_c):
    assert in_c(np.zeros((5, 9))) is None
