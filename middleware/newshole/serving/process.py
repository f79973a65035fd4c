"""One worker as the parent sees it: a process, what it said last, and what it can be told."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias

from newshole.serving.channel import ASK, Failed, Ready, Report, from_line, open_channel
from newshole.serving.settings import Settings, to_json

WorkerState: TypeAlias = Literal["starting", "ready", "draining", "ended"]

STATES: Final[tuple[WorkerState, ...]] = ("starting", "ready", "draining", "ended")

ANSWER: Final = 2.0
"""Seconds that a worker has for a report; one that is busier is told of by its last."""

MARGIN: Final = 5.0
"""Seconds beyond the grace after which a worker that still drains is killed."""

MODULE: Final = "newshole.serving.worker"


class WorkerProcess:
    """A worker: its `number`, its `state`, its last `report`, and why it ended where it said so."""

    def __init__(
        self,
        number: int,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.number = number
        self.process = process
        self.reader, self.writer = reader, writer
        self.state: WorkerState = "starting"
        self.started = datetime.now(UTC)
        self.born = time.monotonic()
        self.was_ready = False
        self.reason = ""
        self.report = Report()
        self.settled = asyncio.Event()
        self.reported = asyncio.Event()
        self.ended = asyncio.create_task(self._attend())

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def age(self) -> float:
        """Seconds since its start."""
        return time.monotonic() - self.born

    async def ask(self) -> Report:
        """Its state now; the last that it told where it is not ready, or too busy to answer."""
        if self.state in ("ready", "draining") and not self.writer.is_closing():
            self.reported.clear()
            self.writer.write(ASK)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.reported.wait(), ANSWER)
        return self.report

    async def fall_silent(self, within: float) -> bool:
        """Wait until it does not answer for so many seconds; whether it did not because it hangs."""
        while self.state == "ready":
            self.reported.clear()
            self.writer.write(ASK)
            try:
                await asyncio.wait_for(self.reported.wait(), within)
            except TimeoutError:
                return self.state == "ready"
            await asyncio.wait({self.ended}, timeout=within / 4)
        return False

    async def becomes_ready(self, within: float) -> bool:
        """Whether it serves, within so many seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.settled.wait(), within)
        return self.state == "ready"

    async def drain(self, grace: float) -> None:
        """Have it end with the requests in flight; killed where it takes longer than that."""
        if self.state in ("starting", "ready"):
            self.state = "draining"
            self._send(signal.SIGTERM)
        await asyncio.wait({self.ended}, timeout=grace + MARGIN)
        self.kill()
        await asyncio.wait({self.ended})

    def kill(self) -> None:
        """End it at once."""
        if self.state != "ended":
            self._send(signal.SIGKILL)

    def forget(self) -> None:
        """Drop its last report, which others have counted."""
        self.report = Report()

    def told(self) -> dict[str, Any]:
        """What is shown of it."""
        return {
            "worker": self.number,
            "pid": self.pid,
            "state": self.state,
            "started": self.started.isoformat(timespec="seconds"),
            "rules": list(self.report.rules),
            "requests": self.report.requests,
            "connections": self.report.connections,
        }

    async def _attend(self) -> None:
        """Read what it says until it has ended."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            while line := await self.reader.readline():
                self._hear(from_line(line))
        code = await self.process.wait()
        self.state = "ended"
        self.reason = self.reason or _ending(code)
        self.writer.close()
        self.settled.set()
        self.reported.set()

    def _hear(self, message: Ready | Failed | Report) -> None:
        match message:
            case Ready():
                self.was_ready = True
                self.state = "ready" if self.state == "starting" else self.state
                self.settled.set()
            case Failed(reason):
                self.reason = reason
            case Report():
                self.report = message
                self.reported.set()

    def _send(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self.process.send_signal(number)


async def spawn(
    number: int, settings: Settings, listener: socket.socket, *, module: str = MODULE
) -> WorkerProcess:
    """Start a worker, a fresh interpreter that runs `module` and finds others where this one does.

    Raises OSError where the system does not start one.
    """
    own, others = socket.socketpair()
    with others:
        reader, writer = await open_channel(own)
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", module),
                *map(str, (number, others.fileno(), listener.fileno())),
                pass_fds=(others.fileno(), listener.fileno()),
                stdin=asyncio.subprocess.DEVNULL,
                # Ctrl-C goes to all of a terminal's processes, and is the parent's alone to act on.
                process_group=0,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        except BaseException:
            writer.close()
            raise
    writer.write(f"{to_json(settings)}\n".encode())
    return WorkerProcess(number, process, reader, writer)


def _ending(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
