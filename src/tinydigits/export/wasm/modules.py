"""The WebAssembly module of a plan: one of those shipped for the shipped recipes, or compiled now.

`tools/wasm_modules.py` makes the shipped ones. They are found by the C that they were made of, so a net of one's own
with the layers, loss and rule of a shipped recipe uses them too.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from tinydigits.engine.compiler.plan import Plan
from tinydigits.export.wasm import build
from tinydigits.shipped.files import checked_bytes

SHIPPED = Path(__file__).parent / "shipped"
# The same folder, as a path in the package.
SHIPPED_AS = "export/wasm/shipped"
# What was shipped: the key of each module's C, and the compiler's version, by the names of recipes.
INDEX = SHIPPED / "index.json"


def index() -> dict[str, Any]:
    """Returns {"compiler", "modules": {recipe: key}}."""
    read: dict[str, Any] = json.loads(checked_bytes(f"{SHIPPED_AS}/{INDEX.name}"))
    return read


def module_file(recipe: str) -> Path:
    return SHIPPED / f"{recipe}.wasm.gz"


def shipped_module(recipe: str) -> bytes:
    """Returns the module of a shipped recipe.

    Raises:
        IntegrityError: its file is damaged.
    """
    return gzip.decompress(checked_bytes(f"{SHIPPED_AS}/{module_file(recipe).name}"))


def module_for(plan: Plan) -> bytes:
    """Returns the WebAssembly module that trains `plan`.

    Raises:
        CompilerError: none is shipped, and ziglang is not installed or failed.
    """
    shipped = shipped_module_for(plan)
    return build.compiled(plan) if shipped is None else shipped


def shipped_module_for(plan: Plan) -> bytes | None:
    """Returns the shipped module that trains `plan`; None if there is none."""
    key = build.key(plan)
    recipes = [recipe for recipe, known in index()["modules"].items() if known == key]
    return shipped_module(recipes[0]) if recipes else None
