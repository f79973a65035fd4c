"""When a rule holds: conditions over a story, its address, its reader and the time.

Words are compared without regard to case; `en` fits `en-GB` too. Paths and hosts are compared with globs.
The time is seen in whole minutes, so what holds, holds throughout one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, TypeAlias

from newshole.rules.facts import AMOUNTS, FACTS, FLAGS, NONE_AT_ALL, READER_FACTS
from newshole.rules.globs import Fits, host_fits, path_fits
from newshole.rules.spans import Age, Amounts, Window, next_turn, shown
from newshole.types import Reader, Reason, Story

Test: TypeAlias = Callable[[Story, Reader, str], bool]
Found: TypeAlias = Callable[[Story, Reader, str], str]
Turn: TypeAlias = Callable[[Story, datetime], datetime | None]
"""The first moment after another at which a condition may begin or cease to hold by itself; None for
never."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a `when`: `fact` ("path", "meta", …) must match what `written` says.

    `name` says which meta element, cookie, … it is about. `parts` are the alternatives of an "any" and what
    a "none" excludes, each some conditions that hold together. Two of one fact, name and `sense` hold for the
    same readers; those without a sense are like no other. `turn` is None where the time does not matter.
    """

    path: str
    fact: str
    written: str
    holds: Test
    found: Found
    name: str = ""
    parts: tuple[tuple[Condition, ...], ...] = field(default=(), repr=False)
    sense: tuple[object, ...] = field(default=(), repr=False)
    turn: Turn | None = field(default=None, repr=False)

    def refusal(self, story: Story, reader: Reader, url: str) -> Reason | None:
        """Why the condition does not hold, None where it does; `url` is the page's, as it was asked for."""
        if self.holds(story, reader, url):
            return None
        return Reason("when", self.path, self.written, self.found(story, reader, url))

    @property
    def label(self) -> str:
        """What it is about, in words: "section", "cookie subscriber"."""
        return f"{self.fact} {self.name}" if self.name else self.fact

    @property
    def leaves(self) -> Iterator[Condition]:
        """The conditions that it is made of, itself where it is about one fact."""
        if not self.parts:
            yield self
        for each in self.parts:
            yield from leaves(each)


def leaves(conditions: Iterable[Condition]) -> Iterator[Condition]:
    """The conditions on one fact each, out of combinations too."""
    for each in conditions:
        yield from each.leaves


def facts_used(conditions: Iterable[Condition]) -> frozenset[str]:
    """The facts of readers that the conditions look at, such as "device"."""
    return READER_FACTS.intersection(each.fact for each in leaves(conditions))


def all_hold(conditions: Iterable[Condition], story: Story, reader: Reader, url: str) -> bool:
    """Whether every one of the conditions holds."""
    return all(each.holds(story, reader, url) for each in conditions)


def earliest(moments: Iterable[datetime | None]) -> datetime | None:
    """The first of some moments, None where there is none."""
    return min((each for each in moments if each is not None), default=None)


def minute_of(reader: Reader) -> datetime:
    """The whole minute in which a reader asks."""
    return (reader.now or datetime.now(UTC)).replace(second=0, microsecond=0)


def condition(
    path: str, fact: str, values: tuple[str, ...], *, negated: bool = False, name: str = ""
) -> Condition:
    """A condition on words, as a rule at `path` writes it; "present" asks for a fact of any value."""
    look, nothing = FACTS[fact], NONE_AT_ALL.get(fact, "")

    def words(story: Story, reader: Reader, url: str) -> tuple[str, ...]:
        return tuple(filter(None, look(story, reader, url, name)))

    def found(story: Story, reader: Reader, url: str) -> str:
        return ", ".join(words(story, reader, url)) or "none"

    if "present" in values:

        def is_there(story: Story, reader: Reader, url: str) -> bool:
            return any(word != nothing for word in words(story, reader, url)) != negated

        written = "none" if negated else "present"
        return Condition(path, fact, written, is_there, found, name, sense=("present", negated))
    fits = tuple(_FITS.get(fact, _same)(value) for value in values)

    def holds(story: Story, reader: Reader, url: str) -> bool:
        there = words(story, reader, url)
        return any(each(word) for each in fits for word in there) != negated

    written = _listed(values, negated=negated)
    return Condition(path, fact, written, holds, found, name, sense=(values, negated))


def flag(path: str, fact: str, *, wanted: bool) -> Condition:
    """A condition on a fact that is so or is not."""
    look = FLAGS[fact]
    return Condition(
        path,
        fact,
        _truth(wanted),
        lambda story, reader, _url: look(story, reader) is wanted,
        lambda story, reader, _url: _truth(look(story, reader)),
        sense=(wanted,),
    )


def amount(path: str, fact: str, wanted: tuple[Amounts | str, ...], *, negated: bool = False) -> Condition:
    """A condition on a fact that is counted; "present" asks for one that is known."""
    look = AMOUNTS[fact]

    def holds(story: Story, reader: Reader, _url: str) -> bool:
        there = look(story, reader)
        fits = there is not None and any(isinstance(each, str) or each.holds(there) for each in wanted)
        return fits != negated

    def found(story: Story, reader: Reader, _url: str) -> str:
        there = look(story, reader)
        return "none" if there is None else str(there)

    written = _listed(tuple(map(str, wanted)), negated=negated)
    return Condition(path, fact, written, holds, found, sense=(wanted, negated))


def age(path: str, within: Age | None, before: Age | None, *, negated: bool = False) -> Condition:
    """A condition on how long ago a story was published: `within` this time, `before` that; with neither on
    whether that is known."""

    def holds(story: Story, reader: Reader, _url: str) -> bool:
        if story.published is None:
            return negated
        old = minute_of(reader) - story.published
        fits = (within is None or old < within.length) and (before is None or old >= before.length)
        return fits != negated

    def found(story: Story, _reader: Reader, _url: str) -> str:
        return "none" if story.published is None else f"{story.published:%Y-%m-%d %H:%M %Z}"

    words = [f"within {within}"] * (within is not None) + [f"before {before}"] * (before is not None)
    asked = " and ".join(words)
    written = (f"not {asked}" if negated else asked) if asked else ("none" if negated else "present")

    def turn(story: Story, now: datetime) -> datetime | None:
        published = story.published
        lengths = [each.length for each in (within, before) if each is not None]
        ends = [] if published is None else [published + length for length in lengths]
        return min((at for at in ends if at > now), default=None)

    return Condition(path, "published", written, holds, found, turn=turn if asked else None)


def times(path: str, fact: str, windows: tuple[Window, ...]) -> Condition:
    """A condition on the time, which must lie in one of the windows."""

    def found(_story: Story, reader: Reader, _url: str) -> str:
        now, zone = minute_of(reader), windows[0].zone
        return f"{now.astimezone(zone):%a}".lower() + f" {shown(now, zone)}"

    return Condition(
        path,
        fact,
        " or ".join(map(str, windows)),
        lambda _story, reader, _url: any(each.holds(minute_of(reader)) for each in windows),
        found,
        turn=lambda _story, now: earliest(next_turn(each, now) for each in windows),
    )


def any_of(path: str, parts: tuple[tuple[Condition, ...], ...]) -> Condition:
    """A condition that holds where all conditions of one of the parts do."""

    def found(story: Story, reader: Reader, url: str) -> str:
        refused = (_first_refused(part, story, reader, url) for part in parts)
        return " and ".join(f"{each.label} {each.found(story, reader, url)}" for each in refused if each)

    return Condition(
        path,
        "any",
        "any of: " + " or ".join(map(_in_words, parts)),
        lambda story, reader, url: any(all_hold(part, story, reader, url) for part in parts),
        found,
        parts=parts,
    )


def none_of(path: str, part: tuple[Condition, ...]) -> Condition:
    """A condition that holds where not all conditions of the part do."""

    def found(story: Story, reader: Reader, url: str) -> str:
        return " and ".join(f"{each.label} {each.found(story, reader, url)}" for each in part)

    return Condition(
        path,
        "none",
        f"none of: {_in_words(part)}",
        lambda story, reader, url: not all_hold(part, story, reader, url),
        found,
        parts=(part,),
    )


def _first_refused(part: Iterable[Condition], story: Story, reader: Reader, url: str) -> Condition | None:
    return next((each for each in part if not each.holds(story, reader, url)), None)


def _in_words(part: tuple[Condition, ...]) -> str:
    words = " and ".join(each.written if each.parts else f"{each.label} {each.written}" for each in part)
    return f"({words})" if len(part) > 1 else words


def _listed(values: tuple[str, ...], *, negated: bool) -> str:
    listed = " or ".join(values)
    return f"not {listed}" if negated else listed


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _same(value: str) -> Fits:
    wanted = value.strip().casefold()
    return lambda word: word.strip().casefold() == wanted


def _language(value: str) -> Fits:
    wanted = value.strip().casefold().replace("_", "-")

    def fits(word: str) -> bool:
        tag = word.strip().casefold().replace("_", "-")
        return tag == wanted or tag.startswith(f"{wanted}-")

    return fits


_FITS: Final[dict[str, Callable[[str], Fits]]] = {
    "path": path_fits,
    "host": host_fits,
    "referrer": host_fits,
    "language": _language,
}
