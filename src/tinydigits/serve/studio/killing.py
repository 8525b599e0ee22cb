"""The end of a process that may have started others, such as a C compiler."""

import asyncio
import os
import signal
from contextlib import suppress


def kill_with_all(process: asyncio.subprocess.Process) -> None:
    """Kill a process that leads a group of its own, with the whole group; nothing happens where it has ended."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:  # Windows
            process.kill()
