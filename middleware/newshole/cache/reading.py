"""Reading a page anew: composed from nothing, and what of it is worth keeping."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from newshole.cache.kept import Answer, Asked, Kept, Key, Known, key_of
from newshole.cache.plan_record import KeptPage, KeptPlan, Placed, Tried, told_to_blocks
from newshole.cache.showing import left_of, ranks, shape_digest, shown_of
from newshole.composing import SWITCHED_OFF, Proved, Run
from newshole.exposing import Arms
from newshole.lasting import FAULTY, lasting
from newshole.library.lead import WATCHED, Lead, RefusedError, lead_of
from newshole.page.document import Document
from newshole.page.frame import WHOLE, Stable, learn
from newshole.page.opaque import Watched
from newshole.page.policy import meta_policies
from newshole.rendering import NO_ENTRY, entry_met, listing
from newshole.rules.ruleset import Rules
from newshole.site import Site
from newshole.types import Facts, Insertion

log = logging.getLogger("newshole")


class Read(NamedTuple):
    """A page that was read: what it came to, what is known of its address now, and what is kept of it under
    which key: nothing after a fault. `refused` are the blocks that it did not get, with a reason's code;
    `untold` is why an article tells the library nothing, "" where it does."""

    answer: Answer
    known: Known
    key: Key | None = None
    kept: Kept | None = None
    refused: tuple[tuple[str, str], ...] = ()
    untold: str = ""


def read_anew(
    asked: Asked, site: Site, rules: Rules, facts: Facts, before: tuple[Key, KeptPage] | None, known: Known
) -> Read:
    """Compose a page from nothing; `before` is what was kept under its key, for another set of blocks."""
    run = Run(rules, asked.page, asked.url, asked.reader, facts, asked.words)
    html, proved, untouched = run.outcome(asked.content_type)
    outcome = Answer(html, untouched, lasting=FAULTY, plan="plan-anew")
    if run.has_failed or (untouched == SWITCHED_OFF and run.document is None):
        return Read(outcome, known)  # the page was not read
    if proved is not None:
        blocks = tuple(each.block for each in proved.insertions)
        offsets = tuple(each.offset for each in proved.insertions)
        outcome = outcome._replace(blocks=blocks, at=offsets[0], offsets=offsets)
    try:
        return _kept(outcome, run, proved, asked, site, before, known)
    except Exception:
        # The page is finished; what fails here only makes the next one dearer.
        log.exception("nothing could be kept of %s", urlsplit(asked.url).path)
        return Read(outcome, known)


def _kept(
    answer: Answer,
    run: Run,
    proved: Proved | None,
    asked: Asked,
    site: Site,
    before: tuple[Key, KeptPage] | None,
    known: Known,
) -> Read:
    """A finished page with what is worth keeping of it."""
    stable, known = _learned(asked.page, run.document, known, watched(site))
    key = key_of(stable, asked.page, asked.url, asked.content_type, asked.who, asked.words)
    story = told_to_blocks(run.story, authors=run.rules.authors_used)
    entry = entry_met(run.rules, story, asked.url, run.reader)
    page = KeptPage(story, entry=entry)
    if before is not None and before[0] == key and before[1].entry == entry:
        page = before[1]
    rules = site.rules_for(asked.url) or run.rules
    lasts = lasting(rules, run.rules, run.looked, (run.story, run.reader, asked.url))
    arms = Arms(run, proved)
    seen = arms.exposed()
    page = _with_plan(page, run, stable, proved, answer.untouched)
    for each in arms.variants.values():
        page = _with_plan(page, each.run, stable, each.proved, each.untouched)
    kept = Kept(page)
    if proved is None:
        kept.shown = left_of(answer.untouched or "", asked, run.facts, lasts)
    else:
        offsets = [stable.to_frame(each.offset) for each in proved.insertions]
        at_home = tuple(
            Insertion(at, each.html, each.block) for at, each in zip(offsets, proved.insertions, strict=True)
        )
        kept.shown = shown_of(at_home, asked, site, run.facts, lasts)
    policies = meta_policies(asked.page, answer.at) if kept.shown.has_policies else ()
    lead, untold = _lead(run, asked) if rules.name in site.shelves else (None, "")
    named = run.bare.named(run.active)
    kept.lead = lead
    kept.shown = kept.shown._replace(lead=lead, seen=seen.moved(stable.to_frame), overrides=named)
    answer = answer._replace(
        digest=kept.shown.digest,
        lasting=kept.shown.lasting,
        policies=policies,
        lead=lead,
        seen=seen,
        overrides=named,
    )
    return Read(answer, known, key, kept, tuple(_refused(run, answer.blocks)), untold)


def _lead(run: Run, asked: Asked) -> tuple[Lead | None, str]:
    """What an article that was planned tells the library; or why it tells nothing, "" for other pages."""
    is_article = run.entry is not None and listing(run.rules, run.entry) is None
    if run.looked is None or run.document is None or run.outline is None or not is_article:
        return None, ""
    if run.entry == NO_ENTRY and not run.story.is_article:
        return None, ""
    try:
        return lead_of(run.document, run.story, run.outline, asked.url, asked.now), ""
    except RefusedError as refused:
        return None, str(refused)


def _refused(run: Run, placed: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The blocks without a copy on the page: why they were not looked at, else that there was no room."""
    if run.looked is not None:
        for block in run.rules.blocks:
            if block.id not in placed:
                reasons = run.looked.refused.get(block.id)
                yield block.id, reasons[0].code if reasons else "no-room"


def whole(page: bytes) -> Stable:
    """A page of which every byte is stable."""
    stable = WHOLE.stable(page)
    assert stable is not None  # noqa: S101 - for the type checker: every page fits
    return stable


def watched(site: Site) -> Watched:
    """The selectors of the rules and the meta elements that they look at: what they name is read."""
    selectors = tuple(selector for rules in site.rules for selector in rules.selectors)
    policies = [rules.sensitivity for rules in site.rules if rules.sensitivity is not None]
    metas = frozenset().union(
        *(rules.metas_used for rules in site.rules), *(policy.metas for policy in policies)
    )
    return Watched(selectors, metas | WATCHED)


def _learned(page: bytes, document: Document | None, known: Known, watch: Watched) -> tuple[Stable, Known]:
    """What of a page just read is stable, and what is known of its address now."""
    if document is None:
        return whole(page), known
    if known.frame is not None:
        stable = known.frame.proved(document, watch)
        if stable is not None:
            return stable, known
    frame = learn(known.sample, document, watch) if known.sample else None
    stable = None if frame is None else frame.stable(page)
    if stable is None or not stable.tokens:
        return whole(page), Known(None, page)
    return stable, Known(frame)


def _with_plan(
    page: KeptPage, run: Run, stable: Stable, proved: Proved | None, untouched: str | None
) -> KeptPage:
    """What is kept of a page, with what a run came to."""
    if run.looked is None:
        # What is switched off is looked at anew whenever the page is shown.
        return page if untouched == SWITCHED_OFF else KeptPage(page.story, untouched, entry=page.entry)
    tried = tuple(Tried(*copy, shape_digest(tags)) for copy, tags in run.tried.items())
    placed: tuple[Placed, ...] = ()
    if proved is not None:
        offsets = [stable.to_frame(each.offset) for each in proved.insertions]
        placed = tuple(Placed(*copy, at) for copy, at in zip(proved.copies, offsets, strict=True))
    return page.with_plan(KeptPlan(ranks(run.rules, run.looked), untouched, placed, tried, run.active))
