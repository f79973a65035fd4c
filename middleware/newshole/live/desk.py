"""The desk: one background task a worker, which keeps rules and switches as they are published and written.

Nothing waits for it. It begins with the server's startup or with the first request, and ends with `close`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from newshole.errors import NewsholeError
from newshole.live.board import Board, Serving
from newshole.live.disk import StateFile
from newshole.live.follower import Follower
from newshole.live.health import Saying, Vitals
from newshole.live.ledger import Ledger
from newshole.live.source import load_site
from newshole.live.staging.keeper import Keeper
from newshole.live.watching import RulesWatch, SwitchFile
from newshole.types import Switch

if TYPE_CHECKING:
    from newshole.cdn.targets import Target

log = logging.getLogger("newshole")

SETTLE: Final = 0.25
"""Seconds from one look for switches that have expired to the next."""


PATIENCE: Final = 3.0
"""Seconds that a server's startup waits for what is published; it goes on without it then."""

AGAIN: Final = 2.0
"""Seconds until what failed begins again."""


@dataclass(frozen=True, slots=True)
class Status:
    """What a worker serves: the `version` that was published, "" for rules from files, and the digest of its
    `rules`. `problem` is why newer rules, or a newer switch file, are kept out, "" for nothing. `follows` is
    None where there is no log to follow, else whether Redis answered last. The version that is `staged`, ""
    for none, serves a `share` in percent."""

    is_ready: bool
    rules: str
    version: str = ""
    problem: str = ""
    switches: tuple[Switch, ...] = ()
    since: float | None = None
    follows: bool | None = None
    staged: str = ""
    share: float = 0.0


class LiveDesk:
    """What keeps the site of `serving` up to date."""

    def __init__(self, serving: Serving, *, clock: Callable[[], float] = time.time) -> None:
        self.serving, self.clock = serving, clock
        self.board = Board(serving)
        self.follower: Follower | None = None
        self.keeper: Keeper | None = None
        self.rules: RulesWatch | None = None
        self.file: SwitchFile | None = None
        self.task: asyncio.Task[None] | None = None

    def follow(
        self,
        ledger: Ledger,
        state: StateFile | None,
        *,
        takes_rules: bool,
        look: Callable[[], Vitals] | None = None,
        caches: tuple[Target, ...] = (),
    ) -> None:
        """Follow a log; where rules come from it, begin with those that are kept on disk, and look after what
        is staged and planned there. `look` is at how the worker is, which is said there, too; `caches` are
        purged of what is done by itself."""
        self.follower = Follower(ledger, self.board, clock=self.clock, state=state, takes_rules=takes_rules)
        self.follower.saying = None if look is None else Saying(ledger, look)
        if takes_rules:
            self.keeper = Keeper(self.follower, clock=self.clock, caches=caches)
        if takes_rules and state is not None:
            self._begin(self.follower, state)

    def watch(self, rules: str | Path) -> None:
        """Watch the files of rules; to be called before these are loaded."""
        self.rules = RulesWatch(rules, self.board, clock=self.clock)

    def watch_switches(self, file: Path) -> None:
        """Take what a switch file says, now and from now on."""
        self.file = SwitchFile(file, self.board, clock=self.clock)

    @property
    def status(self) -> Status:
        """What is served now."""
        site, stage, follower = self.serving.site, self.serving.stage, self.follower
        problems = [each.problem for each in (self.rules, self.file) if each is not None]
        problems += [] if follower is None else [follower.beat.problem]
        return Status(
            bool(site.rules),
            site.digest,
            follower.beat.serves if follower is not None else "",
            "\n".join(filter(None, problems)),
            self.board.off,
            site.since,
            None if follower is None else bool(follower.is_reached),
            "" if stage is None else stage.digest,
            0.0 if stage is None else stage.share,
        )

    def attend(self) -> None:
        """See to it that the task runs. Never raises."""
        if self.task is not None and not self.task.done():
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # under trio, where rules and switches stay as they are at the start
        self.task = loop.create_task(self._run(), name="newshole live")

    async def begin(self) -> None:
        """Start the task, and wait for a moment until what is published is in service, and what is switched
        off is off."""
        self.attend()
        if self.task is not None and self.follower is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await self.follower.has_begun.wait()

    async def close(self) -> None:
        """End the task, and wait until nothing is open any more."""
        task, self.task = self.task, None
        if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
            return
        if self.follower is not None:
            # A question that is under way is answered, or given up, soon; its connection is closed then.
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE), self.follower.asking:
                    task.cancel()
        task.cancel()
        await asyncio.wait([task])

    async def _run(self) -> None:
        parts = [each for each in (self.follower, self.keeper, self.rules, self.file) if each is not None]
        # A group waits until each of them has ended, and closed what it had open.
        async with asyncio.TaskGroup() as group:
            for run in (self._settle, *(each.run for each in parts)):
                group.create_task(_for_ever(run))

    async def _settle(self) -> None:
        while True:
            await asyncio.sleep(SETTLE)
            self.board.settle(self.clock())

    def _begin(self, follower: Follower, state: StateFile) -> None:
        try:
            kept = state.read()
            if kept is None:
                return
            site = load_site(kept.source)
        except (NewsholeError, OSError) as error:
            log.error("the last good version cannot be used: %s", error)
            return
        self.board.swap(site)
        follower.begin_with(kept)
        log.info("version %s from %s is in service", kept.version.digest[:8], state.file)


async def _for_ever(run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run what is to run for ever, again where it fails, for nobody else would see that it does not."""
    while True:
        try:
            await run()
        except Exception:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                log.exception("what keeps rules up to date failed at its end")
                return
            log.exception("what keeps rules up to date failed, and begins again")
        await asyncio.sleep(AGAIN)
