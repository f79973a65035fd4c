"""The audit screen: who did what, when and why."""

from __future__ import annotations

import json
import time

import httpx

from newshole.live.ledger import Ledger
from newshole.live.switching import turn_off
from newshole.types import Switch
from tests.console.newsroom import Newsroom


def switched(room: Newsroom, *, by: str = "bo", reason: str = "=2+5 ad server down") -> None:
    async def do(ledger: Ledger) -> None:
        await turn_off(ledger, (Switch("block", "mid-ad", by, reason, time.time()),), at=time.time())

    room.at(do)


def test_versions_switches_and_sign_ins_are_in_the_audit(busy: Newsroom) -> None:
    switched(busy)
    with busy.signed_in("vi") as client:
        text = client.get(busy.screen("audit")).text
    assert "3 entries" in text
    assert text.index("block mid-ad") < text.index("the rules that it was started with")


def test_the_audit_is_filtered_by_its_address(busy: Newsroom) -> None:
    switched(busy)
    with busy.signed_in("vi") as client:
        found = client.get(busy.screen("audit?by=bo&text=SERVER")).text
        none = client.get(busy.screen("audit?by=bo&what=publish")).text
    assert "1 entry of 3" in found
    assert "Nothing fits" in none


def test_the_audit_is_saved_as_lines_of_json(busy: Newsroom) -> None:
    switched(busy)
    with busy.signed_in("vi") as client:
        answer = client.get(busy.screen("audit.jsonl?what=switch-off"))
    (line,) = answer.text.splitlines()
    told = json.loads(line)
    assert (told["by"], told["on"], told["why"]) == ("bo", "block mid-ad", "=2+5 ad server down")
    assert answer.headers["content-disposition"] == 'attachment; filename="audit-site.jsonl"'


def test_a_damaged_entry_is_told_above_all_others(busy: Newsroom) -> None:
    async def damage(ledger: Ledger) -> None:
        await ledger.archive.add(b"live:{site}:audit", b"1", b"nobody sealed this")

    busy.at(damage)
    with busy.signed_in("vi") as client:
        text = client.get(busy.screen("audit")).text
    assert "1 entry is damaged or missing." in text
    assert "entry 1 of the audit" in text


def test_who_is_not_signed_in_saves_nothing_of_the_audit(quiet: Newsroom) -> None:
    assert httpx.get(quiet.screen("audit.jsonl")).status_code == 303
