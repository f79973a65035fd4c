"""What can be chosen to look at a page by: readers, arms, and versions of the rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from newshole.console.drafting.drafts import Draft
from newshole.console.preview.views import Asked
from newshole.console.site import ConsoleSite
from newshole.errors import NewsholeError
from newshole.live.entries import Planned, Proposed, Published, Staged
from newshole.rules.experiments import Experiment
from newshole.rules.ruleset import Rules
from newshole.rules.targeting import leaves
from newshole.site import Site

MOST_VERSIONS: Final = 30

Offered: TypeAlias = Published | Staged | Planned | Proposed
"""A version that may be looked at: one that was published, or that waits to be."""

DEVICES: Final = (("", "As wide as the frame"), ("mobile", "Phone"), ("desktop", "Desktop"))

CONSENTS: Final = {
    "none": "Not answered yet",
    "personal": "Agreed to personal ads",
    "limited": "Refused",
    "restricted": "Opted out of sale",
}
"""What readers may have said, in words; rules may know other ones."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a form offers: `consents` by their words, the countries that the rules name, `timezone` of their
    clock, the `experiments` with their arms, and `versions`, those that wait first, and `drafts`, the newest
    first."""

    consents: tuple[tuple[str, str], ...]
    countries: tuple[str, ...]
    timezone: str
    experiments: tuple[Experiment, ...]
    versions: tuple[Offered, ...]
    drafts: Sequence[Draft]


async def choices_of(site: ConsoleSite, asked: Asked, rules: Site | None) -> Choices:
    """What there is to choose for what was asked by such rules, those in service for None. Raises
    StoreError, and UsageError where the log cannot be read."""
    own = _rules_for(rules or site.newshole.site, site, asked.url)
    state = await site.state()
    staged = () if state.staged is None else (state.staged,)
    offered: tuple[Offered, ...] = (*staged, *state.planned, *state.proposed, *reversed(state.versions))
    versions = {each.digest: each for each in offered}
    return Choices(
        tuple(_consents(own, asked.consent)),
        _said(own, "country"),
        own.timezone if own else "UTC",
        own.experiments if own else (),
        tuple(versions.values())[:MOST_VERSIONS],
        await site.open_drafts(),
    )


def _rules_for(rules: Site, site: ConsoleSite, written: str) -> Rules | None:
    try:
        return rules.rules_for(site.pages.address(written or "/"))
    except (NewsholeError, ValueError):
        return rules.rules_for("")


def _consents(rules: Rules | None, asked: str) -> Iterable[tuple[str, str]]:
    words = dict.fromkeys((*CONSENTS, *_said(rules, "consent"), *filter(None, (asked,))))
    return ((word, CONSENTS.get(word, word)) for word in words)


def _said(rules: Rules | None, fact: str) -> tuple[str, ...]:
    """The values of a fact of readers that conditions of the rules name."""
    conditions = (each for when in (rules.whens if rules else ()) for each in leaves(when))
    found = (each.written.removeprefix("not ").split(" or ") for each in conditions if each.fact == fact)
    return tuple(sorted({word for written in found for word in written if " " not in word}))
