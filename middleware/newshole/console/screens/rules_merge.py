"""Two people's changes of the same rules, brought together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from newshole.console.drafting.drafts import Draft, DraftConflictError
from newshole.console.drafting.merging import CHOICES, FileMerge, Piece, merge_files, settled
from newshole.console.screens.rules_revisions import number
from newshole.console.screens.rules_typing import ended_as, own_draft
from newshole.console.visit import Visit, Way, get, post
from newshole.errors import UsageError
from newshole.live.entries import Published
from newshole.live.publishing import named_version
from newshole.live.source import SourceError


@dataclass(frozen=True, slots=True)
class Other:
    """What a draft is merged with: a version, or another `draft`; `base` is what both began from."""

    entry: str
    files: Mapping[str, str]
    base: Mapping[str, str]
    base_entry: str
    version: Published | None = None
    draft: Draft | None = None

    @property
    def by(self) -> str:
        """Whose it is."""
        if self.draft is not None:
            return self.draft.saved_by
        return self.version.by if self.version else ""


async def show(visit: Visit) -> Response:
    """What both changed, side by side, and what comes of the rest by itself."""
    draft = await visit.site.drafts.get(visit.query.get("draft", ""))
    other = await _other(visit, draft, visit.query)
    files = await visit.site.turns.take(merge_files, other.base, other.files, draft.files)
    return visit.page(
        "rules_merge.html.j2",
        draft=draft,
        other=other,
        files=files,
        conflicts=sum(len(each.conflicts) for each in files),
        origin=visit.query.get("from", ""),
        is_own=draft.by == visit.person.name,
    )


async def decide(visit: Visit) -> Response:
    """Save what was decided as a new revision, which begins from the version that it was merged with."""
    form = await visit.form()
    draft = await own_draft(visit, form)
    other = await _other(visit, draft, form)
    if number(form, "seen") != draft.revision or number(form, "theirs") != _revision(other):
        raise UsageError("somebody saved meanwhile: open the merge again, what you see there is the newest")
    merged = await visit.site.turns.take(merge_files, other.base, other.files, draft.files)
    files = _files(merged, form)
    entry = other.entry if draft.entry == other.base_entry else draft.entry
    saved = await _saved(visit, draft, other, files, entry if entry in files else draft.entry)
    await visit.note("draft-merged", on=saved.id, why=f"with what {other.by or 'somebody'} wrote")
    return visit.go("rules", draft=saved.id)


async def _saved(visit: Visit, draft: Draft, other: Other, files: dict[str, str], entry: str) -> Draft:
    """The merge: in the draft, or in the one of somebody's own that it was split off from, which then has
    all of it."""
    name, drafts = visit.person.name, visit.site.drafts
    try:
        if other.draft is None or other.draft.by != name:
            base = other.version.digest if other.version else ""
            return await drafts.save(draft.id, files, by=name, seen=draft.revision, entry=entry, base=base)
        joined = other.draft
        saved = await drafts.save(joined.id, files, by=name, seen=joined.revision, entry=entry)
    except DraftConflictError as error:
        return error.mine
    await drafts.drop(draft.id, name, seen=draft.revision)
    return saved


async def _other(visit: Visit, draft: Draft, asked: Mapping[str, str]) -> Other:
    """What a draft is to be merged with: the version in service where nothing else is named."""
    named = asked.get("with", "")
    if named != draft.id and named in await _drafts(visit):
        theirs = await visit.site.drafts.get(named)
        base, entry = await _seen_of(visit, theirs, number(asked, "from"))
        return Other(theirs.entry, theirs.files, base, entry, draft=theirs)
    state = await visit.site.state()
    version = named_version(state, named) if named else state.version
    if version is None:
        raise UsageError("no rules are published yet: there is nothing to merge with")
    source = await visit.site.ledger.source(version.digest)
    base, entry = await _published(visit, draft.base)
    return Other(source.entry, source.files, base, entry, version=version)


async def _drafts(visit: Visit) -> set[str]:
    """All drafts, also those that were published or discarded: somebody may still have written on one."""
    there, gone = await visit.site.drafts.list(), await visit.site.drafts.list(dropped=True)
    return {each.id for each in (*there, *gone)}


async def _seen_of(visit: Visit, draft: Draft, revision: int) -> tuple[Mapping[str, str], str]:
    """The files of the revision of a draft that another one was split off from, or of what it began with."""
    try:
        seen = await visit.site.drafts.revision(draft.id, revision)
    except UsageError:
        return await _published(visit, draft.base)
    return seen.files, seen.entry


async def _published(visit: Visit, digest: str) -> tuple[Mapping[str, str], str]:
    """The files of a version; none where they are lost, so that all that differs is shown."""
    try:
        source = await visit.site.ledger.source(digest)
    except SourceError:
        return {}, ""
    return source.files, source.entry


def _files(merged: tuple[FileMerge, ...], form: Mapping[str, str]) -> dict[str, str]:
    """Every file, its conflicts as a form has them decided."""
    texts = {
        file.path: settled(
            file, [_decided(form, f"{n}:{file.path}", each) for n, each in enumerate(file.conflicts)]
        )
        for file in merged
    }
    return {path: text for path, text in texts.items() if text is not None}


def _decided(form: Mapping[str, str], name: str, piece: Piece) -> str:
    """The text of one conflict. Raises UsageError where nothing is chosen."""
    choice = form.get(f"choice:{name}")
    if choice == "hand":
        text = ended_as(form.get(f"hand:{name}", ""), piece.mine)
        is_ended = not text or text.endswith("\n") or not piece.mine.endswith("\n")
        return text if is_ended else text + ("\r\n" if "\r\n" in piece.mine else "\n")
    for each in CHOICES:
        if choice == each:
            return piece.chosen(each)
    raise UsageError("something is not decided yet: go back, and choose for every place that both changed")


def _revision(other: Other) -> int:
    return other.draft.revision if other.draft else 0


WAYS: Final[tuple[Way, ...]] = (get("rules/merge", show), post("rules/merge", decide))
