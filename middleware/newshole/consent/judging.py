"""The word for what a reader has agreed to, by which ads are asked for.

none        nothing is known: nothing personal is asked for, and the browser may ask the reader
limited     the reader refused: limited ads at most
restricted  the reader opted out of sale and targeting: ads without either
personal    the reader agreed
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from newshole.consent.tcf import Choice, decode

NONE: Final = "none"
LIMITED: Final = "limited"
RESTRICTED: Final = "restricted"
PERSONAL: Final = "personal"
STATES: Final = (LIMITED, RESTRICTED, PERSONAL)
"""The words of readers of whom something is known."""

NEEDED: Final = frozenset((1, 3, 4))
"""The purposes that personal ads need consent for: storing and reading, a profile, and ads by it."""

_ASKS_CONSENT: Final = 1


def is_agreed(choice: Choice, vendors: Iterable[int]) -> bool:
    """Whether a choice lets all of these vendors show personal ads."""
    return choice.purposes >= NEEDED and all(_is_agreed_to(choice, vendor) for vendor in vendors)


def _is_agreed_to(choice: Choice, vendor: int) -> bool:
    is_named = choice.disclosed is None or vendor in choice.disclosed
    return (
        is_named
        and vendor in choice.vendors
        and not any(
            each.kind != _ASKS_CONSENT and each.purpose in NEEDED and vendor in each.vendors
            for each in choice.restrictions
        )
    )


def state_of_string(text: str, vendors: Iterable[int], *, now: float) -> str:
    """The word for a TC string at a moment in seconds since 1970; "none" for one that will not do."""
    choice = decode(text, now=now)
    if choice is None:
        return NONE
    return PERSONAL if is_agreed(choice, vendors) else LIMITED


def state_of_word(written: str) -> str:
    """The word that an edge has set; "none" for every other."""
    word = written.strip().lower()
    return word if word in STATES else NONE


def opted_out(state: str) -> str:
    """The word for a reader who also opts out of sale and targeting, with Global Privacy Control.

    It takes back what was agreed; it is no answer where nothing is known, and a refusal goes further.
    """
    return RESTRICTED if state == PERSONAL else state
