"""What may not be paid for at start-up."""

import subprocess
import sys
import time

import pytest

HEAVY = ("keras", "tensorflow", "jax", "torch", "matplotlib", "ray", "starlette")


def python(*arguments):
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=60, check=True)


def imported(code):
    """Names of the packages that running `code` imports."""
    done = python("-X", "importtime", "-c", code)
    return {line.rsplit("|", 1)[1].strip().split(".")[0] for line in done.stderr.splitlines() if "|" in line}


@pytest.mark.parametrize(
    ("code", "forbidden"),
    [
        ("import tinydigits", (*HEAVY, "scipy", "numpy", "onnxruntime")),
        ("import tinydigits.cli", (*HEAVY, "scipy", "numpy", "onnxruntime")),
        ("import tinydigits.formats.model_file as m; m.load('cnn')", (*HEAVY, "scipy")),
    ],
)
def test_nothing_heavy_is_imported(code, forbidden):
    assert imported(code).isdisjoint(forbidden)


@pytest.mark.timing
@pytest.mark.parametrize(
    ("arguments", "seconds"), [(("-c", "import tinydigits"), 0.25), (("-m", "tinydigits", "--help"), 0.4)]
)
def test_starting_is_quick(arguments, seconds):
    times = []
    for _ in range(5):
        started = time.perf_counter()
        python(*arguments)
        times.append(time.perf_counter() - started)
    assert min(times) < seconds


def test_an_unknown_name_is_an_attribute_error():
    import tinydigits

    assert callable(tinydigits.evaluate)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        tinydigits.nothing  # noqa: B018
