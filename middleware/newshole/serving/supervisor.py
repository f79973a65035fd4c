"""The parent: keeps the workers running, replaces them when settings are read again, and ends them.

uvicorn has a supervisor of its own (`uvicorn.supervisors.Multiprocess`). It sends pickled objects, waits in
its loop for each worker in turn, starts one that dies again at once and for ever, knows no second signal, and
has no place for a port of its own; so this one is ours.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Final

from newshole.errors import NewsholeError
from newshole.serving.backoff import Backoff, pause
from newshole.serving.console.companion import Companion
from newshole.serving.health import DRAINING
from newshole.serving.notify import notify, reloading
from newshole.serving.process import WorkerProcess, spawn
from newshole.serving.settings import Settings
from newshole.serving.totals import total_of_workers

log = logging.getLogger("newshole")

START: Final = 60.0
"""Seconds that a worker has to start in the place of another."""

ENDED: Final = 0
FAILED: Final = 1
FAULT: Final = 70
CUT_SHORT: Final = 130


class Supervisor:
    """Keeps `settings.workers` workers on one listener, which it closes at the end.

    `read` reads settings and rules again when SIGHUP comes, and raises NewsholeError where they are wrong.
    `workers` are those in service by their numbers; `beside` are others that come or go. `past` has the
    metrics of those that have ended, `ended` counts the ones that were not told to, `reloads` what came of
    reading again. Where `console` is a listener, the console is kept on it beside them.
    """

    def __init__(
        self,
        settings: Settings,
        listener: socket.socket,
        read: Callable[[], Settings],
        *,
        console: socket.socket | None = None,
    ) -> None:
        self.settings = settings
        self.listener = listener
        self.read = read
        self.workers: dict[int, WorkerProcess] = {}
        self.beside: set[WorkerProcess] = set()
        self.past = ""
        self.ended = 0
        self.reloads: Counter[str] = Counter()
        self.stopping = asyncio.Event()
        self.code = ENDED
        self.companion = None if console is None else Companion(settings, console, self.stopping)
        self._was_ready = False
        self._is_announced = False
        self._failed: set[int] = set()
        self._reloading = asyncio.Lock()
        self._tasks: set[asyncio.Task[object]] = set()

    @property
    def unready(self) -> str | None:
        """Why no readers are to be sent here, by what the workers told last."""
        if self.stopping.is_set():
            return DRAINING
        reasons = [each.report.unready for each in self.workers.values() if each.state == "ready"]
        return None if None in reasons else next(iter(reasons), "no worker is ready")

    async def run(self, announce: Callable[[], None]) -> int:
        """Serve until a signal ends it; `announce` is called once every worker is ready. The exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._begin(self.reload()))
        for each in range(1, self.settings.workers + 1):
            self._begin(self._keep(each, announce))
        if self.companion is not None:
            self._begin(self.companion.run())
        await self.stopping.wait()
        await self._end()
        return self.code

    def stop(self) -> None:
        """End with the requests in flight; when called again, at once."""
        if self.stopping.is_set():
            self.code = CUT_SHORT
            for worker in self.all():
                worker.kill()
            if self.companion is not None:
                self.companion.kill()
        self.stopping.set()

    async def reload(self) -> None:
        """Read settings and rules again, and replace the workers by ones that have them, one by one.

        Where they are wrong, or the first new worker does not start, all stays as it is.
        """
        async with self._reloading:
            reloading()
            outcome = "done" if await self._replace_all() else "refused"
            self.reloads[outcome] += 1
            log.warning("settings and rules were read again: %s", outcome)
            notify("READY=1")

    def all(self) -> tuple[WorkerProcess, ...]:
        """Every worker that has not ended."""
        return (*self.workers.values(), *self.beside)

    async def _keep(self, number: int, announce: Callable[[], None]) -> None:
        """Have a worker of this number, as long as it is served."""
        backoff = Backoff()
        while not self.stopping.is_set():
            try:
                await self._fill(number, announce)
            except OSError as error:
                log.error("worker %d cannot be started: %s", number, error.strerror)
                await pause(self.stopping, backoff.after(0.0))
                continue
            worker = await self._last(number)
            self._remember(worker)
            if self.stopping.is_set():
                return
            self.ended += 1
            if self._is_hopeless(worker):
                self._give_up(worker)
                return
            wait = backoff.after(worker.age if worker.was_ready else 0.0)
            log.error("worker %d %s; another starts in %g seconds", number, worker.reason, wait)
            await pause(self.stopping, wait)

    async def _fill(self, number: int, announce: Callable[[], None]) -> None:
        """Start a worker where none of this number serves; one that a reload starts meanwhile goes before."""
        before = self.workers.get(number)
        if before is not None and before.state != "ended":
            return
        worker = await self._spawn(number, self.settings)
        if self.workers.get(number) is not before:
            worker.kill()
            return
        self.workers[number] = worker
        self._begin(self._watch(worker, announce))

    async def _last(self, number: int) -> WorkerProcess:
        """The worker of a number, once it has ended and none has taken its place."""
        while True:
            worker = self.workers[number]
            await asyncio.wait({worker.ended})
            if self.workers[number] is worker:
                return worker

    async def _watch(self, worker: WorkerProcess, announce: Callable[[], None]) -> None:
        """Note when a worker is ready, and end it when it hangs."""
        await worker.settled.wait()
        self._was_ready |= worker.was_ready
        are_ready = [each.state == "ready" for each in self.workers.values()]
        if not self._is_announced and len(are_ready) == self.settings.workers and all(are_ready):
            self._is_announced = True
            announce()
            notify("READY=1")
        if await worker.fall_silent(self.settings.limits.silence):
            log.error("worker %d says nothing any more, and is killed", worker.number)
            worker.kill()

    def _is_hopeless(self, worker: WorkerProcess) -> bool:
        """Whether every worker ended before any was ready."""
        self._failed.add(worker.number)
        return not self._was_ready and len(self._failed) == self.settings.workers

    def _give_up(self, worker: WorkerProcess) -> None:
        log.error("no worker could start: %s", worker.reason)
        self.code = FAILED
        self.stopping.set()

    async def _replace_all(self) -> bool:
        try:
            read = await asyncio.to_thread(self.read)
        except NewsholeError as error:
            for line in str(error).splitlines():
                log.error("%s", line)
            return False
        except Exception:
            log.exception("settings and rules could not be read again")
            return False
        settings = replace(read, listening=self.settings.listening, workers=self.settings.workers)
        for number in sorted(self.workers):
            if not await self._replace(number, settings):
                return False
            self.settings = settings
        if self.companion is not None:
            await self.companion.renew(settings)
        return True

    async def _replace(self, number: int, settings: Settings) -> bool:
        """Whether a new worker took the place of the one of this number, which then ends in peace."""
        try:
            new = await self._spawn(number, settings)
        except OSError as error:
            log.error("a new worker cannot be started, the old ones stay: %s", error.strerror)
            return False
        self.beside.add(new)
        is_ready = await new.becomes_ready(START)
        self.beside.discard(new)
        if not is_ready:
            new.kill()
            log.error("a new worker did not start, the old ones stay: %s", new.reason or "it took too long")
            return False
        old, self.workers[number] = self.workers[number], new
        self._begin(self._watch(new, lambda: None))
        self.beside.add(old)
        self._begin(self._retire(old))
        return True

    async def _retire(self, worker: WorkerProcess) -> None:
        await worker.drain(self.settings.limits.grace)
        self.beside.discard(worker)
        self._remember(worker)

    def _remember(self, worker: WorkerProcess) -> None:
        """Keep what a worker counted that has ended."""
        self.past = total_of_workers({}, [self.past, worker.report.metrics])
        worker.forget()

    async def _spawn(self, number: int, settings: Settings) -> WorkerProcess:
        # No worker has a use for the hashes of passwords.
        worker = await spawn(number, replace(settings, console=None), self.listener)
        if self.stopping.is_set():
            worker.kill()
        return worker

    async def _end(self) -> None:
        notify("STOPPING=1")
        self.listener.close()
        ending = [worker.drain(self.settings.limits.grace) for worker in self.all()]
        if self.companion is not None:
            self.companion.listener.close()
            ending.append(self.companion.end())
        await asyncio.gather(*ending)
        await asyncio.gather(*self._tasks)

    def _begin(self, work: Coroutine[None, None, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._settle)

    def _settle(self, task: asyncio.Task[object]) -> None:
        """Whatever fails here is a fault of ours: to end with it is better than to go on without a part."""
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("a fault of newshole itself, please report it", exc_info=fault)
            self.code = FAULT
            self.stopping.set()
