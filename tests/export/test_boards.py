"""The same bits on the processors of microcontrollers, under QEMU and simavr."""

import numpy as np
import pytest

from helpers.boards import AVR, AVR_IMAGES, BOARDS, answers_on
from tinydigits.export.c.emit import header, source
from tinydigits.export.c.program import Program
from tinydigits.export.c.units import integer_units
from tinydigits.export.quantise import quantise
from tinydigits.export.reference import scores
from tinydigits.export.stages import stages_of
from tinydigits.formats.model_file import load_network

# Most instructions (cycles of the AVR) for an image: those that were measured, and a tenth more.
MOST = {
    ("pocket-1k", "cortex-m0"): 1_070_000,
    ("pocket-1k", "cortex-m4"): 510_000,
    ("pocket-1k", "riscv32"): 800_000,
    ("pocket-1k", "atmega328p"): 6_400_000,  # 0.4 s at 16 MHz
}


def check_answers(board, name, images, calibration, folder):
    """Checks every score against NumPy's; returns the instructions of the first image."""
    if board.missing:
        pytest.skip(f"{', '.join(board.missing)} not installed")
    quantised = quantise(stages_of(load_network(name)[0]), calibration)
    program = Program(integer_units(quantised), int8=True)
    files = {"digits.c": source(program), "digits.h": header(program)}
    found, instructions = answers_on(board, files, images, folder)
    assert np.array_equal(found, scores(quantised, images))
    return instructions


@pytest.mark.parametrize("board", [*BOARDS, AVR], ids=lambda board: board.name)
def test_every_score_is_numpys(board, whole_mnist, few_digits, tmp_path):
    images = whole_mnist.test.images[: AVR_IMAGES // 3 if board is AVR else 200]
    instructions = check_answers(board, "pocket-1k", images, few_digits.images[:64], tmp_path)
    assert MOST["pocket-1k", board.name] / 2 < instructions <= MOST["pocket-1k", board.name]


@pytest.mark.long
@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
@pytest.mark.parametrize("name", ["mlp", "cnn", "pocket-1k", "pocket-2k", "pocket-5k", "pocket"])
def test_every_score_of_all_test_images_is_numpys(name, board, whole_mnist, tmp_path):
    check_answers(board, name, whole_mnist.test.images, whole_mnist.train.images[:512], tmp_path)


@pytest.mark.long
def test_every_score_of_a_thousand_images_is_numpys_on_an_avr(whole_mnist, tmp_path):
    check_answers(AVR, "pocket-1k", whole_mnist.test.images[:1000], whole_mnist.train.images[:512], tmp_path)
