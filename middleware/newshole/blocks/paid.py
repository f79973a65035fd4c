"""The label of paid content: that a story was paid for, and by whom where that is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from newshole.blocks.kind import Content, Kind, View, each
from newshole.blocks.markup import filled, spoken
from newshole.blocks.words import isolated
from newshole.rules.kinds.paid import Paid

NO_NAMES: Final = frozenset("0 1 true false yes no on off paid sponsored advertorial".split())
"""What a meta element may say of paid content without naming who paid."""


@dataclass(frozen=True, slots=True)
class PaidContent(Content):
    """The label."""

    text: str


@each
def prepare(block: str, options: Paid, view: View) -> PaidContent:
    by = _sponsor(options, view)
    if own := spoken(options.text, block, view, by=by):
        return PaidContent("", own)
    words = view.words
    name = isolated(by, view.language)
    return PaidContent(view.language, filled(words.paid_by, {"name": name}) if by else words.paid)


def _sponsor(options: Paid, view: View) -> str:
    """Who paid, "" where nobody says."""
    said = dict(view.story.metas).get((options.meta or "").lower(), ())
    names = (" ".join(each.split()) for each in said if each.strip().casefold() not in NO_NAMES)
    return next(names, "") or options.by or ""


KIND = Kind("paid", prepare)
