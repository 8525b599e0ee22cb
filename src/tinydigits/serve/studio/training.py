"""One training that was ordered: its state, its events, and the process that does it."""

import asyncio
import secrets
import signal
import time
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

from tinydigits.errors import OutputError
from tinydigits.serve.log import Log
from tinydigits.serve.studio import kept
from tinydigits.serve.studio.events import EventLog
from tinydigits.serve.studio.kept import Kept
from tinydigits.serve.studio.order import Order
from tinydigits.serve.studio.process import TrainingProcess
from tinydigits.system.hidden import free_name

# Seconds for a process to end tidily before it is killed.
STOP_SECONDS = 10.0


class State(StrEnum):
    """What a training is at."""

    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"


class Training:
    """One order, and what came of it.

    Attributes:
        folder: of the run, or of the runs of several seeds, once it is finished.
        seconds: that it ran until it ended last.
        report: what `train --json` prints, once it is finished.
        message: why it failed.
    """

    def __init__(self, order: Order, folder: Path, log: Log, seconds: float = 0.0) -> None:
        self.id = secrets.token_hex(6)
        self.order = order
        self.folder = folder
        self.log = log
        self.events = EventLog()
        self.state = State.STOPPED
        self.seconds = seconds
        self.begun = 0.0
        self.reached: dict[int, float] = {}
        self.report: dict[str, Any] | None = None
        self.message: str | None = None
        self.process: TrainingProcess | None = None
        self.running: asyncio.Task[None] | None = None

    @property
    def under_way(self) -> bool:
        return self.state in (State.RUNNING, State.STOPPING)

    def go(self, *, resume: bool) -> None:
        """Begin, or go on from the state that was kept last."""
        self.begun = time.monotonic()
        self.message = None
        self.events.reopen()
        self.enter(State.RUNNING)
        self.running = asyncio.create_task(self.run(resume))

    async def run(self, resume: bool) -> None:
        """Do the training in a process, and note what it answers."""
        try:
            await asyncio.to_thread(kept.keep, self.as_kept())
            self.process = await TrainingProcess.started(
                self.order, self.folder, resume=resume, on_words=self.note_words
            )
            if self.state is State.STOPPING:  # it was stopped before there was a process
                self.process.ask_to_end()
            async for answer in self.process.answers():
                self.heed(answer)
            code = await self.process.ended()
        except Exception as error:  # whatever it is, the training is over, and the page has to know
            code, self.message = 0, f"It could not begin, or go on: {error}"
        finally:
            if self.process is not None:
                self.process.kill()
        await asyncio.to_thread(self.tidy)
        self.end(code)

    def as_kept(self) -> Kept:
        return Kept(self.folder, self.order, self.spent())

    def tidy(self) -> None:
        """Clear what a killed process has left, and leave word for the next server unless the training is finished."""
        free_name(self.folder)
        if self.report is not None:
            kept.forget(self.folder)
            return
        with suppress(OutputError):  # the disk is full: what there is of it stays
            kept.keep(self.as_kept())

    def recall(self) -> None:
        """Tell of the epochs that another server has seen."""
        for epoch in kept.epochs_of(self.as_kept()):
            self.heed({"epoch": epoch})
        self.enter(State.STOPPED)
        self.events.close()

    def heed(self, answer: dict[str, Any]) -> None:
        """Note what the process answers."""
        for kind in ("part", "epoch"):
            if kind in answer:
                told = answer[kind]
                self.reached[told["seed"]] = told["at"]
                self.events.add(kind, told)
        if "note" in answer:
            self.events.add("note", {"note": answer["note"]})
        self.report = answer.get("done", self.report)
        self.message = answer.get("error", self.message)

    def end(self, code: int) -> None:
        """Note that the process has ended, and how."""
        self.seconds += time.monotonic() - self.begun
        self.process = None
        if self.report is not None:
            self.enter(State.FINISHED)
        elif self.state is State.STOPPING:
            self.enter(State.STOPPED)
        else:
            self.message = self.message or words_of_end(code)
            self.enter(State.FAILED)
        self.events.close()

    def enter(self, state: State) -> None:
        self.state = state
        self.events.add("state", self.told())
        self.log.write("training", id=self.id, folder=str(self.folder), state=state, message=self.message)

    def stop(self, patience: float = STOP_SECONDS) -> None:
        """Have the process end; it is killed after `patience` seconds."""
        if self.state is State.RUNNING:
            self.enter(State.STOPPING)
        if self.process is not None:
            self.process.ask_to_end()
            asyncio.get_running_loop().call_later(patience, self.process.kill)

    def note_words(self, line: str) -> None:
        """Write what the process says on stderr into the server's log."""
        self.log.write("training", id=self.id, words=line[:2_000])

    def spent(self) -> float:
        """Returns the seconds that it has run so far."""
        return self.seconds + (time.monotonic() - self.begun if self.under_way else 0.0)

    def told(self) -> dict[str, Any]:
        """Returns its state, as JSON values."""
        return {
            "state": self.state,
            "seconds": round(self.spent(), 2),
            "message": self.message,
            "report": self.report,
        }

    def as_json(self) -> dict[str, Any]:
        """Returns all that is known of it but its curves, as JSON values."""
        order = self.order
        return {
            "id": self.id,
            "folder": self.folder.name,
            **vars(order),
            "fraction": sum(self.reached.values()) / (order.epochs * order.seeds),
            **self.told(),
        }


def words_of_end(code: int) -> str:
    """Returns why a training failed whose process has ended without a word."""
    if code < 0:
        return f"Its process was ended by signal {-code} ({signal.Signals(-code).name}). Was there enough memory?"
    return f"Its process ended with exit status {code}. The server's log says more."
