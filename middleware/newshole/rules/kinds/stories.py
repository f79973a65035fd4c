"""The options of a list of stories."""

from __future__ import annotations

from typing import Literal

from newshole.rules.kinds.texts import PageText
from newshole.rules.words import Few, Flag
from newshole.rules.written import Written


class Stories(Written):
    """A list of stories."""

    source: Literal["pinned", "related", "latest", "popular", "feed"]
    """Pinned ones in their order, those nearest to the page's story, the newest, those read most of late, or
    those of the feeds that the library names."""
    title: PageText | None = None
    """The heading; the words of the page's language where absent, or where a variable in it is empty."""
    count: Few = 4
    layout: Literal["list", "cards"] = "list"
    thumbnails: Flag = True
