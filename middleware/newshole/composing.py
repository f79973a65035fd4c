"""Composing one page: read, plan, render, prove and splice, each stage named for the reason of a fault.

Nothing here awaits or opens anything.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from newshole import blocks
from newshole.blocks import Content, View
from newshole.page.body import Body, find_body
from newshole.page.document import Document
from newshole.page.encoding import page_encoding
from newshole.page.hydration import is_hydrated
from newshole.page.outline import Outline, outline
from newshole.page.prescan import prescan
from newshole.page.proof import OURS, unproven
from newshole.page.splice import splice
from newshole.page.story import read_metas, read_story
from newshole.page.told import HEADER, OFF, told
from newshole.plan.planner import Plan, make_plan
from newshole.rules.ruleset import Articles, Block, Rules
from newshole.rules.sensitivity import judged, refusal
from newshole.types import Facts, Insertion, Reader, Reason, Story

log = logging.getLogger("newshole")

ROUNDS: Final = 4
"""How often a page is planned anew where the proof bans a spot, before what was proved is taken."""

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


def look(rules: Rules, story: Story, url: str, reader: Reader, facts: Facts) -> Look:
    """What the blocks that may come onto a page have to show, and why the others may not.

    Blocks see the time in whole minutes: what they show is the same throughout one.
    """
    path = urlsplit(url).path
    refused = {
        block.id: reasons
        for block in rules.blocks
        if (reasons := (*_forbidden(rules, block, story), *_unmet(block, story, reader, path)))
    }
    now = reader.now or datetime.now(UTC)
    view = blocks.view(rules, story, reader, facts, now.replace(second=0, microsecond=0))
    wanted = [block for block in rules.blocks if block.id not in refused]
    contents, empty = blocks.prepare(wanted, view)
    for block in wanted:
        if block.id in empty:
            reason = Reason("nothing-to-show", block.path, "something to show", empty[block.id])
            refused[block.id] = (reason,)
    return Look(view, contents, refused)


def _forbidden(rules: Rules, block: Block, story: Story) -> Iterator[Reason]:
    """Why a story does not take a block: its own words, and what it is about."""
    for word, by in story.told:
        if word == f"no:{block.id}" or block.kind == _KINDS_OF_WORDS.get(word):
            yield Reason("story", by, f"a story that does not say {word}", word)
    if rules.sensitivity is not None:
        unfit = refusal(rules.sensitivity, story, block.kind, block.options)
        yield from () if unfit is None else (unfit,)


def _unmet(block: Block, story: Story, reader: Reader, path: str) -> tuple[Reason, ...]:
    refusals = (each.refusal(story, reader, path) for each in block.when)
    return tuple(reason for reason in refusals if reason is not None)


def render(rules: Rules, copies: Sequence[BlockCopy], looked: Look) -> list[bytes]:
    """The fragments of these copies, in order."""
    wanted = [(rules.blocks[copy.rank], copy.ordinal) for copy in copies]
    return [
        blocks.render(block, looked.contents[block.id], looked.view, ordinal=ordinal)
        for block, ordinal in wanted
    ]


def with_runtime(rules: Rules, copies: Sequence[BlockCopy], fragments: Sequence[bytes]) -> list[bytes]:
    """The fragments of a page, with the runtime style in front of the first."""
    return [blocks.runtime([rules.blocks[copy.rank] for copy in copies]) + fragments[0], *fragments[1:]]


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
    left alone. `tried` has the shape of every copy that some round rendered: with other shapes another plan
    may come out. `words` is what the response's `X-Newshole` header says.
    """

    def __init__(
        self, rules: Rules, page: bytes, url: str, reader: Reader, facts: Facts, words: str = ""
    ) -> None:
        self.rules, self.page, self.url, self.reader, self.facts = rules, page, url, reader, facts
        self.words = words
        self.stage = "read"
        self.has_failed = False
        self.document: Document | None = None
        self.story = Story()
        self.outline: Outline | None = None
        self.looked: Look | None = None
        self.plan: Plan | None = None
        self.tried: dict[BlockCopy, bytes] = {}

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
        document, body, outlined = self.read(content_type)
        self.stage = "plan"
        self.looked = look(self.rules, self.story, self.url, self.reader, self.facts)
        proved = self.prove(document, body, outlined, self.looked)
        self.stage = "splice"
        return splice(self.page, proved.insertions), proved

    def read(self, content_type: str) -> tuple[Document, Body, Outline]:
        """The page as document, body and outline."""
        encoding = page_encoding(self.page, content_type)
        if encoding is None:
            raise Untouched("encoding")
        told = prescan(self.page)
        if told.refusal is not None:
            raise Untouched(told.refusal)
        self.document = document = Document(self.page, encoding)
        if document.tree.select_one(OURS) is not None:
            raise Untouched("already-composed")
        self.story = self.read_story(document)
        if any(each.word == OFF for each in self.story.told):
            raise Untouched("story-off")
        body = find_body(document, self.article().body)
        if body is None:
            raise Untouched("no-body")
        if is_hydrated(document, body.element):
            raise Untouched("hydrated")
        self.outline = outline(document, body, told.ambiguity)
        if self.outline is None:
            raise Untouched("no-body")
        return document, body, self.outline

    def read_story(self, document: Document) -> Story:
        """What the page says of itself and to newshole, and how sensitive that is."""
        story = read_story(document, self.url)
        if self.words:
            story = replace(story, told=(*story.told, *told(self.words, HEADER)))
        policy = self.rules.sensitivity
        if policy is None:
            return story
        metas = read_metas(document, policy.metas) if policy.metas else {}
        return judged(policy, story, metas, story.language or self.rules.language or "")

    def article(self) -> Articles:
        """The entry of `articles` that the page meets."""
        path = urlsplit(self.url).path
        for entry in self.rules.articles:
            if all(each.refusal(self.story, self.reader, path) is None for each in entry.when):
                return entry
        if self.rules.articles or (path == "/" and not self.story.is_article):
            raise Untouched("not-an-article")
        return Articles(())

    def prove(self, document: Document, body: Body, outlined: Outline, looked: Look) -> Proved:
        """A plan that stands, made anew without the spots where a block would not."""
        ranks = {block.id: rank for rank, block in enumerate(self.rules.blocks)}
        banned: set[tuple[str, int]] = set()
        for _ in range(ROUNDS):
            self.stage = "plan"
            self.plan = make_plan(outlined, self.rules, looked.refused, banned)
            self.stage = "render"
            placed = self.plan.placements
            if not placed:
                raise Untouched("nothing-placed")
            copies = tuple(BlockCopy(ranks[each.block.id], each.ordinal) for each in placed)
            fragments = render(self.rules, copies, looked)
            self.tried |= zip(copies, map(shape, fragments), strict=True)
            insertions = tuple(
                Insertion(each.spot.offset, fragment, each.block.id)
                for each, fragment in zip(placed, with_runtime(self.rules, copies, fragments), strict=True)
            )
            self.stage = "proof"
            bad = unproven(document, insertions, body.element)
            if not bad:
                return Proved(self.plan, copies, insertions)
            banned |= {(insertions[index].block, insertions[index].offset) for index in bad}
        raise Untouched("unproven")
