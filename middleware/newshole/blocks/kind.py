"""What a block kind is: the records between the facade and the modules of the kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

from newshole.blocks.words import WORDS, Words
from newshole.library.language import primary
from newshole.library.same import Same
from newshole.page.csp import Needed
from newshole.rules.ruleset import Block, Rules
from newshole.types import Facts, Reader, Story

Options = TypeVar("Options")
Made = TypeVar("Made")


class Setting(NamedTuple):
    """The part of a view that many pages share.

    `language` is one of `words.LANGUAGES`; `locale` a Babel locale for dates and numbers, which also knows
    languages that we have no words in; `today` is a day in the site's time zone.
    """

    language: str
    locale: str
    today: date

    @property
    def words(self) -> Words:
        return WORDS[self.language]


@dataclass(frozen=True, slots=True)
class View:
    """What a block may look at when it is made; `now` is in the site's time zone."""

    rules: Rules
    story: Story
    reader: Reader
    facts: Facts
    now: datetime
    setting: Setting

    @property
    def language(self) -> str:
        return self.setting.language

    @property
    def locale(self) -> str:
        return self.setting.locale

    @property
    def words(self) -> Words:
        return self.setting.words

    @property
    def page_language(self) -> str:
        """The page's own language without region and script, "" where it does not say."""
        return primary(self.story.language)


@dataclass(frozen=True, slots=True)
class Content:
    """What one block shows: each kind adds fields of its own, which its template reads as `content`.

    `language` is that of its words, a BCP 47 tag; "" where they are the site's own.
    """

    language: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """In place of a content: why the block has nothing to show, in words."""

    why: str


Turns: TypeAlias = Callable[[Sequence[Block], View], Iterator[datetime | None]]
"""Blocks of one kind, in the rules' order, to the moments at which time may change what they show."""

Preparing: TypeAlias = Callable[[Sequence[Block], View], Iterator[Content | Nothing]]
"""Blocks of one kind, in the rules' order, to what each shows."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of block: `NAME.html.j2` and `NAME.css` stand beside its module.

    `copied` gives the template's variables that differ from copy to copy, by the block, its content, the
    view and the copy's ordinal. `rules` gives CSS that depends on a block's options, `scripts` the files of
    the scripts that it needs, in order. `turns` gives the first moments after now at which blocks may show
    something else by themselves; `is_steady` says of a block's options that there is none, whatever the page:
    without it there never is. `slot_entry` gives what the manifest of a page's slots says of a copy, None
    where it says nothing. `needed` is what a block needs beside its own scripts, such as those that they
    load; a kind without it shows something where neither script nor style may apply.
    """

    name: str
    prepare: Preparing
    copied: Callable[[Block, Any, View, int], Mapping[str, object]] | None = None
    rules: Callable[[Any], tuple[str, ...]] | None = None
    scripts: Callable[[Any], tuple[str, ...]] | None = None
    turns: Turns | None = None
    is_steady: Callable[[Any, Rules], bool] | None = None
    needed: Callable[[Any], tuple[Needed, ...]] | None = None
    slot_entry: Callable[[Block, View, int], Mapping[str, object] | None] | None = None


def each(make: Callable[[str, Options, View], Content | Nothing]) -> Preparing:
    """For kinds whose blocks do not depend on one another: `make` gets a block's id and options."""

    def prepare(blocks: Sequence[Block], view: View) -> Iterator[Content | Nothing]:
        return (make(block.id, cast("Options", block.options), view) for block in blocks)

    return prepare


def settled(make: Callable[[Options, Setting], Made]) -> Callable[[Options, Setting], Made]:
    """For what depends on options and the setting alone: it is made once for all pages that share them."""

    @lru_cache(maxsize=4096)
    def remembered(options: Same[Options], setting: Setting) -> Made:
        return make(options.value, setting)

    return lambda options, setting: remembered(Same(options), setting)
