"""What becomes of requests, in words for a newsroom: every name that `Newshole.counts` has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from newshole.explaining.untouched import UNTOUCHED, is_fault

COMPOSED: Final = "composed"

_WORDS: Final = {
    "scope": "not a page: another kind of connection",
    "method": "not a page to read: a form or a script sent it",
    "fragment": "no whole page: a picture, a style, or what a script asked for",
    "url": "an address that the rules are not for",
    "no-rules": "no rules are published yet",
    "status": "the site answered with another status than 200",
    "content-type": "not HTML",
    "charset": "an encoding in which markup cannot be read byte by byte",
    "content-range": "a part of a page",
    "attachment": "a page to keep, not to show",
    "coding": "compressed in a way that newshole does not know",
    "coding-unoffered": "compressed in a way that the browser did not offer",
    "coding-broken": "its compressed body was damaged",
    "coding-bomb": "compressed so much that it may be an attack",
    "no-transform": "the site forbids changes to it",
    "trailers": "it announced trailers, which may sign it",
    "too-large": "the page is too large",
    "too-slow": "the site took too long to finish the page",
    "message": "the site sent it as a file",
    "incomplete": "the site broke off",
    "head-sent": "its head went ahead, and a block would have stood in it",
    "over-budget": "planning took too long; the plan is kept for the next reader",
    "busy": "too many large pages were being planned",
    "head": "only its headers were asked for",
    "not-modified": "the browser had it already",
    "shadow": "shadow mode: planned, and sent as the site has it",
    "shadow-skipped": "let go unseen: too many pages were being looked at",
    "overlay": "shown with the overlay, to whoever has the link",
    "policy": "its security policy keeps a style or a script of a block out",
}

_FAULTS: Final = {
    "request-fault": "newshole failed when it looked at a request",
    "guard-fault": "newshole failed when it looked at an answer",
    "compose-fault": "newshole failed when it composed a page",
    "headers-fault": "newshole failed when it wrote headers",
    "measure-fault": "newshole failed when it measured a page",
    "shadow-fault": "newshole failed when it looked at a page in shadow mode",
    "feed-fault": "a feed was not read",
    "weather-fault": "the weather was not read",
    "library-fault": "newshole failed when it learned stories",
}

BESIDE: Final = frozenset(
    ("overlay", "policy", "measure-fault", "feed-fault", "weather-fault", "library-fault")
)
"""What is counted beside what becomes of readers' pages."""


def in_words(outcome: str) -> str:
    """What became of a request."""
    if outcome == COMPOSED:
        return "composed"
    told = _FAULTS.get(outcome) or UNTOUCHED.get(outcome) or _WORDS.get(outcome)
    return told or ("newshole itself failed" if is_fault(outcome) else outcome)


def faults(outcomes: Mapping[str, int]) -> dict[str, int]:
    """The faults of newshole among what became of requests: every page went out all the same."""
    return {each: n for each, n in outcomes.items() if is_fault(each) and each not in BESIDE and n}


def let_through(outcomes: Mapping[str, int]) -> list[tuple[str, int]]:
    """What was not composed, by reason, the most frequent first; faults are not among it."""
    found = [
        (each, n)
        for each, n in outcomes.items()
        if each != COMPOSED and each not in BESIDE and not is_fault(each) and n
    ]
    return sorted(found, key=lambda each: (-each[1], each[0]))
