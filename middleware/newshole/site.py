"""A site: its rules, ready, and pages composed by them.

Nothing here awaits or opens anything: pages come in as bytes and leave as bytes. Whatever goes wrong,
the page leaves as it came, with a reason.
"""

from __future__ import annotations

import hashlib
import logging
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from newshole import blocks
from newshole.composing import Proved, Run
from newshole.exposing import NOBODY, Arms, Exposed
from newshole.lasting import next_reading
from newshole.library import Entry, Shelf, Snapshot, Source, fixed_entries
from newshole.page.csp import Needed, policies_of
from newshole.page.outline import Outline
from newshole.page.told import blocked
from newshole.plan.decisions import decisions_of
from newshole.plan.planner import Plan
from newshole.rules.addressed import may_hold
from newshole.rules.globs import rootless
from newshole.rules.kinds.strip import Strip, WeatherItem
from newshole.rules.ruleset import Feed, Rules
from newshole.rules.targeting import Condition
from newshole.rules.turns import turns
from newshole.types import Clips, Decision, Facts, Insertion, Reader, ShownFacts, Story

log = logging.getLogger("newshole")

LOOK: Final = 10.0
"""Seconds for which pages show the same stories at least, whatever is learned meanwhile."""


@dataclass(frozen=True)
class Composition:
    """A finished page.

    `html` is what to send. `insertions` are in order, with offsets into the page as the site sent it; the
    runtime style is part of the first one. `untouched` is None, or the reason why nothing was done.
    `outline` is None where the page was left before its body was read; `overrides` are the names of those
    that are active on it. `arms` has the reader's arm in every experiment that is about it, `exposures` those
    of them where another arm would have put something else into it.
    """

    html: bytes
    insertions: tuple[Insertion, ...] = ()
    untouched: str | None = None
    story: Story = field(default_factory=Story)
    outline: Outline | None = None
    plan: Plan | None = field(default=None, repr=False)
    overrides: tuple[str, ...] = ()
    arms: Mapping[str, str] = field(default_factory=dict)
    exposures: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """What became of every block at every candidate gap; worked out when first asked for."""
        return () if self.plan is None else decisions_of(self.plan)


class Site:
    """The rules of one site, or of several told apart by host, and the newest facts that blocks show.

    `facts` is replaced whole, never changed, so a page that is being composed keeps the ones it has. `since`
    is when it was loaded or came into service, or something was switched last, in seconds since 1970: now,
    where it is not given. A site without rules leaves every page as it is.
    """

    def __init__(self, *rules: Rules, since: float | None = None) -> None:
        self.rules = rules
        self.facts = Facts()
        self.since = time.time() if since is None else since
        self.mark = ""
        """What else is put into its pages, beside blocks: it goes into their entity tags."""
        self._looked = -math.inf

    @classmethod
    def load(cls, rules: str | Path) -> Site:
        """A site by a rules file, a folder of them or a pack's name.

        Raises RulesError with every problem, UsageError where nothing is there.
        """
        from newshole.rules.compile import load  # what reads YAML is not needed by those who have rules

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
    def weather_feeds(self) -> tuple[WeatherItem, ...]:
        """What strips show of feeds, which keep `facts.weather` fresh; each once."""
        strips = (block.options for each in self.rules for block in each.blocks)
        items = (each.weather for each in strips if isinstance(each, Strip))
        return tuple(dict.fromkeys(item for item in items if item is not None and item.feed is not None))

    @cached_property
    def video_feeds(self) -> tuple[Feed, ...]:
        """The feeds that keep `facts.videos` fresh, each once."""
        return tuple({feed.url: feed for own in self._video_feeds.values() for feed in own}.values())

    @cached_property
    def _video_feeds(self) -> dict[str, tuple[Feed, ...]]:
        """The same of each site, by the rules' name."""
        return {each.name: blocks.video_feeds(each) for each in self.rules}

    def may_compose(self, url: str) -> bool:
        """False where host or path alone show that these rules leave the page as it is."""
        rules = self.rules_for(url)
        return rules is not None and (
            not rules.articles or any(may_hold(entry.when, url) for entry in rules.entries())
        )

    def takes_fragments(self, url: str) -> bool:
        """Whether a script that asks for an address may get a part of a page that the rules serve."""
        rules = self.rules_for(url)
        return rules is not None and any(
            entry.fragments and may_hold(entry.when, url) for entry in rules.pages
        )

    def needed(self, url: str) -> tuple[Needed, ...]:
        """What some block of an address needs, and a policy may keep out."""
        rules = self.rules_for(url)
        return () if rules is None else blocks.all_needed(rules)

    def kept_out(self, policies: Sequence[str], url: str) -> str:
        """What blocks of an address need and the Content-Security-Policy headers of its answer keep out, as
        `words` for `compose`."""
        told = policies_of([each.encode("latin-1", "replace") for each in policies])
        return " ".join(blocked(told, self.needed(url), url))

    def is_steady(self, url: str) -> bool:
        """Whether no page of an address changes by itself, be it with the time or with what is read."""
        rules = self.rules_for(url)
        return rules is None or not any(may_hold(when, url) for when in self._changing[id(rules)])

    @cached_property
    def _changing(self) -> dict[int, tuple[tuple[Condition, ...], ...]]:
        """The conditions under which pages may change by themselves, of each site's rules."""
        # Under most overrides most blocks are the same.
        return {id(each): tuple({id(when): when for when in _changing(each)}.values()) for each in self.rules}

    def shown_facts(self, facts: Facts, now: datetime, url: str) -> ShownFacts:
        """The facts as the page of an address shows them now: the weather that is not too old, without when
        it was read, and what stands for its stories."""
        shown = {
            f"{n} {block}": told
            for n, rules in enumerate(self.rules)
            for block, told in blocks.shown_weather(rules.blocks, facts, now)
        }
        stories = self._shown_stories(facts, now, url)
        return ShownFacts(shown, facts.switches, stories, tuple(self._shown_videos(facts, url)))

    def _shown_videos(self, facts: Facts, url: str) -> Iterator[Clips]:
        rules = self.rules_for(url) if facts.videos else None
        for feed in () if rules is None else self._video_feeds[rules.name]:
            if feed.url in facts.videos:
                yield facts.videos[feed.url]

    def _shown_stories(self, facts: Facts, now: datetime, url: str) -> str:
        rules = self.rules_for(url) if facts.library else None
        library = None if rules is None else facts.library.get(rules.name)
        if rules is None or library is None:
            return ""
        return library.digest(url, now.timestamp(), self._sources[rules.name], rules.pinned)

    @cached_property
    def _sources(self) -> dict[str, frozenset[Source]]:
        """Which stories the lists of each site may show, by the rules' name."""
        return {each.name: blocks.story_sources(each) for each in self.rules}

    @cached_property
    def shelves(self) -> dict[str, Shelf]:
        """The living library of each site whose rules have lists of stories, by the rules' name."""
        return {
            each.name: Shelf(fixed_entries(each), most=each.learning.most, oldest=each.learning.oldest)
            for each in self.rules
            if self._sources[each.name]
        }

    def changed_stories(self, now: float) -> dict[str, Snapshot]:
        """What is on the shelves that changed since they were looked at, `now` in seconds since 1970.

        For `LOOK` seconds after something changed it is empty, so that pages stay the same for that long. May
        be called in a thread of its own.
        """
        if now - self._looked < LOOK:
            return {}
        changed = {
            name: shelf.snapshot(now)
            for name, shelf in self.shelves.items()
            if shelf.is_stale(now) and (shelf.is_living or name in self.facts.library)
        }
        if changed:
            self._looked = now
        return changed

    def show_stories(self, changed: Mapping[str, Snapshot], now: float) -> None:
        """Let pages show what `changed_stories` found; only for the thread that replaces `facts`."""
        if not changed:
            return
        library = {**self.facts.library, **changed}
        living = {name: each for name, each in library.items() if each.is_living}
        self.facts = replace(self.facts, library=living)
        # Dates of pages are told again from now on, once no story is left that was learned.
        self.since = max(self.since, now)

    def inherit(self, before: Site, now: float) -> None:
        """Take over the shelves and videos of a site that this one replaces, `now` in seconds since 1970."""
        for rules in self.rules:
            shelf = before.shelves.get(rules.name)
            if shelf is None or rules.name not in self.shelves:
                continue
            shelf.fix(fixed_entries(rules))
            shelf.bound(most=rules.learning.most, oldest=rules.learning.oldest)
            shelf.forget(each.url for each in shelf.entries() if not self._keeps(rules, each))
            self.shelves[rules.name] = shelf
        living = {name: each for name, each in self.shelves.items() if each.is_living}
        feeds = {each.url for each in self.video_feeds}
        self.facts = replace(
            self.facts,
            library={name: each.snapshot(now) for name, each in living.items()},
            videos={url: told for url, told in before.facts.videos.items() if url in feeds},
        )

    def _keeps(self, rules: Rules, entry: Entry) -> bool:
        """Whether a story that was learned may stay with these rules: they may name other hosts now."""
        is_learned = rules.learning.has_traffic or entry.source != "traffic"
        return is_learned and self.rules_for(entry.url) is rules

    def next_reading(self, url: str) -> float:
        """When any feed of an address is to be read again, in seconds since 1970; 0 where one is missing."""
        rules = self.rules_for(url)
        return next_reading(() if rules is None else rules.blocks, self.facts)

    def compose(
        self,
        body: bytes,
        *,
        url: str = "",
        content_type: str = "text/html; charset=utf-8",
        reader: Reader | None = None,
        facts: Facts | None = None,
        words: str = "",
    ) -> Composition:
        """The page `body` of `url`, with the blocks that its rules place.

        `words` is the value of the response's `X-Newshole` header, such as "no-ads".
        Never raises for any page: a fault leaves the page as it is, with a reason such as "plan-fault".
        """
        rules = self.rules_for(url)
        if rules is None:
            return Composition(body, untouched="no-site")
        run = Run(rules, body, url, reader or Reader(), facts or self.facts, words)
        html, proved, untouched = run.outcome(content_type)
        insertions = () if proved is None else proved.insertions
        active = rules.named(run.active)
        seen = _seen(run, proved)
        return Composition(
            html,
            insertions,
            untouched,
            run.story,
            run.outline,
            run.plan,
            active,
            arms=seen.arms,
            exposures=seen.exposures,
        )

    def rules_for(self, url: str) -> Rules | None:
        """The rules that name the URL's host, else those for every host; without one, the first there are.

        None for a host that no rules are for, and for what is no URL.
        """
        try:
            host = rootless(urlsplit(url).hostname or "")
        except ValueError:
            return None
        if not host:
            return next((each for each in self.rules if not each.hosts), next(iter(self.rules), None))
        named = (each for each in self.rules if any(pattern.fullmatch(host) for pattern in each.hosts))
        return next(named, None) or next((each for each in self.rules if not each.hosts), None)


def _changing(rules: Rules) -> Iterator[tuple[Condition, ...]]:
    yield from (when for when in rules.whens if any(map(turns, when)))
    for under in rules.variants:
        yield from (each.when for each in under.blocks if not blocks.is_steady(each, under))


def _seen(run: Run, proved: Proved | None) -> Exposed:
    """To which experiments the reader of a finished page is exposed; none where another arm is at fault."""
    try:
        return Arms(run, proved).exposed()
    except Exception:
        log.exception("the arms of %s could not be compared", urlsplit(run.url).path)
        return NOBODY
