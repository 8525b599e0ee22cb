"""The public face of tinydigits as text: names, where they live, and their signatures as the source has them.

    python tests/helpers/public.py      writes tests/golden/public.txt anew

The text is made from the syntax tree, not from `inspect`: it is the same on every version of Python and NumPy.
"""

import ast
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

GOLDEN = Path(__file__).parents[1] / "golden" / "public.txt"
# The modules that users import from, beside `tinydigits` itself.
MODULES = (
    "augmentation",
    "comparing.compare",
    "data",
    "errors",
    "evaluation.report",
    "formats.model_file",
    "network",
    "reader",
    "recipes",
    "scale.sweep",
    "training.calibrate",
    "training.checkpoints",
    "training.fit",
    "training.run",
    "training.seeds",
    "training.train",
)


def public_text() -> str:
    """All public names of all public modules, a paragraph a module, then each definition once."""
    modules = [importlib.import_module(name) for name in ("tinydigits", *(f"tinydigits.{name}" for name in MODULES))]
    definitions: dict[str, list[str]] = {}
    for module in modules:
        definitions |= dict(definitions_of(module))
    paragraphs = [*map(names_of, modules), *(lines for _, lines in sorted(definitions.items()))]
    return "\n\n".join("\n".join(lines) for lines in paragraphs) + "\n"


def names_of(module: ModuleType) -> list[str]:
    return [f"{module.__name__}:", *(f"    {name}" for name in module.__all__)]


def definitions_of(module: ModuleType) -> Iterator[tuple[str, list[str]]]:
    """(full name, lines) of each public class and function of a module."""
    for name in module.__all__:
        value = getattr(module, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            full_name = f"{value.__module__}.{value.__qualname__}"
            yield full_name, [f"{full_name}:", *indented(definition(value))]


def definition(value: type | object) -> Iterator[str]:
    """The lines of a class or function without docstrings and bodies."""
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(value))).body
    yield from class_lines(node) if isinstance(node, ast.ClassDef) else function_lines(node)


def class_lines(node: ast.ClassDef) -> Iterator[str]:
    """Decorators, bases, fields and methods; what begins with one underscore is left out."""
    yield from decorators(node)
    yield f"class {node.name}({', '.join(map(ast.unparse, node.bases))})"
    for part in node.body:
        if isinstance(part, ast.AnnAssign):
            yield f"    {ast.unparse(part)}"
        elif isinstance(part, ast.FunctionDef) and is_public(part.name):
            yield from indented(function_lines(part))


def function_lines(node: ast.AST) -> Iterator[str]:
    assert isinstance(node, ast.FunctionDef)
    yield from decorators(node)
    returned = "" if node.returns is None else f" -> {ast.unparse(node.returns)}"
    yield f"def {node.name}({ast.unparse(node.args)}){returned}"


def decorators(node: ast.ClassDef | ast.FunctionDef) -> Iterator[str]:
    return (f"@{ast.unparse(each)}" for each in node.decorator_list)


def is_public(name: str) -> bool:
    return not name.startswith("_") or (name.startswith("__") and name != "__post_init__")


def indented(lines: Iterator[str]) -> Iterator[str]:
    return (f"    {line}" for line in lines)


if __name__ == "__main__":
    GOLDEN.write_text(public_text(), encoding="utf-8")
