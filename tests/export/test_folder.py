"""The exported folder follows the published rules of each build system."""

import json
import re
import shutil
import subprocess

import pytest

from tinydigits.export.folder import library_files, title_of

CODE = {"digits.c": '#include "digits.h"\nint digits(void) { return 1; }\n', "digits.h": "int digits(void);\n"}
SEMVER = r"\d+\.\d+\.\d+"


@pytest.fixture
def files():
    return library_files(CODE, "my net: 2/3", "A net of 10 parameters.")


def properties(text):
    return dict(line.split("=", 1) for line in text.splitlines())


def test_an_arduino_library_has_every_required_property(files):
    found = properties(files["library.properties"])
    required = {"name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url", "architectures"}
    assert required <= set(found)
    assert all(found.values())
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,62}", found["name"])
    assert re.fullmatch(SEMVER, found["version"])
    assert found["category"] == "Data Processing"
    assert found["includes"] == "digits.h"
    assert found["architectures"] == "*"


def test_an_arduino_example_lies_in_a_folder_of_its_name(files):
    sketches = [place for place in files if place.endswith(".ino")]
    assert sketches == ["examples/ReadDigit/ReadDigit.ino"]
    assert "#include <digits.h>" in files[sketches[0]]
    assert "{{" not in files[sketches[0]]


def test_platformio_finds_name_version_and_sources(files):
    found = json.loads(files["library.json"])
    assert re.fullmatch(r"[A-Za-z0-9_-]+", found["name"])
    assert re.fullmatch(SEMVER, found["version"])
    assert found["headers"] == "digits.h"
    assert f"{found['build']['srcDir']}/digits.c" in files
    assert len(found["description"]) <= 255


def test_an_idf_component_has_a_version_and_registers_its_source(files):
    assert re.search(rf'^version: "{SEMVER}"$', files["idf_component.yml"], re.MULTILINE)
    assert (
        'idf_component_register(SRCS "src/digits.c" "src/digits_normalise.c" INCLUDE_DIRS "src")'
        in files["CMakeLists.txt"]
    )


def test_a_zephyr_module_names_files_that_exist(files):
    module = files["zephyr/module.yml"]
    assert re.search(r"^build:\n  cmake: zephyr\n  kconfig: zephyr/Kconfig$", module, re.MULTILINE)
    assert "config DIGITS" in files["zephyr/Kconfig"]
    assert "if(CONFIG_DIGITS)" in files["zephyr/CMakeLists.txt"]


@pytest.mark.parametrize("name", ["pocket-1k", "ümlaut", "a" * 100, "../x", "two\nlines"])
def test_any_name_of_a_net_becomes_one_that_all_formats_allow(name):
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,62}", title_of(name))


@pytest.mark.skipif(shutil.which("cmake") is None, reason="cmake is not installed")
def test_cmake_builds_the_target(files, tmp_path):
    for place, text in files.items():
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(text)
    for arguments in (["-S", ".", "-B", "build"], ["--build", "build"]):
        done = subprocess.run(["cmake", *arguments], cwd=tmp_path, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert list((tmp_path / "build").glob("libdigits.*"))
