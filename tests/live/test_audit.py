"""The audit of what people did."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from newshole.live.audit import TRIES, Act, Audit
from newshole.live.ledger import Ledger
from newshole.store import MemoryArchive

ACT = Act(1_795_000_000.0, "anna", "sign-in", role="publisher", peer="192.0.2.7")


def test_acts_are_read_in_the_order_they_were_noted_in() -> None:
    async def check() -> None:
        archive = MemoryArchive()
        first, second = (Audit(Ledger(archive, secret=b"key")) for _ in range(2))
        assert [await first.note(ACT), await second.note(replace(ACT, by="bo")), await first.note(ACT)] == [
            1,
            2,
            3,
        ]
        assert [each.act and each.act.by for each in await second.read()] == ["anna", "bo", "anna"]

    asyncio.run(check())


def test_an_act_that_somebody_changed_is_told_to_be_damaged() -> None:
    async def check() -> None:
        archive = MemoryArchive()
        audit = Audit(Ledger(archive, secret=b"key"))
        await audit.note(ACT)
        await Audit(Ledger(archive, secret=b"another")).note(ACT)
        assert [each.act for each in await audit.read()] == [ACT, None]

    asyncio.run(check())


def test_who_was_silent_while_others_noted_much_goes_on_behind_them() -> None:
    async def check() -> None:
        archive = MemoryArchive()
        first, second = (Audit(Ledger(archive, secret=b"key")) for _ in range(2))
        await first.note(ACT)
        for _ in range(3 * TRIES):
            await second.note(ACT)
        assert await first.note(ACT) == 3 * TRIES + 2

    asyncio.run(check())


def test_a_number_that_somebody_took_out_is_not_given_again() -> None:
    async def check() -> None:
        ledger = Ledger(MemoryArchive(), secret=b"key")
        for _ in range(3):
            await Audit(ledger).note(ACT)
        await ledger.archive.drop(b"live:{site}:audit", b"1")
        await Audit(ledger).note(ACT)
        assert [each.number for each in await Audit(ledger).read()] == [2, 3, 4]

    asyncio.run(check())
