"""Plans that are made once: a page is found again by its bytes, and composed without being read.

    page ─► stable bytes ─► kept here? ─► in the store? ─► read, plan, prove, keep
                               │              │
                               └──────────────┴─► look at the blocks ─► render ─► splice

**Never stale.** A plan is kept under a digest of everything that may decide on it: the page's stable bytes
(see `page.frame`), its address, its content type and the encoding told from it, the rules, the engine, and
those facts of a reader that the rules look at. Which blocks have something to show is looked at for every
page anew, from the story that is kept with the plan; a set of blocks that was not met before is planned
anew, and so is a page where a block's markup has another shape than the one that was proved.

**What was shown** is kept beside the plan, as fragments, for as long as it can be the same: within one
minute, with the same facts. So a page that is asked for again costs a hash, a look-up and a splice.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import urlsplit

import anyio.lowlevel
import anyio.to_thread

from newshole.composing import BlockCopy, Look, Proved, Run, Untouched, look, render, shape, with_runtime
from newshole.page.document import Document
from newshole.page.encoding import page_encoding
from newshole.page.frame import WHOLE, Frame, Stable, learn
from newshole.page.splice import splice
from newshole.plan.record import KeptPage, KeptPlan, Placed, Tried, decode, encode, fits
from newshole.rules.ruleset import Rules
from newshole.site import Site
from newshole.store import Flights, Guard, Lru
from newshole.types import Facts, Insertion, Reader
from newshole.version import VERSION

log = logging.getLogger("newshole")

MOST_PAGES: Final = 8192
MOST_BYTES: Final = 64 * 1024 * 1024
"""Pages, and bytes of what they showed, that are kept in the process."""

MOST_SAMPLES: Final = 1024
SAMPLE_BYTES: Final = 24 * 1024 * 1024
"""Addresses, and bytes of one response each, that are kept to learn what changes from one to the next."""

KEEP: Final = 86_400.0
"""Seconds for which a plan stays in the store; what it is kept under says what it holds for."""

ENTRY_BYTES: Final = 1500
"""What a kept page takes beside its fragments, about."""

INLINE: Final = 256 * 1024
"""Bytes over which a page is read in a worker thread, so that other requests go on meanwhile."""

Key: TypeAlias = tuple[bytes, str, str, str | None, str]
"""The digest of a page's stable bytes, its address, its content type, its encoding, the reader's device."""


class Asked(NamedTuple):
    """A page as it came, and for whom: `device` is "" where the rules do not look at it, `read_reader` makes
    all that is known of the reader. `minute` counts from 1970."""

    page: bytes
    url: str
    content_type: str
    device: str
    minute: int
    read_reader: Callable[[], Reader]

    @property
    def reader(self) -> Reader:
        return replace(self.read_reader(), now=datetime.fromtimestamp(self.minute * 60, UTC))


class Answer(NamedTuple):
    """A finished page. `untouched` is None, or why it is the site's own; `blocks` the ids that were placed;
    `digest` tells one outcome of the same page from another."""

    html: bytes
    untouched: str | None
    blocks: tuple[str, ...] = ()
    digest: str = ""


class Shown(NamedTuple):
    """What a page showed throughout one minute with some facts; offsets are those of its frame."""

    facts: Facts
    minute: int
    untouched: str | None
    insertions: tuple[Insertion, ...] = ()
    blocks: tuple[str, ...] = ()
    digest: str = ""


@dataclass(slots=True)
class Kept:
    """One page in the process."""

    page: KeptPage
    shown: Shown | None = None


@dataclass(slots=True)
class Known:
    """What is known of an address: the frame of its pages, None until it is learned; a response to learn
    from."""

    frame: Frame | None = None
    sample: bytes = field(default=b"", repr=False)


class Read(NamedTuple):
    """A page that was read anew: what is kept of it, under which key, and what it came to."""

    key: Key | None
    stable: Stable
    known: Known
    page: KeptPage
    answer: Answer


class PlanCache:
    """The pages of one site, planned once; `store` shares plans with other workers."""

    def __init__(
        self,
        site: Site,
        store: Guard | None = None,
        *,
        secret: bytes = b"",
        counts: Counter[str] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.site, self.store, self.secret, self.clock = site, store, secret, clock
        self.counts: Counter[str] = Counter() if counts is None else counts
        self.kept: Lru[Key, Kept] = Lru(MOST_PAGES, MOST_BYTES)
        self.known: Lru[str, Known] = Lru(MOST_SAMPLES, SAMPLE_BYTES)
        self.fetching: Flights[Key, None] = Flights()
        self.reading: Flights[tuple[Key, int], tuple[bytes, Answer]] = Flights()
        self.may_compose = lru_cache(maxsize=MOST_PAGES)(site.may_compose)
        self.by_device = "device" in site.reader_facts
        self.selectors = tuple(
            entry.body for rules in site.rules for entry in rules.articles if entry.body is not None
        )

    def asked(
        self, page: bytes, url: str, content_type: str, device: str, read_reader: Callable[[], Reader]
    ) -> Asked:
        """A page as it came, asked for now."""
        return Asked(page, url, content_type, device, int(self.clock() // 60), read_reader)

    def recall(self, asked: Asked) -> Answer | None:
        """The page composed by a plan that is kept in the process; None where there is none for it."""
        stable = self._stable(asked)
        kept = self.kept.get(_key(asked, stable))
        if kept is None:
            return None
        shown = kept.shown
        if shown is None or shown.minute != asked.minute or shown.facts is not self.site.facts:
            shown = kept.shown = self._show(asked, kept.page)
            if shown is None:
                return None
        if shown.untouched is not None:
            return Answer(asked.page, shown.untouched)
        insertions = shown.insertions
        if stable.tokens:
            insertions = tuple(
                Insertion(stable.to_page(each.offset), each.html, each.block) for each in insertions
            )
        return Answer(splice(asked.page, insertions), None, shown.blocks, shown.digest)

    async def compose(self, asked: Asked) -> Answer:
        """The page composed: by a plan kept here or in the store, else read, planned and kept."""
        rules = self.site.rules_for(asked.url)
        if rules is None:
            return Answer(asked.page, "no-site")
        answer = self.recall(asked)
        if answer is not None:
            return self._counted("plan-here", answer)
        key = _key(asked, self._stable(asked))
        if self.store is not None and self.kept.get(key) is None:
            await self.fetching.once(key, partial(self._fetch, asked, key, rules, self.store))
            answer = self.recall(asked)
            if answer is not None:
                return self._counted("plan-store", answer)
        page, answer = await self.reading.once((key, asked.minute), partial(self._read, asked, key, rules))
        if page == asked.page:
            return answer
        # Another response with the same stable bytes was read meanwhile.
        return self.recall(asked) or (await self._read(asked, key, rules))[1]

    def _counted(self, name: str, answer: Answer) -> Answer:
        self.counts[name] += 1
        return answer

    def _stable(self, asked: Asked) -> Stable:
        known = self.known.get(asked.url)
        frame = WHOLE if known is None or known.frame is None else known.frame
        return frame.stable(asked.page) or _whole(asked.page)

    def _show(self, asked: Asked, page: KeptPage) -> Shown | None:
        """What a page's blocks show in this minute; None where they ask for a plan that is not kept."""
        facts = self.site.facts
        if page.untouched is not None:
            return Shown(facts, asked.minute, page.untouched)
        rules = self.site.rules_for(asked.url)
        try:
            return None if rules is None else self._render(asked, page, rules, facts)
        except Exception:
            # The page is read anew then, and whatever fails has its name there.
            log.exception("a kept plan failed on %s", urlsplit(asked.url).path)
            return None

    def _render(self, asked: Asked, page: KeptPage, rules: Rules, facts: Facts) -> Shown | None:
        looked = look(rules, page.story, asked.url, asked.reader, facts)
        refused = _ranks(rules, looked)
        plan = next((each for each in page.plans if each.refused == refused), None)
        if plan is None:
            return None
        copies = [BlockCopy(each.rank, each.ordinal) for each in plan.tried]
        fragments = dict(zip(copies, render(rules, copies, looked), strict=True))
        if any(_shape(fragments[BlockCopy(*each[:2])]) != each.shape for each in plan.tried):
            return None
        if plan.untouched is not None:
            return Shown(facts, asked.minute, plan.untouched)
        placed = [BlockCopy(each.rank, each.ordinal) for each in plan.placed]
        shown = with_runtime(rules, placed, [fragments[copy] for copy in placed])
        insertions = tuple(
            Insertion(each.offset, fragment, rules.blocks[each.rank].id)
            for each, fragment in zip(plan.placed, shown, strict=True)
        )
        return self._shown(asked, facts, insertions)

    def _shown(self, asked: Asked, facts: Facts, insertions: tuple[Insertion, ...]) -> Shown:
        blocks = tuple(each.block for each in insertions)
        return Shown(facts, asked.minute, None, insertions, blocks, self._digest(insertions))

    def _digest(self, insertions: Sequence[Insertion]) -> str:
        """Tells one outcome from another; where the blocks stand is told by the page and the rules."""
        digest = hashlib.blake2b(self.site.digest.encode(), digest_size=8)
        for insertion in insertions:
            digest.update(b"%d:" % len(insertion.html))
            digest.update(insertion.html)
        return digest.hexdigest()

    async def _fetch(self, asked: Asked, key: Key, rules: Rules, store: Guard) -> None:
        """Take a page's plans from the store, where they are there and sound."""
        name = _name(key, rules)
        value = await store.get(name)
        page = None if value is None else decode(value, name, self.secret)
        stable = self._stable(asked)
        if page is not None and all(_is_of(each, asked.page, stable, rules) for each in page.plans):
            self._keep(key, Kept(page))
        elif value is not None:
            self.counts["plan-unsound"] += 1

    async def _read(self, asked: Asked, key: Key, rules: Rules) -> tuple[bytes, Answer]:
        """Read and plan a page anew, and keep what came of it."""
        self.counts["plan-anew"] += 1
        kept, known = self.kept.get(key), self.known.get(asked.url)
        work = partial(self._work_out, asked, rules, kept.page if kept else None, key, known)
        if len(asked.page) <= INLINE:
            read = work()
        else:
            read = await anyio.to_thread.run_sync(work, limiter=_limiter())
        self.known.put(asked.url, read.known, len(read.known.sample) + ENTRY_BYTES)
        if read.key is not None:
            self._keep(read.key, Kept(read.page))
            value = None if self.store is None else encode(read.page, _name(read.key, rules), self.secret)
            if value is not None and self.store is not None:
                self.store.put_later(_name(read.key, rules), value, ttl=KEEP)
        return asked.page, read.answer

    def _work_out(
        self, asked: Asked, rules: Rules, page: KeptPage | None, key: Key, known: Known | None
    ) -> Read:
        """Compose a page from nothing; its own key is None after a fault, which is not kept."""
        run = Run(rules, asked.page, asked.url, asked.reader, self.site.facts)
        proved: Proved | None = None
        untouched: str | None = None
        html = asked.page
        try:
            html, proved = run.compose(asked.content_type)
        except Untouched as left:
            untouched = str(left)
        except Exception:
            log.exception("%s failed on %s", run.stage, urlsplit(asked.url).path)
            answer = Answer(asked.page, f"{run.stage}-fault")
            return Read(None, _whole(asked.page), known or Known(), KeptPage(run.story), answer)
        stable, learned = self._learned(asked.page, run.document, known)
        if run.looked is None:
            page = KeptPage(run.story, untouched)
        else:
            plan = _kept_plan(run, _ranks(rules, run.looked), stable, proved, untouched)
            own = _key(asked, stable)
            page = (page if page is not None and own == key else KeptPage(run.story)).with_plan(plan)
        insertions = () if proved is None else proved.insertions
        digest = "" if proved is None else self._digest(insertions)
        answer = Answer(html, untouched, tuple(each.block for each in insertions), digest)
        return Read(_key(asked, stable), stable, learned, page, answer)

    def _learned(self, page: bytes, document: Document | None, known: Known | None) -> tuple[Stable, Known]:
        """What of a page just read is stable, and what is known of its address now."""
        if document is None:
            return _whole(page), known or Known()
        if known is not None and known.frame is not None:
            stable = known.frame.proved(document, self.selectors)
            if stable is not None:
                return stable, known
        frame = learn(known.sample, document, self.selectors) if known is not None and known.sample else None
        stable = None if frame is None else frame.stable(page)
        if stable is None or not stable.tokens:
            return _whole(page), Known(None, page)
        return stable, Known(frame)

    def _keep(self, key: Key, kept: Kept) -> None:
        size = sum(len(each.html) for each in kept.shown.insertions) if kept.shown else 0
        self.kept.put(key, kept, size + ENTRY_BYTES)


def _whole(page: bytes) -> Stable:
    """A page of which every byte is stable."""
    stable = WHOLE.stable(page)
    assert stable is not None  # noqa: S101 - for the type checker: every page fits
    return stable


def _key(asked: Asked, stable: Stable) -> Key:
    # Without tokens the page's own bytes decide on the encoding, and are in the digest.
    encoding = page_encoding(asked.page, asked.content_type) if stable.tokens else ""
    return (stable.digest, asked.url, asked.content_type, encoding, asked.device)


def _name(key: Key, rules: Rules) -> bytes:
    """The key as the store has it: the same in every process that would plan the same."""
    digest = hashlib.blake2b(digest_size=16)
    for part in (VERSION.encode(), rules.digest.encode(), key[0], *(repr(each).encode() for each in key[1:])):
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.digest()


def _ranks(rules: Rules, looked: Look) -> tuple[int, ...]:
    """The blocks that are refused, by their rank."""
    return tuple(rank for rank, block in enumerate(rules.blocks) if block.id in looked.refused)


def _shape(fragment: bytes) -> str:
    return hashlib.blake2b(shape(fragment), digest_size=8).hexdigest()


def _kept_plan(
    run: Run, refused: tuple[int, ...], stable: Stable, proved: Proved | None, untouched: str | None
) -> KeptPlan:
    tried = tuple(
        Tried(copy.rank, copy.ordinal, hashlib.blake2b(tags, digest_size=8).hexdigest())
        for copy, tags in run.tried.items()
    )
    if proved is None:
        return KeptPlan(refused, untouched, (), tried)
    placed = tuple(
        Placed(copy.rank, copy.ordinal, stable.to_frame(insertion.offset))
        for copy, insertion in zip(proved.copies, proved.insertions, strict=True)
    )
    return KeptPlan(refused, None, placed, tried)


def _is_of(plan: KeptPlan, page: bytes, stable: Stable, rules: Rules) -> bool:
    """Whether a plan from outside can be one of this page."""
    try:
        offsets = tuple(stable.to_page(each.offset) for each in plan.placed)
    except ValueError:
        return False
    return fits(plan, page, offsets, len(rules.blocks))


_threads: anyio.lowlevel.RunVar[anyio.CapacityLimiter] = anyio.lowlevel.RunVar("newshole_threads")


def _limiter() -> anyio.CapacityLimiter:
    """Threads of our own, so that large pages do not take those of the app's synchronous endpoints."""
    try:
        return _threads.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(4)
        _threads.set(limiter)
        return limiter
