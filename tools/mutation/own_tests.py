"""Which modules mutation testing is for, and which tests are a module's own."""

from fnmatch import fnmatch
from pathlib import Path

PACKAGES = (
    *("augmentation", "comparing", "data", "evaluation", "export", "formats", "network", "reader", "recipes", "scale"),
    *("shipped", "system"),
)
# Modules whose tests import TensorFlow, Ray or matplotlib, start a browser or a crew of trainings, or compile much C:
# a try takes ten seconds and more.
LEFT_OUT = (
    *("comparing/compare", "comparing/plan", "comparing/run", "export/browser", "export/litert/*"),
    *("export/export_*", "export/c/emit", "export/c/program", "export/c/table", "export/c/units", "export/wasm/build"),
    *(
        "formats/keras_*",
        "recipes/keras_recipe",
        "scale/cluster*",
        "scale/kept",
        "scale/plan",
        "scale/run",
        "scale/sweep",
    ),
)
# The tests of modules that are not tested by the file of their own name alone, or have none.
OTHERS = {
    "evaluation/corruptions/edges": ("evaluation/test_corruptions.py",),
    "evaluation/corruptions/fifteen": ("evaluation/test_corruptions.py",),
    "evaluation/corruptions/lines": ("evaluation/test_corruptions.py",),
    "export/reference": ("export/test_quantise.py",),
    "formats/onnx/layers": ("formats/onnx/test_file.py", "formats/test_golden.py"),
    "formats/onnx/nodes": ("formats/onnx/test_file.py", "formats/test_golden.py"),
    "formats/onnx/session": ("formats/onnx/test_file.py",),
    "network/layers/layer": ("network/test_layers.py", "network/test_network.py"),
    "network/layers/plain": ("network/test_layers.py", "network/test_network.py"),
    "network/layers/windows": ("network/layers/test_windows.py", "network/test_layers.py"),
    "reader/explanation": ("reader/test_judgement.py", "reader/test_search.py"),
    "reader/lattice": ("reader/test_lattice.py", "reader/test_path.py", "reader/test_sheet.py"),
    "reader/page": ("reader/test_page.py", "reader/test_sheet.py", "reader/test_removed.py"),
    "reader/rest": ("reader/test_rest.py", "reader/test_result.py"),
    "scale/reading_worker": ("scale/test_bulk.py",),
    "system/atomic": ("system/test_atomic.py", "system/test_hidden.py"),
    "system/crew_member": ("system/test_crew.py",),
}


def modules(root: Path) -> list[str]:
    """Returns the names of all modules to test, as `data/idx`."""
    source = root / "src" / "tinydigits"
    paths = [path for package in PACKAGES for path in (source / package).rglob("*.py") if path.stem != "__init__"]
    names = sorted(path.relative_to(source).with_suffix("").as_posix() for path in paths)
    return [name for name in names if not any(fnmatch(name, left_out) for left_out in LEFT_OUT)]


def own_tests(module: str) -> tuple[str, ...]:
    """Returns the paths of a module's own tests: `tests/data/test_idx.py` for `data/idx`, unless others are named."""
    package, _, name = module.rpartition("/")
    return tuple(f"tests/{path}" for path in OTHERS.get(module, (f"{package}/test_{name}.py",)))
