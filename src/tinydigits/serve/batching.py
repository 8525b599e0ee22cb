"""Small requests are answered by the net together, off the event loop, without changing any answer.

Images of all requests wait in one queue. Each time the net is free, it gets up to `MOST` of them: in turn up to `SHARE`
images of each request, so that a request of many images does not hold up those of a few.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from tinydigits.arrays import Float64Array, UInt8Images
from tinydigits.serve.refusal import busy

# Most images that the net sees together.
MOST = 64
# Most images of one request in its turn.
SHARE = 16
# uint8 [n, 28, 28] → probabilities [n, 11].
Classify = Callable[[UInt8Images], Float64Array]


class ClientGoneError(Exception):
    """Nobody waits for the answer any more."""


@dataclass(eq=False)
class Job:
    """The images of one request.

    Attributes:
        gone: tells whether nobody waits for the answer any more.
        answers: a row an image, as far as they are known.
        taken: images that the net was given so far.
        answered: images that it has answered so far.
    """

    images: UInt8Images
    gone: Callable[[], bool]
    future: asyncio.Future[Float64Array]
    answers: list[Float64Array] = field(default_factory=list)
    taken: int = 0
    answered: int = 0

    @property
    def left(self) -> int:
        return len(self.images) - self.taken


# A job and the images of it, from and up to, that are in a batch.
Part = tuple[Job, int, int]


class Batcher:
    """Asks the net for many requests at once.

    Attributes:
        waiting: images that the net was not given yet.

    Args:
        classify: the net; called in a thread of the batcher's own, once at a time.
        slack: images that may wait before a request of one image is refused.
        most: images that the net sees together; 1 where together it answers otherwise than alone.
        on_batch: is told how many images each batch has.
        on_drop: is called for each request that is dropped because its client has gone.
    """

    def __init__(
        self,
        classify: Classify,
        slack: int,
        most: int = MOST,
        on_batch: Callable[[int], None] = lambda images: None,
        on_drop: Callable[[], None] = lambda: None,
    ) -> None:
        self.classify = classify
        self.slack = slack
        self.most = most
        self.on_batch = on_batch
        self.on_drop = on_drop
        self.jobs: deque[Job] = deque()
        self.thread = ThreadPoolExecutor(1, "net")
        self.busy = False
        self.waiting = 0

    async def ask(self, images: UInt8Images, gone: Callable[[], bool] = lambda: False) -> Float64Array:
        """Returns the probabilities of images, float64 [n, 11].

        A request may wait for some time however small it is, and for about three times as long as it takes itself.

        Raises:
            RefusalError: 503, too many images wait already.
            ClientGoneError: `gone` said so before the net had seen all images.
        """
        if self.waiting > self.slack + 3 * len(images):
            raise busy(f"{self.waiting:,} images that wait", "fewer")
        loop = asyncio.get_running_loop()
        job = Job(images, gone, loop.create_future())
        self.jobs.append(job)
        self.waiting += len(images)
        if not self.busy:
            self.busy = True
            loop.call_soon(self.next_batch)  # after all requests that arrived together
        return await job.future

    def next_batch(self) -> None:
        """Give the net its next batch, if anything waits."""
        parts = parts_of_a_batch(self.jobs, self.most, self.leave)
        self.waiting -= sum(stop - start for _, start, stop in parts)
        self.busy = bool(parts)
        if not parts:
            return
        images = np.concatenate([job.images[start:stop] for job, start, stop in parts])
        self.on_batch(len(images))
        asked = asyncio.get_running_loop().run_in_executor(self.thread, self.classify, images)
        asked.add_done_callback(partial(self.hand_out, parts))

    def hand_out(self, parts: list[Part], asked: asyncio.Future[Float64Array]) -> None:
        """Give each request the answers to its own images."""
        error = busy("a server that ends", "one that does not") if asked.cancelled() else asked.exception()
        rows = None if error else asked.result()
        begin = 0
        for job, start, stop in parts:
            if rows is None:
                fail(job, error)
                continue
            job.answers.append(rows[begin : begin + stop - start])
            job.answered += stop - start
            begin += stop - start
            if job.answered == len(job.images) and not job.future.done():
                job.future.set_result(np.concatenate(job.answers))
        self.next_batch()

    def leave(self, job: Job) -> None:
        """Note that a request's images will not be asked for: it was cancelled, has failed, or its client has gone."""
        self.waiting -= job.left
        if not job.future.done():
            self.on_drop()
            fail(job, ClientGoneError())

    def close(self) -> None:
        self.thread.shutdown(wait=False, cancel_futures=True)


def parts_of_a_batch(jobs: deque[Job], most: int, leave: Callable[[Job], None]) -> list[Part]:
    """Takes the next images from the queue, at most `most`; calls `leave` for jobs that nobody waits for."""
    parts: list[Part] = []
    room = most
    while room and jobs:
        job = jobs.popleft()
        if job.future.done() or job.gone():
            leave(job)
            continue
        size = min(SHARE, room, job.left)
        parts.append((job, job.taken, job.taken + size))
        job.taken += size
        room -= size
        if job.left:
            jobs.append(job)
    return parts


def fail(job: Job, error: BaseException | None) -> None:
    if not job.future.done() and error is not None:
        job.future.set_exception(error)


def answers_alike(classify: Classify, images: UInt8Images) -> bool:
    """Returns whether a net answers images together exactly as it answers them one by one."""
    alone = np.concatenate([classify(images[n : n + 1]) for n in range(len(images))])
    sizes = (2, 3, 5, 8, 16, len(images))
    return all(
        np.array_equal(np.concatenate([classify(images[n : n + size]) for n in range(0, len(images), size)]), alone)
        for size in sizes
    )
