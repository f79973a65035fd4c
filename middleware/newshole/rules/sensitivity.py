"""Sensitive stories: what tells that one is, and what that changes.

A story is "none", "review" or "solemn". Signals look at its section, tags, title, meta elements and topics;
the strictest that speaks decides, unless a meta element that the rules name as an editor's word says
otherwise. Nothing vanishes silently: the story keeps which signal spoke, and every block that is refused for
it says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

from newshole.rules.kinds import BlockOptions
from newshole.rules.kinds.ad import Ad
from newshole.rules.titles import STANDARD, folded, sensitive_words, standard_lists
from newshole.types import Reason, Signal, Story

Level: TypeAlias = Literal["none", "review", "solemn"]
Ads: TypeAlias = Literal["flag", "house", "none"]

LEVELS: Final = ("none", "review", "solemn")
"""From the least strict on."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a level changes: blocks of the kinds in `remove` are left out, and what becomes of `ads`."""

    remove: tuple[str, ...] = ()
    ads: Ads = "flag"


@dataclass(frozen=True, slots=True)
class Sign:
    """One signal: every part that it has must hold for it to speak.

    A part is a list of which one must fit, folded; an empty one is none. "standard" in it stands for the
    ready policy's names, topics or words; `metas` has the values of a meta element by its name.
    """

    path: str
    level: Level
    sections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    metas: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Override:
    """An editor's word: the values of a meta element, folded, and the level that each stands for."""

    path: str
    meta: str
    values: Mapping[str, Level]


STANDARD_SIGNS: Final = (
    Sign("sensitivity", "solemn", sections=(STANDARD,)),
    Sign("sensitivity", "solemn", tags=(STANDARD,)),
    Sign("sensitivity", "solemn", topics=(STANDARD,)),
    Sign("sensitivity", "review", topics=(STANDARD,)),
    Sign("sensitivity", "review", titles=(STANDARD,)),
)
STANDARD_EFFECTS: Final[Mapping[str, Effect]] = {
    "solemn": Effect(remove=("follow", "video", "newsletter")),
    "review": Effect(),
}
"""The ready policy, as docs/rules.md spells it out."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the rules say of sensitive stories; `effects` are by level."""

    signs: tuple[Sign, ...] = STANDARD_SIGNS
    effects: Mapping[str, Effect] = field(default_factory=lambda: STANDARD_EFFECTS)
    overrides: tuple[Override, ...] = ()

    @property
    def metas(self) -> frozenset[str]:
        """The names of the meta elements that it looks at."""
        named = (name for sign in self.signs for name, _ in sign.metas)
        return frozenset((*named, *(each.meta for each in self.overrides)))


Metas: TypeAlias = Mapping[str, tuple[str, ...]]
"""What a page's meta elements say, by their lower-case names."""


def judged(policy: Policy, story: Story, metas: Metas, language: str) -> Story:
    """The story with its level, and what told so; `language` is that of its title."""
    level, signal = _overridden(policy, metas) or _strictest(policy, story, metas, language)
    return story if level == "none" and signal is None else replace(story, sensitivity=level, signal=signal)


def level_told(policy: Policy | None, story: Story, language: str = "") -> str:
    """How sensitive a story is of which no page was read, by its title, section, tags and topics alone.

    `language` is that of its title, a BCP 47 tag or "". Without a policy no story is sensitive.
    """
    return "none" if policy is None else judged(policy, story, {}, language).sensitivity


def _overridden(policy: Policy, metas: Metas) -> tuple[Level, Signal] | None:
    """What the first editor's word that is there says."""
    for each in policy.overrides:
        for value in _values(metas.get(each.meta, ())):
            level = each.values.get(value)
            if level is not None:
                return level, Signal(each.path, f"meta {each.meta} {value}")
    return None


def _strictest(policy: Policy, story: Story, metas: Metas, language: str) -> tuple[Level, Signal | None]:
    for level in reversed(LEVELS[1:]):
        for sign in policy.signs:
            if sign.level == level and (found := _speaks(sign, story, metas, language)):
                return sign.level, Signal(sign.path, found)
    return "none", None


def _speaks(sign: Sign, story: Story, metas: Metas, language: str) -> str:
    """What a signal found in a story, in words; "" where it does not speak."""
    lists = standard_lists()
    found: list[str] = []
    if sign.sections:
        found.append(_named("section", (story.section,), sign.sections, lists.sections))
    if sign.tags:
        found.append(_named("tag", story.tags, sign.tags, lists.tags, lists.tag_starts))
    if sign.topics:
        found.append(_named("topic", story.topics, sign.topics, lists.topics[sign.level]))
    found += (_meta(name, values, metas) for name, values in sign.metas)
    if sign.titles and all(found):
        word = sensitive_words(story.title, language, sign.titles)
        found.append(f'title with "{word}"' if word else "")
    return ", ".join(found) if all(found) else ""


def _named(
    what: str,
    words: tuple[str, ...],
    wanted: tuple[str, ...],
    standard: frozenset[str],
    starts: tuple[str, ...] = (),
) -> str:
    """The first of a story's words that is `wanted`, or one of the `standard` where they are.

    A word that goes on behind one of the standard's `starts` is one of them as well.
    """
    own = [each for each in wanted if each != STANDARD]
    for word in words:
        plain = folded(word)
        if plain in own or (STANDARD in wanted and (plain in standard or plain.startswith(starts))):
            return f"{what} {word}"
    return ""


def _meta(name: str, wanted: tuple[str, ...], metas: Metas) -> str:
    """The first value of a meta element that is `wanted`; "present" is any."""
    said = _values(metas.get(name, ()))
    fits = next((each for each in said if each in wanted or "present" in wanted), "")
    return f"meta {name} {fits}" if fits else ""


def _values(said: tuple[str, ...]) -> list[str]:
    """What meta elements of one name say, each whole and its parts between commas."""
    return [plain for text in said for each in (text, *text.split(",")) if (plain := folded(each))]


def refusal(policy: Policy, story: Story, kind: str, options: BlockOptions) -> Reason | None:
    """Why a block does not go onto a story of this sensitivity; None where it may."""
    effect, signal = policy.effects.get(story.sensitivity), story.signal
    if effect is None or signal is None:
        return None
    found = f"{story.sensitivity}: {signal.found}"
    if kind in effect.remove:
        return Reason("sensitivity", signal.bound, f'a story that is not "{story.sensitivity}"', found)
    if isinstance(options, Ad) and effect.ads == "none":
        return Reason("sensitivity", signal.bound, "a story that takes ads", found)
    if isinstance(options, Ad) and effect.ads == "house" and options.serve.house is None:
        return Reason("sensitivity", signal.bound, "an ad of the site's own", found)
    return None


def is_flagged(policy: Policy | None, story: Story) -> bool:
    """Whether the ad server is to be told that the story is sensitive."""
    effect = None if policy is None else policy.effects.get(story.sensitivity)
    return effect is not None and effect.ads == "flag"
