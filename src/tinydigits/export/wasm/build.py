"""Compiles the C of a plan, as it trains natively, to WebAssembly with SIMD; ziglang is the compiler.

The module imports nothing. Relaxed SIMD is left out: its results differ between processors.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tinydigits.augmentation.settings import Amplitudes
from tinydigits.engine.compiler.build import KERNELS, run
from tinydigits.engine.compiler.emit import emit
from tinydigits.engine.compiler.plan import Plan
from tinydigits.engine.runtime import augment
from tinydigits.errors import CompilerError

HERE = Path(__file__).parent
STUBS = HERE / "stubs"
DRIVER = HERE / "driver.c"
# No debugging information, so that the same C gives the same bytes in any folder.
FLAGS = (
    *("-target", "wasm32-wasi", "-mexec-model=reactor", "-msimd128", "-mbulk-memory"),
    *("-std=gnu11", "-O2", "-g0", "-fno-math-errno", "-fno-trapping-math"),
    *("-Wl,--strip-all", '-DNET="net.c"', f"-DAMPLITUDES={len(Amplitudes._fields)}"),
)
HINT = "`pip install 'tinydigits[web]'`"


def can_compile() -> bool:
    """Returns whether ziglang is installed."""
    return importlib.util.find_spec("ziglang") is not None


def sources(plan: Plan) -> dict[str, str]:
    """Returns the C files of a plan by name: the net, and the augmentation of its images."""
    area = plan.areas[0]
    return {"net.c": emit(plan), "augment.c": augment.source(area.rows, area.columns, area.channels)}


def key(plan: Plan) -> str:
    """Returns a SHA-256 of all that decides the module's bytes, except the compiler."""
    files = sorted([*KERNELS.glob("*.h"), *STUBS.glob("*.h"), DRIVER])
    parts = [*sources(plan).values(), *FLAGS, *(file.read_text("utf-8") for file in files)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def compiled(plan: Plan) -> bytes:
    """Returns the WebAssembly module that trains `plan`.

    Raises:
        CompilerError: ziglang is not installed, or it failed; the message contains its full output.
    """
    if not can_compile():
        raise CompilerError("WebAssembly", found="no ziglang", expected="ziglang", fix=f"{HINT} brings it.")
    with TemporaryDirectory(prefix="tinydigits-") as folder:
        for name, text in sources(plan).items():
            Path(folder, name).write_text(text, "utf-8")
        module = Path(folder, "net.wasm")
        paths = (f"-I{folder}", f"-I{KERNELS}", f"-I{STUBS}", str(DRIVER), str(Path(folder, "augment.c")))
        done = run((sys.executable, "-m", "ziglang", "cc", *FLAGS, *paths, "-o", str(module)))
        if done.returncode:
            raise CompilerError(
                "ziglang",
                found=f"exit status {done.returncode}:\n{done.stderr or done.stdout}\n",
                expected="a WebAssembly module",
                fix="Try the version that constraints.txt names.",
            )
        return module.read_bytes()
