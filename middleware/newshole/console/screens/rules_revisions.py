"""A draft against what is in service, and its revisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from newshole.console.drafting.comparing import file_diffs
from newshole.console.numbers import is_number
from newshole.console.screens.rules_typing import own_draft
from newshole.console.visit import Visit, Way, get, post
from newshole.errors import UsageError


async def show_diff(visit: Visit) -> Response:
    """What a draft changes: of the version in service, or of an older `revision` of its own."""
    query = visit.query
    draft = await visit.site.drafts.get(query.get("draft", ""))
    revision = number(query, "revision")
    if revision:
        before = (await visit.site.drafts.revision(draft.id, revision)).files
    else:
        before = (await visit.site.source()).files
    diffs = await visit.site.turns.take(file_diffs, before, draft.files)
    state = await visit.site.state()
    view = query.get("view", "")
    return visit.page(
        "rules_diff.html.j2", draft=draft, diffs=diffs, revision=revision, state=state, view=view
    )


async def show_history(visit: Visit) -> Response:
    """The revisions of a draft that are kept."""
    draft = await visit.site.drafts.get(visit.query.get("draft", ""))
    revisions = await visit.site.drafts.history(draft.id)
    return visit.page(
        "rules_history.html.j2", draft=draft, revisions=revisions, is_own=draft.by == visit.person.name
    )


async def restore(visit: Visit) -> Response:
    """Make an older revision the newest one; those between are kept."""
    form = await visit.form()
    draft = await own_draft(visit, form)
    old = await visit.site.drafts.revision(draft.id, number(form, "revision"))
    saved = await visit.site.drafts.save(
        draft.id, old.files, by=visit.person.name, seen=draft.revision, entry=old.entry, base=old.base
    )
    return visit.go("rules", draft=saved.id)


def number(fields: Mapping[str, str], name: str) -> int:
    """The number in a field, 0 for none. Raises UsageError where it is something else."""
    written = fields.get(name, "") or "0"
    if not is_number(written):
        raise UsageError(f"{written} is no number of a {name}: choose one from the history")
    return int(written)


WAYS: Final[tuple[Way, ...]] = (
    get("rules/diff", show_diff),
    get("rules/history", show_history),
    post("rules/restore", restore),
)
