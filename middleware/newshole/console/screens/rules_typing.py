"""What the editor of rules asks for while somebody types: saving, checking, completing, and its files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from newshole.console.drafting.checking import Checked, check_source
from newshole.console.drafting.drafts import Draft, DraftConflictError, check_files
from newshole.console.numbers import is_number
from newshole.console.visit import Show, Visit, Way, post
from newshole.errors import NewsholeError, UsageError
from newshole.live.source import Source
from newshole.rules.editing.completion import Names, completions
from newshole.store import StoreError

TEXT: Final = "text:"
"""What the name of a form's field begins with that holds a file; its path comes behind."""

_FILE: Final = re.compile(r"(?:[A-Za-z0-9_][\w.-]*/)*[A-Za-z0-9_][\w.-]*\.ya?ml")


def for_script(visit: Visit, draft: Draft | None) -> dict[str, Any]:
    """Whom the editor's script asks, and as whom."""
    ways = ("save", "check", "complete", "merge")
    return {
        "site": visit.site.label,
        "draft": draft.id if draft else "",
        "seen": draft.revision if draft else 0,
        "csrf": visit.csrf,
        "home": visit.address("rules"),
        "ways": {each: visit.address(f"rules/{each}") for each in ways},
    }


def told(checked: Checked) -> dict[str, Any]:
    """What was checked, as the editor's script reads it."""
    problems = [
        {"file": str(each.file), "line": each.line, "column": each.column, "message": each.message}
        for each in checked.problems
    ]
    return {"problems": problems, "notes": list(checked.notes)}


def as_json(do: Show) -> Show:
    """A way whose errors the editor's script can read, where it is the script that asks."""

    async def answer(visit: Visit) -> Response:
        try:
            return await do(visit)
        except (HTTPException, NewsholeError) as error:
            if not _is_script(visit):
                raise
            return JSONResponse({"told": _words(error)}, _status(error))

    return answer


def _words(error: HTTPException | NewsholeError) -> str:
    return error.detail if isinstance(error, HTTPException) else str(error)


def _status(error: HTTPException | NewsholeError) -> int:
    """What the script goes by: from 500 on it tries again by itself."""
    if isinstance(error, HTTPException):
        return error.status_code
    return 503 if isinstance(error, StoreError) else 400


def _is_script(visit: Visit) -> bool:
    return "json" in visit.request.headers.get("accept", "")


async def own_draft(visit: Visit, form: Mapping[str, str]) -> Draft:
    """The draft that a form is for, which has to be somebody's own. Raises HTTPException where it is not."""
    draft = await visit.site.drafts.get(form.get("draft", ""))
    if draft.by != visit.person.name:
        raise HTTPException(403, f"This is the draft of {draft.by}: copy it, and change the copy.")
    return draft


def seen_in(form: Mapping[str, str]) -> int:
    """The revision that a form was made from. Raises HTTPException where it does not say."""
    seen = form.get("seen", "")
    if not is_number(seen):
        raise HTTPException(400, "The form does not say which revision it is of: open the draft again.")
    return int(seen)


async def files_seen(visit: Visit, draft: Draft, seen: int) -> Mapping[str, str]:
    """The files of the revision that somebody has seen, of the newest where that is not kept any more."""
    if seen == draft.revision:
        return draft.files
    try:
        return (await visit.site.drafts.revision(draft.id, seen)).files
    except UsageError:
        return draft.files


def written_over(files: Mapping[str, str], form: Mapping[str, str]) -> dict[str, str]:
    """Files with the texts of a form over them, each with the line ends that its file has."""
    texts = {name.removeprefix(TEXT): text for name, text in form.items() if name.startswith(TEXT)}
    return {**files, **{path: ended_as(text, files.get(path, "")) for path, text in texts.items()}}


def ended_as(text: str, before: str) -> str:
    """A text with the line ends of what was there before; browsers send others."""
    plain = text.replace("\r\n", "\n")
    return plain.replace("\n", "\r\n") if "\r\n" in before else plain


async def save(visit: Visit) -> Response:
    """Save what was typed as a new revision, and say which; where somebody else saved meanwhile, say that."""
    form = await visit.form()
    draft, seen = await own_draft(visit, form), seen_in(form)
    files = written_over(await files_seen(visit, draft, seen), form)
    is_script = _is_script(visit)
    try:
        saved = await visit.site.drafts.save(draft.id, files, by=visit.person.name, seen=seen)
    except DraftConflictError as error:
        return _in_conflict(visit, error, seen, is_script=is_script)
    if is_script:
        return JSONResponse({"revision": saved.revision, "at": saved.at})
    return visit.go("rules", draft=saved.id, file=form.get("file", ""))


def _in_conflict(visit: Visit, error: DraftConflictError, seen: int, *, is_script: bool) -> Response:
    asked = {"draft": error.mine.id, "with": error.theirs.id, "from": str(seen)}
    if not is_script:
        return visit.go("rules/merge", **asked)
    mine = {"draft": error.mine.id, "revision": error.mine.revision, "by": error.theirs.saved_by}
    return JSONResponse({**mine, "merge": visit.address("rules/merge", **asked)}, 409)


async def check(visit: Visit) -> Response:
    """What `newshole check` says of what was typed, which is not saved."""
    form = await visit.form()
    draft = await visit.site.drafts.get(form.get("draft", ""))
    source = Source(draft.entry, written_over(draft.files, form))
    check_files(source.files)
    known = await visit.site.known()
    return JSONResponse(told(await visit.site.turns.take(check_source, source, known)))


async def complete(visit: Visit) -> Response:
    """What may be written at a place in what was typed."""
    form = await visit.form()
    numbers = [form.get(name, "") for name in ("line", "column")]
    if not all(is_number(each) and int(each) for each in numbers):
        raise HTTPException(400, "A line and a column are needed, both from 1.")
    line, column = map(int, numbers)
    names, text = _names(visit, form.get("files", "").splitlines()), form.get("text", "")
    check_files({"text": text})
    begins, found = await visit.site.turns.take(completions, text, line, column, names)
    options = [{"label": each.label, "detail": each.detail, "insert": each.insert} for each in found]
    return JSONResponse({"from": begins, "options": options})


def _names(visit: Visit, files: list[str]) -> Names:
    """What the site knows by name: its blocks and the sections of its stories."""
    site = visit.site.newshole.site
    blocks = dict.fromkeys(block.id for rules in site.rules for block in rules.blocks)
    orders = (order for shelf in site.facts.library.values() for order in shelf.latest.values())
    sections = {item.section for order in orders for item in order if item.section}
    return Names(tuple(blocks), tuple(sorted(sections)), tuple(files))


async def change_files(visit: Visit) -> Response:
    """Add a file to a draft, rename one, or delete one."""
    form = await visit.form()
    draft = await own_draft(visit, form)
    file, name = form.get("file", ""), form.get("name", "").strip()
    change = _CHANGES.get(form.get("do", ""))
    if change is None:
        raise UsageError("say what to do with the file: add, rename or delete it")
    files, entry = change(draft, file, name)
    try:
        saved = await visit.site.drafts.save(
            draft.id, files, by=visit.person.name, seen=seen_in(form), entry=entry
        )
    except DraftConflictError as error:
        return _in_conflict(visit, error, seen_in(form), is_script=False)
    return visit.go("rules", draft=saved.id, file=name if name in files else "")


def _add(draft: Draft, _: str, name: str) -> tuple[dict[str, str], str]:
    return {**draft.files, _free(draft, name): ""}, draft.entry


def _rename(draft: Draft, file: str, name: str) -> tuple[dict[str, str], str]:
    _known(draft, file)
    renamed = {(_free(draft, name) if path == file else path): text for path, text in draft.files.items()}
    return renamed, name if draft.entry == file else draft.entry


def _delete(draft: Draft, file: str, _: str) -> tuple[dict[str, str], str]:
    _known(draft, file)
    if file == draft.entry or len(draft.files) == 1:
        raise UsageError(f"{file} is where the rules begin: it cannot be deleted, but renamed")
    return {path: text for path, text in draft.files.items() if path != file}, draft.entry


_CHANGES: Final[Mapping[str, Callable[[Draft, str, str], tuple[dict[str, str], str]]]] = {
    "add": _add,
    "rename": _rename,
    "delete": _delete,
}


def _known(draft: Draft, file: str) -> None:
    if file not in draft.files:
        raise UsageError(f"the draft has no file {file}: open it again")


def _free(draft: Draft, name: str) -> str:
    """A name that a new file may have. Raises UsageError."""
    if _FILE.fullmatch(name) is None:
        raise UsageError(f'no file of rules can be named "{name}": give a name such as sport.yaml')
    if name in draft.files:
        raise UsageError(f"the draft has a file {name} already: choose another name")
    return name


WAYS: Final[tuple[Way, ...]] = (
    post("rules/save", as_json(save)),
    post("rules/check", as_json(check)),
    post("rules/complete", as_json(complete)),
    post("rules/file", change_files),
)
