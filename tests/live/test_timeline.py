"""What happened to a site, of the log and the audit together."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from newshole.live.audit import Act, Audit
from newshole.live.ledger import Ledger
from newshole.live.publishing import publish
from newshole.live.switching import turn_off, turn_on
from newshole.live.timeline import Happening, Sought, read_timeline, record
from newshole.store import MemoryArchive
from newshole.types import Switch
from tests.live.rules import FIRST, source_of

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC).timestamp()


async def told(archive: MemoryArchive) -> list[Happening]:
    ledger = Ledger(archive, secret=b"key")
    return await read_timeline(ledger, Audit(ledger))


async def busy_day(archive: MemoryArchive) -> None:
    """A version, a note of the console, a switch off and on again."""
    ledger = Ledger(archive, secret=b"key")
    await publish(ledger, source_of(FIRST), by="anna", note="first", clock=lambda: NOON)
    await Audit(ledger).note(Act(NOON + 1, "ed", "draft-drop", "d1", "not needed", role="editor"))
    await turn_off(ledger, (Switch("block", "spot", "bo", "ad server down", NOON + 2),), at=NOON + 2)
    await turn_on(ledger, (("block", "spot"),), at=NOON + 3, by="bo", reason="it is up")


def test_versions_switches_and_notes_stand_in_one_line_of_time() -> None:
    async def check() -> None:
        archive = MemoryArchive()
        await busy_day(archive)
        assert [(each.what, each.by, each.on, each.why) for each in await told(archive)] == [
            ("switch-on", "bo", "block spot", "it is up"),
            ("switch-off", "bo", "block spot", "ad server down"),
            ("draft-drop", "ed", "d1", "not needed"),
            ("publish", "anna", source_of(FIRST).digest[:8], "first"),
        ]

    asyncio.run(check())


def test_an_entry_that_is_damaged_or_gone_is_told_in_its_place() -> None:
    async def check() -> None:
        archive = MemoryArchive()
        await busy_day(archive)
        await archive.drop(b"live:{site}:log", b"2")
        await archive.drop(b"live:{site}:audit", b"1")
        await archive.add(b"live:{site}:audit", b"1", b"something else")
        found = [(each.what, each.on) for each in await told(archive) if not each.is_sound]
        assert sorted(found) == [("damaged", "entry 1 of the audit"), ("missing", "entry 2 of the log")]
        assert [each.what for each in await told(archive) if each.is_sound] == ["switch-on", "publish"]

    asyncio.run(check())


def test_what_is_sought_is_compared_by_person_kind_day_and_words() -> None:
    late = datetime(2026, 11, 28, 23, 30, tzinfo=UTC).timestamp()
    switch = Happening(late, "bo", "switch-off", "block spot", "Ad server down", "log", 2)
    berlin = ZoneInfo("Europe/Berlin")
    for sought in (Sought("bo"), Sought(what="switch-off"), Sought(day="2026-11-28"), Sought(text="SERVER")):
        assert sought.fits(switch)
    for sought in (Sought("anna"), Sought(what="publish"), Sought(day="2026-11-29"), Sought(text="editor")):
        assert not sought.fits(switch)
    assert Sought(day="2026-11-29").fits(switch, berlin)


def test_a_happening_for_json_has_its_moment_with_an_offset() -> None:
    told = record(Happening(NOON, "bo", "publish", "1b2c3d4e", "n", "log", 2))
    assert (told["at"], told["book"], told["number"]) == ("2026-11-28T12:00:00.000+00:00", "log", 2)
