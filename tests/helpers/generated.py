"""Runs generated C on this machine, under the sanitizers."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pytest

# Flags that the generated code must compile with.
STRICT = ("-std=c99", "-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror")
# Flags of a program that ends at the first read or write out of bounds, and at the first overflow.
SANITIZED = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
# Reads images from stdin; writes the scores of each to stdout.
MAIN = """
#include <stdio.h>
#include "digits.h"
int main(void)
{
    static uint8_t image[DIGITS_PIXELS];
    digits_score scores[DIGITS_CLASSES];
    while (fread(image, 1, sizeof image, stdin) == sizeof image) {
        digits_predict(image, scores);
        fwrite(scores, sizeof *scores, DIGITS_CLASSES, stdout);
    }
    return 0;
}
"""


def sanitizes(compiler):
    """Whether a compiler is there and makes programs that run under the sanitizers: clang's are a package apart."""
    if shutil.which(compiler) is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder, "empty.c")
        empty.write_text("int main(void) { return 0; }\n")
        built = subprocess.run(
            [compiler, *SANITIZED, empty, "-o", empty.with_suffix("")], check=False, capture_output=True
        )
    return built.returncode == 0


def needs(compiler):
    """The mark of a test that this compiler runs."""
    return pytest.mark.skipif(not sanitizes(compiler), reason=f"{compiler} with its sanitizers is not installed")


# The C compilers that the generated code must satisfy.
COMPILERS = [pytest.param(name, marks=needs(name)) for name in ("gcc", "clang")]


def sanitized_scores(files, images, folder, score, compiler="gcc", flags=()):
    """Returns the scores [n, classes] of generated C; fails on any warning, and on what the sanitizers find.

    Args:
        files: digits.c and digits.h, by name.
        score: int32 or float32.
        flags: more of them, for the compiler.
    """
    for name, text in {**files, "main.c": MAIN}.items():
        (folder / name).write_text(text)
    program = folder / "digits"
    sources = (folder / "digits.c", folder / "main.c")
    built = subprocess.run(
        [compiler, *STRICT, *SANITIZED, *flags, *sources, "-o", program], check=False, stderr=subprocess.PIPE
    )
    assert built.returncode == 0, built.stderr.decode()
    ran = subprocess.run(
        [program], input=np.ascontiguousarray(images).tobytes(), timeout=120, check=False, capture_output=True
    )
    assert ran.returncode == 0, ran.stderr.decode()
    return np.frombuffer(ran.stdout, score).reshape(len(images), -1)
