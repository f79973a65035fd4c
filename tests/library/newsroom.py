"""A newsroom's year, made from `newsroom.toml`: stories, and which an editor would put beside which.

How near two stories are is settled before a word of them is written: those of one event are nearest, then
those of one topic in the same weeks, then those of the topic at all. Only then are words drawn,
with the accidents of real desks: titles that mislead by a picture from another topic, titles that say
nothing, tags that are missing or wrong or on half of all stories, a section that the story was filed under by
mistake, texts of which half is any text's words, copies by other hands, and the same desk's stories in
German.
"""

from __future__ import annotations

import datetime as dt
import math
import random
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from newshole.library import Entry

BASE: Final = "https://news.example"
NOW: Final = dt.datetime(2024, 7, 19, 12, tzinfo=dt.UTC)
QUERIES: Final = 72
DEPTH: Final = 5

_DAYS_OF_EVENT: Final = 12.0
_WEEKS: Final = dt.timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A story and what it is really about; `copies` names the story that it says again."""

    entry: Entry
    topic: int
    event: int
    copies: str = ""


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the stories of one topic are made of."""

    number: int
    section: str
    tag: str
    words: Sequence[str]
    german: Sequence[str]
    events: Sequence[Sequence[str]]


@cache
def newsroom(stories: int = 640, seed: int = 7) -> tuple[Labelled, ...]:
    """So many stories, the same in every process."""
    random_ = random.Random(seed)  # noqa: S311 - the same stories each time
    file = tomllib.loads(Path(__file__).with_name("newsroom.toml").read_text(encoding="utf-8"))
    desks = [_desk(n, topic) for n, topic in enumerate(file["topics"])]
    common, places = file["common"].split(), file["places"].split()
    starts = {(desk.number, n): random_.uniform(15, 350) for desk in desks for n in range(len(desk.events))}
    made: list[Labelled] = []
    while len(made) < stories:
        desk = desks[len(made) % len(desks)]
        event = random_.randrange(len(desk.events))
        days = max(starts[desk.number, event] - random_.expovariate(1 / _DAYS_OF_EVENT), 0.1)
        at = NOW - dt.timedelta(days=days)
        story = _story(random_, len(made), desk, event, desks, (common, places), at)
        made.append(story)
        if random_.random() < 0.05:
            made.append(_copy(random_, len(made), story))
    return tuple(made[:stories])


def _desk(number: int, topic: dict[str, Any]) -> _Desk:
    return _Desk(
        number,
        topic["section"],
        topic["tag"],
        topic["words"].split(),
        topic["de"].split(),
        [each.split() for each in topic["events"]],
    )


def _story(
    random_: random.Random,
    number: int,
    desk: _Desk,
    event: int,
    desks: Sequence[_Desk],
    shared: tuple[Sequence[str], Sequence[str]],
    published: dt.datetime,
) -> Labelled:
    common, places = shared
    is_german = random_.random() < 0.12
    words, names = (desk.german if is_german else desk.words), desk.events[event]
    other = random_.choice([each for each in desks if each is not desk])
    terms = [
        *random_.sample(names, 3),
        *random_.sample(words, 3),
        *random_.sample(common, 7),
        *random_.sample(other.words, 3),
        random_.choice(places),
    ]
    random_.shuffle(terms)
    entry = Entry(
        url=f"{BASE}/{number}",
        title=_title(random_, number, names, words, other.words, common),
        section=desk.section if random_.random() < 0.85 else random_.choice(desks).section,
        tags=tuple(_tags(random_, desk, names, other, places)),
        language="de" if is_german else "en",
        published=published,
        terms=tuple(each.lower() for each in terms),
        seen=NOW.timestamp(),
    )
    return Labelled(entry, desk.number, event)


def _title(
    random_: random.Random,
    number: int,
    names: Sequence[str],
    words: Sequence[str],
    others: Sequence[str],
    common: Sequence[str],
) -> str:
    """A headline: it says what it is about, or by a picture from elsewhere, or says nothing."""
    kind = random_.random()
    if kind < 0.55:
        drawn = [*random_.sample(names, 2), *random_.sample(words, 2), *random_.sample(common, 2)]
    elif kind < 0.8:
        drawn = [random_.choice(names), *random_.sample(others, 3), *random_.sample(common, 2)]
    else:
        drawn = [random_.choice(words), *random_.sample(common, 4)]
    random_.shuffle(drawn)
    return f"{' '.join(drawn).capitalize()} {number}"


def _tags(
    random_: random.Random, desk: _Desk, names: Sequence[str], other: _Desk, places: Sequence[str]
) -> Iterator[str]:
    if random_.random() < 0.75:
        yield desk.tag
    if random_.random() < 0.4:
        yield names[0]
    if random_.random() < 0.15:
        yield other.tag
    if random_.random() < 0.5:
        yield random_.choice(places)
    if random_.random() < 0.5:
        yield "News"


def _copy(random_: random.Random, number: int, story: Labelled) -> Labelled:
    """The same story from another hand: a word of the title changed, the text all but the same."""
    entry, words = story.entry, story.entry.title.split()
    words[random_.randrange(len(words))] = "again"
    assert entry.published is not None
    copied = Entry(
        url=f"{BASE}/{number}",
        title=" ".join(words),
        section=entry.section,
        tags=entry.tags,
        language=entry.language,
        published=entry.published + dt.timedelta(hours=1),
        terms=(*entry.terms[:-1], "wire"),
        seen=entry.seen,
    )
    return Labelled(copied, story.topic, story.event, copies=entry.url)


def queries(stories: Sequence[Labelled]) -> list[Labelled]:
    """The stories that others are asked for beside: some of every topic."""
    return [each for each in stories if not each.copies][: QUERIES * 2 : 2]


def grade(query: Labelled, other: Labelled) -> int:
    """How well a story stands beside another, from 0 to 3."""
    is_same = other.entry.url == query.entry.url or _original(other) == _original(query)
    if is_same or other.entry.language != query.entry.language or other.topic != query.topic:
        return 0
    if other.event == query.event:
        return 3
    assert query.entry.published is not None
    assert other.entry.published is not None
    return 2 if abs(query.entry.published - other.entry.published) < _WEEKS else 1


def _original(story: Labelled) -> str:
    return story.copies or story.entry.url


def gain(query: Labelled, shown: Sequence[str], stories: Sequence[Labelled]) -> float:
    """nDCG at `DEPTH` of the URLs that are shown, best first; of two copies the second is worth nothing."""
    grades = {each.entry.url: (grade(query, each), _original(each)) for each in stories}
    seen: set[str] = set()
    found: list[int] = []
    for url in shown[:DEPTH]:
        worth, original = grades[url]
        found.append(0 if original in seen else worth)
        seen.add(original)
    best = {original: worth for worth, original in grades.values() if worth}
    return _dcg(found) / (_dcg(sorted(best.values(), reverse=True)[:DEPTH]) or 1.0)


def _dcg(grades: Sequence[int]) -> float:
    return sum((2.0**each - 1) / math.log2(rank + 2) for rank, each in enumerate(grades))
