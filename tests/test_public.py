"""The public face: `tinydigits.__all__`, the signatures behind it, and the documents that use it."""

import ast
import importlib
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

import tinydigits
from helpers.public import GOLDEN, public_text
from tinydigits.recipes.recipe import compiled

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/*.md")])


def blocks(page):
    """The Python examples of a page."""
    return re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


EXAMPLES = [pytest.param(block, id=f"{page.stem}-{n}") for page in PAGES for n, block in enumerate(blocks(page))]


def used_names(code):
    """What `code` takes from tinydigits, as (module, name): by import, or as an attribute of `tinydigits`."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tinydigits"):
            yield from ((node.module, each.name) for each in node.names)
        elif isinstance(node, ast.Attribute) and getattr(node.value, "id", None) == "tinydigits":
            yield "tinydigits", node.attr


def imports_for_type_checkers():
    """Public name → (module, name there), as the block under TYPE_CHECKING says."""
    tree = ast.parse(Path(tinydigits.__file__).read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    return {each.asname or each.name: (node.module, each.name) for node in block.body for each in node.names}


def test_names_and_signatures_are_those_of_the_snapshot():
    fix = "where the change is meant, run `python tests/helpers/public.py` and note it in CHANGELOG.md"
    assert public_text() == GOLDEN.read_text("utf-8"), fix


def test_the_snapshot_sees_signatures():
    assert "def mnist_test() -> Dataset" in public_text()
    assert "    peak: float\n" in public_text()


@pytest.mark.parametrize("name", tinydigits.__all__)
def test_every_public_name_can_be_had(name):
    assert getattr(tinydigits, name) is not None
    assert name in dir(tinydigits)


def test_type_checkers_and_the_interpreter_find_names_in_the_same_places():
    assert imports_for_type_checkers() == tinydigits.FOUND_IN


def test_all_lists_every_name_that_has_a_home():
    assert set(tinydigits.__all__) == {*tinydigits.FOUND_IN, "TinydigitsError", "errors", "__version__"}


def test_every_error_of_the_tree_is_listed():
    classes = {name for name, value in vars(tinydigits.errors).items() if isinstance(value, type)}
    assert set(tinydigits.errors.__all__) == classes


@pytest.mark.parametrize("code", EXAMPLES)
def test_every_name_in_an_example_exists(code):
    for module, name in used_names(code):
        assert hasattr(importlib.import_module(module), name), f"{module}.{name}"


@pytest.mark.parametrize("code", EXAMPLES)
def test_examples_take_from_tinydigits_itself_what_it_offers(code):
    detours = [
        (module, name) for module, name in used_names(code) if module != "tinydigits" and name in tinydigits.__all__
    ]
    assert detours == []


@pytest.mark.long
def test_the_readmes_example_runs(empty_folder, few_digits):
    (code,) = blocks(ROOT / "README.md")
    shutil.copy(ROOT / "docs" / "page.jpg", "photo.jpg")
    model = compiled(tinydigits.RECIPES["cnn"])
    exec(code, {"model": model, "x": few_digits.images, "y": np.eye(10, dtype=np.float32)[few_digits.labels]})
    assert (empty_folder / "my-cnn" / "model.onnx").exists()
