"""Looks in the background: how far they are, how they stop, how many there may be, how long they are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from newshole import Site
from newshole.console.impact.looks import (
    KEPT,
    MOST_KEPT,
    MOST_RUNNING,
    SHOWN,
    BusyError,
    Look,
    Looks,
    Subject,
    new_look,
)
from newshole.console.impact.sampling import AT_ONCE, Candidate, Sample
from newshole.console.pages import Pages
from newshole.review.impact import Study
from tests.cli.conftest import RULES, STORY
from tests.waiting import until

HOME: Final = "https://a.example/"
PAGE: Final = STORY.read_bytes()


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now


class Paper:
    """A site whose pages wait until they are let go, and are counted."""

    def __init__(self, *, is_open: bool = True) -> None:
        self.gate = asyncio.Event()
        self.asked = self.waiting = self.most_waiting = 0
        if is_open:
            self.gate.set()

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        self.asked += 1
        self.waiting += 1
        self.most_waiting = max(self.most_waiting, self.waiting)
        await self.gate.wait()
        self.waiting -= 1
        status = 404 if scope["path"].startswith("/gone") else 200
        headers = [(b"content-type", b"text/html; charset=utf-8")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": PAGE})


def study() -> Study:
    site = Site.load(RULES)
    return Study(site, Site.load("newspaper"), facts=site.facts, device="mobile")


def sample(count: int, path: str = "/story-") -> Sample:
    return Sample(tuple(Candidate(f"{HOME.rstrip('/')}{path}{n}", "city", "list") for n in range(count)))


def look(clock: Clock, by: str = "ed") -> Look:
    return new_look(by, Subject("A draft", {"draft": "x"}), "mobile", clock())


async def end(look: Look) -> None:
    await until(lambda: look.ended is not None)


def run(work: Callable[[Clock], Awaitable[None]]) -> None:
    async def main() -> None:
        await work(Clock())

    asyncio.run(main())


def looks(paper: ASGIApp, clock: Clock) -> Looks:
    return Looks(Pages(paper, (), HOME), clock=clock)


def test_progress_tells_what_is_done_and_how_long_the_rest_takes() -> None:
    async def work(clock: Clock) -> None:
        begun = look(clock)
        begun.total = 40
        assert (begun.percent, begun.seconds_left(clock())) == (0, None)
        begun.missing = [("x", "y")] * 10
        clock.now += 5
        assert (begun.percent, begun.seconds_left(clock())) == (25, 15)

    run(work)


def test_a_site_is_asked_for_few_pages_at_a_time_and_for_each_once() -> None:
    async def work(clock: Clock) -> None:
        paper = Paper(is_open=False)
        all_looks, first, second = looks(paper, clock), look(clock), look(clock)
        all_looks.begin(first, study(), sample(12))
        await until(lambda: paper.waiting == AT_ONCE)
        paper.gate.set()
        await end(first)
        assert paper.most_waiting == AT_ONCE
        all_looks.begin(second, study(), sample(12))
        await end(second)
        assert paper.asked == 12
        assert (len(second.pages), second.percent, second.outcome) == (12, 100, "done")

    run(work)


def test_pages_are_fetched_anew_after_some_minutes() -> None:
    async def work(clock: Clock) -> None:
        paper = Paper()
        all_looks = looks(paper, clock)
        for _ in range(2):
            begun = look(clock)
            all_looks.begin(begun, study(), sample(1))
            await end(begun)
            clock.now += 301
        assert paper.asked == 2

    run(work)


def test_a_look_that_is_stopped_shows_what_it_had() -> None:
    async def work(clock: Clock) -> None:
        paper = Paper(is_open=False)
        all_looks, begun = looks(paper, clock), look(clock)
        all_looks.begin(begun, study(), sample(50))
        await until(lambda: paper.waiting == AT_ONCE)
        begun.is_stopping = True
        paper.gate.set()
        await end(begun)
        assert (begun.outcome, len(begun.pages), paper.asked) == ("stopped", AT_ONCE, AT_ONCE)
        assert begun.prices is not None

    run(work)


def test_pages_that_cannot_be_had_are_told_and_the_others_looked_at() -> None:
    async def work(clock: Clock) -> None:
        begun = look(clock)
        both = Sample((*sample(2).pages, *sample(1, "/gone-").pages))
        looks(Paper(), clock).begin(begun, study(), both)
        await end(begun)
        assert len(begun.pages) == 2
        (told,) = begun.missing
        assert told == (f"{HOME}gone-0", f"the site answers {HOME}gone-0 with status 404")

    run(work)


def test_only_a_few_run_at_a_time() -> None:
    async def work(clock: Clock) -> None:
        paper = Paper(is_open=False)
        all_looks = looks(paper, clock)
        running = [look(clock) for _ in range(MOST_RUNNING)]
        for each in running:
            all_looks.begin(each, study(), sample(1))
        with pytest.raises(BusyError):
            all_looks.begin(look(clock), study(), sample(1))
        paper.gate.set()
        await until(lambda: all(each.ended is not None for each in running))
        all_looks.begin(last := look(clock), study(), sample(1))
        await end(last)

    run(work)


def test_looks_are_forgotten_after_an_hour_and_the_oldest_where_there_are_many() -> None:
    async def work(clock: Clock) -> None:
        all_looks, begun = looks(Paper(), clock), []
        for _ in range(MOST_KEPT + 2):
            begun.append(look(clock))
            all_looks.begin(begun[-1], study(), sample(1))
            await end(begun[-1])
        assert [each.id for each in all_looks.latest()] == [each.id for each in begun[: -MOST_KEPT - 1 : -1]]
        assert all_looks.get(begun[-1].id) is begun[-1]
        clock.now += KEPT + 1
        assert all_looks.get(begun[-1].id) is None

    run(work)


def test_pictures_of_pages_that_are_not_shown_are_not_kept() -> None:
    async def work(clock: Clock) -> None:
        begun = look(clock)
        looks(Paper(), clock).begin(begun, study(), sample(SHOWN + 20))
        await end(begun)
        assert all(each.has_changed for each in begun.pages)
        assert sum(bool(each.pictures) for each in begun.pages) == SHOWN

    run(work)


def test_a_look_that_fails_ends_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> Sample:
        raise RuntimeError("boom")

    async def work(clock: Clock) -> None:
        begun = look(clock)
        looks(Paper(), clock).begin(begun, study(), fail)
        await end(begun)
        assert begun.outcome == "failed"

    run(work)
    assert "could not be worked out" in caplog.text
