"""Showing a kept page: its blocks, rendered for this minute, where its plan says."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from newshole.cache.kept import Answer, Asked, Dress, Shown, digest_of, state_of
from newshole.cache.plan_record import KeptPage, KeptPlan, fits
from newshole.composing import SWITCHED_OFF
from newshole.exposing import exposed
from newshole.lasting import Lasting, lasting, switched
from newshole.library.lead import Lead, reminder
from newshole.page.frame import Stable
from newshole.page.policy import meta_policies
from newshole.page.splice import joined
from newshole.rendering import BlockCopy, Look, entry_met, listing, look, render, shape, with_runtime
from newshole.rules.experiments import in_arms
from newshole.rules.ruleset import Rules
from newshole.site import Site
from newshole.types import Facts, Insertion, Reader, Story


def show(page: KeptPage, asked: Asked, site: Site, rules: Rules, facts: Facts) -> Shown | None:
    """What a page's blocks show; None where they ask for a plan that is not kept.

    That is so where the page meets another entry of the rules now, where other overrides are active, or
    another set of blocks has something to show, and where a copy that had part in the plan has other tags
    now: the proof was of those.
    """
    reader = in_arms(rules.experiments, rules.holdout, asked.reader, asked.url)
    entry = entry_met(rules, page.story, asked.url, reader)
    if entry != page.entry:
        return None
    seen = (page.story, reader, asked.url)
    if page.untouched is not None:
        return left_of(page.untouched, asked, facts, lasting(rules, rules, None, seen))
    if facts.switches is not None and facts.switches.of_page(asked.url, page.story.section) is not None:
        return left_of(SWITCHED_OFF, asked, facts, lasting(rules, rules, None, seen))
    active = rules.active(*seen)
    arranged = _arranged(page, rules, seen, facts, active)
    if arranged is None:
        return None

    def shows(other: tuple[int, ...]) -> tuple[Insertion, ...] | None:
        found = arranged if other == active else _arranged(page, rules, seen, facts, other)
        return None if found is None else found.insertions

    met = exposed(rules, seen, active, shows)
    if met is None:
        return None
    lasts = lasting(rules, rules.under(active), arranged.looked, seen)
    named = rules.named(active)
    if arranged.untouched is not None:
        return left_of(arranged.untouched, asked, facts, lasts)._replace(seen=met, overrides=named)
    return shown_of(arranged.insertions, asked, site, facts, lasts)._replace(seen=met, overrides=named)


class _Arranged(NamedTuple):
    """A kept page under some overrides: what its blocks have to show, and where they stand."""

    looked: Look
    untouched: str | None
    insertions: tuple[Insertion, ...] = ()


def _arranged(
    page: KeptPage, rules: Rules, seen: tuple[Story, Reader, str], facts: Facts, active: tuple[int, ...]
) -> _Arranged | None:
    """The page under the overrides that are `active`, by the plan that is kept for that; None without one."""
    under, (story, reader, url) = rules.under(active), seen
    looked = look(under, story, url, reader, facts, listing(under, page.entry))
    refused = ranks(under, looked)
    plan = next((each for each in page.plans if (each.refused, each.active) == (refused, active)), None)
    fragments = None if plan is None else _fragments(plan, under, looked)
    if plan is None or fragments is None:
        return None
    if plan.untouched is not None:
        return _Arranged(looked, plan.untouched)
    return _Arranged(looked, None, _insertions(plan, under, fragments, looked))


def _insertions(
    plan: KeptPlan, rules: Rules, fragments: Mapping[BlockCopy, bytes], looked: Look
) -> tuple[Insertion, ...]:
    """The copies of a plan, with the runtime that they need."""
    copies = [BlockCopy(each.rank, each.ordinal) for each in plan.placed]
    markup = with_runtime(rules, copies, [fragments[copy] for copy in copies], looked)
    return tuple(
        Insertion(each.offset, html, rules.blocks[each.rank].id)
        for each, html in zip(plan.placed, markup, strict=True)
    )


def left_of(untouched: str, asked: Asked, facts: Facts, lasts: Lasting) -> Shown:
    """Of a page that is left alone, for this reason."""
    return Shown(facts, asked.minute, untouched, lasting=switched(lasts, facts))


def shown_of(
    insertions: tuple[Insertion, ...], asked: Asked, site: Site, facts: Facts, lasts: Lasting
) -> Shown:
    """What these insertions show, at offsets in the stable bytes."""
    lasts = switched(lasts, facts)
    state = state_of(
        site.digest + site.mark, asked.who, site.shown_facts(facts, asked.now, asked.url), asked.words
    )
    return Shown(
        facts,
        asked.minute,
        None,
        tuple(each.offset for each in insertions),
        tuple(each.html for each in insertions),
        tuple(each.block for each in insertions),
        digest_of(state, lasts.until),
        sum(len(each.html) for each in insertions),
        lasts,
        bool(meta_policies(asked.page, len(asked.page))),
    )


def spliced(shown: Shown, page: bytes, stable: Stable | None, dress: Dress | None = None) -> Answer:
    """A page with its fragments; `stable` is None for one without tokens. With `dress` it is for one response
    alone."""
    seen = shown.seen if stable is None else shown.seen.moved(lambda at: stable.to_page(at)[0])
    if shown.untouched is not None:
        left_alone = Answer(page, shown.untouched, lasting=shown.lasting, lead=shown.lead, seen=seen)
        return left_alone._replace(overrides=shown.overrides)
    offsets = shown.offsets if stable is None else stable.to_page(*shown.offsets)
    policies = meta_policies(page, offsets[0]) if shown.has_policies else ()
    fragments, digest = shown.fragments, shown.digest
    if dress is not None:
        first = dress(fragments[0], policies)
        if first is not fragments[0]:
            # A response with another policy is not the same.
            fragments, digest = (first, *fragments[1:]), ""
    return Answer(
        joined(page, offsets, fragments),
        None,
        shown.blocks,
        digest,
        shown.lasting,
        offsets[0],
        policies,
        lead=shown.lead,
        seen=seen,
        offsets=tuple(offsets),
        overrides=shown.overrides,
    )


def ranks(rules: Rules, looked: Look) -> tuple[int, ...]:
    """The blocks that are refused, by their rank in the rules."""
    return tuple(rank for rank, block in enumerate(rules.blocks) if block.id in looked.refused)


def shape_digest(tags: bytes) -> str:
    """A shape, in few letters."""
    return hashlib.blake2b(tags, digest_size=8).hexdigest()


def is_plan_of(plan: KeptPlan, page: bytes, stable: Stable, rules: Rules) -> bool:
    """Whether a plan from outside can be one of this page."""
    try:
        offsets = tuple(stable.to_page(*[each.offset for each in plan.placed]))
    except ValueError:
        return False
    return fits(plan, page, offsets, len(rules.blocks), len(rules.overrides))


def reminded(page: KeptPage, url: str, site: Site, rules: Rules) -> Lead | None:
    """The lead to the story of an article that another process has read."""
    is_article = page.entry is not None and listing(rules, page.entry) is None
    return reminder(url, page.story.title) if is_article and rules.name in site.shelves else None


def _fragments(plan: KeptPlan, rules: Rules, looked: Look) -> dict[BlockCopy, bytes] | None:
    """Every copy that was tried for a plan, rendered; None where one has another shape now."""
    copies = [BlockCopy(each.rank, each.ordinal) for each in plan.tried]
    fragments = render(rules, copies, looked)
    for tried, fragment in zip(plan.tried, fragments, strict=True):
        if shape_digest(shape(fragment)) != tried.shape:
            return None
    return dict(zip(copies, fragments, strict=True))
