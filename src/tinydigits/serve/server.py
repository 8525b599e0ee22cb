"""Runs the application: uvicorn's server with a warm-up, a watch over slow clients, and an end that drops nothing."""

import asyncio
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TextIO

import uvicorn

from tinydigits import __version__
from tinydigits.serve.application import Application, application
from tinydigits.serve.listening import url_of
from tinydigits.serve.log import Log, LogHandler
from tinydigits.serve.protocol import guarded
from tinydigits.serve.settings import Settings
from tinydigits.system.interruption import SIGNALS, in_main_thread

# A walk over all connections every so many ticks of uvicorn's, which come ten times a second.
TICKS_A_WALK = 5
# Seconds before the last moment at which pictures that are still being read are answered 503.
LAST_SECONDS = 0.5


class Server(uvicorn.Server):
    """Serves one application.

    Attributes:
        failure: why the model could not be loaded; None if it could.
    """

    def __init__(self, app: Application) -> None:
        super().__init__(config_of(app))
        self.app = app
        self.failure: BaseException | None = None
        self.warming: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer from now on; the model is loaded meanwhile."""
        await super().startup(sockets)
        urls = [url_of(each) for each in sockets or []]
        self.app.log.write("listening", version=__version__, url=urls[0] if urls else None)
        self.warming = asyncio.create_task(self.app.service.warm_up())
        self.warming.add_done_callback(self.warmed_up)

    def warmed_up(self, warming: asyncio.Task[None]) -> None:
        """Note that the model answers; end the server if it cannot."""
        self.failure = None if warming.cancelled() else warming.exception()
        if self.failure is not None:
            self.should_exit = True
        elif self.app.service.model is not None:
            self.app.log.write("ready", model=self.app.service.model.name)

    async def on_tick(self, counter: int) -> bool:
        if counter % TICKS_A_WALK == 0:
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                connection.cut_if_slow(now)  # type: ignore[union-attr]  # all are GuardedProtocol
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what was accepted, as far as there is time, and end."""
        self.app.health.draining = True
        self.app.log.write("draining", working=self.app.health.working)
        give_up = self.app.settings.limits.drain_seconds - LAST_SECONDS
        asyncio.get_running_loop().call_later(give_up, self.app.service.readings.give_up)
        self.app.trainings.end()
        self.app.exports.end()
        await super().shutdown(sockets)
        if self.warming is not None and not self.warming.done():
            self.warming.cancel()
        await self.app.service.close()
        await self.app.trainings.close()
        self.app.log.write("ended")

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Have SIGTERM, SIGHUP and Ctrl-C end the server tidily, and a second one at once.

        uvicorn's own does the same, but raises the signal again at the end: an end that was asked for is no failure.
        """
        if not in_main_thread():
            yield
            return
        known = {number: signal.getsignal(number) for number in SIGNALS}
        heard = [number for number, handler in known.items() if handler is not signal.SIG_IGN]
        for number in heard:
            signal.signal(number, self.handle_exit)
        try:
            yield
        finally:
            for number in heard:
                signal.signal(number, known[number])

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True


def config_of(app: Application) -> uvicorn.Config:
    limits = app.settings.limits
    return uvicorn.Config(
        app.gate,
        loop="asyncio",
        http=guarded(limits, app.health),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=limits.idle_seconds,
        timeout_graceful_shutdown=limits.drain_seconds,  # type: ignore[arg-type]  # a fraction is good as well
    )


def serve(settings: Settings, listening: socket.socket, log_stream: TextIO | None) -> None:
    """Serve until SIGTERM, SIGHUP or Ctrl-C.

    Args:
        listening: the socket to listen at; it is closed at the end.
        log_stream: where the log goes, a JSON object a line.

    Raises:
        ModelError, ImageShapeError: the model cannot be used.
    """
    log = Log(log_stream)
    server = Server(application(settings, log))
    with logged(log), listening:
        server.run([listening])
    if server.failure is not None:
        raise server.failure


@contextmanager
def logged(log: Log) -> Iterator[None]:
    """Write warnings of uvicorn's and asyncio's to the log."""
    handler: Any = LogHandler(log)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        log.end()
