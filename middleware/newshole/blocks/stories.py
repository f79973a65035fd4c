"""Lists of the site's own stories: pinned, related, latest, those read most, those of feeds.

The blocks of a page choose together, in the rules' order: what one shows, no later one shows again. A
picture stands beside its link, not inside it, and the link is stretched over both: its name is the title,
and the picture needs no words of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from markupsafe import Markup

from newshole.blocks.kind import Content, Kind, Nothing, View
from newshole.blocks.markup import safe_url, spoken, tongue
from newshole.blocks.pictures import own_picture
from newshole.library import Entry, Showing, Snapshot, Source, choose, fixed_stories, next_turn
from newshole.library.address import origin
from newshole.library.item import FIXED
from newshole.rules.kinds.stories import Stories
from newshole.rules.ruleset import Block, Rules


@dataclass(frozen=True, slots=True)
class StoryLink:
    """One story; `image` is "" for none, `tongue` its `lang` and `dir` where they are not the block's."""

    title: str
    url: str
    image: str
    tongue: Markup


@dataclass(frozen=True, slots=True)
class StoriesContent(Content):
    """A titled list of at least one story, best first."""

    title: str
    cards: bool
    stories: tuple[StoryLink, ...]


def prepare(blocks: Sequence[Block], view: View) -> Iterator[Content | Nothing]:
    """What each block shows; none shows a story that one before it shows."""
    library, showing = _library(view)
    for block in blocks:
        options = cast("Stories", block.options)
        chosen = choose(options.source, options.count, library, view.rules.pinned, showing)
        yield _content(block.id, options, chosen, view) if chosen else _nothing(block)


def turns(blocks: Sequence[Block], view: View) -> Iterator[datetime | None]:
    """When a story comes to be published, or others to be nearer."""
    library, showing = _library(view)
    for block in blocks:
        options = cast("Stories", block.options)
        chosen = choose(options.source, options.count, library, view.rules.pinned, showing)
        yield next_turn(options.source, library, showing, chosen)


def is_steady(_options: Stories, rules: Rules) -> bool:
    """Whether no story of the rules has a date; what is learned never shortens how long a page is kept."""
    return all(each.published is None for each in rules.stories)


def story_sources(rules: Rules) -> frozenset[Source]:
    """Which stories the lists of these rules may show, under whichever overrides."""
    options = (block.options for each in rules.variants for block in each.blocks)
    return frozenset(each.source for each in options if isinstance(each, Stories))


def _library(view: View) -> tuple[Snapshot, Showing]:
    """The stories there are, and what of them is shown on this page."""
    library = view.facts.library.get(view.rules.name) or fixed_stories(view.rules)
    showing = Showing(view.story, view.now, origin(view.story.url), is_one_host=not view.rules.hosts)
    showing.meet(library.story(view.story.url, showing.base))
    return library, showing


def _nothing(block: Block) -> Nothing:
    return Nothing(f"no {cast('Stories', block.options).source} stories")


def _content(block: str, options: Stories, chosen: Sequence[Entry], view: View) -> StoriesContent | Nothing:
    own = spoken(options.title, block, view)
    around = (not own and view.language) or view.page_language
    links = tuple(_link(entry, options, view, around) for entry in chosen if safe_url(entry.url))
    if not links:
        return Nothing("no story with an address of http, https or the site itself")
    language, title = ("", own) if own else (view.language, _title(options, view))
    return StoriesContent(language, title, options.layout == "cards", links)


def _link(entry: Entry, options: Stories, view: View, around: str) -> StoryLink:
    language = entry.language or view.page_language
    image = _picture(entry, view) if options.thumbnails else ""
    return StoryLink(entry.title, safe_url(entry.url) or "", image, tongue(language, around))


def _picture(entry: Entry, view: View) -> str:
    """The picture of a story; those that the rules name may come from anywhere."""
    if entry.source == FIXED:
        return safe_url(entry.image) or ""
    return own_picture(entry.image, view.story.url or entry.url, view.rules.learning.image_hosts)


def _title(options: Stories, view: View) -> str:
    words = view.words
    titles = {"pinned": words.must_read, "related": words.more, "popular": words.popular}
    return titles.get(options.source, words.latest)


KIND = Kind("stories", prepare, turns=turns, is_steady=is_steady)
