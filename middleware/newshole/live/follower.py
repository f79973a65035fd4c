"""Following the log: a worker asks twice a second what was published or switched, beside the requests.

    ask ─► new entries ─► switches: in force at once
                     └──► a version: read, compiled in a thread, then swapped or staged, or refused

A version that is wrong is refused once: it is logged, counted and told to whoever published it, and the one
before stays. Where Redis does not answer, everything stays as it is. Where its log is gone, everything stays
too; where it is another one, that one counts.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from newshole.errors import NewsholeError
from newshole.live.board import Board
from newshole.live.disk import LastGood, StateFile
from newshole.live.entries import NOTHING_SAID, Event, Published, Staged, State, TurnedOff, TurnedOn, after
from newshole.live.health import Saying
from newshole.live.ledger import Beat, Entry, Ledger, in_one_line
from newshole.live.source import Source, SourceError, load_site
from newshole.live.staging.stage import Stage
from newshole.site import Site
from newshole.store import StoreError

log = logging.getLogger("newshole")

ASK: Final = 0.5
"""Seconds from one question to the next."""

LONGEST: Final = 2.0
"""Seconds from one question to the next at most, while there is no answer."""

DEADLINE: Final = 3.0
"""Seconds for all that one question asks."""

BEAT: Final = 1.0
"""Seconds after which a worker says again what it serves."""

MOVES: Final = 32
"""Events that are kept in mind until it is known that caches in front were purged after them."""

SOURCE: Final = "redis"
"""What the board knows these switches by."""


class Follower:
    """One worker at a log. `takes_rules` says whether it takes its rules from there too, or switches only;
    `state` is where the last good version is kept."""

    def __init__(
        self,
        ledger: Ledger,
        board: Board,
        *,
        clock: Callable[[], float],
        state: StateFile | None = None,
        takes_rules: bool = True,
    ) -> None:
        self.ledger, self.board, self.clock, self.state_file = ledger, board, clock, state
        self.beat = Beat(uuid.uuid4().hex, socket.gethostname(), os.getpid(), follows=takes_rules)
        self.state: State = NOTHING_SAID
        self.is_silent = False
        """Whether it follows without being one of those that serve: nobody waits for what it says."""
        self.saying: Saying | None = None
        self.last: Entry | None = None
        self.is_reached: bool | None = None
        self.has_begun = asyncio.Event()
        self.asking = asyncio.Lock()
        self.taking: asyncio.Task[None] | None = None
        self.lacks_files = False
        self.moves: deque[tuple[int, Event]] = deque(maxlen=MOVES)
        """The newest events, with their numbers, by which pages became others: they went over from one
        version to another, or something was switched."""
        self._said: tuple[Beat, float] | None = None

    def begin_with(self, kept: LastGood) -> None:
        """Go on from what was kept on disk, until the log says more."""
        self.state = replace(NOTHING_SAID, version=kept.version, switches=kept.switches)
        self.beat = replace(self.beat, serves=kept.version.digest)
        self.board.say(SOURCE, kept.switches, self.clock())

    async def run(self) -> None:
        """Follow the log until the task is cancelled."""
        try:
            wait = ASK
            while True:
                async with self.asking:
                    is_answered = await self.ask()
                _end_if_cancelled()
                if self.taking is None or not is_answered:
                    self.has_begun.set()
                wait = ASK if is_answered else min(2 * wait, LONGEST)
                await asyncio.sleep(wait)
        finally:
            if self.taking is not None:
                self.taking.cancel()
                # It may be in the middle of a question, whose connection is closed behind it.
                await asyncio.wait([self.taking], timeout=DEADLINE)
            await self._leave()

    async def ask(self) -> bool:
        """Ask what is new, and take it; False where there was no answer."""
        try:
            async with asyncio.timeout(DEADLINE):
                has_news = await self.read(await self.ledger.news(self.last))
                self.take_version()
                await self.say()
        except (StoreError, TimeoutError) as error:
            self.board.counts["live-fault"] += 1
            if self.is_reached is not False:
                log.warning("Redis does not answer, rules and switches stay as they are: %s", _kind(error))
            self.is_reached = False
            return False
        self.is_reached = True
        if has_news:
            await self.keep()
        return True

    async def read(self, news: list[Entry] | None) -> bool:
        """Take what the log says; whether it says anything.

        A log that is gone leaves everything as it is, and so does one of which nothing can be read.
        """
        if news is None:
            news = await self.ledger.history()
            self.last = None
            self.beat = replace(self.beat, seen=0)
            log.warning("the log of %s is another one than before", self.ledger.name)
        if self.last is None and any(each.event is not None for each in news):
            self.state = NOTHING_SAID
            self.moves.clear()
        try:
            for entry in news:
                self.read_entry(entry)
            if news:
                self.board.say(SOURCE, self.state.switches, self.clock())
        except Exception:
            self.last = None  # lest what was said be lost: the log is read again from its beginning
            raise
        return bool(news)

    def read_entry(self, entry: Entry) -> None:
        """Take one entry."""
        self.last = entry
        self.beat = replace(self.beat, seen=entry.number)
        if entry.event is not None:
            # A log read from its beginning ends with what counts; what it was before is of no use here.
            before, self.state = self.state, replace(after(self.state, entry.event), versions=())
            is_moved = before.serves and before.served != self.state.served
            if is_moved or isinstance(entry.event, TurnedOff | TurnedOn):
                self.moves.append((entry.number, entry.event))
            return
        self.board.counts["live-unsound"] += 1
        damage = "is damaged, written by a newer newshole, or signed with another secret"
        problem = f"entry {entry.number} of the log {damage}"
        self.beat = replace(self.beat, problem=problem)
        log.error("%s: it is left out", problem)

    def take_version(self) -> None:
        """See to it that the newest version is in service, and what is staged beside it, or refused."""
        version = self.state.version
        if version is None or not self.beat.follows:
            return
        is_served = version.digest == self.beat.serves
        if (is_served or self.refuses(version.digest)) and self.state.staged is None:
            self.board.stage(None)
        if self.taking is not None and not self.taking.done():
            return
        if not is_served:
            if not self.refuses(version.digest):
                self.taking = asyncio.create_task(self.take(version), name="newshole version")
            return
        staged = self.state.staged
        if self.beat.refused and (staged is None or self.beat.refused != staged.digest):
            self.beat = replace(self.beat, refused="", problem="")
        if staged is not None:
            self.take_staged(staged)

    def refuses(self, digest: str) -> bool:
        """Whether a version was refused, and not only for want of its files."""
        return digest == self.beat.refused and not self.lacks_files

    def take_staged(self, staged: Staged) -> None:
        """See to it that what is staged serves its share, or is refused."""
        stage = self.board.serving.stage
        if stage is not None and stage.digest == staged.digest:
            self.board.stage(replace(stage, share=staged.share, unit=staged.unit))
        elif not self.refuses(staged.digest):
            self.taking = asyncio.create_task(self.take(staged), name="newshole staged version")

    async def take(self, version: Published | Staged) -> None:
        """Put a version into service, or stage it, or refuse it; where Redis does not give it whole, it is
        tried again."""
        try:
            source = await self.ledger.source(version.digest)
            site = await self.site_of(source)
        except StoreError:
            return
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a version, the last good one stays
            self.lacks_files = isinstance(error, SourceError)
            self.refuse(version, error)
        else:
            self.beat = replace(self.beat, refused="", problem="")
            if isinstance(version, Published):
                self.board.swap(site)
                self.beat = replace(self.beat, serves=version.digest)
                log.info("version %s of %s is in service", version.digest[:8], self.ledger.name)
                await self.keep(source)
                staged = self.state.staged
                if staged is not None and staged.replaced == version.digest:
                    # A worker that starts is ready once it has both.
                    await self.take(staged)
                    return
            elif self.state.staged is not None and self.state.staged.digest == version.digest:
                newest = self.state.staged
                self.board.stage(Stage(site, version.digest, newest.share, newest.unit))
        await self.say_at_once()
        self.has_begun.set()

    async def site_of(self, source: Source) -> Site:
        """The site of a version: the one that is staged, where it is that. Raises all that loading does."""
        stage = self.board.serving.stage
        if stage is not None and stage.digest == source.digest:
            return stage.site
        return await asyncio.to_thread(load_site, source)

    def refuse(self, version: Published | Staged, error: Exception) -> None:
        """Keep a version out, which is told once."""
        told = str(error) if isinstance(error, NewsholeError) else f"{type(error).__name__}: {error}"
        before, self.beat = self.beat, replace(self.beat, refused=version.digest, problem=in_one_line(told))
        if before == self.beat:
            return
        self.board.counts["rules-refused"] += 1
        log.error("version %s of %s is refused:\n%s", version.digest[:8], self.ledger.name, told)

    async def keep(self, source: Source | None = None) -> None:
        """Keep on disk what is in service, for a start without Redis; `source` where it is another one."""
        version = self.state.version
        if self.state_file is None or version is None or not self.beat.follows:
            return
        if source is None and version.digest != self.beat.serves:
            return
        if source is not None and source.digest != version.digest:
            return
        try:
            await asyncio.to_thread(self.state_file.keep, version, self.state.switches, source)
        except (OSError, SourceError) as error:
            self.board.counts["state-fault"] += 1
            log.warning("the last good version cannot be kept in %s: %s", self.state_file.file, error)

    async def say_at_once(self) -> None:
        """Say what is served now; where Redis does not take it, it is said with the next question."""
        try:
            async with asyncio.timeout(DEADLINE):
                await self.say()
        except (StoreError, TimeoutError):
            self._said = None

    async def say(self) -> None:
        """Say what is served, where that is new or was said long ago."""
        if self.is_silent:
            return
        beat, now = self.beat_now(), asyncio.get_running_loop().time()
        if self._said is None or self._said[0] != beat or now - self._said[1] >= BEAT:
            await self.ledger.beat(beat)
            self._said = (beat, now)
        if self.saying is not None:
            await self.saying.say(beat.worker)

    def beat_now(self) -> Beat:
        """What the worker serves, as operators ask for it."""
        site, stage = self.board.serving.site, self.board.serving.stage
        rules = site.rules
        shown = rules + (() if stage is None else stage.site.rules)
        return replace(
            self.beat,
            switches=len(self.board.off),
            sites=tuple(sorted({each.site for each in shown})),
            blocks=tuple(sorted({block.id for each in shown for block in each.blocks})),
            rules=site.digest if rules else "",
            staged="" if stage is None else stage.digest,
            share=0.0 if stage is None else stage.share,
            unit="" if stage is None else stage.unit,
            staged_rules="" if stage is None else stage.site.digest,
            figures=self.board.serving.figures,
        )

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(DEADLINE):
                if self._said is not None and self.is_reached:
                    await self.ledger.leave(self.beat.worker)
                await self.ledger.archive.close()
        except (StoreError, TimeoutError) as error:
            log.warning("the worker ends without a word: %s", _kind(error))


def _end_if_cancelled() -> None:
    """Raise CancelledError in a task that was cancelled while a client it waited for took no notice."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _kind(error: Exception) -> str:
    return str(error) or type(error).__name__
