"""Drafts: rules that somebody is writing, every revision of which is kept until there are newer ones enough.

    live:{NAME}:drafts        ID         who began it and when
    live:{NAME}:draft:ID      1, 2, 3, … its revisions, each sealed for its number
    live:{NAME}:newest:ID                the newest number, so that nobody reads all revisions to find it

A revision's number is taken once: of two that save at once, one comes first. What the other one wrote is kept
as a draft of its own, so that nothing is ever lost.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

from newshole.errors import NewsholeError, UsageError
from newshole.live.entries import Published
from newshole.live.ledger import Ledger
from newshole.live.source import Source, load_site
from newshole.rules.environment import Taken
from newshole.site import Site
from newshole.store.seal import Sealing

EACH: Final = 20
"""Newest revisions that are all kept; of those before, every `STEP`th."""

STEP: Final = 10
KEPT: Final = 500
"""Revisions after which even those go."""

DROPPED_KEPT: Final = 30 * 86_400.0
"""Seconds in which a draft that was discarded can be taken back."""

MOST_FILES: Final = 200
MOST_BYTES: Final = 500_000
"""Files of a draft, and bytes of all together; larger rules are published from the command line."""

MOST_DRAFTS: Final = 200
"""Drafts of a site; for a new one, that which was discarded longest ago goes."""

LONGEST: Final = 200
"""Bytes of the longest name in a path."""

_HINT_KEPT: Final = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Draft:
    """One revision of a draft: the `files` that somebody writes, and the `entry` of them to read.

    `by` began it; `base` is the digest of the version that it is meant to replace. `saved_by` wrote this
    revision, `at` counts seconds from 1970. `note` says what it was made for; `is_dropped` where it was
    discarded.
    """

    id: str
    by: str
    base: str
    entry: str
    files: Mapping[str, str]
    revision: int
    at: float
    note: str = ""
    saved_by: str = ""
    is_dropped: bool = False


class DraftConflictError(NewsholeError):
    """Somebody saved the same draft meanwhile: `theirs` is its newest revision, `mine` the draft in which
    what was sent now is kept."""

    def __init__(self, theirs: Draft, mine: Draft) -> None:
        self.theirs, self.mine = theirs, mine
        super().__init__(
            f"{theirs.saved_by} saved this draft meanwhile: what you wrote is kept as draft {mine.id}"
        )


_SEALING: Final = Sealing[Draft](Draft)


class Drafts:
    """The drafts of the site of a ledger. Every method may raise StoreError."""

    def __init__(self, ledger: Ledger, clock: Callable[[], float]) -> None:
        self._archive, self._secret, self._clock = ledger.archive, ledger.secret, clock
        self._prefix = f"live:{{{ledger.name}}}:".encode()
        self._index = self._prefix + b"drafts"

    async def list(self, *, dropped: bool = False) -> Sequence[Draft]:
        """The drafts that are there, or those that were discarded, the newest first."""
        now, found = self._clock(), []
        for name in await self._archive.entries(self._index):
            draft = await self._newest(name.decode("latin-1"))
            if draft is None:
                continue
            if draft.is_dropped and draft.at + DROPPED_KEPT <= now:
                await self._forget(draft.id)
            elif draft.is_dropped == dropped:
                found.append(draft)
        return sorted(found, key=lambda each: (-each.at, each.id))

    async def get(self, id: str) -> Draft:  # noqa: A002 - what it is
        """The newest revision of a draft. Raises UsageError where there is none."""
        draft = await self._newest(id)
        if draft is None:
            raise UsageError(f"there is no draft {id} any more: open another one from the list of drafts")
        return draft

    async def revision(self, id: str, number: int) -> Draft:  # noqa: A002
        """One revision of a draft. Raises UsageError where it is not kept."""
        (value,) = await self._archive.read(self._of(id), b"%d" % number)
        draft = self._read(id, number, value)
        if draft is None:
            raise UsageError(f"revision {number} of draft {id} is not kept any more: choose a newer one")
        return draft

    async def history(self, id: str) -> Sequence[Draft]:  # noqa: A002
        """The revisions of a draft that are kept, the newest first."""
        kept = await self._archive.entries(self._of(id))
        numbers = sorted(map(int, kept), reverse=True)
        read = (self._read(id, number, kept[b"%d" % number]) for number in numbers)
        return [each for each in read if each is not None]

    async def begin(self, by: str, base_source: Source, base_digest: str, *, note: str = "") -> Draft:
        """A draft that begins with the files of a version. Raises UsageError where they are too large."""
        check_files(base_source.files)
        await self._make_room()
        return await self._begun(by, base_source, base_digest, note)

    async def _begun(self, by: str, base_source: Source, base_digest: str, note: str) -> Draft:
        name = secrets.token_hex(4)
        draft = Draft(
            name, by, base_digest, base_source.entry, dict(base_source.files), 1, self._clock(), note, by
        )
        await self._add(draft)
        await self._archive.add(self._index, name.encode(), b"")
        return draft

    async def save(
        self,
        id: str,  # noqa: A002
        files: Mapping[str, str],
        *,
        by: str,
        seen: int,
        entry: str = "",
        base: str = "",
        note: str = "",
    ) -> Draft:
        """A new revision of a draft, with these files, after the one that was `seen`.

        The `entry`, `base` and `note` stay what they were where none is given. Raises DraftConflictError
        where there is a newer revision with other files, UsageError where the files cannot be kept.
        """
        check_files(files)
        newest = await self.get(id)
        if newest.is_dropped and newest.revision == seen + 1:
            seen += 1  # whoever discarded it changed no word of it
        wanted = replace(
            newest,
            files=dict(files),
            entry=entry or newest.entry,
            base=base or newest.base,
            note=note or newest.note,
        )
        if wanted == newest:
            return newest
        saved = replace(wanted, revision=seen + 1, at=self._clock(), saved_by=by, is_dropped=False)
        if newest.revision == seen and await self._add(saved):
            return saved
        theirs = await self.get(id)
        if replace(theirs, revision=saved.revision, at=saved.at, saved_by=by) == saved:
            return theirs
        raise DraftConflictError(theirs, await self._keep_aside(saved))

    async def drop(self, id: str, by: str, *, seen: int | None = None) -> Draft:  # noqa: A002
        """Discard a draft; it can be taken back for a while. One with newer revisions than the one that was
        `seen` stays, where that is given."""
        return await self._mark(id, by, is_dropped=True, seen=seen)

    async def take_back(self, id: str, by: str) -> Draft:  # noqa: A002
        """Have a draft again that was discarded."""
        return await self._mark(id, by, is_dropped=False)

    async def _mark(self, id: str, by: str, *, is_dropped: bool, seen: int | None = None) -> Draft:  # noqa: A002
        """The same files again, discarded or not, after whatever is the newest revision, or only after the
        one that was `seen`."""
        while True:
            newest = await self.get(id)
            if newest.is_dropped == is_dropped or seen not in (None, newest.revision):
                return newest
            marked = replace(
                newest,
                revision=newest.revision + 1,
                at=self._clock(),
                saved_by=by,
                is_dropped=is_dropped,
            )
            if await self._add(marked):
                return marked

    async def _keep_aside(self, saved: Draft) -> Draft:
        """What somebody wrote on a revision that was not the newest, as a draft of its own."""
        note = f"written on draft {saved.id} while somebody else saved it"
        source = Source(saved.entry, saved.files)
        return await self._begun(saved.saved_by, source, saved.base, note)

    async def _make_room(self) -> None:
        """Let the draft go that was discarded longest ago, where there are as many as there may be. Raises
        UsageError where nobody discarded any."""
        if len(await self._archive.entries(self._index)) < MOST_DRAFTS:
            return
        dropped = await self.list(dropped=True)
        if not dropped:
            raise UsageError(f"there are {MOST_DRAFTS} drafts: discard some that nobody needs")
        await self._forget(dropped[-1].id)

    async def _add(self, draft: Draft) -> bool:
        """Add a revision under its number, and let go of the ones that are too old; False where another one
        has the number."""
        name, number = self._of(draft.id), draft.revision
        value = _SEALING.seal(draft, name + b"%d" % number, self._secret)
        if not await self._archive.add(name, b"%d" % number, value):
            return False
        await self._archive.put(self._hint(draft.id), b"%d" % number, ttl=_HINT_KEPT)
        for old in (number - EACH, number - KEPT):
            if old > 0 and (old % STEP or old == number - KEPT):
                await self._archive.drop(name, b"%d" % old)
        return True

    async def _newest(self, id: str) -> Draft | None:  # noqa: A002
        """The newest revision of a draft that can be read."""
        hint = await self._archive.get(self._hint(id)) or b""
        if hint.isdigit():
            number = int(hint)
            kept, following = await self._archive.read(self._of(id), hint, b"%d" % (number + 1))
            draft = self._read(id, number, kept)
            if draft is not None and following is None:
                return draft
        return next(iter(await self.history(id)), None)

    async def _forget(self, id: str) -> None:  # noqa: A002
        for number in await self._archive.entries(self._of(id)):
            await self._archive.drop(self._of(id), number)
        await self._archive.drop(self._index, id.encode())

    def _read(self, id: str, number: int, value: bytes | None) -> Draft | None:  # noqa: A002
        return _SEALING.unseal(value, self._of(id) + b"%d" % number, self._secret)

    def _of(self, id: str) -> bytes:  # noqa: A002
        return self._prefix + b"draft:" + id.encode()

    def _hint(self, id: str) -> bytes:  # noqa: A002
        return self._prefix + b"newest:" + id.encode()


def check_files(files: Mapping[str, str]) -> None:
    """See to it that files can be kept and unpacked. Raises UsageError."""
    if (
        len(files) > MOST_FILES
        or sum(len(text.encode("utf-8", "replace")) for text in files.values()) > MOST_BYTES
    ):
        raise UsageError(
            f"the rules have more than {MOST_FILES} files or {MOST_BYTES:,} bytes: split them by site, or "
            "publish them from the command line"
        )
    folders = {str(folder) for path in files for folder in PurePosixPath(path).parents}
    for path in files:
        if path in folders or not _is_path(path):
            raise UsageError(f'no file can be named "{path}": give a name such as news.yaml')


def _is_path(path: str) -> bool:
    """Whether a file can have this path, below whatever folder."""
    parts = PurePosixPath(path).parts
    is_below = bool(parts) and not PurePosixPath(path).is_absolute() and ".." not in parts
    return (
        is_below
        and path.isprintable()
        and all(len(each.encode()) <= LONGEST for each in parts[:20])
        and len(parts) <= 20
    )


def as_source(draft: Draft) -> Source:
    """The files of a draft, as they would be published."""
    return Source(draft.entry, draft.files)


def became(draft: Draft, versions: Iterable[Published]) -> Published | None:
    """The version that a draft has become since it was saved, in whatever way; None where it has not."""
    since = [each for each in versions if each.at >= draft.at and each.digest != draft.base]
    digest = as_source(draft).digest if since else ""
    return next((each for each in since if each.digest == digest), None)


def draft_site(draft: Draft, known: frozenset[Taken]) -> Site:
    """The site that a draft makes, which takes from the environment what is `known`; it may take a moment, so
    have it made in a thread.

    Raises RulesError with every problem by the draft's own file names, and UsageError, SourceError or OSError
    where the files cannot be those of rules.
    """
    return load_site(as_source(draft), known)
