"""The video promo: a still that leads to a video, or a player that loads nothing until it is started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from newshole.blocks.kind import Content, Kind, Nothing, Setting, View, each, settled
from newshole.blocks.markup import safe_url, slug
from newshole.blocks.room import Frame
from newshole.rules.kinds.video import Film, Poster, Video
from newshole.types import Story

WIDESCREEN: Final = Frame(640, 360)
"""The size of a player without a poster."""


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
    film = shown(options, view.story)
    return Nothing("no video has a tag of the story") if film is None else _content(film, view.setting)


def shown(options: Video, story: Story) -> Film | Video | None:
    """The promo's one video, or the first of those items that share most tags with a story."""
    if not options.items:
        return options
    tags = set(map(slug, story.tags))
    best = max(options.items, key=lambda film: len(tags.intersection(map(slug, film.tags))))
    if tags.intersection(map(slug, best.tags)):
        return best
    return options.items[0] if options.otherwise == "first" else None


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


def _frame(poster: Poster | None) -> Frame:
    return Frame(poster.width, poster.height) if poster else WIDESCREEN


def _films(options: Video) -> tuple[Film | Video, ...]:
    return options.items or (options,)


def rules(options: Video) -> tuple[str, ...]:
    """The CSS of the sizes that are kept for stills and players."""
    return tuple(
        _frame(film.poster).rule for film in _films(options) if film.poster or film.file or film.embed
    )


def scripts(options: Video) -> tuple[str, ...]:
    """What puts another site's player in the place of its still; without it the still is a link."""
    return ("embed.js",) if any(film.embed for film in _films(options)) else ()


KIND = Kind("video", prepare, rules=rules, scripts=scripts)
