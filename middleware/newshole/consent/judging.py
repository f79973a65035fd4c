"""The word for what a reader has agreed to, from what a request tells. See `rules.consent` for the words."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from newshole.consent.tcf import Choice, decode
from newshole.rules.consent import LIMITED, NONE, PERSONAL, RESTRICTED, STATES, Consent

NEEDED: Final = frozenset((1, 3, 4))
"""The purposes that personal ads need consent for: storing and reading, a profile, and ads by it."""

MOST_KNOWN: Final = 1024
"""Strings of which the word is kept: a reader sends the same one with every request."""

DAY: Final = 86_400

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


class Evidence(NamedTuple):
    """What a request tells: the edge's `word`, the TC `string`, both "" for none, the `country` that it comes
    from, and whether the reader opts out with Global Privacy Control."""

    word: str = ""
    string: str = ""
    country: str | None = None
    opts_out: bool = False


def state(consent: Consent, told: Evidence, *, now: float) -> str:
    """The word for a reader, at a moment in seconds since 1970.

    Without an answer it is "personal" in a country that no framework serves. Who opts out takes back what was
    agreed; that is no answer where nothing is known, and a refusal goes further.
    """
    word = told.word.strip().lower()
    if word not in ("", NONE):
        found = word if word in STATES else NONE
    elif told.string:
        found = _of_string(told.string, consent.vendors, int(now // DAY))
    else:
        is_free = bool(consent.regions) and told.country is not None and told.country not in consent.regions
        found = PERSONAL if is_free else NONE
    return RESTRICTED if told.opts_out and found == PERSONAL else found


@lru_cache(maxsize=MOST_KNOWN)
def _of_string(text: str, vendors: tuple[int, ...], day: int) -> str:
    """The word for a TC string on a day; "none" for one that will not do."""
    choice = decode(text, now=day * DAY)
    if choice is None:
        return NONE
    return PERSONAL if is_agreed(choice, vendors) else LIMITED
