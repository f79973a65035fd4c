"""The blocks: what they show, and their markup. Pure: clock, facts and stories are passed in.

`prepare` says which of a page's blocks have something to show, `render` makes one copy of one of them,
`runtime` what all of them need once a page. All markup is ASCII, with character references, so that it is
right in every encoding; each fragment is exactly one `aside`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from newshole.blocks import ad, follow, html, newsletter, source, stories, strip, video
from newshole.blocks.kind import Content as Content
from newshole.blocks.kind import Kind, Nothing
from newshole.blocks.kind import View as View
from newshole.blocks.markup import ascii_markup, stylesheet, template, tongue
from newshole.blocks.words import language_of, locale_of
from newshole.rules.ruleset import Block, Rules
from newshole.types import Facts, Reader, Story

KINDS: Final = (
    strip.KIND,
    stories.KIND,
    ad.KIND,
    follow.KIND,
    video.KIND,
    source.KIND,
    newsletter.KIND,
    html.KIND,
)
"""Every kind there is."""

_BY_NAME: Final[Mapping[str, Kind]] = {kind.name: kind for kind in KINDS}


def view(rules: Rules, story: Story, reader: Reader, facts: Facts, now: datetime) -> View:
    """What blocks look at on this page; `now` is aware."""
    tag = rules.language or story.language
    local = now.astimezone(ZoneInfo(rules.timezone))
    return View(rules, story, reader, facts, local, language_of(tag), locale_of(tag))


def prepare(blocks: Sequence[Block], view: View) -> tuple[dict[str, Content], dict[str, str]]:
    """What blocks show, by id; and for those with nothing to show, why, in words."""
    contents: dict[str, Content] = {}
    empty: dict[str, str] = {}
    for kind in KINDS:
        own = [block for block in blocks if block.kind == kind.name]
        for block, made in zip(own, kind.prepare(own, view) if own else (), strict=True):
            if isinstance(made, Nothing):
                empty[block.id] = made.why
            else:
                contents[block.id] = made
    return contents, empty


def render(block: Block, content: Content, view: View, *, ordinal: int) -> bytes:
    """One copy of a block in ASCII; `ordinal` counts its copies on the page from 1."""
    kind = _BY_NAME[block.kind]
    copied = kind.copied(block, content, view, ordinal) if kind.copied else {}
    around = tongue(content.language, view.page_language)
    return ascii_markup(template(kind.name).render(copied, id=block.id, content=content, tongue=around))


def runtime(blocks: Sequence[Block]) -> bytes:
    """The style that these blocks need, and their script; it goes right before the first of them."""
    kinds = tuple(dict.fromkeys(block.kind for block in blocks))
    parts = tuple(dict.fromkeys(_rules(blocks)))
    scripts = tuple(dict.fromkeys(filter(None, _scripts(blocks))))
    return _runtime(kinds, parts, scripts)


def _rules(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        if rules := _BY_NAME[block.kind].rules:
            yield from rules(block.options)


def _scripts(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        if script := _BY_NAME[block.kind].script:
            yield script(block.options)


@lru_cache(maxsize=256)
def _runtime(kinds: tuple[str, ...], rules: tuple[str, ...], scripts: tuple[str, ...]) -> bytes:
    css = "".join([stylesheet("base.css"), *(stylesheet(f"{kind}.css") for kind in kinds), *rules])
    code = "".join(f"<script data-newshole-runtime>{script}</script>" for script in scripts)
    return f"<style data-newshole-runtime>{css}</style>{code}".encode("ascii")
