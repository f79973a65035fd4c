"""Watching files: rules that are edited, and the switch file.

Files are looked at twice a second, by their content. An edit counts once it was seen twice alike, so a file
that is being written is not read in its middle. What is wrong is told once in the log, and what was right
before stays.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeAlias

from newshole.errors import NewsholeError, UsageError
from newshole.live.board import Board
from newshole.live.switch_file import read_switches
from newshole.rules.files import looked_at, rules_files
from newshole.site import Site
from newshole.types import Switch

log = logging.getLogger("newshole")

LOOK: Final = 0.5
"""Seconds from one look to the next."""

SOURCE: Final = "file"
"""What the board knows these switches by."""

UNREADABLE: Final = Switch("all", reason="the switch file could not be read when newshole started")
"""What is off while no content of the switch file was ever right."""

Contents: TypeAlias = Mapping[Path, bytes | None]
"""A digest for each file, None for one that is not there."""


def contents(files: Iterable[Path]) -> Contents:
    """What is in files now."""
    return {file: _digest(file) for file in files}


def _digest(file: Path) -> bytes | None:
    try:
        return hashlib.blake2b(file.read_bytes(), digest_size=16).digest()
    except OSError:
        return None


class Settled:
    """Tells when files have another content than the one they were read with, and no longer change."""

    def __init__(self, read: Contents) -> None:
        self.read = self._before = read

    def is_due(self, now: Contents) -> bool:
        """Whether to read the files again; they count as read then."""
        is_still, self._before = now == self._before, now
        if now == self.read or not is_still:
            return False
        self.read = now
        return True

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Within it files that are due are read; where that fails they are due again."""
        try:
            yield
        except BaseException:
            self.read = {}
            raise


class RulesWatch:
    """The rules in a file or a folder, and all files that they extend; made before they are loaded."""

    def __init__(self, rules: str | Path, board: Board, *, clock: Callable[[], float]) -> None:
        self.rules, self.board, self.clock = rules, board, clock
        self.problem = ""
        self._files: tuple[Path, ...] = ()
        self._look_where()
        self._settled = Settled(self._contents())

    async def run(self) -> None:
        """Watch until the task is cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            await self.look()

    async def look(self) -> None:
        """Read the rules again where they have changed."""
        if self._settled.is_due(await asyncio.to_thread(self._contents)):
            with self._settled.reading():
                await self.read()

    async def read(self) -> None:
        """Put the rules as they are now into service, or keep them out."""
        try:
            site = await asyncio.to_thread(Site.load, self.rules)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with an edit, the last good rules stay
            self.problem = str(error) if isinstance(error, NewsholeError) else type(error).__name__
            self.board.counts["rules-refused"] += 1
            log.error("the rules as they are now are refused:\n%s", self.problem)
        else:
            self.problem = ""
            if site.digest != self.board.serving.site.digest:
                self.board.swap(site)
                log.info("the rules in %s were edited, and are in service", self.rules)
        await asyncio.to_thread(self._look_where)

    def _look_where(self) -> None:
        with suppress(UsageError):
            self._files = looked_at(self.rules)

    def _contents(self) -> Contents:
        with suppress(UsageError):
            return contents({*self._files, *rules_files(self.rules)})
        return contents(self._files)


class SwitchFile:
    """A switch file. Where it is wrong from the start everything is off, for nobody knows what it says."""

    def __init__(self, file: Path, board: Board, *, clock: Callable[[], float]) -> None:
        self.file, self.board, self.clock = file, board, clock
        self.problem = ""
        self._settled = Settled(contents([file]))
        self.read((UNREADABLE,))

    async def run(self) -> None:
        """Watch until the task is cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            if self._settled.is_due(await asyncio.to_thread(contents, [self.file])):
                with self._settled.reading():
                    self.read()

    def read(self, otherwise: tuple[Switch, ...] | None = None) -> None:
        """Take what the file says now; where it is wrong what it said last stays, or `otherwise` counts."""
        try:
            switches = read_switches(self.file)
            self.problem = ""
        except NewsholeError as error:
            self.problem = str(error)
            self.board.counts["switches-refused"] += 1
            log.error("the switch file is refused:\n%s", error)
            if otherwise is None:
                return
            switches = otherwise
        self.board.say(SOURCE, switches, self.clock())
