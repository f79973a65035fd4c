"""The blocks: what they show, and their markup. Pure: clock, facts and stories are passed in.

`prepare` says which of a page's blocks have something to show, `render` makes one copy of one of them,
`runtime` what all of them need once a page. All markup is ASCII, with character references, so that it is
right in every encoding; each fragment is exactly one `aside`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from markupsafe import Markup

from newshole.blocks import ad, capping, follow, html, newsletter, paid, source, stories, strip, video
from newshole.blocks.kind import Content as Content
from newshole.blocks.kind import Kind, Nothing, Setting
from newshole.blocks.kind import View as View
from newshole.blocks.markup import ascii_markup, stylesheet, template, tongue
from newshole.blocks.room import ad_room
from newshole.blocks.strip import readings as readings
from newshole.blocks.strip import shown_weather as shown_weather
from newshole.blocks.words import language_of, locale_of
from newshole.library.same import Same
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


def runtime(blocks: Sequence[Block]) -> bytes:
    """The style that these blocks need, and their script; it goes right before the first of them."""
    needs = [_needs(Same(block)) for block in blocks]
    return _runtime(tuple(dict.fromkeys(needs)))


class _Needs(NamedTuple):
    """What one block needs of the runtime; `script` is "" for none, and so are the styles and the script
    with which a reader's browser `keeps` it out of sight."""

    kind: str
    rules: tuple[str, ...]
    script: str
    keeps: capping.Needs


@lru_cache(maxsize=4096)
def _needs(same: Same[Block]) -> _Needs:
    block, kind = same.value, _BY_NAME[same.value.kind]
    return _Needs(
        kind.name,
        kind.rules(block.options) if kind.rules else (),
        kind.script(block.options) if kind.script else "",
        capping.needs(block),
    )


@lru_cache(maxsize=256)
def _runtime(needs: tuple[_Needs, ...]) -> bytes:
    kinds = dict.fromkeys(each.kind for each in needs)
    rules = dict.fromkeys(rule for each in needs for rule in each.rules)
    # Blocks are hidden before any other script looks for them.
    scripts = dict.fromkeys(each.keeps.script for each in needs)
    scripts |= dict.fromkeys(each.script for each in needs)
    sheets = dict.fromkeys(each.keeps.style for each in needs)
    css = "".join([stylesheet("base.css"), *(stylesheet(f"{kind}.css") for kind in kinds), *sheets, *rules])
    code = "".join(f"<script data-newshole-runtime>{script}</script>" for script in scripts if script)
    return f"<style data-newshole-runtime>{css}</style>{code}".encode("ascii")
