"""What the blocks of a page have to show, why others have nothing to, and their markup.

Nothing here awaits or opens anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from newshole import blocks
from newshole.blocks import Content, View
from newshole.blocks.amp import amp_lack
from newshole.page.told import POLICY, blocked_word
from newshole.rules.experiments import with_arms_met
from newshole.rules.ruleset import Block, Page, Rules
from newshole.rules.sensitivity import refusal
from newshole.rules.switches import refusals
from newshole.rules.targeting import all_hold, minute_of
from newshole.types import Facts, Reader, Reason, Story

NO_ENTRY: Final = -1
"""Stands for an entry of the rules, where these do not say which pages are articles."""

_KINDS_OF_WORDS: Final = {"no-ads": "ad", "no-social": "follow"}
"""The kind of block that a story's word forbids."""

_TAGS = re.compile(rb"</?[a-zA-Z][^\s/>]*")


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
    reader, minute = in_minute(reader)
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


def in_minute(reader: Reader) -> tuple[Reader, datetime]:
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
