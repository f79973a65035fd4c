"""The audit of what people did."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from newshole.live.audit import Act, Audit
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
