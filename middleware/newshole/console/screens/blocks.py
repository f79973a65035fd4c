"""Blocks: forms for what people without YAML change: a block, its schedule, its place, its pictures, pins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.responses import Response

from newshole.console.blocks import words
from newshole.console.blocks.others import changed_by
from newshole.console.blocks.sheets import mapped, with_changes
from newshole.console.blocks.summary import conditions_in_words, place_in_words, schedule_in_words
from newshole.console.blocks.work import Work, keep, new_problems, work_of
from newshole.console.drafting.drafts import Draft, DraftConflictError
from newshole.console.preview.recent import picks
from newshole.console.screens import block_form
from newshole.console.visit import Screen, Visit, get, post
from newshole.errors import Problem, UsageError
from newshole.live.source import Source
from newshole.rules.editing.edits import Change, EditError, Move, Put, Take
from newshole.rules.editing.sheet import Steps
from newshole.rules.tree import Plain
from newshole.types import Switch


@dataclass(frozen=True, slots=True)
class Card:
    """A block in words. `switch` is what has it off now, `others` are what else changes it; `is_own` where
    its own file says something of it, `is_first` and `is_last` where it cannot go further up or down there.
    """

    id: str
    kind: str
    title: str
    place: str
    schedule: str
    conditions: str
    switch: Switch | None
    others: tuple[str, ...]
    is_own: bool
    is_first: bool
    is_last: bool


async def show(visit: Visit) -> Response:
    """The blocks of the rules in service, or of a draft. Raises UsageError, StoreError."""
    try:
        work = await work_of(visit, visit.query)
    except EditError as error:
        return visit.page("blocks_wrong.html.j2", 409, wrong=str(error), draft=visit.query.get("draft", ""))
    return visit.page(
        "blocks.html.j2",
        work=work,
        cards=_cards(work, (await visit.site.state()).switches),
        kinds=words.KINDS,
        drafts=await _drafts_of(visit),
        pinned=_pinned(work),
        saved=visit.query.get("saved", ""),
        difference=await block_form.difference(visit, work),
    )


def _cards(work: Work, switches: Sequence[Switch]) -> list[Card]:
    off = {each.name: each for each in switches if each.what == "block"}
    own = [*mapped(work.sheet.own, "blocks")]
    return [
        Card(
            block,
            str(says.get("kind", "")),
            str(says.get("title") or says.get("label") or ""),
            place_in_words(says),
            schedule_in_words(says),
            conditions_in_words(says),
            off.get(block),
            changed_by(work.sheet.whole, block),
            block in own,
            own[:1] == [block],
            own[-1:] == [block],
        )
        for block, says in work.sheet.blocks.items()
    ]


async def _drafts_of(visit: Visit) -> list[Draft]:
    """The drafts of this person, the newest first."""
    return [each for each in await visit.site.open_drafts() if each.by == visit.person.name]


async def choose(visit: Visit) -> Response:
    """The kinds of blocks, to begin one. Raises UsageError, EditError, StoreError."""
    return visit.page("blocks_new.html.j2", work=await work_of(visit, visit.query), kinds=words.KINDS)


async def move(visit: Visit) -> Response:
    """Put a block before or behind its neighbour. Raises UsageError, EditError, StoreError."""
    sent = await visit.form()
    work = await work_of(visit, sent)
    own, block = [*mapped(work.sheet.own, "blocks")], sent.get("block", "")
    if block not in own:
        raise UsageError("this file does not say where the block is: it comes from another one")
    at = own.index(block)
    if sent.get("to") == "up":
        before = own[at - 1] if at else block
    else:
        before = own[at + 2] if at + 2 < len(own) else ""
    return await _kept(visit, work, [Move(("blocks", block), before)], f"block {block} moved")


async def look_at_deletion(visit: Visit) -> Response:
    """What would go with a block. Raises UsageError, EditError, StoreError."""
    return await _deletion(visit, await work_of(visit, visit.query), visit.query.get("block", ""))


async def _deletion(visit: Visit, work: Work, block: str) -> Response:
    if block not in work.sheet.blocks:
        raise UsageError(f'there is no block "{block}" in these rules: choose one from the list')
    wrong = ""
    problems: Sequence[Problem] = ()
    try:
        problems = await new_problems(visit, work, await visit.site.turns.take(_without, work, block))
    except EditError as error:
        wrong = str(error)
    card = next(each for each in _cards(work, ()) if each.id == block)
    return visit.page(
        "blocks_delete.html.j2", work=work, card=card, kinds=words.KINDS, problems=problems, wrong=wrong
    )


def _without(work: Work, block: str) -> Source:
    path: Steps = ("blocks", block)
    changes: list[Change] = [Take(path)] if work.sheet.is_own("blocks", block) else []
    return with_changes(work.source, work.sheet, changes, [path])


async def delete(visit: Visit) -> Response:
    """Take a block out of the draft; not where something else needs it. Raises as `look_at_deletion` does."""
    sent = await visit.form()
    work, block = await work_of(visit, sent), sent.get("block", "")
    source = await visit.site.turns.take(_without, work, block)
    if await new_problems(visit, work, source):
        return await _deletion(visit, work, block)
    return await _go(visit, work, source, f"block {block} deleted")


async def look_at_pins(visit: Visit) -> Response:
    """The stories that are pinned, in their order. Raises UsageError, EditError, StoreError."""
    return await _pins(visit, await work_of(visit, visit.query))


async def _pins(
    visit: Visit, work: Work, pinned: Sequence[str] | None = None, wrong: Sequence[str] = ()
) -> Response:
    stories = [(_short(visit, each.url), each.title) for each in await picks(visit.site)]
    return visit.page(
        "blocks_pins.html.j2",
        422 if wrong else 200,
        work=work,
        pinned=_pinned(work) if pinned is None else pinned,
        stories=stories,
        titles=dict(stories),
        users=[
            block
            for block, says in work.sheet.blocks.items()
            if says.get("kind") == "stories" and says.get("source") == "pinned"
        ],
        wrong=wrong,
    )


def _short(visit: Visit, url: str) -> str:
    """An address of the site as rules have it mostly: without the site."""
    home = urlsplit(visit.site.pages.home)
    return url.removeprefix(f"{home.scheme}://{home.netloc}")


def _pinned(work: Work) -> list[str]:
    found = mapped(work.sheet.whole, "library").get("pinned")
    return [str(each) for each in found] if isinstance(found, list) else []


async def pin(visit: Visit) -> Response:
    """Pin these stories, in the order that was typed. Raises UsageError, EditError, StoreError."""
    sent = await visit.form()
    work = await work_of(visit, sent)
    pinned = _sent_pins(sent)
    if work.is_forgotten:
        return await _pins(visit, work, pinned, [block_form.FORGOTTEN])
    path: Steps = ("library", "pinned")
    listed: list[Plain] = [*pinned]
    is_own = work.sheet.is_own("library", "pinned")
    changes: list[Change] = [Put(path, listed)] if listed else [Take(path)] if is_own else []
    gone: list[Steps] = [] if listed else [path]
    source = await visit.site.turns.take(with_changes, work.source, work.sheet, changes, gone)
    if problems := await new_problems(visit, work, source):
        return await _pins(visit, work, pinned, [each.message for each in problems])
    return await _go(visit, work, source, "pinned stories")


def _sent_pins(sent: Mapping[str, str]) -> list[str]:
    """The addresses of the form in the order of their numbers, each once."""
    found: list[tuple[float, int, str]] = []
    for n in range(200):
        url, order = sent.get(f"url{n}", "").strip(), sent.get(f"order{n}", "").strip().replace(",", ".")
        if url and f"gone{n}" not in sent:
            is_number = order.replace(".", "", 1).isdecimal()
            found.append((float(order) if is_number else n + 1.0, n, url))
    return list(dict.fromkeys(url for _, _, url in sorted(found)))


async def _kept(visit: Visit, work: Work, changes: list[Change], note: str) -> Response:
    source = await visit.site.turns.take(with_changes, work.source, work.sheet, changes, [])
    return await _go(visit, work, source, note)


async def _go(visit: Visit, work: Work, source: Source, note: str) -> Response:
    """Keep changed files, and back to the list of blocks."""
    if source == work.source:
        return visit.go("blocks", **work.query, saved="nothing")
    try:
        draft = await keep(visit, work, source, note)
    except DraftConflictError as error:
        return visit.go("blocks", draft=error.mine.id, file=work.query["file"], saved="aside")
    return visit.go("blocks", draft=draft.id, file=work.query["file"], saved="yes")


SCREEN: Final = Screen(
    "blocks",
    "Blocks",
    "A block, its schedule, its place and its pictures, in forms.",
    (
        get("blocks", show),
        get("blocks/edit", block_form.show),
        post("blocks/edit", block_form.save),
        get("blocks/new", choose, "editor"),
        get("blocks/delete", look_at_deletion, "editor"),
        post("blocks/delete", delete),
        post("blocks/move", move),
        get("blocks/pins", look_at_pins),
        post("blocks/pins", pin),
    ),
)
