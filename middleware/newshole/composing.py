"""Composing one page: read, plan, render, prove and splice, each stage named for the reason of a fault.

Nothing here awaits or opens anything.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from newshole import blocks
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
from newshole.page.told import HEADER, OFF, blocked, told
from newshole.plan.planner import Plan, make_plan
from newshole.rendering import (
    BlockCopy,
    Look,
    entry_met,
    in_minute,
    listing,
    look,
    render,
    shape,
    with_runtime,
)
from newshole.rules.addressed import facts_at
from newshole.rules.experiments import in_arms
from newshole.rules.ruleset import Rules, Selected
from newshole.rules.sensitivity import judged
from newshole.types import DEVICES, Facts, Insertion, Reader, Story

log = logging.getLogger("newshole")

ROUNDS: Final = 4
"""How often a page is planned anew where the proof bans a spot, before what was proved is taken."""

SWITCHED_OFF: Final = "switched-off"
"""The reason of a page that operators have switched off."""


class Untouched(Exception):  # noqa: N818 - not an error: the way out for a page that is left alone
    """Raised with the reason where a page is not to be composed."""


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
        self.reader, _ = in_minute(in_arms(rules.experiments, rules.holdout, reader, url))
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
