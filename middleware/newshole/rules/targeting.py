"""When a rule holds: conditions over a story and its reader.

Words are compared without regard to case; `en` fits `en-GB` too. A path is compared part by part: `*`
stands for anything within one part, a part `**` for any number of parts, and at the end for at least one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import unquote

from newshole.types import Reader, Reason, Story

Fact: TypeAlias = Callable[[Story, Reader, str], tuple[str, ...]]
Fits: TypeAlias = Callable[[str], bool]

FACTS: Final[dict[str, Fact]] = {
    "path": lambda _story, _reader, url_path: (url_path,),
    "section": lambda story, _reader, _url_path: (story.section,),
    "tag": lambda story, _reader, _url_path: story.tags,
    "type": lambda story, _reader, _url_path: story.types,
    "language": lambda story, _reader, _url_path: (story.language,),
    "device": lambda _story, reader, _url_path: (reader.device,),
}
"""What each fact is of a page; an empty word is as good as none."""

READER_FACTS: Final = frozenset(("device",))
"""Facts that differ from reader to reader."""

LONGEST_PATH: Final = 2_048
"""A longer path fits nothing, so that no reader can make the comparing slow."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a `when`: `fact` ("path", "section", …) must match what `written` says.

    `refusal` gives None where it holds, else the reason, in words, with the path of the rule.
    """

    path: str
    fact: str
    written: str
    matches: Callable[[tuple[str, ...]], bool]

    def refusal(self, story: Story, reader: Reader, url_path: str) -> Reason | None:
        """Why the condition does not hold; `url_path` is the URL's path, as it was asked for."""
        found = tuple(word for word in FACTS[self.fact](story, reader, url_path) if word)
        if self.matches(found):
            return None
        return Reason("when", self.path, self.written, ", ".join(found) or "none")


def condition(path: str, fact: str, values: tuple[str, ...], *, negated: bool = False) -> Condition:
    """A condition as a rule at `path` writes it; "present" asks for a fact of any value."""
    if "present" in values:
        return Condition(path, fact, "none" if negated else "present", lambda found: bool(found) != negated)
    fits = tuple(_FITS.get(fact, _same)(value) for value in values)

    def matches(found: tuple[str, ...]) -> bool:
        return any(each(word) for each in fits for word in found) != negated

    listed = " or ".join(values)
    return Condition(path, fact, f"not {listed}" if negated else listed, matches)


def facts_used(conditions: Iterable[Condition]) -> frozenset[str]:
    """The facts of readers that the conditions look at, such as "device"."""
    return READER_FACTS.intersection(each.fact for each in conditions)


def _same(value: str) -> Fits:
    wanted = value.strip().casefold()
    return lambda word: word.strip().casefold() == wanted


def _language(value: str) -> Fits:
    wanted = value.strip().casefold().replace("_", "-")

    def fits(word: str) -> bool:
        tag = word.strip().casefold().replace("_", "-")
        return tag == wanted or tag.startswith(f"{wanted}-")

    return fits


def _path(glob: str) -> Fits:
    parts = unquote(glob).rstrip("/").split("/")
    if parts[-1] == "**":
        parts.append("*")
    patterns = [None if part == "**" else _part(part) for part in parts]

    def fits(path: str) -> bool:
        if len(path) > LONGEST_PATH:
            return False
        at = _skipped({0}, patterns)
        for part in unquote(path).rstrip("/").split("/"):
            at = _skipped(set(_after(at, part, patterns)), patterns)
        return len(patterns) in at

    return fits


def _part(glob: str) -> re.Pattern[str]:
    """A pattern for one part of a path, in time that grows with its length (atomic groups)."""
    first, *rest = map(re.escape, glob.split("*"))
    if not rest:
        return re.compile(first)
    *inner, last = rest
    middle = "".join(f"(?>.*?{each})" for each in inner)
    some = "+" if glob == "*" else "*"
    return re.compile(f"{first}{middle}.{some}{last}", re.DOTALL)


def _after(at: set[int], part: str, patterns: list[re.Pattern[str] | None]) -> Iterable[int]:
    """The places in the pattern that one part of the path leads to."""
    for n in at:
        if n < len(patterns):
            pattern = patterns[n]
            if pattern is None:
                yield n
            elif pattern.fullmatch(part):
                yield n + 1


def _skipped(at: set[int], patterns: list[re.Pattern[str] | None]) -> set[int]:
    """The same, and the places behind every `**` there: it may stand for no part at all."""
    for n in sorted(at):
        while n < len(patterns) and patterns[n] is None:
            n += 1
            at.add(n)
    return at


_FITS: Final[dict[str, Callable[[str], Fits]]] = {"path": _path, "language": _language}
