"""Drafts that are released through the Publish screen, and the forms that do it."""

from __future__ import annotations

import re

import httpx

from newshole.console.drafting.drafts import Draft, Drafts
from newshole.live.appending import read_log
from newshole.live.entries import State
from newshole.live.ledger import Ledger
from newshole.live.publishing import publish
from newshole.live.source import Source
from tests.console.newsroom import Newsroom

NOW = 1_700_000_000.0
SHARE = {"whom": "share", "share": "10", "unit": "url", "pause": ""}
DONE = {"whom": "all", "when": "now", "do": "publish"}


def state(room: Newsroom) -> State:
    async def read(ledger: Ledger) -> State:
        return (await read_log(ledger))[1]

    return room.at(read)


def changed(source: Source, add: str) -> Source:
    """The same files with one line more in the entry, and a file that nobody reads."""
    return Source(source.entry, {path: text + add for path, text in source.files.items()})


def draft(room: Newsroom, add: str = "\n# mine\n", *, note: str = "one ad less") -> Draft:
    """A draft of what is in service, changed."""

    async def begin(ledger: Ledger) -> Draft:
        digest = (await read_log(ledger))[1].serves
        source = await ledger.source(digest)
        return await Drafts(ledger, lambda: NOW).begin("ed", changed(source, add), digest, note=note)

    return room.at(begin)


def another(room: Newsroom) -> None:
    """Somebody else publishes."""

    async def do(ledger: Ledger) -> None:
        source = await ledger.source((await read_log(ledger))[1].serves)
        await publish(ledger, changed(source, "\n# of another\n"), by="bo", note="x", clock=lambda: NOW)

    room.at(do)


def form(client: httpx.Client, room: Newsroom, made: Draft, **more: str) -> dict[str, str]:
    """The form of a draft as the screen shows it, filled in."""
    text = client.get(room.screen(f"publish?draft={made.id}")).text
    hidden = dict(re.findall(r'<input type="hidden" name="(draft|revision|on)" value="([^"]*)"', text))
    return {**hidden, **DONE, "note": "one ad less", **more}


def of_staged(room: Newsroom, **more: str) -> dict[str, str]:
    """What a form about the version that is staged sends."""
    staged = state(room).staged
    assert staged is not None
    return {"version": staged.digest, **more}


def of_proposal(room: Newsroom) -> dict[str, str]:
    """What the form sends that approves the one thing that is proposed."""
    (proposed,) = state(room).proposed
    return {"version": proposed.digest, "proposed_at": str(proposed.at)}
