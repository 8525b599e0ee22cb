"""The shipped WebAssembly modules are what the engine's C compiles to, and are found by it."""

import gzip
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version

import pytest

import wasm_modules
from tinydigits.errors import CompilerError
from tinydigits.export.wasm import build, modules

# How each WebAssembly module begins: its mark, and version 1.
HEAD = b"\0asm\1\0\0\0"


def installed():
    try:
        return f"ziglang {version('ziglang')}"
    except PackageNotFoundError:
        return "no ziglang"


@pytest.fixture
def cnn():
    return wasm_modules.plan_of("cnn")


@pytest.mark.skipif(
    installed() != modules.index()["compiler"],
    reason=f"the modules were made with {modules.index()['compiler']}; here is {installed()}",
)
@pytest.mark.parametrize("name", wasm_modules.NAMES)
def test_a_module_made_again_has_the_same_bytes(name):
    assert build.compiled(wasm_modules.plan_of(name)) == gzip.decompress(modules.module_file(name).read_bytes())


@pytest.mark.parametrize("name", wasm_modules.NAMES)
def test_the_shipped_module_of_a_recipe_is_found_by_its_c(name, monkeypatch):
    monkeypatch.setattr(build, "can_compile", lambda: False)
    module = modules.module_for(wasm_modules.plan_of(name))
    assert module.startswith(HEAD)
    assert len(modules.module_file(name).read_bytes()) < 33_000


def test_another_rule_has_another_module(cnn, monkeypatch):
    monkeypatch.setattr(build, "compiled", lambda plan: b"compiled")
    assert modules.module_for(replace(cnn, rule="sgd")) == b"compiled"


def test_without_ziglang_a_net_of_ones_own_is_refused(cnn, monkeypatch):
    monkeypatch.setattr(build, "can_compile", lambda: False)
    with pytest.raises(CompilerError, match=r"no ziglang; expected ziglang.*web"):
        modules.module_for(replace(cnn, rule="sgd"))


@pytest.mark.skipif(not build.can_compile(), reason="no ziglang here, which compiles to WebAssembly")
def test_what_ziglang_says_of_broken_c_is_shown(cnn, monkeypatch):
    monkeypatch.setattr(build, "emit", lambda plan: "int broken(void) { return nothing; }")
    with pytest.raises(CompilerError, match="undeclared identifier 'nothing'"):
        build.compiled(cnn)
