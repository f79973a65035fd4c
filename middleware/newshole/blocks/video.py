"""The video promo: a still that leads to a video, or a player that loads nothing until it is started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from newshole.blocks.kind import Content, Kind, Nothing, Setting, View, each, settled
from newshole.blocks.markup import safe_url
from newshole.blocks.room import Frame
from newshole.rules.kinds.video import Video

WIDESCREEN: Final = Frame(640, 360)
"""The size of a player without a poster."""


@dataclass(frozen=True, slots=True)
class VideoContent(Content):
    """A player where `file` is known, else a link to `url` under the `still`; "" for what there is not."""

    title: str
    credit: str
    url: str
    file: str
    still: str
    alt: str
    frame: Frame


@each
def prepare(_block: str, options: Video, view: View) -> VideoContent | Nothing:
    return _content(options, view.setting)


@settled
def _content(options: Video, _setting: Setting) -> VideoContent | Nothing:
    url, file = safe_url(options.url), safe_url(options.file)
    if not url and not file:
        return Nothing("no address of a video, or none of http or https")
    poster = options.poster
    still = safe_url(poster.image) if poster else None
    return VideoContent(
        language="",
        title=options.title,
        credit=options.credit or "",
        url=url or "",
        file=file or "",
        still=still or "",
        alt=poster.alt if poster else "",
        frame=_frame(options),
    )


def _frame(options: Video) -> Frame:
    return Frame(options.poster.width, options.poster.height) if options.poster else WIDESCREEN


def rules(options: Video) -> tuple[str, ...]:
    """The CSS of the size that is kept for a still or a player."""
    return (_frame(options).rule,) if options.poster or options.file else ()


KIND = Kind("video", prepare, rules=rules)
