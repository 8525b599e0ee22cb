"""Compiled nets of these tests, and the vector widths that they are compiled for."""

import os
import shutil

import pytest

from tinydigits.engine.compiler import build

# What makes gcc forget the processor's wider vectors. `processor's own` is 16, 8 or 4 lanes, whichever is widest.
NARROWER = {"8 lanes": "-mno-avx512f", "4 lanes": "-mno-avx"}


def lanes(meaning):
    """Vector width in floats, as `vector.h` chooses it, under a compiler's predefined macros."""
    return 16 if "__AVX512F__" in meaning else 8 if "__AVX__" in meaning else 4


@pytest.fixture(scope="session")
def widest():
    return lanes(build.find_compiler().meaning)


@pytest.fixture(
    autouse=True,
    params=["processor's own", *(pytest.param(width, marks=pytest.mark.long) for width in NARROWER)],
)
def vectors(request, widest, monkeypatch):
    """Compile for the processor's own vectors, and with `-m long` for each narrower kind as well."""
    if request.param not in NARROWER:
        yield request.param
        return
    wanted = int(request.param.split()[0])
    if wanted >= widest or not shutil.which("gcc") or os.uname().machine != "x86_64":
        pytest.skip(f"{widest} lanes are the widest here: {wanted} are not narrower, or gcc for x86-64 is missing")
    monkeypatch.setenv("CC", f"gcc {NARROWER[request.param]}")
    build.find_compiler.cache_clear()
    assert lanes(build.find_compiler().meaning) == wanted
    yield request.param
    build.find_compiler.cache_clear()


@pytest.fixture(scope="session")
def cache():
    """The cache folder of this run, which `tests/conftest.py` keeps apart from the user's."""
    return build.cache_folder()
