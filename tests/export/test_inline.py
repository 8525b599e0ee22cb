"""Modules become one script that does what they did, or are refused."""

import shutil
import subprocess

import pytest

from tinydigits.export.inline import Module, inlined

MODULES = (
    Module("main.js", 'import { double as twice } from "./part/double.js";\nimport "./note.js";\nsay(twice(FOUR));\n'),
    Module("part/double.js", 'import { TWO } from "../two.js";\nexport function double(x) {\n  return TWO * x;\n}\n'),
    Module("two.js", "export const TWO = 2;\n"),
    Module("note.js", 'import { TWO } from "./two.js";\nglobalThis.FOUR = TWO + TWO;\n'),
    Module("unused.js", "unheard of"),
)
SAY = "const say = (text) => console.log(text);\n"


@pytest.mark.skipif(shutil.which("node") is None, reason="the script is run by node, which is not here")
def test_the_script_does_what_the_modules_did():
    script = SAY + inlined(MODULES, "main.js")
    done = subprocess.run(["node", "-e", script], check=True, capture_output=True, text=True)
    assert done.stdout == "8\n"


def test_a_module_is_there_once_and_before_those_that_import_it():
    script = inlined(MODULES, "main.js")
    assert script.count("const TWO") == 1
    assert script.index("$two =") < script.index("$part_double =") < script.index("$main =")
    assert "unheard of" not in script


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('import { a } from "./nowhere.js";\n', "nowhere.js: there is no such module; main.js needs it"),
        ('import "./main.js";\n', "main.js imports itself"),
        ('import all from "./two.js";\n', "cannot be made part of one script: import all from"),
        ('const two = await import("./two.js");\n', "cannot be made part"),
        ("export default 2;\n", "cannot be made part"),
    ],
)
def test_what_cannot_be_inlined_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        inlined([Module("main.js", text), *MODULES[2:]], "main.js")
