"""The video promo: a still that leads to a video, or a player that loads nothing until it is started."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import xxhash

from newshole.blocks.kind import Content, Kind, Nothing, Setting, View, each, settled
from newshole.blocks.markup import safe_url, slug
from newshole.blocks.room import Frame
from newshole.library.address import address
from newshole.library.entry import LONGEST_TITLE
from newshole.library.feeds import FeedStory
from newshole.rules.kinds.video import Film, Poster, Video
from newshole.rules.ruleset import Feed, Rules, feed_of
from newshole.types import Clip, Clips, Facts, Story

WIDESCREEN: Final = Frame(640, 360)
"""The size of a player without a poster, and of what a feed tells of, whatever that says of sizes."""

MOST_CLIPS: Final = 100
"""Videos of one feed that are kept, from its beginning."""


@dataclass(frozen=True, slots=True)
class VideoContent(Content):
    """A player where `file` is known, else a link to `url` under the `still`; "" for what there is not.

    `embed` is another site's player, which a script puts in the place of the still when the link is followed.
    """

    title: str
    credit: str
    url: str
    file: str
    embed: str
    still: str
    alt: str
    frame: Frame

    @property
    def has_picture(self) -> bool:
        """Whether something stands beside the title."""
        return bool(self.file or self.embed or self.still)


@each
def prepare(_block: str, options: Video, view: View) -> VideoContent | Nothing:
    films = _several(options, view.facts, view.story)
    if isinstance(films, Nothing):
        return films
    film = best(films, view.story.tags, options.otherwise) if films else options
    if film is None:
        return Nothing("no video has a tag of the story")
    return _of_clip(film, view.setting) if isinstance(film, Clip) else _content(film, view.setting)


def _several(options: Video, facts: Facts, story: Story) -> Sequence[Film | Clip] | Nothing:
    """The videos of a promo of several; empty for one of one."""
    if options.feed is None:
        return options.items or ()
    told = facts.videos.get(feed_of(options.feed).url)
    if told is None:
        return Nothing("its feed has not been read yet")
    here = address(story.url)
    others = [each for each in told.clips if not here or address(each.url) != here]
    return others or Nothing("its feed tells of no video")


def best(films: Sequence[Film | Clip], tags: Iterable[str], otherwise: str) -> Film | Clip | None:
    """The first of those that share most tags with a story; without a shared one, what there is otherwise."""
    wanted = frozenset(map(slug, tags))
    found = max(films, key=lambda film: len(wanted & _slugs(film.tags)))
    if wanted & _slugs(found.tags):
        return found
    return films[0] if otherwise == "first" else None


@lru_cache(maxsize=4096)
def _slugs(tags: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(slug, tags))


@settled
def _content(film: Film | Video, _setting: Setting) -> VideoContent | Nothing:
    url, file, embed = map(safe_url, (film.url, film.file, film.embed))
    if not url and not file and not embed:
        return Nothing("no address of a video, or none of http or https")
    poster = film.poster
    still = safe_url(poster.image) if poster else None
    return VideoContent(
        language="",
        title=film.title or "",
        credit=film.credit or "",
        url=url or embed or "",
        file=file or "",
        embed="" if file else embed or "",
        still=still or "",
        alt=poster.alt if poster else "",
        frame=_frame(poster),
    )


@settled
def _of_clip(clip: Clip, _setting: Setting) -> VideoContent:
    return VideoContent(
        language="",
        title=clip.title,
        credit=clip.credit,
        url=safe_url(clip.url) or "",
        file=safe_url(clip.file) or "",
        embed="",
        still=safe_url(clip.image) or "",
        alt="",
        frame=WIDESCREEN,
    )


def clips_of(stories: Iterable[FeedStory]) -> Clips:
    """The videos that a feed tells of: each of its stories is one, with a file to play or none."""
    clips = tuple(
        Clip(
            title=each.title[:LONGEST_TITLE],
            url=each.url,
            file=each.video,
            image=each.image,
            credit=each.credit[:LONGEST_TITLE],
            tags=each.tags,
        )
        for each, _ in zip(stories, range(MOST_CLIPS), strict=False)
    )
    return Clips(clips, xxhash.xxh3_128_hexdigest(repr(clips).encode("utf-8", "replace")))


def video_feeds(rules: Rules) -> tuple[Feed, ...]:
    """The feeds that videos come from, under whichever overrides: each once, as often as is asked most."""
    options = (block.options for under in rules.variants for block in under.blocks)
    feeds = [feed_of(each.feed) for each in options if isinstance(each, Video) and each.feed is not None]
    every: dict[str, float] = {}
    for feed in feeds:
        every[feed.url] = min(feed.every, every.get(feed.url, feed.every))
    return tuple(Feed(*each) for each in every.items())


def _frame(poster: Poster | None) -> Frame:
    return Frame(poster.width, poster.height) if poster else WIDESCREEN


def _films(options: Video) -> tuple[Film | Video, ...]:
    return options.items or (options,)


def rules(options: Video) -> tuple[str, ...]:
    """The CSS of the sizes that are kept for stills and players."""
    if options.feed is not None:
        return (WIDESCREEN.rule,)
    return tuple(
        _frame(film.poster).rule for film in _films(options) if film.poster or film.file or film.embed
    )


def scripts(options: Video) -> tuple[str, ...]:
    """What puts another site's player in the place of its still; without it the still is a link."""
    return ("embed.js",) if any(film.embed for film in _films(options)) else ()


def is_steady(options: Video, _rules: Rules) -> bool:
    """Whether the rules have the videos themselves."""
    return options.feed is None


KIND = Kind("video", prepare, rules=rules, scripts=scripts, is_steady=is_steady)
