"""Why a page was left untouched, in words."""

from __future__ import annotations

from typing import Final

UNTOUCHED: Final = {
    "already-composed": "newshole has composed it already",
    "amp": "it is an AMP page",
    "binary": "it is not HTML",
    "empty": "it is empty",
    "encoding": "its encoding is not one in which markup can be read byte by byte",
    "hostile-markup": "its markup is written so that reading it would take very long",
    "hydrated": "a script draws it again in the browser, and would throw blocks away",
    "no-body": "it has no text of a story",
    "no-site": "no rules are for its host",
    "not-an-article": "the rules do not take it for an article",
    "nothing-placed": "no block has a place on it",
    "story-off": "it says so itself, or its response does",
    "too-large": "it is too large",
    "switched-off": "operators have switched it off",
    "unproven": "its markup is such that no place stands the proof",
}
"""Every reason, but for the faults of newshole itself."""


_BY_ADDRESS: Final = ("not-an-article", "no-site")


def is_fault(reason: str | None) -> bool:
    """Whether newshole itself failed, at whatever stage."""
    return reason is not None and reason.endswith("-fault")


def left_untouched(reason: str, url: str) -> str:
    """What to say of a page that was left, given its address."""
    words = UNTOUCHED.get(reason, "newshole itself failed, please report it")
    hint = "; rules may ask for its address, see --url" if reason in _BY_ADDRESS and not url else ""
    return f"is left untouched ({reason}): {words}{hint}"
