"""All workers of a site together: what each says of itself, and the sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate

from newshole.cache.tally import BOUNDS
from newshole.console.health.reasons import BESIDE, COMPOSED
from newshole.live.health import Clinic, Failing, Vitals
from newshole.live.ledger import Beat, Ledger
from newshole.store.archive import RedisArchive


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker: its beat, and its vitals where it has told them lately."""

    beat: Beat
    vitals: Vitals | None

    @property
    def name(self) -> str:
        """Where it runs."""
        return f"{self.beat.host}, process {self.beat.pid}"


@dataclass(frozen=True, slots=True)
class Fleet:
    """The workers that live, as of `at`, in seconds from 1970. `evicts` says that their Redis may throw away
    what is published."""

    at: float
    workers: tuple[Worker, ...]
    evicts: bool = False

    @property
    def told(self) -> list[Vitals]:
        """What the workers say that have told how they are."""
        return [each.vitals for each in self.workers if each.vitals is not None]

    @property
    def outcomes(self) -> Counter[str]:
        """What became of requests, since each worker started."""
        return _sum(each.outcomes for each in self.told)

    @property
    def requests(self) -> int:
        """The requests that came by."""
        return requests(self.outcomes)

    @property
    def shadow(self) -> Counter[str]:
        """What would have become of pages in shadow mode."""
        return _sum(each.shadow for each in self.told)

    @property
    def tiers(self) -> Counter[str]:
        """Composed pages by where their plan came from."""
        return _sum(each.tiers for each in self.told)

    @property
    def events(self) -> Counter[str]:
        """What happened at Redis as a store of plans."""
        return _sum(each.events for each in self.told)

    @property
    def live(self) -> Counter[str]:
        """What happened to rules and switches."""
        return _sum(each.live for each in self.told)

    @property
    def proxy(self) -> Counter[str]:
        """What the site did not answer."""
        return _sum(each.proxy for each in self.told)

    @property
    def pages(self) -> Counter[str]:
        """What became of requests at the page cache."""
        return _sum(each.pages for each in self.told)

    @property
    def durations(self) -> list[int]:
        """Plannings by `newshole.cache.tally.BOUNDS`."""
        return summed(each.durations for each in self.told)

    @property
    def seconds(self) -> float:
        """What plannings took together."""
        return sum(each.seconds for each in self.told)

    @property
    def stories(self) -> int:
        """Stories in the library of the worker that knows most."""
        return max((each.stories for each in self.told), default=0)

    @property
    def feeds(self) -> list[Failing]:
        """The feeds that were not read the last time, each as the worker has it that tried longest."""
        found: dict[tuple[str, str], Failing] = {}
        for each in (feed for vitals in self.told for feed in vitals.feeds):
            known = found.get((each.host, each.why))
            if known is None or known.since > each.since:
                found[each.host, each.why] = each
        return sorted(found.values(), key=lambda each: each.since)

    @property
    def is_shadow(self) -> bool:
        """Whether a worker runs in shadow mode."""
        return any(each.is_shadow for each in self.told)


async def read_fleet(ledger: Ledger, at: float) -> Fleet:
    """The workers that live, and how they are. Raises StoreError."""
    clinic = Clinic(ledger)
    workers = [Worker(each, await clinic.of(each.worker)) for each in await ledger.workers()]
    archive = ledger.archive
    return Fleet(at, tuple(workers), isinstance(archive, RedisArchive) and await archive.evicts())


def requests(outcomes: Mapping[str, int]) -> int:
    """How many requests came by, each of which is counted once beside what is counted beside it."""
    return sum(n for each, n in outcomes.items() if each not in BESIDE)


def composed(outcomes: Mapping[str, int]) -> int:
    """How many of them were composed."""
    return outcomes.get(COMPOSED, 0)


def summed(counts: Iterable[tuple[int, ...]]) -> list[int]:
    """Counts of plannings added up."""
    found = [0] * (len(BOUNDS) + 1)
    for each in counts:
        # A worker of another version may have other bounds, and one that was not there none.
        if len(each) == len(found):
            found = [one + other for one, other in zip(found, each, strict=True)]
    return found


def quantile(durations: list[int], share: float) -> float | None:
    """The seconds within which a share of plannings was done, to the next bound; None where there was none,
    infinity where it was longer than the longest bound."""
    total = sum(durations)
    if not total:
        return None
    reached = next(n for n, count in enumerate(accumulate(durations)) if count >= share * total)
    return (*BOUNDS, float("inf"))[reached]


def _sum(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for each in counts:
        found.update(each)
    return found
