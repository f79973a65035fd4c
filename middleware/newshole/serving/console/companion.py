"""The console's process, beside the workers or alone: one that dies is started again, and the site is served
whatever becomes of it."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from newshole.errors import NewsholeError
from newshole.serving.backoff import Backoff, pause
from newshole.serving.notify import notify, reloading
from newshole.serving.process import WorkerProcess, spawn
from newshole.serving.settings import Settings

log = logging.getLogger("newshole")

MODULE: Final = "newshole.console.process"

FAILED: Final = 1


class Companion:
    """Keeps one console on `listener` until `stopping` is set. `was_ready` says whether any ever served."""

    def __init__(self, settings: Settings, listener: socket.socket, stopping: asyncio.Event) -> None:
        self.settings, self.listener, self.stopping = settings, listener, stopping
        self.process: WorkerProcess | None = None
        self.was_ready = False
        self._is_renewed = False

    async def run(self, *, on_ready: Callable[[], None] = lambda: None, is_patient: bool = True) -> str:
        """Have a console until the end; one that is not patient gives up where the first cannot start. Why it
        gave up, "" where it did not."""
        backoff = Backoff()
        while not self.stopping.is_set():
            process = await self._start(on_ready)
            if self.stopping.is_set():
                break
            if self._is_renewed:
                self._is_renewed = False
                continue
            reason = "cannot be started" if process is None else process.reason
            if not (is_patient or self.was_ready):
                return reason
            wait = backoff.after(process.age if process is not None and process.was_ready else 0.0)
            log.error("the console %s; another starts in %g seconds", reason, wait)
            await pause(self.stopping, wait)
        return ""

    async def renew(self, settings: Settings) -> None:
        """Replace the console by one with new settings; who asks meanwhile waits."""
        self.settings = settings
        if self.process is not None and self.process.state != "ended":
            self._is_renewed = True
            await self.process.drain(settings.limits.grace)

    async def end(self) -> None:
        """End it with the requests in flight."""
        if self.process is not None:
            await self.process.drain(self.settings.limits.grace)

    def kill(self) -> None:
        """End it at once."""
        if self.process is not None:
            self.process.kill()

    async def _start(self, on_ready: Callable[[], None]) -> WorkerProcess | None:
        """One console from its start to its end; None where the system starts none."""
        try:
            process = self.process = await spawn(0, self.settings, self.listener, module=MODULE)
        except OSError:
            return None
        if self.stopping.is_set():
            process.kill()
        await process.settled.wait()
        if process.was_ready:
            self.was_ready = True
            on_ready()
        if await process.fall_silent(self.settings.limits.silence):
            log.error("the console says nothing any more, and is killed")
            process.kill()
        await asyncio.wait({process.ended})
        return process


async def run_alone(
    settings: Settings, listener: socket.socket, read: Callable[[], Settings], announce: Callable[[], None]
) -> int:
    """A console without workers, until a signal ends it; the exit code. SIGHUP reads settings again."""
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    companion = Companion(settings, listener, stopping)
    tasks: set[asyncio.Task[None]] = set()

    def stop() -> None:
        if stopping.is_set():
            companion.kill()
        stopping.set()

    def renew() -> None:
        task = loop.create_task(_read_again(companion, read))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    def is_open() -> None:
        announce()
        notify("READY=1")

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    loop.add_signal_handler(signal.SIGHUP, renew)
    running = loop.create_task(companion.run(on_ready=once(is_open), is_patient=False))
    await asyncio.wait({running, loop.create_task(stopping.wait())}, return_when=asyncio.FIRST_COMPLETED)
    stopping.set()
    notify("STOPPING=1")
    await companion.end()
    reason = await running
    if reason:
        log.error("the console could not start: %s", reason)
    return FAILED if reason else 0


def once(call: Callable[[], None]) -> Callable[[], None]:
    """The same, called the first time alone."""
    left = [call]

    def first() -> None:
        while left:
            left.pop()()

    return first


async def _read_again(companion: Companion, read: Callable[[], Settings]) -> None:
    reloading()
    try:
        settings = await asyncio.to_thread(read)
    except NewsholeError as error:
        for line in str(error).splitlines():
            log.error("%s", line)
        log.warning("settings were read again: refused")
    else:
        await companion.renew(replace(settings, listening=companion.settings.listening))
        log.warning("settings were read again: done")
    notify("READY=1")
