"""newshole puts ads, follow calls and stories into a news site's pages, by rules.

Mount `Newshole` in front of an ASGI app, or give pages to a `Site` by hand.
"""

from newshole.errors import NewsholeError, Problem, RulesError, UsageError
from newshole.http import Newshole
from newshole.site import Composition, Site
from newshole.types import Decision, Facts, Insertion, Reader, Reason, Story, Weather
from newshole.version import VERSION

__version__ = VERSION

__all__ = [
    "Composition",
    "Decision",
    "Facts",
    "Insertion",
    "Newshole",
    "NewsholeError",
    "Problem",
    "Reader",
    "Reason",
    "RulesError",
    "Site",
    "Story",
    "UsageError",
    "Weather",
]
