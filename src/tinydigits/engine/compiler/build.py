"""Builds a shared library from C, with the compiler of the machine, and keeps it in the user's cache folder.

The name of a library is a hash of everything that decides its bytes: the C file, the kernels, the version of the
compiler and the effect of its flags on this machine. The effect counts because machines with different processors may
share a home folder.
"""

from __future__ import annotations

import atexit
import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import platformdirs

from tinydigits.errors import CompilerError
from tinydigits.system.interruption import ASK_SECONDS, obey_interruptions
from tinydigits.system.notes import note

KERNELS = Path(__file__).parents[1] / "kernels"
# Flags of every compiler. -ffast-math is not allowed: it removes checks for NaN, and loading a library that was
# compiled with it changes the arithmetic of the whole process.
FLAGS = ("-std=gnu11", "-D_GNU_SOURCE", "-O2", "-fno-math-errno", "-fno-trapping-math", "-fPIC", "-pthread")
# Flags for all instructions of this processor: the first for x86, the second for other processors.
NATIVE = ("-march=native", "-mcpu=native")
HINT = "Install a C compiler, or `pip install ziglang`, for native speed."


@dataclass(frozen=True)
class Compiler:
    """A C compiler that works on this machine.

    Attributes:
        command: the command line, flags included.
        meaning: all macros that the compiler predefines with these flags. They show its version and the processor.
    """

    command: tuple[str, ...]
    meaning: str


def build(source: str, folder: Path | None = None) -> Path:
    """Returns the shared library of the C file `source`; compiles it unless the cache `folder` has it undamaged.

    Where the cache cannot be used, a note says why, and the library is made in a temporary folder.

    Raises:
        CompilerError: there is no compiler, it failed (the message contains its full output), or neither the cache
            nor the temporary folder can be used.
    """
    compiler = find_compiler()
    try:
        return library_in(folder or cache_folder(), source, compiler)
    except (OSError, CompilerError) as trouble:
        library = build_outside_cache(source, compiler, trouble)
        note(f"the cache of compiled nets cannot be used, so this net is compiled anew in each process: {trouble}")
    return library


def build_outside_cache(source: str, compiler: Compiler, trouble: OSError | CompilerError) -> Path:
    """Returns the library, made in a temporary folder, after `trouble` with the cache."""
    try:
        return library_in(temporary_folder(), source, compiler)
    except OSError as error:
        raise CompilerError(
            "cache of compiled nets",
            found=f"{trouble}; and no temporary folder ({error})",
            expected="a folder that you can write to",
            fix="Check its permissions and the disk.",
        ) from trouble


def library_in(folder: Path, source: str, compiler: Compiler) -> Path:
    """Returns a library in `folder` that can be loaded."""
    library = folder / f"{key(source, compiler)}.so"
    if not is_whole(library):
        compile_to(library, source, compiler)
    load(library)
    return library


def load(library: Path) -> ctypes.CDLL:
    """Loads the library.

    Raises:
        CompilerError: the system does not load it, for example from a folder whose files may not be executed.
    """
    try:
        return ctypes.CDLL(str(library))
    except OSError as error:
        raise CompilerError(
            library,
            found=str(error),
            expected="a library that can be loaded",
            fix="Allow execution in its folder.",
        ) from error


def cache_folder() -> Path:
    """Returns the user's cache folder for compiled nets; only the user can read it.

    Raises:
        OSError: it cannot be made, or others could write to it and that cannot be changed.
    """
    try:
        folder = Path(platformdirs.user_cache_dir("tinydigits")) / "engine"
    except RuntimeError as error:  # a user without a home, as in some containers
        raise OSError(error) from error
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        folder.chmod(0o700)
    except OSError:  # a read-only disk; what lies there may still be used
        found = folder.stat()
        if found.st_uid != os.geteuid() or found.st_mode & 0o022:
            raise
    return folder


@cache
def temporary_folder() -> Path:
    """Returns a folder for compiled nets that goes when this process ends."""
    folder = tempfile.mkdtemp(prefix="tinydigits-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def key(source: str, compiler: Compiler) -> str:
    parts = [
        source,
        *compiler.command,
        compiler.meaning,
        *(file.read_text("utf-8") for file in sorted(KERNELS.glob("*.h"))),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


# ---- finding a compiler ----


@cache
def find_compiler() -> Compiler:
    """Returns the first compiler that works of: the variable CC, cc, clang, gcc, an installed ziglang.

    Raises:
        CompilerError: none of them works.
    """
    complaints = []
    for command in candidates():
        for native in NATIVE:
            tried = (*command, *FLAGS, native)
            try:
                done = run((*tried, "-E", "-dM", "-x", "c", os.devnull))
            except OSError as error:  # a file that may be executed, and is no program
                complaints.append(f"{command[0]}: {error.strerror}")
                continue
            if done.returncode == 0:
                if passed_over(command):
                    note(f"{passed_over(command)}, so `{' '.join(command)}` compiles the nets. Correct or unset CC.")
                return Compiler(tried, done.stdout)
            complaints.append(done.stderr.strip())
    raise CompilerError(
        "C compiler",
        found="none that works" + "".join(f"\n{complaint}" for complaint in complaints),
        expected="one of $CC, cc, clang, gcc or ziglang",
        fix=HINT,
    )


def passed_over(command: tuple[str, ...]) -> str:
    """Returns that the variable CC does not work, where `command` is used in its place; else nothing."""
    asked = tuple(os.environ.get("CC", "").split())
    return f"CC is `{' '.join(asked)}`, which does not work as a C compiler" if asked != command[: len(asked)] else ""


def candidates() -> list[tuple[str, ...]]:
    """Returns the commands of the installed compilers, the preferred one first."""
    named = (os.environ.get("CC", ""), "cc", "clang", "gcc")
    found = [tuple(name.split()) for name in named if name and shutil.which(name.split()[0])]
    if importlib.util.find_spec("ziglang"):
        found.append((sys.executable, "-m", "ziglang", "cc"))
    return found


def run(command: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; an interruption ends it, and is obeyed."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
    ) as process:
        try:
            output, complaints = finished(process)
        except BaseException:
            process.kill()
            raise
    obey_interruptions()  # a terminal's Ctrl-C ends the command, too, which then says nothing about the compiler
    return subprocess.CompletedProcess(command, process.returncode, output, complaints)


def finished(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What a process wrote to stdout and stderr until it ended; interruptions are obeyed meanwhile."""
    while True:
        obey_interruptions()
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=ASK_SECONDS)


# ---- compiling and keeping ----


def compile_to(library: Path, source: str, compiler: Compiler) -> None:
    """Compiles in a temporary folder beside `library`, then moves the checksum and the result to their places."""
    with tempfile.TemporaryDirectory(dir=library.parent, prefix="building-") as folder:
        file, made = Path(folder, "net.c"), Path(folder, "net.so")
        file.write_text(source, "utf-8")
        done = run((*compiler.command, "-shared", f"-I{KERNELS}", str(file), "-o", str(made), "-lm"))
        if done.returncode:
            raise CompilerError(
                f"C compiler `{' '.join(compiler.command)}`",
                found=f"exit status {done.returncode}:\n{done.stderr or done.stdout}\n",
                expected="a shared library",
                fix="Name another compiler in the variable CC.",
            )
        checksum = Path(folder, "net.sha256")
        checksum.write_text(sha256(made), "utf-8")
        checksum.replace(checksum_of(library))
        made.replace(library)


def checksum_of(library: Path) -> Path:
    return library.with_suffix(".sha256")


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def is_whole(library: Path) -> bool:
    """Returns whether `library` exists and matches its checksum."""
    try:
        return sha256(library) == checksum_of(library).read_text("utf-8")
    except (FileNotFoundError, ValueError):  # ValueError: a damaged checksum that is no text
        return False
