"""What readers have agreed to: the words for it, who tells them, and which ads wait for it.

    none        nothing is known yet
    limited     the reader refused
    restricted  the reader opted out of sale and targeting
    personal    the reader agreed

In the browser a page's script asks the site's consent platform, so pages are the same for all readers. On the
server a cookie or an edge header tells, and pages differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from newshole.rules.kinds import BlockOptions
from newshole.rules.kinds.ad import Ad, Serve
from newshole.rules.targeting import Condition, condition

NONE: Final = "none"
LIMITED: Final = "limited"
RESTRICTED: Final = "restricted"
PERSONAL: Final = "personal"
STATES: Final = (LIMITED, RESTRICTED, PERSONAL)
"""The words of readers of whom something is known."""

COOKIE: Final = "euconsent-v2"
"""The cookie in which most platforms keep the TC string."""

GOOGLE: Final = 755
"""Google Advertising Products in the Global Vendor List."""

GRACE: Final = 2_000
"""Milliseconds after the page has loaded for which a platform may still come."""

SIGNAL: Final = "Sec-GPC"
"""The request header of Global Privacy Control, https://www.w3.org/TR/gpc/"""

REGIONS: Final = frozenset(
    # The European Economic Area with those of its parts that have codes of their own,
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK "
    "AX GF GP MF MQ RE YT "
    # and where else a framework of the IAB has sections.
    "CA CH GB US".split()
)
"""The countries whose laws a consent framework serves, ISO 3166-1."""

WAITING: Final = ("gpt", "prebid", "adsense", "revive")
"""The ad servers that are asked only once a reader's word is known."""


@dataclass(frozen=True, slots=True)
class Consent:
    """Who tells what readers have agreed to.

    `vendors` must all be agreed to for personal ads; `without` is the word where there is no platform so many
    milliseconds after a page has loaded as `grace` says. On the server a `header` tells, and where it is
    absent a `cookie`, "" for none; `regions` are the countries where no answer is no consent, empty for all.
    """

    vendors: tuple[int, ...] = (GOOGLE,)
    without: str = LIMITED
    grace: int = GRACE
    cookie: str = ""
    header: str = ""
    regions: frozenset[str] = frozenset()

    @property
    def is_served(self) -> bool:
        """Whether the server decides."""
        return bool(self.cookie or self.header)


IN_BROWSER: Final = Consent()

BY_STATE: Final[tuple[Condition, ...]] = tuple(condition("consent", "consent", (state,)) for state in STATES)
"""Conditions that tell every word from the others."""


def waits(options: BlockOptions) -> bool:
    """Whether a block asks for something only once the reader's word is known."""
    return isinstance(options, Ad) and waits_by(options.serve)


def waits_by(serve: Serve | None) -> bool:
    """Whether one of the servers that wait fills an ad."""
    return serve is not None and serve.server in WAITING
