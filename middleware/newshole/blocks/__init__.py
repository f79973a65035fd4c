"""The blocks: what they show, and their markup. Pure: clock, facts and stories are passed in.

`prepare` says which of a page's blocks have something to show, `render` makes one copy of one of them,
`runtime` what all of them need once a page. All markup is ASCII, with character references, so that it is
right in every encoding; each fragment is exactly one `aside`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from markupsafe import Markup

from newshole.blocks import (
    ad,
    capping,
    consent,
    follow,
    html,
    newsletter,
    paid,
    source,
    stories,
    strip,
    video,
)
from newshole.blocks.kind import Content as Content
from newshole.blocks.kind import Kind, Nothing, Setting
from newshole.blocks.kind import View as View
from newshole.blocks.markup import ascii_markup, stylesheet, template, tongue
from newshole.blocks.room import ad_room
from newshole.blocks.scripts import elements, script
from newshole.blocks.stories import story_sources as story_sources
from newshole.blocks.strip import readings as readings
from newshole.blocks.strip import shown_weather as shown_weather
from newshole.blocks.video import clips_of as clips_of
from newshole.blocks.video import video_feeds as video_feeds
from newshole.blocks.words import language_of, locale_of
from newshole.library.same import Same
from newshole.page.csp import Needed
from newshole.rules.consent import IN_BROWSER, NONE, Consent, waits
from newshole.rules.kinds.ad import Ad
from newshole.rules.ruleset import Block, Rules
from newshole.rules.targeting import earliest
from newshole.types import Facts, Reader, Story

KINDS: Final = (
    strip.KIND,
    stories.KIND,
    ad.KIND,
    follow.KIND,
    video.KIND,
    source.KIND,
    newsletter.KIND,
    paid.KIND,
    html.KIND,
)
"""Every kind there is."""

MANIFEST: Final = b'<script type="application/json" data-newshole-runtime id="nh-slots">'
"""The start of the manifest: no script, so no policy keeps it out."""

_BY_NAME: Final[Mapping[str, Kind]] = {kind.name: kind for kind in KINDS}


def view(rules: Rules, story: Story, reader: Reader, facts: Facts, now: datetime) -> View:
    """What blocks look at on this page; `now` is aware."""
    tag = rules.language or story.language
    local = now.astimezone(ZoneInfo(rules.timezone))
    return View(rules, story, reader, facts, local, Setting(language_of(tag), locale_of(tag), local.date()))


def prepare(blocks: Sequence[Block], view: View) -> tuple[dict[str, Content], dict[str, str]]:
    """What blocks show, by id; and for those with nothing to show, why, in words."""
    contents: dict[str, Content] = {}
    empty: dict[str, str] = {}
    of_kind: dict[str, list[Block]] = {kind.name: [] for kind in KINDS}
    for block in blocks:
        of_kind[block.kind].append(block)
    for name, own in of_kind.items():
        for block, made in zip(own, _BY_NAME[name].prepare(own, view), strict=True):
            if isinstance(made, Nothing):
                empty[block.id] = made.why
            else:
                contents[block.id] = made
    return contents, empty


def next_turn(blocks: Sequence[Block], view: View) -> datetime | None:
    """The first moment after now at which time may change what blocks show, None for never."""
    found: list[datetime | None] = []
    for kind in KINDS:
        own = [block for block in blocks if block.kind == kind.name] if kind.turns else []
        if kind.turns and own:
            found += kind.turns(own, view)
    return earliest(found)


def is_steady(block: Block, rules: Rules) -> bool:
    """Whether nothing but the rules, the page and its reader decides on what a block shows."""
    check = _BY_NAME[block.kind].is_steady
    return check is None or check(block.options, rules)


def ad_heights(rules: Rules) -> dict[str, tuple[int, int]]:
    """How high each ad is on the page, in CSS pixels on mobile and desktop: the room that is kept for it."""
    rooms = {block.id: ad_room(block.options) for block in rules.blocks if isinstance(block.options, Ad)}
    return {name: (room.mobile, room.desktop) for name, room in rooms.items()}


def render(block: Block, content: Content, view: View, *, ordinal: int) -> bytes:
    """One copy of a block in ASCII; `ordinal` counts its copies on the page from 1."""
    kind = _BY_NAME[block.kind]
    copied = kind.copied(block, content, view, ordinal) if kind.copied else {}
    around = tongue(content.language, view.page_language)
    markup = _rendered(kind.name, block.id, content, tuple(copied.items()), around)
    return capping.marked(markup, block, view.language, content.language or view.page_language)


@lru_cache(maxsize=1024)
def _rendered(
    kind: str, name: str, content: Content, copied: tuple[tuple[str, object], ...], around: Markup
) -> bytes:
    return ascii_markup(template(kind).render(copied, id=name, content=content, tongue=around))


def runtime(blocks: Sequence[Block], asking: Consent = IN_BROWSER, word: str = NONE) -> bytes:
    """The style that these blocks need, and their scripts; it goes right before the first of them.

    `asking` is how the rules ask for consent, `word` what the server knows of the reader's.
    """
    needs = [_needs(Same(block)) for block in blocks]
    # Where no block waits for the word, pages are kept for readers with every one.
    known = word if any(waits(block.options) for block in blocks) else NONE
    return _runtime(tuple(dict.fromkeys(needs)), consent.attributes(asking, known))


class _Needs(NamedTuple):
    """What one block needs of the runtime; it `keeps` with what a reader's browser keeps it out of sight."""

    kind: str
    rules: tuple[str, ...]
    scripts: tuple[str, ...]
    keeps: capping.Needs


@lru_cache(maxsize=4096)
def _needs(same: Same[Block]) -> _Needs:
    block, kind = same.value, _BY_NAME[same.value.kind]
    return _Needs(
        kind.name,
        kind.rules(block.options) if kind.rules else (),
        kind.scripts(block.options) if kind.scripts else (),
        capping.needs(block),
    )


@lru_cache(maxsize=256)
def _runtime(needs: tuple[_Needs, ...], asking: str) -> bytes:
    kinds = dict.fromkeys(each.kind for each in needs)
    rules = dict.fromkeys(rule for each in needs for rule in each.rules)
    sheets = dict.fromkeys(each.keeps.style for each in needs)
    css = "".join([stylesheet("base.css"), *(stylesheet(f"{kind}.css") for kind in kinds), *sheets, *rules])
    scripts = (name for each in needs for name in (*each.keeps.scripts, *each.scripts))
    code = elements(scripts, {consent.SCRIPT: asking})
    return f"<style data-newshole-runtime>{css}</style>{code}".encode("ascii")


def manifest(copies: Iterable[tuple[Block, int]], view: View) -> bytes:
    """The slots of a page in order, as data for the site's own ad wrapper; empty where there are none.

    A copy is a block and its ordinal.
    """
    entries = (_slot_entry(block, view, ordinal) for block, ordinal in copies)
    found = [entry for entry in entries if entry is not None]
    if not found:
        return b""
    # What might end the element, or begin another one, is written as an escape.
    listed = json.dumps(found, separators=(",", ":")).replace("<", "\\u003c")
    return MANIFEST + listed.encode("ascii") + b"</script>"


def _slot_entry(block: Block, view: View, ordinal: int) -> Mapping[str, object] | None:
    made = _BY_NAME[block.kind].slot_entry
    return None if made is None else made(block, view, ordinal)


def needed(block: Block) -> tuple[Needed, ...]:
    """The scripts, and the style, without which a block comes to nothing."""
    return _needed(Same(block))


@lru_cache(maxsize=4096)
def _needed(same: Same[Block]) -> tuple[Needed, ...]:
    options, kind = same.value.options, _BY_NAME[same.value.kind]
    if kind.needed is None:
        return ()
    own = kind.scripts(options) if kind.scripts else ()
    return (*(Needed(name, code=script(name)) for name in own), *kind.needed(options))


def all_needed(rules: Rules) -> tuple[Needed, ...]:
    """The same of all blocks of a site, under whichever overrides."""
    return _all_needed(Same(rules))


@lru_cache(maxsize=64)
def _all_needed(same: Same[Rules]) -> tuple[Needed, ...]:
    rules = same.value
    found = (each for under in rules.variants for block in under.blocks for each in needed(block))
    return tuple(dict.fromkeys(found))
