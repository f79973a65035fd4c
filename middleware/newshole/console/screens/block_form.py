"""A block in a form: what people without YAML change, written into their draft as the same YAML."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from starlette.responses import Response

from newshole.console.blocks import words
from newshole.console.blocks.comparison import Comparison, compared
from newshole.console.blocks.editing import Editing, clashes, editing, made, rooms, touched
from newshole.console.blocks.others import changed_by
from newshole.console.blocks.placing import DAYS, MEASURES, MODES, POINTS, SIDES, STACKS, UNITS
from newshole.console.blocks.summary import beside, labels
from newshole.console.blocks.work import Work, keep, new_problems, newest, work_of
from newshole.console.drafting.comparing import FileDiff, file_diffs
from newshole.console.drafting.drafts import DraftConflictError
from newshole.console.preview.recent import picks
from newshole.console.visit import Visit
from newshole.rules.editing.edits import EditError
from newshole.rules.tree import Plain

LISTS: Final = {
    "days": DAYS,
    "measures": MEASURES,
    "modes": MODES,
    "points": POINTS,
    "sides": SIDES,
    "stacks": STACKS,
    "units": UNITS,
}
"""What the widgets let one choose from."""


_UNNAMED: Final = "new-block"
"""What a new block is called while its own name will not do."""

FORGOTTEN: Final = (
    "The draft was saved many times since you opened this, so nobody can tell what others changed in it"
    " meanwhile. What you typed is still here: look at the draft, and save again."
)

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]*")


async def show(visit: Visit) -> Response:
    """The form of a block, of a copy of one or of a new one. Raises UsageError, EditError, StoreError."""
    work = await work_of(visit, visit.query)
    return await _page(visit, work, editing(work, visit.query))


async def save(visit: Visit) -> Response:
    """Keep what was sent in the draft, or show it again with what is wrong with it."""
    sent = await visit.form()
    work = await work_of(visit, sent)
    edit = editing(work, sent, sent)
    name = edit.id or sent.get("id", "").strip()
    if sent.get("action") == "again":
        return await _page(visit, work, edit, sent)
    if work.is_forgotten:
        return await _page(visit, work, edit, sent, others=[FORGOTTEN], status=422)
    edit.form.wrong.update(_wrong_name(work, edit, name))
    others: Sequence[str] = ()
    try:
        return await _kept(visit, work, edit, sent, _UNNAMED if "id" in edit.form.wrong else name)
    except EditError as error:
        others = [f"{error}. It can be changed in the YAML, under Rules."]
    except _RefusedError as refused:
        work, edit, others = refused.work, refused.edit, refused.others
    return await _page(visit, work, edit, sent, others=others, status=422)


class _RefusedError(Exception):
    """What was sent is not kept: what is wrong with which fields, and what else."""

    def __init__(
        self, work: Work, edit: Editing, fields: Mapping[str, str], others: Sequence[str] = ()
    ) -> None:
        super().__init__()
        self.work, self.edit, self.others = work, edit, others
        edit.form.wrong.update(fields)


def _wrong_name(work: Work, edit: Editing, name: str) -> dict[str, str]:
    if edit.id:
        return {}
    if not _NAME.fullmatch(name):
        return {"id": "give it a name of small letters, digits and hyphens, such as autumn-ad"}
    return {"id": "there is a block of this name: choose another one"} if name in work.sheet.blocks else {}


async def _kept(visit: Visit, work: Work, edit: Editing, sent: Mapping[str, str], name: str) -> Response:
    now = await newest(visit, work)
    if now is not work:
        theirs = editing(now, sent, touched(edit, sent))
        if found := clashes(edit, theirs):
            raise _RefusedError(now, theirs, found)
        edit = replace(edit, own=theirs.own)
    source = await visit.site.turns.take(made, now, edit, name)
    if source == now.source and not edit.form.wrong:
        return visit.go("blocks/edit", block=name, **now.query, saved="nothing")
    problems = await new_problems(visit, now, source)
    if problems or edit.form.wrong:
        told = beside(problems, now.sheet.name, name, edit.form)
        raise _RefusedError(work, edit, told.fields, told.others)
    try:
        draft, saved = await keep(visit, now, source, f"block {name}"), "yes"
    except DraftConflictError as error:
        draft, saved = error.mine, "aside"
    return visit.go("blocks/edit", block=name, draft=draft.id, file=work.query["file"], saved=saved)


async def _page(
    visit: Visit,
    work: Work,
    edit: Editing,
    sent: Mapping[str, str] | None = None,
    *,
    others: Sequence[str] = (),
    status: int = 200,
) -> Response:
    controls = edit.form.controls()
    groups = [
        (title, [each for each in controls if each.field.group == key]) for key, title in words.GROUPS.items()
    ]
    return visit.page(
        "block_form.html.j2",
        status,
        work=work,
        edit=edit,
        sent=sent or {},
        groups=[group for group in groups if group[1]],
        others=others,
        others_of=changed_by(work.sheet.whole, edit.id) if edit.id else (),
        labels={"id": "Name", **dict(labels(controls))},
        lists=LISTS,
        kinds=words.KINDS,
        servers=words.SERVERS,
        rooms=rooms(_as_typed(edit)),
        own=edit.own,
        blocks=list(work.sheet.blocks),
        saved=visit.query.get("saved", "") if sent is None else "",
        difference=await difference(visit, work),
        comparison=await _comparison(visit, work) if sent is None else None,
        picks=await picks(visit.site) if work.draft else (),
    )


async def _comparison(visit: Visit, work: Work) -> Comparison | None:
    """What the draft changes on the page that is asked for."""
    page = visit.query.get("page", "").strip()
    return await compared(visit.site, page, work.draft.id) if page and work.draft else None


def _as_typed(edit: Editing) -> dict[str, Plain]:
    """What the block would say with what was typed, as far as that can be read."""
    found = dict(edit.says)
    for path, value in edit.values.items():
        if path[0] in ("sizes", "reserve"):
            held = found.get(path[0])
            below = dict(held) if isinstance(held, dict) else {}
            if len(path) > 1 and value is not None:
                found[path[0]] = {**below, path[1]: value}
    return found


async def difference(visit: Visit, work: Work) -> list[FileDiff]:
    """How the draft differs from what is in service, file by file; nothing where nobody drafts."""
    if work.draft is None:
        return []
    return await visit.site.turns.take(file_diffs, (await visit.site.source()).files, work.source.files)
