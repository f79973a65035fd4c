"""Rules: drafts of them, the editor, and what becomes of a draft."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from newshole.console.drafting.checking import Checked, check_source, packs_of, place_of
from newshole.console.drafting.drafts import Draft, as_source
from newshole.console.numbers import is_number
from newshole.console.screens import impact, rules_merge, rules_revisions, rules_typing
from newshole.console.visit import Screen, Visit, get, post
from newshole.errors import UsageError
from newshole.live.entries import Published
from newshole.live.publishing import named_version
from newshole.live.source import Source, SourceError


@dataclass(frozen=True, slots=True)
class Opened:
    """Rules that are open: a draft, or a version, whose `source` it is. `file` is the one that is shown, at a
    `line` and a `column`; `is_pack` where it came with newshole."""

    source: Source
    packs: Mapping[str, str]
    checked: Checked
    file: str
    line: int
    column: int
    draft: Draft | None = None
    version: Published | None = None
    is_own: bool = False

    @property
    def is_pack(self) -> bool:
        """Whether what is shown came with newshole."""
        return self.file not in self.source.files

    @property
    def text(self) -> str:
        """The file that is shown."""
        return self.packs[self.file] if self.is_pack else self.source.files[self.file]


async def show(visit: Visit) -> Response:
    """The editor where a draft, a version or a place in the rules is asked for; else the list of drafts."""
    query = visit.query
    if name := query.get("draft"):
        return await _show_draft(visit, await visit.site.drafts.get(name))
    if not {"version", "find", "file"} & query.keys():
        return await _show_list(visit)
    state = await visit.site.state()
    version = named_version(state, query["version"]) if query.get("version") else state.version
    own = None if "version" in query else await _own(visit, version)
    return await (_show_draft(visit, own) if own else _show_version(visit, version))


async def _own(visit: Visit, version: Published | None) -> Draft | None:
    """The newest draft of somebody's own that begins from a version."""
    drafts = await visit.site.open_drafts()
    fitting = (
        each for each in drafts if each.by == visit.person.name and version and each.base == version.digest
    )
    return next(fitting, None)


async def _show_list(visit: Visit) -> Response:
    drafts = await visit.site.open_drafts()
    dropped = await visit.site.drafts.list(dropped=True)
    return visit.page("rules.html.j2", state=await visit.site.state(), drafts=drafts, dropped=dropped)


async def _show_draft(visit: Visit, draft: Draft) -> Response:
    is_own = draft.by == visit.person.name and visit.person.may("editor")
    changed = await _changed(visit, draft)
    opened = await _opened(visit, as_source(draft), changed, draft=draft, is_own=is_own)
    return await _editor(visit, opened)


async def _changed(visit: Visit, draft: Draft) -> str:
    """The first file that a draft changes; "" where it changes none, or nobody knows any more."""
    try:
        base = await visit.site.ledger.source(draft.base)
    except SourceError:
        return ""
    return next((path for path, text in sorted(draft.files.items()) if base.files.get(path) != text), "")


async def _show_version(visit: Visit, version: Published | None) -> Response:
    if version is None:
        raise UsageError("no rules are published yet: publish some first")
    source = await visit.site.ledger.source(version.digest)
    return await _editor(visit, await _opened(visit, source, version=version))


async def _editor(visit: Visit, opened: Opened) -> Response:
    state = await visit.site.state()
    shown = rules_typing.for_script(visit, opened.draft) | _for_script(opened)
    return visit.page("rules_editor.html.j2", opened=opened, state=state, shown=shown)


def _for_script(opened: Opened) -> dict[str, Any]:
    """What the editor's script begins with."""
    return {
        "file": opened.file,
        "line": opened.line,
        "column": opened.column,
        "files": dict(opened.source.files),
        "packs": dict(opened.packs),
        "isOwn": opened.is_own,
        "checked": rules_typing.told(opened.checked),
    }


async def _opened(
    visit: Visit,
    source: Source,
    first: str = "",
    **more: Any,  # noqa: ANN401 - fields of Opened
) -> Opened:
    """Rules at the place that the address leads to, else at the beginning of the `first` file, "" for that in
    which they begin."""
    known = await visit.site.known()
    packs, checked = await asyncio.gather(
        visit.site.turns.take(packs_of, source), visit.site.turns.take(check_source, source, known)
    )
    file, line, column = await _place(visit, source)
    if file not in source.files and file not in packs:
        file = first or (source.entry if source.entry in source.files else min(source.files, default=""))
    if not file:
        raise UsageError("these rules have no file: begin another draft")
    return Opened(source, packs, checked, file, line, column, **more)


async def _place(visit: Visit, source: Source) -> tuple[str, int, int]:
    """Where in the rules the address leads: the file, "" for none, the line and the column, 0 for none."""
    query = visit.query
    if path := query.get("find"):
        found = await visit.site.turns.take(place_of, source, path)
        return found or (query.get("file", ""), 0, 0)
    numbers = (int(each) if is_number(each := query.get(name, "")) else 0 for name in ("line", "column"))
    line, column = numbers
    return query.get("file", ""), line, column


async def begin(visit: Visit) -> Response:
    """Begin a draft from a version, the one in service where none is named, or from somebody's draft."""
    form = await visit.form()
    drafts, name = visit.site.drafts, visit.person.name
    if copied := form.get("draft"):
        theirs = await drafts.get(copied)
        note = f"copied from the draft of {theirs.by}"
        draft = await drafts.begin(name, as_source(theirs), theirs.base, note=note)
    else:
        state = await visit.site.state()
        version = named_version(state, form["version"]) if form.get("version") else state.version
        if version is None:
            raise UsageError("no rules are published yet: publish some first")
        draft = await drafts.begin(name, await visit.site.ledger.source(version.digest), version.digest)
    await visit.note("draft", on=draft.id, why=draft.note)
    place = {key: form.get(key, "") for key in ("file", "line", "column")}
    return visit.go("rules", draft=draft.id, **place)


async def discard(visit: Visit) -> Response:
    """Discard a draft of one's own; publishers may discard anybody's."""
    draft = await visit.site.drafts.get((await visit.form()).get("draft", ""))
    if draft.by != visit.person.name and not visit.person.may("publisher"):
        raise HTTPException(403, f"This is the draft of {draft.by}: ask them to discard it.")
    await visit.site.drafts.drop(draft.id, visit.person.name)
    await visit.note("draft-discarded", on=draft.id)
    return visit.go("rules")


async def take_back(visit: Visit) -> Response:
    """Have a draft again that was discarded."""
    draft = await visit.site.drafts.take_back((await visit.form()).get("draft", ""), visit.person.name)
    await visit.note("draft-taken-back", on=draft.id)
    return visit.go("rules", draft=draft.id)


SCREEN: Final = Screen(
    "rules",
    "Rules",
    "Write drafts of the rules, check them, and compare them with what is in service.",
    (
        get("rules", show),
        post("rules/begin", begin),
        post("rules/discard", discard),
        post("rules/take-back", take_back),
        *rules_typing.WAYS,
        *rules_revisions.WAYS,
        *rules_merge.WAYS,
        *impact.WAYS,
    ),
)
