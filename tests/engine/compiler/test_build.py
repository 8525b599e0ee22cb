"""The cache of compiled nets, and what happens without a good compiler."""

import ctypes
import errno
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import platformdirs
import pytest

from tinydigits.engine.compiler import build
from tinydigits.engine.compiler.build import find_compiler, load
from tinydigits.errors import CompilerError
from tinydigits.system.notes import Note

SOURCE = "int answer(void) { return 42; }\n"


@pytest.fixture
def compiler(monkeypatch):
    """Give a function that makes `text` the only C compiler."""

    def only(text, folder):
        script = folder / "my-cc"
        script.write_text(f"#!/bin/sh\n{text}\n")
        script.chmod(0o755)
        monkeypatch.setattr(build, "candidates", lambda: [(str(script),)])
        find_compiler.cache_clear()

    yield only
    find_compiler.cache_clear()


def answer_of(library):
    return ctypes.CDLL(str(library)).answer()


def test_a_library_is_compiled_once(tmp_path):
    library = build.build(SOURCE, tmp_path)
    before = library.stat().st_mtime_ns
    assert build.build(SOURCE, tmp_path) == library
    assert library.stat().st_mtime_ns == before
    assert answer_of(library) == 42


def test_another_source_is_another_library(tmp_path):
    assert build.build(SOURCE, tmp_path) != build.build(SOURCE + "\n", tmp_path)


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-100], lambda data: b"", lambda data: data[:64] + b"x" + data[65:]]
)
def test_a_damaged_library_is_built_again(tmp_path, damage):
    library = build.build(SOURCE, tmp_path)
    whole = library.read_bytes()
    library.write_bytes(damage(whole))
    assert build.build(SOURCE, tmp_path).read_bytes() == whole


def test_a_library_without_its_checksum_is_built_again(tmp_path):
    library = build.build(SOURCE, tmp_path)
    build.checksum_of(library).unlink()
    assert build.is_whole(build.build(SOURCE, tmp_path))


def test_nothing_but_the_library_and_its_checksum_stays(tmp_path):
    library = build.build(SOURCE, tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([library, build.checksum_of(library)])


def test_processes_that_build_at_once_do_not_disturb_one_another(tmp_path):
    code = (
        "import ctypes, pathlib, sys; from tinydigits.engine.compiler.build import build; "
        f"print(ctypes.CDLL(str(build({SOURCE!r}, pathlib.Path(sys.argv[1])))).answer())"
    )

    def process(_):
        return subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(process, range(4)))
    assert [(one.stdout, one.stderr) for one in done] == [("42\n", "")] * 4


def test_the_cache_is_the_users_own(tmp_path, monkeypatch):
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(tmp_path / name))
    assert stat.S_IMODE(build.cache_folder().stat().st_mode) == 0o700


def test_a_failing_compilers_message_arrives_whole(tmp_path, compiler):
    complaint = "\n".join(f"line {number} of a long complaint" for number in range(200))
    compiler(f'case "$*" in *-dM*) exit 0;; esac\ncat >&2 <<END\n{complaint}\nEND\nexit 1', tmp_path)
    with pytest.raises(CompilerError) as error:
        build.build(SOURCE, tmp_path)
    assert complaint in str(error.value)


def test_code_that_does_not_compile_leaves_nothing_in_the_cache(tmp_path):
    with pytest.raises(CompilerError, match="error"):
        build.build("this is not C", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_compiler_at_all_gives_a_hint(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "candidates", list)
    find_compiler.cache_clear()
    with pytest.raises(CompilerError, match="pip install ziglang"):
        build.build(SOURCE, tmp_path)
    find_compiler.cache_clear()


def test_a_compiler_that_cannot_name_its_processor_is_passed_over(tmp_path, compiler, monkeypatch):
    compiler("echo unknown flag >&2; exit 1", tmp_path)
    broken = build.candidates()
    monkeypatch.setattr(build, "candidates", lambda: [*broken, ("cc",)])
    assert find_compiler().command[0] == "cc"


def test_the_variable_cc_comes_first(monkeypatch):
    monkeypatch.setenv("CC", "gcc -g" if os.name == "posix" else "cc")
    assert build.candidates()[0] == ("gcc", "-g")


def test_other_processors_flags_make_another_library():
    mine = find_compiler()
    theirs = build.Compiler(mine.command, mine.meaning.replace("__AVX512F__", "__NOT_THERE__") + "\n#define OTHER 1")
    assert build.key(SOURCE, mine) != build.key(SOURCE, theirs)


@pytest.fixture
def no_temporary_folder(monkeypatch):
    """The temporary folder has as little room as the cache."""
    monkeypatch.setattr(build, "temporary_folder", lambda: Path(os.devnull))


def full_disk(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


def in_a_file(cache, monkeypatch):
    cache.rmdir()
    cache.write_text("a file where the folder should be")


def on_a_full_disk(cache, monkeypatch):
    write = Path.write_text
    monkeypatch.setattr(
        Path,
        "write_text",
        lambda self, *given: full_disk() if cache in self.parents else write(self, *given),
    )


def where_nothing_may_be_executed(cache, monkeypatch):
    def refuse(name):
        if str(cache) in name:
            raise OSError("failed to map segment from shared object")
        return loaded(name)

    loaded = ctypes.CDLL
    monkeypatch.setattr(build.ctypes, "CDLL", refuse)


TROUBLES = [in_a_file, on_a_full_disk, where_nothing_may_be_executed]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_net_is_compiled_elsewhere_where_the_cache_cannot_be_used(tmp_path, monkeypatch, trouble):
    cache = tmp_path / "cache"
    cache.mkdir()
    trouble(cache, monkeypatch)
    with pytest.warns(Note, match="the cache of compiled nets cannot be used"):
        library = build.build(SOURCE, cache)
    assert cache not in library.parents
    assert answer_of(library) == 42


@pytest.mark.usefixtures("no_temporary_folder")
def test_a_machine_without_any_place_for_a_library_is_told(tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(CompilerError, match="cache of compiled nets"):
        build.build(SOURCE, tmp_path / "cache")


def test_a_cache_on_a_read_only_disk_is_used_if_only_we_can_write_to_it(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name: str(tmp_path))
    folder = build.cache_folder()
    monkeypatch.setattr(Path, "chmod", refuse)
    assert build.cache_folder() == folder
    os.chmod(folder, 0o777)  # noqa: PTH101
    with pytest.raises(OSError, match="Read-only"):
        build.cache_folder()


@pytest.mark.parametrize("named", ["/nowhere/cc", "false", "nothing-of-this-name -O2"])
def test_a_cc_that_does_not_work_is_said(monkeypatch, named):
    monkeypatch.setenv("CC", named)
    find_compiler.cache_clear()
    with pytest.warns(Note, match=f"CC is `{named}`, which does not work"):
        assert find_compiler().command[0] != named
    find_compiler.cache_clear()


def test_a_cc_that_is_no_program_is_said(monkeypatch, tmp_path):
    (tmp_path / "cc").write_bytes(b"\x00no program")
    (tmp_path / "cc").chmod(0o755)
    monkeypatch.setenv("CC", str(tmp_path / "cc"))
    find_compiler.cache_clear()
    with pytest.warns(Note, match="which does not work"):
        find_compiler()
    find_compiler.cache_clear()


def test_a_library_that_cannot_be_loaded_is_named(tmp_path):
    library = tmp_path / "net.so"
    library.write_bytes(b"no library")
    with pytest.raises(CompilerError, match=r"net\.so"):
        load(library)
