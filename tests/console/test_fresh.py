"""What was worked out a moment ago is not worked out again."""

from __future__ import annotations

import asyncio

import pytest

from newshole.console.fresh import Fresh


class Kitchen:
    """Makes dishes, which takes a while, and counts them; a `spoilt` one fails."""

    def __init__(self) -> None:
        self.made = 0
        self.is_spoilt = False

    async def dish(self) -> int:
        self.made += 1
        await asyncio.sleep(0)
        if self.is_spoilt:
            raise ValueError("spoilt")
        return self.made


def test_who_asks_meanwhile_waits_for_the_same() -> None:
    kitchen, fresh = Kitchen(), Fresh(lambda: 0.0)

    async def three() -> list[int]:
        return await asyncio.gather(*(fresh.get("soup", kitchen.dish) for _ in range(3)))

    assert asyncio.run(three()) == [1, 1, 1]


def test_it_is_made_again_when_it_is_old() -> None:
    kitchen, now = Kitchen(), [0.0]
    fresh = Fresh(lambda: now[0])

    async def twice(later: float) -> list[int]:
        first = await fresh.get("soup", kitchen.dish, last=5)
        now[0] += later
        return [first, await fresh.get("soup", kitchen.dish, last=5)]

    assert asyncio.run(twice(4.9)) == [1, 1]
    assert asyncio.run(twice(5.0))[1] == 2


def test_a_failure_is_told_and_forgotten() -> None:
    kitchen, fresh = Kitchen(), Fresh(lambda: 0.0)

    async def eat() -> int:
        return await fresh.get("soup", kitchen.dish)

    async def mended() -> int:
        kitchen.is_spoilt = True
        with pytest.raises(ValueError, match="spoilt"):
            await eat()
        kitchen.is_spoilt = False
        return await eat()

    assert asyncio.run(mended()) == 2


def test_who_leaves_does_not_take_it_from_the_others() -> None:
    kitchen, fresh = Kitchen(), Fresh(lambda: 0.0)

    async def one_leaves() -> int:
        first = asyncio.create_task(fresh.get("soup", kitchen.dish))
        await asyncio.sleep(0)
        second = asyncio.create_task(fresh.get("soup", kitchen.dish))
        await asyncio.sleep(0)
        first.cancel()
        return await second

    assert asyncio.run(one_leaves()) == 1
