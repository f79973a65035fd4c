"""A page as it is: what newshole reads on it, what stands in its way, and what it would add."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from newshole.composing import Run
from newshole.page.body import Body, find_body
from newshole.page.csp import nonce_for, policies_of
from newshole.page.document import Document, Element
from newshole.page.outline import STACKS, Details, Outline, outline
from newshole.page.policy import meta_policies
from newshole.page.prescan import prescan
from newshole.plan.survey import counted
from newshole.review.slots import Slot, density, slots_of
from newshole.site import Site
from newshole.types import Reader, Story

OWN: Final = ("ad", "promo")
"""Kinds of units that the site put among its story itself."""

FEW_WORDS: Final = 120
"""A shorter story has hardly room for a block."""

_NO_ARTICLE: Final = ("not-an-article", "no-body")
_MOST_CLASSES: Final = 2
_PLAIN: Final = re.compile(r"[#.]-?[A-Za-z_][\w-]*").fullmatch
_FORBIDDEN: Final = (
    ("style", "inline styles, so that blocks have no look and no ad comes"),
    ("script", "inline scripts, which ads that are served by scripts need"),
)


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What stands in newshole's way: a code, words for people, and whether it keeps every block off."""

    code: str
    words: str
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Audit:
    """One page as it is.

    `is_article` takes the rules' word and a story to be read; it is None where that was not looked at. `body`
    is the story's element as a CSS selector, None where none was found. `units` counts them by kind, `own` is
    the part of them that the site put there itself; `gaps` are the places between units where a block may go,
    of `joints` that there are. `density` is the share of the story's height that the site's own ads take,
    None where heights are not known. `slots` is what the rules would add.
    """

    source: str
    url: str
    bytes: int
    is_article: bool | None
    story: Story
    words: int
    body: str | None
    units: dict[str, int]
    own: dict[str, int]
    gaps: int
    joints: int
    density: float | None
    slots: tuple[Slot, ...]
    hindrances: tuple[Hindrance, ...]
    notes: tuple[str, ...]


def audit(
    source: str,
    page: bytes,
    url: str,
    content_type: str,
    *,
    site: Site,
    device: str,
    policies: Sequence[str] = (),
) -> Audit:
    """What is there, without anything put into it. `policies` are those of the answer's headers."""
    rules = site.rules_for(url)
    tall = replace(rules or site.rules[0], reads_heights=True)
    run = Run(tall, page, url, Reader(device=device), site.facts, site.kept_out(policies, url))
    _, proved, untouched = run.outcome(content_type)
    if rules is None:
        proved, untouched = None, "no-site"
    document = run.document
    body = find_body(document, _selector(run)) if document else None
    outlined = run.outline or (_outline(run, page, document, body) if document and body else None)
    units = Counter(unit.kind for unit in outlined.units) if outlined else Counter[str]()
    return Audit(
        source=source,
        url=url or run.story.url,
        bytes=len(page),
        is_article=None if document is None or rules is None else untouched not in _NO_ARTICLE,
        story=run.story,
        words=outlined.words if outlined else 0,
        body=_selector_of(document, body.element) if document and body else None,
        units=dict(units.most_common()),
        own={kind: units[kind] for kind in OWN if units[kind]},
        gaps=len(outlined.gaps) if outlined else 0,
        joints=max(len(outlined.units) - 1, 0) if outlined else 0,
        density=density(outlined, (), device) if outlined else None,
        slots=() if proved is None else slots_of(proved.plan),
        hindrances=tuple(_hindrances(page, document, outlined, untouched, policies)),
        notes=tuple(_notes(run.story, body, outlined)) if document else (),
    )


def _outline(run: Run, page: bytes, document: Document, body: Body) -> Outline | None:
    """What a page that newshole leaves alone has for units and gaps."""
    details = Details(metrics=run.rules.metrics, existing=run.rules.existing)
    return outline(document, body, prescan(page).ambiguity, details)


def _selector(run: Run) -> str | None:
    """Where the rules say the body is, if the page is one of their articles."""
    is_listed = run.entry is not None and 0 <= run.entry < len(run.rules.articles)
    return run.rules.articles[run.entry or 0].body if is_listed else None


def _selector_of(document: Document, element: Element) -> str:
    """The element as a CSS selector that operations can write after `body:`."""
    name = document.attribute(element, "id") or ""
    classes = (document.attribute(element, "class") or "").split()
    plain = [each for each in (f"#{name}" if name else "", *(f".{each}" for each in classes)) if _PLAIN(each)]
    return element.tag + (plain[0] if name and plain else "".join(plain[:_MOST_CLASSES]))


def _hindrances(
    page: bytes,
    document: Document | None,
    outlined: Outline | None,
    untouched: str | None,
    policies: Sequence[str],
) -> Iterator[Hindrance]:
    if untouched is not None:
        yield Hindrance(untouched, "the page is left untouched", is_whole=True)
    if document is None:
        return
    ambiguity = prescan(page).ambiguity
    if ambiguity is not None:
        yield Hindrance(
            "ambiguous-markup",
            f"browsers disagree on the markup from byte {ambiguity} on: no block goes behind it",
            is_whole=False,
        )
    if outlined is not None and (lost := len(outlined.units) - 1 - len(outlined.gaps)) > 0:
        words = (
            f"{lost} of {counted(len(outlined.units) - 1, 'place')} between units have no place for a block"
        )
        yield Hindrance("closed-gaps", words, is_whole=False)
    told = [*(each.encode("latin-1", "replace") for each in policies), *meta_policies(page, len(page))]
    for element, what in _FORBIDDEN:
        if nonce_for(element, b"", policies_of(told)) is None:
            yield Hindrance("csp", f"the page's Content-Security-Policy forbids {what}", is_whole=False)


def _notes(story: Story, body: Body | None, outlined: Outline | None) -> Iterator[str]:
    """What is missing that rules and blocks could make use of."""
    for name, value in (
        ("title", story.title),
        ("section", story.section),
        ("language", story.language),
        ("type", story.types),
        ("date", story.published),
    ):
        if not value:
            yield f"{name} not found"
    if body is not None and body.headline is None:
        yield "headline not found"
    if outlined is None:
        return
    missing = [name for name in STACKS if name not in outlined.stacks]
    if missing:
        yield f"no place: {', '.join(missing)}"
    if outlined.words < FEW_WORDS:
        yield f"a short story: {counted(outlined.words, 'word')}"
