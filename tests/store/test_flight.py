"""One computation for all who ask at the same time."""

from __future__ import annotations

import asyncio
import gc
import weakref
from functools import partial

import pytest

from newshole.store import Flights


def test_a_thousand_misses_of_one_page_are_one_computation() -> None:
    made = 0

    async def make() -> int:
        nonlocal made
        made += 1
        await asyncio.sleep(0.01)
        return made

    async def check() -> None:
        flights: Flights[str, int] = Flights()
        assert await asyncio.gather(*(flights.once("page", make) for _ in range(1000))) == [1] * 1000
        assert len(flights) == 0

    asyncio.run(check())


def test_other_keys_have_other_computations() -> None:
    async def check() -> None:
        flights: Flights[int, int] = Flights()

        async def square(number: int) -> int:
            await asyncio.sleep(0)
            return number * number

        found = await asyncio.gather(*(flights.once(n, partial(square, n)) for n in range(5)))
        assert found == [0, 1, 4, 9, 16]

    asyncio.run(check())


def test_what_ended_is_computed_anew() -> None:
    made = 0

    async def make() -> int:
        nonlocal made
        made += 1
        return made

    async def check() -> None:
        flights: Flights[str, int] = Flights()
        assert [await flights.once("page", make) for _ in range(3)] == [1, 2, 3]

    asyncio.run(check())


@pytest.mark.parametrize("leaver", [0, 1], ids=["the first", "a follower"])
def test_one_who_leaves_takes_nothing_from_the_others(leaver: int) -> None:
    async def make() -> str:
        await asyncio.sleep(0.01)
        return "made"

    async def check() -> None:
        flights: Flights[str, str] = Flights()
        callers = [asyncio.create_task(flights.once("page", make)) for _ in range(3)]
        await asyncio.sleep(0)
        callers[leaver].cancel()
        found = await asyncio.gather(*callers, return_exceptions=True)
        assert isinstance(found.pop(leaver), asyncio.CancelledError)
        assert found == ["made", "made"]

    asyncio.run(check())


def test_an_exception_reaches_everyone_and_is_not_kept() -> None:
    async def fail() -> str:
        await asyncio.sleep(0)
        raise ValueError("no")

    async def make() -> str:
        return "made"

    async def check() -> None:
        flights: Flights[str, str] = Flights()
        found = await asyncio.gather(*(flights.once("page", fail) for _ in range(3)), return_exceptions=True)
        assert [str(each) for each in found] == ["no"] * 3
        assert await flights.once("page", make) == "made"

    asyncio.run(check())


def test_a_failure_that_nobody_waits_for_is_no_complaint() -> None:
    complaints = []

    async def fail() -> None:
        await asyncio.sleep(0.01)
        raise ValueError("no")

    async def check() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
        flights: Flights[str, None] = Flights()
        caller = asyncio.create_task(flights.once("page", fail))
        await asyncio.sleep(0)
        caller.cancel()
        await asyncio.sleep(0.03)
        assert len(flights) == 0
        gc.collect()

    asyncio.run(check())
    assert complaints == []


def test_a_result_is_let_go_of() -> None:
    class Result:
        pass

    async def make() -> Result:
        return Result()

    async def check() -> None:
        flights: Flights[str, Result] = Flights()
        seen = weakref.ref(await flights.once("page", make))
        await asyncio.sleep(0)
        gc.collect()
        assert seen() is None

    asyncio.run(check())


def test_each_event_loop_has_its_own() -> None:
    flights: Flights[str, str] = Flights()

    async def make() -> str:
        await asyncio.sleep(0)
        return "made"

    async def forever() -> str:
        await asyncio.Event().wait()
        return "never"

    async def leave() -> None:
        asyncio.ensure_future(flights.once("page", forever))  # noqa: RUF006 - the loop ends it
        await asyncio.sleep(0)

    async def check() -> None:
        assert await flights.once("page", make) == "made"

    asyncio.run(leave())
    asyncio.run(check())
