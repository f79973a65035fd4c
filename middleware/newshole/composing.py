"""Composing one page: read, plan, render, prove and splice, each stage named for the reason of a fault.

Nothing here awaits or opens anything.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from newshole import blocks
from newshole.blocks import Content, View
from newshole.blocks.amp import amp_lack
from newshole.page.amp import amp_extensions
from newshole.page.body import Body, find_body
from newshole.page.csp import policies_of
from newshole.page.document import Document, Element
from newshole.page.encoding import page_encoding
from newshole.page.hydration import is_hydrated
from newshole.page.outline import Details, Outline, outline, outline_without_story
from newshole.page.policy import meta_policies
from newshole.page.prescan import prescan
from newshole.page.proof import OURS, unproven
from newshole.page.selected import Wanted, select
from newshole.page.splice import splice
from newshole.page.story import read_metas, read_story
from newshole.page.told import HEADER, OFF, POLICY, blocked, blocked_word, told
from newshole.plan.planner import Plan, make_plan
from newshole.rules.addressed import facts_at
from newshole.rules.experiments import in_arms, with_arms_met
from newshole.rules.ruleset import Block, Page, Rules, Selected
from newshole.rules.sensitivity import judged, refusal
from newshole.rules.switches import refusals
from newshole.rules.targeting import all_hold, minute_of
from newshole.types import DEVICES, Facts, Insertion, Reader, Reason, Story

log = logging.getLogger("newshole")

ROUNDS: Final = 4
"""How often a page is planned anew where the proof bans a spot, before what was proved is taken."""

SWITCHED_OFF: Final = "switched-off"
"""The reason of a page that operators have switched off."""

NO_ENTRY: Final = -1
"""Stands for an entry of the rules, where these do not say which pages are articles."""

_KINDS_OF_WORDS: Final = {"no-ads": "ad", "no-social": "follow"}
"""The kind of block that a story's word forbids."""

_TAGS = re.compile(rb"</?[a-zA-Z][^\s/>]*")


class Untouched(Exception):  # noqa: N818 - not an error: the way out for a page that is left alone
    """Raised with the reason where a page is not to be composed."""


class BlockCopy(NamedTuple):
    """One copy of a block: the block's rank in the rules, and which of its copies on the page, from 1."""

    rank: int
    ordinal: int


@dataclass(frozen=True, slots=True)
class Look:
    """What a page's blocks have to show: `contents` by block id, and why the others are `refused`."""

    view: View
    contents: Mapping[str, Content]
    refused: Mapping[str, tuple[Reason, ...]]


def entry_met(rules: Rules, story: Story, url: str, reader: Reader) -> int | None:
    """The number of the entry of `articles` and `pages` that a page meets; None for a page of none.

    NO_ENTRY stands for an article that is found by itself, where the rules do not say which pages are.
    """
    for n, entry in enumerate(rules.entries()):
        if all_hold(entry.when, story, reader, url):
            return n
    return None if rules.articles or (urlsplit(url).path == "/" and not story.is_article) else NO_ENTRY


def listing(rules: Rules, entry: int | None) -> Page | None:
    """The entry of `pages` by the number that `entry_met` gives; None for an article."""
    if entry is None or entry < len(rules.articles):
        return None
    return rules.pages[entry - len(rules.articles)]


def look(
    rules: Rules, story: Story, url: str, reader: Reader, facts: Facts, page: Page | None = None
) -> Look:
    """What the blocks that may come onto a page have to show, and why the others may not.

    `page` is the entry of `pages` for one that is no article.
    """
    reader, minute = _in_minute(reader)
    refused = {**dict(_excluded(rules, page)), **refusals(facts.switches, rules.blocks, url)}
    for block in rules.blocks:
        if block.id not in refused:
            reasons = (*_forbidden(rules, block, story), *_unmet(block, story, reader, url))
            if reasons:
                refused[block.id] = reasons
    view = blocks.view(rules, story, with_arms_met(rules.experiments, story, reader, url), facts, minute)
    wanted = [block for block in rules.blocks if block.id not in refused]
    contents, empty = blocks.prepare(wanted, view)
    for block in wanted:
        if block.id in empty:
            reason = Reason("nothing-to-show", block.path, "something to show", empty[block.id])
            refused[block.id] = (reason,)
    return Look(view, contents, refused)


def _in_minute(reader: Reader) -> tuple[Reader, datetime]:
    """A reader as of the whole minute in which they ask, and that minute."""
    minute = minute_of(reader)
    return (reader if reader.now == minute else replace(reader, now=minute)), minute


def _excluded(rules: Rules, page: Page | None) -> Iterator[tuple[str, tuple[Reason, ...]]]:
    """The blocks that an override leaves out, or that the page's entry does not list."""
    for block in rules.blocks:
        if block.id in rules.dropped:
            yield block.id, (rules.dropped[block.id],)
        elif page is not None and block.id not in page.blocks:
            listed = ", ".join(sorted(page.blocks))
            yield block.id, (Reason("not-listed", f"{page.path}.blocks", listed, block.id),)


def _forbidden(rules: Rules, block: Block, story: Story) -> Iterator[Reason]:
    """Why a story does not take a block: its own words, and what it is about."""
    for word, by in story.told:
        if word == f"no:{block.id}" or block.kind == _KINDS_OF_WORDS.get(word):
            yield Reason("story", by, f"a story that does not say {word}", word)
    yield from _kept_off(block, story)
    if rules.sensitivity is not None:
        unfit = refusal(rules.sensitivity, story, block.kind, block.options)
        yield from () if unfit is None else (unfit,)


def _kept_off(block: Block, story: Story) -> Iterator[Reason]:
    """Why a page cannot take a block: it is an AMP page, or its policy keeps out what the block
    needs."""
    if story.amp is not None and (lacking := amp_lack(block.options, story.amp)):
        yield Reason("amp", block.path, lacking, "an AMP page")
    words = {each.word for each in story.told if each.by == POLICY}
    for needed in blocks.needed(block) if words else ():
        if blocked_word(needed) in words:
            yield Reason("policy", POLICY, f"a policy that lets in {needed.name}", "one that does not")


def _unmet(block: Block, story: Story, reader: Reader, url: str) -> tuple[Reason, ...]:
    refusals = (each.refusal(story, reader, url) for each in block.when)
    return tuple(reason for reason in refusals if reason is not None)


def render(rules: Rules, copies: Sequence[BlockCopy], looked: Look) -> list[bytes]:
    """The fragments of these copies, in order."""
    wanted = [(rules.blocks[copy.rank], copy.ordinal) for copy in copies]
    return [
        blocks.render(block, looked.contents[block.id], looked.view, ordinal=ordinal)
        for block, ordinal in wanted
    ]


def with_runtime(
    rules: Rules, copies: Sequence[BlockCopy], fragments: Sequence[bytes], looked: Look
) -> list[bytes]:
    """The fragments of a page, with the runtime and the manifest of its slots in front of the first.

    An AMP page takes no style and no script but its own.
    """
    if looked.view.story.amp is not None:
        return [*fragments]
    shown = [(rules.blocks[copy.rank], copy.ordinal) for copy in copies]
    runtime = blocks.runtime([block for block, _ in shown], rules.consent, looked.view.reader.consent)
    return [runtime + blocks.manifest(shown, looked.view) + fragments[0], *fragments[1:]]


def shape(fragment: bytes) -> bytes:
    """The tags of a fragment in order, which is all of it that decides on a proof."""
    return b"".join(_TAGS.findall(fragment))


@dataclass(frozen=True, slots=True)
class Proved:
    """A plan whose blocks stand: `copies` and `insertions` in document order, the style in the first."""

    plan: Plan
    copies: tuple[BlockCopy, ...]
    insertions: tuple[Insertion, ...]


class Run:
    """One page on its way; `stage` names where it is, for the reason of a fault.

    What was found out stands in `document`, `story`, `outline`, `looked` and `plan`, also where the page is
    left alone; `rules` are those under the overrides that are `active`, `bare` those without. `tried` has the
    shape of every copy that some round rendered: with other shapes another plan may come out. `words` is what
    the response's `X-Newshole` header says. `parts` is what was read, None before.
    """

    def __init__(
        self, rules: Rules, page: bytes, url: str, reader: Reader, facts: Facts, words: str = ""
    ) -> None:
        self.rules, self.page, self.url, self.facts, self.words = rules, page, url, facts, words
        self.bare = rules
        self.reader, _ = _in_minute(in_arms(rules.experiments, rules.holdout, reader, url))
        self.is_for_device = "device" in rules.facts_used and "device" in facts_at(rules, url)
        self.active: tuple[int, ...] = ()
        self.entry: int | None = None
        self.stage = "read"
        self.has_failed = False
        self.document: Document | None = None
        self.story = Story()
        self.outline: Outline | None = None
        self.limit = 0
        self.looked: Look | None = None
        self.plan: Plan | None = None
        self.tried: dict[BlockCopy, bytes] = {}
        self.parts: tuple[Document, Element | None, Outline] | None = None

    def outcome(self, content_type: str) -> tuple[bytes, Proved | None, str | None]:
        """The page to send; what was put into it, or else why nothing was. Never raises."""
        try:
            return (*self.compose(content_type), None)
        except Untouched as left:
            return self.page, None, str(left)
        except Exception:
            log.exception("%s failed on %s", self.stage, urlsplit(self.url).path)
            self.has_failed = True
            return self.page, None, f"{self.stage}-fault"

    def compose(self, content_type: str) -> tuple[bytes, Proved]:
        """The composed page. Raises Untouched where it is to be left alone."""
        self.check_switches()
        self.parts = self.read(content_type)
        self.check_switches()
        proved = self.arranged(*self.parts, self.bare.active(self.story, self.reader, self.url))
        self.stage = "splice"
        return splice(self.page, proved.insertions), proved

    def arranged(
        self, document: Document, story: Element | None, outlined: Outline, active: tuple[int, ...]
    ) -> Proved:
        """What is put into the page under the overrides that are `active`. Raises Untouched."""
        self.active, self.rules = active, self.bare.under(active)
        self.stage = "plan"
        listed = listing(self.rules, self.entry)
        self.looked = look(self.rules, self.story, self.url, self.reader, self.facts, listed)
        outlined = self.with_selected(document, outlined)
        return self.prove(document, story, outlined, self.looked)

    def check_switches(self) -> None:
        """Raises Untouched where the page is switched off, as far as its story is read."""
        switches = self.facts.switches
        if switches is not None and switches.of_page(self.url, self.story.section) is not None:
            raise Untouched("switched-off")

    def read(self, content_type: str) -> tuple[Document, Element | None, Outline]:
        """The page as document and outline, with the element of its story, None on a page that needs none."""
        encoding = page_encoding(self.page, content_type)
        if encoding is None:
            raise Untouched("encoding")
        scanned = prescan(self.page)
        set_aside = "amp" if self.rules.composes_amp else None
        if scanned.refusal not in (None, set_aside):
            raise Untouched(scanned.refusal)
        self.limit = len(self.page) if scanned.ambiguity is None else scanned.ambiguity
        self.document = document = Document(self.page, encoding)
        if document.tree.select_one(OURS) is not None:
            raise Untouched("already-composed")
        self.story = self.read_story(document)
        if any(each.word == OFF for each in self.story.told):
            raise Untouched("story-off")
        self.entry = entry_met(self.rules, self.story, self.url, self.reader)
        if self.entry is None:
            raise Untouched("not-an-article")
        if listing(self.rules, self.entry) is not None:
            return document, None, self.without_story(document)
        body = find_body(document, self.rules.articles[self.entry].body if self.entry >= 0 else None)
        return document, *self.of_story(document, body, scanned.ambiguity)

    def without_story(self, document: Document) -> Outline:
        """The outline of a page that is no article."""
        root = document.tree.select_one("body")
        if root is not None and self.is_hydrated(document, root):
            raise Untouched("hydrated")
        self.outline = outline_without_story(document, self.limit)
        return self.outline

    def of_story(
        self, document: Document, body: Body | None, ambiguity: int | None
    ) -> tuple[Element, Outline]:
        """The element of a page's story, and its outline."""
        if body is None:
            raise Untouched("no-body")
        if self.is_hydrated(document, body.element):
            raise Untouched("hydrated")
        rules = self.rules
        metrics = rules.metrics if rules.reads_heights else None
        details = Details(rules.spans, rules.reads_texts, metrics, rules.existing)
        self.outline = outline(document, body, ambiguity, details)
        if self.outline is None:
            raise Untouched("no-body")
        self.story = replace(self.story, words=self.outline.words)
        return body.element, self.outline

    def is_hydrated(self, document: Document, element: Element) -> bool:
        """Whether a script draws an element again in the browser, and the rules mind."""
        return not self.rules.composes_hydrated and is_hydrated(document, element)

    def read_story(self, document: Document) -> Story:
        """What the page says of itself and to newshole, and how sensitive that is."""
        rules = self.rules
        story = read_story(document, self.url, rules.metas_used, rules.jsonld_used)
        words = " ".join((self.words, *self.blocked()))
        story = replace(story, told=(*story.told, *told(words, HEADER)), amp=amp_extensions(document))
        policy = rules.sensitivity
        if policy is None:
            return story
        metas = read_metas(document, policy.metas) if policy.metas else {}
        return judged(policy, story, metas, story.language or rules.language or "")

    def blocked(self) -> Iterator[str]:
        """The words for what the policies in the page's own head keep out."""
        needed = blocks.all_needed(self.rules)
        metas = meta_policies(self.page, len(self.page)) if needed else ()
        return blocked(policies_of(metas), needed, self.url)

    def with_selected(self, document: Document, outlined: Outline) -> Outline:
        """The outline with the elements that places of the blocks to place select."""
        refused = self.looked.refused if self.looked else {}
        # Where a block may not come, another one may ask for its places.
        asking = [each for each in self.rules.blocks if each.id not in refused or each.fallback]
        places = [place for block in asking for place in block.prefer]
        places += [each.place for each in self.rules.elsewhere]
        wanted = [
            Wanted(place.selector, place.where, place.nth) for place in places if isinstance(place, Selected)
        ]
        if wanted:
            self.outline = outlined = replace(
                outlined, selected=select(document, wanted, self.limit, hydrated=self.rules.composes_hydrated)
            )
        return outlined

    def planned(self, outlined: Outline, looked: Look, banned: Collection[tuple[str, int]] = ()) -> Plan:
        """A plan for the reader's device, where the rules look at it, or else for all there are."""
        rules = self.rules
        devices = (self.reader.device,) if self.is_for_device else DEVICES
        heights = blocks.ad_heights(rules) if rules.layout.density else {}
        return make_plan(outlined, rules, looked.refused, banned, devices=devices, heights=heights)

    def prove(self, document: Document, story: Element | None, outlined: Outline, looked: Look) -> Proved:
        """A plan that stands, made anew without the spots where a block would not."""
        ranks = {block.id: rank for rank, block in enumerate(self.rules.blocks)}
        banned: set[tuple[str, int]] = set()
        good: set[tuple[str, int]] = set()
        for attempt in range(1, ROUNDS + 3):
            self.stage = "plan"
            self.plan = self.planned(outlined, looked, banned)
            self.stage = "render"
            placed = self.plan.placements
            if not placed:
                raise Untouched("nothing-placed")
            copies = tuple(BlockCopy(ranks[each.block.id], each.ordinal) for each in placed)
            fragments = render(self.rules, copies, looked)
            self.tried |= zip(copies, map(shape, fragments), strict=True)
            insertions = tuple(
                Insertion(each.spot.offset, fragment, each.block.id)
                for each, fragment in zip(
                    placed, with_runtime(self.rules, copies, fragments, looked), strict=True
                )
            )
            self.stage = "proof"
            bad = unproven(document, insertions, story)
            if not bad:
                return Proved(self.plan, copies, insertions)
            banned |= {(insertions[index].block, insertions[index].offset) for index in bad}
            good |= {(each.block, each.offset) for each in insertions}
            if attempt >= ROUNDS:
                good -= banned
                banned |= set(_elsewhere(self.plan, {block for block, _ in banned})) - good
        raise Untouched("unproven")


def _elsewhere(plan: Plan, found_bad: Collection[str]) -> Iterator[tuple[str, int]]:
    """Every spot of a page, for the blocks that were found bad at some.

    Markup left open reaches over all the rest of a story, and a block is not to be tried at each place in it.
    """
    for offset in plan.considered.survey.spots.offsets:
        yield from ((block, offset) for block in found_bad)
