"""The readers that the demo begins with: made up as those of `traffic` are, and written down at once.

Each story is composed once for every set of arms, by the middleware. What its readers did becomes rows by the
code that reads beacons, so two weeks of thousands of them are there in a moment.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple, TypeAlias

from newshole import Newshole
from newshole.demo.origin import origin
from newshole.demo.traffic import (
    RULES,
    Visit,
    ads_in,
    ask,
    marks_of,
    reading,
    request_of,
    visits_of,
)
from newshole.experiments.assignment import assigned
from newshole.experiments.events.beacon import Beacon, Happening, Sender, exposures, rows_of
from newshole.experiments.events.row import Row
from newshole.experiments.events.token import PageToken, unseal
from newshole.http.measuring import sealed
from newshole.rules.experiments import Experiment

READERS: Final = 2500
SEED: Final = 11

_SECRET: Final = b"of readers who are made up"
"""What hides their numbers, which nobody has to hide."""

_VIEW: Final = Happening("view")

Arms: TypeAlias = tuple[int | None, ...]


class _Shown(NamedTuple):
    """A story as readers in some arms get it: its token, and where its ads are."""

    token: PageToken
    ads: list[float]


def crowd(readers: int, *, seed: int, until: float) -> Iterator[Row]:
    """What so many readers did in the two weeks before a moment, in seconds since 1970."""
    chance = random.Random(seed)  # noqa: S311 - nothing secret depends on it
    visits = sorted(visits_of(chance, readers, until))
    shown = asyncio.run(_stories(visits))
    for visit, (token, ads) in zip(visits, shown, strict=True):
        yield from _rows(visit, token, ads, chance)


async def _stories(visits: Sequence[Visit]) -> list[_Shown]:
    """What each visit is shown."""
    known: dict[tuple[str, Arms], _Shown] = {}
    with tempfile.TemporaryDirectory(prefix="newshole-") as folder:
        newshole = Newshole(origin(), RULES, events=folder, secret=_SECRET)
        experiments = newshole.site.rules[0].experiments
        keys = [(visit.story, _arms(experiments, visit.reader)) for visit in visits]
        for key, visit in zip(keys, visits, strict=True):
            if key not in known:
                known[key] = await _shown(newshole, visit)
        await newshole.close()
    return [known[key] for key in keys]


def _arms(experiments: Sequence[Experiment], reader: int) -> Arms:
    return tuple(assigned(each.allocation, str(reader)) for each in experiments)


async def _shown(newshole: Newshole, visit: Visit) -> _Shown:
    page = await ask(newshole, request_of(visit, "GET", visit.story))
    token = unseal(marks_of(page)["token"], _SECRET, newshole.plans.clock())
    return _Shown(token, ads_in(page))


def _rows(visit: Visit, token: PageToken, ads: list[float], chance: random.Random) -> Iterator[Row]:
    view = f"{chance.getrandbits(96):024x}"
    sender = Sender(int(visit.at * 1000), sealed(str(visit.reader), _SECRET))
    own = replace(token, view=view)
    yield from exposures(own, view, sender)
    yield from rows_of(Beacon("", view, (_VIEW, *reading(ads, visit.eager, chance))), own, sender)
