"""The wheel carries data and weights: what it does away from the checkout."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import tinydigits

ROOT = Path(__file__).parents[1]


# The command line where only what the wheel requires is installed: all that [train] adds cannot be imported.
WITHOUT_EXTRAS = """
import sys
for name in ("keras", "tensorflow", "jax", "torch", "matplotlib"):
    sys.modules[name] = None
from tinydigits.__main__ import main
main()
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_data_weights_and_both_licenses(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for expected in (
        "tinydigits/data/mnist_files/train-images-idx3-ubyte.gz",
        "tinydigits/data/mnist_files/LICENSE",
        "tinydigits/shipped/weights/cnn.onnx",
        "tinydigits/shipped/sha256.txt",
        "tinydigits/shipped/weights/measured.json",
        "tinydigits/engine/kernels/convolution.h",
        "tinydigits/export/page/index.html",
        "tinydigits/export/page/net.js",
        "tinydigits/export/wasm/driver.c",
        "tinydigits/export/wasm/shipped/cnn.wasm.gz",
        "tinydigits/py.typed",
        f"tinydigits-{tinydigits.__version__}.dist-info/licenses/LICENSE",
        f"tinydigits-{tinydigits.__version__}.dist-info/licenses/src/tinydigits/data/mnist_files/LICENSE",
    ):
        assert expected in names
    assert not [name for name in names if "test" in name]


def test_doctor_names_a_file_that_was_changed_after_the_installation(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    script = (
        "from tinydigits.training.doctor import package_files as look; found = look(); print(found.ok, found.found)"
    )

    def said():
        environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return done.stdout

    assert re.fullmatch(r"True \d{3} as installed\n", said())
    page = tmp_path / "site" / "tinydigits" / "export" / "page" / "net.js"
    page.write_text(page.read_text("utf-8").replace("0", "1", 1), "utf-8")
    (tmp_path / "site" / "tinydigits" / "engine" / "kernels" / "loss.h").unlink()
    assert said() == ("False 2 changed or missing: tinydigits/engine/kernels/loss.h, tinydigits/export/page/net.js\n")


def test_the_wheel_works_away_from_the_checkout(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    where = [sys.executable, "-c", "import tinydigits; print(tinydigits.__file__)"]
    evaluate = [sys.executable, "-c", WITHOUT_EXTRAS, "evaluate", "cnn", "--json"]
    for command, expected in ((where, str(tmp_path / "site")), (evaluate, '"images": 10000')):
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=True
        )
        assert expected in done.stdout
