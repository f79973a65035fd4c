"""One worker: `python -m newshole.serving.worker NUMBER CHANNEL LISTENER`, started by the parent.

The channel and the listener are file descriptors that it inherits.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Final, NoReturn, TypeAlias

from newshole.errors import NewsholeError
from newshole.serving import metrics
from newshole.serving.app import Served, build
from newshole.serving.channel import ASK, Failed, Message, Ready, Report, open_channel, to_line
from newshole.serving.descriptors import raise_limit, room_for_connections
from newshole.serving.garbage import settle
from newshole.serving.health import DRAINING, Unready
from newshole.serving.logs import write_logs
from newshole.serving.server import WorkerServer
from newshole.serving.settings import Settings, from_json
from newshole.serving.totals import Part, total

Build: TypeAlias = Callable[[Settings, Unready], Served]
"""What makes the app of a worker by the settings."""

FAILED: Final = 3
"""The exit code of a worker that could not start."""


class Worker:
    """What one worker knows: its number, the channel to the parent, and once it has settings its server."""

    def __init__(
        self, number: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, build: Build = build
    ) -> None:
        self.number, self.build = number, build
        self.reader, self.writer = reader, writer
        self.server: WorkerServer | None = None
        self.served: Served | None = None

    async def serve(self, listener: socket.socket) -> None:
        """Serve until the parent says, or is gone. Raises NewsholeError where the rules are wrong."""
        settings = from_json(await self.reader.readline())
        self.served = self.build(settings, self.unready)
        self.server = self.make_server(settings, self.served)
        settle()
        attending = asyncio.create_task(self.attend(self.server))
        try:
            await self.server.serve(sockets=[listener])
        finally:
            attending.cancel()
        await self.say_last(self.report(self.server, self.served))

    def make_server(self, settings: Settings, served: Served) -> WorkerServer:
        """The server, with as many connections as there is room for."""
        limits = settings.limits
        most = limits.connections or room_for_connections(raise_limit(), limits.requests)
        return WorkerServer(served.app, limits, most, on_start=lambda: self.say(Ready()))

    async def attend(self, server: WorkerServer) -> None:
        """Answer the parent, and end when it is gone."""
        with suppress(OSError):  # a parent that was killed resets the channel
            while await self.reader.readline() == ASK:
                if self.served is not None:
                    self.say(self.report(server, self.served))
        server.drain()

    def unready(self) -> str | None:
        """Why no readers are to be sent here."""
        if self.server is not None and self.server.should_exit:
            return DRAINING
        return None if self.served is None else self.served.unready

    def report(self, server: WorkerServer, served: Served) -> Report:
        """The state of this worker."""
        state = server.server_state
        own = Part(metrics.of_worker(state, served.admission), self.number)
        return Report(
            rules=served.rules,
            requests=state.total_requests,
            connections=len(state.connections),
            unready=self.unready(),
            metrics=total([own, *served.parts(self.number)]),
        )

    def say(self, message: Message) -> None:
        """Tell the parent; one that is gone is told nothing."""
        if not self.writer.is_closing():
            self.writer.write(to_line(message))

    async def say_last(self, message: Message) -> None:
        """Tell the parent, and wait until it is sent."""
        self.say(message)
        with suppress(OSError):
            await self.writer.drain()


async def work(number: str, channel: socket.socket, listener: socket.socket, *, build: Build = build) -> int:
    """Serve as one worker; the exit code."""
    worker = Worker(number, *await open_channel(channel), build)
    try:
        await worker.serve(listener)
    except (NewsholeError, SystemExit) as error:
        reason = str(error) if isinstance(error, NewsholeError) else "its start failed"
        await worker.say_last(Failed(reason))
        return FAILED
    return 0


def main(build: Build = build, name: str = "") -> NoReturn:
    """Run a worker by the command line, under its number or another name in the log."""
    number, channel, listener = sys.argv[1:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to act on
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    write_logs(name or f"worker {number}")
    ends = (socket.socket(fileno=int(each)) for each in (channel, listener))
    sys.exit(_run(work(number, *ends, build=build)))


def _run(working: Coroutine[None, None, int]) -> int:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(working)


if __name__ == "__main__":
    main()
