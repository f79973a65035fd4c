"""Workers that look after a log together, each with a clock of its own."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable

from newshole import Site
from newshole.live.board import Board
from newshole.live.follower import Follower
from newshole.live.ledger import Ledger
from newshole.live.publishing import publish
from newshole.live.staging.figures import Figures
from newshole.live.staging.keeper import Keeper
from newshole.live.staging.stage import Stage
from newshole.store import Archive
from tests.live.rules import FIRST, source_of

OLD = source_of(FIRST)
SECRET = b"of the newsroom"


class Worker:
    """What a worker has in service, whatever it is of."""

    def __init__(self) -> None:
        self.site = Site()
        self.figures: tuple[Figures, Figures] | None = None
        self.stage: Stage | None = None


def run(archive: Archive, check: Callable[[Ledger, list[Keeper]], Awaitable[None]]) -> None:
    """Run a check on a log with the first rules in service, and three workers whose clocks differ."""

    async def checked() -> None:
        ledger = Ledger(archive, uuid.uuid4().hex, SECRET)
        await publish(ledger, OLD, by="anna", note="", clock=lambda: 100.0)
        keepers = [keeper(ledger, ahead) for ahead in (0.0, 1.0, -1.0)]
        try:
            await check(ledger, keepers)
        finally:
            await archive.close()

    asyncio.run(checked())


CLOCK = [100.0]


def keeper(ledger: Ledger, ahead: float) -> Keeper:
    def clock() -> float:
        return CLOCK[0] + ahead

    return Keeper(Follower(ledger, Board(Worker()), clock=clock), clock=clock)


async def look(keepers: list[Keeper], now: float) -> None:
    """Let all workers see the log and take what is in it, and then look at the same time."""
    CLOCK[0] = now
    for _ in range(2):
        for each in keepers:
            await each.follower.ask()
            if each.follower.taking is not None:
                await each.follower.taking
    for each in keepers:
        await each.follower.say_at_once()
    await asyncio.gather(*(each.look() for each in keepers))
