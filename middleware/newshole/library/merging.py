"""What two sources say of one story, made one."""

from __future__ import annotations

from dataclasses import replace

from newshole.library.entry import LEVELS, Entry


def merged(old: Entry, new: Entry) -> Entry:
    """The newer entry, with what it does not say from the older one.

    A page judges how sensitive its story is; a feed does not, so its entry never makes one less so. A story
    that a feed told of stays one of the feed.
    """
    is_fed = "feed" in (old.source, new.source)
    level = new.level
    if new.source == "feed":
        level = max(old.level, new.level, key=LEVELS.index)
    return replace(
        new,
        image=new.image or old.image,
        section=new.section or old.section,
        tags=new.tags or old.tags,
        language=new.language or old.language,
        published=new.published or old.published,
        terms=new.terms or old.terms,
        level=level,
        source="feed" if is_fed else new.source,
    )
