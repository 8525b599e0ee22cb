"""What an export says of flash and RAM is what a compiler for a Cortex-M0 makes of it."""

import re
import shutil
import subprocess

import pytest

from tinydigits.errors import OutputError
from tinydigits.export.c.emit import header, source
from tinydigits.export.c.program import Program
from tinydigits.export.c.units import float_units, integer_units
from tinydigits.export.quantise import quantise
from tinydigits.export.size import Size, refuse_large, size_of
from tinydigits.export.stages import stages_of
from tinydigits.formats.model_file import SHIPPED, load_network

COMPILER = "arm-none-eabi-gcc"


def compiled_size(program, folder):
    """Flash and RAM, in bytes, of the object file."""
    for name, text in (("digits.c", source(program)), ("digits.h", header(program))):
        (folder / name).write_text(text)
    command = [COMPILER, "-std=c99", "-mcpu=cortex-m0", "-mthumb", "-Os", "-c", "digits.c", "-o", "digits.o"]
    subprocess.run(command, cwd=folder, check=True)
    found = subprocess.run(["arm-none-eabi-size", "digits.o"], cwd=folder, check=True, capture_output=True, text=True)
    text, data, bss = map(int, re.findall(r"\d+", found.stdout.splitlines()[1])[:3])
    return text + data, data + bss


@pytest.mark.skipif(shutil.which(COMPILER) is None, reason=f"{COMPILER} is not installed")
@pytest.mark.parametrize("int8", [True, False])
@pytest.mark.parametrize("name", SHIPPED)
def test_flash_is_never_more_than_stated_and_ram_is_the_same(name, int8, few_digits, tmp_path):
    stages = stages_of(load_network(name)[0])
    units = integer_units(quantise(stages, few_digits.images[:8])) if int8 else float_units(stages)
    program = Program(units, int8)
    flash, ram = compiled_size(program, tmp_path)
    stated = size_of(program)
    assert flash <= stated.flash < flash + 700 + (0 if int8 else 2_500)  # float: the compiler's library is apart
    assert ram <= stated.ram <= ram + 8


def test_the_pocket_nets_fit_where_they_should(few_digits):
    limits = {
        "pocket": (14_000, 6_000),
        "pocket-5k": (8_000, 3_000),
        "pocket-2k": (4_500, 2_000),
        "pocket-1k": (4_000, 1_400),
    }
    for name, (flash, ram) in limits.items():
        stages = stages_of(load_network(name)[0])
        size = size_of(Program(integer_units(quantise(stages, few_digits.images[:8])), int8=True))
        refuse_large(size, flash, ram)
        with pytest.raises(OutputError, match="bytes of flash"):
            refuse_large(size, size.flash - 1, None)


def test_a_limit_itself_is_allowed():
    refuse_large(Size(flash=10, ram=5), 10, 5)
    with pytest.raises(OutputError, match=r"found 5 bytes of RAM; expected at most 4"):
        refuse_large(Size(flash=10, ram=5), None, 4)
