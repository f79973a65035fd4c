"""A newsroom for the tests of blocks: a site with stories, a page, and what a reader gets of a block."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import html5lib

from newshole import blocks
from newshole.blocks import View
from newshole.rules.kinds import BlockOptions
from newshole.rules.kinds.creative import Sizes
from newshole.rules.library_model import StoryEntry
from newshole.rules.ruleset import Block, Rules
from newshole.types import Facts, Reader, Story

NOW: Final = dt.datetime(2024, 7, 19, 10, 0, tzinfo=dt.UTC)
STORY: Final = Story(
    url="https://news.example/world/talks",
    title="Talks on the old bridge",
    section="World",
    tags=("Bridges", "Talks"),
    language="en",
)
STORIES: Final = (
    StoryEntry(title="Who pays for the piers", url="/world/piers", tags=("bridges",), image="/img/piers.jpg"),
    StoryEntry(title="Budget passes at dawn", url="/business/budget", published=dt.date(2024, 7, 18)),
    StoryEntry(title="Rovers win the cup", url="/sport/cup", published=dt.date(2024, 7, 17)),
    StoryEntry(title="A quiet sea", url="/travel/sea", published=dt.date(2024, 7, 1)),
)
BOX: Final = Sizes(mobile=((300, 250),), desktop=((336, 280), (300, 250)))


def block(options: BlockOptions, id: str = "it") -> Block:  # noqa: A002 - the record's own name
    """A block of the kind that its options are of."""
    return Block(id, type(options).__name__.lower(), options)


def view(*, story: Story = STORY, facts: Facts | None = None, now: dt.datetime = NOW, **rules: Any) -> View:
    """What blocks look at on a page of News Example."""
    site = {"name": "example", "site": "News Example", "blocks": (), "stories": STORIES, **rules}
    return blocks.view(Rules(**site), story, Reader(), facts or Facts(), now)


def in_language(page: str, **rules: Any) -> View:
    """The same page in another language."""
    return view(story=Story(url=STORY.url, title=STORY.title, language=page), **rules)


def fragment(made: Block, seen: View | None = None, *, ordinal: int = 1) -> bytes:
    """The block's markup; it has something to show."""
    seen = seen or view()
    contents, empty = blocks.prepare([made], seen)
    assert empty == {}
    return blocks.render(made, contents[made.id], seen, ordinal=ordinal)


def why_empty(made: Block, seen: View | None = None) -> str:
    """Why the block has nothing to show."""
    contents, empty = blocks.prepare([made], seen or view())
    assert contents == {}
    return empty[made.id]


def parsed(markup: bytes) -> Any:
    """The one element of a fragment, by an independent parser."""
    root = html5lib.parseFragment(markup.decode("ascii"), container="div", namespaceHTMLElements=False)
    assert not root.text
    [aside] = root
    assert not aside.tail
    return aside


def text(markup: bytes) -> str:
    """What a reader reads, white space folded."""
    return " ".join("".join(parsed(markup).itertext()).split())


def skeleton(element: Any) -> Any:
    """Tags and names of attributes, without any text or value."""
    return element.tag, tuple(element.attrib), tuple(skeleton(child) for child in element)
