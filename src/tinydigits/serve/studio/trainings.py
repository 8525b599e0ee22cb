"""All trainings of a server: at most one runs at a time."""

import asyncio
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path

from tinydigits.formats.run_folder import free_folder
from tinydigits.serve.log import Log
from tinydigits.serve.refusal import RefusalError, busy
from tinydigits.serve.studio.kept import discard, kept_in
from tinydigits.serve.studio.order import Order
from tinydigits.serve.studio.training import State, Training

# Trainings that are remembered; the oldest that has ended is forgotten first. Its run folder stays.
MOST_REMEMBERED = 50
# Streams of events that are open at once.
MOST_STREAMS = 64
# Seconds for a training to end tidily when the server does.
END_SECONDS = 2.5


class Trainings:
    """Trainings into folders of `place`; those that earlier servers did not finish are known, too."""

    def __init__(self, place: Path, log: Log) -> None:
        self.place = place
        self.log = log
        self.known: dict[str, Training] = {}
        self.streams = 0
        self.beginning = asyncio.Lock()
        for each in kept_in(place):
            training = Training(each.order, each.folder, log, each.seconds)
            training.recall()
            self.known[training.id] = training

    def find(self, name: str) -> Training:
        """Returns a training by its id; raises RefusalError, 404, if there is none."""
        if name not in self.known:
            found = f"`{name[:100]}`, which is none of this server"
            raise RefusalError(404, "training", found=found, expected="one that GET /v1/trainings lists")
        return self.known[name]

    async def start(self, order: Order) -> Training:
        """Begin a training.

        Raises:
            RefusalError: 409, another one is under way.
        """
        async with self.beginning:
            self.refuse_second()
            taken = [each.folder for each in self.known.values() if each.state is not State.FINISHED]
            folder = await asyncio.to_thread(partial(free_folder, order.recipe, self.place, taken))
            training = Training(order, folder, self.log)
            self.known[training.id] = training
            self.forget()
            training.go(resume=False)
        return training

    async def resume(self, training: Training) -> None:
        """Go on with a training that was stopped, or has failed.

        Raises:
            RefusalError: 409, it is neither, or another one is under way.
        """
        async with self.beginning:
            if training.state not in (State.STOPPED, State.FAILED):
                raise conflict(f"a training that is {training.state}", "one that was stopped or has failed")
            self.refuse_second()
            training.go(resume=True)

    def stop(self, training: Training) -> None:
        """Have a training stop after it has kept what is needed to go on; raises RefusalError, 409, if none runs."""
        if not training.under_way:
            raise conflict(f"a training that is {training.state}", "one that runs")
        training.stop()

    async def discard(self, training: Training) -> None:
        """Forget a training, and remove what it needs to go on; a finished run stays.

        Raises:
            RefusalError: 409, it is under way.
        """
        if training.under_way:
            raise conflict(f"a training that is {training.state}", "one that has ended", "Stop it first.")
        del self.known[training.id]
        await asyncio.to_thread(discard, training.folder)

    def refuse_second(self) -> None:
        for each in self.known.values():
            if each.under_way:
                raise conflict(
                    f"a training that is under way, of `{each.order.recipe}` into {each.folder.name}/",
                    "one at a time",
                    "Wait for its end, or stop it.",
                )

    def forget(self) -> None:
        ended = [each for each in self.known.values() if not each.under_way]
        for each in ended[: len(self.known) - MOST_REMEMBERED]:
            del self.known[each.id]

    async def stream(self, training: Training, after: int) -> AsyncGenerator[bytes, None]:
        """Yields the events of a training with numbers above `after`, as bytes."""
        self.streams += 1
        try:
            async for part in training.events.stream(after):
                yield part
        finally:
            self.streams -= 1

    def check_room(self) -> None:
        """Raises RefusalError, 503, if too many streams are open."""
        if self.streams >= MOST_STREAMS:
            raise busy(f"{self.streams} open streams of events", "fewer")

    def end(self) -> None:
        """End all streams, and have the training that runs end soon: the server ends."""
        for each in self.known.values():
            each.events.close()
            if each.under_way:
                each.stop(END_SECONDS)

    async def close(self) -> None:
        """Wait until no process is left."""
        running = [each.running for each in self.known.values() if each.running is not None]
        if running:
            await asyncio.wait(running)


def conflict(found: str, expected: str, fix: str = "") -> RefusalError:
    return RefusalError(409, "training", found=found, expected=expected, fix=fix)
