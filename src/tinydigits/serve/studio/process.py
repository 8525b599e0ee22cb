"""The process of a training, as the server sees it."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tinydigits.serve.studio.killing import kill_with_all
from tinydigits.serve.studio.order import Order

# Python's arguments.
TRAINING = ("-P", "-m", "tinydigits.serve.studio.training_process")
# Most bytes of one line; the reports of 32 seeds need some 30,000.
LINE_BYTES = 4_000_000


class TrainingProcess:
    """A running process of `training_process.py`."""

    def __init__(self, process: asyncio.subprocess.Process, on_words: Callable[[str], None]) -> None:
        self.process = process
        self.listening = asyncio.create_task(self.listen_to_words(on_words))

    @classmethod
    async def started(
        cls, order: Order, folder: Path, *, resume: bool, on_words: Callable[[str], None]
    ) -> "TrainingProcess":
        """Start a process, and give it its order.

        Args:
            on_words: called with each line of its stderr.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *TRAINING,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            limit=LINE_BYTES,
            start_new_session=True,  # Ctrl-C in a terminal is for the server, which ends the process
        )
        assert process.stdin is not None
        line = json.dumps({"order": asdict(order), "folder": str(folder), "resume": resume})
        with suppress(ConnectionError):  # it has ended, which its answers will say
            process.stdin.write(line.encode() + b"\n")
            await process.stdin.drain()
        return cls(process, on_words)

    async def answers(self) -> AsyncGenerator[dict[str, Any], None]:
        """Yields what it answers until it ends."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            if line.endswith(b"\n"):  # the last may be cut short by its end
                yield json.loads(line)

    async def listen_to_words(self, on_words: Callable[[str], None]) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            on_words(line.decode(errors="replace").rstrip())

    def ask_to_end(self) -> None:
        with suppress(ProcessLookupError):
            self.process.terminate()

    def kill(self) -> None:
        """Kill it, unless it has ended, and with it a C compiler that it may have started."""
        kill_with_all(self.process)

    async def ended(self) -> int:
        """Returns its exit status, once it has ended."""
        code = await self.process.wait()
        with suppress(ValueError):  # a line longer than any of ours
            await self.listening
        return code
