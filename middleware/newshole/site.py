"""A site: its rules, ready, and the way of a page through read, plan, render and splice.

Nothing here awaits or opens anything: pages come in as bytes and leave as bytes. Whatever goes wrong,
the page leaves as it came, with a reason.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Final
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
from newshole.page.story import read_story
from newshole.plan.decisions import decisions_of
from newshole.plan.planner import Plan, make_plan
from newshole.rules.compile import load
from newshole.rules.kinds import Strip, WeatherFeed
from newshole.rules.ruleset import Articles, Block, Rules
from newshole.types import Decision, Facts, Insertion, Reader, Reason, Story

log = logging.getLogger("newshole")

ROUNDS: Final = 4
"""How often a page is planned anew where the proof bans a spot, before what was proved is taken."""


@dataclass(frozen=True)
class Composition:
    """A finished page.

    `html` is what to send. `insertions` are in order, with offsets into the page as the site sent it; the
    runtime style is part of the first one. `untouched` is None, or the reason why nothing was done.
    `outline` is None where the page was left before its body was read.
    """

    html: bytes
    insertions: tuple[Insertion, ...] = ()
    untouched: str | None = None
    story: Story = field(default_factory=Story)
    outline: Outline | None = None
    plan: Plan | None = field(default=None, repr=False)

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """What became of every block at every candidate gap; worked out when first asked for."""
        return () if self.plan is None else decisions_of(self.plan)


class Site:
    """The rules of one site, or of several told apart by host, and the newest facts that blocks show.

    `facts` is replaced whole, never changed, so a page that is being composed keeps the ones it has.
    """

    def __init__(self, *rules: Rules) -> None:
        self.rules = rules
        self.facts = Facts()

    @classmethod
    def load(cls, rules: str | Path) -> Site:
        """A site by a rules file, a folder of them or a pack's name.

        Raises RulesError with every problem, UsageError where nothing is there.
        """
        return cls(*load(rules))

    @cached_property
    def digest(self) -> str:
        """A digest of all rules: pages composed under equal ones differ by facts and readers alone."""
        return hashlib.blake2b(
            "".join(each.digest for each in self.rules).encode(), digest_size=8
        ).hexdigest()

    @cached_property
    def reader_facts(self) -> frozenset[str]:
        """What the rules look at of a reader, such as "device"."""
        return frozenset().union(*(each.facts_used for each in self.rules))

    @cached_property
    def weather_feeds(self) -> tuple[tuple[str, WeatherFeed], ...]:
        """Block ids and the feeds that keep `facts.weather` fresh for them."""
        strips = [
            (block.id, block.options.weather)
            for each in self.rules
            for block in each.blocks
            if isinstance(block.options, Strip)
        ]
        return tuple(
            (block, item.feed) for block, item in strips if item is not None and item.feed is not None
        )

    def may_compose(self, url: str) -> bool:
        """False where host or path alone show that these rules leave the page as it is."""
        parts = urlsplit(url)
        rules = self._rules_for(parts.hostname)
        return rules is not None and (
            not rules.articles or any(_meets_path(entry, parts.path) for entry in rules.articles)
        )

    def compose(
        self,
        body: bytes,
        *,
        url: str = "",
        content_type: str = "text/html; charset=utf-8",
        reader: Reader | None = None,
        facts: Facts | None = None,
    ) -> Composition:
        """The page `body` of `url`, with the blocks that its rules place.

        Never raises for any page: a fault leaves the page as it is, with a reason such as "plan-fault".
        """
        rules = self._rules_for(urlsplit(url).hostname)
        if rules is None:
            return Composition(body, untouched="no-site")
        run = _Run(rules, body, url, reader or Reader(), facts or self.facts)
        try:
            return run.compose(content_type)
        except _Untouched as left:
            return Composition(body, (), str(left), run.story, run.outline, run.plan)
        except Exception:
            log.exception("%s failed on %s", run.stage, urlsplit(url).path)
            return Composition(body, untouched=f"{run.stage}-fault")

    def _rules_for(self, host: str | None) -> Rules | None:
        """The rules that name the host, else those for every host; without a host, the first there are."""
        if host is None:
            return next((each for each in self.rules if not each.hosts), self.rules[0])
        named = (each for each in self.rules if any(pattern.fullmatch(host) for pattern in each.hosts))
        return next(named, None) or next((each for each in self.rules if not each.hosts), None)


class _Untouched(Exception):  # noqa: N818 - not an error: the way out for a page that is left alone
    """Raised with the reason where a page is not to be composed."""


class _Run:
    """One page on its way; `stage` names where it is, for the reason of a fault."""

    def __init__(self, rules: Rules, page: bytes, url: str, reader: Reader, facts: Facts) -> None:
        self.rules, self.page, self.url, self.reader, self.facts = rules, page, url, reader, facts
        self.stage = "read"
        self.story = Story()
        self.outline: Outline | None = None
        self.plan: Plan | None = None

    def compose(self, content_type: str) -> Composition:
        document, body, outlined = self.read(content_type)
        self.stage = "plan"
        view, contents, refused = self.look()
        banned: set[tuple[str, int]] = set()
        for _ in range(ROUNDS):
            self.stage = "plan"
            self.plan = make_plan(outlined, self.rules, refused, banned)
            self.stage = "render"
            insertions = self.render(self.plan, contents, view)
            self.stage = "proof"
            bad = unproven(document, insertions, body.element)
            if not bad:
                self.stage = "splice"
                html = splice(self.page, insertions)
                return Composition(html, insertions, None, self.story, self.outline, self.plan)
            banned |= {(insertions[index].block, insertions[index].offset) for index in bad}
        raise _Untouched("unproven")

    def read(self, content_type: str) -> tuple[Document, Body, Outline]:
        """The page as document, body and outline; leaves by `_Untouched` where it is none of ours."""
        encoding = page_encoding(self.page, content_type)
        if encoding is None:
            raise _Untouched("encoding")
        told = prescan(self.page)
        if told.refusal is not None:
            raise _Untouched(told.refusal)
        document = Document(self.page, encoding)
        if document.tree.select_one(OURS) is not None:
            raise _Untouched("already-composed")
        self.story = read_story(document, self.url)
        body = find_body(document, self._article().body)
        if body is None:
            raise _Untouched("no-body")
        if is_hydrated(document, body.element):
            raise _Untouched("hydrated")
        self.outline = outline(document, body, told.ambiguity)
        if self.outline is None:
            raise _Untouched("no-body")
        return document, body, self.outline

    def look(self) -> tuple[View, Mapping[str, Content], dict[str, tuple[Reason, ...]]]:
        """What the blocks that may come onto this page have to show, and why the others may not."""
        refused = {block.id: reasons for block in self.rules.blocks if (reasons := self._unmet(block))}
        now = self.reader.now or datetime.now(UTC)
        view = blocks.view(self.rules, self.story, self.reader, self.facts, now)
        wanted = [block for block in self.rules.blocks if block.id not in refused]
        contents, empty = blocks.prepare(wanted, view)
        for block in wanted:
            if block.id in empty:
                reason = Reason("nothing-to-show", block.path, "something to show", empty[block.id])
                refused[block.id] = (reason,)
        return view, contents, refused

    def render(self, plan: Plan, contents: Mapping[str, Content], view: View) -> tuple[Insertion, ...]:
        """The plan's blocks as insertions, the runtime style in front of the first."""
        if not plan.placements:
            raise _Untouched("nothing-placed")
        fragments = [
            blocks.render(placed.block, contents[placed.block.id], view, ordinal=placed.ordinal)
            for placed in plan.placements
        ]
        fragments[0] = blocks.runtime([placed.block for placed in plan.placements]) + fragments[0]
        return tuple(
            Insertion(placed.spot.offset, fragment, placed.block.id)
            for placed, fragment in zip(plan.placements, fragments, strict=True)
        )

    def _article(self) -> Articles:
        """The entry of `articles` that the page meets."""
        path = urlsplit(self.url).path
        for entry in self.rules.articles:
            if all(each.refusal(self.story, self.reader, path) is None for each in entry.when):
                return entry
        if self.rules.articles or (path == "/" and not self.story.is_article):
            raise _Untouched("not-an-article")
        return Articles(())

    def _unmet(self, block: Block) -> tuple[Reason, ...]:
        path = urlsplit(self.url).path
        refusals = (each.refusal(self.story, self.reader, path) for each in block.when)
        return tuple(reason for reason in refusals if reason is not None)


def _meets_path(entry: Articles, path: str) -> bool:
    return all(each.refusal(Story(), Reader(), path) is None for each in entry.when if each.fact == "path")
