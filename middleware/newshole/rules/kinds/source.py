"""The options of the source of a syndicated story."""

from __future__ import annotations

from newshole.rules.kinds.texts import PageText
from newshole.rules.words import Link, Text
from newshole.rules.written import Written


class Source(Written):
    """Where a syndicated story came from; the page's own word for it where `url` is None."""

    url: Link | None = None
    name: Text | None = None
    text: PageText | None = None
    """The words of the link; the page's language has its own where absent, or where a variable is empty."""
