"""What a page cache counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

OUTCOMES: Final = {
    "hit": "answered with a fresh page that was kept",
    "stale": "answered with a stale page, while it was fetched anew or because the reader puts up with it",
    "stood-in": "answered with a stale page, for the site failed or took too long",
    "revalidated": "answered with a page that the site was asked about first",
    "collapsed": "answered with the page that another request was fetching",
    "miss": "fetched from the site, to be kept if it may be",
    "passed": "sent to the site as they are: the reason is counted too",
    "absent": "answered 504, for the reader wanted a kept page only",
}
"""Everything that becomes of a request; each is counted once."""

EVENTS: Final = {
    "kept": "pages that were kept",
    "refreshed": "fetches behind readers' backs that brought a page",
    "refused-anew": "fetches behind readers' backs whose answer may not be kept",
    "refresh-failed": "fetches behind readers' backs that failed",
    "purged": "addresses, tags or whole caches that were purged here",
    "purges-heard": "purges that were read in the log of the store",
    "invalidated": "addresses that were purged because something was written to them",
    "page-unsound": "values of the store that were no page",
}
"""Everything else that is counted."""


@dataclass(slots=True)
class CacheTally:
    """Counts since the start: `outcomes` of requests, `refused` by the reason why an answer was not kept or a
    request was passed, and `events`."""

    outcomes: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
