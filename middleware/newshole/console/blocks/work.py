"""Where somebody works with forms: the rules in service, or a draft; and how what they change is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from newshole.console.blocks.sheets import RulesFile, chosen, sheets_of
from newshole.console.drafting.checking import check_source
from newshole.console.drafting.drafts import Draft, as_source
from newshole.console.numbers import is_number
from newshole.console.visit import Visit
from newshole.errors import Problem, UsageError
from newshole.live.source import Source


@dataclass(frozen=True, slots=True)
class Work:
    """The `source` that somebody works on, the sites' files in it, and the one they look at; `draft` is None
    for the rules in service, and `base` the version that these are. What was seen `is_forgotten` where the
    revision that a form was made from is not kept any more; it is the newest one then."""

    source: Source
    sheets: Mapping[str, RulesFile]
    sheet: RulesFile
    base: str
    draft: Draft | None = None
    is_forgotten: bool = False

    @property
    def query(self) -> dict[str, str]:
        """The fields of an address that lead back here."""
        file = self.sheet.name if len(self.sheets) > 1 else ""
        return {"draft": self.draft.id if self.draft else "", "file": file}


async def work_of(visit: Visit, asked: Mapping[str, str]) -> Work:
    """What an address or a form asks for, of a draft the revision that was `seen`, else the version that the
    form was made from (`base`), which may be in service no more.

    Raises UsageError where there is no such draft or file, EditError where a file cannot be read.
    """
    file = asked.get("file", "")
    if not asked.get("draft"):
        source = await visit.site.source(asked.get("base", ""))
        return await _work(visit, source, file, source.digest, None)
    draft = await visit.site.drafts.get(asked["draft"])
    seen = await _seen(visit, draft, asked.get("seen", ""))
    work = await _work(visit, as_source(seen or draft), file, draft.base, seen or draft)
    return replace(work, is_forgotten=seen is None)


async def _seen(visit: Visit, draft: Draft, seen: str) -> Draft | None:
    """The revision of a draft that a form was made from; None where it is not kept."""
    if not is_number(seen) or int(seen) >= draft.revision:
        return draft
    try:
        return await visit.site.drafts.revision(draft.id, int(seen))
    except UsageError:
        return None


async def newest(visit: Visit, work: Work) -> Work:
    """The same with what others saved meanwhile."""
    if work.draft is None:
        return work
    draft = await visit.site.drafts.get(work.draft.id)
    if draft.revision == work.draft.revision:
        return work
    return await _work(visit, as_source(draft), work.sheet.name, draft.base, draft)


async def _work(visit: Visit, source: Source, file: str, base: str, draft: Draft | None) -> Work:
    sheets = await visit.site.turns.take(sheets_of, source)
    return Work(source, sheets, chosen(sheets, file), base, draft)


async def new_problems(visit: Visit, work: Work, source: Source) -> Sequence[Problem]:
    """What is wrong with changed files that was not wrong before."""
    known = await visit.site.known()
    after = (await visit.site.turns.take(check_source, source, known)).problems
    if not after:
        return ()
    before = {
        each.message for each in (await visit.site.turns.take(check_source, work.source, known)).problems
    }
    return [each for each in after if each.message not in before]


async def keep(visit: Visit, work: Work, source: Source, note: str) -> Draft:
    """Keep changed files in the draft, or in a new one of this person where they worked on what is in
    service. Raises DraftConflictError, UsageError, StoreError."""
    drafts, name = visit.site.drafts, visit.person.name
    draft = work.draft or await drafts.begin(name, work.source, work.base, note=note)
    return await drafts.save(draft.id, source.files, by=name, seen=draft.revision)
