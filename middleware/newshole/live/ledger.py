"""The log of one site's rules, the files of its versions, and the workers that follow it, in an archive.

    live:{NAME}:log       1, 2, 3, …   events, each sealed for its number
    live:{NAME}:files     DIGEST       the files of a version, sealed for their digest
    live:{NAME}:workers   WORKER       nothing: who has been seen
    live:{NAME}:purged    1, 3, …      who has purged the caches in front after an event: a worker, else ""
    live:{NAME}:beat:WORKER            what a worker serves, which expires when it is not written again

Events are numbered without a gap, and a number is taken once: of two that publish at once, one comes first,
and the other one sees it. The braces keep all of a site on one node of a cluster.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from pydantic import TypeAdapter, ValidationError

from newshole.errors import UsageError
from newshole.live.entries import Event, State, decode, encode, folded
from newshole.live.source import Source, SourceError
from newshole.live.staging.figures import Figures
from newshole.store import Archive
from newshole.store.seal import Sealing, sealed, unsealed

BEAT_KEPT: Final = 3.0
"""Seconds after which a worker that says nothing is gone."""

NAME: Final = "site"
"""What rules are published under where no name is given."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def known_name(name: str) -> str:
    """A name that rules may be published under. Raises UsageError where it will not do."""
    if _NAME.fullmatch(name) is None:
        raise UsageError(f'no site can be named "{name}": use up to 64 letters, digits and ".", "_", "-"')
    return name


class Entry(NamedTuple):
    """One entry of the log; `event` is None where it is damaged, sealed with another secret, or not known."""

    number: int
    value: bytes
    event: Event | None


@dataclass(frozen=True, slots=True)
class Beat:
    """What a worker says of itself: `seen` is the last number of the log that it has dealt with, `serves` the
    version in service ("" for none, or for rules of its own where it does not `follow`). A version that it
    `refused` is told with the `problem`, in a line. `sites` and `blocks` are the names of what it serves,
    staged or not, `rules` is the digest that tags of its pages are made of. The version `staged` beside it
    serves a `share` in percent of a `unit`, its pages under `staged_rules`; `figures` are those of the
    version in service and of that one, since it was staged."""

    worker: str
    host: str
    pid: int
    seen: int = 0
    follows: bool = True
    serves: str = ""
    refused: str = ""
    problem: str = ""
    switches: int = 0
    sites: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    rules: str = ""
    staged: str = ""
    share: float = 0.0
    unit: str = ""
    staged_rules: str = ""
    figures: tuple[Figures, Figures] | None = None


_BEATS: Final = Sealing[Beat](Beat)


@cache
def _sources() -> TypeAdapter[Source]:
    return TypeAdapter(Source)


class Ledger:
    """The log of the site `name` in an archive, sealed with `secret`; what is decided with it is told as done
    by somebody with a `role`. Every method may raise StoreError."""

    def __init__(self, archive: Archive, name: str = NAME, secret: bytes = b"", *, role: str = "") -> None:
        self.archive, self.name, self.secret, self.role = archive, known_name(name), secret, role
        self._prefix = f"live:{{{name}}}:".encode()
        self._log, self._files, self._workers, self._purged = (
            self._prefix + each for each in (b"log", b"files", b"workers", b"purged")
        )

    def of_role(self, role: str) -> Ledger:
        """The same log, for somebody with another role."""
        return Ledger(self.archive, self.name, self.secret, role=role)

    async def history(self) -> list[Entry]:
        """The log from its beginning, up to the first number that is free."""
        kept = await self.archive.entries(self._log)
        entries: list[Entry] = []
        while (value := kept.get(b"%d" % (len(entries) + 1))) is not None:
            entries.append(self._entry(len(entries) + 1, value))
        return entries

    async def entries(self) -> list[Entry]:
        """Everything that is in the log, also behind a number that is gone."""
        kept = await self.archive.entries(self._log)
        return [self._entry(number, kept[b"%d" % number]) for number in sorted(map(int, kept))]

    async def news(self, last: Entry | None) -> list[Entry] | None:
        """What was added after `last`; None where that is not in the log any more, which is another one."""
        if last is None:
            return await self.history()
        kept, following = await self.archive.read(self._log, b"%d" % last.number, b"%d" % (last.number + 1))
        if kept != last.value:
            return None
        found: list[Entry] = []
        while following is not None:
            found.append(self._entry(last.number + len(found) + 1, following))
            (following,) = await self.archive.read(self._log, b"%d" % (found[-1].number + 1))
        return found

    async def append(self, number: int, event: Event) -> bool:
        """Add the event with this number; False where another one has it."""
        value = sealed(encode(event), self._log + b"%d" % number, self.secret)
        return await self.archive.add(self._log, b"%d" % number, value)

    async def note_purge(self, number: int, worker: str = "") -> bool:
        """Say that caches in front are purged of what an event changed, by a worker where one is named; False
        where somebody else said so. A worker that heard no answer may say it again."""
        field, said = b"%d" % number, worker.encode()
        if await self.archive.add(self._purged, field, said):
            return True
        return bool(said) and await self.archive.read(self._purged, field) == (said,)

    async def keep(self, source: Source) -> None:
        """Keep the files of a version, in the place of some that are damaged."""
        name = source.digest.encode()
        value = sealed(_sources().dump_json(source), self._files + name, self.secret)
        if await self.archive.add(self._files, name, value):
            return
        try:
            await self.source(source.digest)
        except SourceError:
            await self.archive.drop(self._files, name)
            await self.archive.add(self._files, name, value)

    async def source(self, digest: str) -> Source:
        """The files of a version. Raises SourceError where they are not there as they were."""
        (value,) = await self.archive.read(self._files, digest.encode())
        document = unsealed(value, self._files + digest.encode(), self.secret)
        if document is None:
            raise SourceError(
                "its files are lost" if value is None else "its files are damaged, or signed otherwise"
            )
        try:
            source = _sources().validate_json(document, strict=True)
        except ValidationError:
            raise SourceError("its files cannot be read by this version of newshole") from None
        if source.digest != digest:
            raise SourceError("its files are not those that were published")
        return source

    async def beat(self, beat: Beat) -> None:
        """Say what a worker serves."""
        place = self._beat_of(beat.worker.encode())
        await self.archive.put(place, _BEATS.seal(beat, place, self.secret), ttl=BEAT_KEPT)
        await self.archive.add(self._workers, beat.worker.encode(), b"")

    async def leave(self, worker: str) -> None:
        """Say that a worker ends."""
        await self.archive.put(self._beat_of(worker.encode()), b"", ttl=0.001)
        await self.archive.drop(self._workers, worker.encode())

    async def workers(self) -> list[Beat]:
        """The workers that live, and none of those that are gone, which are forgotten."""
        found: list[Beat] = []
        for worker in await self.archive.entries(self._workers):
            place = self._beat_of(worker)
            value = await self.archive.get(place)
            beat = _BEATS.unseal(value, place, self.secret)
            if beat is not None:
                found.append(beat)
            elif value is None:
                await self.archive.drop(self._workers, worker)
        return sorted(found, key=lambda each: (each.host, each.pid, each.worker))

    def _entry(self, number: int, value: bytes) -> Entry:
        document = unsealed(value, self._log + b"%d" % number, self.secret)
        return Entry(number, value, None if document is None else decode(document))

    def _beat_of(self, worker: bytes) -> bytes:
        return self._prefix + b"beat:" + worker


def state_of(entries: Iterable[Entry]) -> State:
    """What a log comes to, entries that cannot be read left out."""
    return folded(each.event for each in entries if each.event is not None)


def figures_of(digest: str, workers: Iterable[Beat]) -> list[tuple[Figures, Figures]]:
    """What each worker that has a version staged counted of the one in service, and of that one."""
    return [each.figures for each in workers if each.staged == digest and each.figures is not None]


def in_one_line(problem: str) -> str:
    """A problem for a beat: the first line, and how many more there are."""
    first, *more = problem.splitlines() or [""]
    shown = first if len(first) <= 300 else f"{first[:299]}…"
    return f"{shown} (and {len(more)} more)" if more else shown
