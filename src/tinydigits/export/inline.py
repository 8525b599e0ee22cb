"""Makes one script of ES modules: a page that opens from disk cannot load modules from other files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from posixpath import dirname, join, normpath

# The two forms of import that the page's modules use: of names, and of a module for what it does.
IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"(\.{1,2}/[^"]+)";\n', re.MULTILINE)
# The forms of export: of a function, class or constant where it is declared.
EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) ([\w$]+))", re.MULTILINE)
# What would need a module system: other imports and exports.
OTHER = re.compile(r"^(?:import|export)\b.*|\bimport\s*[(.].*", re.MULTILINE)


@dataclass(frozen=True)
class Module:
    """The text of an ES module, and its path below the page's folder: `net.js`, `learn/panel.js`."""

    path: str
    text: str


def inlined(modules: Sequence[Module], entry: str) -> str:
    """Returns one script, in strict mode, that does what importing `entry` does.

    Each module becomes a function that is called once and returns its exports. Modules come before those that import
    them; those that `entry` does not need are left out.

    Args:
        modules: each that is needed, in any order.
        entry: the path of the module to start with.

    Raises:
        ValueError: a module is missing, imports itself by way of others, or imports or exports in another form than
            `import { a, b as c } from "./x.js";`, `import "./x.js";` and `export` before a function, class or const.
    """
    by_path = {module.path: module for module in modules}
    needed = [as_function(by_path[path]) for path in in_order(by_path, entry, ())]
    return '"use strict";\n' + "\n".join(dict.fromkeys(needed))


def in_order(modules: dict[str, Module], path: str, importers: tuple[str, ...]) -> Iterator[str]:
    """Yields the paths of what a module imports, then its own; some more than once."""
    if path not in modules:
        raise ValueError(f"{path}: there is no such module; {importers[-1] if importers else 'the entry'} needs it")
    if path in importers:
        raise ValueError(f"{path} imports itself: {' → '.join((*importers, path))}")
    for _, target in IMPORT.findall(modules[path].text):
        yield from in_order(modules, resolved(target, path), (*importers, path))
    yield path


def resolved(target: str, importer: str) -> str:
    """Returns the path of `./x.js` as seen from `importer`."""
    return normpath(join(dirname(importer), target))


def as_function(module: Module) -> str:
    """Returns a module as a constant that holds its exports."""
    body = IMPORT.sub(lambda found: as_constant(found, module.path), module.text)
    names = EXPORT.findall(body)
    body = EXPORT.sub("", body)
    if other := OTHER.search(body):
        raise ValueError(f"{module.path}: cannot be made part of one script: {other.group()[:80]}")
    return (
        f"// {module.path}\nconst {variable(module.path)} = (() => {{\n{body}return {{ {', '.join(names)} }};\n}})();\n"
    )


def as_constant(found: re.Match[str], importer: str) -> str:
    """Returns an import as a constant; nothing if no name is imported."""
    names, target = found.groups()
    if names is None:
        return ""
    return f"const {{{names.replace(' as ', ': ')}}} = {variable(resolved(target, importer))};\n"


def variable(path: str) -> str:
    """Returns the name of a module's exports: `$learn_panel` for `learn/panel.js`."""
    return "$" + re.sub(r"\W", "_", path.removesuffix(".js"))
