"""What the documents say of the program is what the program does."""

import ast
import re
import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tinydigits.export import export_c, export_html, export_litert
from tinydigits.formats.model_file import SHIPPED, shipped_bytes
from tinydigits.formats.onnx.file import from_bytes
from tinydigits.shipped.results import PUBLISHED, SHIPPED_ENGINE, measured

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


def test_the_page_of_commands_is_generated():
    generate = runpy.run_path(str(ROOT / "docs" / "generate.py"))
    assert generate["COMMANDS"].read_text("utf-8") == generate["commands_page"](), "run `make docs`"


@pytest.mark.parametrize("name", SHIPPED)
def test_the_readmes_table_holds_the_measured_figures(name):
    network, metadata = from_bytes(shipped_bytes(name), name)
    figures = measured()[name][SHIPPED_ENGINE]
    row = next(line for line in README.splitlines() if line.startswith(f"| `{name}` |"))
    for expected in (
        f"{network.parameters:,}",
        f"{100 * PUBLISHED[name].test:.2f} %" if name in PUBLISHED else "–",
        f"({figures['n']})",
        f"**{100 * figures['mean']:.2f} ± {100 * figures['sd']:.2f} %**",
        f"{100 * figures['min']:.2f} – {100 * figures['max']:.2f} %",
        f"{len(shipped_bytes(name)) / 1000:.0f} kB",
    ):
        assert expected in row
    results = (ROOT / "docs" / "results.md").read_text("utf-8").splitlines()
    seeds = next(line for line in results if line.startswith(f"| `{name}` |"))
    for accuracy in (metadata.scores["test"], *figures["test"]):
        assert f"{100 * accuracy:.2f}" in seeds


@pytest.mark.parametrize("arguments", ["evaluate cnn", "models"])
def test_the_readme_shows_what_a_command_prints(command, arguments, empty_folder):
    assert command(*arguments.split()).stdout.rstrip() in README


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_architecture_names_every_package():
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    packages = [path.parent.name for path in (ROOT / "src" / "tinydigits").glob("*/__init__.py")]
    assert [name for name in packages if f"| `{name}/` |" not in text] == []


def test_every_package_says_what_it_is_for():
    for path in (ROOT / "src" / "tinydigits").rglob("__init__.py"):
        assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), f"{path} has no docstring"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_holds_a_placeholder(page):
    assert not re.search(r"^[A-Z_]{4,}$|TODO|FIXME|XXX", page.read_text("utf-8"), re.MULTILINE)


def test_files_stay_short():
    lengths = {path.name: len(path.read_text("utf-8").splitlines()) for path in (ROOT / "src").rglob("*.py")}
    assert {name: length for name, length in lengths.items() if length > 250} == {}


def test_the_picture_of_augmentation_is_drawn_by_the_lines_above_it(empty_folder):
    lines = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "augmentation.md").read_text("utf-8"), re.DOTALL)[1]
    exec(lines, {})
    paths = "augmentation.png", ROOT / "docs" / "augmentation.png"
    drawn, shown = (np.asarray(Image.open(path).convert("L"), np.float32) for path in paths)
    assert np.abs(drawn - shown).mean() < 2  # letters differ a little with the version of matplotlib


def test_the_guide_to_devices_runs_as_it_is_written(command, empty_folder, digits_file, few_digits, monkeypatch):
    for module in (export_c, export_html, export_litert):
        monkeypatch.setattr(module, "mnist_test", lambda: few_digits[:50])
    guide = (ROOT / "docs" / "deploy.md").read_text("utf-8").split("\n## ")[1]
    commands = re.findall(r"^\$ tinydigits (.*)$", guide, re.MULTILINE)
    assert [line.split()[0] for line in commands] == ["train", "export", "export", "export"]
    for line in commands:
        short = ("--epochs", 1, "--data", digits_file) if line.startswith("train") else ()
        assert command(*line.split(), *short).code == 0, line
    for written in ("my-digits/examples/ReadDigit/ReadDigit.ino", "my-digits.html", "my-digits.tflite"):
        assert (empty_folder / written).is_file()
