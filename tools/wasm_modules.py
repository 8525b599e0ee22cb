"""Make the WebAssembly modules that train the shipped recipes in a page; `pip install ziglang` before.

python tools/wasm_modules.py
"""

import gzip
import json
from importlib.metadata import version

import shipped_hashes
from tinydigits.engine.compiler.plan import Plan
from tinydigits.engine.compiler.planner import make_plan
from tinydigits.export.wasm import build, modules
from tinydigits.export.wasm.learning import learning_from
from tinydigits.formats.model_file import load_network
from tinydigits.recipes.recipe import RECIPES

# Recipes whose nets are shipped; `sprint` has none.
NAMES = tuple(name for name in RECIPES if name != "sprint")


def plan_of(name: str) -> Plan:
    """The plan that trains a shipped net by its own recipe."""
    network, metadata = load_network(name)
    learning = learning_from(metadata.recipe)
    return make_plan(network, learning.loss, learning.rule)


def main() -> None:
    keys = {}
    for name in NAMES:
        plan = plan_of(name)
        module = build.compiled(plan)
        modules.module_file(name).write_bytes(gzip.compress(module, mtime=0))
        keys[name] = build.key(plan)
        print(f"{name}: {len(module):,} bytes, {modules.module_file(name).stat().st_size:,} compressed")
    index = {"compiler": f"ziglang {version('ziglang')}", "modules": keys}
    modules.INDEX.write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
    shipped_hashes.main()


if __name__ == "__main__":
    main()
