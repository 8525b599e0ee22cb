"""Pictures are read in processes of their own: a picture that takes too long or ends its process harms nothing else.

Reading is search and image processing that holds Python's lock, for seconds where a picture is made to be hard.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from tinydigits.serve.batching import ClientGoneError
from tinydigits.serve.refusal import RefusalError, busy

# Seconds for a process to load its model.
START_SECONDS = 120.0
Result = TypeVar("Result")
# Most bytes of one line from a process; a page of thousands of digits needs some hundred thousand.
LINE_BYTES = 16_000_000


class ReadingProcess:
    """One process of `reading_process.py`; it is started again where it has ended."""

    def __init__(self, model: str) -> None:
        self.model = model
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the process, unless it runs; it is ready when this returns.

        Raises:
            EOFError: it ended at once.
        """
        if self.process is not None and self.process.returncode is None:
            return
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tinydigits.serve.reading_process", self.model),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            limit=LINE_BYTES,
            start_new_session=True,  # Ctrl-C in a terminal is for the server, which lets the process finish
        )
        await asyncio.wait_for(self.line(), START_SECONDS)

    async def ask(self, picture: bytes, options: Mapping[str, Any]) -> dict[str, Any]:
        """Returns what the process answers; raises EOFError or OSError where it ends before."""
        assert self.process is not None
        assert self.process.stdin is not None
        order = json.dumps({"bytes": len(picture), "options": dict(options)}).encode() + b"\n"
        self.process.stdin.write(order + picture)
        await self.process.stdin.drain()
        return await self.line()

    async def line(self) -> dict[str, Any]:
        assert self.process is not None
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def stop(self) -> None:
        """Kill the process, if it runs, and wait for its end."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


class Readings:
    """Reads pictures, several at once.

    Args:
        count: of processes.
        waiting: pictures that may wait for each process.
        seconds: for one picture.
    """

    def __init__(self, model: str, count: int, waiting: int, seconds: float) -> None:
        self.processes = [ReadingProcess(model) for _ in range(count)]
        self.seconds = seconds
        self.most_waiting = waiting * count
        self.waiting = 0
        self.free: asyncio.Queue[ReadingProcess] = asyncio.Queue()
        self.no_time_left = asyncio.Event()

    async def start(self) -> None:
        for process in self.processes:
            await process.start()
            self.free.put_nowait(process)

    async def read(
        self, picture: bytes, options: Mapping[str, Any], gone: Callable[[], bool] = lambda: False
    ) -> dict[str, Any]:
        """Returns the reading of a picture, as JSON values.

        Args:
            options: arguments of `Reader.read`.
            gone: tells whether nobody waits for the answer any more.

        Raises:
            RefusalError: 422, the picture cannot be read, or not in time; 503, too many wait, or the server ends.
            ClientGoneError: `gone` said so before the picture's turn came.
        """
        if self.waiting >= self.most_waiting:
            raise busy(f"{self.waiting} pictures that wait", "fewer")
        process = await self.next_free()
        try:
            if gone():
                raise ClientGoneError
            answer = await self.asked(process, picture, options)
        finally:
            self.free.put_nowait(process)
        if "refused" in answer:
            raise RefusalError(422, "picture", **answer["refused"])
        reading: dict[str, Any] = answer["reading"]
        return reading

    async def next_free(self) -> ReadingProcess:
        """Returns a process once one is free; raises RefusalError if the server ends before."""
        self.waiting += 1
        try:
            return await self.in_time(self.free.get())
        finally:
            self.waiting -= 1

    async def asked(self, process: ReadingProcess, picture: bytes, options: Mapping[str, Any]) -> dict[str, Any]:
        """Returns a process's answer; a process that gives none in time is killed, and started again when needed."""
        try:
            await process.start()
            return await self.in_time(asyncio.wait_for(process.ask(picture, options), self.seconds))
        except TimeoutError:
            found, fix = f"a picture that takes more than {self.seconds:g} s", "Crop it, or scale it down."
        except (EOFError, OSError):
            found, fix = "a picture that ended its reading process", "Save it again, as PNG for example."
        except BaseException:
            await process.stop()  # it would answer the next request with this picture
            raise
        await process.stop()
        raise RefusalError(422, "picture", found=found, expected="one that can be read", fix=fix)

    async def in_time(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Awaits work; raises RefusalError if the server has no time left before it is done."""
        task, end = asyncio.ensure_future(work), asyncio.ensure_future(self.no_time_left.wait())
        try:
            await asyncio.wait((task, end), return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            raise busy("a server that ends", "one that does not")
        finally:
            task.cancel()
            end.cancel()

    def give_up(self) -> None:
        """Have whatever is still being read answered 503: the server ends."""
        self.no_time_left.set()

    async def close(self) -> None:
        for process in self.processes:
            await process.stop()
